"""Notices by WeCom: a text card, or for a task a card whose buttons act here (S1-61)."""

from __future__ import annotations

from typing import ClassVar

import structlog

from tongmai.kit import Invalid, TongmaiError
from tongmai.link.opening import Sources
from tongmai.link.wecom.card_presses import DONE, SNOOZE, Press, card_of_task
from tongmai.link.wecom.members import Member, members_of
from tongmai.link.wecom.messages_out import ApplicationMessages, Card, CardButton
from tongmai.link.wecom.source import WeComSource
from tongmai.model import TASK
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace
from tongmai.work import Line, Message, Undeliverable

_log = structlog.get_logger(__name__)
_BUTTONS = (CardButton("已完成", DONE, 1), CardButton("明天再说", SNOOZE, 2))


class WeComChannel:
    """``public_url`` makes the links; without it notices go as plain text."""

    key: ClassVar[str] = "wecom"

    def __init__(
        self, database: Database, catalogues: CatalogueStore, sources: Sources, public_url: str | None
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._sources = sources
        self._public_url = (public_url or "").rstrip("/")

    async def send(self, message: Message) -> None:
        """Raises ``Undeliverable`` for who has no account there or whom WeCom refuses, ``SourceAway`` for what may
        pass."""
        member = await self._member(message)
        known = await self._sources.known(message.workspace, member.source)
        async with self._sources.opened(message.workspace, known) as source:
            if not isinstance(source, WeComSource):
                raise _unknown()
            messages = ApplicationMessages(source.client, source.options.agent_id)
            try:
                unknown = await self._hand_over(messages, member.userid, message)
            except Invalid as refusal:
                raise Undeliverable(refusal.faults) from refusal
        if member.userid in unknown:
            raise _unknown()

    async def settle(self, workspace: Workspace, source_key: str, press: Press) -> None:
        """Puts words in place of the card's buttons; only told in the log where that fails, as the deed is done."""
        known = await self._sources.known(workspace, source_key)
        async with self._sources.opened(workspace, known) as source:
            if not isinstance(source, WeComSource) or not press.response_code:
                return
            messages = ApplicationMessages(source.client, source.options.agent_id)
            try:
                await messages.settle_card(press.response_code, [press.member], press.outcome)
            except TongmaiError as error:
                _log.warning("wecom.card_not_settled", source=source_key, reason=str(error))

    async def _member(self, message: Message) -> Member:
        if message.receiver is None:
            raise _unknown()
        catalogue = await self._catalogues.get(message.workspace)
        async with self._database.read() as tx:
            found = await members_of(tx, message.workspace, catalogue, message.receiver.id, self.key)
        if not found:
            raise _unknown()
        return found[0]

    async def _hand_over(self, messages: ApplicationMessages, userid: str, message: Message) -> tuple[str, ...]:
        first = message.lines[0] if message.lines else Line("")
        if len(message.lines) == 1 and self._public_url:
            if first.subject is not None and first.subject.object == TASK:
                card = Card(
                    card_of_task(first.subject.id, message.id),
                    first.title,
                    first.body or "",
                    self._link(first),
                    _BUTTONS,
                )
                return (await messages.card([userid], card)).unknown
            sent = await messages.text_card([userid], first.title, first.body or first.title, self._link(first), "打开")
            return sent.unknown
        text = "\n".join(f"{'【急】' if each.urgent else '• '}{each.title}" for each in message.lines)
        return (await messages.text([userid], f"{text}\n{self._public_url}".strip())).unknown

    def _link(self, line: Line) -> str:
        subject = line.subject
        return self._public_url if subject is None else f"{self._public_url}/records/{subject.object}/{subject.id}"


def _unknown() -> Undeliverable:
    return Undeliverable.of("wecom.no_member", "此人没有企业微信账号", "They have no WeCom account")
