"""A page of records in one statement: policy, filter, search, order, count and the JSON of the answer."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tongmai.access import refusal
from tongmai.formula import BOOLEAN, TRUE, Tree, parse
from tongmai.kit import Invalid, Text
from tongmai.records.counting import capped_sql, estimate_sql
from tongmai.records.frame import Frame
from tongmai.records.past import Past
from tongmai.records.place import Place
from tongmai.records.searching import search_condition
from tongmai.records.seen_scope import SeenScope
from tongmai.records.selection import Selection
from tongmai.records.sorting import KeyColumn, Order, after, key_columns, never_blank, order_by
from tongmai.records.statement import Parameters, Statement
from tongmai.store import quote_ident

MOST_ROWS = 500
_LONGEST_FILTER = 10_000


@dataclass(frozen=True)
class ListShape:
    """What of a request decides on the statement's text. ``blanks`` tells which of the cursor's keys are blank."""

    object: str
    filter: Tree
    order: Order
    selection: Selection
    limit: int = 50
    search: bool = False
    as_of: bool = False
    deleted: bool = False
    count: bool = True
    blanks: tuple[bool, ...] | None = None


def read_filter(place: Place, object_key: str, text: str | None) -> Tree:
    """The condition of a filter, TRUE without one. Raises ``Invalid`` with what is wrong and where."""
    if text is None or not text.strip():
        return TRUE
    if len(text) > _LONGEST_FILTER:
        raise Invalid.of(
            "filter.too_long",
            f"筛选条件最长 {_LONGEST_FILTER} 个字符",
            f"A filter has at most {_LONGEST_FILTER} characters",
            field="filter",
            way_out=Text("请缩短，或把条件存成公式字段", "Shorten it, or keep part of it as a formula field"),
        )
    try:
        return parse(text, SeenScope(place, object_key), expect=BOOLEAN).tree
    except Invalid as refused:
        raise Invalid(tuple(fault.at_field("filter") for fault in refused.faults), refused.extra) from refused


def require_readable(place: Place, object_key: str) -> None:
    """Raises ``NotFound`` for an unknown object and ``Denied`` where the actor can never see a record of it."""
    place.structure.definition(object_key)
    if not place.policy(object_key).may("read"):
        raise refusal(place.actor, place.structure.catalogue, object_key, "read")


def row_conditions(frame: Frame, condition: Tree, *, deleted: bool = False, search: bool = False) -> list[str]:
    """What a record must fulfil to be in the actor's answer: policy first, then what was asked for."""
    found = [f'"{frame.alias}"."deleted_at" IS {"NOT " if deleted else ""}NULL']
    rule = frame.place.policy(frame.object_key).rows["read"]
    if rule != TRUE:
        found.append(f"({frame.raw_sql(rule)})")
    if search:
        found.append(f"({search_condition(frame)})")
    if condition != TRUE:
        found.append(f"({frame.seen_sql(condition)})")
    return found


def compile_list(place: Place, shape: ListShape) -> Statement:
    """Parameters: those of policies and formulas, ``after.N``, ``as_of``, ``search.*``.

    Answers one row: ``items`` (JSON in bytes), ``rows`` (how many were found, one beyond the limit if there are more),
    ``keys`` (those of the page's last record, JSON in bytes) and ``counted``: where the count was asked for and the
    page does not tell it, the number of records, of which more than a thousand are not counted (of the past all are).
    """
    return _Compiler(place, shape).compile()


def compile_estimate(place: Place, shape: ListShape) -> Statement:
    """About how many records the list has, for lists longer than what is counted; of the present only."""
    return _Compiler(place, shape).compile_estimate()


