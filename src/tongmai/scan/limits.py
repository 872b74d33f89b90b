"""How much of a foreign file is read, and what the reading may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """``pages`` are read at most, the rest is named as left out; ``ocr_pages`` of them by recognition. ``pixels`` is
    the largest picture that is opened, ``seconds`` and ``memory`` (bytes) what the child process may take."""

    pages: int = 50
    ocr_pages: int = 20
    pixels: int = 60_000_000
    cells: int = 20_000
    characters: int = 400_000
    expanded: int = 256 * 1024 * 1024
    seconds: float = 180.0
    memory: int = 4 * 1024**3
    audio_seconds: float = 900.0
