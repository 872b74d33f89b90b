"""The words of a mail as Chinese mail programs really write them: GB18030 called GB2312, or not called anything."""

from __future__ import annotations

import html
import re
from email.header import Header, decode_header
from email.message import Message

_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.IGNORECASE | re.DOTALL)
# What calls itself by the older name holds letters that only the newer one has.
_MEANT = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030"}
_LIKELY = ("utf-8", "gb18030")


def decoded(given: bytes, charset: str | None) -> str:
    """Text by the charset that is told, else by one in which it is sound."""
    told = _MEANT.get((charset or "").lower(), charset)
    for each in (told, *_LIKELY):
        try:
            if each:
                return given.decode(each)
        except (LookupError, UnicodeDecodeError):
            continue
    try:
        return given.decode(told or _LIKELY[0], "replace")
    except LookupError:
        return given.decode(_LIKELY[0], "replace")


def header_text(value: str | Header | None) -> str:
    """A header's words; what is encoded wrongly is shown as it stands."""
    if value is None:
        return ""
    try:
        parts = decode_header(value)
    except ValueError:
        return str(value)
    words = (each if isinstance(each, str) else decoded(each, charset) for each, charset in parts)
    return " ".join("".join(words).split())


def body_text(message: Message) -> str:
    """The plain text, or what is left of the HTML without its marks; attachments are not the mail's words."""
    return _text_of(message, "text/plain").strip() or html.unescape(_TAG.sub(" ", _text_of(message, "text/html")))


def _text_of(message: Message, kind: str) -> str:
    found = []
    for part in message.walk():
        is_attached = part.get_filename() is not None or part.get_content_disposition() == "attachment"
        if part.get_content_type() == kind and not is_attached:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                found.append(decoded(content, part.get_content_charset()))
    return "".join(found)
