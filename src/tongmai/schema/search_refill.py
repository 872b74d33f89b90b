"""Making the search words of all records of an object anew, in batches, while others write."""

from __future__ import annotations

import asyncio
from functools import partial
from uuid import UUID

from tongmai.model import BoundField, Catalogue, ObjectDef, bind_field
from tongmai.schema.fill import BatchSize, RowsDone
from tongmai.schema.session import Session
from tongmai.store import quote_ident

# A token holds letters and digits only, never this.
_BETWEEN = "\x1f"


async def refill_search(session: Session, catalogue: Catalogue, object_key: str, on_rows: RowsDone) -> None:
    """Brings ``_search`` of every record to what its searchable fields say under this catalogue.

    Records that a writer holds are passed over and done one by one at the end.
    """
    definition = catalogue.object_by_key.get(object_key)
    if definition is None:
        return
    fields = _searched(catalogue, definition)
    size, seen, last = BatchSize(200), 0, UUID(int=0)
    missed: list[UUID] = []
    clock = asyncio.get_running_loop().time
    while True:
        began = clock()
        spanned = await session.fetch(
            f'SELECT "id" FROM {session.schema(object_key)} WHERE "id" > $1 ORDER BY "id" LIMIT $2',  # noqa: S608
            last,
            size.rows,
        )
        if not spanned:
            break
        ids = [row["id"] for row in spanned]
        done = await session.under_locks(partial(_refill, session, object_key, fields, ids, wait=False))
        missed += [each for each in ids if each not in done]
        last, seen = ids[-1], seen + len(ids)
        size.learn(clock() - began)
        await on_rows(seen)
    for each in missed:
        await session.under_locks(partial(_refill, session, object_key, fields, [each], wait=True))


def _searched(catalogue: Catalogue, definition: ObjectDef) -> list[BoundField]:
    bound = (bind_field(field, catalogue) for field in definition.fields if field.searchable)
    return [each for each in bound if each.column_type is not None]


async def _refill(
    session: Session, object_key: str, fields: list[BoundField], ids: list[UUID], *, wait: bool
) -> set[UUID]:
    """One batch in the caller's transaction: read under a row lock, so that nobody's newer words are overwritten."""
    columns = "".join(f", {quote_ident(field.definition.column_name)}" for field in fields)
    table = session.schema(object_key)
    rows = await session.fetch(
        f'SELECT "id"{columns} FROM {table} WHERE "id" = ANY($1::uuid[]) '  # noqa: S608
        f"FOR NO KEY UPDATE {'' if wait else 'SKIP LOCKED'}",
        ids,
    )
    words = []
    for row in rows:
        found: set[str] = set()
        for place, field in enumerate(fields, start=1):
            found |= field.search_tokens(row[place])
        words.append(_BETWEEN.join(sorted(found)))
    await session.execute(
        f'UPDATE {table} t SET "_search" = string_to_array(v.words, $3) '  # noqa: S608
        'FROM unnest($1::uuid[], $2::text[]) AS v (id, words) WHERE t."id" = v.id',
        [row["id"] for row in rows],
        words,
        _BETWEEN,
    )
    return {row["id"] for row in rows}
