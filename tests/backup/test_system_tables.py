"""A backup keeps every table that the product itself keeps in a workspace: metrics, their days, segments and the rest."""

from __future__ import annotations

from pathlib import Path

from tongmai.backup import back_up, restore
from tongmai.metrics import Metrics, Segments, Snapshots
from tongmai.model import AddMetric, AddSegment, Changeset, MetricDef, SegmentDef
from tongmai.schema import SchemaEditor
from tongmai.store import Workspace, quote_ident

from .conftest import Company

METRIC = {"key": "notes", "label": "笔记数", "object": "note", "source": "note", "measure": {"kind": "count"}}
SEGMENT = {
    "key": "kind",
    "label": "类别",
    "object": "note",
    "classes": [{"key": "any", "label": "有", "when": "notes > 0"}],
}
FILLED = {"_metric_note", "_metric_state", "_metric_day", "_segment_member", "_segment_move", "_history", "_block"}


async def system_tables(company: Company, workspace: Workspace) -> dict[str, list[str]]:
    """Every table of the schema whose name begins with ``_`` with its rows as text, sorted."""
    async with company.database.read() as tx:
        tables = await tx.fetch(
            "SELECT c.relname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname LIKE '\\_%'",
            workspace.schema,
        )
        found = {}
        for row in tables:
            name = row["relname"]
            rows = await tx.fetch(f"SELECT t::text AS t FROM {workspace.quoted_schema}.{quote_ident(name)} AS t")
            found[name] = sorted(each["t"] for each in rows)
    return found


async def test_every_table_of_the_product_comes_back_with_its_rows(company: Company, place: Path) -> None:
    changes = Changeset(actions=(
        AddMetric(metric=MetricDef.model_validate(METRIC)), AddSegment(segment=SegmentDef.model_validate(SEGMENT)),
    ))  # fmt: skip
    editor = SchemaEditor(company.database, company.catalogues, company.clock, company.settings)
    await editor.apply(company.workspace, changes, None)
    metrics = Metrics(company.database, company.catalogues, company.clock)
    await metrics.full(company.workspace)
    await Segments(metrics).evaluate(company.workspace)
    await Snapshots(metrics).take(company.workspace, company.clock.now().date())
    await company.seal()
    before = await system_tables(company, company.workspace)
    assert before.keys() >= FILLED and all(before[name] for name in FILLED)
    await back_up(company.database, company.files.store, company.clock, company.workspace, place)
    restored = await restore(
        company.database, company.files.store, company.clock, place, key=f"{company.workspace.key}_kept"
    )
    after = await system_tables(company, restored.workspace)
    assert after.keys() == before.keys()
    # A restored workspace begins an epoch of its own.
    assert {name for name, rows in after.items() if rows != before[name]} <= {"_feed"}
