"""Streams of any SQL database read through SQLAlchemy, a page at a time; written are the columns opened for it alone.

A stream's statement is ``SELECT columns FROM rows [WHERE …]``, made here from names that are quoted by the dialect. The
key set ``(changed, key)`` pages through it: rows that share a time-stamp are never skipped, whatever the page's size.
A session that reads is read only where the database knows such a thing, and its transaction is rolled back.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import JsonValue
from sqlalchemy import Connection, Engine, Select, TableClause, literal_column, or_, select, text
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
    SetAside,
)
from tongmai.link.sources.sql_faults import (
    TOO_MANY_ALIKE,
    gone_of,
    is_away,
    is_refused,
    missing_of,
    not_opened,
    refused,
    short,
    told,
    unreadable,
)
from tongmai.link.sources.sql_key_collisions import ALIKE, alike_in, set_aside
from tongmai.link.sources.sql_names import named_column, stored_name
from tongmai.link.sources.sql_paging import (
    EXACT,
    TIMES,
    Table,
    TableStream,
    by_mark,
    going_on,
    is_ahead,
    keys_alike,
    moved,
    page_after,
    position_of,
    start_of,
)
from tongmai.link.sources.sql_session import begin_reading, open_engine
from tongmai.link.sources.sql_values import changed_at, key_of, plain, rows_of
from tongmai.link.sources.sql_writing import write_row

# Above so many, keys are not compared: what is gone is then not told.
_MOST_KEYS = 500_000
Found = TypeVar("Found")


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
        self._engine: Engine = open_engine(url)

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
        """Pages behind the cursor ``{"of": …, "after": [changed, key, …], "listed": …, "columns": …}``. A whole read
        begins anew when it has ended, and so does a stream that reads something else than it did when the cursor was
        given."""
        wanted = self._streams[stream]
        # Asked before, because some databases read a name they do not know as a text.
        table = await self._asked(self._look, stream, wanted)
        of = self._print(wanted)
        before: Cursor = {} if cursor is None or cursor.get("of", of) != of else cursor
        stand = {**before, "of": of, **self._columns(stream, wanted, table, before)}
        if wanted.changed is None:
            async for page in self._whole(stream, wanted, table, stand):
                yield page
            return
        asked_at, said = self._clock.now(), before
        marked, unmarked = by_mark(wanted, table.dialect)
        start = start_of(stand, wanted.overlap)
        told = await self._told_apart(wanted) if start is None else None
        if start is None:
            yield Page((), before, told or (), anew=(ALIKE,))
        async for rows, position in self._behind(stream, marked, table, start):
            stand = stand if position is None else going_on(stand, position)
            said = stand
            yield _paged(rows, stand, wanted, told)
        if unmarked is not None:
            async for rows, _ in self._behind(stream, unmarked, table, None):
                said = stand
                yield _paged(rows, stand, wanted, told)
        stand = moved(stand, before, asked_at, wanted.overlap)
        listing = await self._listed(wanted, table, stand)
        if listing is not None:
            stand = {**stand, "listed": listing.asked_at.isoformat()}
        if listing is not None or stand != said:
            yield Page((), stand, listing=listing)

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

    def _columns(self, stream: str, wanted: TableStream, table: Table, before: Cursor) -> dict[str, JsonValue]:
        """The columns of a stream that takes all there are. Raises ``Invalid`` where one is gone."""
        if wanted.columns:
            return {}
        known = before.get("columns")
        gone = set(known if isinstance(known, list) else ()) - set(table.kinds)
        if gone:
            raise Invalid((gone_of(stream, wanted.name, [str(each) for each in gone]),))
        return {"columns": list(table.kinds)}

    async def _whole(self, stream: str, wanted: TableStream, table: Table, stand: Cursor) -> AsyncIterator[Page]:
        """Everything by key; what was not there in a read from its start to its end is gone."""
        after, asked_at = stand.get("after"), self._clock.now()
        keys: set[str] | None = None if after else set()
        told = None if after else await self._told_apart(wanted)
        if not after:
            yield Page((), stand, told or (), anew=(ALIKE,))
        async for rows, position in self._behind(stream, wanted, table, after if isinstance(after, list) else None):
            if keys is not None:
                keys.update(row.key for row in rows)
                keys = keys if len(keys) <= _MOST_KEYS else None
            yield _paged(rows, {**stand, "after": position}, wanted, told)
        at_end = {name: value for name, value in stand.items() if name != "after"}
        yield Page((), at_end, listing=None if keys is None else Listing(frozenset(keys), asked_at))

    async def _behind(
        self, stream: str, wanted: TableStream, table: Table, position: list[JsonValue] | None
    ) -> AsyncIterator[tuple[tuple[RawRow, ...], list[JsonValue] | None]]:
        """Rows behind a position, a page at a time, each with the position to go on from, if there is one."""
        now = self._clock.now()
        kept: list[JsonValue] | None = None
        while True:
            found = await self._asked(self._read, wanted, table, position, self._page)
            if not found:
                return
            last = position_of(found[-1], wanted, self._zone)
            if last == position:
                raise Invalid((TOO_MANY_ALIKE,))
            position = last
            sane = next((each for each in reversed(found) if not is_ahead(each, wanted, now, self._zone)), None)
            kept = position_of(sane, wanted, self._zone) if sane is not None else kept
            yield tuple(_raw(each, self._streams[stream], self._zone) for each in found), kept
            if len(found) < self._page:
                return

    async def _told_apart(self, wanted: TableStream) -> tuple[SetAside, ...] | None:
        """What is to be said of the key, asked when rows are read from the start: those alike may stand on two pages,
        or lie behind the one at which a page ends. None where nobody can say."""
        try:
            return await asyncio.to_thread(self._most_alike, wanted)
        except sql_exc.SQLAlchemyError:
            # Too many to be counted in time, or of a type that is not counted: they are read all the same, and what is
            # alike within a page is told with it. What ails the connection is told by the next question.
            return None

    def _most_alike(self, wanted: TableStream) -> tuple[SetAside, ...]:
        with self._engine.connect() as connection:
            begin_reading(connection)
            found = rows_of(connection.execute(keys_alike(wanted, connection.dialect)))
            connection.rollback()
        return tuple(set_aside(wanted.key, key_of(each, wanted.key, self._zone), each[TIMES]) for each in found)

    async def _listed(self, wanted: TableStream, table: Table, stand: Cursor) -> Listing | None:
        """All keys there are, if it is time to ask for them and they are not too many."""
        now, last = self._clock.now(), stand.get("listed")
        is_due = not isinstance(last, str) or now - datetime.fromisoformat(last) >= self._deleted_every
        if not self._deleted_every or not is_due:
            return None
        bare = replace(wanted, columns=wanted.key, changed=None, where=None)
        found = await self._asked(self._read, bare, table, None, _MOST_KEYS + 1)
        if len(found) > _MOST_KEYS:
            return None
        return Listing(frozenset(key_of(each, wanted.key, self._zone) for each in found), now)

    def _print(self, wanted: TableStream) -> str:
        """Tells what is read from what: a position in one table says nothing about another."""
        read = repr((self._address, str(wanted.rows), wanted.key, wanted.changed))
        return hashlib.sha256(read.encode()).hexdigest()[:16]

    async def _asked(self, ask: Callable[..., Found], *given: Any) -> Found:
        """What the database answers, asked in a thread; its faults as ours."""
        try:
            return await asyncio.to_thread(ask, *given)
        except sql_exc.DBAPIError as error:
            if is_refused(error):
                raise Invalid((refused(error),)) from error
            if is_away(error):
                raise away("数据库没有应答", f"The database does not answer: {short(error)}") from error
            raise Invalid((told(error),)) from error
        except sql_exc.SQLAlchemyError as error:
            raise Invalid((told(error),)) from error

    def _read(
        self, wanted: TableStream, table: Table, position: list[JsonValue] | None, most: int
    ) -> list[dict[str, Any]]:
        with self._engine.connect() as connection:
            begin_reading(connection)
            found = rows_of(connection.execute(page_after(wanted, table, position, most)))
            connection.rollback()
        return found

    def _look(self, stream: str, wanted: TableStream) -> Table:
        """Raises ``Invalid`` for columns that are not there."""
        with self._engine.connect() as connection:
            begin_reading(connection)
            found = _seen(connection, stream, wanted)
            missing = _missing_in(connection, stream, wanted, found)
            if missing:
                raise Invalid(tuple(missing))
            table = Table(connection.dialect, found)
            if table.is_null_last:
                table = replace(table, has_gaps=_has_gaps(connection, wanted))
            connection.rollback()
        return table

    def _missing(self) -> list[Fault]:
        faults: list[Fault] = []
        with self._engine.connect() as connection:
            for key, wanted in self._streams.items():
                begin_reading(connection)
                try:
                    faults += _missing_in(connection, key, wanted, _seen(connection, key, wanted))
                except Invalid as error:
                    faults += error.faults
                connection.rollback()
        return faults


def _seen(connection: Connection, stream: str, wanted: TableStream) -> dict[str, object]:
    """The columns there are, asked with a SELECT of no rows: every database and every account that may read can answer
    that. Raises ``Invalid`` for a table that is not there or may not be read."""
    try:
        result = connection.execute(select(text("*")).select_from(wanted.rows).limit(0))
    except sql_exc.DBAPIError as error:
        if is_refused(error) or is_away(error):
            raise
        raise Invalid((unreadable(stream, wanted.name, error),)) from error
    return {str(each[0]): each[1] for each in result.cursor.description} if result.cursor is not None else {}


def _has_gaps(connection: Connection, wanted: TableStream) -> bool:
    lacks = or_(*(named_column(name, connection.dialect).is_(None) for name in wanted.key))
    one: Select[*tuple[Any, ...]] = select(literal_column("1")).select_from(wanted.rows).where(lacks).limit(1)
    return connection.execute(one).first() is not None


def _missing_in(connection: Connection, stream: str, wanted: TableStream, found: Mapping[str, object]) -> list[Fault]:
    names = {stored_name(name, connection.dialect) for name in (*wanted.columns, *wanted.order)}
    return missing_of(stream, wanted.name, found, names)


def _paged(
    rows: tuple[RawRow, ...], stand: Cursor, wanted: TableStream, told: tuple[SetAside, ...] | None = None
) -> Page:
    """``told``: all that is to be said of the key, which no page says again by what it has alone."""
    return Page(rows, stand, alike_in(rows, wanted.key) if told is None else ())


def _raw(row: Mapping[str, Any], wanted: TableStream, zone: ZoneInfo) -> RawRow:
    body = {name: plain(value, zone) for name, value in row.items() if name not in wanted.hidden and name != EXACT}
    at = None if wanted.changed is None else changed_at(row.get(wanted.changed), zone)
    return RawRow(key_of(row, wanted.key, zone), body, at)
