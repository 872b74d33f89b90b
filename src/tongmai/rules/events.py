"""Named events about records: told by sources and rooms, heard by rules whose trigger is ``happens``."""

# ruff: noqa: S608 - the schema comes from quote_ident, values are bound

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.store import ReadTx, Workspace, WriteTx

EVENT_CHANNEL = "tongmai_event"


@dataclass(frozen=True, slots=True)
class Event:
    """``event`` is the name that rules wait for, ``at`` when it happened, ``cause`` what led to it."""

    event: str
    object: str
    record_id: UUID
    at: datetime
    body: Mapping[str, JsonValue] = field(default_factory=dict)
    cause: str | None = None


async def tell_event(tx: WriteTx, workspace: Workspace, event: Event, *, key: str) -> bool:
    """Part of the caller's transaction; False if it was told before under the key (a source repeats itself)."""
    told = await tx.execute(
        f"INSERT INTO {workspace.quoted_schema}._event (event, object, record_id, at, key, cause, body)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb) ON CONFLICT (key) DO NOTHING",
        event.event, event.object, event.record_id, event.at, key, event.cause, orjson.dumps(dict(event.body)).decode(),
    )  # fmt: skip
    if told:
        await tx.notify(EVENT_CHANNEL, f"{workspace.key}:")
    return bool(told)


async def heard_event(tx: ReadTx, workspace: Workspace, firing: UUID) -> Event | None:
    """The event that a rule's firing heard of; None for a firing that something else led to."""
    schema = workspace.quoted_schema
    row = await tx.fetch_row(
        "SELECT v.event, v.object, v.record_id, v.at, v.body::text AS body, v.cause"
        f" FROM {schema}._firing AS f JOIN {schema}._event AS v"
        " ON v.id = f.entry AND v.record_id = f.record_id AND v.at = f.at WHERE f.id = $1",
        firing,
    )
    if row is None:
        return None
    return Event(row["event"], row["object"], row["record_id"], row["at"], orjson.loads(row["body"]), row["cause"])
