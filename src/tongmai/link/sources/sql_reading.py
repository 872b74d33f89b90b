"""Streams of any SQL database read through SQLAlchemy, a page at a time; written are the columns opened for it alone.

A stream's statement is ``SELECT columns FROM rows [WHERE …]``, made here from names that are quoted by the dialect. The
key set ``(changed, key)`` pages through it: rows that share a time-stamp are never skipped, whatever the page's size.
A session that reads is read only where the database knows such a thing, and its transaction is rolled back.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import JsonValue
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    TableClause,
    and_,
    asc,
    column,
    create_engine,
    or_,
    quoted_name,
    select,
    table,
    text,
)
from sqlalchemy import exc as sql_exc
from sqlalchemy.engine import URL

from tongmai.kit import Clock, Fault, Invalid, Text
from tongmai.link.faults import away
from tongmai.link.source import (
    Cursor,
    Health,
    Listing,
    Page,
    Pushed,
    PushRow,
    RawRow,
)
from tongmai.link.sources.sql_faults import (
    TOO_MANY_ALIKE,
    is_away,
    is_refused,
    missing_of,
    not_opened,
    refused,
    short,
    told,
)
from tongmai.link.sources.sql_values import bound, changed_at, kept, key_of, plain, stepped_back
from tongmai.link.sources.sql_writing import write_row

_CONNECT_S = 10
# Above so many, keys are not compared: what is gone is then not told.
_MOST_KEYS = 500_000


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


class SqlSource:
    """Implements ``Source``, ``Pulls`` and ``Pushes``. The driver works in a thread; one connection is open while a
    pull runs."""

    def __init__(
        self, url: URL, streams: Mapping[str, TableStream], page: int, zone: str, clock: Clock, deleted_every: timedelta
    ) -> None:
        self._streams = streams
        self._page = page
        self._zone = ZoneInfo(zone)
        self._clock = clock
        self._deleted_every = deleted_every
        self._address = url.set(password=None, username=None).render_as_string()
        self._engine: Engine = create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True, **_options(url))

    async def test(self) -> Health:
        """Connects, and looks for every table and column that the streams name."""
        try:
            faults = await asyncio.to_thread(self._missing)
        except sql_exc.SQLAlchemyError as error:
            said = refused(error) if is_refused(error) else told(error)
            return Health(False, Text("连接失败", "The connection failed"), (said,))
        if faults:
            return Health(False, Text("缺少表或列", "Tables or columns are missing"), tuple(faults))
        return Health(True, Text("连接正常", "The connection works"), detail={"dialect": self._engine.dialect.name})

    async def close(self) -> None:
        await asyncio.to_thread(self._engine.dispose)

    async def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Pages behind the cursor ``{"of": …, "after": [changed, key, …], "listed": …}``. A whole read begins anew when
        it has ended, and so does a stream that reads something else than it did when the cursor was given."""
        wanted = self._streams[stream]
        # Asked before, because some databases read a name they do not know as a text.
        missing = await self._missing_now(stream)
        if missing:
            raise Invalid(tuple(missing))
        of = self._print(wanted)
        before = {} if cursor is None or cursor.get("of", of) != of else cursor
        if wanted.changed is None:
            async for page in self._whole(stream, wanted, before, of):
                yield page
            return
        stand: dict[str, JsonValue] = {**before, "of": of}
        marked, unmarked = _by_mark(wanted, wanted.changed)
        async for rows, position in self._behind(stream, marked, _position(stand, wanted.overlap)):
            stand = {**stand, "after": position}
            yield Page(rows, stand)
        if unmarked is not None:
            async for rows, _ in self._behind(stream, unmarked, None):
                yield Page(rows, stand)
        listing = await self._listed(stream, wanted, stand)
        if listing is not None:
            yield Page((), {**stand, "listed": listing.asked_at.isoformat()}, listing=listing)

    async def push(self, row: PushRow) -> Pushed:
        """Writes a person's change where the stream lets columns be written."""
        wanted = self._streams.get(row.stream)
        closed = sorted(row.changed.keys() - (wanted.writes if wanted is not None else frozenset()))
        if wanted is None or closed or not isinstance(wanted.rows, TableClause):
            return Pushed("refused", text=not_opened(closed))
        try:
            return await asyncio.to_thread(self._write, wanted.rows, wanted.key, row)
        except sql_exc.DBAPIError as error:
            if is_refused(error):
                raise Invalid((refused(error),)) from error
            if is_away(error):
                raise away("数据库没有应答", f"The database does not answer: {short(error)}") from error
            return Pushed("refused", text=told(error).text)
        except (sql_exc.SQLAlchemyError, ValueError) as error:
            return Pushed("refused", text=told(error).text)

    def _write(self, rows: TableClause, key: tuple[str, ...], row: PushRow) -> Pushed:
        with self._engine.connect() as connection:
            return write_row(connection, rows, key, row, self._zone)

    async def _whole(self, stream: str, wanted: TableStream, before: Cursor, of: str) -> AsyncIterator[Page]:
        """Everything by key; what was not there in a read from its start to its end is gone."""
        after, asked_at = before.get("after"), self._clock.now()
        keys: set[str] | None = None if after else set()
        async for rows, position in self._behind(stream, wanted, after if isinstance(after, list) else None):
            if keys is not None:
                keys.update(row.key for row in rows)
                keys = keys if len(keys) <= _MOST_KEYS else None
            yield Page(rows, {"of": of, "after": position})
        yield Page((), {"of": of}, listing=None if keys is None else Listing(frozenset(keys), asked_at))

    async def _behind(
        self, stream: str, wanted: TableStream, position: list[JsonValue] | None
    ) -> AsyncIterator[tuple[tuple[RawRow, ...], list[JsonValue]]]:
        """Rows behind a position, a page at a time, each with the position of its last row."""
        while True:
            found = await self._fetch(stream, wanted, position)
            if not found:
                return
            last = [kept(found[-1].get(name), self._zone) for name in _order(wanted)]
            if last == position:
                raise Invalid((TOO_MANY_ALIKE,))
            position = last
            yield tuple(_raw(each, self._streams[stream], self._zone) for each in found), position
            if len(found) < self._page:
                return

    async def _listed(self, stream: str, wanted: TableStream, stand: Cursor) -> Listing | None:
        """All keys there are, if it is time to ask for them and they are not too many."""
        now, last = self._clock.now(), stand.get("listed")
        is_due = not isinstance(last, str) or now - datetime.fromisoformat(last) >= self._deleted_every
        if not self._deleted_every or not is_due:
            return None
        bare = replace(wanted, columns=wanted.key, changed=None, where=None)
        found = await self._fetch(stream, bare, None, most=_MOST_KEYS + 1)
        if len(found) > _MOST_KEYS:
            return None
        return Listing(frozenset(key_of(each, wanted.key, self._zone) for each in found), now)

    def _print(self, wanted: TableStream) -> str:
        """Tells what is read from what: a position in one table says nothing about another."""
        read = repr((self._address, str(wanted.rows), wanted.key, wanted.changed))
        return hashlib.sha256(read.encode()).hexdigest()[:16]

    async def _fetch(
        self, stream: str, wanted: TableStream, position: list[JsonValue] | None, *, most: int | None = None
    ) -> list[dict[str, Any]]:
        try:
            return await asyncio.to_thread(self._read, wanted, position, most or self._page)
        except sql_exc.DBAPIError as error:
            if is_refused(error):
                raise Invalid((refused(error),)) from error
            missing = await self._missing_now(stream)
            if not missing and is_away(error):
                raise away("数据库没有应答", f"The database does not answer: {short(error)}") from error
            raise Invalid(tuple(missing) or (told(error),)) from error
        except sql_exc.SQLAlchemyError as error:
            raise Invalid((told(error),)) from error

    async def _missing_now(self, stream: str) -> list[Fault]:
        try:
            return await asyncio.to_thread(self._missing, stream)
        except sql_exc.SQLAlchemyError:
            return []

    def _read(self, wanted: TableStream, position: list[JsonValue] | None, most: int) -> list[dict[str, Any]]:
        names = wanted.columns or None
        rows = wanted.rows
        listed: list[Any] = [column(quoted_name(name, True)) for name in names] if names else [text("*")]
        order: list[ColumnElement[Any]] = [column(quoted_name(name, True)) for name in _order(wanted)]
        statement = select(*listed).select_from(rows).order_by(*(asc(each) for each in order)).limit(most)
        if wanted.where is not None:
            statement = statement.where(wanted.where)
        if position:
            statement = statement.where(_is_behind(order, position))
        with self._engine.connect() as connection:
            _make_read_only(connection)
            result = connection.execute(statement)
            found = [{str(name): value for name, value in row.items()} for row in result.mappings()]
            connection.rollback()
        return found

    def _missing(self, only: str | None = None) -> list[Fault]:
        faults = []
        with self._engine.connect() as connection:
            _make_read_only(connection)
            for key, wanted in self._streams.items():
                if only is not None and key != only:
                    continue
                faults += missing_of(connection, key, wanted.rows, {*wanted.columns, *_order(wanted)})
            connection.rollback()
        return faults


