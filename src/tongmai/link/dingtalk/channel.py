"""Notices by DingTalk: a work notification; for a task a to-do in the person's own list, and a card whose buttons act
here where a card template is configured (S1-61)."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar
from uuid import UUID

import structlog

from tongmai.kit import Text, TongmaiError
from tongmai.link.dingtalk.messages_out import InteractiveCards, Todos, WorkNotifications
from tongmai.link.dingtalk.source import DingTalkSource
from tongmai.link.opening import Sources
from tongmai.link.vendors.card_presses import Press, card_of_task
from tongmai.link.vendors.member_channel import MemberChannel
from tongmai.model import TASK
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace
from tongmai.work import Line, Message, TaskMirror, mirror_of, mirrored_task, note_mirror

_log = structlog.get_logger(__name__)
_LONGEST_TITLE = 60
_WAITING = Text("待处理", "To do")
_URGENT = Text("**【急】** ", "**[Urgent]** ")


class DingTalkChannel(MemberChannel[DingTalkSource]):
    """A to-do and a card for a task, a work notification for all else."""

    key: ClassVar[str] = "dingtalk"
    vendor: ClassVar[Text] = Text("钉钉", "DingTalk")

    def __init__(
        self, database: Database, catalogues: CatalogueStore, sources: Sources, public_url: str | None
    ) -> None:
        super().__init__(database, catalogues, sources, public_url, DingTalkSource)

    async def settle(self, workspace: Workspace, source_key: str, press: Press) -> None:
        """Shows on the card what its button did; only told in the log where that fails, as the deed is done."""
        try:
            async with self._source(workspace, source_key) as source:
                if source is not None and source.options.card_template:
                    await _cards(source).update(press.card, {"state": press.outcome})
        except TongmaiError as error:
            _log.warning("dingtalk.card_not_settled", source=source_key, reason=str(error))

    async def _hand_over(self, source: DingTalkSource, userid: str, message: Message) -> bool:
        first = message.lines[0] if message.lines else Line("")
        subject = first.subject
        if len(message.lines) == 1 and subject is not None and subject.object == TASK and self._public_url:
            await self._make_todo(source, userid, message, first, subject.id)
            if source.options.card_template:
                state = _WAITING.say(message.language)
                values = {"title": first.title, "text": first.body or "", "state": state, "url": self._link(first)}
                await _cards(source).deliver(card_of_task(subject.id, message.id), userid, values)
                return True
        notifications = WorkNotifications(source.client, source.options.agent_id)
        lines = [
            f"- {_URGENT.say(message.language) if each.urgent else ''}{self._marked(each)}" for each in message.lines
        ]
        text = "\n".join([*lines, *filter(None, [message.rest])])
        await notifications.markdown([userid], first.title[:_LONGEST_TITLE], text)
        return True

    async def _make_todo(self, source: DingTalkSource, userid: str, message: Message, line: Line, task: UUID) -> None:
        """One to-do a task, however often it is told of; of a task that went to somebody else it goes to him."""
        todos, key, now = Todos(source.client), source.context.definition.key, source.context.clock.now()
        workspace = message.workspace
        async with self._database.read() as tx:
            told, known = await mirrored_task(tx, workspace, task), await mirror_of(tx, workspace, key, task)
        if told is None:
            return
        title = told.title.say(message.language)
        owner = await todos.union_id(userid)
        if known is None:
            made = await todos.make(
                owner, f"task-{task}", title, self._link(line), due=told.due_at, text=line.body or ""
            )
            # Made before, and the answer was lost.
            known = TaskMirror(key, task, owner, owner, made or await todos.find(owner, f"task-{task}"))
            # It is open as it was made: what was done meanwhile is told by what follows the task.
            told = replace(told, version=0, done=False) if told.done else told
        elif known.whose != owner:
            await todos.change(known.maker, known.todo, subject=title, due=told.due_at, done=told.done, executor=owner)
        else:
            return
        async with self._database.write() as tx:
            await note_mirror(tx, workspace, replace(known, whose=owner), told, now)

    def _marked(self, line: Line) -> str:
        return f"[{line.title}]({self._link(line)})" if self._public_url else line.title


def _cards(source: DingTalkSource) -> InteractiveCards:
    return InteractiveCards(source.client, source.options.card_template, source.options.robot_code)
