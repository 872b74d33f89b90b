"""The query of an export: a list's records without its page, under the policy, the masks and the right to export."""

# ruff: noqa: S608 - names come from quote_ident, values are bound

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from tongmai.formula import TRUE, Kind
from tongmai.kit import Language
from tongmai.records.frame import Frame
from tongmai.records.listing import read_filter, require_readable, row_conditions
from tongmai.records.place import Place
from tongmai.records.searching import search_values
from tongmai.records.selection import Selection, choose
from tongmai.records.sorting import key_columns, read_order
from tongmai.records.statement import Parameters
from tongmai.records.transfer.denials import denied
from tongmai.records.transfer.export_cells import Cells
from tongmai.records.transfer.export_request import ExportRequest
from tongmai.store import quote_ident

# Shown only if asked for: nobody wants to read them in a spreadsheet.
_UNASKED = frozenset({"version", "created_by", "changed_by", "deleted_at", "changed_at", "created_at"})

_RECKONED = frozenset({Kind.NUMBER, Kind.DATE, Kind.DATETIME})
Select: TypeAlias = Callable[[Frame], str]


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of the file; ``kind`` is what a formula takes it for."""

    key: str
    heading: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class ExportQuery:
    """Statements over the same records: their number, and their cells as texts, values or JSON."""

    place: Place
    request: ExportRequest
    columns: tuple[ExportColumn, ...]
    now: datetime

    def count(self) -> tuple[str, list[object]]:
        return self._run(lambda frame: "count(*)", ordered=False)

    def texts(self, *, guarded: bool) -> tuple[str, list[object]]:
        """Every cell as a person reads it."""

        def select(frame: Frame) -> str:
            cells = Cells(frame, self._language, guarded)
            return ", ".join(f"{cells.text(column.key)} AS {_name(n)}" for n, column in enumerate(self.columns))

        return self._run(select)

    def spreadsheet(self) -> tuple[str, list[object]]:
        """Numbers, dates and instants as values, so that a spreadsheet can reckon with them; the rest as texts."""

        def select(frame: Frame) -> str:
            cells = Cells(frame, self._language, guarded=False)
            parts = []
            for number, column in enumerate(self.columns):
                plain = column.kind in _RECKONED and column.key != "id"
                sql = frame.seen_column_sql((column.key,)) if plain else cells.text(column.key)
                parts.append(f"{sql} AS {_name(number)}")
            return ", ".join(parts)

        return self._run(select)

    def values(self) -> tuple[str, list[object]]:
        """Every cell as it is stored (and seen); lists and documents as JSON text."""

        def select(frame: Frame) -> str:
            parts = []
            for number, column in enumerate(self.columns):
                seen = frame.seen_column_sql((column.key,))
                if column.kind in {Kind.LIST, Kind.JSON, Kind.POINT}:
                    seen = f"to_jsonb({seen})::text"
                parts.append(f"{seen} AS {_name(number)}")
            return ", ".join(parts)

        return self._run(select)

    def documents(self) -> tuple[str, list[object]]:
        """A JSON object a record, as a list answers it."""
        selection = Selection(tuple(column.key for column in self.columns))

        def select(frame: Frame) -> str:
            return f"(SELECT row_to_json(shown.*) FROM (SELECT {', '.join(selection.columns(frame))}) AS shown)::text"

        return self._run(select)

    @property
    def _language(self) -> Language:
        return self.place.actor.language

    def _run(self, select: Select, *, ordered: bool = True) -> tuple[str, list[object]]:
        place, request = self.place, self.request
        parameters = Parameters()
        frame = Frame(place, request.object, "t", parameters)
        condition = read_filter(place, request.object, request.filter)
        where = row_conditions(frame, condition, search=request.search is not None)
        may = place.policy(request.object).rows["export"]
        if may != TRUE:
            where.append(f"({frame.raw_sql(may)})")
        columns = select(frame)
        order = f"ORDER BY {_order(frame, request)}" if ordered else ""
        sql = (
            f"SELECT {columns} FROM {place.table(request.object)} AS t {frame.joins}"
            f" WHERE {' AND '.join(where)} {order}"
        )
        given = place.given(self.now)
        if request.search is not None:
            given |= search_values(request.search)
        return sql, parameters.statement(sql).arguments(given)


def plan_export(place: Place, request: ExportRequest, now: datetime) -> ExportQuery:
    """Checks an export. Raises ``NotFound``, ``Denied`` (no right to export, hidden fields) or ``Invalid``."""
    require_readable(place, request.object)
    if not place.policy(request.object).may("export"):
        raise denied(place, request.object, "export")
    read_filter(place, request.object, request.filter)
    if request.sort:
        read_order(place, request.object, request.sort)
    chosen = choose(place, request.object, request.fields)
    keys = request.fields or tuple(key for key in chosen.keys if key not in _UNASKED)
    fields = place.structure.fields(request.object)
    language: Language = place.actor.language
    columns = tuple(
        ExportColumn(
            key,
            key if request.headings == "keys" else fields[key].label.say(language),
            place.structure.type_of(request.object, key).kind,
        )
        for key in dict.fromkeys(keys)
    )
    return ExportQuery(place, request, columns, now)


def _order(frame: Frame, request: ExportRequest) -> str:
    """As asked for, blanks last; else by id, in which rows lie on disk."""
    if not request.sort:
        return "t.id"
    keys = key_columns(frame, read_order(frame.place, request.object, request.sort))
    return ", ".join(f"{each.sql} {'DESC' if each.descending else 'ASC'} NULLS LAST" for each in keys)


def _name(number: int) -> str:
    return quote_ident(f"c{number}")
