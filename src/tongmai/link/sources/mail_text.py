"""The words of a mail as Chinese mail programs really write them: GB18030 called GB2312, or not called anything."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from email.header import Header, decode_header
from email.message import Message

_LONGEST_HEADER = 20_000
_LONGEST_HTML = 2_000_000
# What is not seen begins so, and ends so.
_UNSEEN = re.compile(r"<!--|<(script|style|head|title)\b", re.IGNORECASE)
_UNSEEN_ENDS = {
    "": re.compile("-->"),
    **{each: re.compile(rf"</{each}\s*>", re.IGNORECASE) for each in ("script", "style", "head", "title")},
}
# Neither goes on over a mark that begins: looked for from each of a million of them, the end would never be reached.
_LINE_MARK = re.compile(r"<(?:br|hr|/?(?:p|div|tr|li|h[1-6]|table|blockquote))\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_BLANKS, _BLANK_LINES = re.compile(r"[^\S\n]+"), re.compile(r"\s*\n\s*")
# What calls itself by the older name holds letters that only the newer one has.
_MEANT = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030"}
_LIKELY = ("utf-8", "gb18030")
# Codecs of Python's that are no charset of a mail: they turn sound bytes into other letters, some very slowly.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
_NAMING = {"content-disposition": "filename", "content-type": "name"}
# Halves of a pair, which no text may hold.
_HALVES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def decoded(given: bytes, charset: str | None) -> str:
    """Text by the charset that is told, else by one in which it is sound."""
    named = (charset or "").lower().replace("-", "_")
    told = None if named in _NO_CHARSETS else _MEANT.get(named, charset)
    for each in (told, *_LIKELY):
        try:
            if each:
                return _HALVES.sub("\ufffd", given.decode(each))
        except (LookupError, ValueError):
            continue
    try:
        return _HALVES.sub("\ufffd", given.decode(told or _LIKELY[0], "replace"))
    except (LookupError, ValueError):
        return given.decode(_LIKELY[0], "replace")


def header_text(value: str | Header | None) -> str:
    """A header's words; what is encoded wrongly is shown as it stands."""
    if value is None:
        return ""
    if isinstance(value, str):
        value = value[:_LONGEST_HEADER]
    try:
        parts = decode_header(value)
    except ValueError:
        return _sound(str(value))
    words = (_sound(each) if isinstance(each, str) else decoded(each, charset) for each, charset in parts)
    return " ".join(_CONTROLS.sub("", "".join(words)).split())


def file_name(part: Message) -> str | None:
    """What an attached file is called, in whichever of the three ways programs write letters that are not ASCII."""
    raw = {name.lower(): value for name, value in part.raw_items() if name.lower() in _NAMING}
    for header, name in _NAMING.items():
        bearer = part
        if _HALVES.search(str(raw.get(header, ""))):
            bearer = Message()
            bearer[header] = _sound(str(raw[header]))
        given = bearer.get_param(name, None, header)
        if isinstance(given, tuple):
            # RFC 2231: the bytes stand in the text as if they were Latin-1.
            charset, _, value = given
            return header_text(decoded(value.encode("latin-1", "replace"), charset))
        if given:
            return header_text(given)
    return None


def body_text(message: Message) -> str:
    """The plain text, or what is left of the HTML without its marks; what is attached is not the mail's words."""
    plain = _text_of(message, "text/plain").strip()
    return _CONTROLS.sub("", plain or html_text(_text_of(message, "text/html")))


def html_text(marked: str) -> str:
    """The words of HTML, a line a paragraph or a table's row."""
    flowing = " ".join(_seen(marked[:_LONGEST_HTML]).split())
    words = html.unescape(_TAG.sub(" ", _LINE_MARK.sub("\n", flowing)))
    return _BLANK_LINES.sub("\n", _BLANKS.sub(" ", words)).strip()


def _seen(marked: str) -> str:
    """Without comments, scripts and the like. One pass: an end that is not there is looked for once."""
    pieces, at = [], 0
    endless: set[str] = set()
    for found in _UNSEEN.finditer(marked):
        kind = (found[1] or "").lower()
        if found.start() < at or kind in endless:
            continue
        end = _UNSEEN_ENDS[kind].search(marked, found.end())
        if end is None:
            endless.add(kind)
            continue
        pieces.append(marked[at : found.start()])
        at = end.end()
    return " ".join([*pieces, marked[at:]])


def own_parts(message: Message) -> Iterator[Message]:
    """The parts of a mail in their order; a mail that is attached is one part, its own parts are not ours."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting.extend(each for each in reversed(inner) if isinstance(each, Message))
        else:
            yield part


def is_attached(part: Message) -> bool:
    return (
        part.get_content_disposition() == "attachment"
        or part.get_content_type() == "message/rfc822"
        or bool(file_name(part))
    )


def _text_of(message: Message, kind: str) -> str:
    found = []
    for part in own_parts(message):
        if part.get_content_type() == kind and not is_attached(part):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                found.append(decoded(content, part.get_content_charset()))
    return "".join(found)


def _sound(text: str) -> str:
    """Bytes that came without a charset stand in the text as halves of pairs; they are read like any others."""
    return decoded(text.encode("utf-8", "surrogateescape"), None) if _HALVES.search(text) else text
