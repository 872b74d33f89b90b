"""A person's desk: his open tasks with the fields they ask for, as he may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import Actor, allowed
from tongmai.kit import Denied, NotFound
from tongmai.model import TASK, Catalogue, FieldDef
from tongmai.store import Workspace
from tongmai.work.runtime import Runtime
from tongmai.work.task_rows import TaskRow, open_tasks, read_task


@dataclass(frozen=True, slots=True)
class FormField:
    """A field to be filled in. ``value`` is what it holds now where ``is_read`` says that it was looked up."""

    field: FieldDef
    value: JsonValue = None
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class OpenTask:
    row: TaskRow
    form: tuple[FormField, ...]


class Desk:
    """Reads; moving tasks is ``Tasks``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def open_tasks(self, actor: Actor, workspace: Workspace, limit: int = 100) -> list[OpenTask]:
        """His open tasks that are not snoozed, the most pressing first; none for a token that may not read tasks."""
        await self._runtime.require_object(workspace, TASK)
        catalogue = await self._runtime.catalogues.get(workspace)
        if not allowed(actor, catalogue, TASK, "read"):
            return []
        async with self._runtime.database.read() as tx:
            rows = await open_tasks(tx, workspace, actor.id, self._runtime.now(), limit)
        return [OpenTask(row, _form(catalogue, actor, row)) for row in rows]

    async def task(self, actor: Actor, workspace: Workspace, task: UUID) -> OpenTask:
        """One that the actor can see, with what the fields of its form hold. Raises ``NotFound``."""
        await self._runtime.require_object(workspace, TASK)
        catalogue = await self._runtime.catalogues.get(workspace)
        await self._runtime.gateway.get(actor, workspace, TASK, task, fields=("title",))
        async with self._runtime.database.read() as tx:
            row = await read_task(tx, workspace, task)
        form, seen = _form(catalogue, actor, row), await self._record(actor, workspace, row)
        if seen is None:
            return OpenTask(row, form)
        return OpenTask(row, tuple(FormField(each.field, seen.get(each.field.key), True) for each in form))

    async def _record(self, actor: Actor, workspace: Workspace, row: TaskRow) -> Mapping[str, JsonValue] | None:
        """What the task is about; None where the actor cannot see it any more."""
        if row.subject is None or not row.form:
            return None
        try:
            found: Mapping[str, JsonValue] = orjson.loads(
                await self._runtime.gateway.get(actor, workspace, row.subject.object, row.subject.id)
            )
        except (NotFound, Denied):
            return None
        return found


def _form(catalogue: Catalogue, actor: Actor, row: TaskRow) -> tuple[FormField, ...]:
    """The fields asked for that are still there and that the actor may know of."""
    definition = None if row.subject is None else catalogue.object_by_key.get(row.subject.object)
    if definition is None:
        return ()
    return tuple(
        FormField(definition.by_key[key])
        for key in row.form
        if key in definition.by_key and allowed(actor, catalogue, definition.key, "read", key)
    )
