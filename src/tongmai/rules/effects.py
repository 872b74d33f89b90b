"""What each action does, by the rooms that do it: each effect is written in the transaction it is given, once."""

# ruff: noqa: S608 - the schema comes from quote_ident, values are bound

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID

from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.kit import Conflict, Text
from tongmai.model import (
    CallHook,
    Escalate,
    Lock,
    MakeRecord,
    MakeSignal,
    MakeTask,
    Notify,
    ObjectScope,
    Push,
    RuleAction,
    SetFields,
    Span,
)
from tongmai.rules.ledger import cause_of
from tongmai.rules.locking import put_lock
from tongmai.rules.outbox import Doing
from tongmai.rules.signals import NewSignal, Signals
from tongmai.store import WriteTx
from tongmai.work import Content, HookCall, NewTask, Notice, Notices, People, Runtime, Subject, Tasks, due_after

# Fields that name a rule hold so many characters.
_LONGEST_RULE = 60


class WorkEffects:
    """Effects over the room ``work``, the gateway and the rooms's own signals and locks."""

    def __init__(
        self,
        runtime: Runtime,
        people: People,
        tasks: Tasks,
        notices: Notices,
        content: Content,
        signals: Signals,
    ) -> None:
        self._runtime = runtime
        self._people = people
        self._tasks = tasks
        self._notices = notices
        self._content = content
        self._signals = signals

    async def do(self, tx: WriteTx, doing: Doing) -> bool:
        """See ``Effects``. Raises what the rooms raise: refusals that last, and faults of the machine."""
        if doing.action is None:
            return await self._signals.end(tx, doing.workspace, str(doing.firing), doing.rule)
        return await self._act(tx, doing, doing.action)

    async def _act(self, tx: WriteTx, doing: Doing, action: RuleAction) -> bool:
        match action:
            case MakeSignal():
                return await self._signal(tx, doing, action)
            case MakeTask():
                await self._task(tx, doing, action)
            case Notify():
                notice = await self._notice(tx, doing, action.to, urgent=action.urgent)
                await self._notices.send(doing.workspace, notice, key=doing.key, tx=tx)
            case Escalate():
                if not await _lasts(tx, doing):
                    return False
                notice = await self._notice(tx, doing, action.to, urgent=False)
                await self._notices.send(doing.workspace, notice, key=doing.key, tx=tx)
            case SetFields():
                return await self._set(tx, doing, action)
            case MakeRecord():
                await self._make(tx, doing, action)
            case Lock():
                if action.until == "condition_ends" and not await _lasts(tx, doing):
                    return False
                await put_lock(tx, doing, action, self._runtime.now())
            case Push():
                people = await self._resolve(tx, doing, action.to)
                subject = _subject(doing)
                await self._content.push(doing.workspace, action.content, people, key=doing.key, subject=subject, tx=tx)
            case CallHook():
                await self._notices.call(
                    doing.workspace, HookCall(action.url, _body(doing, action)), key=doing.key, tx=tx
                )
            case _:
                assert_never(action)
        return True

    async def _signal(self, tx: WriteTx, doing: Doing, action: MakeSignal) -> bool:
        if not await _lasts(tx, doing):
            return False
        new = NewSignal(
            kind=action.signal,
            gap=action.gap,
            level=action.level,
            title=doing.text("title") or Text.same(action.signal),
            detail=doing.text("detail"),
            subject=_subject(doing),
            people=await self._resolve(tx, doing, action.to),
            buttons=[each.model_dump(mode="json") for each in action.buttons],
            evidence=dict(doing.seen),
            rule=doing.rule[:_LONGEST_RULE],
            rule_version=doing.version,
            firing=str(doing.firing),
            started_at=doing.at,
            expires_at=None if action.expires is None else await self._due(doing, action.expires),
            is_episode=doing.episode is not None,
        )
        return await self._signals.make(tx, doing.workspace, new, key=doing.key, cause=_cause(doing))

    async def _task(self, tx: WriteTx, doing: Doing, action: MakeTask) -> None:
        people = await self._resolve(tx, doing, (action.to,))
        if not people:
            raise Conflict.of(
                "rule.nobody",
                f"没有人可以承接：{action.to}",
                f"there is nobody to take it: {action.to}",
                way_out=Text(
                    "请为记录设置负责人，或改规则的收件人", "give the record an owner, or the rule another person"
                ),
            )
        new = NewTask(
            title=doing.text("title") or Text.same(action.task),
            person=people[0],
            due=await self._due(doing, action.due),
            kind=action.task,
            detail=doing.text("detail"),
            subject=_subject(doing),
            form=action.form,
            content=action.content,
            breach=action.breach,
            rule=doing.rule[:_LONGEST_RULE],
            firing=str(doing.firing),
        )
        await self._tasks.make(doing.workspace, new, key=doing.key, cause=_cause(doing), tx=tx)

    async def _notice(self, tx: WriteTx, doing: Doing, to: Sequence[str], *, urgent: bool) -> Notice:
        people = await self._resolve(tx, doing, to)
        title = doing.text("title") or Text.same(doing.subject or doing.rule)
        return Notice(people, title, doing.text("body"), kind="rule", urgent=urgent, subject=_subject(doing))

    async def _set(self, tx: WriteTx, doing: Doing, action: SetFields) -> bool:
        object_key, record_id = doing.object_key, doing.record_id
        if action.of is not None:
            related = doing.told.get(f"{doing.number}.of")
            target = (await self._scope(doing)).through(action.of)
            if related is None or target is None:
                return False
            object_key, record_id = target.object_key, UUID(str(related))
        await self._runtime.gateway.update(
            SystemActor("rule"), doing.workspace, object_key, record_id, _values(doing, action), cause=_cause(doing),
            tx=tx,
        )  # fmt: skip
        return True

    async def _make(self, tx: WriteTx, doing: Doing, action: MakeRecord) -> None:
        values = _values(doing, action)
        if action.about is not None:
            values[action.about] = str(doing.record_id)
        if doing.owner is not None:
            values.setdefault("owner", str(doing.owner))
        await self._runtime.gateway.create(
            SystemActor("rule"), doing.workspace, action.object, values, cause=_cause(doing), tx=tx
        )

    async def _scope(self, doing: Doing) -> ObjectScope:
        return ObjectScope(await self._runtime.catalogues.get(doing.workspace), doing.object_key)

    async def _resolve(self, tx: WriteTx, doing: Doing, who: Sequence[str]) -> tuple[UUID, ...]:
        return await self._people.resolve(doing.workspace, list(who), doing.object_key, doing.record_id, tx=tx)

    async def _due(self, doing: Doing, span: Span) -> datetime:
        """Counted from the moment spoken of; where that is over by now (news that came late, a dead letter sent
        again), from now: nothing is overdue before anybody heard of it."""
        working, now = await self._runtime.calendar(doing.workspace), self._runtime.now()
        due = due_after(doing.at, span, doing.workspace.zone, working)
        return due if due > now else due_after(now, span, doing.workspace.zone, working)


async def _lasts(tx: WriteTx, doing: Doing) -> bool:
    """Whether the episode goes on; its end waits for this transaction. What has no episode has no end."""
    if doing.episode is None:
        return True
    found: bool | None = await tx.fetch_value(
        f"SELECT ended_at IS NULL FROM {doing.workspace.quoted_schema}._episode WHERE id = $1 FOR SHARE", doing.episode
    )
    return bool(found)


def _subject(doing: Doing) -> Subject:
    return Subject(doing.object_key, doing.record_id, doing.subject)


def _cause(doing: Doing) -> str:
    return cause_of(doing.rule, doing.firing)


def _values(doing: Doing, action: SetFields | MakeRecord) -> dict[str, JsonValue]:
    return {key: doing.told.get(f"{doing.number}.values.{key}") for key in action.values}


def _body(doing: Doing, action: CallHook) -> dict[str, JsonValue]:
    texts: dict[str, JsonValue] = {name: doing.plain_text(f"body.{name}") for name in action.body}
    return {
        "key": doing.key, "rule": doing.rule, "object": doing.object_key, "id": str(doing.record_id),
        "at": doing.at.isoformat(), "body": texts,
    }  # fmt: skip
