"""The same request sent twice is done once: the answer is kept with the key, in the same transaction as the records."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import orjson

from tongmai.kit import Conflict, Invalid, Text
from tongmai.records.place import Place
from tongmai.records.written import Written, dump, load
from tongmai.store import WriteTx

_LONGEST_KEY = 200
_KEPT = timedelta(days=1)
_SYSTEM = UUID(int=0)
_DONE = 200


def digest(*parts: object) -> bytes:
    """What tells two requests apart, whatever the order of their fields."""
    try:
        told = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
    except TypeError:
        # Whole numbers of more than 64 bits, which JSON fields may be given.
        told = json.dumps(parts, sort_keys=True, default=str).encode()
    return sha256(told).digest()


async def once(
    tx: WriteTx, place: Place, key: str, request: bytes, now: datetime, work: Callable[[], Awaitable[Written]]
) -> Written:
    """Does ``work`` unless it was done under this key within a day; then gives the answer of then.

    Of several at once the later ones wait for the first one's commit. Raises ``Conflict`` if the key came with another
    request, ``Invalid`` for a key that is empty or too long.
    """
    if not 0 < len(key) <= _LONGEST_KEY or not key.isprintable():
        raise Invalid.of(
            "idempotency.key",
            f"Idempotency-Key 须为 1 到 {_LONGEST_KEY} 个可见字符",
            f"An Idempotency-Key has 1 to {_LONGEST_KEY} visible characters",
            field="Idempotency-Key",
        )
    table = f"{place.schema}._idempotency"
    actor = place.actor.id or _SYSTEM
    taken = await tx.fetch_value(
        f"INSERT INTO {table} AS k (actor, key, request, status, answer, at) VALUES ($1, $2, $3, 0, '', $4)"
        " ON CONFLICT (actor, key) DO UPDATE SET request = $3, status = 0, answer = '', at = $4 WHERE k.at < $5"
        " RETURNING TRUE",
        actor, key, request, now, now - _KEPT,
    )  # fmt: skip
    if not taken:
        return await _repeat(tx, table, actor, key, request)
    written = await work()
    await tx.execute(
        f"UPDATE {table} SET status = {_DONE}, answer = $3 WHERE actor = $1 AND key = $2", actor, key, dump(written)
    )
    return written


async def _repeat(tx: WriteTx, table: str, actor: UUID, key: str, request: bytes) -> Written:
    row = await tx.fetch_row(f"SELECT request, answer FROM {table} WHERE actor = $1 AND key = $2", actor, key)
    if row is None or row["request"] != request:
        raise Conflict.of(
            "idempotency.other_request",
            "该 Idempotency-Key 已用于另一个请求",
            "This Idempotency-Key was used for another request",
            way_out=Text("为每个请求使用新的 key", "Use a new key for each request"),
            field="Idempotency-Key",
        )
    return load(row["answer"])


async def forget_answers(tx: WriteTx, schema: str, record_id: UUID) -> None:
    """Answers kept for repeated requests that tell of a record: they hold its values too. ``schema`` is quoted."""
    await tx.execute(
        f"DELETE FROM {schema}._idempotency WHERE position(convert_to($1, 'UTF8') in answer) > 0", str(record_id)
    )
