"""The whole way in a workspace: pulled, mapped, understood; consent withdrawn leaves no text, also not in history."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from tests.link.desk import Desk, open_desk

from tongmai.kit import FixedClock, Settings
from tongmai.link import HookCall
from tongmai.link.state import WHOLE
from tongmai.link.understanding import ChatReader, OwnWords, WorkspaceWords
from tongmai.link.wecom import Forgetting, TakenBack
from tongmai.model import ObjectDef, diff
from tongmai.records import FileStore
from tongmai.simulators.wecom import envelope
from tongmai.store import Database, Workspace

from .conftest import BOSS, BUYER, WeComSite

MESSAGE: dict[str, Any] = {
    "key": "message", "label": {"zh": "消息", "en": "Message"}, "title": "code",
    "fields": [
        {"key": "code", "type": "text", "label": "编号"},
        {"key": "said_at", "type": "datetime", "label": "时间"},
        {"key": "body", "type": "long_text", "label": "内容"},
        {"key": "revoked_at", "type": "datetime", "label": "撤回时间"},
    ],
}  # fmt: skip


@dataclass
class Firm:
    desk: Desk
    site: WeComSite
    words: WorkspaceWords
    reader: ChatReader
    forgetting: Forgetting
    taken_back: TakenBack

    async def pull(self, *streams: str) -> None:
        done = await self.desk.pull("wecom", streams=streams)
        assert done["state"] == "done", done

    async def understand(self) -> None:
        await self.forgetting.advance(self.desk.workspace)
        await self.taken_back.advance(self.desk.workspace)
        await self.desk.links.mapper.advance(self.desk.workspace)
        await self.reader.advance(self.desk.workspace)
        await self.desk.links.mapper.advance(self.desk.workspace)

    async def say(self, sender: str, to: str, text: str, **more: Any) -> str:
        self.site.clock.advance(timedelta(minutes=1))
        said = await self.site.control("message", **{"from": sender, "to": [to], "text": text}, **more)
        return str(said["msgid"])

    async def shown(self) -> list[tuple[str, bool]]:
        """Of each message its words, and whether it is marked as taken back."""
        rows = await self.desk.fetch(
            "SELECT body, revoked_at IS NOT NULL FROM {schema}.message WHERE body IS NOT NULL ORDER BY said_at"
        )
        return [(row[0], row[1]) for row in rows]

    async def health(self) -> tuple[bool | None, str]:
        """What the source's page says."""
        async with self.desk.database.read() as tx:
            state = (await self.desk.links.states.of(tx, self.desk.workspace, "wecom"))[WHOLE]
        return state.healthy, json.dumps(state.detail)

    async def events(self) -> list[tuple[str, str]]:
        rows = await self.desk.fetch(
            "SELECT e.event, c.name FROM {schema}._event e JOIN {schema}.customer c ON c.id = e.record_id ORDER BY e.id"
        )
        return [(row[0], row[1]) for row in rows]

    async def holds(self, word: str) -> list[str]:
        """The tables of the workspace in which a word stands anywhere."""
        names = await self.desk.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = $1 AND table_type = 'BASE TABLE'",
            self.desk.workspace.schema,
        )
        found = []
        for (name,) in names:
            count = await self.desk.fetch(
                f'SELECT count(*) FROM {{schema}}."{name}" t WHERE t::text LIKE $1', f"%{word}%"
            )
            if count[0][0]:
                found.append(name)
        return sorted(found)


