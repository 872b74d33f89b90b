"""What goes to a person in WeCom: application messages, cards with buttons, cards that stand for a to-do.

Pages: developer.work.weixin.qq.com/document/path/90236 (messages), 96460 (template cards), 94888 (updating one).
WeCom has no open to-do list: a to-do is a card with buttons that is marked done when its button was pressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from tongmai.kit import Invalid
from tongmai.link.vendors.json_objects import JsonObject, text_of
from tongmai.link.wecom.client import WeComClient

_LONGEST_TEXT = 2048
_MOST_RECEIVERS = 1000
_SAME_FOR_S = 4 * 3600


@dataclass(frozen=True, slots=True)
class CardButton:
    """``key`` comes back with the press; ``style`` 1 … 4 as the vendor counts them."""

    text: str
    key: str
    style: int = 1


@dataclass(frozen=True, slots=True)
class Card:
    """A card with up to six buttons. ``task_id`` tells it from all others (letters, digits, ``_-@``; 128 at most)."""

    task_id: str
    title: str
    text: str
    url: str
    buttons: tuple[CardButton, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """``unknown``: receivers that the vendor does not know or may not write to. ``message_id`` recalls the message."""

    message_id: str
    unknown: tuple[str, ...]
    response_code: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationMessages:
    """Messages of one application (``agent_id``). A repetition within four hours is dropped by the vendor itself
    (``enable_duplicate_check``), so that a delivery whose answer was lost may be tried again."""

    client: WeComClient
    agent_id: int

    async def text(self, receivers: Sequence[str], text: str) -> Sent:
        return await self._send(receivers, {"msgtype": "text", "text": {"content": _cut(text, _LONGEST_TEXT)}})

    async def text_card(self, receivers: Sequence[str], title: str, text: str, url: str, button: str) -> Sent:
        card: JsonObject = {
            "title": _cut(title, 128),
            "description": _cut(text, 512),
            "url": url,
            "btntxt": button[:4],
        }
        return await self._send(receivers, {"msgtype": "textcard", "textcard": card})

    async def card(self, receivers: Sequence[str], card: Card) -> Sent:
        return await self._send(receivers, {"msgtype": "template_card", "template_card": _template_card(card)})

    async def settle_card(self, response_code: str, receivers: Sequence[str], words: str) -> None:
        """Puts words in place of a card's buttons. A response code works once and for three days."""
        body: JsonObject = {
            "userids": [*receivers],
            "agentid": self.agent_id,
            "response_code": response_code,
            "button": {"replace_name": words},
        }
        await self.client.post("/cgi-bin/message/update_template_card", body)

    async def recall(self, message_id: str) -> None:
        await self.client.post("/cgi-bin/message/recall", {"msgid": message_id})

    async def _send(self, receivers: Sequence[str], message: JsonObject) -> Sent:
        if not 0 < len(receivers) <= _MOST_RECEIVERS:
            raise Invalid.of("wecom.receivers", "接收人应为 1 至 1000 人", "There must be 1 to 1,000 receivers")
        answer = await self.client.post(
            "/cgi-bin/message/send",
            {
                "touser": "|".join(receivers),
                "agentid": self.agent_id,
                "enable_duplicate_check": 1,
                "duplicate_check_interval": _SAME_FOR_S,
                **message,
            },
        )
        unknown = tuple(each for each in text_of(answer, "invaliduser").split("|") if each)
        return Sent(text_of(answer, "msgid"), unknown, text_of(answer, "response_code"))


def _template_card(card: Card) -> JsonObject:
    kind: Literal["button_interaction", "text_notice"] = "button_interaction" if card.buttons else "text_notice"
    action: JsonObject = {"type": 1, "url": card.url}
    facts: list[JsonValue] = [{"keyname": name[:5], "value": value[:26]} for name, value in card.facts[:6]]
    found: JsonObject = {
        "card_type": kind,
        "main_title": {"title": card.title[:26]},
        "sub_title_text": card.text[:112],
        "horizontal_content_list": facts,
        "card_action": action,
        "task_id": card.task_id,
    }
    if card.buttons:
        buttons: list[JsonValue] = [
            {"text": each.text[:10], "style": each.style, "key": each.key} for each in card.buttons[:6]
        ]
        found["button_list"] = buttons
    return found


def _cut(text: str, most_bytes: int) -> str:
    """The vendor counts bytes and cuts in the middle of a letter; we cut between letters."""
    encoded = text.encode()
    return text if len(encoded) <= most_bytes else encoded[: most_bytes - 3].decode(errors="ignore") + "…"
