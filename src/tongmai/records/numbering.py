"""Auto numbers: counters by object, field and period, drawn before the record is written.

They are drawn in a transaction of their own: a counter drawn in the record's transaction would be locked until that
commits, and all who make such records would queue behind one another's disk writes. A refused or crashed write
therefore leaves a gap; a number is never given twice (the record's commit, which comes later, puts both on disk).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tongmai.records.place import Place
from tongmai.store import Database


async def draw_numbers(
    database: Database, place: Place, object_key: str, rows: Sequence[dict[str, object]], day: date
) -> None:
    """Gives each row that has none a number for each auto-number field, in order. ``day`` is local."""
    for key, options in place.structure.numbered(object_key):
        wanting = [row for row in rows if row.get(key) is None]
        if not wanting:
            continue
        last = await _draw(database, place, (object_key, key, options.period(day)), options.start, len(wanting))
        for count, row in enumerate(wanting, last - len(wanting) + 1):
            row[key] = options.number(count, day)


async def _draw(database: Database, place: Place, counter: tuple[str, str, str], start: int, count: int) -> int:
    """Takes ``count`` numbers; the last of them."""
    async with database.aside() as tx:
        last: int = await tx.fetch_value(
            f"""
            INSERT INTO {place.schema}._counter AS c (object, field, period, value)
            VALUES ($1, $2, $3, $4::bigint + $5 - 1)
            ON CONFLICT (object, field, period) DO UPDATE SET value = greatest(c.value, $4::bigint - 1) + $5
            RETURNING value
            """,  # noqa: S608
            *counter,
            start,
            count,
        )
    return last
