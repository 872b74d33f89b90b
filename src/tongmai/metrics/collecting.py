"""What is measured over rows: one pass a group, then one row a record with every companion column (law 3).

Two halves. ``measured`` is for either engine: what is gathered for each record, column by column. ``finished`` is
PostgreSQL's: what the companion table holds, worked out from those columns wherever they were gathered.
"""

# ruff: noqa: S608 - names come from quote_ident, keys and constants from checked definitions, values are bound

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from tongmai.formula import DATETIME, Dialect, Tree
from tongmai.kit import WorkingCalendar
from tongmai.metrics.aggregates import BLANK_VALUES, EVERY_ROW, NO_ROWS, Aggregate, Column, Part, aggregate
from tongmai.metrics.arithmetic import MOST_PLACES, quotient, rounded, sql_type
from tongmai.metrics.binding import Binder, literal
from tongmai.metrics.plan import Group, Measured, MetricPlan
from tongmai.metrics.rows import Rows
from tongmai.metrics.spans import Span, Spans, earlier, present
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


class Pass(Protocol):
    """Takes up the parts of one group's metrics; ``name`` is that of the group."""

    @property
    def name(self) -> str: ...

    def within(self, each: Measured, span: Span, column: Column) -> tuple[Measured, str]:
        """That a row ``r`` counts in the span, as SQL; and the metric with what its parts have to ask beside that."""
        ...

    def put(self, part: Part, within: str) -> tuple[str, str]:
        """A part over the rows that are ``within``: its name, and its SQL in the outcome."""
        ...


@dataclass(frozen=True)
class GroupRows:
    """What is read of a group's rows ``s``: whose they are, and the value of each formula."""

    source: str
    subject: str
    values: tuple[str, ...]

    def select(self, *more: str) -> str:
        """With further columns."""
        listed = ", ".join(("s.id AS id", f"{self.subject} AS subject", *self.values, *more))
        return f"SELECT {listed} FROM {self.source} WHERE s.deleted_at IS NULL AND {self.subject} IS NOT NULL"


