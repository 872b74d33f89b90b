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
from tongmai.metrics.plan import MetricPlan, plan_metrics
from tongmai.metrics.statements import Prepared, derive_statement, forget_statement, measure_statement
from tongmai.metrics.windows import Era
from tongmai.model import CalendarDef, Catalogue
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Record, Workspace, WriteTx

_KEPT_PLANS = 64
# One pass sorts and hashes whole tables.
_WORK_MEMORY = "256MB"


@dataclass(frozen=True, slots=True)
class Computed:
    """``records`` of an object were computed (None: all), ``written`` rows differed from what was there."""

    object: str
    records: int | None
    written: int
    epoch: int
    as_of: datetime


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
    ) -> None:
        self.database = database
        self.catalogues = catalogues
        self.clock = clock
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
        async with self.database.write() as tx:
            state = await _hold_state(tx, workspace, object_key)
            epoch = int(await tx.fetch_value(f"SELECT coalesce(max(epoch), 0) FROM {workspace.quoted_schema}._block"))
            subjects = None
            if not whole and state["as_of"] is not None and state["definitions"] == compiled.signature:
                before = era.at(state["as_of"])
                if not (compiled.plan.reads_today and before.today != era.today):
                    affected = Affected(workspace, compiled.plan, era.calendar)
                    subjects = await affected.find(tx, int(state["epoch"]), epoch, before, era)
            written = await self._write(tx, compiled, era, epoch, catalogue.version, subjects, state["as_of"])
            await tx.execute(
                f"UPDATE {workspace.quoted_schema}._metric_state SET epoch = $2, as_of = $3, version = $4,"
                " definitions = $5, computed_at = $6, engine = 'postgres' WHERE object = $1",
                object_key, epoch, era.as_of, catalogue.version, compiled.signature, self.clock.now(),
            )  # fmt: skip
        return Computed(object_key, None if subjects is None else len(subjects), written, epoch, era.as_of)

    async def _write(
        self,
        tx: WriteTx,
        compiled: _Compiled,
        era: Era,
        epoch: int,
        version: int,
        subjects: frozenset[UUID] | None,
        last: datetime | None,
    ) -> int:
        told = {"computed_at": self.clock.now(), "epoch": epoch, "version": version}
        chosen = None if subjects is None else list(subjects)
        written = 0
        if chosen is None:
            await tx.execute(f"SET LOCAL work_mem = '{_WORK_MEMORY}'")
            written += await tx.execute(compiled.all.sql, *compiled.all.arguments(era, told))
        elif chosen:
            arguments = compiled.chosen.arguments(era, {**told, "subjects": chosen})
            written += await tx.execute(compiled.chosen.sql, *arguments)
        if chosen != []:
            written += await tx.execute(compiled.forget, chosen)
        is_new_day = last is None or era.at(last).today != era.today
        if compiled.derive is not None and (
            (compiled.plan.is_global and chosen is not None) or (compiled.plan.is_daily and is_new_day)
        ):
            written += await tx.execute(compiled.derive.sql, *compiled.derive.arguments(era, told))
        return written

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


async def _hold_state(tx: WriteTx, workspace: Workspace, object_key: str) -> Record:
    """The object's row, locked to the end of the transaction."""
    table = f"{workspace.quoted_schema}._metric_state"
    await tx.execute(f"INSERT INTO {table} (object) VALUES ($1) ON CONFLICT DO NOTHING", object_key)
    found = await tx.fetch_row(f"SELECT * FROM {table} WHERE object = $1 FOR UPDATE", object_key)
    assert found is not None
    return found
