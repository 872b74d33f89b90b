"""The vendors' published samples of their call-back envelope, and what must not pass.

WeCom: WXBizMsgCrypt's Sample.py; DingTalk: the page of event subscriptions.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongmai.kit import Denied, Invalid
from tongmai.link.vendors.callback_envelope import CallbackEnvelope
from tongmai.link.wecom import read_xml
from tongmai.simulators.dingtalk import envelope as dingtalk
from tongmai.simulators.wecom import envelope as wecom

ECHO = "fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA=="
SAMPLE = CallbackEnvelope(
    "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo", "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt", "ww1436e0e65a779aee"
)
OLD_SAMPLE = CallbackEnvelope("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
MESSAGE = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3"
    "TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gs"
    "ijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUa"
    "x5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIG"
    "HBZZIs2pDBS8R07+qN+E7Q=="
)
ENCRYPTED = (
    "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7"
    "XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ=="
)
SIGNATURE, TIMESTAMP, NONCE = "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0", "1445827045067", "nEXhMP4r"
DING = CallbackEnvelope("123456", "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", "suite4xxxxxxxxxxxxxxx")
SAMPLES = {
    "wecom": (SAMPLE, ("012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb", "1476416373", "47744683", ECHO)),
    "dingtalk": (DING, (SIGNATURE, TIMESTAMP, NONCE, ENCRYPTED)),
}


def test_the_published_echo_is_read() -> None:
    echo = SAMPLE.open("012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb", "1476416373", "47744683", ECHO)
    assert echo == b"1288432023552776189"


def test_the_published_message_is_read() -> None:
    plain = OLD_SAMPLE.open("477715d11cdb4164915debcba66cb864d751f3e6", "1409659813", "1372623149", MESSAGE)
    found = read_xml(plain)
    assert (found["FromUserName"], found["Content"], found["MsgId"]) == ("mycreate", "hello", "4561255354251345929")


def test_the_published_event_is_read() -> None:
    plain = DING.open(SIGNATURE, TIMESTAMP, NONCE, ENCRYPTED)
    assert plain == (
        b'{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}'
    )


@pytest.mark.parametrize("vendor", SAMPLES)
@pytest.mark.parametrize("part", range(4))
def test_any_changed_part_is_forged(vendor: str, part: int) -> None:
    envelope, given_parts = SAMPLES[vendor]
    parts = list(given_parts)
    parts[part] = ("1" if parts[part][0] != "1" else "2") + parts[part][1:]
    with pytest.raises(Denied, match="signature is wrong"):
        envelope.open(*parts)


@pytest.mark.parametrize("vendor", SAMPLES)
def test_a_message_for_another_receiver_is_refused_though_its_signature_is_right(vendor: str) -> None:
    envelope, _ = SAMPLES[vendor]
    other = CallbackEnvelope(envelope.token, envelope.aes_key, "another-receiver")
    encrypted, signature = other.seal(b"<xml/>", "1476416373", "1")
    with pytest.raises(Denied, match="receiver"):
        envelope.open(signature, "1476416373", "1", encrypted)


@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None)
def test_what_is_sealed_is_opened_and_garbage_never_passes(message: bytes) -> None:
    encrypted, signature = SAMPLE.seal(message, "1", "2")
    assert SAMPLE.open(signature, "1", "2", encrypted) == message
    with pytest.raises(Denied):
        SAMPLE.open(SAMPLE.signature("1", "2", encrypted[:-24]), "1", "2", encrypted[:-24])


def test_both_simulators_and_the_sources_agree_though_they_share_no_code() -> None:
    encrypted = wecom.encrypt(SAMPLE.aes_key, "客户说：急要", SAMPLE.receiver)
    assert SAMPLE.open(wecom.sign(SAMPLE.token, "5", "6", encrypted), "5", "6", encrypted).decode() == "客户说：急要"
    sealed, signature = DING.seal(b"success", "1445827045067", "n")
    assert dingtalk.decrypt(DING.aes_key, sealed) == ("success", DING.receiver)
    assert signature == dingtalk.sign(DING.token, "1445827045067", "n", sealed)


def test_a_key_of_another_length_is_refused_when_it_is_typed() -> None:
    with pytest.raises(Invalid, match="43"):
        CallbackEnvelope("token", "short", "ww1")
