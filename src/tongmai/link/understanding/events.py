"""The door to the rules: a named event about a record, told once, in the transaction of whoever noticed it.

Rules with the trigger ``happens`` take up rows of ``_event``. The evidence names the message and the word in it, never
the talk around it: who may read the message reads it there, and consent withdrawn leaves nothing behind here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.store import WriteTx


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """``event`` is the name that rules know; ``key`` tells repetitions of the same happening."""

    event: str
    object: str
    record_id: UUID
    at: datetime
    key: str
    cause: str
    body: Mapping[str, JsonValue] = field(default_factory=dict)


async def tell_events(tx: WriteTx, schema: str, events: Iterable[RecordEvent]) -> int:
    """How many were new. ``schema`` is the workspace's, already quoted."""
    rows = list(events)
    if not rows:
        return 0
    return await tx.execute(
        f"""
        INSERT INTO {schema}._event (event, object, record_id, at, key, cause, body)
        SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::jsonb[])
        ON CONFLICT (key) DO NOTHING
        """,  # noqa: S608 - the schema's name is quoted by the store
        [each.event for each in rows],
        [each.object for each in rows],
        [each.record_id for each in rows],
        [each.at for each in rows],
        [each.key for each in rows],
        [each.cause for each in rows],
        [orjson.dumps(dict(each.body)).decode() for each in rows],
    )
