"""WeCom and DingTalk from the side of people: they sign in, are sent a task, press its button."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from tests.simulators.serving import served
from tests.web.company import Company, SignIn

from tongmai.kit import FixedClock, Language, Text, Unavailable
from tongmai.link import HookAnswer, RawRow, Received
from tongmai.link.vendors import card_of_task
from tongmai.link.wecom import page_signature
from tongmai.model import MappingDef, SourceDef, diff
from tongmai.simulators import dingtalk, wecom
from tongmai.simulators.wecom import envelope
from tongmai.store import JobWorker, ReadTx
from tongmai.web import Services, create_app
from tongmai.web.following import vendor_follower
from tongmai.work import Line, Message, NewTask, Preferences, Receiver, Subject, Undeliverable


@dataclass
class Site:
    services: Services
    company: Company
    client: httpx.AsyncClient
    http: httpx.AsyncClient
    firm: wecom.Company
    org: dingtalk.Organisation

    async def anna(self) -> UUID:
        return UUID(self.company.people["anna"])

    async def away(self, source: str, path: str = "/today", *, who: str | None = None) -> str:
        """Away to the vendor; the address that it sends the browser back to."""
        away = await self.client.get(f"/api/sign-in/{self.company.workspace.key}/{source}", params={"return_to": path})
        assert away.status_code == 303, away.text
        usual = {"wecom": "zhangsan", "dingtalk": "sales01"}[source]
        back = await self.http.get(f"{away.headers['location']}&as={usual if who is None else who}")
        return back.headers["location"]

    async def arrive(self, source: str) -> httpx.Response:
        """Away to the vendor and back; the last answer."""
        return await self.client.get(await self.away(source))

    async def refused_at(self, back: str) -> dict[str, list[str]]:
        """What the page of sign-in is told of a person who comes back and is not let in."""
        answer = await self.client.get(back, headers={"accept": "text/html"})
        told = urlsplit(answer.headers["location"])
        assert (answer.status_code, told.path) == (303, "/sign-in")
        return parse_qs(told.query)

    async def told(self, source: str) -> dict[str, dict[str, Any]]:
        """What an administrator reads on the source's page, by reason."""
        async with self.services.database.read() as tx:
            found = await self.services.links.runs.refusals(tx, self.company.workspace, source, 50)
        return {each.key: {"body": each.body, "faults": [one.document("zh") for one in each.faults]} for each in found}

    async def send_task(self, channel: str, language: Language = "zh") -> tuple[UUID, Message]:
        workspace, anna = self.company.workspace, await self.anna()
        work = self.services.work
        task = await work.tasks.make(workspace, NewTask(Text.same("跟进宏达机械"), anna), key=f"test:{channel}")
        line = Line("跟进宏达机械", "3 天未回复", subject=Subject("task", task))
        message = Message(UUID(int=7), workspace, Receiver(anna, "Anna", language=language), (line,))
        found = work.channels.find(channel)
        assert found is not None
        for _ in range(2):
            await found.send(message)
        return task, message

    async def press_in_wecom(self, card: str, button: str) -> None:
        firm, workspace = self.firm, self.company.workspace
        event = envelope.xml(
            {
                "FromUserName": "zhangsan", "CreateTime": firm.now(), "Event": "template_card_event",
                "EventKey": button, "TaskId": card, "ResponseCode": "response1",
            }
        )  # fmt: skip
        encrypted, now = envelope.encrypt(firm.encoding_aes_key, event, firm.corp_id), str(firm.now())
        query = {"msg_signature": envelope.sign(firm.token, now, "1", encrypted), "timestamp": now, "nonce": "1"}
        answer = await self.client.post(
            f"/api/hooks/{workspace.key}/wecom",
            params=query,
            content=envelope.xml({"Encrypt": encrypted}),
            headers={"content-type": "text/xml"},
        )
        assert (answer.status_code, answer.text) == (200, "success")
        await vendor_follower(self.services).follow(workspace)

    async def press_in_dingtalk(self, card: str, button: str) -> None:
        workspace, links = self.company.workspace, self.services.links
        pressed = json.dumps({"cardPrivateData": {"actionIds": [button]}})
        known = await links.sources.known(workspace, "dingtalk")
        async with links.sources.opened(workspace, known) as source:
            rows = source._rows.press(  # type: ignore[attr-defined]
                {"outTrackId": card, "userId": "sales01", "content": pressed}
            )
        await links.receiver.take(workspace, "dingtalk", Received(HookAnswer(), rows))
        await vendor_follower(self.services).follow(workspace)

    async def state_of(self, task: UUID) -> str:
        async with self.services.database.read() as tx:
            return await _state(tx, self.company.workspace.quoted_schema, task)


