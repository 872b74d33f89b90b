"""The decision table of a segment as one query over all records of its object (law 3)."""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tongmai.formula import BOOLEAN, Path, Tree, parse
from tongmai.kit import WorkingCalendar
from tongmai.metrics.binding import Binder
from tongmai.metrics.collecting import literal
from tongmai.metrics.plan import paths, plan_metrics
from tongmai.metrics.rows import Rows
from tongmai.metrics.spans import Spans
from tongmai.metrics.statements import Prepared, values_item
from tongmai.metrics.tables import PastTables, PresentTables, Tables
from tongmai.model import Catalogue, ObjectScope, SegmentDef, companion_table
from tongmai.store import Workspace, quote_ident


def present_query(
    workspace: Workspace, catalogue: Catalogue, segment: SegmentDef, calendar: WorkingCalendar
) -> Prepared:
    """Records whose class is not the one the table says now: ``id, wanted, leaves, seen, deleted, class, since``."""
    binder = Binder()
    tables = PresentTables(workspace)

    def values(object_key: str) -> str:
        return f"{workspace.quoted_schema}.{quote_ident(companion_table(object_key))}"

    decided = _Decision(workspace, catalogue, segment, tables, binder, calendar).select(values)
    members = f"{workspace.quoted_schema}._segment_member"
    sql = (
        f"SELECT d.*, m.class, m.since FROM ({decided}) AS d LEFT JOIN {members} AS m"
        f" ON m.segment = {literal(segment.key)} AND m.record_id = d.id WHERE m.class IS DISTINCT FROM d.wanted"
    )
    return Prepared(binder.statement(sql), Spans(binder))


def past_query(
    workspace: Workspace, catalogue: Catalogue, segment: SegmentDef, calendar: WorkingCalendar
) -> tuple[Prepared, tuple[Spans, ...]]:
    """What the table would have said of all records at ``$as_of``, from the rows of that moment, with its spans."""
    binder = Binder()
    tables = PastTables(workspace, catalogue, binder("as_of", "timestamptz"))
    spans: list[Spans] = []

    def values(object_key: str) -> str:
        item, found = values_item(plan_metrics(catalogue, object_key), tables, binder, workspace.zone, calendar)
        spans.append(found)
        return item

    sql = _Decision(workspace, catalogue, segment, tables, binder, calendar).select(values)
    own = spans[0] if spans else Spans(binder)
    return Prepared(binder.statement(sql), own), tuple(spans)


class _Decision:
    def __init__(
        self,
        workspace: Workspace,
        catalogue: Catalogue,
        segment: SegmentDef,
        tables: Tables,
        binder: Binder,
        calendar: WorkingCalendar,
    ) -> None:
        self._segment = segment
        self._scope = ObjectScope(catalogue, segment.object)
        self._make = partial(Rows, catalogue, segment.object, "o", tables, binder, workspace.zone, calendar)

    def select(self, values: Callable[[str], str]) -> str:
        rows = self._make(values)
        cases, leaves = [], []
        read: dict[Path, Tree] = {}
        for each in self._segment.classes:
            if each.when is not None:
                tree = self._tree(each.when, read)
                cases.append(f"WHEN {rows.sql(tree)} THEN {literal(each.key)}")
            else:
                cases.append(f"ELSE {literal(each.key)}")
            if each.leave_when is not None:
                leaves.append(f"{literal(each.key)}, {rows.sql(self._tree(each.leave_when, read))}")
        case = f"CASE {' '.join(cases)} END" if cases[0].startswith("WHEN") else cases[0].removeprefix("ELSE ")
        seen = ", ".join(f"{literal('.'.join(path))}, {rows.path(path)}" for path in sorted(read))
        return (
            f"SELECT o.id, o.deleted_at IS NOT NULL AS deleted,"
            f" CASE WHEN o.deleted_at IS NULL THEN {case} END AS wanted,"
            f" jsonb_build_object({', '.join(leaves)})::text AS leaves, jsonb_build_object({seen})::text AS seen"
            f" FROM {rows.source}"
        )

    def _tree(self, text: str, read: dict[Path, Tree]) -> Tree:
        tree = parse(text, self._scope, expect=BOOLEAN).tree
        read |= dict.fromkeys(paths(tree), tree)
        return tree
