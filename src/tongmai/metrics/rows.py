"""One object's rows under an alias with the joins their formulas need: formulas become SQL over stored values.

Metrics are computed for everybody alike, so there are no masks here; what a person may see of them is decided where
they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from sqlglot import exp

from tongmai.formula import InlineLiterals, Kind, Path, Tree, Type, render, to_sql
from tongmai.kit import WorkingCalendar
from tongmai.metrics.binding import Binder
from tongmai.metrics.tables import Tables
from tongmai.model import Catalogue, MetricField, ObjectScope, SegmentField
from tongmai.replica import FIRST_DAY, calendar_digits
from tongmai.store import quote_ident

# Working days of these years are known to statements.
_LAST_DAY = date(2050, 12, 31)

# What is joined beside a record: not to be taken for a segment's key, which begins with a letter.
_RECORD, _METRICS = "=", "+"
_DOCUMENTS = frozenset({Kind.JSON, Kind.POINT})
_PARAMETERS = {
    "now": "timestamptz",
    "today": "date",
    "me": "uuid",
    "my_team": "uuid",
    "my_teams": "uuid[]",
    "my_people": "uuid[]",
    "my_subtree": "uuid[]",
}


class Rows(InlineLiterals):
    """Implements ``formula.SqlEnvironment`` over one object's rows.

    ``values`` gives the FROM item of an object's metric values for a record's id (SQL), where formulas may use metrics;
    ``told`` what stands for parameters that are not bound.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        object_key: str,
        alias: str,
        tables: Tables,
        binder: Binder,
        zone: str,
        calendar: WorkingCalendar,
        values: Callable[[str, str], str] | None = None,
        *,
        told: Mapping[str, exp.Expression] | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._scope = ObjectScope(catalogue, object_key, metrics=values is not None)
        self._object = object_key
        self._alias = alias
        self._tables = tables
        self._binder = binder
        self._calendar = calendar
        self._values = values
        self._told = told or {}
        self._joins: dict[tuple[Path, str], str] = {}
        self._lines: list[str] = []
        self.zone = zone

    @property
    def source(self) -> str:
        """The FROM clause with all joins; ask when all expressions are made."""
        return " ".join((f"{self._tables.rows(self._object)} AS {self._alias}", *self._lines))

    @property
    def joins(self) -> str:
        """The joins alone; ask when all expressions are made."""
        return " ".join(self._lines)

    def sql(self, tree: Tree, *, as_value: bool = True) -> str:
        dialect = self._tables.dialect
        return render(to_sql(tree, self, dialect=dialect, as_value=as_value), dialect)

    def path(self, path: Path) -> str:
        """The stored value at a path."""
        found = self.column(path, ObjectScope(self._catalogue, self._object).symbol(path[0]).type)
        return render(found, self._tables.dialect)

    def link(self, path: Path) -> str:
        """The alias of the record that a relation path leads to; the rows themselves without one."""
        return self._joined(path)[1]

    def column(self, path: Path, type: Type) -> exp.Expression:
        scope, alias = self._joined(path[:-1])
        field = scope.bound(path[-1]).definition
        if isinstance(field, MetricField):
            alias = self._values_at(path[:-1], scope.object_key)
        elif isinstance(field, SegmentField):
            alias = self._members_at(path[:-1], field.segment)
        found = exp.column(exp.to_identifier(field.column_name, quoted=True), table=exp.to_identifier(alias))
        if self._tables.dialect == "duckdb" and type.kind in _DOCUMENTS:
            return exp.cast(found, "json", dialect="duckdb")
        return found

    def parameter(self, name: str, type: Type) -> exp.Expression:
        if name in self._told:
            return self._told[name].copy()
        return self._bound(name, _PARAMETERS[name])

    def _bound(self, name: str, kind: str) -> exp.Expression:
        bound = self._binder(name, kind)
        if not bound.startswith("$"):
            return exp.maybe_parse(bound, dialect="postgres")
        number = bound.partition("::")[0]
        return exp.cast(exp.Parameter(this=exp.Literal.number(number[1:])), kind, dialect="postgres")

    def working_days(self) -> exp.Expression:
        days = ",".join(day.isoformat() for day in self._calendar.days(FIRST_DAY, _LAST_DAY))
        return exp.cast(exp.Literal.string("{" + days + "}"), "date[]", dialect="postgres")

    def first_day(self) -> date:
        return FIRST_DAY

    def working_day_digits(self) -> exp.Expression:
        return self._bound("working_day_digits", "text")

    def nth_working_day_digits(self) -> exp.Expression:
        return self._bound("nth_working_day_digits", "text")

    def _joined(self, path: Path) -> tuple[ObjectScope, str]:
        if not path:
            return self._scope, self._alias
        scope, alias = self._joined(path[:-1])
        further = scope.through(path[-1])
        if further is None:
            raise KeyError(path[-1])
        if (path, _RECORD) not in self._joins:
            name = f"{self._alias}_{len(self._joins) + 1}"
            column = quote_ident(scope.bound(path[-1]).definition.column_name)
            self._lines.append(self._tables.join(further.object_key, name, f"{alias}.{column}"))
            self._joins[path, _RECORD] = name
        return further, self._joins[path, _RECORD]

    def _values_at(self, path: Path, object_key: str) -> str:
        """The alias of the metric values of the record at a path."""
        if self._values is None:
            raise KeyError(object_key)
        if (path, _METRICS) not in self._joins:
            name = f"{self._alias}_{len(self._joins) + 1}"
            record = f"{self._joined(path)[1]}.id"
            self._lines.append(f"LEFT JOIN {self._values(object_key, record)} AS {name} ON {name}.record_id = {record}")
            self._joins[path, _METRICS] = name
        return self._joins[path, _METRICS]

    def _members_at(self, path: Path, segment: str) -> str:
        """The alias of the membership of the record at a path. Raises ``LookupError`` where the tables have none."""
        if (path, segment) not in self._joins:
            name = f"{self._alias}_{len(self._joins) + 1}"
            self._lines.append(self._tables.members(segment, name, f"{self._joined(path)[1]}.id"))
            self._joins[path, segment] = name
        return self._joins[path, segment]


def calendar_values(calendar: WorkingCalendar) -> dict[str, object]:
    """The parameters that DuckDB's working days are found by."""
    counts, days = calendar_digits(calendar)
    return {"working_day_digits": counts, "nth_working_day_digits": days}