class _Compiler:
    def __init__(self, place: Place, shape: ListShape) -> None:
        self._place = place
        self._shape = shape
        self._parameters = Parameters()
        self._past = Past(self._parameters.named("as_of", "timestamptz")) if shape.as_of else None

    def compile(self) -> Statement:
        # The limit stands in the text: a plan for any limit would be made for a tenth of the table.
        limit = self._shape.limit
        frame = Frame(self._place, self._shape.object, "p", self._parameters, past=self._past)
        columns = ", ".join(self._shape.selection.columns(frame, self._past))
        page, keys = self._page(frame.own_columns)
        shown = (
            f"SELECT json_agg(shown.*) AS items FROM (SELECT {columns} FROM page AS p {frame.joins}"
            f' WHERE p."_n" <= {limit} ORDER BY p."_n") AS shown'
        )
        values = ", ".join(f'p."_k{n}"' for n in range(len(keys)))
        sql = (
            f"WITH page AS MATERIALIZED ({page})"
            f" SELECT convert_to(coalesce(shown.items::text, '[]'), 'UTF8') AS items, found.n AS rows,"
            f" (SELECT convert_to(json_build_array({values})::text, 'UTF8') FROM page AS p"
            f' WHERE p."_n" = {limit} AND found.n > {limit}) AS keys, {self._counting()} AS counted'
            f" FROM ({shown}) AS shown, (SELECT count(*) AS n FROM page) AS found"
        )
        return self._parameters.statement(sql)

    def compile_estimate(self) -> Statement:
        frame = self._frame()
        where = " AND ".join(self._conditions(frame))
        return self._parameters.statement(estimate_sql(self._rows(), frame.joins, where))

    def _page(self, columns: Sequence[str]) -> tuple[str, list[KeyColumn]]:
        """One row more than asked for tells whether there is a next page."""
        frame = self._frame()
        keys = key_columns(frame, self._shape.order)
        wanted = [f"t.{quote_ident(each)}" for each in columns]
        wanted += [f'{key.sql} AS "_k{n}"' for n, key in enumerate(keys)]
        branches = [self._branch(frame, keys, which, ", ".join(wanted)) for which in self._branches(keys)]
        rows = branches[0] if len(branches) == 1 else " UNION ALL ".join(f"({each})" for each in branches)
        return f'SELECT u.*, row_number() OVER () AS "_n" FROM ({rows}) AS u LIMIT {self._shape.limit + 1}', keys

    def _branches(self, keys: Sequence[KeyColumn]) -> list[str]:
        if not keys[0].nullable:
            return ["all"]
        if never_blank(self._shape.filter, self._shape.order.keys[0].path):
            return ["valued"]
        begun = self._shape.blanks is not None and self._shape.blanks[0]
        return ["blank"] if begun else ["valued", "blank"]

    def _branch(self, frame: Frame, keys: Sequence[KeyColumn], which: str, wanted: str) -> str:
        conditions = self._conditions(frame)
        blanks = self._shape.blanks
        if which != "all":
            conditions.append(f"{keys[0].sql} IS {'NOT ' if which == 'valued' else ''}NULL")
        if blanks is not None and (which != "blank" or blanks[0]):
            values = [
                ("NULL" if blank else self._parameters.named(f"after.{n}", key.type), blank)
                for n, (key, blank) in enumerate(zip(keys, blanks, strict=True))
            ]
            conditions.append(after(keys, values))
        order = order_by(keys, first_is_blank=which == "blank")
        return (
            f"SELECT {wanted} FROM {self._rows()} AS t {frame.joins}"
            f" WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT {self._shape.limit + 1}"
        )

    def _counting(self) -> str:
        """A page that holds all there is tells the count itself."""
        if not self._shape.count:
            return "NULL::bigint"
        frame = self._frame()
        where = " AND ".join(self._conditions(frame))
        source = f"FROM {self._rows()} AS t {frame.joins} WHERE {where}"
        counted = capped_sql(source) if self._past is None else f"SELECT count(*) {source}"
        return f"CASE WHEN found.n > {self._shape.limit} THEN ({counted}) END"

    def _conditions(self, frame: Frame) -> list[str]:
        shape = self._shape
        return row_conditions(frame, shape.filter, deleted=shape.deleted, search=shape.search)

    def _frame(self) -> Frame:
        return Frame(self._place, self._shape.object, "t", self._parameters, past=self._past)

    def _rows(self) -> str:
        if self._past is not None:
            return self._past.rows(self._place, self._shape.object)
        return self._place.table(self._shape.object)