@dataclass
class Collector:
    """Makes the SELECT of one plan over ``tables``. With ``chosen`` only for the records in ``$subjects``.

    ``keys`` tell the rows of ``measured`` apart.
    """

    plan: MetricPlan
    tables: Tables
    binder: Binder
    zone: str
    calendar: WorkingCalendar
    chosen: bool = False
    keys: tuple[str, ...] = ("record_id",)
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
            joins.append(f"LEFT JOIN g{place} ON g{place}.subject = o.id")
            self._group(f"g{place}", group)
        for place, metric in enumerate(self.plan.update_rates):
            self._update_rate(f"u{place}", metric)
            joins.append(f"LEFT JOIN u{place} ON u{place}.subject = o.id")
        rows = Rows(self.plan.catalogue, self.plan.object, "o", self.tables, self.binder, self.zone, self.calendar)
        listed = self.listed(rows)
        where = f" AND o.id = ANY({self.binder('subjects', 'uuid[]')})" if self.chosen else ""
        sources = " ".join((rows.source, *joins))
        body = f"SELECT o.id AS record_id{listed} FROM {sources} WHERE o.deleted_at IS NULL{where}"
        return f"WITH {', '.join(self._ctes)} {body}" if self._ctes else body

    def listed(self, rows: Rows) -> str:
        """All that was gathered as columns, benchmarks of the records' ``rows`` with them. Ask when groups are read."""
        for place, (metric, tree) in enumerate(self.plan.benchmarks):
            self._gathered[f"v{place}"] = (rows.sql(tree), metric_column_type(metric))
            self._columns[metric.key + BASE_SUFFIX] = partial(rounded, f"w.v{place}", metric)
        return "".join(f", {sql} AS {name}" for name, (sql, _) in self._gathered.items())

    def finished(self, measured: str, dialect: Dialect = "postgres") -> str:
        """The columns of the companion table over ``measured``, a FROM item; ask when that is made. In PostgreSQL
        unless ``dialect`` tells otherwise."""
        listed = (f"{sql} AS {quote_ident(name)}" for name, sql in self._all_columns(dialect).items())
        return f"SELECT {', '.join((*(f'w.{key}' for key in self.keys), *listed))} FROM {measured} AS w"

    def _all_columns(self, dialect: Dialect) -> dict[str, str]:
        found = {}
        for metric in self.plan.metrics:
            for name, kind in companion_columns(metric).items():
                made = self._columns[name](dialect) if name in self._columns else "NULL"
                found[name] = f"CAST({made} AS {sql_type(kind, dialect)})"
        return found

    def _group(self, name: str, group: Group) -> None:
        """Rows with every formula worked out once, then one row a subject with every aggregate."""
        pass_ = _Pass(name, self.spans, _widest(group))
        found = self.read(group, self.tables, pass_)
        chosen = f" AND {found.subject} = ANY({self.binder('subjects', 'uuid[]')})" if self.chosen else ""
        within = " OR ".join(f"({each})" for each in pass_.windows)
        listed = ", ".join(f"{part.sql} AS {alias}" for part, alias in pass_.aliases.items())
        self._ctes.append(
            f"{name} AS MATERIALIZED (SELECT r.subject, {listed} FROM ({found.select()}{chosen}) AS r"
            f" WHERE {within} GROUP BY r.subject)"
        )

    def read(self, group: Group, tables: Tables, pass_: Pass) -> GroupRows:
        """The group's rows, read from ``tables``; its metrics' parts are put into the pass."""
        rows = Rows(self.plan.catalogue, group.source, "s", tables, self.binder, self.zone, self.calendar)
        trees: dict[Tree, str] = {}

        def column(tree: Tree) -> str:
            return "r." + trees.setdefault(tree, f"e{len(trees)}")

        for each in group.measured:
            self._measure(pass_, each, column)
        subject = rows.path(group.hops) if group.hops else "s.id"
        values = tuple(f"{rows.sql(tree)} AS {alias}" for tree, alias in trees.items())
        return GroupRows(rows.source, subject, values)

    def _measure(self, pass_: Pass, each: Measured, column: Column) -> None:
        def part(wanted: Part, within: str) -> str:
            alias, sql = pass_.put(wanted, within)
            gathered = f"{pass_.name}_{alias}"
            self._gathered[gathered] = (sql, wanted.type)
            return f"w.{gathered}"

        metric = each.metric
        found, within = self._within(pass_, each, present(metric), column)
        names = [part(wanted, within) for wanted in found.parts]
        target = _target(metric)
        self._columns[target] = partial(_finished, found, names, metric, target)
        if found.empty is None and target == metric_column(metric):
            # A quotient has no value where its divisor, a count, is none.
            value = f"nullif({names[1]}, 0)" if found.is_quotient else names[0]
            self._columns[metric.key + WHY_SUFFIX] = partial(_why, value, part(found.rows, within))
        if each.has_past:
            past, before = self._within(pass_, each, earlier(metric), column)
            base = metric.key + (BASE_PART_SUFFIX if isinstance(metric.measure, Rate) else BASE_SUFFIX)
            parts = [part(wanted, before) for wanted in past.parts]
            self._columns[base] = partial(_finished, past, parts, metric, base)

    def _within(self, pass_: Pass, each: Measured, span: Span, column: Column) -> tuple[Aggregate, str]:
        each, within = pass_.within(each, span, column)
        return aggregate(each, within, column, literal(self.zone), self.tables.dialect), within

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
        self.put_update_rate(name, metric, f"{name}.m")

    def put_update_rate(self, name: str, metric: MetricDef, changed: str) -> None:
        """Takes up how many of the fields were changed, the SQL of which is ``changed``."""
        assert isinstance(metric.measure, UpdateRate)
        self._gathered[f"{name}_m"] = (changed, "bigint")
        count, of = f"coalesce(w.{name}_m, 0)", str(len(metric.measure.fields))
        self._columns[metric_column(metric)] = lambda dialect: rounded(
            quotient(count, of, dialect), metric, dialect, has=MOST_PLACES
        )


class _Pass:
    """Implements ``Pass``: all parts over the rows that lie in any of the ``windows``. Where all lie in the
    ``widest``, rows are asked for that one alone, and its own parts do not ask again."""

    def __init__(self, name: str, spans: Spans, widest: Span | None) -> None:
        self.name = name
        self._widest = widest
        self.windows: dict[str, None] = {}
        self.aliases: dict[Part, str] = {}
        self._spans = spans

    def within(self, each: Measured, span: Span, column: Column) -> tuple[Measured, str]:
        within = self._spans.condition(span, column(each.at), each.at.type)
        if self._widest is None or span == self._widest:
            self.windows[within] = None
        return each, EVERY_ROW if span == self._widest else within

    def put(self, part: Part, within: str) -> tuple[str, str]:
        alias = self.aliases.setdefault(part, f"a{len(self.aliases)}")
        return alias, f"{self.name}.{alias}"


def _widest(group: Group) -> Span | None:
    """The one that all the group's windows lie in, if its rows have one moment: the only one, or an endless one."""
    spans = {present(each.metric) for each in group.measured}
    spans |= {earlier(each.metric) for each in group.measured if each.has_past}
    if len({each.at for each in group.measured}) > 1:
        return None
    return next((span for span in spans if len(spans) == 1 or span.window.kind == "all"), None)


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
    if target not in (metric_column(metric), metric.key + BASE_SUFFIX):
        return filled
    return rounded(filled, metric, dialect, has=found.places)


def _why(value: str, rows: str, dialect: Dialect) -> str:
    return f"CASE WHEN coalesce({rows}, 0) = 0 THEN '{NO_ROWS}' WHEN {value} IS NULL THEN '{BLANK_VALUES}' END"