async def _state(tx: ReadTx, schema: str, task: UUID) -> str:
    found: str = await tx.fetch_value(f"SELECT state FROM {schema}.task WHERE id = $1", task)
    return found


@pytest.fixture
async def site(services: Services, company: Company, tmp_path: Any) -> AsyncIterator[Site]:
    firm, org = wecom.Company.sample(services.clock), dingtalk.Organisation.sample(services.clock)
    firm.members["zhangsan"]["name"] = org.people["sales01"]["name"] = "Anna"
    key = company.workspace.key
    named = f"{key}/wecom, {key}/dingtalk"
    settings = services.settings.model_copy(update={"sign_in_sources": named})
    opened = dataclasses.replace(services, settings=settings)
    async with (
        served(wecom.app(firm)) as firm_url,
        served(dingtalk.app(org)) as org_url,
        httpx.AsyncClient() as http,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(opened, ui=tmp_path)), base_url="http://test"
        ) as client,
    ):
        await _define(opened, company, firm, firm_url, org, org_url)
        for channel in ("wecom", "dingtalk"):
            found = opened.work.channels.find(channel)
            # Cards and to-dos need an address to open.
            found._public_url = "https://tongmai.example.com"  # type: ignore[union-attr]
        yield Site(opened, company, client, http, firm, org)
        await opened.links.close()


async def _define(
    services: Services, company: Company, firm: wecom.Company, firm_url: str, org: dingtalk.Organisation, org_url: str
) -> None:
    workspace = company.workspace
    sources = (
        {"key": "wecom", "kind": "wecom", "label": "企业微信",
         "options": {"corp_id": firm.corp_id, "agent_id": firm.agent_id, "base_url": firm_url}},
        {"key": "dingtalk", "kind": "dingtalk", "label": "钉钉",
         "options": {"app_key": org.app_key, "api_url": org_url, "old_api_url": org_url, "events": "http",
                     "card_template": "t1", "robot_code": "r1"}},
    )  # fmt: skip
    mappings = [
        {"key": f"{source}_members", "label": "成员", "source": source, "stream": "members", "object": "person",
         "columns": [{"path": "userid"}, {"path": "name"}], "fields": [{"field": "name", "value": "[name]"}],
         "match": ["name"], "creates": False}
        for source in ("wecom", "dingtalk")
    ]  # fmt: skip
    catalogue = await services.catalogues.get(workspace)
    wanted = catalogue.replace(
        sources=tuple(SourceDef.model_validate(each) for each in sources),
        mappings=tuple(MappingDef.model_validate(each) for each in mappings),
    )
    await services.editor.apply(workspace, diff(catalogue, wanted), None)
    async with services.database.write() as tx:
        await services.links.secrets.put(
            tx, workspace, "wecom",
            {"secret": firm.secret, "callback_token": firm.token, "encoding_aes_key": firm.encoding_aes_key},
        )  # fmt: skip
        await services.links.secrets.put(tx, workspace, "dingtalk", {"app_secret": org.app_secret})
    for source in ("wecom", "dingtalk"):
        await services.links.puller.ask(workspace, source, streams=["members"])
    await JobWorker(services.database, services.job_handlers(), services.clock).run_until_idle()


@pytest.mark.parametrize("source", ["wecom", "dingtalk"])
async def test_a_member_signs_in_as_his_person(site: Site, source: str) -> None:
    arrived = await site.arrive(source)
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/today")
    session = (await site.client.get("/api/me")).json()
    assert session["person"]["id"] == site.company.people["anna"]


async def test_an_answer_of_another_browser_or_for_another_source_is_refused(site: Site) -> None:
    key = site.company.workspace.key
    back = await site.away("wecom")
    elsewhere = back.replace(f"/{key}/wecom/", f"/{key}/dingtalk/")
    assert (await site.client.get(elsewhere)).status_code == 401
    site.client.cookies.clear()
    assert (await site.client.get(back)).status_code == 401
    await site.away("wecom")
    assert (await site.client.get(back)).status_code == 401
    assert (await site.client.get("/api/session")).status_code == 401


@pytest.mark.parametrize("source", ["wecom", "dingtalk"])
async def test_a_code_that_was_used_leads_back_to_the_page_of_sign_in_and_to_what_was_asked_for(
    site: Site, source: str
) -> None:
    back = await site.away(source)
    again = dict(site.client.cookies)
    assert (await site.client.get(back)).headers["location"] == "/today"
    site.client.cookies.clear()
    site.client.cookies.update(again)
    assert await site.refused_at(back) == {"refused": ["sign_in.code"], "from": ["/today"]}
    assert await site.told(source) == {}


async def test_who_takes_longer_than_ten_minutes_begins_again(site: Site, clock: FixedClock) -> None:
    back = await site.away("wecom")
    clock.advance(timedelta(minutes=11))
    assert (await site.refused_at(back))["refused"] == ["oidc.refused"]


