"""Making and moving tasks: the only way in which their state changes.

A move is the act of a person: history names him. What he fills in is written to the record the task is about as
himself, so that his rights and the record's rules hold, in the same transaction that closes the task. Two who move one
task at once cannot both: the second sees the state that the first left.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import Actor, AnyActor, SystemActor
from tongmai.identity import load_actor
from tongmai.kit import Denied, Invalid, NotFound, StaleVersion, Text
from tongmai.model import TASK, Span, Who
from tongmai.store import Workspace, WriteTx
from tongmai.work.follow_ups import FollowUp, plan
from tongmai.work.notices import Notice, Notices
from tongmai.work.owning import may_move
from tongmai.work.runtime import Runtime
from tongmai.work.spans import due_after
from tongmai.work.subject import Subject, cut
from tongmai.work.task_form import TaskForm, Values
from tongmai.work.task_rows import TaskRow, find_task_by_key, read_task
from tongmai.work.task_states import TaskMove, after_move

# S0-54: so long after a skip a caring script is put before the person.
CARE_AFTER = timedelta(days=3)
_LONGEST_REASON = 1_000
# What a task has only while it is closed, overdue or put off.
_OF_CLOSED = ("done_at", "closed_by", "took", "breached_at", "snoozed_until", "reason")
_HANDED_OVER = Text("转交给您：{title}", "Handed over to you: {title}")
_FARTHEST_SNOOZE = timedelta(days=366)
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class NewTask:
    """``due`` is a span from now (working days by the workspace's calendar) or a moment; None has no deadline.

    ``form`` are fields of the subject that must be filled when the task is done; ``breach`` who is told when it is
    overdue, as seen from the subject (``owner`` and ``superior`` of the task itself where there is none). ``asked_by``
    is whose request it is, ``files`` what he attached to it.
    """

    title: Text
    person: UUID
    due: Span | datetime | None = None
    kind: str = "task"
    detail: Text | None = None
    subject: Subject | None = None
    form: tuple[str, ...] = ()
    content: str | None = None
    breach: tuple[Who, ...] = ("superior",)
    rule: str | None = None
    firing: str | None = None
    asked_by: UUID | None = None
    files: tuple[UUID, ...] = ()


class Tasks:
    """Raises ``NotFound`` for a task the actor cannot see, ``Denied`` for one that is not his to move, ``Conflict``
    where its state does not allow the move."""

    def __init__(self, runtime: Runtime, notices: Notices) -> None:
        self._runtime = runtime
        self._notices = notices
        self._form = TaskForm(runtime)

    async def make(
        self,
        workspace: Workspace,
        new: NewTask,
        *,
        key: str,
        actor: AnyActor | None = None,
        cause: str | None = None,
        tx: WriteTx | None = None,
    ) -> UUID:
        """The task's id: made now, or before under the same ``key``. The person is told of a new one.

        Part of the caller's transaction, if one is given.
        """
        await self._runtime.require_object(workspace, TASK)
        maker = SystemActor("task", on_behalf=None if actor is None else actor.id)
        return await self._runtime.within(workspace, tx, lambda own: self._make(own, workspace, new, key, maker, cause))

    async def done(
        self, actor: AnyActor, workspace: Workspace, task: UUID, values: Values | None = None, note: str | None = None
    ) -> None:
        """Closes a task with what its form asks for, which is written to the subject as the actor.

        Raises ``Invalid`` for fields outside the form or still blank, and whatever the gateway says to the values.
        """
        given = dict(values or {})

        async def move(tx: WriteTx, row: TaskRow) -> Values:
            await self._form.fill_in(tx, actor, workspace, row, given)
            return {"result": {**_plain(given)} or None, "reason": _reason(note, needed=False)}

        await self._move(actor, workspace, task, "done", move)

    async def skip(self, actor: AnyActor, workspace: Workspace, task: UUID, reason: str) -> None:
        """S0-53: skips it, at no cost to the person; the reason is recorded. S0-54: three days later a caring script
        is put before who skipped it."""
        words = _reason(reason, needed=True)

        async def move(tx: WriteTx, row: TaskRow) -> Values:
            person = actor.id or row.owner
            if person is not None:
                key = f"care:{row.id}:{row.version}"
                await plan(tx, workspace, FollowUp(key, "care", self._runtime.now() + CARE_AFTER, person, row.id))
            return {"reason": words}

        await self._move(actor, workspace, task, "skip", move)

    async def snooze(self, actor: AnyActor, workspace: Workspace, task: UUID, until: datetime | Span) -> None:
        """Takes it out of the list until a moment, at which the owner is reminded. The deadline stays."""
        now = self._runtime.now()
        moment = until if isinstance(until, datetime) else await self._due(workspace, until)
        if not now < moment <= now + _FARTHEST_SNOOZE:
            raise Invalid.of(
                "task.snooze",
                "须在将来一年之内",
                "It must be within the year to come",
                field="until",
                way_out=Text("请选一年之内的将来时间", "Choose a moment within the year to come"),
            )

        async def move(tx: WriteTx, row: TaskRow) -> Values:
            if row.owner is not None:
                key = f"remind:{row.id}:{row.version}"
                await plan(tx, workspace, FollowUp(key, "remind", moment, row.owner, row.id))
            return {"snoozed_until": moment.isoformat()}

        await self._move(actor, workspace, task, "snooze", move)

    async def delegate(
        self, actor: AnyActor, workspace: Workspace, task: UUID, to: UUID, reason: str | None = None
    ) -> None:
        """Hands it to somebody who may see what it is about (and change it, where it has a form); he is told.

        Raises ``Invalid`` for one who may not, or who left.
        """

        async def move(tx: WriteTx, row: TaskRow) -> Values:
            if to == row.owner:
                raise Invalid.of(
                    "task.delegate",
                    "已经在他名下",
                    "It is with them already",
                    field="to",
                    way_out=Text("请选择另一位同事", "Choose another colleague"),
                )
            await self._check_receiver(tx, workspace, row, to)
            title, body = _HANDED_OVER.filled(title=row.title), None if reason is None else Text.same(reason)
            notice = Notice((to,), title, kind="task", subject=row.itself, body=body)
            await self._notices.send(workspace, notice, key=f"delegated:{row.id}:{row.version}", tx=tx)
            return {
                "owner": str(to),
                "delegated_from": None if row.owner is None else str(row.owner),
                "reason": _reason(reason, needed=False),
                "snoozed_until": None,
            }

        await self._move(actor, workspace, task, "delegate", move)

    async def reopen(
        self, actor: AnyActor, workspace: Workspace, task: UUID, due: Span | datetime | None = None
    ) -> None:
        """Opens a closed task again. What was filled in stays with the subject; without a new ``due`` the old one
        holds, and one that is past is told of as overdue again."""
        moment = await self._due(workspace, due) if isinstance(due, Span) else due

        async def move(tx: WriteTx, row: TaskRow) -> Values:
            opened: dict[str, JsonValue] = dict.fromkeys(_OF_CLOSED)
            return opened if moment is None else {**opened, "due_at": moment.isoformat()}

        await self._move(actor, workspace, task, "reopen", move)

    async def cancel(self, actor: AnyActor, workspace: Workspace, task: UUID, reason: str | None = None) -> None:
        """Closes a task that is no longer called for."""
        words = _reason(reason, needed=False)

        async def move(tx: WriteTx, row: TaskRow) -> Values:
            return {"reason": words}

        await self._move(actor, workspace, task, "cancel", move)

    async def _make(
        self, tx: WriteTx, workspace: Workspace, new: NewTask, key: str, maker: SystemActor, cause: str | None
    ) -> UUID:
        # Who makes the same task at the same time waits here, and then finds it.
        await tx.fetch_value("SELECT pg_advisory_xact_lock(hashtextextended($1, $2))", key, workspace.lock_class)
        there = await find_task_by_key(tx, workspace, key)
        if there is not None:
            return there
        due = await self._due(workspace, new.due) if isinstance(new.due, Span) else new.due
        title, (detail, detail_en) = new.title.each(cut), Text.parts(new.detail)
        values: dict[str, JsonValue] = {
            "title": title.zh, "title_en": title.own_english, "kind": new.kind, "state": "open",
            "owner": str(new.person), "due_at": None if due is None else due.isoformat(),
            "detail": detail, "detail_en": detail_en,
            "form": list(new.form) or None,
            "content": new.content, "breach": list(new.breach) or None, "rule": new.rule, "firing": new.firing,
            "key": key, "asked_by": None if new.asked_by is None else str(new.asked_by),
            "files": [str(each) for each in new.files] or None, **_about(new.subject),
        }  # fmt: skip
        made = await self._runtime.gateway.create(maker, workspace, TASK, values, cause=cause, tx=tx)
        task = made.one.id
        about = Subject(TASK, task, title.zh, title.own_english)
        notice = Notice((new.person,), title, body=new.detail, kind="task", subject=about)
        await self._notices.send(workspace, notice, key=f"task:{task}", tx=tx)
        return task

    async def _move(
        self,
        actor: AnyActor,
        workspace: Workspace,
        task: UUID,
        move: TaskMove,
        values: Callable[[WriteTx, TaskRow], Awaitable[Values]],
    ) -> None:
        await self._runtime.require_object(workspace, TASK)
        await self._require_may_move(actor, workspace, task)
        system = SystemActor("task", actor.language, on_behalf=actor.id)

        async def work(tx: WriteTx) -> None:
            row = await read_task(tx, workspace, task)
            state = after_move(row.state, move)
            changed: dict[str, JsonValue] = {"state": state, **await values(tx, row)}
            if state != "open":
                now = self._runtime.now()
                took = (now - row.created_at).total_seconds()
                changed |= {
                    "done_at": now.isoformat(), "took": took, "closed_by": None if actor.id is None else str(actor.id)
                }  # fmt: skip
            await self._runtime.gateway.update(
                system, workspace, TASK, task, changed, expected_version=row.version, cause=f"task:{move}", tx=tx
            )

        for attempt in range(_ATTEMPTS):
            try:
                await self._runtime.within(workspace, None, work)
                return
            except StaleVersion:
                # Somebody changed it between the look and the write: look again.
                if attempt == _ATTEMPTS - 1:
                    raise

    async def _require_may_move(self, actor: AnyActor, workspace: Workspace, task: UUID) -> None:
        """The owner may, and whoever may change the record."""
        if isinstance(actor, SystemActor):
            return
        # Raises NotFound where the actor cannot see it.
        seen = orjson.loads(await self._runtime.gateway.get(actor, workspace, TASK, task))
        owner = (seen.get("owner") or {}).get("id")
        if not await may_move(self._runtime.gateway, actor, workspace, TASK, task, owner):
            raise Denied.of(
                "task.not_yours",
                "这不是您的待办",
                "This task is not yours",
                way_out=Text("请由负责人操作，或请其转交", "Ask its owner to act on it or to hand it over"),
            )

    async def _check_receiver(self, tx: WriteTx, workspace: Workspace, row: TaskRow, to: UUID) -> None:
        receiver: Actor | None = await load_actor(tx, workspace, to)
        if receiver is None:
            raise Invalid.of(
                "task.receiver",
                "此人不存在或已停用",
                "They are not there or not active",
                field="to",
                way_out=Text("请选择在职的同事", "Choose a colleague who is active"),
            )
        if row.subject is None:
            return
        action = "update" if row.form else "read"
        try:
            verdict = await self._runtime.gateway.explain(
                receiver, workspace, row.subject.object, row.subject.id, "update" if row.form else "read"
            )
            allowed = verdict.allowed
        except NotFound:
            allowed = False
        if not allowed:
            raise Invalid.of(
                f"task.receiver_may_not_{action}",
                "此人没有处理该记录的权限",
                "They may not work on the record this is about",
                way_out=Text("请选择有权限的人，或先授权", "Choose somebody who may, or grant the right first"),
                field="to",
            )

    async def _due(self, workspace: Workspace, span: Span) -> datetime:
        return due_after(self._runtime.now(), span, workspace.zone, await self._runtime.calendar(workspace))


def _about(subject: Subject | None) -> dict[str, JsonValue]:
    if subject is None:
        return {}
    title = None if subject.title is None else cut(subject.title)
    return {"subject_object": subject.object, "subject_id": str(subject.id), "subject": title}


def _reason(given: str | None, *, needed: bool) -> str | None:
    words = " ".join((given or "").split())
    if needed and not words:
        raise Invalid.of(
            "task.reason_needed",
            "请写明原因",
            "Say why",
            way_out=Text("例如：客户父亲住院，暂停联系", "For example: the customer asked to be left alone for a week"),
            field="reason",
        )
    if len(words) > _LONGEST_REASON:
        raise Invalid.of(
            "task.reason_too_long",
            f"原因最多 {_LONGEST_REASON} 个字",
            f"A reason has at most {_LONGEST_REASON} characters",
            field="reason",
            way_out=Text("请写得短一些", "Say it in fewer words"),
        )
    return words or None


def _plain(given: Values) -> dict[str, JsonValue]:
    """Values as JSON keeps them: decimals from the wire as numbers."""
    return {key: float(value) if isinstance(value, Decimal) else value for key, value in given.items()}
