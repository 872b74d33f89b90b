"""Where a stream stands in its table, and what lies behind: the key set ``(changed, key)``, whatever is empty in it.

Rows that share a time-stamp are never skipped, nor are rows whose key is empty in part. A time-stamp that lies in the
future (a clock that is wrong, “9999-12-31”) is read, and is no place to go on from: the rows of today would never come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import JsonValue
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    asc,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import NullType

from tongmai.link.source import Cursor
from tongmai.link.sources.sql_moments import NoMoment
from tongmai.link.sources.sql_names import named_column
from tongmai.link.sources.sql_values import bound, is_day, kept, moment_of, stepped_back

# So far ahead may another clock be, and another zone.
_AHEAD = timedelta(days=1)
# The column that tells SQL Server's own text of a time-stamp.
EXACT = "tongmai_exact"
# The column that tells how many rows have a key in common.
TIMES = "tongmai_times"


@dataclass(frozen=True)
class TableStream:
    """A stream ready to be read: ``columns`` empty means all."""

    rows: FromClause
    key: tuple[str, ...]
    columns: tuple[str, ...]
    changed: str | None
    overlap: timedelta = timedelta(0)
    # What else must hold.
    where: ColumnElement[bool] | None = None
    # Columns that are read to go on by, and are no part of what the source says.
    hidden: frozenset[str] = frozenset()
    # Whether ``changed`` may be empty: such rows are read each time, since nothing tells what is new of them.
    may_lack: bool = True
    # The columns that a person's change here may be written to.
    writes: frozenset[str] = frozenset()

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*((self.changed,) if self.changed else ()), *self.key)))

    @property
    def name(self) -> str:
        return str(getattr(self.rows, "name", ""))


@dataclass(frozen=True)
class Table:
    """What the database told of a stream's rows: their columns, ``kinds`` as its driver numbers them; ``has_gaps``:
    some rows lack a part of their key."""

    dialect: Dialect
    kinds: Mapping[str, object] = field(default_factory=dict)
    has_gaps: bool = False

    @property
    def is_null_last(self) -> bool:
        return self.dialect.name in ("postgresql", "oracle")

    def tells_exactly(self, changed: str | None) -> bool:
        """Whether the time-stamp's own text is asked for: SQL Server's DATETIME counts three-hundredths of a second,
        its DATETIME2 seven digits, and the driver keeps neither. A rowversion is bytes, and exact."""
        if self.dialect.name != "mssql" or changed is None:
            return False
        driver = self.dialect.loaded_dbapi
        return self.kinds.get(changed) not in (driver.BINARY, driver.NUMBER, driver.DECIMAL)


def page_after(
    wanted: TableStream, found: Table, position: Sequence[JsonValue] | None, most: int
) -> Select[*tuple[Any, ...]]:
    """The rows behind a position, in order, at most so many."""
    names = wanted.columns or tuple(dict.fromkeys((*found.kinds, *wanted.order)))
    listed = [named_column(name, found.dialect).label(name) for name in names]
    order = [named_column(name, found.dialect) for name in wanted.order]
    if found.tells_exactly(wanted.changed):
        text = func.convert(literal_column("VARCHAR(34)"), order[0], literal_column("121"))
        listed.append(text.label(EXACT))
    statement = select(*listed).select_from(wanted.rows).order_by(*(asc(each) for each in order)).limit(most)
    if wanted.where is not None:
        statement = statement.where(wanted.where)
    return statement.where(_is_behind(order, position, found)) if position else statement


def keys_alike(wanted: TableStream, dialect: Dialect) -> Select[*tuple[Any, ...]]:
    """The key that most rows have in common, if several rows have one, and how many they are (``TIMES``)."""
    listed = [named_column(name, dialect) for name in wanted.key]
    times = func.count()
    named = (each.label(name) for name, each in zip(wanted.key, listed, strict=True))
    statement = select(*named, times.label(TIMES)).select_from(wanted.rows).group_by(*listed)
    return statement.having(times > 1).order_by(times.desc()).limit(1)


def position_of(row: Mapping[str, Any], wanted: TableStream, zone: ZoneInfo) -> list[JsonValue]:
    """Where one stands behind a row."""
    found = [kept(row.get(name), zone) for name in wanted.order]
    exact = row.get(EXACT)
    if isinstance(exact, str) and isinstance(row.get(wanted.changed or ""), date):
        # With a T whatever the account's language is, each of its types takes its own text back.
        found[0] = exact.replace(" ", "T", 1).replace(" ", "")
    return found


def by_mark(wanted: TableStream, dialect: Dialect) -> tuple[TableStream, TableStream | None]:
    """The rows that have a time-stamp, and those that lack one: nothing is greater or less than what is not there."""
    if not wanted.may_lack or wanted.changed is None:
        return wanted, None
    mark = named_column(wanted.changed, dialect)
    return replace(wanted, where=mark.is_not(None)), replace(wanted, changed=None, where=mark.is_(None))


def is_ahead(row: Mapping[str, Any], wanted: TableStream, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a row's time-stamp lies in the future."""
    mark = row.get(wanted.changed or "")
    if isinstance(mark, NoMoment):
        return mark.is_ahead
    day = kept(mark, zone)
    if is_day(day):
        return str(day) > (now + _AHEAD).date().isoformat()
    at = moment_of(mark)
    return at is not None and (at.year == 9999 or (at if at.tzinfo else at.replace(tzinfo=zone)) > now + _AHEAD)


