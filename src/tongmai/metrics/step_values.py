"""All metric values of an object at many moments, in a session of DuckDB: each row is read once, however many they are.

``gathering`` makes tables of what comes and goes of every source; ``between`` then tells the values at some of the
steps. Rows stand for the steps at which they were known (``VersionTables``), so what a replay sees is what a live run
saw. Served are all measures and comparisons. A filter of rows may ask for the day where it turns but once as time goes
on (``turning``); a row's other formulas may not: ``unstepped`` tells of which metrics they do.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tongmai.kit import WorkingCalendar
from tongmai.metrics.aggregates import Fold, Part
from tongmai.metrics.binding import Binder, Statement, literal
from tongmai.metrics.collecting import Collector
from tongmai.metrics.deriving import Deriver
from tongmai.metrics.plan import Group, Measured, MetricPlan
from tongmai.metrics.rows import Rows, calendar_values
from tongmai.metrics.spans import present
from tongmai.metrics.stepping import Scope, StepPass, known_from
from tongmai.metrics.tables import VersionTables
from tongmai.metrics.turning import MOST_MOMENTS, asks_for_day, filter_of
from tongmai.metrics.windows import Era
from tongmai.model import MetricDef, UpdateRate
from tongmai.store import quote_ident

_FIRST, _AFTER = "first", "after"
_TYPES = {"timestamptz": "TIMESTAMPTZ", "date": "DATE", "numeric": "DECIMAL(18, 3)"}


def unstepped(plan: MetricPlan, moments: int) -> tuple[MetricDef, ...]:
    """The metrics of the plan that cannot be worked out for so many moments at once: each of these needs a pass over
    all rows then."""
    return tuple(each.metric for group in plan.groups for each in group.measured if not _is_stepped(each, moments))


def _is_stepped(measured: Measured, moments: int) -> bool:
    others = (measured.at, measured.value, measured.start, measured.end)
    if any(tree is not None and asks_for_day(tree) for tree in others):
        return False
    found = filter_of(measured.where)
    return found is not None and (not found.turns or moments <= MOST_MOMENTS)


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
    """The values at ``eras``, in order. ``of`` gives the versions of an object's rows (see ``VersionTables``),
    ``history`` the change log; ``prefix`` begins the names of the tables that are made."""

    def __init__(
        self,
        plan: MetricPlan,
        of: Callable[[str], str],
        history: Callable[[], str],
        zone: str,
        calendar: WorkingCalendar,
        eras: Sequence[Era],
        prefix: str,
    ) -> None:
        self._plan = plan
        self._of = of
        self._history = history
        self._zone = zone
        self._calendar = calendar
        self._eras = eras
        self._prefix = prefix
        self._binder = _StepBinder(calendar=calendar_values(calendar))
        self._collector = Collector(
            plan, VersionTables(of), self._binder, zone, calendar, keys=("record_id", "_n")
        )  # fmt: skip
        groups = {StepPass(f"g{n}", eras): group for n, group in enumerate(plan.groups)}
        rates = {StepPass(f"u{n}", eras): metric for n, metric in enumerate(plan.update_rates)}
        self._passes = (*groups, *rates)
        self._gathering = [sql for pass_, group in groups.items() for sql in self._gather(pass_, group)]
        self._gathering += [sql for pass_, metric in rates.items() for sql in self._gather_updates(pass_, metric)]
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
        yield from self._carry(pass_, found.select(f"greatest({begins}) AS _from", f"least({ends}) AS _until"))

    def _gather_updates(self, pass_: StepPass, metric: MetricDef) -> Iterator[str]:
        """The changes of the fields of an update rate, each from the step on that knows of it."""
        assert isinstance(metric.measure, UpdateRate)
        keys = ", ".join(literal(key) for key in metric.measure.fields)
        scope = pass_.scope(Scope(0, present(metric), "r.at", is_date=False))
        changed = Part(f"count(DISTINCT r.key) FILTER (WHERE {scope.condition})", "bigint", Fold("distinct", "r.key"))
        self._collector.put_update_rate(pass_.name, metric, pass_.put(changed, scope.condition)[1])
        known = known_from('h."at"', self._eras)
        yield from self._carry(
            pass_,
            f'SELECT h.record_id AS subject, k.key, h."at" AS at, {known} AS _from, {len(self._eras)} AS _until'
            f" FROM ({self._history()}) AS h {VersionTables(self._of).keys_of('h.after')}"
            f" WHERE h.object = {literal(self._plan.object)} AND h.action = 'update' AND k.key IN ({keys})",
        )

    def _carry(self, pass_: StepPass, read: str) -> Iterator[str]:
        """``read`` has a group's rows, each with the steps at which it is known."""
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
