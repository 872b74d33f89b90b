"""Formulas over the replica: columns, parameters and constants for DuckDB. Values are bound, never written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from itertools import accumulate

from sqlglot import exp

from tongmai.formula import Kind, Path, Type, five_digits
from tongmai.kit import WorkingCalendar
from tongmai.replica.columns import WIDE_NUMBER

_TYPES: dict[Kind, str] = {
    Kind.NUMBER: WIDE_NUMBER,
    Kind.TEXT: "VARCHAR",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.DATETIME: "TIMESTAMPTZ",
    Kind.DURATION: WIDE_NUMBER,
    Kind.CHOICE: "VARCHAR",
    Kind.REFERENCE: "UUID",
    Kind.JSON: "JSON",
    Kind.POINT: "JSON",
    Kind.NULL: "VARCHAR",
}
# As in PostgreSQL: dates of business lie within these.
FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2050, 12, 31)
_CALENDARS_KEPT = 32


def duck_type(type_: Type) -> str:
    """The DuckDB type that holds values of a formula's type."""
    if type_.kind is Kind.LIST:
        return f"{duck_type(type_.item) if type_.item else 'VARCHAR'}[]"
    return _TYPES[type_.kind]


class Bindings:
    """The values of one statement, ``$1 …``. A name is bound once, however often it is used."""

    def __init__(self) -> None:
        self.values: list[object] = []
        self._named: dict[str, str] = {}

    def add(self, value: object, type_: str) -> str:
        self.values.append(value)
        return f"CAST(${len(self.values)} AS {type_})"

    def named(self, name: str, value: object, type_: str) -> str:
        key = f"{name} {type_}"
        if key not in self._named:
            self._named[key] = self.add(value, type_)
        return self._named[key]


class ReplicaEnvironment:
    """What ``formula.to_sql`` asks for in the dialect ``duckdb``. ``column`` leads from a path to its expression,
    ``given`` has the values of parameters (``me``, ``now``, …)."""

    def __init__(
        self,
        column: Callable[[Path], exp.Expression],
        bindings: Bindings,
        given: Mapping[str, object],
        zone: str,
        calendar: WorkingCalendar,
    ) -> None:
        self._column = column
        self._bindings = bindings
        self._given = given
        self.zone = zone
        self._calendar = calendar

    def column(self, path: Path, type: Type) -> exp.Expression:
        return self._column(path)

    def parameter(self, name: str, type: Type) -> exp.Expression:
        return verbatim(self._bindings.named(name, self._given[name], duck_type(type)))

    def literal(self, value: object, type: Type) -> exp.Expression:
        if value is None:
            return verbatim(f"CAST(NULL AS {duck_type(type)})")
        if isinstance(value, bool):
            return exp.true() if value else exp.false()
        return verbatim(self._bindings.add(value, duck_type(type)))

    def working_days(self) -> exp.Expression:
        return verbatim(self._bindings.named("working days", self._calendar.days(FIRST_DAY, _LAST_DAY), "DATE[]"))

    def first_day(self) -> date:
        return FIRST_DAY

    def working_day_digits(self) -> exp.Expression:
        return verbatim(self._bindings.named("working day digits", calendar_digits(self._calendar)[0], "VARCHAR"))

    def nth_working_day_digits(self) -> exp.Expression:
        return verbatim(self._bindings.named("nth working day", calendar_digits(self._calendar)[1], "VARCHAR"))


def verbatim(sql: str) -> exp.Expression:
    """SQL of ours as it stands. It holds no name and no value of a person."""
    return exp.Var(this=sql)


@lru_cache(maxsize=_CALENDARS_KEPT)
def calendar_digits(calendar: WorkingCalendar) -> tuple[str, str]:
    """As ``formula.DigitsEnvironment`` wants them: working days up to each day, and which day each working day is."""
    places = [(day - FIRST_DAY).days for day in calendar.days(FIRST_DAY, _LAST_DAY)]
    is_working = [0] * ((_LAST_DAY - FIRST_DAY).days + 1)
    for place in places:
        is_working[place] = 1
    return five_digits(accumulate(is_working)), five_digits(places)
