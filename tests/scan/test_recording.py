"""Recordings as phones and chats make them: heard whole, up to a limit, and refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("av", reason="the speech extra is not installed")

import numpy as np
from tests.recordings import AMR, FORMS, Form, recorded, tone

from tongmai.records.media_types import find_media_type
from tongmai.scan import RECORDING_TYPES
from tongmai.scan.recording import sound_of
from tongmai.scan.refusing import Unreadable


def kept(folder: Path, content: bytes) -> Path:
    path = folder / "talk"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_each_form_is_known_by_its_content_and_heard(tmp_path: Path, form: Form) -> None:
    path = kept(tmp_path, recorded(tone(440, 1.0), form))
    media_type = find_media_type(path, None)
    assert media_type == form.media_type
    assert media_type in RECORDING_TYPES
    sound = sound_of(path, media_type, 60)
    assert not (sound.is_cut or sound.is_damaged)
    assert sound.seconds == pytest.approx(1.0, abs=0.15)
    loudest = int(np.abs(np.fft.rfft(sound.samples)).argmax()) / sound.seconds
    assert loudest == pytest.approx(440, abs=10)
    assert 0.2 < float(np.abs(sound.samples).max()) < 0.9


def test_only_so_many_seconds_are_heard_and_it_is_told(tmp_path: Path) -> None:
    path = kept(tmp_path, recorded(tone(440, 3.0)))
    sound = sound_of(path, "audio/amr", 1.0)
    assert (sound.seconds, sound.is_cut) == (1.0, True)


def test_a_damaged_piece_is_left_out_and_told(tmp_path: Path) -> None:
    content = bytearray(recorded(tone(440, 2.0)))
    content[600:700] = bytes([0xFF] * 100)
    sound = sound_of(kept(tmp_path, bytes(content)), "audio/amr", 60)
    assert 1.5 < sound.seconds < 2.1
    assert sound.is_damaged


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (b"#!AMR\n", "audio/amr", "speech.empty"),
        (b"RIFF\x24\x00\x00\x00WAVEnothing", "audio/wave", "scan.corrupt"),
        (b"\x00\x00\x00\x1cftypM4A nothing of an M4A", "audio/mp4", "scan.corrupt"),
        # A list of other files is no recording, whatever it is called: nothing that it names is opened.
        (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "audio/mpeg", "scan.corrupt"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "audio/wave", "scan.corrupt"),
    ],
)
def test_what_is_no_recording_is_refused_with_the_reason(
    tmp_path: Path, content: bytes, media_type: str, code: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        sound_of(kept(tmp_path, content), media_type, 60)
    (fault,) = refused.value.refusal().faults
    assert fault.code == code
    assert fault.way_out is not None


def test_a_wecom_voice_message_of_a_second_is_small(tmp_path: Path) -> None:
    """What the chat sends is AMR at 12.2 kbit/s: the clips that the other tests make are of that kind."""
    content = recorded(tone(440, 1.0), AMR)
    assert content.startswith(b"#!AMR\n")
    assert 1_500 < len(content) < 1_800
