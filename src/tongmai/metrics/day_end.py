"""The values of an object's records at a moment that has just passed: only what was touched since is looked up anew.

Rows of the touched records, and those that were changed or deleted since, are taken from the history as they were; all
other records are as the companion table has them. What depends on other records (shares, means) is derived over both.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tongmai.metrics.affected import Affected
from tongmai.metrics.binding import Binder, Statement, literal
from tongmai.metrics.collecting import Collector
from tongmai.metrics.deriving import Deriver
from tongmai.metrics.plan import MetricPlan, owners
from tongmai.metrics.rows import Rows
from tongmai.metrics.spans import Spans
from tongmai.metrics.tables import PastTables, PresentTables
from tongmai.metrics.windows import Era
from tongmai.model import PERSON, companion_columns
from tongmai.records import past_record
from tongmai.store import ReadTx, Workspace, quote_ident

_LAST_EPOCH = 2**62


@dataclass(frozen=True)
class PastValues:
    """``sql`` is a FROM item with ``record_id`` and the companion's columns; ``$subjects`` are the touched records."""

    sql: str
    binder: Binder
    spans: Spans

    def statement(self, sql: str) -> Statement:
        return self.binder.statement(sql)


async def touched_after(tx: ReadTx, workspace: Workspace, plan: MetricPlan, era: Era) -> frozenset[UUID]:
    """The records whose values entries after the moment may have changed; none where that cannot be told record by
    record (a purge took the past away too, or all are touched)."""
    first = await tx.fetch_value(
        f"SELECT min(epoch) FROM {workspace.quoted_schema}._history WHERE at > $1 AND object = ANY($2)",
        era.as_of, sorted(plan.objects),
    )  # fmt: skip
    if first is None:
        return frozenset()
    affected = Affected(workspace, plan, plan.catalogue.calendar.working)
    return await affected.find(tx, int(first) - 1, _LAST_EPOCH, era, era) or frozenset()


async def regrouped_after(tx: ReadTx, workspace: Workspace, moment: datetime) -> bool:
    """Whether people may have changed their team since: shares and means of teams are then derived anew, though no
    row that is measured was touched."""
    found: bool = await tx.fetch_value(
        f"SELECT EXISTS (SELECT FROM {workspace.quoted_schema}._history WHERE object = $1 AND at > $2)", PERSON, moment
    )
    return found


def past_values(workspace: Workspace, plan: MetricPlan, companion: str) -> PastValues:
    """All records' values at ``$as_of``."""
    binder, calendar = Binder(), plan.catalogue.calendar.working
    moment = binder("as_of", "timestamptz")
    sources = {plan.object: _candidates(workspace, plan, plan.object, binder)}
    sources |= {group.source: _candidates(workspace, plan, group.source, binder) for group in plan.groups}
    tables = _PastOfSome(workspace, plan.catalogue, moment, candidates=sources)
    collector = Collector(plan, tables, binder, workspace.zone, calendar, chosen=True)
    names = ", ".join(("record_id", *(quote_ident(name) for each in plan.metrics for name in companion_columns(each))))
    both = (
        f"(SELECT {names} FROM ({collector.select()}) AS p UNION ALL"
        f" SELECT {names} FROM {companion} AS k WHERE k.record_id <> ALL({binder('subjects', 'uuid[]')}))"
    )
    past = PastTables(workspace, plan.catalogue, moment)
    deriver = Deriver(plan, past, binder, collector.spans, workspace.zone)
    return PastValues(f"({deriver.select(both)})", binder, collector.spans)


@dataclass(frozen=True)
class _PastOfSome(PastTables):
    """Of an object's rows at a moment only those among ``candidates`` (a SELECT of ids by object)."""

    candidates: Mapping[str, str] = field(default_factory=dict)

    def rows(self, object_key: str) -> str:
        found = past_record(self.workspace, self.catalogue, object_key, self.moment, "q.id")
        return f"(SELECT e.* FROM ({self.candidates[object_key]}) AS q CROSS JOIN LATERAL {found} AS e)"


def _candidates(workspace: Workspace, plan: MetricPlan, object_key: str, binder: Binder) -> str:
    """The rows that may have counted for the touched records: theirs now, those that were touched themselves, and
    those that lead through a touched record."""
    subjects = binder("subjects", "uuid[]")
    parts = [_touched(workspace, object_key, binder)]
    if object_key == plan.object:
        parts.append(f"SELECT unnest({subjects}) AS id")
    for group in plan.groups:
        if group.source != object_key or not group.hops:
            continue
        calendar = plan.catalogue.calendar.working
        rows = Rows(plan.catalogue, object_key, "s", PresentTables(workspace), binder, workspace.zone, calendar)
        conditions = [f"{rows.path(group.hops)} = ANY({subjects})"]
        for length in range(1, len(group.hops)):
            (owner,) = owners(plan.catalogue, object_key, group.hops[: length + 1])[-1:]
            touched = _touched(workspace, owner, binder)
            conditions.append(f"{rows.path(group.hops[:length])} IN ({touched})")
        parts += [f"SELECT s.id FROM {rows.source} WHERE {condition}" for condition in conditions]
    return " UNION ".join(parts)


def _touched(workspace: Workspace, object_key: str, binder: Binder) -> str:
    history = f"{workspace.quoted_schema}._history"
    moment = binder("as_of", "timestamptz")
    return f"SELECT h.record_id AS id FROM {history} AS h WHERE h.object = {literal(object_key)} AND h.at > {moment}"
