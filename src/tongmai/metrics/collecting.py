"""What is measured over rows: one pass a group, then one row a record with every companion column (law 3).

Two halves. ``measured`` is for either engine: what is gathered for each record, column by column. ``finished`` is
PostgreSQL's: what the companion table holds, worked out from those columns wherever they were gathered.
"""

# ruff: noqa: S608 - names come from quote_ident, keys and constants from checked definitions, values are bound

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from tongmai.formula import DATETIME, Dialect, Tree
from tongmai.kit import WorkingCalendar
from tongmai.metrics.aggregates import BLANK_VALUES, NO_ROWS, Aggregate, Column, Part, aggregate
from tongmai.metrics.arithmetic import quotient, rounded, sql_type
from tongmai.metrics.binding import Binder, literal
from tongmai.metrics.plan import Group, Measured, MetricPlan
from tongmai.metrics.rows import Rows
from tongmai.metrics.spans import Span, Spans, earlier, present
from tongmai.metrics.stepping import Scope, is_stepped, stepped
from tongmai.metrics.tables import Tables
from tongmai.model import (
    AT_SUFFIX,
    BASE_PART_SUFFIX,
    BASE_SUFFIX,
    PART_SUFFIX,
    WHY_SUFFIX,
    DaysSince,
    MetricDef,
    Rate,
    Share,
    UpdateRate,
    companion_columns,
    metric_column,
    metric_column_type,
)
from tongmai.store import quote_ident

_Made = Callable[[Dialect], str]
"""The SQL of a companion column over what was gathered (``w``)."""


