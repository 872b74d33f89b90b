"""What formulas are written over when they become SQL in a statement: columns, parameters, literals, working days."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Protocol, TypeAlias
from uuid import UUID

from sqlglot import exp

from tongmai.formula import InlineLiterals, Kind, Path, Type
from tongmai.kit import WorkingCalendar
from tongmai.records.place import Place
from tongmai.records.statement import Parameters

# What a formula's constant can be.
Scalar: TypeAlias = Decimal | str | bool | date | datetime | UUID | None
_SQL_TYPES: dict[Kind, str] = {
    Kind.NUMBER: "numeric",
    Kind.TEXT: "text",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "timestamptz",
    Kind.DURATION: "numeric",
    Kind.CHOICE: "text",
    Kind.REFERENCE: "uuid",
    Kind.JSON: "jsonb",
    Kind.POINT: "jsonb",
    Kind.NULL: "text",
}
_INLINE = frozenset({Kind.NUMBER, Kind.DURATION, Kind.DATE, Kind.DATETIME})
_OPTION = re.compile(r"[a-z][a-z0-9_]{0,63}")
# Days outside these years count as plain weeks nowhere: dates of business lie within them.
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2050, 12, 31)
# A company's calendar each; most have no days of their own and share one.
_CALENDARS_KEPT = 32


def sql_type(type_: Type) -> str:
    """The PostgreSQL type that holds values of a formula's type."""
    if type_.kind is Kind.LIST:
        return f"{sql_type(type_.item) if type_.item else 'text'}[]"
    return _SQL_TYPES[type_.kind]


class Columns(Protocol):
    """What an environment needs of a frame."""

    place: Place
    parameters: Parameters

    def column(self, path: Path) -> exp.Expression: ...

    def seen_column(self, path: Path) -> exp.Expression: ...


class RawEnvironment(InlineLiterals):
    """Stored values. Texts and ids are bound. Numbers, dates and options stand in the statement, typed: the planner
    then knows how many rows they leave, and the plan is kept instead of made anew for each value."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._calendar = columns.place.structure.catalogue.calendar.working
        self.zone = columns.place.workspace.zone

    def column(self, path: Path, type: Type) -> exp.Expression:
        return self._columns.column(path)

    def parameter(self, name: str, type: Type) -> exp.Expression:
        return self._columns.parameters.named_expression(name, sql_type(type))

    def literal(self, value: Scalar, type: Type) -> exp.Expression:
        if value is None:
            return exp.cast(exp.Null(), sql_type(type), dialect="postgres")
        if isinstance(value, bool):
            return exp.true() if value else exp.false()
        if type.kind in _INLINE or (type.kind is Kind.CHOICE and _OPTION.fullmatch(str(value))):
            return exp.cast(super().literal(value, type), sql_type(type), dialect="postgres")
        return self._columns.parameters.constant_expression(value, sql_type(type))

    def working_days(self) -> exp.Expression:
        """Bound: 130 KB of days would make the text of the statement that much longer."""
        return self._columns.parameters.shared("working_days", _working_days(self._calendar), "date[]")


class SeenEnvironment(RawEnvironment):
    """What the actor may see."""

    def column(self, path: Path, type: Type) -> exp.Expression:
        return self._columns.seen_column(path)


@lru_cache(maxsize=_CALENDARS_KEPT)
def _working_days(calendar: WorkingCalendar) -> list[date]:
    return calendar.days(_FIRST_DAY, _LAST_DAY)
