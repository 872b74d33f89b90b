"""The vendor's published sample of its call-back envelope, and what must not pass."""

from __future__ import annotations

import pytest

from tongmai.kit import Denied, Invalid
from tongmai.link.dingtalk import EventCrypto, robot_signature
from tongmai.simulators.dingtalk import envelope

ENCRYPTED = (
    "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7"
    "XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ=="
)
SIGNATURE, TIMESTAMP, NONCE = "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0", "1445827045067", "nEXhMP4r"
SAMPLE = EventCrypto("123456", "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", "suite4xxxxxxxxxxxxxxx")


def test_the_published_event_is_read() -> None:
    plain = SAMPLE.open(SIGNATURE, TIMESTAMP, NONCE, ENCRYPTED)
    assert plain == (
        b'{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}'
    )


@pytest.mark.parametrize("part", range(4))
def test_any_changed_part_is_forged(part: int) -> None:
    parts = [SIGNATURE, TIMESTAMP, NONCE, ENCRYPTED]
    parts[part] = ("1" if parts[part][0] != "1" else "2") + parts[part][1:]
    with pytest.raises(Denied, match="failed its check"):
        SAMPLE.open(*parts)


def test_an_event_for_another_owner_is_refused_though_its_signature_is_right() -> None:
    other = EventCrypto(SAMPLE.token, SAMPLE.aes_key, "another-application").reply("1", "2")
    with pytest.raises(Denied, match="owner key"):
        SAMPLE.open(other["msg_signature"], "1", "2", other["encrypt"])


def test_the_answer_is_read_by_the_vendor() -> None:
    reply = SAMPLE.reply("1445827045067", "n")
    assert envelope.decrypt(SAMPLE.aes_key, reply["encrypt"]) == ("success", SAMPLE.owner_key)
    assert reply["msg_signature"] == envelope.sign(SAMPLE.token, reply["timeStamp"], reply["nonce"], reply["encrypt"])


def test_both_sides_sign_a_robots_call_alike_though_they_share_no_code() -> None:
    assert robot_signature("1577262236757", "this is a secret") == envelope.robot_sign(
        "1577262236757", "this is a secret"
    )


def test_a_key_of_another_length_is_refused_when_it_is_typed() -> None:
    with pytest.raises(Invalid, match="43"):
        EventCrypto("token", "short", "key")