async def test_a_path_of_another_site_is_not_gone_on_to(site: Site) -> None:
    for path in ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        site.client.cookies.clear()
        arrived = await site.client.get(await site.away("wecom", path))
        assert (arrived.status_code, arrived.headers["location"]) == (303, "/")
    refused = await site.client.get(
        "/api/sign-in/other/wecom?return_to=//evil.example", headers={"accept": "text/html"}
    )
    assert refused.headers["location"] == "/sign-in?refused=sign_in.no_source"


async def test_a_member_who_is_no_person_here_is_refused_and_an_administrator_reads_who_it_was(site: Site) -> None:
    for _ in range(2):
        assert (await site.refused_at(await site.away("wecom", who="lisi")))["refused"] == ["member.unknown"]
    (row,) = (await site.told("wecom")).values()
    assert (row["body"]["member"], row["body"]["times"]) == ("lisi", 2)


@pytest.mark.parametrize("source", ["wecom", "dingtalk"])
async def test_an_outsider_is_refused(site: Site, source: str) -> None:
    assert (await site.refused_at(await site.away(source, who="")))["refused"] == ["sign_in.outsider"]


async def test_a_person_who_was_deactivated_and_one_whose_account_is_off_are_refused(
    site: Site, sign_in: SignIn
) -> None:
    admin, anna = await sign_in("admin"), site.company.people["anna"]
    off = {"disabled": True}
    assert (await admin.patch(f"/api/accounts/{anna}", json=off)).status_code < 300
    assert (await site.refused_at(await site.away("wecom")))["refused"] == ["account.disabled"]
    assert (await admin.patch(f"/api/accounts/{anna}", json={"disabled": False})).status_code < 300
    person = (await admin.get(f"/api/records/person/{anna}")).json()
    left = await admin.patch(
        f"/api/records/person/{anna}", json={"active": False}, headers={"if-match": f'"{person["version"]}"'}
    )
    assert left.status_code == 200, left.text
    assert (await site.refused_at(await site.away("wecom")))["refused"] == ["sign_in.inactive"]
    assert set(await site.told("wecom")) == {"account.disabled", "sign_in.inactive"}


async def test_what_the_vendor_holds_against_the_application_is_read_on_the_sources_page(site: Site) -> None:
    back = await site.away("wecom")
    async with site.services.database.write() as tx:
        await site.services.links.secrets.put(tx, site.company.workspace, "wecom", {"secret": "guessed"})
    assert (await site.refused_at(back))["refused"] == ["wecom.refused"]
    (row,) = (await site.told("wecom")).values()
    assert row["faults"][0]["way_out"] == "请在“凭据”里核对“应用 Secret”"


@pytest.mark.parametrize(
    ("agent", "page"),
    [("Mozilla/5.0 wxwork/4.1.30 MicroMessenger/7.0.1", "/connect/oauth2/authorize"),
     ("Mozilla/5.0 AliApp(DingTalk/7.0.50)", "/wwlogin/sso/login"), ("Mozilla/5.0", "/wwlogin/sso/login")],
)  # fmt: skip
async def test_only_wecoms_own_browser_is_asked_who_the_member_is_others_are_shown_a_code_to_scan(
    site: Site, agent: str, page: str
) -> None:
    started = await site.client.get(f"/api/sign-in/{site.company.workspace.key}/wecom", headers={"user-agent": agent})
    assert urlsplit(started.headers["location"]).path == page


async def test_only_sources_that_the_operator_names_sign_people_in(site: Site) -> None:
    assert (await site.client.get("/api/sign-in/other/wecom")).status_code == 404
    assert (await site.client.get(f"/api/sign-in/{site.company.workspace.key}/u8")).status_code == 404


async def test_the_page_of_sign_in_offers_what_the_operator_allows_and_there_is(site: Site) -> None:
    ways = (await site.client.get("/api/sign-in-ways")).json()["items"]
    key = site.company.workspace.key
    assert [(each["kind"], each["address"]) for each in ways] == [
        ("wecom", f"/api/sign-in/{key}/wecom"),
        ("dingtalk", f"/api/sign-in/{key}/dingtalk"),
    ]


async def test_the_side_bars_page_is_signed_for_who_is_signed_in_and_no_page_of_another_site(site: Site) -> None:
    address = "/api/sources/wecom/page-signature"
    own = "http://test/sidebar?workspace=a&source=wecom#wechat_redirect"
    assert (await site.client.get(address, params={"url": own})).status_code == 401
    await site.arrive("wecom")
    signed = (await site.client.get(address, params={"url": own})).json()
    assert (signed["corp_id"], signed["agent_id"]) == (site.firm.corp_id, site.firm.agent_id)
    given = signed["agent_config"]
    page = own.partition("#")[0]
    wanted = page_signature(site.firm.ticket("agent"), given["nonce"], given["timestamp"], page)
    assert given["signature"] == wanted
    for foreign in (
        "https://evil.example/",
        "http://test@evil.example/",
        "http://[",
        "javascript:alert(1)",
        "/sidebar",
    ):
        refused = await site.client.get(address, params={"url": foreign})
        assert (refused.status_code, refused.json()["faults"][0]["code"]) == (422, "sidebar.foreign_page")


