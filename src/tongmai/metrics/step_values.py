"""All metric values of an object at many moments, in a session of DuckDB: each row is read once, however many they are.

``gathering`` makes tables of what comes and goes of every source; ``between`` then tells the values at some of the
steps. Rows stand for the steps at which they were known (``VersionTables``), so what a replay sees is what a live run
saw. Served are all measures and comparisons but update rates, over rows whose formulas ask for no moment (NOW, TODAY);
``is_stepped`` tells.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tongmai.formula import Param, walk
from tongmai.kit import WorkingCalendar
from tongmai.metrics.binding import Binder, Statement, literal
from tongmai.metrics.collecting import Collector
from tongmai.metrics.deriving import Deriver
from tongmai.metrics.plan import Group, MetricPlan
from tongmai.metrics.rows import Rows, calendar_values
from tongmai.metrics.stepping import StepPass
from tongmai.metrics.tables import VersionTables
from tongmai.metrics.windows import Era
from tongmai.store import quote_ident

_FIRST, _AFTER = "first", "after"
_TYPES = {"timestamptz": "TIMESTAMPTZ", "date": "DATE", "numeric": "DECIMAL(18, 3)"}


def is_stepped(plan: MetricPlan) -> bool:
    """Whether the plan's values can be worked out for many moments at once."""
    trees = [tree for group in plan.groups for each in group.measured for tree in each.trees]
    return not plan.update_rates and not any(isinstance(node, Param) for tree in trees for node in walk(tree))


@dataclass
class _StepBinder(Binder):
    """Gives what differs from step to step as columns of the moments, ``c``; the working calendar as it is."""

    calendar: Mapping[str, object] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)

    def __call__(self, name: str, sql_type: str) -> str:
        if name in (_FIRST, _AFTER):
            return super().__call__(name, sql_type)
        if name in self.calendar:
            return literal(str(self.calendar[name]))
        self.columns.setdefault(name, sql_type)
        return f"c.{quote_ident(_column(name))}"


class StepValues:
    """The values at ``eras``, in order. ``of`` gives the versions of an object's rows (see ``VersionTables``);
    ``prefix`` begins the names of the tables that are made."""

    def __init__(
        self,
        plan: MetricPlan,
        of: Callable[[str], str],
        zone: str,
        calendar: WorkingCalendar,
        eras: Sequence[Era],
        prefix: str,
    ) -> None:
        self._plan = plan
        self._of = of
        self._zone = zone
        self._calendar = calendar
        self._eras = eras
        self._prefix = prefix
        self._binder = _StepBinder(calendar=calendar_values(calendar))
        self._collector = Collector(
            plan, VersionTables(of), self._binder, zone, calendar, keys=("record_id", "_n")
        )  # fmt: skip
        self._passes = {StepPass(f"g{n}", len(eras)): group for n, group in enumerate(plan.groups)}
        self._gathering = [sql for pass_, group in self._passes.items() for sql in self._gather(pass_, group)]
        self._between = self._values()

    def gathering(self) -> Iterator[tuple[str, Sequence[object]]]:
        """Statements to be run once, with their arguments."""
        rows = [{"as_of": era.as_of, **self._collector.spans.given(era)} for era in self._eras]
        values: list[list[object]] = [[row[name] for row in rows] for name in self._binder.columns]
        columns = [
            f"unnest(${number}::{_TYPES[kind]}[]) AS {quote_ident(_column(name))}"
            for number, (name, kind) in enumerate(self._binder.columns.items(), 2)
        ]
        listed = ", ".join(("unnest($1::INTEGER[]) AS n", *columns))
        yield (
            f"CREATE OR REPLACE TEMP TABLE {self._table('moments')} AS SELECT {listed}",
            [list(range(len(rows))), *values],
        )
        for sql in self._gathering:
            yield sql, ()

    def between(self, first: int, after: int) -> tuple[str, Sequence[object]]:
        """A SELECT of ``record_id``, ``_n`` and the companion's columns for each record that is not deleted, at the
        steps from ``first`` until before ``after``; with its arguments."""
        return self._between.sql, self._between.arguments({_FIRST: first, _AFTER: after})

    def _table(self, name: str) -> str:
        return quote_ident(f"{self._prefix}_{name}")

    def _gather(self, pass_: StepPass, group: Group) -> Iterator[str]:
        """The group's rows, each with its run in every window, and what is carried on of them."""
        tables = VersionTables(self._of)
        found = self._collector.read(group, tables, pass_)
        aliases = ("s", *tables.joined)
        begins = ", ".join(f"coalesce({alias}._from, 0)" for alias in aliases)
        ends = ", ".join(f"coalesce({alias}._until, {len(self._eras)})" for alias in aliases)
        read = found.select(f"greatest({begins}) AS _from", f"least({ends}) AS _until")
        runs = ", ".join(scope.run(self._eras) for scope in pass_.scopes.values())
        rows = self._table(f"{pass_.name}_rows")
        yield (
            f"CREATE OR REPLACE TEMP TABLE {rows} AS"
            f" SELECT r.* EXCLUDE (_from, _until), {runs} FROM ({read}) AS r WHERE r._from < r._until"
        )
        carried = pass_.runs(rows)
        if carried is not None:
            yield f"CREATE OR REPLACE TEMP TABLE {self._table(f'{pass_.name}_runs')} AS {carried}"
        if not pass_.reads_rows:
            yield f"DROP TABLE {rows}"

    def _values(self) -> Statement:
        first, after = self._binder(_FIRST, "integer"), self._binder(_AFTER, "integer")
        relations = [
            each
            for pass_ in self._passes
            for each in pass_.relations(
                self._table(f"{pass_.name}_rows"), self._table(f"{pass_.name}_runs"), first, after
            )
        ]
        measured = self._collector.finished(f"({self._measured(relations, first, after)})", "duckdb")
        deriver = Deriver(
            self._plan, VersionTables(self._of, step="c._n"), self._binder, self._collector.spans, self._zone,
            moments=self._table("moments"), carried=lambda: map(_column, self._binder.columns),
        )  # fmt: skip
        complete = deriver.select(f"({measured})")
        made = ", ".join(f"{name} AS MATERIALIZED ({sql})" for name, sql in relations)
        return self._binder.statement(f"WITH {made} {complete}" if made else complete)

    def _measured(self, relations: Sequence[tuple[str, str]], first: str, after: str) -> str:
        """A row for each record and step, with all that was gathered for it."""
        steps = f"unnest(range(greatest(v._from, {first}), least(v._until, {after}))) AS _n"
        present = f"SELECT v.*, {steps} FROM {self._of(self._plan.object)} AS v WHERE v.deleted_at IS NULL"
        own = VersionTables(self._of, step="o._n")
        rows = Rows(
            self._plan.catalogue, self._plan.object, "o", own, self._binder, self._zone, self._calendar
        )  # fmt: skip
        listed = self._collector.listed(rows)
        joins = " ".join(f"LEFT JOIN {name} ON {name}.subject = o.id AND {name}.n = o._n" for name, _ in relations)
        return (
            f"SELECT o.id AS record_id, o._n{listed} FROM ({present}) AS o"
            f" JOIN {self._table('moments')} AS c ON c.n = o._n {rows.joins} {joins}"
        )


def _column(name: str) -> str:
    """As no metric is called that stands beside it."""
    return f"_{name}"
