"""Metrics of an object as of many moments in one pass of DuckDB over the replica: windows as ranges joined to moments.

For back-tests. A moment is a row of edges (``moments``); each source is read once. What adds up is carried on from
moment to moment (``stepping``); for other measures a row meets each moment whose window it lies in. Two readings of the
past:

- ``dated``: the rows as the replica has them, each at its own moment (``at``), whenever it was entered. This is what
  history that was imported later can be tried on.
- ``recorded``: as it was known then, which is what a live run saw. Served where no row of the sources was changed or
  deleted since the first moment, only added: then a row counts from its entry on.

Served are all measures over rows whose formulas ask for no moment (NOW, TODAY), with all windows and comparisons, and
ratios, rates, shares, means and days since; not served are update rates. What is not served is evaluated moment by
moment (``AskedRows.past``), and ``NotServed`` tells why.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar

import duckdb

from tongmai.formula import Param, walk
from tongmai.kit import Clock, Text
from tongmai.metrics.binding import Binder
from tongmai.metrics.collecting import Collector
from tongmai.metrics.columnar import FindReplica, own_reader
from tongmai.metrics.deriving import Deriver
from tongmai.metrics.plan import MetricPlan, owners, plan_metrics
from tongmai.metrics.rows import calendar_values
from tongmai.metrics.tables import ReplicaTables
from tongmai.metrics.windows import Era
from tongmai.model import PERSON, Catalogue, metric_parts
from tongmai.replica import Damaged, Manifest, Replica
from tongmai.store import Workspace, quote_ident

Reading = Literal["dated", "recorded"]
Result = TypeVar("Result")
_MOMENTS = "moments"
_CALENDAR = frozenset({"working_day_digits", "nth_working_day_digits"})
_TYPES = {"timestamptz": "TIMESTAMPTZ", "date": "DATE", "numeric": "DECIMAL(18, 3)"}


@dataclass(frozen=True)
class NotServed:
    """One pass cannot give these metrics at these moments."""

    why: Text


@dataclass(frozen=True)
class OverTime:
    """``item`` is a FROM item: ``_n`` (the number of the moment, from 0), ``record_id`` and the companion's columns of
    the metrics asked for, for each record that is not deleted. ``values`` belong to it, ``$1`` onwards."""

    replica: Replica
    item: str
    values: tuple[object, ...]
    epoch: int

    async def run(self, select: Callable[[str], str], read: Callable[[duckdb.DuckDBPyConnection], Result]) -> Result:
        """Runs the SELECT that ``select`` makes of the item; ``read`` fetches from the session. Raises
        ``duckdb.Error``."""
        sql = select(self.item)

        def work(session: duckdb.DuckDBPyConnection) -> Result:
            return read(session.execute(sql, self.values))

        return await self.replica.duck.run(work)


@dataclass
class _MomentBinder(Binder):
    """Gives what differs from moment to moment as columns of the moments ``m``; once they are carried on, of ``c``.

    They begin with a stroke, as no metric does that stands beside them.
    """

    columns: dict[str, str] = field(default_factory=dict)
    _carried: dict[str, None] | None = None

    def __call__(self, name: str, sql_type: str) -> str:
        if name in _CALENDAR:
            return super().__call__(name, sql_type)
        self.columns.setdefault(name, sql_type)
        if self._carried is None:
            return f"m.{quote_ident(_column(name))}"
        self._carried[_column(name)] = None
        return f"c.{quote_ident(_column(name))}"

    def carry(self) -> dict[str, None]:
        """From now on columns of ``c``; those asked for are in the outcome."""
        self._carried = {}
        return self._carried


class MetricsOverTime:
    """``find`` gives the replica of a workspace."""

    def __init__(self, find: FindReplica, clock: Clock) -> None:
        self._find = find
        self._clock = clock

    @contextlib.asynccontextmanager
    async def open(
        self,
        workspace: Workspace,
        catalogue: Catalogue,
        object_key: str,
        metrics: Collection[str],
        moments: Sequence[datetime],
        reading: Reading = "dated",
    ) -> AsyncIterator[OverTime | NotServed]:
        """The named metrics of the object at each moment (ascending); the replica's files stay while it is open."""
        replica = self._find(workspace)
        if replica is None or not replica.shelf.exists:
            yield NotServed(Text("该工作区没有列式副本", "the workspace has no columnar replica"))
            return
        with contextlib.ExitStack() as stack:
            yield await self._opened(stack, replica, catalogue, object_key, metrics, moments, reading)

    async def _opened(
        self,
        stack: contextlib.ExitStack,
        replica: Replica,
        catalogue: Catalogue,
        object_key: str,
        metrics: Collection[str],
        moments: Sequence[datetime],
        reading: Reading,
    ) -> OverTime | NotServed:
        plan = plan_metrics(_only(catalogue, object_key, metrics), object_key)
        why = _unfit(plan)
        if why is not None:
            return NotServed(why)
        try:
            await replica.advance()
            await asyncio.to_thread(replica.shelf.present)
            manifest = stack.enter_context(replica.shelf.lease())
        except Damaged as damage:
            return NotServed(Text(damage.sentence("zh"), damage.sentence("en")))
        if manifest.catalogue_version != catalogue.version:
            return NotServed(
                Text("副本尚未跟上模型的修改", "the replica has not followed the last change of the model")
            )
        eras = [Era(moment, replica.workspace.zone, catalogue.calendar.working) for moment in moments]
        if reading == "recorded" and await _is_rewritten(replica, manifest, plan, eras[0]):
            return NotServed(
                Text("来源的记录在此期间被修改过", "rows of the sources were changed, not only added, in that time")
            )
        item, values = _item(replica, manifest, catalogue, plan, eras, reading)
        return OverTime(replica, item, tuple(values), manifest.epoch)


