"""What the XML of call-backs must not do, and the vendor's published sample of the JS-SDK signature."""

from __future__ import annotations

import pytest

from tongmai.kit import Invalid
from tongmai.link.wecom import page_signature, read_xml


def test_the_published_page_signature_is_made() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    made = page_signature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value")
    assert made == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
        b"<xml>" + b"<a>" * 40 + b"</a>" * 40 + b"</xml>",
        b"<xml><a></xml>",
        b"<xml>" + b"<a/>" * 30_000 + b"</xml>",
        b'<?xml version="1.0" encoding="gbk"?><xml><Encrypt>x</Encrypt></xml>',
        b'<?xml version="1.0" encoding="no-such-thing"?><xml><Encrypt>x</Encrypt></xml>',
    ],
)
def test_entity_bombs_and_other_abuse_of_xml_are_refused(document: bytes) -> None:
    with pytest.raises(Invalid):
        read_xml(document)
