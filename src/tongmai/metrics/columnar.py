"""A plan measured by DuckDB over the columnar replica: what PostgreSQL would gather of all rows, ten times as quick.

DuckDB only gathers (``collecting``); PostgreSQL takes the columns by COPY and makes the values of them. The figures are
true at the replica's sealed epoch; whoever writes them goes on from there by the feed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tongmai.access import Policies, SystemActor
from tongmai.kit import Clock
from tongmai.metrics.binding import Binder
from tongmai.metrics.collecting import Collector
from tongmai.metrics.engines import Engine
from tongmai.metrics.plan import MetricPlan
from tongmai.metrics.rows import calendar_values
from tongmai.metrics.statements import Prepared, finish_statement
from tongmai.metrics.tables import ReplicaTables
from tongmai.metrics.windows import Era
from tongmai.model import Catalogue
from tongmai.records import Place, Structure
from tongmai.replica import Damaged, Manifest, Replica, ReplicaReader, extracted
from tongmai.store import Workspace, WriteTx

FindReplica = Callable[[Workspace], Replica | None]
_GATHERED = "_tongmai_gathered"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Gathered:
    """All records' parts in a file, true at ``epoch``; ``finish`` writes the values of them once they are loaded."""

    file: Path
    columns: dict[str, str]
    epoch: int
    engine: Engine
    finish: Prepared

    async def load(self, tx: WriteTx) -> None:
        """Brings the file into a table of the transaction's own."""
        listed = "".join(f", {name} {kind}" for name, kind in self.columns.items())
        await tx.execute(f"CREATE TEMP TABLE {_GATHERED} (record_id uuid NOT NULL{listed}) ON COMMIT DROP")
        await tx.copy_text("pg_temp", _GATHERED, ["record_id", *self.columns], _chunks(self.file), format="csv")
        # How many rows there are is all that the planner needs to know.
        await tx.execute("SET LOCAL default_statistics_target = 1")
        await tx.execute(f"ANALYZE pg_temp.{_GATHERED}")


class Columnar:
    """``fewest_rows`` is from how many rows on the replica is asked."""

    def __init__(self, find: FindReplica, clock: Clock, fewest_rows: int) -> None:
        self._find = find
        self._clock = clock
        self._fewest_rows = fewest_rows

    @contextlib.asynccontextmanager
    async def gather(self, workspace: Workspace, plan: MetricPlan, era: Era) -> AsyncIterator[Gathered | Engine]:
        """What was gathered, or PostgreSQL with why it has to do it."""
        replica = self._find(workspace)
        if replica is None or not replica.shelf.exists:
            yield Engine("postgres", "no_replica")
            return
        async with contextlib.AsyncExitStack() as stack:
            yield await self._gathered(stack, replica, plan, era)

    async def _gathered(
        self, stack: contextlib.AsyncExitStack, replica: Replica, plan: MetricPlan, era: Era
    ) -> Gathered | Engine:
        try:
            # Brings it up, which takes a moment; None where its keeper is just doing that.
            await replica.advance()
            await asyncio.to_thread(replica.shelf.present)
            manifest = stack.enter_context(replica.shelf.lease())
            if manifest.catalogue_version != plan.catalogue.version:
                return Engine("postgres", "behind_model")
            rows = rows_to_read(manifest, plan)
            if rows < self._fewest_rows:
                return Engine("postgres", "few_rows", rows)
            collector, sql, values = measured_sql(replica, manifest, plan, era)
            file = await stack.enter_async_context(extracted(replica, self._clock, sql, values))
        except Damaged:
            return Engine("postgres", "damaged")
        except duckdb.Error:
            # A sum of more than 38 digits, say: PostgreSQL has room for it, or words for what is wrong.
            return Engine("postgres", "refused")
        finish = finish_statement(replica.workspace, collector, f"pg_temp.{_GATHERED}")
        return Gathered(file, collector.gathered, manifest.epoch, Engine("duckdb", "many_rows", rows), finish)


def measured_sql(
    replica: Replica, manifest: Manifest, plan: MetricPlan, era: Era
) -> tuple[Collector, str, list[object]]:
    """The statement that gathers a plan's parts in DuckDB, with its values. The manifest must be leased."""
    calendar = plan.catalogue.calendar.working
    tables = ReplicaTables(own_reader(replica, manifest, plan.catalogue, era))
    collector = Collector(plan, tables, Binder(), replica.workspace.zone, calendar)
    prepared = Prepared(collector.binder.statement(collector.measured()), collector.spans)
    return collector, prepared.sql, prepared.arguments(era, calendar_values(calendar))


def own_reader(replica: Replica, manifest: Manifest, catalogue: Catalogue, era: Era) -> ReplicaReader:
    """The product's own eyes: metrics are the same for everybody, and masked where they are shown."""
    place = Place(replica.workspace, Structure(catalogue), SystemActor("metrics"), Policies())
    return ReplicaReader(place, era.as_of, manifest, replica.shelf)


def rows_to_read(manifest: Manifest, plan: MetricPlan) -> int:
    """About how many rows one pass reads."""
    sources = [plan.object, *(group.source for group in plan.groups)]
    rows = sum(manifest.objects[key].rows for key in sources if key in manifest.objects)
    return rows + (sum(file.rows for file in manifest.history) if plan.update_rates else 0)


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    source = await asyncio.to_thread(file.open, "rb")
    try:
        while chunk := await asyncio.to_thread(source.read, _CHUNK):
            yield chunk
    finally:
        await asyncio.to_thread(source.close)
