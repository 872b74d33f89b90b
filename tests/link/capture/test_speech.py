"""Speech: a model on this machine that was checked, else a configured service, else it is said that there is none."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from tests.link.capture.test_finding import paper

from tongmai.kit import Invalid, Settings, Unavailable
from tongmai.link.capture.finding import find_values, paper_kind
from tongmai.link.capture.speech_service import no_speech, speech_ability, transcribe_by_service
from tongmai.scan import abilities, ready_speech_model

needs_speech = pytest.mark.skipif(not abilities().speech, reason="the speech extra is not installed")


def asked_of(answer: httpx.Response, requests: list[httpx.Request]) -> httpx.AsyncClient:
    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return answer

    return httpx.AsyncClient(transport=httpx.MockTransport(handle))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "talk.wav"
    path.write_bytes(b"RIFF....WAVE")
    return path


SERVICE = Settings(speech_url="http://speech.test/v1/audio/transcriptions", speech_token=SecretStr("k-1"))


async def test_the_service_is_sent_the_recording_and_its_text_is_a_value_to_be_checked(recording: Path) -> None:
    requests: list[httpx.Request] = []
    http = asked_of(httpx.Response(200, json={"text": " 客户下周要换仓 "}), requests)
    scan = await transcribe_by_service(SERVICE, recording, "talk.wav", http)
    (found,) = find_values(scan)
    assert (paper_kind(scan), found.field, found.value) == ("speech", "transcript", "客户下周要换仓")
    assert found.confidence < Settings().capture_sure
    assert "外部" in scan.notes[0].zh
    (request,) = requests
    assert request.headers["authorization"] == "Bearer k-1"
    assert b"RIFF....WAVE" in request.content


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), httpx.Response(200, text="no JSON"), httpx.Response(200, json={})]
)
async def test_a_service_that_gives_no_text_is_told_as_away(recording: Path, answer: httpx.Response) -> None:
    with pytest.raises(Unavailable) as away:
        await transcribe_by_service(SERVICE, recording, "talk.wav", asked_of(answer, []))
    assert away.value.faults[0].code == "speech.service"


def test_what_was_said_is_one_value_and_no_figures_are_guessed_from_it() -> None:
    scan = paper(["合同金额一百万，编号：HT-12345"], by="speech", sure=0.6)
    (found,) = find_values(scan)
    assert (found.field, found.confidence) == ("transcript", 0.6)


def test_it_is_said_who_would_hear_a_recording(tmp_path: Path) -> None:
    here = abilities().speech
    assert speech_ability(Settings()) == ("here" if here else "none")
    assert speech_ability(SERVICE) == ("here" if here else "service")
    (tmp_path / "model.bin").write_bytes(b"weights")
    assert speech_ability(Settings(speech_model=tmp_path)) == ("here" if here else "none")
    assert speech_ability(Settings(speech_model=tmp_path / "gone")) == "none"
    refusal: Invalid = no_speech()
    assert refusal.faults[0].way_out is not None


@needs_speech
def test_the_shipped_model_is_joined_once_and_only_if_it_is_the_checked_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tongmai.scan import refusing, speech_model

    monkeypatch.setattr(speech_model, "_SHA256", "0" * 64)
    with pytest.raises(refusing.Unreadable):
        ready_speech_model(tmp_path)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    folder = ready_speech_model(tmp_path)
    assert folder is not None
    made = (folder / "model.bin").stat().st_mtime_ns
    assert ready_speech_model(tmp_path) == folder
    assert (folder / "model.bin").stat().st_mtime_ns == made
    assert ready_speech_model(tmp_path, mounted=tmp_path / "none") is None
