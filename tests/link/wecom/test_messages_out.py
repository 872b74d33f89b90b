from __future__ import annotations

import pytest

from tongmai.kit import Invalid
from tongmai.link.wecom import ApplicationMessages, Card, CardButton

from .conftest import WeComSite

CARD = Card(
    "task-1", "跟进宏达机械", "3 天未回复报价", "https://tongmai.example.com/t/1", (CardButton("已完成", "done"),)
)


async def test_a_message_whose_answer_was_lost_is_sent_once(site: WeComSite) -> None:
    messages = ApplicationMessages(site.source().client, 1000002)
    await site.control("fault", path="/cgi-bin/message/send", status=504, after=True)
    sent = await messages.text(["zhangsan", "nobody"], "今日待办：3 项")
    assert sent.unknown == ("nobody",)
    assert [each["body"]["text"]["content"] for each in site.company.sent] == ["今日待办：3 项"]


async def test_a_long_text_is_cut_between_letters(site: WeComSite) -> None:
    await ApplicationMessages(site.source().client, 1000002).text(["zhangsan"], "急" * 2000)
    content = site.company.sent[0]["body"]["text"]["content"]
    assert content.endswith("急…")
    assert len(content.encode()) <= 2048


async def test_a_card_has_buttons_and_is_settled_once(site: WeComSite) -> None:
    messages = ApplicationMessages(site.source().client, 1000002)
    sent = await messages.card(["zhangsan"], CARD)
    card = site.company.sent[0]["body"]["template_card"]
    assert (card["card_type"], card["button_list"][0]["key"]) == ("button_interaction", "done")
    await messages.settle_card(sent.response_code, ["zhangsan"], "已完成")
    assert site.company.settled[0]["button"]["replace_name"] == "已完成"
    with pytest.raises(Invalid, match="45064"):
        await messages.settle_card(sent.response_code, ["zhangsan"], "已完成")


async def test_nobody_to_send_to_is_refused_before_the_vendor_is_asked(site: WeComSite) -> None:
    with pytest.raises(Invalid):
        await ApplicationMessages(site.source().client, 1000002).text([], "x")
