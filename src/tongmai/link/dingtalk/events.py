"""DingTalk's events as rows, whether they came by Stream or by HTTP: approvals as they are now, buttons pressed.

The same event comes by both ways under one id; the key of its row is that id, so that it is one row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

import orjson
from pydantic import JsonValue

from tongmai.kit import Clock
from tongmai.link.source import RawRow
from tongmai.link.vendors.json_objects import JsonObject, text_of
from tongmai.link.vendors.reading import Reading

Rows: TypeAlias = dict[str, tuple[RawRow, ...]]
# Fetches an approval instance as it is now; None where that is left to the next pull.
Fetch = Callable[[str], Awaitable[Reading | None]]
CARD_TOPIC = "/v1.0/card/instances/callback"
_APPROVALS = frozenset({"bpms_instance_change", "bpms_task_change"})


@dataclass(frozen=True, slots=True)
class EventRows:
    clock: Clock
    approval: Fetch

    async def event(self, kind: str, identity: str, born: JsonValue, data: JsonObject) -> tuple[Rows, tuple[str, ...]]:
        """Rows of an event, and streams that must be pulled for it. ``born`` in milliseconds of the epoch."""
        at = _moment(born, self.clock.now())
        key = identity or _digest(kind, data)
        body: JsonObject = {**data, "EventType": kind, "at": at.isoformat()}
        rows: Rows = {"events": (RawRow(key, body, at),)}
        instance = text_of(data, "processInstanceId")
        if kind not in _APPROVALS or not instance:
            return rows, ()
        found = await self.approval(instance)
        if found is None:
            return rows, ("approvals",)
        rows["approvals"] = (RawRow(found.key, found.body, found.at),)
        return rows, ()

    def press(self, data: JsonObject) -> Rows:
        """A button of a card: ``outTrackId`` is the card as we named it, ``actionIds`` the button's own id."""
        content = _inner(data.get("content"))
        private = content.get("cardPrivateData")
        private = private if isinstance(private, dict) else {}
        actions = private.get("actionIds")
        action = str(actions[0]) if isinstance(actions, list) and actions else ""
        now = self.clock.now()
        card, member = text_of(data, "outTrackId"), text_of(data, "userId")
        body: JsonObject = {
            "card": card,
            "member": member,
            "action": action,
            "params": private.get("params"),
            "at": now.isoformat(),
        }
        return {"card_actions": (RawRow(f"{card}:{member}:{action}", body, now),)}


def _digest(kind: str, data: JsonObject) -> str:
    """The key of an event without one: the vendor's repetition is the same row."""
    try:
        return hashlib.sha256(orjson.dumps([kind, data], option=orjson.OPT_SORT_KEYS)).hexdigest()
    except TypeError:
        # Nested deeper than can be written, so it is set aside under this key, and not told again for ever.
        return f"{kind[:100]}:unreadable"


def _inner(value: JsonValue) -> JsonObject:
    """Cards hold JSON within JSON."""
    if isinstance(value, dict):
        return value
    try:
        found = orjson.loads(value) if isinstance(value, str) else {}
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _moment(born: JsonValue, now: datetime) -> datetime:
    text = str(born)
    if text.isascii() and text.isdigit() and 9 <= len(text) <= 13:
        return datetime.fromtimestamp(int(text) / (1000 if len(text) > 10 else 1), UTC)
    return now
