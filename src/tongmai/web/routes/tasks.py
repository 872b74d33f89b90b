"""Tasks: what is on my desk, and acting on it where it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator
from starlette.responses import Response

from tongmai.access import allowed
from tongmai.kit import Denied, NotFound, Text, new_id
from tongmai.model import TASK, Key, Span, no_object, unsuitable
from tongmai.web.answers import document, json_answer, nothing
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Handler, Limit, Operation
from tongmai.web.shapes import ANY_RECORD, items_of
from tongmai.web.shapes.working import Made, TaskShown
from tongmai.work import NewTask, OpenTask, Subject

_LIMIT = Limit(100, most=500)

_Reason = Annotated[str, Field(max_length=1_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class About(_Body):
    """The record a task is about."""

    object: Key
    id: UUID


class TaskWanted(_Body):
    """``to`` is a person, oneself if left out; ``role`` instead asks who has that role nearest the record it is about
    (S0-48); ``due`` a span from now, or a moment; ``files`` are uploaded ones that bear it out (S0-59)."""

    title: Annotated[str, Field(min_length=1, max_length=500)]
    detail: Annotated[str, Field(max_length=10_000)] | None = None
    to: UUID | None = None
    role: Key | None = None
    due: Span | AwareDatetime | None = None
    about: About | None = None
    form: Annotated[tuple[Key, ...], Field(max_length=30)] = ()
    files: Annotated[tuple[UUID, ...], Field(max_length=10)] = ()

    @model_validator(mode="after")
    def _one_asked(self) -> TaskWanted:
        if self.role is not None and (self.to is not None or self.about is None):
            raise unsuitable(
                "向角色求助要写明哪条记录，并且不再指定人", "a role is asked about a record, and instead of a person"
            )
        return self


class TaskDone(_Body):
    """``values`` are what the form asks for, by field."""

    values: Annotated[dict[str, JsonValue], Field(max_length=30)] = Field(default_factory=dict)
    note: _Reason | None = None


class TaskSkipped(_Body):
    reason: _Reason


class TaskSnoozed(_Body):
    """Until a moment, or for a span."""

    until: AwareDatetime | None = None
    span: Span | None = Field(None, alias="for")

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="after")
    def _one(self) -> TaskSnoozed:
        if (self.until is None) == (self.span is None):
            raise unsuitable("until 和 for 二选一", "give either until or for")
        return self


class TaskHandedOver(_Body):
    to: UUID
    reason: _Reason | None = None


class TaskReopened(_Body):
    due: Span | AwareDatetime | None = None


class TaskCancelled(_Body):
    reason: _Reason | None = None


async def list_my_tasks(call: Call) -> Response:
    """My open tasks that are not snoozed, the most pressing first."""
    limit = _LIMIT.asked(call)
    found = await call.services.work.desk.open_tasks(call.actor, call.workspace, limit)
    now = call.services.clock.now()
    return document({"items": [_task(call, each, now) for each in found]})


async def show_task(call: Call) -> Response:
    """A task with what its form's fields hold now."""
    found = await call.services.work.desk.task(call.actor, call.workspace, call.id())
    return document(_task(call, found, call.services.clock.now()))


async def make_task(call: Call) -> Response:
    given = await call.body(TaskWanted)
    # Who may not ask others learns nothing of who they are.
    to = given.to or call.actor.id if given.role is None else None
    scopes = call.actor.scopes
    is_writing = scopes is None or not scopes.isdisjoint({"write", f"write:{TASK}"})
    for_oneself = to == call.actor.id and is_writing
    if not for_oneself and not allowed(call.actor, await call.catalogue(), TASK, "create"):
        raise Denied.of(
            "task.may_not_assign",
            "没有给他人派待办的权限",
            "None of your roles may give tasks to others",
            way_out=Text("请管理员授予“待办”的新建权限", "Ask an administrator for the right to create tasks"),
        )
    subject = None if given.about is None else await _subject(call, given.about)
    for file in given.files:
        # Raises where the file is none of his to give.
        await call.services.files.find(call.actor, call.workspace, file)
    new = NewTask(
        Text.same(given.title), to or await _nearest(call, given), given.due, kind="manual",
        detail=None if given.detail is None else Text.same(given.detail),
        form=given.form, subject=subject, asked_by=call.actor.id, files=given.files,
    )  # fmt: skip
    key = f"manual:{call.request.headers.get('idempotency-key', new_id(call.services.clock))}"[:150]
    task = await call.services.work.tasks.make(
        call.workspace, new, key=f"{key}:{call.actor.id}", actor=call.actor, cause="manual"
    )
    return document({"id": str(task)}, status=201)


async def _nearest(call: Call, given: TaskWanted) -> UUID:
    """Who has the role that is asked, nearest the record. Raises ``NotFound`` where nobody has it."""
    assert given.about is not None
    people = call.services.work.people
    found = await people.resolve(call.workspace, [f"role:{given.role}"], given.about.object, given.about.id)
    if not found:
        raise NotFound.of(
            "task.nobody_in_role",
            "没有人担任这个角色",
            "Nobody has this role",
            field="role",
            way_out=Text("请改派给具体的人", "Ask a person by name"),
        )
    return found[0]


async def complete_task(call: Call) -> Response:
    given = await call.body(TaskDone)
    await call.services.work.tasks.done(call.actor, call.workspace, call.id(), given.values, given.note)
    return await _moved(call)


