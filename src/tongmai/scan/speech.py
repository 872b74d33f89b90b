"""Speech to text with a Whisper model that lies on this machine; nothing is downloaded (S1-07, S0-42)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from tongmai.kit import Text
from tongmai.scan.limits import ScanLimits
from tongmai.scan.page import Box, Page, Scan, Word
from tongmai.scan.refusing import Unreadable, corrupt

if TYPE_CHECKING:
    from collections.abc import Callable

# Leads the model to simplified characters and full-width marks.
_PROMPT = "以下是普通话的句子。"
_RATE = 16_000


def scan_speech(path: Path, model: Path, limits: ScanLimits, progress: Callable[[int, int], None]) -> Scan:
    """A page whose words are spoken pieces; a box's top and bottom are its share of the time."""
    from faster_whisper import WhisperModel
    from faster_whisper.audio import decode_audio

    notes: list[Text] = []
    try:
        audio = decode_audio(str(path), sampling_rate=_RATE)
    except Exception:
        # The decoder raises types of its own for each kind of damage.
        raise corrupt("录音", "recording") from None
    seconds = len(audio) / _RATE
    if seconds < 0.1:
        raise Unreadable("speech.empty", "录音中没有声音", "The recording is empty")
    if seconds > limits.audio_seconds:
        minutes = round(limits.audio_seconds / 60)
        notes.append(Text(f"只转写前 {minutes} 分钟", f"Only the first {minutes} minutes were transcribed"))
        audio, seconds = audio[: int(limits.audio_seconds * _RATE)], limits.audio_seconds
    engine = WhisperModel(str(model), device="cpu", compute_type="int8", local_files_only=True)
    pieces, _ = engine.transcribe(
        audio, language="zh", temperature=0.0, beam_size=5, condition_on_previous_text=False, initial_prompt=_PROMPT
    )
    words: list[Word] = []
    for piece in pieces:
        if piece.text.strip():
            box = Box(0.0, min(piece.start / seconds, 1.0), 1.0, min(piece.end / seconds, 1.0))
            words.append(Word(piece.text.strip(), box, round(min(1.0, math.exp(piece.avg_logprob)), 3)))
        progress(min(int(piece.end), int(seconds)), max(int(seconds), 1))
    return Scan((Page(1, 1.0, seconds, tuple(words), "speech"),), tuple(notes))
