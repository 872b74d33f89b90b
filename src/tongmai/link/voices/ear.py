"""Who hears a recording: a model on this machine, or the company's own service."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from tongmai.kit import Settings
from tongmai.link.capture.speech_service import transcribe_by_service
from tongmai.scan import Scan, ScanLimits, Scanner, abilities, ready_speech_model

Where: TypeAlias = Literal["here", "service"]
# A voice message lasts a minute at most.
_LIMITS = ScanLimits(seconds=60.0, audio_seconds=90.0)
# Below it a model mostly makes words of noise.
_LEAST_CERTAINTY = 0.3


@dataclass(frozen=True, slots=True)
class Heard:
    """``text`` is empty where nobody spoke, or nothing could be made out; ``certainty`` from 0 to 1."""

    text: str
    by: str
    certainty: float


class Ear(Protocol):
    @property
    def name(self) -> str:
        """What stands with the text: the model, or the service's."""
        ...

    async def hear(self, path: Path, media_type: str) -> Heard:
        """Raises ``Invalid`` for a recording that cannot be read, ``Unavailable`` where it may be tried later."""
        ...


class LocalEar:
    """One recording at a time, in a confined child process."""

    def __init__(self, models: Path, mounted: Path | None) -> None:
        self._models = models
        self._mounted = mounted
        self._scanner = Scanner(_LIMITS)

    @property
    def name(self) -> str:
        return "whisper-base" if self._mounted is None else self._mounted.name

    async def hear(self, path: Path, media_type: str) -> Heard:
        model = await asyncio.to_thread(ready_speech_model, self._models, self._mounted)
        with tempfile.TemporaryDirectory() as folder:
            scan = await self._scanner.read(path, media_type, Path(folder), model=model)
        return heard_of(scan, self.name)


class ServiceEar:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        return self._settings.speech_service_model

    async def hear(self, path: Path, media_type: str) -> Heard:
        return heard_of(await transcribe_by_service(self._settings, path, path.name), self.name)


def ears_of(settings: Settings) -> Mapping[Where, Ear]:
    """Those that are there."""
    ears: dict[Where, Ear] = {}
    if abilities(settings.speech_model).speech:
        ears["here"] = LocalEar(settings.data_dir / "models", settings.speech_model)
    if settings.speech_url:
        ears["service"] = ServiceEar(settings)
    return ears


def heard_of(scan: Scan, by: str) -> Heard:
    """The words of a recording, and how certain they are by their lengths."""
    words = [word for page in scan.pages for word in page.words if word.text]
    length = sum(len(word.text) for word in words)
    certainty = sum(len(word.text) * word.sure for word in words) / length if length else 0.0
    text = "".join(word.text for word in words) if certainty >= _LEAST_CERTAINTY else ""
    return Heard(text, by, round(certainty, 3))