def _only(catalogue: Catalogue, object_key: str, wanted: Collection[str]) -> Catalogue:
    """With only the metrics asked for and those they are made of."""
    keys, waiting = set[str](), [key for key in wanted if key in catalogue.metric_by_key]
    while waiting:
        key = waiting.pop()
        keys.add(key)
        waiting += [part for part in metric_parts(catalogue, catalogue.metric_by_key[key]) if part not in keys]
    kept = tuple(each for each in catalogue.metrics if each.key in keys and each.object == object_key)
    return catalogue.replace(metrics=kept)


def _unfit(plan: MetricPlan) -> Text | None:
    if plan.update_rates:
        return Text("更新率按历史逐时刻计算", "update rates are worked out from the history, moment by moment")
    trees = [tree for group in plan.groups for each in group.measured for tree in each.trees]
    trees += list(plan.own_trees)
    if any(isinstance(node, Param) for tree in trees for node in walk(tree)):
        return Text("公式用到当前时刻或日期", "a formula asks for the moment or the day")
    return None


async def _is_rewritten(replica: Replica, manifest: Manifest, plan: MetricPlan, first: Era) -> bool:
    """Whether since the first moment a row that metrics read was changed, or a record of the object came or went."""
    read = {plan.object} if plan.benchmarks or plan.formulas else set[str]()
    for group in plan.groups:
        read |= {group.source} | {
            name for path in group.read_paths for name in owners(plan.catalogue, group.source, path)
        }
    if plan.reads_teams:
        read |= {plan.object, PERSON}
    history = own_reader(replica, manifest, plan.catalogue, first).history()
    sql = (
        f"SELECT count(*) FROM ({history}) AS h WHERE h.at > $1 AND h.action <> 'create'"
        " AND (list_contains($2::VARCHAR[], h.object) OR (h.object = $3 AND h.action <> 'update'))"
    )

    def work(session: duckdb.DuckDBPyConnection) -> bool:
        row = session.execute(sql, [first.as_of, sorted(read), plan.object]).fetchone()
        return row is None or row[0] > 0

    return await replica.duck.run(work)


def _column(name: str) -> str:
    return f"_{name}"


def _item(
    replica: Replica,
    manifest: Manifest,
    catalogue: Catalogue,
    plan: MetricPlan,
    eras: Sequence[Era],
    reading: Reading,
) -> tuple[str, list[object]]:
    zone, calendar = replica.workspace.zone, catalogue.calendar.working
    tables, binder = ReplicaTables(own_reader(replica, manifest, catalogue, eras[0])), _MomentBinder()
    collector = Collector(
        plan, tables, binder, zone, calendar, moments=_MOMENTS, count=len(eras), known=reading == "recorded"
    )
    measured = collector.finished(f"({collector.measured()})", "duckdb")
    carried = binder.carry()
    deriver = Deriver(plan, tables, binder, collector.spans, zone, moments=_MOMENTS, carried=lambda: carried)
    complete = deriver.select(f"({measured})")
    rows = [{"as_of": era.as_of, **collector.spans.given(era)} for era in eras]
    names = {"as_of": ("as_of", "timestamptz")} | {_column(name): (name, kind) for name, kind in binder.columns.items()}
    statement = binder.statement("")
    values: list[object] = list(statement.arguments(calendar_values(calendar)))
    columns = []
    for column, (name, kind) in names.items():
        values.append([row[name] for row in rows])
        columns.append(f"unnest(${len(values)}::{_TYPES[kind]}[]) AS {quote_ident(column)}")
    values.append(list(range(len(rows))))
    columns.append(f"unnest(${len(values)}::BIGINT[]) AS n")
    return f"(WITH {_MOMENTS} AS MATERIALIZED (SELECT {', '.join(columns)}) {complete})", values
