from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tongmai.kit import Invalid, NotSignedIn
from tongmai.link import SourceAway
from tongmai.link.wecom.sidebar import PageSignature, SidebarSignatures
from tongmai.link.wecom.sign_in import WeComSignIn

from .conftest import BOSS, BUYER, WeComSite


def rows(pages: list[Any]) -> list[Any]:
    return [row for page in pages for row in page.rows]


async def test_contacts_and_customers_come_with_all_who_follow_them(site: WeComSite, pulled: Any) -> None:
    site.company.add_customer(BOSS, "陈老板", "宏达机械有限公司", "lisi")
    source = site.source()
    assert {row.key for row in rows(await pulled(source, "members"))} == {"zhangsan", "lisi", "wangwu"}
    found = {row.key: row.body for row in rows(await pulled(source, "customers"))}
    assert len(found) == 3
    assert [each["userid"] for each in found[BOSS]["follow_user"]] == ["zhangsan", "lisi"]


async def test_a_customer_whom_thousands_follow_comes_whole(site: WeComSite, pulled: Any) -> None:
    for number in range(1203):
        site.company.add_customer(BOSS, "陈老板", "", f"member{number}")
    found = {row.key: row.body for row in rows(await pulled(site.source(), "customers"))}
    assert len(found[BOSS]["follow_user"]) == 1204


async def test_a_token_that_ends_is_renewed_in_the_middle_of_a_pull(site: WeComSite, pulled: Any) -> None:
    source = site.source()
    await pulled(source, "departments")
    await site.control("expire_tokens")
    assert len(rows(await pulled(source, "customers"))) == 3
    site.clock.advance(timedelta(hours=3))
    assert len(rows(await pulled(source, "departments"))) == 3
    assert site.pauses == []


async def test_faults_that_pass_are_waited_for_and_lose_nothing(site: WeComSite, pulled: Any) -> None:
    await site.control("fault", path="/cgi-bin/externalcontact/get", status=502, times=3)
    await site.control("fault", path="/cgi-bin/gettoken", status=500, times=1)
    assert len(rows(await pulled(site.source(), "customers"))) == 3
    assert len(site.pauses) == 4


async def test_a_rate_limit_is_waited_for_with_growing_pauses_then_told(site: WeComSite, pulled: Any) -> None:
    await site.control("limit", per_minute=0)
    with pytest.raises(SourceAway) as told:
        await pulled(site.source(), "departments")
    assert told.value.faults[0].code == "wecom.limited"
    assert told.value.extra["retry_after"] == 60
    assert site.pauses == sorted(site.pauses)
    assert len(site.pauses) == 4


@pytest.mark.parametrize(("secret", "code"), [({"secret": "wrong"}, 40001), ({}, 40013)])
async def test_a_wrong_credential_is_told_with_the_vendors_code(
    site: WeComSite, secret: dict[str, str], code: int
) -> None:
    source = site.source(secret, **({} if secret else {"corp_id": "ww-wrong"}))
    health = await source.test()
    assert not health.ok
    assert str(code) in health.faults[0].text.en
    assert health.faults[0].way_out is not None


async def test_a_wrong_secret_of_the_archive_is_found_by_the_test_and_called_by_its_name(site: WeComSite) -> None:
    health = await site.source({"archive_secret": "wrong"}).test()
    assert not health.ok
    (fault,) = health.faults
    assert fault.way_out is not None
    assert "会话内容存档 Secret" in fault.way_out.zh
    assert "archive's secret" in fault.way_out.en


async def test_the_test_reaches_for_the_archive_too(site: WeComSite, tmp_path: Path) -> None:
    site.folders = (tmp_path,)
    missing = await site.source(archive="folder", archive_folder=str(tmp_path / "chats")).test()
    assert [fault.code for fault in missing.faults] == ["archive.folder"]
    (tmp_path / "chats").mkdir()
    assert (await site.source(archive="folder", archive_folder=str(tmp_path / "chats")).test()).ok
    await site.control("fault", path="/archive/lines", status=503)
    away = await site.source().test()
    assert [(fault.code, fault.way_out is not None) for fault in away.faults] == [("archive.unreachable", True)]
    assert (await site.source().test()).ok
    assert (await site.source(archive="none").test()).ok


async def test_calls_are_read_in_pages_over_months(site: WeComSite, pulled: Any) -> None:
    now = site.company.now()
    for number in range(230):
        await site.control("call", member="zhangsan", phone=str(13900000000 + number), at=now - number * 3600 * 8)
    source = site.source(back_fill_days=90)
    pages = await pulled(source, "calls")
    assert len({row.key for row in rows(pages)}) == 230
    again = await pulled(source, "calls", pages[-1].cursor)
    assert {row.key for row in rows(again)} <= {row.key for row in rows(pages)}


