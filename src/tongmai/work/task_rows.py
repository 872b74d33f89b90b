"""Tasks as the room reads them inside its transactions: built-in columns, as the system.

All writing is the gateway's; these reads only find the row that is to be moved.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from tongmai.kit import NotFound, Text
from tongmai.model import TASK
from tongmai.store import ReadTx, Record, Workspace
from tongmai.work.subject import Subject
from tongmai.work.task_states import TaskState

_COLUMNS = (
    "id, version, owner, title, title_en, kind, state, due_at, snoozed_until, detail, detail_en, subject_object,"
    " subject_id, subject,"
    " form::text AS form, content, breach::text AS breach, breached_at, rule, key, created_at"
)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """``form`` are field keys of the subject, ``breach`` who is told when it is overdue."""

    id: UUID
    version: int
    owner: UUID | None
    title: Text
    kind: str | None
    state: TaskState
    due_at: datetime | None
    snoozed_until: datetime | None
    detail: Text | None
    subject: Subject | None
    form: tuple[str, ...]
    content: str | None
    breach: tuple[str, ...]
    breached_at: datetime | None
    rule: str | None
    key: str | None
    created_at: datetime

    @property
    def itself(self) -> Subject:
        """The task as what is spoken of."""
        return Subject(TASK, self.id, self.title.zh, self.title.own_english)


async def read_task(tx: ReadTx, workspace: Workspace, task: UUID) -> TaskRow:
    """Raises ``NotFound`` for one that is not there or in the bin."""
    row = await tx.fetch_row(f"SELECT {_COLUMNS} FROM {_table(workspace)} WHERE id = $1 AND deleted_at IS NULL", task)
    if row is None:
        raise NotFound.of("task.unknown", "没有这个待办", "There is no such task")
    return _read(row)


async def find_task_by_key(tx: ReadTx, workspace: Workspace, key: str) -> UUID | None:
    """The task made under a key, also one in the bin: what was thrown away is not made again."""
    found: UUID | None = await tx.fetch_value(
        f"SELECT id FROM {_table(workspace)} WHERE key = $1 ORDER BY deleted_at DESC NULLS FIRST LIMIT 1", key
    )
    return found


async def overdue_tasks(tx: ReadTx, workspace: Workspace, now: datetime, most: int) -> list[TaskRow]:
    """Open ones past their due moment that nobody was told of yet, the longest overdue first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM {_table(workspace)} WHERE state = 'open' AND breached_at IS NULL AND due_at <= $1"
        " AND deleted_at IS NULL ORDER BY due_at, id LIMIT $2",
        now,
        most,
    )
    return [_read(row) for row in rows]


async def open_tasks(tx: ReadTx, workspace: Workspace, owner: UUID, now: datetime, most: int) -> list[TaskRow]:
    """Somebody's open tasks that are not snoozed, the most pressing first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM {_table(workspace)} WHERE owner = $1 AND state = 'open' AND deleted_at IS NULL"
        " AND (snoozed_until IS NULL OR snoozed_until <= $2) ORDER BY due_at NULLS LAST, id LIMIT $3",
        owner,
        now,
        most,
    )
    return [_read(row) for row in rows]


def _table(workspace: Workspace) -> str:
    return f"{workspace.quoted_schema}.{TASK}"


def _read(row: Record) -> TaskRow:
    subject = None
    if row["subject_object"] and row["subject_id"]:
        subject = Subject(row["subject_object"], UUID(row["subject_id"]), row["subject"])
    return TaskRow(
        id=row["id"],
        version=row["version"],
        owner=row["owner"],
        title=Text.kept(row["title"], row["title_en"]),
        kind=row["kind"],
        state=row["state"],
        due_at=row["due_at"],
        snoozed_until=row["snoozed_until"],
        detail=None if row["detail"] is None else Text.kept(row["detail"], row["detail_en"]),
        subject=subject,
        form=_words(row["form"]),
        content=row["content"],
        breach=_words(row["breach"]),
        breached_at=row["breached_at"],
        rule=row["rule"],
        key=row["key"],
        created_at=row["created_at"],
    )


def _words(given: str | None) -> tuple[str, ...]:
    """What a list of words holds; a field that somebody filled by hand with something else holds none."""
    found = orjson.loads(given) if given else []
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()