async def skip_task(call: Call) -> Response:
    given = await call.body(TaskSkipped)
    await call.services.work.tasks.skip(call.actor, call.workspace, call.id(), given.reason)
    return await _moved(call)


async def snooze_task(call: Call) -> Response:
    given = await call.body(TaskSnoozed)
    until = given.until or given.span
    assert until is not None
    await call.services.work.tasks.snooze(call.actor, call.workspace, call.id(), until)
    return await _moved(call)


async def delegate_task(call: Call) -> Response:
    given = await call.body(TaskHandedOver)
    await call.services.work.tasks.delegate(call.actor, call.workspace, call.id(), given.to, given.reason)
    # Who handed it over need not see it any more.
    return nothing()


async def reopen_task(call: Call) -> Response:
    given = await call.body(TaskReopened)
    await call.services.work.tasks.reopen(call.actor, call.workspace, call.id(), given.due)
    return await _moved(call)


async def cancel_task(call: Call) -> Response:
    given = await call.body(TaskCancelled)
    await call.services.work.tasks.cancel(call.actor, call.workspace, call.id(), given.reason)
    return await _moved(call)


async def _moved(call: Call) -> Response:
    return json_answer(await call.services.gateway.get(call.actor, call.workspace, TASK, call.id()))


async def _subject(call: Call, about: About) -> Subject:
    """The record with its title as the actor sees it; of a watched one, what kind of thing it is: whoever is told must
    not thereby read what was said, nor it outlive a consent. Raises NotFound for one he cannot see."""
    definition = (await call.catalogue()).object_by_key.get(about.object)
    if definition is None:
        raise no_object(about.object, "about.object")
    seen = orjson.loads(await call.services.gateway.get(call.actor, call.workspace, about.object, about.id))
    if definition.watched:
        return Subject(about.object, about.id, definition.label.say(call.language))
    title = seen.get(definition.title) if definition.title else None
    return Subject(about.object, about.id, None if title is None else str(title))


def _task(call: Call, task: OpenTask, now: datetime) -> dict[str, object]:
    row = task.row
    return {
        "id": str(row.id),
        "version": row.version,
        "title": row.title.say(call.language),
        "kind": row.kind,
        "state": row.state,
        "detail": row.detail and row.detail.say(call.language),
        "due_at": row.due_at and row.due_at.isoformat(),
        "left_s": None if row.due_at is None else int((row.due_at - now).total_seconds()),
        "is_overdue": row.due_at is not None and row.due_at <= now,
        "snoozed_until": row.snoozed_until and row.snoozed_until.isoformat(),
        "subject": row.subject
        and {"object": row.subject.object, "id": str(row.subject.id), "label": row.subject.title},
        "form": [
            {
                "field": each.field.key,
                "label": each.field.label.say(call.language),
                "type": each.field.type,
                "options": each.field.options,
                **({"value": each.value} if each.is_read else {}),
            }
            for each in task.form
        ],
        "content": row.content,
        "rule": row.rule,
    }


_MOVED = {200: Answer(Text("待办的记录", "The task's record"), ANY_RECORD)}


def _move(path: str, run: Handler, summary: Text, takes: type[BaseModel]) -> Operation:
    address = f"/api/tasks/{{id}}/{path}"
    return Operation("POST", address, run, "tasks", summary, takes=takes, answers=_MOVED, problems=(403, 404, 409))


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/tasks",
        list_my_tasks,
        "tasks",
        Text("我的待办，最紧迫的在前，带倒计时和表单", "My open tasks, the most pressing first, with their forms"),
        parameters=(_LIMIT.parameter,),
        answers={
            200: Answer(
                Text("待办", "Tasks"),
                items_of(TaskShown),
            )
        },
    ),
    Operation(
        "POST",
        "/api/tasks",
        make_task,
        "tasks",
        Text("新建待办", "Make a task"),
        takes=TaskWanted,
        answers={
            201: Answer(
                Text("它的 id", "Its id"),
                Made,
            )
        },
        problems=(403, 404),
    ),
    Operation(
        "GET",
        "/api/tasks/{id}",
        show_task,
        "tasks",
        Text("一个待办，表单带现有的值", "A task, its form with what the fields hold now"),
        answers={200: Answer(Text("待办", "The task"), TaskShown)},
        problems=(404,),
    ),
    _move(
        "done",
        complete_task,
        Text("完成，填写的内容写入记录", "Done, with what the form asks for"),
        TaskDone,
    ),
    _move(
        "skip",
        skip_task,
        Text("跳过，须写原因，不扣分", "Skip with a reason, at no cost"),
        TaskSkipped,
    ),
    _move("snooze", snooze_task, Text("稍后提醒", "Remind me later"), TaskSnoozed),
    _move("reopen", reopen_task, Text("重新打开", "Open it again"), TaskReopened),
    _move("cancel", cancel_task, Text("取消", "Cancel it"), TaskCancelled),
    Operation(
        "POST",
        "/api/tasks/{id}/delegate",
        delegate_task,
        "tasks",
        Text("转交给有权限的人", "Hand it to somebody who may act on it"),
        takes=TaskHandedOver,
        answers={204: Answer(Text("已转交", "Handed over"))},
        problems=(403, 404, 409),
    ),
)
