"""The metrics of single records, each at a moment of its own: what an entry of a log is judged by (law 4).

For each entry the rows that may have counted for its record are found by the links that they have now and had since,
and taken as they were at the entry's moment: the values are those of that moment, whenever they are asked for, and no
refresh has to come first. What depends on other records (shares, the means of teams, and what is made of these) is that
of the last whole day, as in all reads of the past.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tongmai.metrics.binding import Binder, literal
from tongmai.metrics.collecting import Collector
from tongmai.metrics.deriving import Deriver
from tongmai.metrics.plan import Group, MetricPlan, plan_metrics, target_of
from tongmai.metrics.spans import Spans
from tongmai.metrics.tables import PastTables
from tongmai.metrics.windows import Era
from tongmai.model import (
    Catalogue,
    MetricDef,
    NoComparison,
    ObjectScope,
    Share,
    TeamMean,
    companion_columns,
    metric_column,
    metric_parts,
)
from tongmai.records import past_record
from tongmai.store import Workspace, quote_ident

# Epochs beyond this one are looked through for links that records had: a parameter of every statement with values.
FORMER_SINCE = "former.since"
_FORMER = "_former"


class EntryValues:
    """The values of metrics for a statement over entries ``e``, of which ``e.at`` is the moment.

    ``metrics`` are those that are read, with all they are made of. When all items are made, ``edges`` are the columns
    that ``e`` must have beside (windows, by name with type), and ``former`` belongs to the statement's WITH.
    """

    def __init__(self, workspace: Workspace, catalogue: Catalogue, metrics: Collection[str], binder: Binder) -> None:
        self._workspace = workspace
        self._catalogue = catalogue
        self._binder = binder
        self._metrics = [each for each in catalogue.metrics if each.key in metrics]
        self._spans: list[Spans] = []
        self._former: dict[tuple[str, str], None] = {}
        self.edges: dict[str, str] = {}

    def item(self, object_key: str, link: str) -> str:
        """The companion's columns of the record ``link`` (SQL) as a lateral FROM item."""
        metrics = [each for each in self._metrics if each.object == object_key]
        alone = [_alone(each) for each in metrics if _stands_alone(self._catalogue, each)]
        own = [name for each in alone for name in companion_columns(each)]
        daily = {name: each for each in metrics for name in companion_columns(each) if name not in own}
        listed = [f"v.{quote_ident(name)}" for name in own] + [f"d.{quote_ident(name)}" for name in daily]
        sources = [f"(SELECT {link} AS id) AS whose"]
        if own:
            sources.append(f"LEFT JOIN LATERAL ({self._own(object_key, alone)}) AS v ON TRUE")
        if daily:
            sources.append(f"CROSS JOIN LATERAL ({self._daily(object_key, daily)}) AS d")
        return f"LATERAL (SELECT whose.id AS record_id, {', '.join(listed)} FROM {' '.join(sources)})"

    def given(self, era: Era) -> dict[str, object]:
        """The edges at an entry's moment."""
        found: dict[str, object] = {}
        for each in self._spans:
            found |= each.given(era)
        return found

    @property
    def former(self) -> list[str]:
        """The CTE of links that records had, with the moment until which; none where none matters."""
        if not self._former:
            return []
        since = self._binder(FORMER_SINCE, "bigint")
        parts = []
        for object_key, key in self._former:
            link = f"h.before ->> {literal(key)}"
            parts.append(
                f"SELECT h.object, {literal(key)} AS key, h.record_id, h.at,"
                f" CASE WHEN pg_input_is_valid({link}, 'uuid') THEN ({link})::uuid END AS link"
                f" FROM {self._workspace.quoted_schema}._history AS h"
                f" WHERE h.epoch > {since} AND h.object = {literal(object_key)} AND h.before ? {literal(key)}"
            )
        return [f"{_FORMER} AS MATERIALIZED ({' UNION ALL '.join(parts)})"]

    def _own(self, object_key: str, metrics: list[MetricDef]) -> str:
        plan = plan_metrics(self._catalogue.replace(metrics=tuple(metrics)), object_key)
        binder = _EntryBinder(zone=self._workspace.zone, edges=self.edges)
        tables = _RowsOfOne(self._workspace, self._catalogue, "e.at", candidates=self._candidates(plan))
        calendar = self._catalogue.calendar.working
        collector = Collector(plan, tables, binder, self._workspace.zone, calendar, chosen=True)
        measured = collector.select()
        self._spans.append(collector.spans)
        return Deriver(plan, tables, binder, collector.spans, self._workspace.zone).select(f"({measured})")

    def _candidates(self, plan: MetricPlan) -> dict[str, str]:
        """By object the ids of the rows that may have counted for the record, as SQL."""
        found = {plan.object: ["SELECT whose.id AS id"]}
        for group in plan.groups:
            found.setdefault(group.source, []).append(self._led_by(group))
        return {key: " UNION ".join(dict.fromkeys(parts)) for key, parts in found.items()}

    def _led_by(self, group: Group) -> str:
        """The rows of a group's source that lead to the record by its path, or did so since the entry's moment."""
        chain = [group.source]
        for key in group.hops:
            target = target_of(self._catalogue, chain[-1], key)
            assert target is not None
            chain.append(target)
        led = "SELECT whose.id AS id"
        for object_key, key in reversed(list(zip(chain, group.hops, strict=False))):
            self._former[object_key, key] = None
            column = quote_ident(ObjectScope(self._catalogue, object_key).bound(key).definition.column_name)
            table = f"{self._workspace.quoted_schema}.{quote_ident(object_key)}"
            led = (
                f"SELECT t.id FROM {table} AS t WHERE t.{column} IN ({led}) UNION SELECT f.record_id AS id"
                f" FROM {_FORMER} AS f WHERE f.object = {literal(object_key)} AND f.key = {literal(key)}"
                f" AND f.at > e.at AND f.link IN ({led})"
            )
        return led

    def _daily(self, object_key: str, columns: Mapping[str, MetricDef]) -> str:
        """One row of what was kept for the last whole day before the entry."""
        zone = literal(self._workspace.zone)
        kept = (
            f"SELECT DISTINCT ON (k.metric) k.metric, k.value FROM {self._workspace.quoted_schema}._metric_day AS k"
            f" WHERE k.object = {literal(object_key)} AND k.record_id = whose.id"
            f" AND k.day < (e.at AT TIME ZONE {zone})::date ORDER BY k.metric, k.day DESC"
        )
        listed = []
        for name, metric in columns.items():
            kept_as = metric.key if name == metric_column(metric) else name
            kind = companion_columns(metric)[name]
            listed.append(f"(max(k.value) FILTER (WHERE k.metric = {literal(kept_as)}))::{kind} AS {quote_ident(name)}")
        return f"SELECT {', '.join(listed)} FROM ({kept}) AS k"