async def test_moments_come_with_who_liked_and_commented(site: WeComSite, pulled: Any) -> None:
    for number in range(25):
        await site.control("moment", member="lisi", text=f"新品 {number}", likes=[BOSS, BUYER], comments=[BOSS])
    source = site.source()
    assert len(rows(await pulled(source, "moments"))) == 25
    found = rows(await pulled(source, "moment_interactions"))
    assert sorted({(row.body["kind"], row.body["external_userid"]) for row in found}) == [
        ("comment", BOSS), ("like", BOSS), ("like", BUYER),
    ]  # fmt: skip
    assert len(found) == 75


async def test_an_approval_is_read_with_its_form_and_again_when_its_state_changed(site: WeComSite, pulled: Any) -> None:
    form = [{"title": "折扣", "control": "Number", "value": "85"}, {"title": "客户", "value": "宏达机械"}]
    number = (await site.control("approval", member="zhangsan", name="特价审批", form=form))["number"]
    site.clock.advance(timedelta(days=12))
    source = site.source()
    pages = await pulled(source, "approvals")
    (row,) = rows(pages)
    assert (row.key, row.body["status"], row.body["form"]) == (number, "open", {"折扣": "85", "客户": "宏达机械"})
    await site.control("approval", number=number, status=2)
    (row,) = rows(await pulled(source, "approvals", pages[-1].cursor))
    assert row.body["status"] == "approved"


async def test_the_side_bar_page_is_signed_with_the_applications_ticket(site: WeComSite) -> None:
    signatures = SidebarSignatures(site.source().client)
    signed = await signatures.sign("https://tongmai.example.com/sidebar?x=1#part", "agent")
    assert len(signed.signature) == 40
    assert signed.timestamp == site.company.now()
    with pytest.raises(Invalid):
        await signatures.sign("javascript:alert(1)", "agent")


async def test_the_client_takes_the_signatures_for_their_page_alone(site: WeComSite) -> None:
    """What looks at them shares no code with what signs."""
    signatures = SidebarSignatures(site.source().client)
    page = "https://tongmai.example.com/sidebar?workspace=start"
    corp, agent = await signatures.sign(page, "corp"), await signatures.sign(page, "agent")
    window = (await site.control("window", contact=BOSS))["window"]

    async def ask(name: str, url: str = page, **params: Any) -> Any:
        told = await site.http.post(
            f"{site.url}/client/{window}", json={"url": f"{url}#part", "name": name, "params": params}
        )
        return told.json()

    def shown(signed: PageSignature, corp_id: str, before: str = "") -> dict[str, object]:
        return {
            corp_id: site.company.corp_id, f"{before}timestamp": signed.timestamp, f"{before}nonceStr": signed.nonce,
            f"{before}signature": signed.signature,
        }  # fmt: skip

    assert await ask("preVerifyJSAPI", **shown(corp, "verifyAppId", "verify")) == {"err_msg": "preVerifyJSAPI:ok"}
    asks = ["getCurExternalContact"]
    own = {**shown(agent, "corpid"), "agentid": site.company.agent_id, "jsApiList": asks}
    other = "https://elsewhere.example.com/sidebar"
    assert "invalid signature" in (await ask("agentConfig", other, **own))["err_msg"]
    assert "invalid signature" in (await ask("agentConfig", **{**own, **shown(corp, "corpid")}))["err_msg"]
    assert "no permission" in (await ask("getCurExternalContact"))["err_msg"]
    assert (await ask("agentConfig", **own))["err_msg"] == "agentConfig:ok"
    assert (await ask("getCurExternalContact"))["userId"] == BOSS
    assert "no permission" in (await ask("sendChatMessage", msgtype="text", text={"content": "您好"}))["err_msg"]


async def test_a_member_signs_in_and_a_code_works_once(site: WeComSite) -> None:
    sign_in = WeComSignIn(
        site.source().client, 1000002, f"{site.url}/connect/oauth2/authorize", f"{site.url}/wwlogin/sso/login"
    )
    address = sign_in.address(redirect_uri="https://tongmai.example.com/back", state="s1", inside=False)
    answer = await site.http.get(address)
    assert answer.status_code == 302
    code = answer.headers["location"].split("code=")[1].split("&")[0]
    assert "state=s1" in answer.headers["location"]
    assert await sign_in.member(code) == "zhangsan"
    with pytest.raises(NotSignedIn):
        await sign_in.member(code)
