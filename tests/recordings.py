"""Recordings for tests, made on the spot: a tone or a given clip, in the form a phone or chat would send it."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass

RATE = 16_000


@dataclass(frozen=True, slots=True)
class Form:
    """What a recording is called, its container, codec and the rate the codec wants; the type its content tells."""

    name: str
    container: str
    codec: str
    rate: int
    media_type: str


AMR = Form("talk.amr", "amr", "libopencore_amrnb", 8_000, "audio/amr")
FORMS = (
    AMR,
    Form("talk.m4a", "ipod", "aac", 16_000, "audio/mp4"),
    Form("talk.mp4", "mp4", "aac", 16_000, "video/mp4"),
    Form("talk.3gp", "3gp", "libopencore_amrnb", 8_000, "video/3gpp"),
    Form("talk.mp3", "mp3", "libmp3lame", 16_000, "audio/mpeg"),
    Form("talk.aac", "adts", "aac", 16_000, "audio/aac"),
    Form("talk.ogg", "ogg", "libopus", 48_000, "application/ogg"),
    Form("talk.flac", "flac", "flac", 16_000, "audio/flac"),
    Form("talk.webm", "webm", "libopus", 48_000, "video/webm"),
    Form("talk.wav", "wav", "pcm_s16le", 16_000, "audio/wave"),
)


def tone(pitch: int, seconds: float) -> bytes:
    """A WAV of one pitch (Hz)."""
    import numpy as np

    at = np.arange(int(seconds * RATE)) / RATE
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(RATE)
        made.writeframes((0.5 * np.sin(2 * np.pi * pitch * at) * 32767).astype("<i2").tobytes())
    return out.getvalue()


def recorded(wav: bytes, form: Form = AMR) -> bytes:
    """The same sound in another form."""
    import av

    out = io.BytesIO()
    with av.open(io.BytesIO(wav), "r", "wav") as given, av.open(out, "w", form.container) as made:
        stream = made.add_stream(form.codec, rate=form.rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        if "amr" in form.codec:
            stream.bit_rate = 12_200
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=form.rate)
        for frame in [*given.decode(audio=0), None]:
            for part in resampler.resample(frame):
                made.mux(stream.encode(part))
        made.mux(stream.encode(None))
    return out.getvalue()