@dataclass
class _EntryBinder(Binder):
    """Gives the moment and the windows as columns of the entry ``e``, the record as ``whose``."""

    zone: str = "UTC"
    edges: dict[str, str] = field(default_factory=dict)

    def __call__(self, name: str, sql_type: str) -> str:
        if name == "subjects":
            return "ARRAY[whose.id]"
        if name in ("as_of", "now"):
            return "e.at"
        if name == "today":
            return f"CAST(e.at AT TIME ZONE {literal(self.zone)} AS date)"
        self.edges[name] = sql_type
        return f"e.{quote_ident(name)}"


@dataclass(frozen=True)
class _RowsOfOne(PastTables):
    """Of an object's rows at the entry's moment only those among ``candidates`` (a SELECT of ids by object)."""

    candidates: Mapping[str, str] = field(default_factory=dict)

    def rows(self, object_key: str) -> str:
        """Most have not changed since, and are as they were; only of the others the history is laid over."""
        table = f"{self.workspace.quoted_schema}.{quote_ident(object_key)}"
        among = f"IN ({self.candidates[object_key]})"
        earlier = past_record(self.workspace, self.catalogue, object_key, self.moment, "q.id")
        return (
            f"(SELECT p.* FROM {table} AS p WHERE p.id {among} AND p.changed_at <= {self.moment} UNION ALL SELECT y.*"
            f" FROM (SELECT p.id FROM {table} AS p WHERE p.id {among} AND p.changed_at > {self.moment}) AS q"
            f" CROSS JOIN LATERAL {earlier} AS y)"
        )


def _stands_alone(catalogue: Catalogue, metric: MetricDef) -> bool:
    """Whether the value is told by the record's own rows."""
    if isinstance(metric.measure, Share):
        return False
    parts = (catalogue.metric_by_key[key] for key in metric_parts(catalogue, metric))
    return all(not isinstance(each.comparison, TeamMean) and _stands_alone(catalogue, each) for each in parts)


def _alone(metric: MetricDef) -> MetricDef:
    """Without the comparison that other records are needed for."""
    if isinstance(metric.comparison, TeamMean):
        return metric.model_copy(update={"comparison": NoComparison()})
    return metric
