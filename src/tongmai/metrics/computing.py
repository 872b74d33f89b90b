"""Keeps the values of metrics: all of an object in one pass, or the records that the feed and the clock touched.

Invariant (tested over random histories): after any sequence of refreshes the values are those of one full computation
at the same moment. Whoever computes holds the object's row of ``_metric_state``; writers of records are never held up.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongmai.kit import Clock, NotFound
from tongmai.metrics.affected import Affected
from tongmai.metrics.columnar import Columnar, FindReplica, Gathered
from tongmai.metrics.engines import Engine
from tongmai.metrics.plan import MetricPlan, plan_metrics
from tongmai.metrics.statements import Prepared, derive_statement, forget_statement, measure_statement
from tongmai.metrics.windows import Era
from tongmai.model import CalendarDef, Catalogue
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Record, Workspace, WriteTx

# From so many rows to read on, the columnar replica is worth its way.
FEWEST_ROWS = 100_000
_KEPT_PLANS = 64
# One pass sorts and hashes whole tables.
_WORK_MEMORY = "256MB"
# ``workspace-key:object`` once values or classes of its records are others.
MEASURED_CHANNEL = "tongmai_measured"


_TABLES = Engine("postgres")


@dataclass(frozen=True, slots=True)
class Computed:
    """``records`` of an object were computed (None: all), ``written`` rows differed from what was there."""

    object: str
    records: int | None
    written: int
    epoch: int
    as_of: datetime
    engine: Engine = _TABLES


@dataclass(frozen=True)
class _Compiled:
    plan: MetricPlan
    signature: str
    all: Prepared
    chosen: Prepared
    derive: Prepared | None
    forget: str


class Metrics:
    """One per process, for one event loop."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        clock: Clock,
        *,
        replica: FindReplica | None = None,
        fewest_rows: int = FEWEST_ROWS,
    ) -> None:
        self.database = database
        self.catalogues = catalogues
        self.clock = clock
        self.columnar = None if replica is None else Columnar(replica, clock, fewest_rows)
        self._compiled: OrderedDict[tuple[UUID, int, str], _Compiled] = OrderedDict()

    def era(self, workspace: Workspace, catalogue: Catalogue, as_of: datetime | None = None) -> Era:
        """The moment of evaluation, now unless told."""
        return Era(as_of or self.clock.now(), workspace.zone, catalogue.calendar.working)

    async def full(
        self, workspace: Workspace, as_of: datetime | None = None, *, objects: Iterable[str] | None = None
    ) -> list[Computed]:
        """Computes every value anew. Raises ``NotFound`` for an object without metrics."""
        catalogue = await self.catalogues.newest(workspace)
        era = self.era(workspace, catalogue, as_of)
        return [await self._run(workspace, catalogue, key, era, whole=True) for key in _chosen(catalogue, objects)]

    async def refresh(
        self, workspace: Workspace, as_of: datetime | None = None, *, objects: Iterable[str] | None = None
    ) -> list[Computed]:
        """Brings the values up to the sealed feed and to the moment: only what either touched is computed."""
        catalogue = await self.catalogues.newest(workspace)
        era = self.era(workspace, catalogue, as_of)
        return [await self._run(workspace, catalogue, key, era, whole=False) for key in _chosen(catalogue, objects)]

    def plan(self, catalogue: Catalogue, object_key: str) -> MetricPlan:
        """The object's metrics read for computing."""
        return plan_metrics(catalogue, object_key)

    async def _run(
        self, workspace: Workspace, catalogue: Catalogue, object_key: str, era: Era, *, whole: bool
    ) -> Computed:
        compiled = self._compile(workspace, catalogue, object_key)
        done = None if whole else await self._touched(workspace, compiled, era)
        return done or await self._all(workspace, compiled, era)

    async def _touched(self, workspace: Workspace, compiled: _Compiled, era: Era) -> Computed | None:
        """Brings up what the feed and the clock touched since the last time; None where all must be computed."""
        plan = compiled.plan
        async with self.database.write() as tx:
            state = await _hold_state(tx, workspace, plan.object)
            if state["as_of"] is None or state["definitions"] != compiled.signature:
                return None
            before = era.at(state["as_of"])
            if plan.reads_today and before.today != era.today:
                return None
            epoch = await _sealed(tx, workspace)
            affected = Affected(workspace, plan, plan.catalogue.calendar.working)
            subjects = await affected.find(tx, int(state["epoch"]), epoch, before, era)
            if subjects is None:
                return None
            written = await self._write_chosen(tx, compiled, era, epoch, subjects)
            is_new_day = before.today != era.today
            moves = plan.is_global or plan.is_momentary or (plan.is_daily and is_new_day)
            if compiled.derive is not None and moves:
                told = self._told(compiled, epoch)
                written += await tx.execute(compiled.derive.sql, *compiled.derive.arguments(era, told))
            await self._keep(tx, workspace, compiled, epoch, era, state["engine"], written)
        return Computed(plan.object, len(subjects), written, epoch, era.as_of)

    async def _all(self, workspace: Workspace, compiled: _Compiled, era: Era) -> Computed:
        """Computes every record: over the replica where that pays, else over the tables."""
        engine = Engine("postgres", "no_replica")
        if self.columnar is not None:
            async with self.columnar.gather(workspace, compiled.plan, era) as found:
                if isinstance(found, Engine):
                    engine = found
                else:
                    done = await self._of_gathered(workspace, compiled, era, found)
                    if done is not None:
                        return done
                    engine = Engine("postgres", "purged")
        async with self.database.write() as tx:
            await _hold_state(tx, workspace, compiled.plan.object)
            epoch = await _sealed(tx, workspace)
            await tx.execute(f"SET LOCAL work_mem = '{_WORK_MEMORY}'")
            told = self._told(compiled, epoch)
            written = await tx.execute(compiled.all.sql, *compiled.all.arguments(era, told))
            written += await tx.execute(compiled.forget, None)
            await self._keep(tx, workspace, compiled, epoch, era, engine.encode(), written)
        return Computed(compiled.plan.object, None, written, epoch, era.as_of, engine)

    async def _of_gathered(
        self, workspace: Workspace, compiled: _Compiled, era: Era, found: Gathered
    ) -> Computed | None:
        """Writes what DuckDB gathered, then what was touched since; None where that cannot be told record by record."""
        async with self.database.write() as tx:
            await _hold_state(tx, workspace, compiled.plan.object)
            epoch = await _sealed(tx, workspace)
            affected = Affected(workspace, compiled.plan, compiled.plan.catalogue.calendar.working)
            subjects = await affected.find(tx, found.epoch, epoch, era, era)
            if subjects is None:
                return None
            await tx.execute(f"SET LOCAL work_mem = '{_WORK_MEMORY}'")
            await found.load(tx)
            told = self._told(compiled, epoch)
            written = await tx.execute(found.finish.sql, *found.finish.arguments(era, told))
            written += await tx.execute(compiled.forget, None)
            written += await self._write_chosen(tx, compiled, era, epoch, subjects)
            if compiled.derive is not None and compiled.plan.is_global and epoch > found.epoch:
                written += await tx.execute(compiled.derive.sql, *compiled.derive.arguments(era, told))
            await self._keep(tx, workspace, compiled, epoch, era, found.engine.encode(), written)
        return Computed(compiled.plan.object, None, written, epoch, era.as_of, found.engine)

    async def _write_chosen(
        self, tx: WriteTx, compiled: _Compiled, era: Era, epoch: int, subjects: frozenset[UUID]
    ) -> int:
        if not subjects:
            return 0
        chosen = list(subjects)
        arguments = compiled.chosen.arguments(era, {**self._told(compiled, epoch), "subjects": chosen})
        written = await tx.execute(compiled.chosen.sql, *arguments)
        return written + await tx.execute(compiled.forget, chosen)

    def _told(self, compiled: _Compiled, epoch: int) -> dict[str, object]:
        return {"computed_at": self.clock.now(), "epoch": epoch, "version": compiled.plan.catalogue.version}

    async def _keep(
        self, tx: WriteTx, workspace: Workspace, compiled: _Compiled, epoch: int, era: Era, engine: str, written: int
    ) -> None:
        await tx.execute(
            f"UPDATE {workspace.quoted_schema}._metric_state SET epoch = $2, as_of = $3, version = $4,"
            " definitions = $5, computed_at = $6, engine = $7 WHERE object = $1",
            compiled.plan.object, epoch, era.as_of, compiled.plan.catalogue.version, compiled.signature,
            self.clock.now(), engine,
        )  # fmt: skip
        if written:
            await tell_measured(tx, workspace, compiled.plan.object)

    def _compile(self, workspace: Workspace, catalogue: Catalogue, object_key: str) -> _Compiled:
        key = (workspace.id, catalogue.version, object_key)
        found = self._compiled.get(key)
        if found is None:
            plan, calendar = plan_metrics(catalogue, object_key), catalogue.calendar
            found = self._compiled[key] = _Compiled(
                plan=plan,
                signature=_signature(plan, calendar),
                all=measure_statement(workspace, plan, calendar.working, chosen=False),
                chosen=measure_statement(workspace, plan, calendar.working, chosen=True),
                derive=derive_statement(workspace, plan),
                forget=forget_statement(workspace, plan),
            )
            if len(self._compiled) > _KEPT_PLANS:
                self._compiled.popitem(last=False)
        return found