@dataclass
class Collector:
    """Makes the SELECT of one plan over ``tables``. With ``chosen`` only for the records in ``$subjects``.

    With ``moments`` (a relation of ``count`` rows with the number ``n`` and a column for each parameter, which
    ``binder`` then gives as columns of ``m``) for each of them, with a further column ``_n``; with ``known`` a row
    counts from its entry on.
    """

    plan: MetricPlan
    tables: Tables
    binder: Binder
    zone: str
    calendar: WorkingCalendar
    chosen: bool = False
    moments: str | None = None
    count: int = 0
    known: bool = False
    _ctes: list[str] = field(default_factory=list)
    _gathered: dict[str, tuple[str, str]] = field(default_factory=dict)
    _columns: dict[str, _Made] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.spans = Spans(self.binder, f"{self.plan.object}.")

    @property
    def gathered(self) -> dict[str, str]:
        """The columns of ``measured`` after ``record_id`` with PostgreSQL's types. Ask when it is made."""
        return {name: kind for name, (_, kind) in self._gathered.items()}

    def select(self) -> str:
        """``record_id`` and all columns of the companion table; derived ones are still NULL."""
        return self.finished(f"({self.measured()})", self.tables.dialect)

    def measured(self) -> str:
        """One row for each record that is not deleted: what was gathered for it."""
        joins = []
        for place, group in enumerate(self.plan.groups):
            for name in self._group(f"g{place}", group):
                at_moment = "" if self.moments is None else f" AND {name}.n = m.n"
                joins.append(f"LEFT JOIN {name} ON {name}.subject = o.id{at_moment}")
        for place, metric in enumerate(self.plan.update_rates):
            self._update_rate(f"u{place}", metric)
            joins.append(f"LEFT JOIN u{place} ON u{place}.subject = o.id")
        rows = Rows(self.plan.catalogue, self.plan.object, "o", self.tables, self.binder, self.zone, self.calendar)
        for place, (metric, tree) in enumerate(self.plan.benchmarks):
            self._gathered[f"v{place}"] = (rows.sql(tree), metric_column_type(metric))
            self._columns[metric.key + BASE_SUFFIX] = partial(rounded, f"w.v{place}", metric)
        listed = "".join(f", {sql} AS {name}" for name, (sql, _) in self._gathered.items())
        where = f" AND o.id = ANY({self.binder('subjects', 'uuid[]')})" if self.chosen else ""
        sources = " ".join((rows.source, *self._each_moment(), *joins))
        number = "" if self.moments is None else ", m.n AS _n"
        body = f"SELECT o.id AS record_id{number}{listed} FROM {sources} WHERE o.deleted_at IS NULL{where}"
        return f"WITH {', '.join(self._ctes)} {body}" if self._ctes else body

    def _each_moment(self) -> tuple[str, ...]:
        if self.moments is None:
            return ()
        return (f"JOIN {self.moments} AS m ON {'o.created_at <= m.as_of' if self.known else 'TRUE'}",)

    def finished(self, measured: str, dialect: Dialect = "postgres") -> str:
        """The columns of the companion table over ``measured``, a FROM item; ask when that is made. In PostgreSQL
        unless ``dialect`` tells otherwise."""
        listed = "".join(f", {sql} AS {quote_ident(name)}" for name, sql in self._all_columns(dialect).items())
        number = "" if self.moments is None else ", w._n"
        return f"SELECT w.record_id{number}{listed} FROM {measured} AS w"

    def _all_columns(self, dialect: Dialect) -> dict[str, str]:
        found = {}
        for metric in self.plan.metrics:
            for name, kind in companion_columns(metric).items():
                made = self._columns[name](dialect) if name in self._columns else "NULL"
                found[name] = f"CAST({made} AS {sql_type(kind, dialect)})"
        return found

    def _group(self, name: str, group: Group) -> Iterator[str]:
        """Rows with every formula worked out once, then one row a subject with every aggregate. The names of the
        relations with them."""
        rows = Rows(self.plan.catalogue, group.source, "s", self.tables, self.binder, self.zone, self.calendar)
        trees: dict[Tree, str] = {}

        def column(tree: Tree) -> str:
            return "r." + trees.setdefault(tree, f"e{len(trees)}")

        pass_ = _Pass(name, self.moments is not None)
        for each in group.measured:
            self._measure(pass_, each, column)
        subject = rows.path(group.hops) if group.hops else "s.id"
        inner = [
            f"s.id AS id, {subject} AS subject",
            *(f"{rows.sql(tree)} AS {alias}" for tree, alias in trees.items()),
            *(["s.created_at AS known"] if self.known else []),
        ]
        chosen = f" AND {subject} = ANY({self.binder('subjects', 'uuid[]')})" if self.chosen else ""
        source = (
            f"SELECT {', '.join(inner)} FROM {rows.source} WHERE s.deleted_at IS NULL AND {subject} IS NOT NULL{chosen}"
        )
        if pass_.steps and self.moments is not None:
            yield pass_.stepped
            made = stepped(source, pass_.steps, self.moments, self.count, known=self.known)
            self._ctes.append(f"{pass_.stepped} AS MATERIALIZED ({made})")
        if not pass_.windows:
            return
        yield name
        within = " OR ".join(f"({each})" for each in pass_.windows)
        listed = ", ".join(f"{part.sql} AS {alias}" for part, alias in pass_.plain)
        grouped = f"SELECT r.subject, {listed} FROM ({source}) AS r WHERE {within} GROUP BY r.subject"
        if self.moments is not None:
            known = " AND r.known <= m.as_of" if self.known else ""
            grouped = (
                f"SELECT r.subject, m.n, {listed} FROM ({source}) AS r JOIN {self.moments} AS m"
                f" ON ({within}){known} GROUP BY r.subject, m.n"
            )
        self._ctes.append(f"{name} AS MATERIALIZED ({grouped})")

    def _measure(self, pass_: _Pass, each: Measured, column: Column) -> None:
        def part(wanted: Part, scope: Scope) -> str:
            relation, alias = pass_.put(wanted, scope)
            gathered = f"{pass_.name}_{alias}"
            self._gathered[gathered] = (f"{relation}.{alias}", wanted.type)
            return f"w.{gathered}"

        metric = each.metric
        found, scope = self._within(each, present(metric), column)
        names = [part(wanted, scope) for wanted in found.parts]
        target = _target(metric)
        self._columns[target] = partial(_finished, found, names, metric, target)
        if found.empty is None and (target == metric_column(metric) or isinstance(metric.measure, DaysSince)):
            # A quotient has no value where its divisor, a count, is none.
            value = f"nullif({names[1]}, 0)" if found.is_quotient else names[0]
            self._columns[metric.key + WHY_SUFFIX] = partial(_why, value, part(found.rows, scope))
        if each.has_past:
            past, before = self._within(each, earlier(metric), column)
            base = metric.key + (BASE_PART_SUFFIX if isinstance(metric.measure, Rate) else BASE_SUFFIX)
            parts = [part(wanted, before) for wanted in past.parts]
            self._columns[base] = partial(_finished, past, parts, metric, base)

    def _within(self, each: Measured, span: Span, column: Column) -> tuple[Aggregate, Scope]:
        at = column(each.at)
        scope = Scope(span, at, *self.spans.edges(span, each.at.type))
        return aggregate(each, scope.condition, column, literal(self.zone), self.tables.dialect), scope

    def _update_rate(self, name: str, metric: MetricDef) -> None:
        assert isinstance(metric.measure, UpdateRate)
        fields = metric.measure.fields
        keys = ", ".join(literal(key) for key in fields)
        at = self.spans.condition(present(metric), "h.at", DATETIME)
        chosen = f" AND h.record_id = ANY({self.binder('subjects', 'uuid[]')})" if self.chosen else ""
        self._ctes.append(
            f"{name} AS MATERIALIZED (SELECT h.record_id AS subject, count(DISTINCT k.key) AS m"
            f" FROM {self.tables.history()} AS h {self.tables.keys_of('h.after')}"
            f" WHERE h.object = {literal(self.plan.object)} AND h.action = 'update' AND {at}{chosen}"
            f" AND k.key IN ({keys}) GROUP BY h.record_id)"
        )
        self._gathered[f"{name}_m"] = (f"{name}.m", "bigint")
        changed = f"coalesce(w.{name}_m, 0)"
        self._columns[metric_column(metric)] = lambda dialect: rounded(
            quotient(changed, str(len(fields)), dialect), metric, dialect
        )


