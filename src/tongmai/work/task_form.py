"""The form of a task: what is to be filled in of the record that it is about, before it can be done (S1-05)."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from pydantic import JsonValue

from tongmai.access import AnyActor
from tongmai.kit import Conflict, Denied, Fault, Invalid, NotFound, Text
from tongmai.store import Workspace, WriteTx
from tongmai.work.runtime import Runtime
from tongmai.work.subject import Subject
from tongmai.work.task_rows import TaskRow

Values = Mapping[str, JsonValue]


class TaskForm:
    """Checks what was filled in, and writes it to the record as who did the task."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def fill_in(
        self, tx: WriteTx, actor: AnyActor, workspace: Workspace, row: TaskRow, given: dict[str, JsonValue]
    ) -> None:
        """Writes the form's values to the subject as the actor; every field of the form must then hold something."""
        if row.subject is not None and row.form:
            await self._require_subject(actor, workspace, row.subject)
        faults = [
            Fault("task.not_in_form", Text("不在此待办的表单中", "Not in this task's form"), field=key)
            for key in given
            if key not in row.form
        ]
        subject = row.subject
        if subject is not None and row.form:
            faults += await self._blanks(actor, workspace, subject, row.form, given)
        if faults:
            raise Invalid(tuple(faults))
        if subject is not None and given:
            await self._runtime.gateway.update(
                actor, workspace, subject.object, subject.id, given, cause=f"task:{row.id}", tx=tx
            )

    async def _require_subject(self, actor: AnyActor, workspace: Workspace, subject: Subject) -> None:
        """Raises ``Conflict`` where the record was removed since, or is not the actor's to see any more. Where its
        object is no more, nothing is asked for either."""
        if subject.object not in (await self._runtime.catalogues.get(workspace)).object_by_key:
            return
        try:
            await self._runtime.gateway.get(actor, workspace, subject.object, subject.id, fields=("id",))
        except (NotFound, Denied) as error:
            raise Conflict.of(
                "task.subject_gone",
                "此待办的相关记录已删除，或您不能再查看",
                "The record this task is about was removed, or you may not see it any more",
                way_out=Text("请跳过并写明原因，或转交给能处理的人", "Skip it and say why, or hand it over"),
            ) from error

    async def _blanks(
        self, actor: AnyActor, workspace: Workspace, subject: Subject, form: tuple[str, ...], given: Values
    ) -> list[Fault]:
        """S1-05: the fields of the form that are neither given nor filled already."""
        definition = (await self._runtime.catalogues.get(workspace)).object_by_key.get(subject.object)
        # A field that was removed since can no longer be asked for.
        asked = [key for key in form if definition is not None and key in definition.by_key]
        missing = [key for key in asked if _is_blank(given.get(key))]
        if not missing:
            return []
        record = orjson.loads(await self._runtime.gateway.get(actor, workspace, subject.object, subject.id))
        assert definition is not None
        return [
            Fault(
                "task.form_missing",
                Text(f"请填写“{definition.by_key[key].label.zh}”", f"Fill in “{definition.by_key[key].label.en}”"),
                field=key,
            )
            for key in missing
            if key in given or _is_blank(record.get(key))
        ]


def _is_blank(value: object) -> bool:
    return value is None or value in ("", [])
