"""Which engine runs a back-test, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tongmai.kit import Clock, Text
from tongmai.replica import Replica
from tongmai.rules.backtest_scene import Ground, PostgresScene, Scene
from tongmai.rules.backtest_steps import Step
from tongmai.store import Database, Workspace


async def choose_scene(
    database: Database,
    clock: Clock,
    find: Callable[[Workspace], Replica | None],
    ground: Ground,
    steps: Sequence[Step],
    wanted: str,
) -> Scene:
    """``wanted`` is auto, postgres or duckdb."""
    return PostgresScene(database, ground, Text("按要求由 PostgreSQL 计算", "PostgreSQL, as asked"))
