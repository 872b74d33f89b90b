"""The door to the rules: a named event about a record, told once, in the transaction of whoever noticed it.

Rules with the trigger ``happens`` take up rows of ``_event``. The evidence names the message and the word in it, never
the talk around it: who may read the message reads it there, and consent withdrawn leaves nothing behind here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.model import Catalogue, Happens
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


def awaited_events(catalogue: Catalogue) -> frozenset[str]:
    """The names that rules in force wait for."""
    return frozenset(each.when.event for each in catalogue.rules if each.enabled and isinstance(each.when, Happens))


async def tell_events(
    tx: WriteTx, schema: str, events: Sequence[RecordEvent], awaited: Collection[str], now: datetime
) -> int:
    """How many were new. ``schema`` is the workspace's, already quoted.

    What no rule waits for (``awaited``) is history at once, as the rules would make it: of a back-fill's many thousands
    each would be written a second time.
    """
    if not events:
        return 0
    return await tx.execute(
        f"""
        INSERT INTO {schema}._event (event, object, record_id, at, key, cause, body, taken_at)
        SELECT g.*, CASE WHEN g.event <> ALL($8::text[]) THEN $9::timestamptz END FROM unnest(
            $1::text[], $2::text[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::jsonb[]
        ) AS g(event, object, record_id, at, key, cause, body)
        ON CONFLICT (key) DO NOTHING
        """,  # noqa: S608 - the schema's name is quoted by the store
        [each.event for each in events],
        [each.object for each in events],
        [each.record_id for each in events],
        [each.at for each in events],
        [each.key for each in events],
        [each.cause for each in events],
        [orjson.dumps(dict(each.body)).decode() for each in events],
        sorted(awaited),
        now,
    )
