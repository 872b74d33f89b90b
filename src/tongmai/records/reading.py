"""Reads of the gateway: one statement each, its answer made by PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

from tongmai.access import AnyActor
from tongmai.kit import Invalid, Text
from tongmai.records.cursor import read_cursor
from tongmai.records.getting import compile_get
from tongmai.records.listing import MOST_ROWS, ListShape, compile_list, read_filter, require_readable
from tongmai.records.place import Place
from tongmai.records.refusals import not_found
from tongmai.records.runtime import Runtime
from tongmai.records.searching import is_searchable, search_values
from tongmai.records.selection import Selection, choose
from tongmai.records.sorting import Order, key_types, read_order
from tongmai.records.statement import Statement
from tongmai.store import Workspace

# What a value of the actor's own can do wrong inside PostgreSQL: a number beyond numeric, a date beyond the calendar.
_OF_VALUES = (asyncpg.DataError,)


class Reader:
    """List and get."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def list(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        *,
        filter: str | None = None,
        sort: str | None = None,
        fields: tuple[str, ...] | None = None,
        limit: int = 50,
        cursor: str | None = None,
        as_of: datetime | None = None,
        search: str | None = None,
        count: bool = True,
        deleted: bool = False,
    ) -> bytes:
        """See ``Gateway.list``."""
        if not 1 <= limit <= MOST_ROWS:
            raise Invalid.of(
                "limit", f"limit 须在 1 到 {MOST_ROWS} 之间", f"limit must be from 1 to {MOST_ROWS}", field="limit"
            )

        async def work(place: Place) -> bytes:
            require_readable(place, object_key)
            given = place.given(self._runtime.clock.now())
            if search:
                _require_searchable(place, object_key, as_of)
                given |= search_values(search)
            if as_of is not None:
                given["as_of"] = as_of
            blanks = None
            order = self._order(place, object_key, sort)
            if cursor is not None:
                types = self._key_types(place, object_key, order)
                page, values = read_cursor(cursor, order.text, types)
                given |= {f"after.{n}": value for n, value in enumerate(values)}
                given |= {"count": page.count, "count_is_exact": page.exact}
                blanks = tuple(value is None for value in values)
            statement = self._list_statement(
                place,
                object_key,
                filter,
                sort,
                order,
                fields,
                (limit, bool(search), as_of is not None, deleted, count, blanks),
            )
            return await self._value(statement, given)

        return await self._runtime.with_present_catalogue(actor, workspace, work)

    async def get(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        *,
        as_of: datetime | None = None,
        fields: tuple[str, ...] | None = None,
    ) -> bytes:
        """See ``Gateway.get``."""

        async def work(place: Place) -> bytes | None:
            require_readable(place, object_key)
            selection = self._selection(place, object_key, fields)
            statement = self._runtime.kept.get(
                ("get", place.key, object_key, selection.keys, as_of is not None),
                lambda: compile_get(place, object_key, selection, as_of=as_of is not None),
            )
            given = place.given(self._runtime.clock.now()) | {"id": record_id}
            if as_of is not None:
                given["as_of"] = as_of
            return await self._value(statement, given)

        found = await self._runtime.with_present_catalogue(actor, workspace, work)
        if found is None:
            raise not_found(object_key)
        return found

    def _order(self, place: Place, object_key: str, sort: str | None) -> Order:
        return self._runtime.kept.get(
            ("order", place.key, object_key, sort), lambda: read_order(place, object_key, sort)
        )

    def _key_types(self, place: Place, object_key: str, order: Order) -> tuple[str, ...]:
        return self._runtime.kept.get(
            ("key types", place.key, object_key, order), lambda: key_types(place, object_key, order)
        )

    def _selection(self, place: Place, object_key: str, fields: tuple[str, ...] | None) -> Selection:
        return self._runtime.kept.get(
            ("selection", place.key, object_key, fields), lambda: choose(place, object_key, fields)
        )

    def _list_statement(
        self,
        place: Place,
        object_key: str,
        filter_text: str | None,
        sort: str | None,
        order: Order,
        fields: tuple[str, ...] | None,
        shape: tuple[int, bool, bool, bool, bool, tuple[bool, ...] | None],
    ) -> Statement:
        def compile_() -> Statement:
            limit, search, as_of, deleted, count, blanks = shape
            return compile_list(
                place,
                ListShape(
                    object_key,
                    read_filter(place, object_key, filter_text),
                    order,
                    self._selection(place, object_key, fields),
                    limit,
                    search=search,
                    as_of=as_of,
                    deleted=deleted,
                    count=count,
                    blanks=blanks,
                ),
            )

        return self._runtime.kept.get(("list", place.key, object_key, filter_text, sort, fields, shape), compile_)

    async def _value(self, statement: Statement, given: Mapping[str, object]) -> bytes:
        try:
            async with self._runtime.database.read() as tx:
                found: bytes = await tx.fetch_value(statement.sql, *statement.arguments(given))
        except _OF_VALUES as error:
            raise value_out_of_range() from error
        return found


def value_out_of_range() -> Invalid:
    error = Invalid.of(
        "value.out_of_range",
        "条件中的某个值超出范围",
        "A value in the condition is out of range",
        way_out=Text("请改用较小的数值或日期", "Use a smaller number or date"),
        field="filter",
    )
    assert isinstance(error, Invalid)
    return error


def _require_searchable(place: Place, object_key: str, as_of: datetime | None) -> None:
    if as_of is not None:
        raise Invalid.of(
            "search.as_of",
            "搜索只能用于当前数据，不能与 as_of 同时使用",
            "A search looks at the present and cannot be joined with as_of",
            way_out=Text("改用 filter 中的 包含(…)", "Use CONTAINS(…) in filter"),
            field="search",
        )
    if not is_searchable(place, object_key):
        raise Invalid.of(
            "search.no_field",
            "该对象没有可搜索的字段",
            "The object has no searchable field",
            way_out=Text("在字段设置中勾选“可搜索”", "Make a field searchable"),
            field="search",
        )
