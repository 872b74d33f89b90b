"""A mail's bytes as a row: its words, who wrote to whom, and of attachments their names, types and sizes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import Header
from email.message import Message
from email.policy import Compat32
from email.utils import getaddresses, parseaddr, parsedate_to_datetime

from pydantic import JsonValue

from tongmai.kit import Fault, Text
from tongmai.link.source import RawRow, SetAside
from tongmai.link.sources.mail_box import Fetched
from tongmai.link.sources.mail_text import body_text, decoded, file_name, header_text, is_attached, own_parts

_LONGEST_TEXT = 100_000
_MOST_ATTACHMENTS = 200
_MOST_RECEIVERS = 500
# The library looks at each line once for each of the parts that are open, and at a parameter for all before it.
_MOST_LOOKS = 40_000_000
_LONGEST_HEADER, _LONGEST_DECLARATION = 256 * 1024, 4 * 1024
# What a mail cannot be read for: it is somebody else's bytes.
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


def row_of(fetched: Fetched) -> RawRow | SetAside:
    """One message that nobody can read does not keep those behind it out."""
    try:
        return _row(_parsed(fetched.content), fetched)
    except _BROKEN as error:
        said = f"{type(error).__name__}: {error}"[:200]
        text = Text(f"这封邮件不能读取：{said}", f"The message cannot be read: {said}")
        return SetAside(f"uid:{fetched.uid}", (Fault("mail.unreadable", text),))


class _WithinBounds(Compat32):
    """Headers no longer than anybody needs: what the library does with them takes the square of their length."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[: _LONGEST_DECLARATION if name.lower().startswith("content-") else _LONGEST_HEADER]


def _parsed(content: bytes) -> Message:
    """Raises ``ValueError`` for a mail of so many parts in parts that reading it would take hours."""
    if content.count(b"\n") * content.lower().count(b"boundary") > _MOST_LOOKS:
        raise ValueError("too many parts in parts")
    return message_from_bytes(content, policy=_WithinBounds())


def _row(message: Message, fetched: Fetched) -> RawRow:
    given = _header(message, "message-id")
    sender = message.get("from")
    sent = _moment(message.get("date"))
    name, address = _address(sender)
    body: dict[str, JsonValue] = {
        "message_id": given,
        "subject": header_text(message.get("subject")),
        "from": address,
        "from_name": name or None,
        "to": _addresses(message, "to"),
        "cc": _addresses(message, "cc"),
        "sent_at": None if sent is None else sent.isoformat(),
        "received_at": None if fetched.received_at is None else fetched.received_at.isoformat(),
        "text": body_text(message).strip()[:_LONGEST_TEXT],
        "in_reply_to": _header(message, "in-reply-to"),
        "attachments": _attachments(message),
        "is_cut": fetched.is_cut,
    }
    return RawRow((given or _own_key(message))[:500], body, sent or fetched.received_at)


def _own_key(message: Message) -> str:
    """What tells a message that has no Message-ID: it is the same wherever the server moves it."""
    told = "\n".join(header_text(message.get(each)) for each in ("date", "from", "subject"))
    return hashlib.sha256(told.encode(errors="replace")).hexdigest()


def _attachments(message: Message) -> list[JsonValue]:
    found: list[JsonValue] = []
    for part in own_parts(message):
        if is_attached(part) and len(found) < _MOST_ATTACHMENTS:
            found.append({"name": file_name(part) or "", "type": part.get_content_type(), "size": _size(part)})
    return found


def _size(part: Message) -> int:
    content = part.get_payload(decode=True)
    if isinstance(content, bytes):
        return len(content)
    inner = part.get_payload()
    return sum(len(each.as_bytes()) for each in inner if isinstance(each, Message)) if isinstance(inner, list) else 0


def _address(sender: str | Header | None) -> tuple[str, str]:
    """A name and an address. They are taken apart before they are decoded: what is encoded may hold commas."""
    if isinstance(sender, str):
        name, address = parseaddr(sender)
        return header_text(name), address
    return parseaddr(header_text(sender))


def _addresses(message: Message, name: str) -> list[JsonValue]:
    lines = [each if isinstance(each, str) else header_text(each) for each in message.get_all(name, [])]
    found: list[JsonValue] = [address for _, address in getaddresses(lines) if address]
    return found[:_MOST_RECEIVERS]


def _moment(given: str | Header | None) -> datetime | None:
    """When it was sent, by its own word; None for a word that is no moment, or one that nobody lives in."""
    try:
        found = parsedate_to_datetime(header_text(given))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found if 1970 < found.astimezone(UTC).year < 2200 else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _header(message: Message, name: str) -> str:
    return " ".join(decoded(str(message.get(name) or "").encode(errors="replace"), None).split())[:1_000]
