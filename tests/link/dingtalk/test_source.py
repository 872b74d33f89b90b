from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tongmai.kit import NotSignedIn
from tongmai.link import SourceAway
from tongmai.link.dingtalk import DingTalkSignIn, DingTalkSource, InteractiveCards, Todos, WorkNotifications
from tongmai.simulators.dingtalk import TEMPLATE

from .conftest import DingTalkSite


async def pulled(source: DingTalkSource, stream: str, cursor: Any = None) -> tuple[list[Any], Any]:
    pages = [page async for page in source.pull(stream, cursor)]
    return [row for page in pages for row in page.rows], pages[-1].cursor


async def test_members_of_all_levels_come_once(site: DingTalkSite) -> None:
    site.organisation.people["sales01"]["dept_id_list"] = [2, 3, 4]
    source = site.source()
    assert {row.key for row in (await pulled(source, "departments"))[0]} == {"2", "3", "4"}
    rows, _ = await pulled(source, "members")
    assert sorted(row.key for row in rows) == ["manager01", "sales01", "sales02"]


async def test_a_large_department_is_read_page_by_page(site: DingTalkSite) -> None:
    for number in range(250):
        site.organisation.people[f"p{number}"] = {"userid": f"p{number}", "unionid": f"u{number}", "dept_id_list": [3]}
    rows, _ = await pulled(site.source(), "members")
    assert len(rows) == 253


async def test_approvals_are_read_with_their_form_and_again_when_decided(site: DingTalkSite) -> None:
    for number in range(45):
        await site.control("approval", form={"客户名称": f"客户{number}", "折扣": "85"})
    site.clock.advance(timedelta(days=3))
    source = site.source()
    rows, cursor = await pulled(source, "approvals")
    assert len({row.key for row in rows}) == 45
    assert rows[0].body["form"] == {"客户名称": "客户0", "折扣": "85"}
    assert rows[0].body["state"] == "open"
    await site.control("approval", id=rows[0].key, result="agree")
    await site.control("approval", id=rows[1].key, cancel=True)
    again, _ = await pulled(source, "approvals", cursor)
    states = {row.key: row.body["state"] for row in again}
    assert (states[rows[0].key], states[rows[1].key], states[rows[2].key]) == ("approved", "cancelled", "open")


async def test_a_token_that_ends_is_renewed_and_faults_are_waited_for(site: DingTalkSite) -> None:
    source = site.source()
    await pulled(source, "departments")
    await site.control("expire_tokens")
    await site.control("fault", path="/topapi/v2/user/list", status=503, times=3)
    await site.control("fault", path="/topapi/v2/user/list", code=-1, times=1)
    rows, _ = await pulled(source, "members")
    assert len(rows) == 3
    assert len(site.pauses) == 4


async def test_a_rate_limit_is_waited_for_then_told(site: DingTalkSite) -> None:
    await site.control("approval")
    site.clock.advance(timedelta(minutes=1))
    await site.control("limit", per_minute=0)
    with pytest.raises(SourceAway) as told:
        await pulled(site.source(), "approvals")
    assert told.value.faults[0].code == "dingtalk.limited"
    assert len(site.pauses) == 4


async def test_a_wrong_secret_is_told_with_the_vendors_words(site: DingTalkSite) -> None:
    health = await site.source({"app_secret": "wrong"}).test()
    assert not health.ok
    assert "invalidClientIdOrSecret" in health.faults[0].text.en
    assert health.faults[0].way_out is not None


async def test_a_notification_and_a_to_do_whose_answer_was_lost_are_there_once(site: DingTalkSite) -> None:
    client = site.source().client
    await site.control("fault", path="/topapi/message", status=504, after=True)
    assert await WorkNotifications(client, 1).markdown(["sales01"], "今日待办", "- 跟进宏达") == "1"
    todos = Todos(client)
    owner = await todos.union_id("sales01")
    await site.control("fault", path="/v1.0/todo", status=504, after=True)
    await todos.make(owner, "task-1", "跟进宏达机械", "https://tongmai.example.com/t/1")
    seen = await site.seen()
    assert len(seen["notifications"]) == 1
    (todo,) = seen["todos"].values()
    assert (todo["subject"], todo["executorIds"], todo["done"]) == ("跟进宏达机械", ["union-sales01"], False)
    await todos.change(owner, await todos.find(owner, "task-1"), subject="跟进宏达机械", due=None, done=True)
    assert (await site.seen())["todos"][todo["id"]]["done"] is True


async def test_a_card_is_delivered_once_and_changed(site: DingTalkSite) -> None:
    cards = InteractiveCards(site.source().client, "template", "robot")
    for _ in range(2):
        await cards.deliver("task-7", "sales01", {"title": "客户 3 天未回复", "state": "待处理"})
    await cards.update("task-7", {"state": "已完成"})
    (card,) = (await site.seen())["cards"].values()
    assert card["cardData"]["cardParamMap"] == {"title": "客户 3 天未回复", "state": "已完成"}


async def test_a_member_signs_in_an_outsider_does_not(site: DingTalkSite) -> None:
    sign_in = DingTalkSignIn(site.source().client, f"{site.url}/oauth2/auth")
    address = sign_in.address(redirect_uri="https://tongmai.example.com/back", state="s9")
    codes = []
    for who in ("sales02", "stranger"):
        answer = await site.http.get(f"{address}&as={who}")
        codes.append(answer.headers["location"].split("&code=")[1].split("&")[0])
    assert await sign_in.member(codes[0]) == "sales02"
    for code in (codes[0], codes[1], "guessed"):
        with pytest.raises(NotSignedIn):
            await sign_in.member(code)


async def test_streams_that_are_told_are_not_pulled(site: DingTalkSite) -> None:
    assert [page async for page in site.source().pull("events", None)] == []
    assert TEMPLATE in site.source().options.process_codes
