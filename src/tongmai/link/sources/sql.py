"""Any SQL database as a source: each stream is a table, or a query of the administrator's own that is read as one."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy import text

from tongmai.kit import Invalid, Text
from tongmai.link.source import (
    SourceContext,
    SourceKind,
    SourceOptions,
    Stream,
)
from tongmai.link.sources.sql_address import read_url
from tongmai.link.sources.sql_form import SQL
from tongmai.link.sources.sql_names import named_table
from tongmai.link.sources.sql_paging import TableStream
from tongmai.link.sources.sql_reading import SqlSource

PASSWORD = "password"  # noqa: S105 - the name of a secret, not one


class QueryStream(SourceOptions):
    """A stream. ``table`` (``schema.table``) or ``query`` gives the rows; ``key`` are the columns that tell one from
    all others; ``changed`` is a column that rises with each change (a time-stamp, a rowversion): without it every pull
    reads everything. ``overlap_s``: so many seconds before the last time-stamp are read again until it is as old as
    that, because slower transactions and slower clocks may have come in behind it. Rows without a time-stamp are read
    each time. ``writes`` are the columns of a table that a person's changes here may go back to, where a mapping says
    so."""

    key: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)]
    label: Annotated[str, Field(max_length=100)] | None = None
    table: Annotated[str, Field(max_length=200)] | None = None
    query: Annotated[str, Field(max_length=20_000)] | None = None
    columns: Annotated[tuple[str, ...], Field(max_length=500)] = ()
    changed: Annotated[str, Field(max_length=100)] | None = None
    overlap_s: Annotated[int, Field(ge=0, le=86_400)] = 300
    writes: Annotated[tuple[str, ...], Field(max_length=100)] = ()


class SqlOptions(SourceOptions):
    """``url`` is SQLAlchemy's without the password (``mssql+pymssql://reader@host:1433/UFDATA_001_2026``), or
    ``sqlite:///`` and a file in a folder that sources may read. Every ``deleted_every_h`` hours the keys are compared,
    so that rows that are gone are told; 0 never does."""

    url: Annotated[str, Field(min_length=3, max_length=500)]
    streams: Annotated[dict[str, QueryStream], Field(min_length=1, max_length=100)]
    page: Annotated[int, Field(ge=1, le=20_000)] = 5_000
    deleted_every_h: Annotated[int, Field(ge=0, le=720)] = 24


def stream_of(given: QueryStream, backend: str) -> TableStream:
    """Raises ``ValueError`` where neither or both of table and query are given, or a query is to be written to."""
    if (given.table is None) == (given.query is None) or (given.query is not None and given.writes):
        raise ValueError("table or query")
    wanted = given.columns
    named = tuple(dict.fromkeys((*wanted, *given.key, *((given.changed,) if given.changed else ())))) if wanted else ()
    overlap = timedelta(seconds=given.overlap_s)
    if given.table is not None:
        writes = frozenset(given.writes)
        return TableStream(named_table(given.table, backend), given.key, named, given.changed, overlap, writes=writes)
    assert given.query is not None
    # A colon is the query's own, and what it ends with may be a comment.
    query = given.query.rstrip().rstrip(";").replace(":", "\\:") + "\n"
    rows = text(query).columns().subquery("q")
    return TableStream(rows, given.key, named, given.changed, overlap)


def _streams(options: SourceOptions) -> tuple[Stream, ...]:
    assert isinstance(options, SqlOptions)
    return tuple(
        Stream(key, Text.same(each.label or key), dict.fromkeys(each.columns, "text"))
        for key, each in options.streams.items()
    )


def _open(context: SourceContext) -> SqlSource:
    options = SqlOptions.model_validate(context.definition.options)
    url = read_url(options.url, context.secrets.get(PASSWORD), context.folders, context.closed)
    try:
        streams = {key: stream_of(each, url.get_backend_name()) for key, each in options.streams.items()}
    except ValueError:
        raise Invalid.of(
            "source.table_or_query",
            "每个数据流要么写 table，要么写 query；可写列只能用于 table",
            "Each stream has either a table or a query; writable columns are of a table only",
            field="options.streams",
        ) from None
    every = timedelta(hours=options.deleted_every_h)
    return SqlSource(url, streams, options.page, context.zone, context.clock, every)


KIND = SourceKind(
    key="sql",
    label=Text("SQL 数据库", "SQL database"),
    options=SqlOptions,
    secrets={},
    optional_secrets={PASSWORD: Text("密码", "the password")},
    streams=_streams,
    open=_open,
    form=SQL,
    pushes=True,
)
