"""Where raw rows lie: a stream on its shelf, a shelf by month.

What is (a customer, an order) stands in one table whatever its moment, as that changes. What happened once and for all
(a message) lies in the month of its moment, which never changes, so that a known row is looked for in one month alone.
What passes lies in the month it came in, and is forgotten by the month. Whoever writes holds the stream's lock.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import cast

from tongmai.link.source import Shelf
from tongmai.store import ReadTx, WriteTx, make_raw_months

# The rows of a source's ($1) stream ($2): with its shelf, so that the tables of others are not opened.
OF_STREAM = (
    "source = $1 AND stream = $2"
    " AND shelf = (SELECT s.shelf FROM {schema}._raw_stream AS s WHERE s.source = $1 AND s.stream = $2)"
)
NO_MONTH = "-infinity"
_YEARS = range(2000, 2100)


async def shelve(tx: WriteTx, schema: str, source: str, stream: str, shelf: Shelf | None) -> Shelf:
    """The shelf on which a stream lies from now on. One that is defined otherwise than it lies is moved."""
    known = await _lies(tx, schema, source, stream)
    if known is not None and (shelf is None or shelf == known):
        return known
    wanted = shelf or "standing"
    await tx.execute(
        f"INSERT INTO {schema}._raw_stream (source, stream, shelf) VALUES ($1, $2, $3)"
        " ON CONFLICT (source, stream) DO UPDATE SET shelf = excluded.shelf",
        source, stream, wanted,
    )  # fmt: skip
    if known is not None:
        await _move(tx, schema, source, stream, known, wanted)
    return wanted


async def ends_at(tx: WriteTx, schema: str, source: str, stream: str, seq: int) -> None:
    """Keeps where a stream ends."""
    await tx.execute(
        f"UPDATE {schema}._raw_stream SET last_seq = $3 WHERE source = $1 AND stream = $2", source, stream, seq
    )


async def _lies(tx: ReadTx, schema: str, source: str, stream: str) -> Shelf | None:
    found = await tx.fetch_value(
        f"SELECT shelf FROM {schema}._raw_stream WHERE source = $1 AND stream = $2", source, stream
    )
    return cast("Shelf | None", found)


async def _move(tx: WriteTx, schema: str, source: str, stream: str, known: Shelf, wanted: Shelf) -> None:
    """Takes the rows over as they are: ``seq`` stays, so that nobody reads them again."""
    monthly = wanted != "standing"
    moment = "at" if wanted == "dated" else "came_at"
    within = f"{moment} >= '{_YEARS[0]}-01-01Z' AND {moment} < '{_YEARS[-1] + 1}-01-01Z'"
    first = f"date_trunc('month', {moment} AT TIME ZONE 'UTC')::date"
    of_stream = "source = $1 AND stream = $2 AND shelf = $3"
    month = f"CASE WHEN {within} THEN {first} ELSE '{NO_MONTH}' END" if monthly else f"'{NO_MONTH}'"
    if wanted != "standing":
        rows = await tx.fetch(
            f"SELECT DISTINCT {first} AS month FROM {schema}._raw WHERE {of_stream} AND {within}", source, stream, known
        )
        await make_raw_months(tx, schema, wanted, [row["month"] for row in rows])
    await tx.execute(
        f"UPDATE {schema}._raw SET shelf = $4, month = {month} WHERE {of_stream}", source, stream, known, wanted
    )


def months_of(shelf: Shelf, moments: Sequence[datetime | None], now: datetime) -> list[date | None]:
    """The first days of the months in UTC that rows of these moments lie in."""
    if shelf == "standing":
        return [None] * len(moments)
    if shelf == "passing":
        moments = [now] * len(moments)
    firsts: dict[tuple[int, int], date | None] = {}
    found: list[date | None] = []
    for moment in moments:
        if moment is None:
            found.append(None)
            continue
        day = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
        month = (day.year, day.month)
        if month not in firsts:
            firsts[month] = date(*month, 1) if day.year in _YEARS else None
        found.append(firsts[month])
    return found
