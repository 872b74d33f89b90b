"""The sound of a recording, whatever phone or chat made it: WeCom's AMR, M4A of phones, WAV, MP3 and the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tongmai.scan.refusing import Unreadable, corrupt

if TYPE_CHECKING:
    import numpy as np
    from av.container import InputContainer
    from numpy.typing import NDArray

RATE = 16_000
# By the type that was sniffed: left to itself the decoder tries all it knows, and some of that are lists of files.
_FORMATS = {
    "audio/amr": "amr", "audio/amr-wb": "amr",
    "audio/wav": "wav", "audio/x-wav": "wav", "audio/wave": "wav",
    "audio/mpeg": "mp3", "audio/mp3": "mp3",
    "audio/mp4": "mp4", "audio/x-m4a": "mp4", "audio/m4a": "mp4", "video/mp4": "mp4", "video/3gpp": "mp4",
    "audio/ogg": "ogg", "application/ogg": "ogg", "audio/x-opus+ogg": "ogg",
    "audio/flac": "flac", "audio/x-flac": "flac", "audio/aac": "aac",
    "audio/webm": "webm", "video/webm": "webm",
}  # fmt: skip
RECORDING_TYPES = frozenset(_FORMATS)


@dataclass(frozen=True, slots=True)
class Sound:
    """``samples`` from -1 to 1, one channel at ``RATE``. ``is_cut``: there is more than was asked for; ``is_damaged``:
    pieces that could not be read were left out."""

    samples: NDArray[np.float32]
    is_cut: bool
    is_damaged: bool

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


def sound_of(path: Path, media_type: str, most_seconds: float) -> Sound:
    """At most so many seconds of a recording. Raises ``Unreadable`` for a damaged file and one without sound."""
    import av
    import numpy as np

    most, read, is_damaged = int(most_seconds * RATE), 0, False
    pieces: list[NDArray[np.float32]] = []
    try:
        # An open file, not its name: nothing in it can name another one.
        with path.open("rb") as file, av.open(file, "r", _FORMATS[media_type], metadata_errors="ignore") as container:
            for piece in _pieces(container):
                if piece is None:
                    is_damaged = True
                    continue
                pieces.append(piece)
                read += len(piece)
                if read > most:
                    break
    except (av.FFmpegError, ValueError, EOFError):
        raise corrupt("录音", "recording") from None
    if read < RATE // 10:
        raise corrupt("录音", "recording") if is_damaged else _no_sound()
    return Sound(np.concatenate(pieces)[:most], read > most, is_damaged)


def _pieces(container: InputContainer) -> Iterator[NDArray[np.float32] | None]:
    """None for one that is damaged."""
    import av

    if not container.streams.audio:
        return
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    for packet in container.demux(audio=0):
        try:
            frames = packet.decode()
        except (av.InvalidDataError, av.PatchWelcomeError):
            yield None
            continue
        for frame in frames:
            # Times that jump after a gap are no reason to refuse.
            frame.pts = None
            for part in resampler.resample(frame):
                yield part.to_ndarray()[0]


def _no_sound() -> Unreadable:
    return Unreadable(
        "speech.empty",
        "录音中没有声音",
        "The recording is empty",
        "请检查录音能否播放",
        "See whether it can be played",
    )
