"""WeCom's call-backs: the check of the address, then events that land as rows before they are answered.

Pages: developer.work.weixin.qq.com/document/path/90930 (how), 92130 (customers), 91815 (approvals), 95039 (archive),
90240 (cards). The key of an event is the digest of its inner message: the vendor's repetition is the same row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from pydantic import JsonValue

from tongmai.kit import Clock, Invalid
from tongmai.link.source import HookAnswer, HookCall, RawRow, Received
from tongmai.link.vendors.callback_envelope import CallbackEnvelope, forged
from tongmai.link.vendors.freshness import require_fresh
from tongmai.link.vendors.json_objects import JsonObject, text_of
from tongmai.link.vendors.reading import Reading
from tongmai.link.wecom.consent import ConsentEntry
from tongmai.link.wecom.safe_xml import XmlValue, read_xml

Rows: TypeAlias = dict[str, tuple[RawRow, ...]]
# Fetches the present state of what an event names; None where that is left to the next pull.
Fetch = Callable[[str], Awaitable[Reading | None]]


@dataclass(frozen=True, slots=True)
class Callbacks:
    """``customer`` and ``approval`` fetch what an event is about, so that it is there within the second."""

    envelope: CallbackEnvelope
    clock: Clock
    customer: Fetch
    approval: Fetch

    async def receive(self, call: HookCall) -> Received:
        """Raises ``Denied`` for what is forged or old, ``Invalid`` for what cannot be read."""
        signature, timestamp, nonce = (call.query.get(name, "") for name in ("msg_signature", "timestamp", "nonce"))
        if call.method == "GET":
            plain = self.envelope.open(signature, timestamp, nonce, call.query.get("echostr", ""))
            require_fresh(timestamp, self.clock.now())
            return Received(HookAnswer(body=plain))
        if not signature:
            raise forged("signature")
        encrypted = read_xml(call.body).get("Encrypt")
        if not isinstance(encrypted, str):
            raise forged("frame")
        message = self.envelope.open(signature, timestamp, nonce, encrypted)
        require_fresh(timestamp, self.clock.now())
        event = _json(read_xml(message))
        if text_of(event, "Event") == "msgaudit_notify":
            # It comes with every message, and says only that there is one: nothing worth a row, or a lock for it.
            return Received(HookAnswer(body=b"success"), pull=("messages",))
        rows, pull = await self._read(event, hashlib.sha256(message).hexdigest())
        return Received(HookAnswer(body=b"success"), rows=rows, once=signature, pull=pull)

    async def _read(self, event: JsonObject, key: str) -> tuple[Rows, tuple[str, ...]]:
        at = _moment(event)
        name, change = text_of(event, "Event"), text_of(event, "ChangeType")
        rows: Rows = {"events": (RawRow(key, event | {"at": at.isoformat()}, at),)}
        match name:
            case "change_external_contact":
                return await self._customer(rows, event, change, at)
            case "sys_approval_change" | "open_approval_change":
                return await self._approval(rows, event)
            case "template_card_event":
                rows["card_actions"] = (RawRow(_press_key(event), _press(event, at), at),)
                return rows, ()
            case _:
                return rows, ()

    async def _customer(self, rows: Rows, event: JsonObject, change: str, at: datetime) -> tuple[Rows, tuple[str, ...]]:
        external, member = text_of(event, "ExternalUserID"), text_of(event, "UserID")
        if change == "msg_audit_approved":
            entry = ConsentEntry(at, external, member, "", "agree", "call-back")
            rows["consents"] = (RawRow(entry.key, entry.document(), at),)
            return rows, ()
        found = await self.customer(external)
        if found is None:
            return rows, ("customers",)
        rows["customers"] = (RawRow(found.key, found.body, at),)
        return rows, ()

    async def _approval(self, rows: Rows, event: JsonObject) -> tuple[Rows, tuple[str, ...]]:
        info = event.get("ApprovalInfo")
        number = text_of(info, "SpNo") or text_of(info, "ThirdNo") if isinstance(info, dict) else ""
        found = await self.approval(number) if number else None
        if found is None:
            return rows, ("approvals",)
        rows["approvals"] = (RawRow(found.key, found.body, found.at),)
        return rows, ()


def _press_key(event: JsonObject) -> str:
    return f"{text_of(event, 'TaskId')}:{text_of(event, 'FromUserName')}:{text_of(event, 'EventKey')}"


def _press(event: JsonObject, at: datetime) -> JsonObject:
    return {
        "card": text_of(event, "TaskId"),
        "member": text_of(event, "FromUserName"),
        "action": text_of(event, "EventKey"),
        "response_code": text_of(event, "ResponseCode"),
        "at": at.isoformat(),
    }


def _moment(event: JsonObject) -> datetime:
    created = text_of(event, "CreateTime")
    if not (created.isascii() and created.isdigit() and len(created) <= 11):
        raise Invalid.of("callback.time", "回调没有 CreateTime", "The call-back has no CreateTime")
    return datetime.fromtimestamp(int(created), UTC)


def _json(found: dict[str, XmlValue]) -> JsonObject:
    return {name: _value(value) for name, value in found.items()}


def _value(value: XmlValue) -> JsonValue:
    if isinstance(value, dict):
        return _json(value)
    return [_value(each) for each in value] if isinstance(value, list) else value