async def tell_measured(tx: WriteTx, workspace: Workspace, object_key: str) -> None:
    """Tells the listeners, once this is committed, that values or classes of the object's records are others."""
    await tx.notify(MEASURED_CHANNEL, f"{workspace.key}:{object_key}")


def _signature(plan: MetricPlan, calendar: CalendarDef) -> str:
    """What values are made by. Another signature has them all computed anew, so it names the company's own days."""
    if calendar == CalendarDef():
        return plan.signature
    days = hashlib.sha256(calendar.model_dump_json().encode()).hexdigest()[:16]
    return f"{plan.signature}:{days}"


def _chosen(catalogue: Catalogue, objects: Iterable[str] | None) -> list[str]:
    measured = list(dict.fromkeys(metric.object for metric in catalogue.metrics))
    if objects is None:
        return measured
    wanted = list(objects)
    for key in wanted:
        if key not in measured:
            raise NotFound.of("metric.none", f"对象“{key}”没有指标", f"“{key}” has no metrics", field="object")
    return wanted


async def _sealed(tx: WriteTx, workspace: Workspace) -> int:
    """The last sealed epoch."""
    return int(await tx.fetch_value(f"SELECT coalesce(max(epoch), 0) FROM {workspace.quoted_schema}._block"))


async def _hold_state(tx: WriteTx, workspace: Workspace, object_key: str) -> Record:
    """The object's row, locked to the end of the transaction."""
    table = f"{workspace.quoted_schema}._metric_state"
    await tx.execute(f"INSERT INTO {table} (object) VALUES ($1) ON CONFLICT DO NOTHING", object_key)
    found = await tx.fetch_row(f"SELECT * FROM {table} WHERE object = $1 FOR UPDATE", object_key)
    assert found is not None
    return found
