"""Speech to text with a Whisper model that lies on this machine; nothing is downloaded (S1-07, S0-42)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from tongmai.kit import Text, simplified
from tongmai.scan.limits import ScanLimits
from tongmai.scan.page import Box, Page, Scan, Word
from tongmai.scan.recording import sound_of

if TYPE_CHECKING:
    from collections.abc import Callable

# Leads the model to full-width marks and, mostly, to simplified characters.
_PROMPT = "以下是普通话的句子。"


def scan_speech(
    path: Path, media_type: str, model: Path, limits: ScanLimits, progress: Callable[[int, int], None]
) -> Scan:
    """A page whose words are spoken pieces; a box's top and bottom are its share of the time."""
    from faster_whisper import WhisperModel

    notes: list[Text] = []
    sound = sound_of(path, media_type, limits.audio_seconds)
    seconds = sound.seconds
    if sound.is_damaged:
        notes.append(Text("录音有损坏，只转写完好的部分", "Damaged parts of the recording were left out"))
    if sound.is_cut:
        minutes = round(limits.audio_seconds / 60)
        notes.append(Text(f"只转写前 {minutes} 分钟", f"Only the first {minutes} minutes were transcribed"))
    engine = WhisperModel(str(model), device="cpu", compute_type="int8", local_files_only=True)
    pieces, _ = engine.transcribe(
        sound.samples,
        language="zh",
        temperature=0.0,
        beam_size=5,
        condition_on_previous_text=False,
        initial_prompt=_PROMPT,
    )  # fmt: skip
    words: list[Word] = []
    for piece in pieces:
        if piece.text.strip():
            box = Box(0.0, min(piece.start / seconds, 1.0), 1.0, min(piece.end / seconds, 1.0))
            words.append(Word(simplified(piece.text.strip()), box, round(min(1.0, math.exp(piece.avg_logprob)), 3)))
        progress(min(int(piece.end), int(seconds)), max(int(seconds), 1))
    return Scan((Page(1, 1.0, seconds, tuple(words), "speech"),), tuple(notes))