@pytest.fixture
async def firm(
    site: WeComSite, database: Database, workspace: Workspace, clock: FixedClock, settings: Settings
) -> AsyncIterator[Firm]:
    desk = await open_desk(database, workspace, site.clock, settings)
    catalogue = await desk.catalogues.get(workspace)
    wanted = catalogue.replace(objects=(*catalogue.objects, ObjectDef.model_validate(MESSAGE)))
    await desk.editor.apply(workspace, diff(catalogue, wanted), None)
    company = site.company
    await desk.define(
        {
            "key": "wecom", "kind": "wecom", "label": "企业微信",
            "options": {
                "corp_id": company.corp_id, "agent_id": company.agent_id, "base_url": site.url, "archive": "http",
                "archive_url": f"{site.url}/archive/lines",
            },
        },
        {
            "key": "wecom_customers", "label": "客户", "source": "wecom", "stream": "customers", "object": "customer",
            "columns": [{"path": "external_userid"}, {"path": "corp_name"}, {"path": "name", "name": "contact"}],
            "fields": [
                {"field": "code", "value": "[external_userid]"}, {"field": "name", "value": "[corp_name]"},
                {"field": "nickname", "value": "[contact]"},
            ],
        },
        {
            "key": "wecom_messages", "label": "消息", "source": "wecom", "stream": "messages", "object": "message",
            "columns": [
                {"path": "id"}, {"path": "at", "type": "datetime"}, {"path": "text"},
                {"path": "revoked_at", "type": "datetime"},
            ],
            "fields": [
                {"field": "code", "value": "[id]"}, {"field": "said_at", "value": "[at]"},
                {"field": "body", "value": "[text]"}, {"field": "revoked_at", "value": "[revoked_at]"},
            ],
        },
    )  # fmt: skip
    await desk.secret(
        "wecom", secret=company.secret, archive_secret=company.archive_secret, callback_token=company.token,
        encoding_aes_key=company.encoding_aes_key,
    )  # fmt: skip
    words = WorkspaceWords(database, site.clock)
    reader = ChatReader(database, desk.catalogues, site.clock, words)
    forgetting = Forgetting(database, desk.catalogues, desk.gateway, FileStore(settings), site.clock)
    yield Firm(desk, site, words, reader, forgetting, TakenBack(database, desk.catalogues, site.clock))
    await desk.links.close()


async def test_words_become_events_of_the_customers_record_once(firm: Firm) -> None:
    for customer in (BOSS, BUYER):
        await firm.site.control("consent", member="zhangsan", customer=customer)
    await firm.say(BOSS, "zhangsan", "我们下周换仓，这批货急要")
    await firm.say(BUYER, "zhangsan", "不急要，慢慢来")
    await firm.say("zhangsan", BOSS, "竞品那边怎么说？")
    await firm.pull("customers", "messages")
    for _ in range(3):
        await firm.understand()
    told = await firm.events()
    assert sorted(each for each in told if each[0] in ("warehouse_change", "urgent", "competitor")) == [
        ("urgent", "宏达机械有限公司"), ("warehouse_change", "宏达机械有限公司"),
    ]  # fmt: skip
    body = (await firm.desk.fetch("SELECT body::text FROM {schema}._event WHERE event = 'urgent'"))[0][0]
    assert '"keyword": "急要"' in body
    assert "这批货" not in body


async def test_a_customer_who_becomes_a_record_later_is_told_of_then(firm: Firm) -> None:
    await firm.site.control("consent", member="zhangsan", customer=BOSS)
    await firm.say(BOSS, "zhangsan", "老板换了")
    await firm.pull("messages")
    await firm.understand()
    assert await firm.events() == []
    assert ["signals.unknown_customer"] in (await firm.desk.refusals("wecom")).values()
    await firm.pull("customers")
    await firm.understand()
    assert ("owner_changed", "宏达机械有限公司") in await firm.events()
    assert await firm.desk.refusals("wecom") == {}


async def test_a_new_customers_first_words_are_told_at_a_moment_at_which_he_is_a_record(firm: Firm) -> None:
    """Rules judge the record at the event's moment; one that was not there then would be passed over."""
    await firm.site.control("consent", member="zhangsan", customer=BOSS)
    await firm.say(BOSS, "zhangsan", "老板换了")
    await firm.pull("messages")
    await firm.understand()
    firm.site.clock.advance(timedelta(minutes=5))
    await firm.pull("customers")
    await firm.understand()
    ((at, born),) = await firm.desk.fetch(
        "SELECT e.at, h.at FROM {schema}._event e JOIN {schema}._history h ON h.record_id = e.record_id"
        " AND h.version = 1 WHERE e.event = 'owner_changed'"
    )
    assert at == born


async def test_an_old_archive_tells_of_the_days_it_is_of(firm: Firm) -> None:
    await firm.site.control("consent", member="zhangsan", customer=BOSS)
    said = firm.site.clock.now() + timedelta(minutes=1)
    await firm.say(BOSS, "zhangsan", "老板换了")
    firm.site.clock.advance(timedelta(days=30))
    await firm.pull("customers", "messages")
    await firm.understand()
    ((at,),) = await firm.desk.fetch("SELECT at FROM {schema}._event WHERE event = 'owner_changed'")
    assert at == said


