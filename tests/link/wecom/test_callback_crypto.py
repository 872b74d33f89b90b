"""The vendor's published samples: WXBizMsgCrypt's Sample.py and the page of the JS-SDK signature."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongmai.kit import Denied, Invalid
from tongmai.link.wecom import CallbackCrypto, page_signature, read_xml
from tongmai.simulators.wecom import envelope

ECHO = "fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA=="
SAMPLE = CallbackCrypto(
    "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo", "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt", "ww1436e0e65a779aee"
)
OLD_SAMPLE = CallbackCrypto("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
MESSAGE = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3"
    "TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gs"
    "ijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUa"
    "x5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIG"
    "HBZZIs2pDBS8R07+qN+E7Q=="
)


def test_the_published_echo_is_read() -> None:
    echo = SAMPLE.open("012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb", "1476416373", "47744683", ECHO)
    assert echo == b"1288432023552776189"


def test_the_published_message_is_read() -> None:
    plain = OLD_SAMPLE.open("477715d11cdb4164915debcba66cb864d751f3e6", "1409659813", "1372623149", MESSAGE)
    found = read_xml(plain)
    assert (found["FromUserName"], found["Content"], found["MsgId"]) == ("mycreate", "hello", "4561255354251345929")


def test_the_published_page_signature_is_made() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    made = page_signature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value")
    assert made == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


@pytest.mark.parametrize("part", range(4))
def test_any_changed_part_is_forged(part: int) -> None:
    parts = ["012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb", "1476416373", "47744683", ECHO]
    parts[part] = ("1" if parts[part][0] != "1" else "2") + parts[part][1:]
    with pytest.raises(Denied, match="failed its check"):
        SAMPLE.open(*parts)


def test_a_message_for_another_receiver_is_refused_though_its_signature_is_right() -> None:
    other = CallbackCrypto(SAMPLE.token, SAMPLE.encoding_aes_key, "ww-another-corporation")
    encrypted, signature = other.seal(b"<xml/>", "1476416373", "1")
    with pytest.raises(Denied, match="receive id"):
        SAMPLE.open(signature, "1476416373", "1", encrypted)


@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None)
def test_what_is_sealed_is_opened_and_garbage_never_passes(message: bytes) -> None:
    encrypted, signature = SAMPLE.seal(message, "1", "2")
    assert SAMPLE.open(signature, "1", "2", encrypted) == message
    with pytest.raises(Denied):
        SAMPLE.open(SAMPLE.signature("1", "2", encrypted[:-24]), "1", "2", encrypted[:-24])


def test_the_simulator_and_the_source_agree_though_they_share_no_code() -> None:
    encrypted = envelope.encrypt(SAMPLE.encoding_aes_key, "客户说：急要", SAMPLE.receive_id)
    signature = envelope.sign(SAMPLE.token, "5", "6", encrypted)
    assert SAMPLE.open(signature, "5", "6", encrypted).decode() == "客户说：急要"


def test_a_key_of_another_length_is_refused_when_it_is_typed() -> None:
    with pytest.raises(Invalid, match="43"):
        CallbackCrypto("token", "short", "ww1")


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
        b"<xml>" + b"<a>" * 40 + b"</a>" * 40 + b"</xml>",
        b"<xml><a></xml>",
        b"<xml>" + b"<a/>" * 30_000 + b"</xml>",
    ],
)
def test_entity_bombs_and_other_abuse_of_xml_are_refused(document: bytes) -> None:
    with pytest.raises(Invalid):
        read_xml(document)
