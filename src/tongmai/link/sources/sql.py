"""Any SQL database through SQLAlchemy, read only: each stream is a query, incremental by time-stamp and key.

A stream's statement is ``SELECT columns FROM table [WHERE …]``, made here from names that are quoted by the dialect, or
a query of the administrator's own that is read as a table. The key set ``(changed, key)`` pages through it: rows that
share a time-stamp are never skipped, whatever the page's size. The session is read only where the database knows such a
thing, and every transaction is rolled back.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field, JsonValue
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
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
from sqlalchemy.engine import URL, make_url

from tongmai.kit import Fault, Invalid, Text
from tongmai.link.faults import away
from tongmai.link.source import (
    Cursor,
    Health,
    Page,
    RawRow,
    SourceContext,
    SourceKind,
    SourceOptions,
    Stream,
)

PASSWORD = "password"  # noqa: S105 - the name of a secret, not one
_CONNECT_S = 10


class QueryStream(SourceOptions):
    """A stream. ``table`` (``schema.table``) or ``query`` gives the rows; ``key`` are the columns that tell one from
    all others; ``changed`` is a column that rises with each change (a time-stamp, a rowversion): without it every pull
    reads everything. ``overlap_s``: so many seconds before the last time-stamp are read again, because slower
    transactions may have come in behind it."""

    key: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)]
    label: Annotated[str, Field(max_length=100)] | None = None
    table: Annotated[str, Field(max_length=200)] | None = None
    query: Annotated[str, Field(max_length=20_000)] | None = None
    columns: Annotated[tuple[str, ...], Field(max_length=500)] = ()
    changed: Annotated[str, Field(max_length=100)] | None = None
    overlap_s: Annotated[int, Field(ge=0, le=86_400)] = 0


class SqlOptions(SourceOptions):
    """``url`` is SQLAlchemy's without the password (``mssql+pymssql://reader@host:1433/UFDATA_001_2026``)."""

    url: Annotated[str, Field(min_length=3, max_length=500)]
    streams: Annotated[dict[str, QueryStream], Field(min_length=1, max_length=100)]
    page: Annotated[int, Field(ge=1, le=20_000)] = 5_000


@dataclass(frozen=True)
class TableStream:
    """A stream ready to be read: ``columns`` empty means all."""

    rows: FromClause
    key: tuple[str, ...]
    columns: tuple[str, ...]
    changed: str | None
    overlap: timedelta = timedelta(0)
    # What else must hold, in the database's own words: a constant of ours, never a person's text.
    where: str | None = None
    # Columns that are read to go on by, and are no part of what the source says.
    hidden: frozenset[str] = frozenset()