async def test_a_task_goes_to_wecom_as_a_card_whose_button_does_it(site: Site) -> None:
    task, _ = await site.send_task("wecom")
    (sent,) = site.firm.sent
    card = sent["body"]["template_card"]
    assert (sent["body"]["touser"], card["main_title"]["title"]) == ("zhangsan", "跟进宏达机械")
    await site.press_in_wecom(card["task_id"], "done")
    assert await site.state_of(task) == "done"
    assert site.firm.settled[0]["button"]["replace_name"] == "已完成"


async def test_a_card_that_cannot_be_told_keeps_no_other_press_waiting(site: Site) -> None:
    services, workspace = site.services, site.company.workspace
    anna, make = await site.anna(), services.work.tasks.make
    tasks = [await make(workspace, NewTask(Text.same(each), anna), key=each) for each in ("甲", "乙")]
    await pressed(site, *tasks)
    async with services.database.write() as tx:
        await services.links.secrets.put(tx, workspace, "wecom", {"secret": None})

    await vendor_follower(services).follow(workspace)

    assert [await site.state_of(each) for each in tasks] == ["done", "done"]


async def test_a_press_that_comes_while_the_platform_is_busy_is_carried_out_later(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, workspace = site.services, site.company.workspace
    task = await services.work.tasks.make(workspace, NewTask(Text.same("跟进"), await site.anna()), key="busy")
    await pressed(site, task)

    async def busy(*_: object) -> None:
        raise Unavailable.of("busy", "忙", "busy")

    with monkeypatch.context() as patched:
        patched.setattr(type(services.work.tasks), "done", busy)
        await vendor_follower(services).follow(workspace)
    assert (await site.state_of(task), await site.told("wecom")) == ("open", {})

    await vendor_follower(services).follow(workspace)
    assert await site.state_of(task) == "done"


async def pressed(site: Site, *tasks: UUID) -> None:
    """Anna presses “done” on a card of each of these tasks."""
    presses = tuple(
        RawRow(
            str(each),
            {"card": card_of_task(each, each), "member": "zhangsan", "action": "done", "response_code": str(each)},
        )
        for each in tasks
    )
    received = Received(HookAnswer(), {"card_actions": presses})
    await site.services.links.receiver.take(site.company.workspace, "wecom", received)


async def test_a_task_goes_to_dingtalk_as_a_to_do_and_a_card_whose_button_does_it(site: Site) -> None:
    task, _ = await site.send_task("dingtalk")
    assert [each["subject"] for each in site.org.todos.values()] == ["跟进宏达机械"]
    (card,) = site.org.cards
    await site.press_in_dingtalk(card, "snooze")
    workspace, services = site.company.workspace, site.services
    async with services.database.read() as tx:
        until = await tx.fetch_value(f"SELECT snoozed_until FROM {workspace.quoted_schema}.task WHERE id = $1", task)
    assert until == services.clock.now() + timedelta(days=1)
    assert site.org.cards[card]["cardData"]["cardParamMap"]["state"] == "已推迟一天"


async def test_cards_speak_their_readers_language(site: Site) -> None:
    preferences, anna = site.services.work.preferences, await site.anna()
    workspace = site.company.workspace
    await preferences.put(workspace, anna, Preferences(language="en"))
    await site.send_task("wecom", "en")
    card = site.firm.sent[0]["body"]["template_card"]
    assert [each["text"] for each in card["button_list"]] == ["Done", "Tomorrow"]
    await site.press_in_wecom(card["task_id"], "done")
    assert site.firm.settled[0]["button"]["replace_name"] == "Done"
    await site.send_task("dingtalk", "en")
    (track,) = site.org.cards
    assert site.org.cards[track]["cardData"]["cardParamMap"]["state"] == "To do"
    await site.press_in_dingtalk(track, "snooze")
    assert site.org.cards[track]["cardData"]["cardParamMap"]["state"] == "Put off a day"


async def test_who_has_no_account_there_is_undeliverable(site: Site) -> None:
    channel = site.services.work.channels.find("wecom")
    assert channel is not None
    bert = Receiver(UUID(site.company.people["bert"]), "Bert")
    with pytest.raises(Undeliverable):
        await channel.send(Message(UUID(int=8), site.company.workspace, bert, (Line("x"),)))
