"""Where raw rows lie, and how they get there: a stream on its shelf, a shelf by month.

What is (a customer, an order) stands in one table whatever its moment, as that changes. What happened once and for all
(a message) lies in the month of its moment, which never changes, so that a known row is looked for in one month alone.
What passes lies in the month it came in, and is forgotten by the month. Whoever writes holds the stream's lock.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import cast

import orjson

from tongmai.link.raw_ready import ReadyRow
from tongmai.link.source import Shelf
from tongmai.store import ReadTx, WriteTx, make_raw_months

# The rows of a source's ($1) stream ($2): with its shelf, so that the tables of others are not opened.
OF_STREAM = (
    "source = $1 AND stream = $2"
    " AND shelf = (SELECT s.shelf FROM {schema}._raw_stream AS s WHERE s.source = $1 AND s.stream = $2)"
)
_NO_MONTH = "-infinity"
_YEARS = range(2000, 2100)
_MOST_BYTES = 8 * 1024 * 1024


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


async def put_rows(
    tx: WriteTx, schema: str, source: str, stream: str, shelf: Shelf, rows: Sequence[ReadyRow], now: datetime
) -> tuple[int, int]:
    """Writes the rows that are new and the other versions of those known; how many of each."""
    sql = _put_sql(schema, shelf)
    new = changed = 0
    for part in _parts(rows):
        months = [_month(shelf, row.at, now) for row in part]
        if shelf != "standing":
            await make_raw_months(tx, schema, shelf, {month for month in months if month is not None})
        given = [
            {
                "key": row.key, "version": row.version.hex(), "body": orjson.Fragment(row.body), "deleted": row.deleted,
                "at": row.at, "month": month or _NO_MONTH,
            }
            for row, month in zip(part, months, strict=True)
        ]  # fmt: skip
        within = sorted({str(month or _NO_MONTH) for month in months})
        narrowed = () if shelf == "passing" else (within,)
        found = await tx.fetch_row(sql, source, stream, shelf, orjson.dumps(given).decode(), now, *narrowed)
        assert found is not None
        new, changed = new + found["new"], changed + found["changed"]
    return new, changed


def _put_sql(schema: str, shelf: Shelf) -> str:
    """One statement for a page, given as one JSON document: the driver takes longer over arrays than we over JSON."""
    # What passes may be known from any month that is still there.
    same_month = "" if shelf == "passing" else " AND r.month = g.month AND r.month = ANY($6::text[]::date[])"
    return f"""
        WITH given AS MATERIALIZED (
            SELECT row_number() OVER () AS n, key, decode(version, 'hex') AS version, body, deleted, at, month
            FROM jsonb_to_recordset($4::text::jsonb)
                AS g(key text, version text, body jsonb, deleted boolean, at timestamptz, month date)
        ), known AS MATERIALIZED (
            SELECT g.n, r.key IS NULL AS new, r.month AS was, r.version IS NOT DISTINCT FROM g.version AS same
            FROM given g LEFT JOIN {schema}._raw r
                ON r.source = $1 AND r.stream = $2 AND r.shelf = $3 AND r.key = g.key{same_month}
        ), numbered AS MATERIALIZED (
            SELECT o.*, nextval('{schema}._raw_seq') AS seq
            FROM (SELECT g.*, k.new, k.was FROM given g JOIN known k USING (n) WHERE NOT k.same ORDER BY g.n) AS o
        ), made AS (
            INSERT INTO {schema}._raw (source, stream, key, seq, version, body, deleted, at, came_at, shelf, month)
            SELECT $1, $2, key, seq, version, body, deleted, at, $5, $3, month FROM numbered WHERE new
        ), changed AS (
            UPDATE {schema}._raw AS r SET seq = g.seq, version = g.version, body = g.body, deleted = g.deleted,
                at = g.at, came_at = $5, month = g.month
            FROM numbered g
            WHERE NOT g.new AND r.source = $1 AND r.stream = $2 AND r.shelf = $3 AND r.key = g.key AND r.month = g.was
        )
        SELECT count(*) FILTER (WHERE new) AS new, count(*) FILTER (WHERE NOT new) AS changed FROM numbered"""


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
    month = f"CASE WHEN {within} THEN {first} ELSE '{_NO_MONTH}' END" if monthly else f"'{_NO_MONTH}'"
    if wanted != "standing":
        rows = await tx.fetch(
            f"SELECT DISTINCT {first} AS month FROM {schema}._raw WHERE {of_stream} AND {within}", source, stream, known
        )
        await make_raw_months(tx, schema, wanted, [row["month"] for row in rows])
    await tx.execute(
        f"UPDATE {schema}._raw SET shelf = $4, month = {month} WHERE {of_stream}", source, stream, known, wanted
    )


def _month(shelf: Shelf, at: datetime | None, now: datetime) -> date | None:
    """The first day of the month in UTC that a row lies in."""
    moment = now if shelf == "passing" else at
    if shelf == "standing" or moment is None:
        return None
    day = moment.astimezone(UTC).date()
    return day.replace(day=1) if day.year in _YEARS else None


def _parts(rows: Sequence[ReadyRow]) -> Iterator[Sequence[ReadyRow]]:
    """No document of more than some megabytes: PostgreSQL takes up to 256."""
    part: list[ReadyRow] = []
    size = 0
    for row in rows:
        if part and size + len(row.body) > _MOST_BYTES:
            yield part
            part, size = [], 0
        part.append(row)
        size += len(row.body)
    yield part
