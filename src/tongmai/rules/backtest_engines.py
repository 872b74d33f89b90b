"""Which engine runs a back-test, and why.

The columnar replica does where there are many rows; PostgreSQL where there are few, where there is no replica, or
where the replica cannot (it is behind the model, or too many records were changed since the first day).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import duckdb

from tongmai.kit import Conflict, Text
from tongmai.replica import Damaged, Manifest, Replica
from tongmai.rules.backtest_reads import reduced
from tongmai.rules.backtest_replica import ReplicaScene
from tongmai.rules.backtest_scene import Ground, PostgresScene, Scene, TooMuchHistory
from tongmai.store import Database, Workspace

FEWEST_ROWS = 20_000
FindReplica = Callable[[Workspace], Replica | None]


@asynccontextmanager
async def opened_scene(
    database: Database, find: FindReplica, ground: Ground, moments: Sequence[datetime], wanted: str
) -> AsyncIterator[Scene]:
    """``wanted`` is auto, postgres or duckdb. Raises ``Conflict`` where DuckDB is insisted on and cannot."""
    async with AsyncExitStack() as stack:
        found = Text("按要求由 PostgreSQL 计算", "PostgreSQL, as asked")
        if wanted != "postgres" and moments:
            opened = await _over_replica(stack, database, find(ground.workspace), ground, moments, wanted)
            if isinstance(opened, ReplicaScene):
                yield opened
                return
            found = opened
        if wanted == "duckdb":
            raise Conflict.of("backtest.not_served", found.zh, found.en, field="engine")
        yield PostgresScene(database, ground, reduced(ground), found)


async def _over_replica(
    stack: AsyncExitStack,
    database: Database,
    replica: Replica | None,
    ground: Ground,
    moments: Sequence[datetime],
    wanted: str,
) -> ReplicaScene | Text:
    """The scene, or why there is none."""
    if replica is None or not replica.shelf.exists:
        return Text("该工作区没有列式副本", "The workspace has no columnar replica")
    try:
        await replica.advance()
        manifest = replica.shelf.named()
        why = _unfit(manifest, ground, wanted) or await _behind(database, ground, manifest, moments[-1])
        if why is not None:
            return why
        rows = sum(each.rows for each in manifest.objects.values())
        told = Text(f"列式副本，共约 {rows} 行", f"The columnar replica, about {rows} rows in all")
        return await stack.enter_async_context(ReplicaScene(database, ground, replica, moments, told))
    except Damaged as damage:
        return Text(damage.sentence("zh"), damage.sentence("en"))
    except TooMuchHistory:
        return Text("此期间被修改过的记录太多", "Too many records were changed since the first day")
    except duckdb.Error:
        return Text("DuckDB 无法计算", "DuckDB could not work it out")


async def _behind(database: Database, ground: Ground, manifest: Manifest, last: datetime) -> Text | None:
    """Whether something of that time has not come to the replica yet: of the very last moment that may be."""
    async with database.read() as tx:
        missing: bool = await tx.fetch_value(
            f"SELECT EXISTS (SELECT FROM {ground.workspace.quoted_schema}._history WHERE epoch > $1 AND at <= $2)",  # noqa: S608
            manifest.epoch, last,
        )  # fmt: skip
    if not missing or ground.basis == "today":
        return None
    return Text("副本尚未读到此期间的全部变更", "The replica does not hold all changes of that time yet")


def _unfit(manifest: Manifest, ground: Ground, wanted: str) -> Text | None:
    if manifest.catalogue_version != ground.catalogue.version:
        return Text("副本尚未跟上模型的修改", "The replica has not followed the last change of the model yet")
    if not manifest.ordered_by_bytes:
        return Text("数据库的文字排序规则与副本不同", "The database orders texts by another rule than the replica")
    rows = sum(each.rows for each in manifest.objects.values())
    if rows < FEWEST_ROWS and wanted != "duckdb":
        return Text(f"共约 {rows} 行，PostgreSQL 更快", f"About {rows} rows in all: PostgreSQL is quicker")
    return None