async def test_a_number_given_in_the_next_message_completes_a_booking(firm: Firm) -> None:
    await firm.site.control("consent", member="zhangsan", customer=BOSS)
    await firm.say(BOSS, "zhangsan", "想给孩子预约试听")
    await firm.pull("customers", "messages")
    await firm.understand()
    assert "trial_booking" not in [each for each, _ in await firm.events()]
    await firm.say(BOSS, "zhangsan", "我电话 138 1234 5678")
    await firm.pull("messages")
    await firm.understand()
    assert [each for each, _ in await firm.events()].count("trial_booking") == 1


async def test_a_number_completes_no_booking_that_was_taken_back(firm: Firm) -> None:
    await firm.site.control("consent", member="zhangsan", customer=BOSS)
    asked = await firm.say(BOSS, "zhangsan", "想给孩子预约试听")
    await firm.pull("customers", "messages")
    await firm.understand()
    await firm.site.control("revoke", msgid=asked)
    await firm.pull("messages")
    await firm.understand()
    await firm.say(BOSS, "zhangsan", "我电话 138 1234 5678")
    await firm.pull("messages")
    await firm.understand()
    assert "trial_booking" not in [each for each, _ in await firm.events()]


async def test_a_talk_tells_what_waits_and_what_became_of_a_quotation(firm: Firm) -> None:
    await firm.site.control("consent", member="zhangsan", customer=BOSS)
    await firm.say(BOSS, "zhangsan", "泵多少钱一台？")
    await firm.say("zhangsan", BOSS, "稍后报给您")
    await firm.say("zhangsan", BOSS, "", kind="file", body={"sdkfileid": "f", "filename": "报价单.xlsx", "filesize": 9})
    await firm.pull("customers", "messages")
    await firm.understand()
    await firm.say(BOSS, "zhangsan", "收到，有现货吗？")
    await firm.pull("messages")
    await firm.understand()
    (row,) = await firm.desk.fetch("SELECT body FROM {schema}._raw WHERE stream = 'talks'")
    talk = json.loads(row["body"])
    assert (talk["questions"], talk["answers"], talk["median_latency_s"]) == (2, 1, 60)
    assert (talk["quotes_sent"], talk["quotes_answered"], talk["quote_open_since"]) == (1, 1, None)
    assert talk["waiting_since"] is not None
    assert [each for each, _ in await firm.events()] == [
        "customer_question", "customer_answered", "quote_sent", "customer_question", "quote_answered",
    ]  # fmt: skip


async def test_other_words_are_read_in_what_came_before_and_nothing_is_told_twice(firm: Firm) -> None:
    await firm.site.control("consent", member="zhangsan", customer=BOSS)
    await firm.say(BOSS, "zhangsan", "我们急要，还想要联名款")
    await firm.pull("customers", "messages")
    await firm.understand()
    more = {"key": "joint_edition", "label": {"zh": "联名", "en": "Joint edition"}, "keywords": ["联名款"]}
    await firm.words.put(firm.desk.workspace, OwnWords.model_validate(more), by=None)
    await firm.understand()
    names = [each for each, _ in await firm.events()]
    assert (names.count("urgent"), names.count("joint_edition")) == (1, 1)


async def test_a_word_left_out_is_heard_no_more_and_put_back_it_is(firm: Firm) -> None:
    await firm.site.control("consent", member="zhangsan", customer=BOSS)
    await firm.pull("customers")
    label = {"zh": "急要", "en": "Urgent need"}
    without = OwnWords.model_validate({"key": "urgent", "label": label, "without": ["急要"]})
    put = await firm.words.put(firm.desk.workspace, without, by=None)
    await firm.say(BOSS, "zhangsan", "这批货急要")
    await firm.pull("messages")
    await firm.understand()
    assert "urgent" not in [each for each, _ in await firm.events()]
    await firm.words.remove(firm.desk.workspace, "urgent", by=None, seen=put.version)
    await firm.understand()
    assert [each for each, _ in await firm.events()].count("urgent") == 1


