"""Notices by DingTalk: a work notification; for a task a to-do in the person's own list, and a card whose buttons act
here where a card template is configured (S1-61)."""

from __future__ import annotations

from typing import ClassVar

import structlog

from tongmai.kit import Invalid, TongmaiError
from tongmai.link.dingtalk.messages_out import InteractiveCards, Todos, WorkNotifications
from tongmai.link.dingtalk.source import DingTalkSource
from tongmai.link.opening import Sources
from tongmai.link.wecom import Member, Press, card_of_task, members_of
from tongmai.model import TASK
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace
from tongmai.work import Line, Message, Undeliverable

_log = structlog.get_logger(__name__)
_LONGEST_TITLE = 60


class DingTalkChannel:
    """``public_url`` makes the links."""

    key: ClassVar[str] = "dingtalk"

    def __init__(
        self, database: Database, catalogues: CatalogueStore, sources: Sources, public_url: str | None
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._sources = sources
        self._public_url = (public_url or "").rstrip("/")

    async def send(self, message: Message) -> None:
        """Raises ``Undeliverable`` for who has no account there or whom DingTalk refuses, ``SourceAway`` for what
        passes."""
        member = await self._member(message)
        known = await self._sources.known(message.workspace, member.source)
        async with self._sources.opened(message.workspace, known) as source:
            if not isinstance(source, DingTalkSource):
                raise _unknown()
            try:
                await self._hand_over(source, member.userid, message)
            except Invalid as refusal:
                raise Undeliverable(refusal.faults) from refusal

    async def settle(self, workspace: Workspace, source_key: str, press: Press) -> None:
        """Shows on the card what its button did; only told in the log where that fails, as the deed is done."""
        known = await self._sources.known(workspace, source_key)
        async with self._sources.opened(workspace, known) as source:
            if not isinstance(source, DingTalkSource) or not source.options.card_template:
                return
            try:
                await _cards(source).update(press.card, {"state": press.outcome})
            except TongmaiError as error:
                _log.warning("dingtalk.card_not_settled", source=source_key, reason=str(error))

    async def _member(self, message: Message) -> Member:
        if message.receiver is None:
            raise _unknown()
        catalogue = await self._catalogues.get(message.workspace)
        async with self._database.read() as tx:
            found = await members_of(tx, message.workspace, catalogue, message.receiver.id, self.key)
        if not found:
            raise _unknown()
        return found[0]

    async def _hand_over(self, source: DingTalkSource, userid: str, message: Message) -> None:
        first = message.lines[0] if message.lines else Line("")
        subject = first.subject
        if len(message.lines) == 1 and subject is not None and subject.object == TASK and self._public_url:
            todos = Todos(source.client)
            # One to-do a task, however often it is told of.
            owner = await todos.union_id(userid)
            await todos.make(owner, f"task-{subject.id}", first.title, self._link(first), text=first.body or "")
            if source.options.card_template:
                values = {"title": first.title, "text": first.body or "", "state": "待处理", "url": self._link(first)}
                await _cards(source).deliver(card_of_task(subject.id, message.id), userid, values)
                return
        notifications = WorkNotifications(source.client, source.options.agent_id)
        text = "\n".join(f"- {'**【急】** ' if each.urgent else ''}{self._marked(each)}" for each in message.lines)
        await notifications.markdown([userid], first.title[:_LONGEST_TITLE], text)

    def _marked(self, line: Line) -> str:
        return f"[{line.title}]({self._link(line)})" if self._public_url else line.title

    def _link(self, line: Line) -> str:
        subject = line.subject
        return self._public_url if subject is None else f"{self._public_url}/records/{subject.object}/{subject.id}"


def _cards(source: DingTalkSource) -> InteractiveCards:
    return InteractiveCards(source.client, source.options.card_template, source.options.robot_code)


def _unknown() -> Undeliverable:
    return Undeliverable.of("dingtalk.no_member", "此人没有钉钉账号", "They have no DingTalk account")