class _Pass:
    """The parts of one group: those of ``steps`` are carried on from moment to moment, ``plain`` ones are gathered over
    the rows in ``windows``."""

    def __init__(self, name: str, at_moments: bool) -> None:
        self.name = name
        self.stepped = f"{name}s"
        self.steps: dict[str, tuple[Part, Scope]] = {}
        self.windows: dict[str, None] = {}
        self._at_moments = at_moments
        self._aliases: dict[Part, str] = {}

    @property
    def plain(self) -> Iterator[tuple[Part, str]]:
        return ((part, alias) for part, alias in self._aliases.items() if alias not in self.steps)

    def put(self, part: Part, scope: Scope) -> tuple[str, str]:
        """The relation and the column of a part."""
        alias = self._aliases.setdefault(part, f"a{len(self._aliases)}")
        if self._at_moments and is_stepped(part, scope):
            self.steps[alias] = (part, scope)
            return self.stepped, alias
        self.windows[scope.condition] = None
        return self.name, alias


def _target(metric: MetricDef) -> str:
    """The column that an aggregate goes to: the value itself, or the part it is derived from."""
    if isinstance(metric.measure, DaysSince):
        return metric.key + AT_SUFFIX
    if isinstance(metric.measure, Rate | Share):
        return metric.key + PART_SUFFIX
    return metric_column(metric)


def _finished(found: Aggregate, parts: Sequence[str], metric: MetricDef, target: str, dialect: Dialect) -> str:
    value = quotient(parts[0], parts[1], dialect) if found.is_quotient else parts[0]
    filled = value if found.empty is None else f"coalesce({value}, {found.empty})"
    return rounded(filled, metric, dialect) if target in (metric_column(metric), metric.key + BASE_SUFFIX) else filled


def _why(value: str, rows: str, dialect: Dialect) -> str:
    return f"CASE WHEN coalesce({rows}, 0) = 0 THEN '{NO_ROWS}' WHEN {value} IS NULL THEN '{BLANK_VALUES}' END"