def named_table(name: str) -> TableClause:
    """``schema.table`` as quoted names."""
    schema, _, bare = name.rpartition(".")
    return table(quoted_name(bare, True), schema=quoted_name(schema, True) if schema else None)


def _order(wanted: TableStream) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*((wanted.changed,) if wanted.changed else ()), *wanted.key)))


def _by_mark(wanted: TableStream, changed: str) -> tuple[TableStream, TableStream | None]:
    """The rows that have a time-stamp, and those that lack one: nothing is greater or less than what is not there."""
    if not wanted.may_lack:
        return wanted, None
    mark: ColumnElement[Any] = column(quoted_name(changed, True))
    return replace(wanted, where=mark.is_not(None)), replace(wanted, changed=None, where=mark.is_(None))


def _position(stand: Cursor, overlap: timedelta) -> list[JsonValue] | None:
    """Behind what is to be read; None for the start."""
    after = stand.get("after")
    if not isinstance(after, list) or not after or after[0] is None:
        return None
    return [stepped_back(after[0], overlap)] if overlap else after


def _is_behind(order: Sequence[ColumnElement[Any]], position: Sequence[JsonValue]) -> ColumnElement[bool]:
    """(a, b, c) > (x, y, z), written out: not every database compares rows."""
    alternatives = []
    for index in range(min(len(order), len(position))):
        equal = [order[i] == bound(position[i]) for i in range(index)]
        alternatives.append(and_(*equal, order[index] > bound(position[index])))
    return or_(*alternatives)


def _raw(row: Mapping[str, Any], wanted: TableStream, zone: ZoneInfo) -> RawRow:
    body = {name: plain(value, zone) for name, value in row.items() if name not in wanted.hidden}
    at = None if wanted.changed is None else changed_at(row.get(wanted.changed), zone)
    return RawRow(key_of(row, wanted.key, zone), body, at)


def _make_read_only(connection: Connection) -> None:
    match connection.engine.dialect.name:
        case "postgresql":
            connection.execute(text("SET TRANSACTION READ ONLY"))
        case "mysql" | "mariadb":
            connection.execute(text("SET SESSION TRANSACTION READ ONLY"))
        case "sqlite":
            connection.execute(text("PRAGMA query_only = ON"))
        case _:
            # SQL Server and Oracle have no such switch: the account's rights and the rollback must do.
            pass


def _options(url: URL) -> dict[str, Any]:
    """Time limits, in each driver's own words."""
    match url.get_driver_name():
        case "pymssql":
            return {"connect_args": {"login_timeout": _CONNECT_S, "timeout": 120, "charset": "UTF-8"}}
        case "psycopg":
            return {"connect_args": {"connect_timeout": _CONNECT_S}}
        case _:
            return {}