async def test_consent_withdrawn_leaves_no_text_anywhere(firm: Firm) -> None:
    for customer in (BOSS, BUYER):
        await firm.site.control("consent", member="zhangsan", customer=customer)
    await firm.say(BOSS, "zhangsan", "机密的换仓计划")
    await firm.say(BUYER, "zhangsan", "另一位的话")
    await firm.pull("customers", "consents", "messages")
    await firm.understand()
    assert {"_history", "_raw", "message"} <= set(await firm.holds("机密的换仓计划"))
    firm.site.clock.advance(timedelta(minutes=1))
    await firm.site.control("consent", member="zhangsan", customer=BOSS, answer="Disagree")
    await firm.pull("consents")
    assert await firm.forgetting.advance(firm.desk.workspace) == 1
    await firm.understand()
    assert await firm.holds("机密的换仓计划") == []
    assert await firm.holds("换仓") == []
    assert "message" in await firm.holds("另一位的话")
    assert await firm.desk.count("message", "body IS NULL AND deleted_at IS NULL") > 0
    assert await firm.forgetting.advance(firm.desk.workspace) == 0


@pytest.mark.parametrize("place", [{"member": "zhangsan"}, {"room": "wrROOM"}])
async def test_a_withdrawal_that_the_vendor_tells_only_who_asks_takes_what_was_said(
    firm: Firm, place: dict[str, str]
) -> None:
    room = {"room": place["room"]} if "room" in place else {}
    await firm.site.control("consent", customer=BOSS, **place)
    await firm.say(BOSS, "zhangsan", "机密的换仓计划", **room)
    await firm.pull("customers", "messages")
    await firm.understand()
    assert "message" in await firm.holds("机密的换仓计划")
    firm.site.clock.advance(timedelta(minutes=1))
    await firm.site.control("consent", customer=BOSS, answer="Disagree", quiet=True, **place)
    await firm.say(BOSS, "zhangsan", "之后又说的机密", **room)
    await firm.pull("messages")
    await firm.understand()
    assert await firm.holds("机密") == []


async def test_a_message_taken_back_is_marked_where_it_went_and_what_it_told_stays(firm: Firm) -> None:
    await firm.site.control("consent", member="zhangsan", customer=BOSS)
    told = await firm.say(BOSS, "zhangsan", "这批货急要")
    await firm.pull("customers", "messages")
    await firm.understand()
    untold = await firm.say(BOSS, "zhangsan", "我们下周换仓，行吗？")
    for taken in (told, untold):
        await firm.site.control("revoke", msgid=taken)
    await firm.pull("messages")
    for _ in range(2):
        await firm.understand()
    assert await firm.shown() == [("这批货急要", True), ("我们下周换仓，行吗？", True)]
    assert [each for each, _ in await firm.events() if each in ("urgent", "warehouse_change")] == ["urgent"]
    done = await firm.desk.pull("wecom", streams=["messages"], anew=True)
    assert done["state"] == "done"
    await firm.understand()
    assert await firm.shown() == [("这批货急要", True), ("我们下周换仓，行吗？", True)]


async def test_a_revocation_that_comes_first_waits_for_its_message(firm: Firm) -> None:
    company = firm.site.company
    await firm.site.control("consent", member="zhangsan", customer=BOSS)
    taken = await firm.say(BOSS, "zhangsan", "说错了")
    await firm.site.control("revoke", msgid=taken)
    late = company.archive[-2]
    company.archive[-2] = late | {"msgtype": "switch", "action": "switch", "msgid": "other", "time": late["msgtime"]}
    await firm.pull("customers", "messages")
    await firm.understand()
    assert [(key, codes) for key, codes in (await firm.desk.refusals("wecom")).items()] == [
        (taken, ["wecom.revoked_early"])
    ]
    company.archive.append(late | {"seq": 4})
    await firm.pull("messages")
    await firm.understand()
    assert await firm.shown() == [("说错了", True)]
    assert await firm.desk.refusals("wecom") == {}


