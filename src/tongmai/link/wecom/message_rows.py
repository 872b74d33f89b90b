"""An archived message as a row that a mapping can read: who, to whom, when, what kind, and the text where allowed."""

from __future__ import annotations

from typing import Literal

from tongmai.link.source import RawRow
from tongmai.link.vendors.json_objects import JsonObject
from tongmai.link.wecom.archive_message import ArchivedMessage
from tongmai.link.wecom.consent import ConsentLedger, is_customer

Direction = Literal["in", "out", "internal"]
# What tells what was said; the rest of a row tells only that something was said.
CONTENT_NAMES = ("text", "files", "content", "heard")
WITHHELD = "no_consent"
_TELLING = {"agree", "disagree", "revoke", "switch"}


def message_row(message: ArchivedMessage, ledger: ConsentLedger) -> RawRow:
    """``member`` and ``customer`` are the two sides of a talk of two; in a room the sender's side alone is named."""
    identity, seq, sender, receivers, room, at, kind, text, files, revokes, _ = message
    direction, member, customer = _sides(message)
    body: JsonObject = {
        "id": identity,
        "seq": seq,
        "at": at.isoformat(),
        "kind": kind,
        "from": sender,
        "to": [*receivers],
        "room": room,
        "direction": direction,
        "member": member,
        "customer": customer,
        "revokes": revokes,
    }
    if kind in _TELLING:
        return RawRow(identity, body, at)
    if not ledger.may_keep(message):
        body["withheld"] = WITHHELD
        return RawRow(identity, body, at)
    body["text"] = text
    body["files"] = (
        [{"id": each.sdk_file_id, "name": each.name, "size": each.size, "md5": each.md5} for each in files]
        if files
        else []
    )
    if kind != "text":
        body["content"] = message.body.get(kind)
    return RawRow(identity, body, at)


def _sides(message: ArchivedMessage) -> tuple[Direction, str, str]:
    if not message.room and len(message.receivers) == 1:
        # Nearly all talks: one with one.
        sender, receiver = message.sender, message.receivers[0]
        if is_customer(sender):
            return "in", "" if is_customer(receiver) else receiver, sender
        return ("out", sender, receiver) if is_customer(receiver) else ("internal", sender, "")
    customers = [each for each in message.people if is_customer(each)]
    if not customers:
        return "internal", message.sender, ""
    if is_customer(message.sender):
        member = "" if message.room else next((each for each in message.receivers if not is_customer(each)), "")
        return "in", member, message.sender
    customer = "" if message.room else customers[0]
    return "out", message.sender, customer
