"""Formulas over the replica: columns, parameters and constants for DuckDB. Values are bound, never written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

from sqlglot import exp

from tongmai.formula import Kind, Path, Type
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
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2050, 12, 31)
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
        return verbatim(self._bindings.named("working days", list(_counted(self._calendar)[0]), "DATE[]"))

    def first_day(self) -> date:
        return _FIRST_DAY

    def working_day_counts(self) -> exp.Expression:
        return verbatim(self._bindings.named("working day counts", list(_counted(self._calendar)[1]), "INTEGER[]"))


def verbatim(sql: str) -> exp.Expression:
    """SQL of ours as it stands. It holds no name and no value of a person."""
    return exp.Var(this=sql)


@lru_cache(maxsize=_CALENDARS_KEPT)
def _counted(calendar: WorkingCalendar) -> tuple[Sequence[date], Sequence[int]]:
    """The working days, and for each calendar day from the first how many there are up to it."""
    days = calendar.days(_FIRST_DAY, _LAST_DAY)
    working, counts, day, count = frozenset(days), [], _FIRST_DAY, 0
    while day <= _LAST_DAY:
        count += day in working
        counts.append(count)
        day += timedelta(days=1)
    return days, counts