@pytest.mark.parametrize("act", ["revoke", "withdraw"])
async def test_a_page_that_is_just_being_mapped_is_waited_for(firm: Firm, database: Database, act: str) -> None:
    """It has read the message as it was: else its record would bear what is no more, and nobody look at it again."""
    await firm.site.control("consent", member="zhangsan", customer=BOSS)
    said = await firm.say(BOSS, "zhangsan", "机密的计划")
    await firm.pull("customers", "messages")
    await firm.understand()
    firm.site.clock.advance(timedelta(minutes=1))
    if act == "revoke":
        await firm.site.control("revoke", msgid=said)
    else:
        await firm.site.control("consent", member="zhangsan", customer=BOSS, answer="Disagree")
    await firm.pull("messages")
    step = firm.taken_back.advance if act == "revoke" else firm.forgetting.advance
    async with database.write() as mapping:
        schema = firm.desk.workspace.quoted_schema
        await mapping.fetch(f"SELECT FROM {schema}._mapping_state WHERE mapping = 'wecom_messages' FOR UPDATE")
        under_way = asyncio.create_task(step(firm.desk.workspace))
        done, _ = await asyncio.wait([under_way], timeout=0.3)
        assert not done
    assert await under_way == 1
    await firm.understand()
    expected = [("机密的计划", True)] if act == "revoke" else []
    assert await firm.shown() == expected


async def test_a_call_back_lands_by_the_hook_and_a_replay_changes_nothing(firm: Firm) -> None:
    company = firm.site.company
    event = envelope.xml({"Event": "template_card_event", "CreateTime": company.now(), "TaskId": "t", "EventKey": "k"})
    encrypted, now = envelope.encrypt(company.encoding_aes_key, event, company.corp_id), str(company.now())
    query = {"msg_signature": envelope.sign(company.token, now, "1", encrypted), "timestamp": now, "nonce": "1"}
    call = HookCall("POST", query, {}, envelope.xml({"Encrypt": encrypted}).encode())
    for _ in range(2):
        answer = await firm.desk.links.receiver.receive(firm.desk.workspace, "wecom", call)
        assert answer.body == b"success"
    assert await firm.desk.count("_raw", "stream = 'card_actions'") == 1


async def test_presses_are_forgotten_in_time_and_messages_are_not(firm: Firm) -> None:
    await firm.site.control("message", **{"from": BOSS, "to": ["zhangsan"], "text": "你好"})
    await firm.pull("messages")
    company = firm.site.company
    for card in ("old", "new"):
        now = str(company.now())
        event = envelope.xml({"Event": "template_card_event", "CreateTime": now, "TaskId": card, "EventKey": "k"})
        encrypted = envelope.encrypt(company.encoding_aes_key, event, company.corp_id)
        query = {"msg_signature": envelope.sign(company.token, now, card, encrypted), "timestamp": now, "nonce": card}
        call = HookCall("POST", query, {}, envelope.xml({"Encrypt": encrypted}).encode())
        await firm.desk.links.receiver.receive(firm.desk.workspace, "wecom", call)
        firm.site.clock.advance(timedelta(days=60))
    await firm.desk.links.receiver.sweep(firm.desk.workspace)
    kept = await firm.desk.fetch("SELECT body->>'card' FROM {schema}._raw WHERE stream = 'card_actions'")
    assert [row[0] for row in kept] == ["new"]
    assert await firm.desk.count("_raw", "stream = 'messages'") == 1


async def test_a_pull_of_everything_goes_through_all_streams(firm: Firm) -> None:
    await firm.pull()
    assert await firm.desk.count("customer") == 3


async def test_a_stream_that_has_nothing_was_pulled_all_the_same(firm: Firm) -> None:
    await firm.pull("messages")
    async with firm.desk.database.read() as tx:
        states = await firm.desk.links.states.of(tx, firm.desk.workspace, "wecom")
    assert states["messages"].pulled_at is not None


async def test_trouble_is_told_on_the_sources_page_while_a_pull_waits(firm: Firm) -> None:
    await firm.say("zhangsan", "lisi", "你好")
    await firm.site.control("fault", path="/archive/lines", status=503)
    seen: list[tuple[bool | None, str]] = []

    async def pause(_: float) -> None:
        seen.append(await firm.health())

    firm.desk.links.puller._sleep = pause
    await firm.pull("messages")
    assert [(healthy, "archive.unreachable" in detail) for healthy, detail in seen] == [(False, True)]
    assert (await firm.health())[0] is True
