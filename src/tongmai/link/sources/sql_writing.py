"""A person's change written to a row of a database (S3-20), in the columns that an administrator opened for it.

The row is locked, read, compared with what it had when the person changed it, and only then written, in one
transaction: what somebody else has changed there meanwhile is a conflict and stays. Nothing is added or deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import JsonValue
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TableClause,
    and_,
    column,
    quoted_name,
    select,
    table,
    text,
    update,
)

from tongmai.kit import Text
from tongmai.link.same_value import means_the_same
from tongmai.link.source import Pushed, PushRow
from tongmai.link.sources.sql_values import plain


def write_row(connection: Connection, rows: TableClause, key: tuple[str, ...], row: PushRow, zone: ZoneInfo) -> Pushed:
    """Writes ``row.changed`` and commits, or leaves everything as it was. Raises what the driver raises."""
    _begin(connection)
    place = _place(key, row.key)
    if place is None:
        return _refused("行的键与键列对不上", "The row's key does not fit the key columns")
    found = _locked(connection, rows, key, place, row)
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
    values = {quoted_name(path, True): _as_there(value, present[path], zone) for path, value in row.changed.items()}
    target = table(rows.name, *(column(name) for name in values), schema=rows.schema)
    done = connection.execute(update(target).where(place).values(values))
    if done.rowcount != 1:
        return _refused("来源没有接受这次修改", "The source did not take the change")
    connection.commit()
    return Pushed("done")


def _begin(connection: Connection) -> None:
    """Reading connections are read only; this one is to write."""
    match connection.engine.dialect.name:
        case "sqlite":
            connection.execute(text("PRAGMA query_only = OFF"))
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        case "mysql" | "mariadb":
            connection.execute(text("SET SESSION TRANSACTION READ WRITE"))
            connection.commit()
        case _:
            pass


def _place(key: tuple[str, ...], given: str) -> ColumnElement[bool] | None:
    """The row, by the texts of its key columns: databases read them as what the columns are."""
    parts = given.split("|") if len(key) > 1 else [given]
    if len(parts) != len(key):
        return None
    return and_(*(column(quoted_name(name, True)) == part for name, part in zip(key, parts, strict=True)))


def _locked(
    connection: Connection, rows: TableClause, key: tuple[str, ...], place: ColumnElement[bool], row: PushRow
) -> list[Mapping[str, Any]]:
    """The rows that are meant, at most two; nobody changes them before the transaction's end."""
    names = dict.fromkeys((*key, *row.changed))
    wanted: Select[*tuple[Any, ...]] = (
        select(*(column(quoted_name(name, True)) for name in names))
        .select_from(rows)
        .where(place)
        .limit(2)
        .with_for_update()
        .with_hint(rows, "WITH (UPDLOCK, HOLDLOCK)", "mssql")
    )
    return [{str(name): value for name, value in each.items()} for each in connection.execute(wanted).mappings()]


def _as_there(value: JsonValue, present: object, zone: ZoneInfo) -> object:
    """The value in the type that stands there: databases of old read moments in a way of their own only."""
    if not isinstance(value, str) or not isinstance(present, date):
        return value
    found = datetime.fromisoformat(value)
    if not isinstance(present, datetime):
        return (found.astimezone(zone) if found.tzinfo else found).date()
    if present.tzinfo is None:
        return found.astimezone(zone).replace(tzinfo=None) if found.tzinfo else found
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _refused(zh: str, en: str) -> Pushed:
    return Pushed("refused", text=Text(zh, en))
