"""The statements that write an object's metrics: all records or chosen ones, then what follows for the others."""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tongmai.kit import WorkingCalendar
from tongmai.metrics.binding import Binder, Statement
from tongmai.metrics.collecting import Collector
from tongmai.metrics.deriving import Deriver
from tongmai.metrics.plan import MetricPlan
from tongmai.metrics.spans import Spans
from tongmai.metrics.tables import PresentTables, Tables
from tongmai.metrics.windows import Era
from tongmai.model import companion_columns, companion_table
from tongmai.store import Workspace, quote_ident


@dataclass(frozen=True)
class Prepared:
    """A statement with the spans it was made over."""

    statement: Statement
    spans: Spans

    @property
    def sql(self) -> str:
        return self.statement.sql

    def arguments(self, era: Era, more: Mapping[str, object]) -> list[object]:
        return self.statement.arguments({**self.spans.given(era), **more})


def values_item(
    plan: MetricPlan, tables: Tables, binder: Binder, zone: str, calendar: WorkingCalendar
) -> tuple[str, Spans]:
    """All values worked out from rows alone, as a FROM item with ``record_id`` and the companion's columns."""
    collector = Collector(plan, tables, binder, zone, calendar)
    measured = collector.select()
    deriver = Deriver(plan, tables, binder, collector.spans, zone)
    return f"({deriver.select(f'({measured})')})", collector.spans


def measure_statement(workspace: Workspace, plan: MetricPlan, calendar: WorkingCalendar, *, chosen: bool) -> Prepared:
    """Writes what is measured, and what is derived as far as one record tells it, for all records or ``$subjects``."""
    binder = Binder()
    tables = PresentTables(workspace)
    collector = Collector(plan, tables, binder, workspace.zone, calendar, chosen=chosen)
    measured = collector.select()
    complete = Deriver(plan, tables, binder, collector.spans, workspace.zone).select(f"({measured})")
    return Prepared(binder.statement(_write(workspace, plan, binder, complete)), collector.spans)


def finish_statement(workspace: Workspace, collector: Collector, table: str) -> Prepared:
    """Writes the values of all records from what ``collector`` gathered elsewhere and put into ``table``.

    A record that is gone since gets no row; one that has a row loses it when its deletion is read from the feed.
    """
    plan, binder = collector.plan, Binder()
    spans = Spans(binder)
    deriver = Deriver(plan, PresentTables(workspace), binder, spans, workspace.zone)
    # Without the fence PostgreSQL works a measured value out again wherever another is derived from it.
    complete = deriver.select(f"({collector.finished(table)} OFFSET 0)")
    present = f"{workspace.quoted_schema}.{quote_ident(plan.object)}"
    is_there = f"EXISTS (SELECT FROM {present} AS o WHERE o.id = v.record_id AND o.deleted_at IS NULL)"
    return Prepared(binder.statement(_write(workspace, plan, binder, complete, fresh=is_there)), spans)


def _write(workspace: Workspace, plan: MetricPlan, binder: Binder, complete: str, *, fresh: str = "TRUE") -> str:
    """Rows that stay the same are neither written nor locked. ``fresh`` is asked of rows ``v`` that were not there."""
    names = [quote_ident(name) for each in plan.metrics for name in companion_columns(each)]
    listed = ", ".join(names)
    told = ", ".join(
        (
            binder("computed_at", "timestamptz"),
            binder("as_of", "timestamptz"),
            binder("epoch", "bigint"),
            binder("version", "bigint"),
        )
    )
    kept = ("computed_at", "as_of", "epoch", "version")
    sets = ", ".join(f"{name} = excluded.{name}" for name in (*kept, *names))
    here, there = (", ".join(f"{at}.{name}" for name in names) for at in ("p", "v"))
    companion = _companion(workspace, plan)
    return (
        f"INSERT INTO {companion} (record_id, {', '.join(kept)}, {listed})"
        f" SELECT v.record_id, {told}, {', '.join(f'v.{name}' for name in names)} FROM ({complete}) AS v"
        f" LEFT JOIN {companion} AS p ON p.record_id = v.record_id"
        f" WHERE CASE WHEN p.record_id IS NULL THEN {fresh} ELSE ({here}) IS DISTINCT FROM ({there}) END"
        f" ON CONFLICT (record_id) DO UPDATE SET {sets}"
    )


def derive_statement(workspace: Workspace, plan: MetricPlan) -> Prepared | None:
    """Completes the columns of all records from the companion table; None where nothing is derived."""
    binder = Binder()
    spans = Spans(binder)
    deriver = Deriver(plan, PresentTables(workspace), binder, spans, workspace.zone)
    columns = [quote_ident(name) for name in deriver.columns]
    if not columns:
        return None
    complete = deriver.select(_companion(workspace, plan))
    told = f"computed_at = {binder('computed_at', 'timestamptz')}, as_of = {binder('as_of', 'timestamptz')}"
    sets = ", ".join(f"{name} = v.{name}" for name in columns)
    here, there = (", ".join(f"{at}.{name}" for name in columns) for at in ("c", "v"))
    sql = (
        f"UPDATE {_companion(workspace, plan)} AS c SET {told}, {sets} FROM ({complete}) AS v"
        f" WHERE v.record_id = c.record_id AND ({here}) IS DISTINCT FROM ({there})"
    )
    return Prepared(binder.statement(sql), spans)


def forget_statement(workspace: Workspace, plan: MetricPlan) -> str:
    """Takes away the values of records that are deleted. ``$1`` names the records to look at; all where it is NULL."""
    present = f"{workspace.quoted_schema}.{quote_ident(plan.object)}"
    return (
        f"DELETE FROM {_companion(workspace, plan)} AS c WHERE ($1::uuid[] IS NULL OR c.record_id = ANY($1::uuid[]))"
        f" AND NOT EXISTS (SELECT FROM {present} AS o WHERE o.id = c.record_id AND o.deleted_at IS NULL)"
    )


def _companion(workspace: Workspace, plan: MetricPlan) -> str:
    return f"{workspace.quoted_schema}.{quote_ident(companion_table(plan.object))}"