class SqlSource:
    """Implements ``Source`` and ``Pulls``. The driver works in a thread; one connection is open while a pull runs."""

    def __init__(self, url: URL, streams: Mapping[str, TableStream], page: int, zone: str) -> None:
        self._streams = streams
        self._page = page
        self._zone = ZoneInfo(zone)
        self._engine: Engine = create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True, **_options(url))

    async def test(self) -> Health:
        """Connects, and looks for every table and column that the streams name."""
        try:
            faults = await asyncio.to_thread(self._missing)
        except sql_exc.SQLAlchemyError as error:
            return Health(False, Text("连接失败", "The connection failed"), (_told(error),))
        if faults:
            return Health(False, Text("缺少表或列", "Tables or columns are missing"), tuple(faults))
        return Health(True, Text("连接正常", "The connection works"), detail={"dialect": self._engine.dialect.name})

    async def close(self) -> None:
        await asyncio.to_thread(self._engine.dispose)

    async def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Pages behind the cursor ``{"after": [changed, key, …]}``. A whole read begins anew when it has ended."""
        wanted = self._streams[stream]
        # Asked before, because some databases read a name they do not know as a text.
        missing = await self._missing_now(stream)
        if missing:
            raise Invalid(tuple(missing))
        after = None if cursor is None else cursor.get("after")
        position = list(after) if isinstance(after, list) else None
        if position and wanted.changed is not None and wanted.overlap:
            position = [_stepped_back(position[0], wanted.overlap)]
        while True:
            found = await self._fetch(stream, wanted, position)
            if not found:
                if wanted.changed is None:
                    yield Page((), {})
                return
            rows = tuple(_raw(each, wanted, self._zone) for each in found)
            position = [_json(found[-1].get(name), self._zone) for name in _order(wanted)]
            is_whole = wanted.changed is None and len(found) < self._page
            yield Page(rows, {} if is_whole else {"after": position})
            if len(found) < self._page:
                return

    async def _fetch(self, stream: str, wanted: TableStream, position: list[JsonValue] | None) -> list[dict[str, Any]]:
        try:
            return await asyncio.to_thread(self._read, wanted, position)
        except sql_exc.DBAPIError as error:
            if error.connection_invalidated or isinstance(error, sql_exc.OperationalError):
                missing = await self._missing_now(stream)
                if missing:
                    raise Invalid(tuple(missing)) from error
                raise away("数据库没有应答", f"The database does not answer: {_short(error)}") from error
            missing = await self._missing_now(stream)
            raise Invalid(tuple(missing) or (_told(error),)) from error
        except sql_exc.SQLAlchemyError as error:
            raise Invalid((_told(error),)) from error

    async def _missing_now(self, stream: str) -> list[Fault]:
        try:
            return await asyncio.to_thread(self._missing, stream)
        except sql_exc.SQLAlchemyError:
            return []

    def _read(self, wanted: TableStream, position: list[JsonValue] | None) -> list[dict[str, Any]]:
        names = wanted.columns or None
        rows = wanted.rows
        listed: list[Any] = [column(quoted_name(name, True)) for name in names] if names else [text("*")]
        order: list[ColumnElement[Any]] = [column(quoted_name(name, True)) for name in _order(wanted)]
        statement = select(*listed).select_from(rows).order_by(*(asc(each) for each in order)).limit(self._page)
        if wanted.where is not None:
            statement = statement.where(text(wanted.where))
        if position:
            statement = statement.where(_behind(order, position))
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
                faults += _missing_of(connection, key, wanted)
            connection.rollback()
        return faults


def stream_of(given: QueryStream) -> TableStream:
    """Raises ``ValueError`` where neither or both of table and query are given."""
    if (given.table is None) == (given.query is None):
        raise ValueError("table or query")
    wanted = given.columns
    named = tuple(dict.fromkeys((*wanted, *given.key, *((given.changed,) if given.changed else ())))) if wanted else ()
    overlap = timedelta(seconds=given.overlap_s)
    if given.table is not None:
        return TableStream(named_table(given.table), given.key, named, given.changed, overlap)
    assert given.query is not None
    rows = text(given.query.rstrip().rstrip(";")).columns().subquery("q")
    return TableStream(rows, given.key, named, given.changed, overlap)


def named_table(name: str) -> FromClause:
    """``schema.table`` as quoted names."""
    schema, _, bare = name.rpartition(".")
    return table(quoted_name(bare, True), schema=quoted_name(schema, True) if schema else None)


def _order(wanted: TableStream) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*((wanted.changed,) if wanted.changed else ()), *wanted.key)))


def _behind(order: Sequence[ColumnElement[Any]], position: Sequence[JsonValue]) -> ColumnElement[bool]:
    """(a, b, c) > (x, y, z), written out: not every database compares rows."""
    alternatives = []
    for index in range(min(len(order), len(position))):
        equal = [order[i] == _bound(position[i]) for i in range(index)]
        alternatives.append(and_(*equal, order[index] > _bound(position[index])))
    return or_(*alternatives)


def _bound(value: JsonValue) -> Any:
    """A cursor's value as the driver wants it: moments and byte strings were kept as marked texts."""
    if isinstance(value, str) and value.startswith("moment:"):
        return datetime.fromisoformat(value.removeprefix("moment:"))
    if isinstance(value, str) and value.startswith("bytes:"):
        return base64.b64decode(value.removeprefix("bytes:"))
    if isinstance(value, str) and value.startswith("number:"):
        return Decimal(value.removeprefix("number:"))
    return value


def _stepped_back(value: JsonValue, overlap: timedelta) -> JsonValue:
    bound = _bound(value)
    return f"moment:{(bound - overlap).isoformat()}" if isinstance(bound, datetime) else value


def _json(value: Any, zone: ZoneInfo) -> JsonValue:
    """A key's or time-stamp's value as it stands in a cursor: exactly as the database has it."""
    if isinstance(value, datetime):
        return f"moment:{value.isoformat()}"
    if isinstance(value, bytes):
        return f"bytes:{base64.b64encode(value).decode()}"
    if isinstance(value, Decimal):
        return f"number:{value}"
    return plain(value, zone)


