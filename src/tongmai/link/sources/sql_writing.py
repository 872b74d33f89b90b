"""A person's change written to a row of a database (S3-20), in the columns that an administrator opened for it.

The row is locked, read, compared with what it had when the person changed it, and only then written, in one
transaction: what somebody else has changed there meanwhile is a conflict and stays. Nothing is added or deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import JsonValue
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TableClause,
    and_,
    bindparam,
    column,
    quoted_name,
    select,
    table,
    update,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import NullType

from tongmai.kit import Text
from tongmai.link.raw_equality import means_the_same
from tongmai.link.source import Pushed, PushRow
from tongmai.link.sources.sql_moments import NoMoment
from tongmai.link.sources.sql_names import named_column, stored_name
from tongmai.link.sources.sql_session import begin_writing
from tongmai.link.sources.sql_values import is_moment, kinds_of, moment_of, plain, rows_of, zone_of


def write_row(connection: Connection, rows: TableClause, key: tuple[str, ...], row: PushRow, zone: ZoneInfo) -> Pushed:
    """Writes ``row.changed`` and commits, or leaves everything as it was. Raises what the driver raises."""
    begin_writing(connection)
    place = _place(key, row.key, connection.dialect)
    if place is None:
        return _refused("行的键与键列对不上", "The row's key does not fit the key columns")
    found, kinds = _locked(connection, rows, key, place, row)
    if not found:
        return _refused("来源里已没有这一行", "The source has the row no more")
    if len(found) > 1:
        return _refused("来源里有多行是这个键，不知该写哪一行", "Several rows at the source have this key")
    present = found[0]
    theirs = {path: plain(present[path], zone) for path in row.changed}
    if all(means_the_same(theirs[path], value) for path, value in row.changed.items()):
        # Also what was written before, and whose answer was lost.
        return Pushed("done")
    if not all(means_the_same(theirs[path], row.before.get(path)) for path in row.changed):
        return Pushed("conflict", theirs=theirs)
    values = {
        _stored(path, connection): _as_there(value, present[path], kinds[path], connection, zone)
        for path, value in row.changed.items()
    }
    target = table(rows.name, *(column(name) for name in values), schema=rows.schema)
    connection.execute(update(target).where(place).values(values))
    if not _is_taken(_locked(connection, rows, key, place, row)[0], row, theirs, zone):
        return _refused("来源没有接受这次修改", "The source did not take the change")
    connection.commit()
    return Pushed("done")


def _is_taken(found: list[dict[str, Any]], row: PushRow, before: Mapping[str, JsonValue], zone: ZoneInfo) -> bool:
    """Looked up, since a trigger may keep what was there, and how many rows were changed is the last trigger's count.
    What the source rounds or writes otherwise is its own way of taking it."""
    if len(found) != 1:
        return False
    for path, value in row.changed.items():
        now = plain(found[0][path], zone)
        if not means_the_same(now, value) and means_the_same(now, before[path]):
            return False
    return True


def _place(key: tuple[str, ...], given: str, dialect: Dialect) -> ColumnElement[bool] | None:
    """The row, by the texts of its key columns: databases read them as what the columns are."""
    parts = given.split("|") if len(key) > 1 else [given]
    if len(parts) != len(key):
        return None
    # Without a type: PostgreSQL would compare a number with what is declared to be a text.
    texts = [bindparam(None, part, type_=NullType(), unique=True) for part in parts]
    return and_(*(named_column(name, dialect) == part for name, part in zip(key, texts, strict=True)))


def _stored(name: str, connection: Connection) -> quoted_name:
    return quoted_name(stored_name(name, connection.dialect), True)


def _locked(
    connection: Connection, rows: TableClause, key: tuple[str, ...], place: ColumnElement[bool], row: PushRow
) -> tuple[list[dict[str, Any]], dict[str, object]]:
    """The rows that are meant, at most two, and the kinds of their columns; nobody changes them before the
    transaction's end."""
    names = tuple(dict.fromkeys((*key, *row.changed)))
    result = connection.execute(locking(rows, names, place, connection.dialect))
    kinds = kinds_of(result)
    return rows_of(result), kinds


def locking(
    rows: TableClause, names: Sequence[str], place: ColumnElement[bool], dialect: Dialect
) -> Select[*tuple[Any, ...]]:
    """Reads a row and locks it, as each database has it."""
    wanted: Select[*tuple[Any, ...]] = (
        select(*(named_column(name, dialect).label(name) for name in names))
        .select_from(rows)
        .where(place)
        .with_for_update()
        .with_hint(rows, "WITH (UPDLOCK, HOLDLOCK)", "mssql")
    )
    # Oracle locks no rows that it counts.
    return wanted if dialect.name == "oracle" else wanted.limit(2)


def _as_there(value: JsonValue, present: object, kind: object, connection: Connection, zone: ZoneInfo) -> object:
    """The value in the type that stands there, or in the column's where nothing does: PostgreSQL and SQLite read a
    moment as ISO 8601 writes it, others in a way of their own only."""
    if not isinstance(value, str):
        return value
    if (present is None or isinstance(present, NoMoment)) and is_moment(kind, connection.dialect):
        found = moment_of(value)
        return value if found is None else _in_zone(found, zone, zone_of(kind, connection.dialect))
    if not isinstance(present, date):
        return value
    moment = datetime.fromisoformat(value)
    if not isinstance(present, datetime):
        return (moment.astimezone(zone) if moment.tzinfo else moment).date()
    return _in_zone(moment, zone, present.tzinfo)


def _in_zone(moment: datetime, zone: ZoneInfo, wanted: tzinfo | None) -> datetime:
    """In the zone that stands there, since not every driver sends one along; None for the workspace's, untold."""
    known = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return known.astimezone(wanted) if wanted is not None else known.astimezone(zone).replace(tzinfo=None)


def _refused(zh: str, en: str) -> Pushed:
    return Pushed("refused", text=Text(zh, en))
