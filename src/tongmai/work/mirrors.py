"""Tasks that stand as to-dos in a vendor's list too: which, and what of them was not told there yet (S1-61).

A task changes by whatever way it may; the vendor is told later, by what the task is then. A to-do that its owner
ticked off there is not opened again by a change of the task's title: ``done`` is told when it changed here alone.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tongmai.kit import Text
from tongmai.model import TASK
from tongmai.store import ReadTx, Record, Workspace, WriteTx

# How long a task is looked at since it was last told of: one that is closed may be opened again.
LOOKED_AT_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class TaskMirror:
    """Ids in ``source``: ``maker`` in whose name the to-do was made, ``whose`` it is, the ``todo``'s own."""

    source: str
    task: UUID
    maker: str
    whose: str
    todo: str


@dataclass(frozen=True, slots=True)
class MirroredTask:
    """A task as a to-do shows it. One that is gone is done."""

    version: int
    owner: UUID | None
    title: Text
    due_at: datetime | None
    done: bool


@dataclass(frozen=True, slots=True)
class UntoldTask:
    """What a to-do shall say now; ``was_done`` is what it was told last."""

    mirror: TaskMirror
    task: MirroredTask
    was_done: bool


async def mirrored_task(tx: ReadTx, workspace: Workspace, task: UUID) -> MirroredTask | None:
    """The task as it is; None for one that is not there."""
    row = await tx.fetch_row(
        f"SELECT version, owner, title, title_en, due_at, state <> 'open' OR deleted_at IS NOT NULL AS done FROM"
        f" {workspace.quoted_schema}.{TASK} WHERE id = $1",
        task,
    )
    return None if row is None else _task(row)


async def mirror_of(tx: ReadTx, workspace: Workspace, source: str, task: UUID) -> TaskMirror | None:
    row = await tx.fetch_row(
        f"SELECT maker, whose, todo FROM {workspace.quoted_schema}._task_mirror WHERE source = $1 AND task = $2",
        source,
        task,
    )
    return None if row is None else TaskMirror(source, task, row["maker"], row["whose"], row["todo"])


async def note_mirror(tx: WriteTx, workspace: Workspace, mirror: TaskMirror, told: MirroredTask, now: datetime) -> None:
    """That the vendor was told this of the task."""
    await tx.execute(
        f"INSERT INTO {workspace.quoted_schema}._task_mirror (source, task, maker, whose, todo, version, done, next_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (source, task) DO UPDATE SET whose = excluded.whose,"
        " todo = excluded.todo, version = excluded.version, done = excluded.done, next_at = excluded.next_at",
        mirror.source, mirror.task, mirror.maker, mirror.whose, mirror.todo, told.version, told.done, now,
    )  # fmt: skip


async def postpone_mirrors(tx: WriteTx, workspace: Workspace, source: str, until: datetime) -> None:
    """Nothing is told to the source before then."""
    await tx.execute(
        f"UPDATE {workspace.quoted_schema}._task_mirror SET next_at = $2 WHERE source = $1 AND next_at < $2",
        source,
        until,
    )


async def untold_tasks(tx: ReadTx, workspace: Workspace, now: datetime, most: int) -> list[UntoldTask]:
    """Tasks that changed since their to-dos were told of them, the oldest to-dos first."""
    # Where nothing is mirrored, ``task`` may be an object of the workspace's own with other columns.
    if not await tx.fetch_value(f"SELECT EXISTS (SELECT FROM {workspace.quoted_schema}._task_mirror)"):
        return []
    rows = await tx.fetch(
        "SELECT m.source, m.task, m.maker, m.whose, m.todo, m.done AS was_done, k.version, k.owner, k.title,"
        " k.title_en, k.due_at, k.state <> 'open' OR k.deleted_at IS NOT NULL AS done"
        f" FROM {workspace.quoted_schema}._task_mirror AS m"
        f" JOIN {workspace.quoted_schema}.{TASK} AS k ON k.id = m.task AND k.version <> m.version"
        " WHERE m.next_at <= $1 AND m.next_at > $1 - $2::interval ORDER BY m.next_at, m.task LIMIT $3",
        now,
        LOOKED_AT_FOR,
        most,
    )
    return [
        UntoldTask(
            TaskMirror(row["source"], row["task"], row["maker"], row["whose"], row["todo"]),
            _task(row),
            row["was_done"],
        )
        for row in rows
    ]


def _task(row: Record) -> MirroredTask:
    title = Text.kept(row["title"], row["title_en"])
    return MirroredTask(row["version"], row["owner"], title, row["due_at"], row["done"])
