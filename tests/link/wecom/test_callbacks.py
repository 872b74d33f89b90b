from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.simulators.landing import Landing
from tests.simulators.serving import served

from tongmai.simulators.wecom import envelope

from .conftest import BOSS, WeComSite


@dataclass
class Hooked:
    landing: Landing
    url: str


@pytest.fixture
async def hooked(site: WeComSite) -> AsyncIterator[Hooked]:
    landing = Landing(site.source())
    async with served(landing.app()) as url:
        await site.control("callbacks", url=f"{url}/hook")
        yield Hooked(landing, f"{url}/hook")


async def test_the_address_is_verified_by_its_echo(site: WeComSite, hooked: Hooked) -> None:
    assert await site.control("callbacks", verify=True) == {"status": 200, "echo": "ok"}


async def test_an_approval_and_its_state_are_there_with_the_call_back(site: WeComSite, hooked: Hooked) -> None:
    number = (await site.control("approval", member="lisi", form=[{"title": "原因", "value": "大客户"}]))["number"]
    (row,) = hooked.landing.of("approvals")
    assert (row.key, row.body["status"], row.body["form"]) == (number, "open", {"原因": "大客户"})
    await site.control("approval", number=number, status=3)
    (row,) = hooked.landing.of("approvals")
    assert row.body["status"] == "rejected"


async def test_call_backs_out_of_order_end_in_the_present_state(site: WeComSite, hooked: Hooked) -> None:
    await site.control("callbacks", manner="held")
    number = (await site.control("approval"))["number"]
    await site.control("approval", number=number, status=2)
    assert hooked.landing.rows == {}
    await site.control("release")
    (row,) = hooked.landing.of("approvals")
    assert row.body["status"] == "approved"
    assert len(hooked.landing.of("events")) == 2


async def test_call_backs_told_twice_land_once(site: WeComSite, hooked: Hooked) -> None:
    await site.control("callbacks", manner="twice")
    await site.control("press", member="zhangsan", card="task-9", key="done", response_code="r1")
    (press,) = hooked.landing.of("card_actions")
    assert (press.body["card"], press.body["member"], press.body["action"]) == ("task-9", "zhangsan", "done")
    assert len(hooked.landing.of("events")) == 1


async def test_a_call_back_that_found_nobody_is_tried_again(site: WeComSite, hooked: Hooked) -> None:
    hooked.landing.failing = 2
    await site.control("press", member="zhangsan", card="task-9", key="done")
    assert site.company and len(hooked.landing.of("card_actions")) == 1


async def test_what_cannot_be_fetched_at_once_is_left_to_the_next_pull(site: WeComSite, hooked: Hooked) -> None:
    await site.control("fault", path="/cgi-bin/oa/getapprovaldetail", status=500, times=9)
    await site.control("approval")
    assert hooked.landing.of("approvals") == []
    assert hooked.landing.asked == {"approvals": 1}
    assert len(hooked.landing.of("events")) == 1


async def test_a_new_customer_and_his_consent_are_there_at_once(site: WeComSite, hooked: Hooked) -> None:
    identity = "wmSIMCUSTOMER000000000000000099"
    await site.control("customer", id=identity, name="新客户", member="lisi")
    (row,) = hooked.landing.of("customers")
    assert (row.key, row.body["name"]) == (identity, "新客户")
    await site.control("consent", member="lisi", customer=identity)
    (entry,) = hooked.landing.of("consents")
    assert (entry.body["member"], entry.body["answer"]) == ("lisi", "agree")
    assert hooked.landing.asked["messages"] == 1


async def test_a_message_asks_for_the_archive_to_be_read(site: WeComSite, hooked: Hooked) -> None:
    await asyncio.gather(
        *(site.control("message", **{"from": BOSS, "to": ["zhangsan"], "text": "急要"}) for _ in range(5))
    )
    assert hooked.landing.asked["messages"] == 5


async def test_forged_call_backs_are_refused_and_leave_nothing(site: WeComSite, hooked: Hooked) -> None:
    company = site.company
    now = str(company.now())
    event = envelope.xml({"Event": "template_card_event", "CreateTime": company.now(), "TaskId": "t"})
    for token, receiver in (("guessed", company.corp_id), (company.token, "ww-other")):
        encrypted = envelope.encrypt(company.encoding_aes_key, event, receiver)
        query = {"msg_signature": envelope.sign(token, now, "1", encrypted), "timestamp": now, "nonce": "1"}
        answer = await site.http.post(hooked.url, params=query, content=envelope.xml({"Encrypt": encrypted}))
        assert answer.status_code == 403
    assert (await site.http.post(hooked.url, content=b"<xml><Event>click</Event></xml>")).status_code == 403
    assert hooked.landing.rows == {}
    assert hooked.landing.refused == ["callback.forged"] * 3


async def test_a_call_back_replayed_at_once_changes_nothing_and_later_is_refused(
    site: WeComSite, hooked: Hooked
) -> None:
    company = site.company
    event = envelope.xml({"Event": "template_card_event", "CreateTime": company.now(), "TaskId": "t", "EventKey": "k"})
    encrypted, now = envelope.encrypt(company.encoding_aes_key, event, company.corp_id), str(company.now())
    query = {"msg_signature": envelope.sign(company.token, now, "1", encrypted), "timestamp": now, "nonce": "1"}
    body = envelope.xml({"Encrypt": encrypted})
    for _ in range(2):
        assert (await site.http.post(hooked.url, params=query, content=body)).status_code == 200
    assert len(hooked.landing.rows) == 2
    site.clock.advance(timedelta(minutes=6))
    assert (await site.http.post(hooked.url, params=query, content=body)).status_code == 403
    assert hooked.landing.refused == ["callback.replayed"]
