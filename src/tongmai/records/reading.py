"""Reads of the gateway: one statement each, its answer made by PostgreSQL."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import asyncpg

from tongmai.access import AnyActor
from tongmai.kit import Invalid, Text
from tongmai.records.counting import COUNTED_EXACTLY, NOT_COUNTED, Count, Estimates
from tongmai.records.cursor import Cursor, read_cursor, write_cursor
from tongmai.records.gathering import Gathering, compile_gathering, read_urgency
from tongmai.records.getting import compile_get
from tongmai.records.listing import MOST_ROWS, ListShape, compile_estimate, compile_list, read_filter, require_readable
from tongmai.records.place import Place
from tongmai.records.refusals import not_found
from tongmai.records.runtime import Runtime
from tongmai.records.searching import is_searchable, search_values
from tongmai.records.selection import Selection, choose
from tongmai.records.sorting import Order, key_types, read_order
from tongmai.records.statement import Statement
from tongmai.store import Record, Workspace

# What a value of the actor's own can do wrong inside PostgreSQL: a number beyond numeric, a date beyond the calendar.
_OF_VALUES = (asyncpg.DataError,)


class _Form(NamedTuple):
    """What of a request decides on its statement's text, beside filter, order and fields."""

    limit: int
    search: bool
    as_of: bool
    deleted: bool
    blanks: tuple[bool, ...] | None


class _Ask(NamedTuple):
    """A list as it was asked for, by whom, and the values of its parameters."""

    place: Place
    object_key: str
    filter: str | None
    order: Order
    fields: tuple[str, ...] | None
    form: _Form
    given: Mapping[str, object]


class Reader:
    """List and get."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._estimates = Estimates()

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
            before: Cursor | None = None
            blanks = None
            order = self._order(place, object_key, sort)
            if cursor is not None:
                before, values = read_cursor(cursor, order.text, self._key_types(place, object_key, order))
                given |= {f"after.{n}": value for n, value in enumerate(values)}
                blanks = tuple(value is None for value in values)
            ask = _Ask(
                place,
                object_key,
                filter,
                order,
                fields,
                _Form(limit, bool(search), as_of is not None, deleted, blanks),
                given,
            )
            # Pages after the first take over the first one's count.
            known = Count(before.count, before.exact) if before is not None else None
            return await self._page(ask, count=count, known=known)

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
            selection = self._selection(place, object_key, fields, whole=True)
            statement = self._runtime.kept.get(
                ("get", place.key, object_key, selection.keys, as_of is not None),
                lambda: compile_get(place, object_key, selection, as_of=as_of is not None),
            )
            given = place.given(self._runtime.clock.now()) | {"id": record_id}
            if as_of is not None:
                given["as_of"] = as_of
            found: bytes | None = await self._value(statement, given)
            return found

        found = await self._runtime.with_present_catalogue(actor, workspace, work)
        if found is None:
            raise not_found(object_key)
        return found

    async def gather(self, actor: AnyActor, workspace: Workspace, asked: Gathering) -> bytes:
        """See ``Gateway.gather``."""

        async def work(place: Place) -> bytes:
            require_readable(place, asked.object)
            statement = self._runtime.kept.get(
                ("gather", place.key, asked),
                lambda: compile_gathering(
                    place,
                    asked,
                    read_urgency(place, asked),
                    read_filter(place, asked.object, asked.filter),
                    self._selection(place, asked.object, asked.fields, whole=False),
                ),
            )
            found: bytes = await self._value(statement, place.given(self._runtime.clock.now()))
            return found

        return await self._runtime.with_present_catalogue(actor, workspace, work)

    def _order(self, place: Place, object_key: str, sort: str | None) -> Order:
        return self._runtime.kept.get(
            ("order", place.key, object_key, sort), lambda: read_order(place, object_key, sort)
        )

    def _key_types(self, place: Place, object_key: str, order: Order) -> tuple[str, ...]:
        return self._runtime.kept.get(
            ("key types", place.key, object_key, order), lambda: key_types(place, object_key, order)
        )

    def _selection(self, place: Place, object_key: str, fields: tuple[str, ...] | None, *, whole: bool) -> Selection:
        return self._runtime.kept.get(
            ("selection", place.key, object_key, fields, whole),
            lambda: choose(place, object_key, fields, whole=whole),
        )

    async def _page(self, ask: _Ask, *, count: bool, known: Count | None) -> bytes:
        """The answer to a list. A long list's estimate is made beside it, and not again for some seconds."""
        if not count:
            known = NOT_COUNTED
        estimating, key = None, None
        if known is None and not ask.form.as_of:
            estimating = self._statement(ask, "estimate", count=False)
            key = (estimating.sql, _frozen(estimating.arguments(ask.given)))
            estimate = self._estimates.recall(key)
            known = None if estimate is None else Count(estimate, False)
        row = await self._row(self._statement(ask, "list", count=known is None), ask.given)
        n = row["counted"]
        if ask.form.blanks is None and count and row["rows"] <= ask.form.limit:
            known = Count(row["rows"], True)
        elif known is None and (estimating is None or n <= COUNTED_EXACTLY):
            known = Count(n, True)
        elif known is None:
            assert estimating is not None
            known = Count(await self._value(estimating, ask.given), False)
            self._estimates.keep(key, known.n or 0)
        following = b"null"
        if row["keys"] is not None:
            following = b'"%s"' % write_cursor(ask.order.text, row["keys"], known.n, known.exact)
        return b'{"items":%s,"next_cursor":%s,"count":%s,"count_is_exact":%s}' % (
            row["items"],
            following,
            b"null" if known.n is None else b"%d" % known.n,
            b"true" if known.exact else b"false",
        )

    def _statement(self, ask: _Ask, kind: Literal["list", "estimate"], *, count: bool) -> Statement:
        place, form = ask.place, ask.form

        def compile_() -> Statement:
            shape = ListShape(
                ask.object_key,
                read_filter(place, ask.object_key, ask.filter),
                ask.order,
                self._selection(place, ask.object_key, ask.fields, whole=form.deleted),
                form.limit,
                search=form.search,
                as_of=form.as_of,
                deleted=form.deleted,
                count=count,
                blanks=form.blanks,
            )
            return compile_list(place, shape) if kind == "list" else compile_estimate(place, shape)

        key = (kind, place.key, ask.object_key, ask.filter, ask.order.text, ask.fields, form, count)
        return self._runtime.kept.get(key, compile_)

    async def _row(self, statement: Statement, given: Mapping[str, object]) -> Record:
        try:
            async with self._runtime.database.read() as tx:
                found = await tx.fetch_row(statement.sql, *statement.arguments(given))
        except _OF_VALUES as error:
            raise value_out_of_range() from error
        assert found is not None
        return found

    async def _value(self, statement: Statement, given: Mapping[str, object]) -> Any:
        try:
            async with self._runtime.database.read() as tx:
                return await tx.fetch_value(statement.sql, *statement.arguments(given))
        except _OF_VALUES as error:
            raise value_out_of_range() from error


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


def _frozen(values: Sequence[object]) -> Hashable:
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)