def start_of(stand: Cursor, overlap: timedelta) -> list[JsonValue] | None:
    """Behind what is to be read; None for the start. Rows of transactions that ended late are looked for as long as
    there may be some: until the last time-stamp has been known for the overlap's time."""
    after = stand.get("after")
    if not isinstance(after, list) or not after or after[0] is None:
        return None
    return [stepped_back(after[0], overlap)] if overlap and not stand.get("settled") else after


def going_on(stand: Cursor, position: list[JsonValue]) -> dict[str, JsonValue]:
    """The cursor in the midst of a pull: should it end there, the next one looks back."""
    known = {name: value for name, value in stand.items() if name not in ("since", "settled")}
    return {**known, "after": position}


def moved(stand: Cursor, before: Cursor, asked_at: datetime, overlap: timedelta) -> dict[str, JsonValue]:
    """The cursor at a pull's end: whether the next one need look back."""
    marks = [after[0] if isinstance(after := each.get("after"), list) and after else None for each in (stand, before)]
    since = before.get("since")
    if not overlap or marks[0] != marks[1] or not isinstance(since, str):
        return {**stand, "since": asked_at.isoformat(), "settled": False} if overlap else dict(stand)
    late = max(overlap, timedelta(days=1)) if is_day(marks[0]) else overlap
    is_settled = bool(before.get("settled")) or asked_at - datetime.fromisoformat(since) >= late
    return {**stand, "since": since, "settled": is_settled}


def _is_behind(order: Sequence[ColumnElement[Any]], position: Sequence[JsonValue], found: Table) -> ColumnElement[bool]:
    """(a, b, c) > (x, y, z): as one where PostgreSQL can go on in its index, written out elsewhere, with a first
    condition that every database can go on by."""
    known = order[: len(position)]
    if found.dialect.name == "postgresql" and not found.has_gaps:
        return tuple_(*known) > tuple_(*(_parameter(each) for each in position))
    alternatives = [
        and_(*(_is_at(order[i], position[i]) for i in range(index)), above)
        for index in range(len(known))
        if (above := _is_above(order[index], position[index], found)) is not None
    ]
    if len(known) == 1 or position[0] is None or (found.is_null_last and found.has_gaps):
        return or_(false(), *alternatives)
    return and_(order[0] >= _parameter(position[0]), or_(*alternatives))


def _is_at(one: ColumnElement[Any], value: JsonValue) -> ColumnElement[bool]:
    return one.is_(None) if value is None else one == _parameter(value)


def _is_above(one: ColumnElement[Any], value: JsonValue, found: Table) -> ColumnElement[bool] | None:
    """None where nothing is: what is empty comes first or last, as each database has it."""
    if value is None:
        return None if found.is_null_last else one.is_not(None)
    above = one > _parameter(value)
    return or_(above, one.is_(None)) if found.is_null_last and found.has_gaps else above


def _parameter(value: JsonValue) -> ColumnElement[Any]:
    # Without a type: PostgreSQL would compare a number or a UUID with what is declared to be a text.
    given = bound(value)
    return bindparam(None, given, type_=NullType() if isinstance(given, str) else None, unique=True)
