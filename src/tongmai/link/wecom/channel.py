"""Notices by WeCom: a text card, or for a task a card whose buttons act here (S1-61)."""

from __future__ import annotations

from typing import ClassVar

import structlog

from tongmai.kit import Text, TongmaiError
from tongmai.link.opening import Sources
from tongmai.link.vendors.card_presses import DONE, SNOOZE, Press, card_of_task
from tongmai.link.vendors.member_channel import MemberChannel
from tongmai.link.wecom.messages_out import ApplicationMessages, Card, CardButton
from tongmai.link.wecom.source import WeComSource
from tongmai.model import TASK
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace
from tongmai.work import Line, Message

_log = structlog.get_logger(__name__)
_DONE, _SNOOZE = Text("已完成", "Done"), Text("明天再说", "Tomorrow")
# The vendor has room for four letters there.
_OPEN = Text("打开", "Open")
_URGENT = Text("【急】", "[Urgent] ")


class WeComChannel(MemberChannel[WeComSource]):
    """Cards where there is an address to link to, plain text otherwise."""

    key: ClassVar[str] = "wecom"
    vendor: ClassVar[Text] = Text("企业微信", "WeCom")

    def __init__(
        self, database: Database, catalogues: CatalogueStore, sources: Sources, public_url: str | None
    ) -> None:
        super().__init__(database, catalogues, sources, public_url, WeComSource)

    async def settle(self, workspace: Workspace, source_key: str, press: Press) -> None:
        """Puts words in place of the card's buttons; only told in the log where that fails, as the deed is done."""
        try:
            async with self._source(workspace, source_key) as source:
                if source is not None and press.response_code:
                    messages = ApplicationMessages(source.client, source.options.agent_id)
                    await messages.settle_card(press.response_code, [press.member], press.outcome)
        except TongmaiError as error:
            _log.warning("wecom.card_not_settled", source=source_key, reason=str(error))

    async def _hand_over(self, source: WeComSource, userid: str, message: Message) -> bool:
        messages = ApplicationMessages(source.client, source.options.agent_id)
        return userid not in await self._sent(messages, userid, message)

    async def _sent(self, messages: ApplicationMessages, userid: str, message: Message) -> tuple[str, ...]:
        """The ids that the vendor does not know."""
        language = message.language
        first = message.lines[0] if message.lines else Line("")
        if len(message.lines) == 1 and self._public_url:
            if first.subject is not None and first.subject.object == TASK:
                card = Card(
                    card_of_task(first.subject.id, message.id),
                    first.title,
                    first.body or "",
                    self._link(first),
                    (CardButton(_DONE.say(language), DONE, 1), CardButton(_SNOOZE.say(language), SNOOZE, 2)),
                )
                return (await messages.card([userid], card)).unknown
            sent = await messages.text_card(
                [userid], first.title, first.body or first.title, self._link(first), _OPEN.say(language)
            )
            return sent.unknown
        lines = [f"{_URGENT.say(language) if each.urgent else '• '}{each.title}" for each in message.lines]
        text = "\n".join([*lines, *filter(None, [message.rest])])
        return (await messages.text([userid], f"{text}\n{self._public_url}".strip())).unknown