def _raw(row: Mapping[str, Any], wanted: TableStream, zone: ZoneInfo) -> RawRow:
    body = {name: plain(value, zone) for name, value in row.items() if name not in wanted.hidden}
    key = "|".join(str(plain(row.get(name), zone)).strip() for name in wanted.key)
    changed = row.get(wanted.changed) if wanted.changed else None
    at = changed if isinstance(changed, datetime) else None
    return RawRow(key, body, at.replace(tzinfo=zone) if at is not None and at.tzinfo is None else at)


def plain(value: Any, zone: ZoneInfo) -> JsonValue:
    """A driver's value as JSON: decimals as text, moments as ISO 8601 in the workspace's zone, bytes as base64."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(each, zone) for each in value]
    if isinstance(value, dict):
        return {str(name): plain(each, zone) for name, each in value.items()}
    return str(value)


def _missing_of(connection: Connection, stream: str, wanted: TableStream) -> list[Fault]:
    """Asked with a SELECT of no rows: every database and every account that may read can answer that."""
    name = getattr(wanted.rows, "name", "")
    try:
        there = set(connection.execute(select(text("*")).select_from(wanted.rows).limit(0)).keys())
    except sql_exc.DBAPIError as error:
        if not isinstance(error, sql_exc.ProgrammingError) and connection.engine.dialect.name != "sqlite":
            raise
        said = _short(error)
        zh, en = f"不能读取“{name}”：{said}", f"“{name}” cannot be read: {said}"
        return [Fault("source.table_missing", Text(zh, en), field=stream)]
    return [
        Fault(
            "source.column_missing",
            Text(f"“{name}”没有列“{each}”", f"“{name}” has no column “{each}”"),
            Text("请修改数据流的列，或在来源中补上", "Change the stream's columns, or add it at the source"),
            field=stream,
        )
        for each in sorted((set(wanted.columns) | set(_order(wanted))) - there)
    ]


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


def read_url(given: str, password: str | None) -> URL:
    """The address with its password. Raises ``Invalid`` for one that cannot be or needs a driver that is not here."""
    try:
        url = make_url(given)
        url.get_dialect()
    except (sql_exc.ArgumentError, sql_exc.NoSuchModuleError, ValueError, ImportError):
        raise Invalid.of(
            "source.bad_url",
            "数据库地址不可用",
            "The database's address cannot be used",
            way_out=Text(
                "例如 mssql+pymssql://reader@erp:1433/UFDATA_001_2026",
                "Like mssql+pymssql://reader@erp:1433/UFDATA_001_2026",
            ),
            field="options.url",
        ) from None
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        # SQLite would make the file.
        raise Invalid.of("source.no_file", "没有这个数据库文件", "There is no such database file", field="options.url")
    return url.set(password=password) if password else url


def _told(error: Exception) -> Fault:
    return Fault("source.sql", Text(f"数据库的答复：{_short(error)}", f"The database says: {_short(error)}"))


def _short(error: Exception) -> str:
    """What the driver said, without the statement and its parameters."""
    orig = getattr(error, "orig", None) or error
    args = orig.args[0] if len(orig.args) == 1 and isinstance(orig.args[0], tuple) else orig.args
    parts = [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in args]
    return " ".join(" ".join(parts or [str(orig)]).partition("DB-Lib")[0].split())[:300]


def _streams(options: SourceOptions) -> tuple[Stream, ...]:
    assert isinstance(options, SqlOptions)
    return tuple(
        Stream(key, Text.same(each.label or key), dict.fromkeys(each.columns, "text"))
        for key, each in options.streams.items()
    )


def _open(context: SourceContext) -> SqlSource:
    options = SqlOptions.model_validate(context.definition.options)
    url = read_url(options.url, context.secrets.get(PASSWORD))
    try:
        streams = {key: stream_of(each) for key, each in options.streams.items()}
    except ValueError:
        raise Invalid.of(
            "source.table_or_query",
            "每个数据流要么写 table，要么写 query",
            "Each stream has either a table or a query",
            field="options.streams",
        ) from None
    return SqlSource(url, streams, options.page, context.zone)


KIND = SourceKind(
    key="sql",
    label=Text("SQL 数据库", "SQL database"),
    options=SqlOptions,
    secrets={},
    optional_secrets={PASSWORD: Text("密码", "the password")},
    streams=_streams,
    open=_open,
)
