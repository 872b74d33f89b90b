"""Where speech becomes text: on this machine if a model is here, else by a configured service, else nowhere – and which
of these it is is said (S1-07)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal, TypeAlias

import httpx
from pydantic import BaseModel, ValidationError

from tongmai.kit import Invalid, Settings, Text, Unavailable
from tongmai.scan import Box, Page, Scan, Word, abilities

SpeechAbility: TypeAlias = Literal["here", "service", "none"]
_TIMEOUT_S = 120.0
_LONGEST_ANSWER = 1_000_000


def speech_ability(settings: Settings) -> SpeechAbility:
    """Who would transcribe a recording."""
    if abilities(settings.speech_model).speech:
        return "here"
    return "service" if settings.speech_url else "none"


def no_speech() -> Invalid:
    return Invalid.of(
        "speech.none",
        "未安装语音组件，也没有配置语音服务，不能转写录音",
        "Neither the speech extra nor a speech service is there, so recordings cannot be transcribed",
        way_out=Text(
            "请管理员安装 speech 组件或设置 TONGMAI_SPEECH_URL", "Install the extra, or set TONGMAI_SPEECH_URL"
        ),
        field="file",
    )


class _Transcript(BaseModel):
    text: str


async def transcribe_by_service(
    settings: Settings, path: Path, name: str, http: httpx.AsyncClient | None = None
) -> Scan:
    """Sends a recording to the configured service. Raises ``Unavailable`` where it does not answer with a text."""
    assert settings.speech_url is not None
    token = settings.speech_token
    headers = {} if token is None else {"authorization": f"Bearer {token.get_secret_value()}"}
    client = http or httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False)
    try:
        content = await asyncio.to_thread(path.read_bytes)
        answer = await client.post(
            settings.speech_url,
            headers=headers,
            data={"model": settings.speech_service_model, "language": "zh"},
            files={"file": (name, content)},
        )
        answer.raise_for_status()
        text = _Transcript.model_validate_json(answer.content[:_LONGEST_ANSWER]).text.strip()
    except (httpx.HTTPError, ValidationError) as error:
        reason = str(error).splitlines()[0][:200]
        raise Unavailable.of(
            "speech.service", f"语音服务没有给出文字：{reason}", f"The speech service gave no text: {reason}"
        ) from error
    finally:
        if http is None:
            await client.aclose()
    words = (Word(text, Box(0.0, 0.0, 1.0, 1.0), 0.7),) if text else ()
    note = Text("由外部语音服务转写", "transcribed by an outside service")
    return Scan((Page(1, 1.0, 1.0, words, "speech"),), (note,))
