"""The whole way back in a workspace (S3-20): a person's change stands in WeCom, a change on both sides is a conflict."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from tests.link.desk import Desk, open_desk

from tongmai.access import SystemActor
from tongmai.kit import Settings
from tongmai.link.pushing import Pusher, Telling
from tongmai.link.pushing.change import PushState
from tongmai.store import Database, Workspace
from tongmai.work import open_work

from .conftest import BOSS, WeComSite

AT = "follow_user.0"
LEVELS: dict[str, Any] = {
    "key": "levels", "type": "multi_choice", "label": "等级",
    "options": {
        "choices": [
            {"key": "key_account", "label": {"zh": "重点客户", "en": "Key account"}},
            {"key": "ordinary", "label": {"zh": "普通客户", "en": "Ordinary"}},
        ]
    },
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "key": "wecom_customers", "label": "客户", "source": "wecom", "stream": "customers", "object": "customer",
    "columns": [
        {"path": "external_userid"}, {"path": "name"}, {"path": f"{AT}.remark"},
        {"path": f"{AT}.remark_mobiles.0"}, {"path": f"{AT}.corp_tags", "type": "json"},
    ],
    "fields": [
        {"field": "code", "value": "[external_userid]"}, {"field": "name", "value": "[name]"},
        {"field": "nickname", "value": f"[{AT}.remark]", "push": f"{AT}.remark"},
        {"field": "mobile", "value": f"[{AT}.remark_mobiles.0]", "push": f"{AT}.remark_mobiles.0"},
        {"field": "levels", "value": f"[{AT}.corp_tags]", "push": f"{AT}.corp_tags"},
    ],
    "match": ["code"],
}  # fmt: skip


@dataclass
class Office:
    """A workspace that follows a simulated corporation and writes back to it."""

    desk: Desk
    site: WeComSite

    async def by_hand(self, **values: Any) -> None:
        person = await self.desk.make("person", name="安娜")
        record = (await self.desk.fetch("SELECT id FROM {schema}.customer WHERE code = $1", BOSS))[0]["id"]
        actor = SystemActor("test", on_behalf=person)
        await self.desk.gateway.update(actor, self.desk.workspace, "customer", record, values)
        await self.desk.seal()

    async def send(self) -> PushState:
        """Sends what is due; the latest change as it stands then."""
        await self.desk.links.pusher.advance(self.desk.workspace)
        return (await self.desk.links.pusher.latest(self.desk.workspace, "wecom", 1))[0]

    async def settle(self, push: PushState, keep: Literal["ours", "theirs"]) -> None:
        await self.desk.links.pusher.resolve(self.desk.workspace, push.id, keep)
        await self.desk.links.pusher.advance(self.desk.workspace)

    async def pull(self) -> None:
        assert (await self.desk.pull("wecom", streams=["customers"]))["state"] == "done"

    async def here(self, *fields: str) -> list[Any]:
        listed = ", ".join(fields)
        return list((await self.desk.fetch(f"SELECT {listed} FROM {{schema}}.customer WHERE code = $1", BOSS))[0])

    def there(self, member: str = "zhangsan") -> dict[str, Any]:
        found: list[dict[str, Any]] = self.site.company.customers[BOSS]["follow_user"]
        return next(each for each in found if each["userid"] == member)


@pytest.fixture
async def office(
    site: WeComSite, database: Database, workspace: Workspace, settings: Settings
) -> AsyncIterator[Office]:
    desk = await open_desk(database, workspace, site.clock, settings)
    await desk.add_field("customer", LEVELS)
    await desk.add_field("customer", {"key": "mobile", "type": "phone", "label": "手机"})
    options = {
        "corp_id": site.company.corp_id,
        "base_url": site.url,
        "writes": ["remark", "remark_mobiles", "corp_tags"],
    }
    await desk.define({"key": "wecom", "kind": "wecom", "label": "企业微信", "options": options}, MAPPING)
    await desk.secret("wecom", secret=site.company.secret)
    made = Office(desk, site)
    await desk.links.pusher.advance(workspace)
    await made.pull()
    yield made
    await desk.links.close()


async def test_a_persons_change_stands_in_wecom_and_comes_back_as_nothing_new(office: Office) -> None:
    await office.by_hand(nickname="陈总", mobile="13900000000", levels=["key_account"])

    assert (await office.send()).state == "done"

    there = office.there()
    assert (there["remark"], there["remark_mobiles"]) == ("陈总", ["13900000000"])
    assert [each["tag_name"] for each in there["tags"]] == ["重点客户"]
    await office.pull()
    assert await office.here("nickname", "mobile", "levels") == ["陈总", "+8613900000000", ["key_account"]]
    assert (await office.desk.links.pusher.advance(office.desk.workspace)).heard == 0


@pytest.mark.parametrize(("keep", "wins"), [("ours", "陈总"), ("theirs", "陈董")])
async def test_a_member_who_changed_it_too_is_a_conflict_that_a_person_settles(
    office: Office, keep: Literal["ours", "theirs"], wins: str
) -> None:
    await office.by_hand(nickname="陈总")
    await office.site.control("note", member="zhangsan", id=BOSS, remark="陈董")

    push = await office.send()
    await office.pull()

    assert (push.state, (push.detail or {})["theirs"]) == ("conflict", {f"{AT}.remark": "陈董"})
    assert (office.there()["remark"], await office.here("nickname")) == ("陈董", ["陈总"])
    await office.settle(push, keep)
    await office.pull()
    assert (office.there()["remark"], await office.here("nickname")) == (wins, [wins])


async def test_who_moved_up_in_the_list_meanwhile_is_not_written_for(office: Office) -> None:
    """The change was made to what the first follower had noted, and is told of when he is the first no more."""
    await office.site.control("fault", path="/cgi-bin/externalcontact", status=503, times=2)
    await office.by_hand(nickname="陈总")
    assert (await office.send()).state == "waiting"
    office.site.company.add_customer(BOSS, "陈老板", "", "lisi")
    office.site.company.customers[BOSS]["follow_user"].reverse()
    await office.pull()
    office.site.clock.moment = office.site.clock.moment.replace(hour=20)

    assert (await office.send()).state == "done"
    assert (office.there()["remark"], office.there("lisi")["remark"]) == ("陈总", "陈老板")


async def test_what_wecom_will_not_take_stays_here_and_says_why(office: Office) -> None:
    await office.by_hand(nickname="陈" * 21)
    push = await office.send()
    await office.pull()
    assert push.state == "failed"
    assert [each["code"] for each in (push.detail or {})["faults"]] == ["wecom.too_long"]
    assert await office.here("nickname") == ["陈" * 21]
    await office.by_hand(nickname="陈总")
    assert (await office.send()).state == "done"
    assert office.there()["remark"] == "陈总"


async def test_what_is_not_opened_is_not_told_and_opened_later_only_what_is_changed_then(office: Office) -> None:
    desk = office.desk
    source = (await desk.catalogues.get(desk.workspace)).source_by_key["wecom"].model_dump(mode="json")
    opened = source["options"]["writes"]
    await desk.define(source | {"options": source["options"] | {"writes": ["description"]}})
    await office.by_hand(nickname="陈总")
    await desk.links.pusher.advance(desk.workspace)
    assert await desk.links.pusher.latest(desk.workspace, "wecom", 1) == []

    await desk.define(source | {"options": source["options"] | {"writes": opened}})
    await desk.links.pusher.advance(desk.workspace)
    await office.by_hand(levels=["key_account"])
    assert (await office.send()).changed == {f"{AT}.corp_tags": ["重点客户"]}
    assert office.there()["remark"] == "陈老板"


async def test_who_made_a_change_that_did_not_get_there_is_told_with_both_values(office: Office) -> None:
    desk, links = office.desk, office.desk.links
    work = open_work(desk.database, desk.catalogues, desk.gateway, desk.clock, desk.settings)
    telling = Telling(desk.catalogues, desk.gateway, work.notices)
    links.pusher = Pusher(
        desk.database, desk.catalogues, desk.clock, desk.gateway, links.sources, links.raw, links.runs, telling
    )
    office.there()["remark"] = "陈董"
    await office.by_hand(nickname="陈总")
    assert (await office.send()).state == "conflict"
    await office.send()
    await office.by_hand(levels=["key_account"], mobile="+8613800000000")
    office.site.company.tag_groups.clear()
    assert (await office.send()).state == "failed"

    told = await desk.fetch(
        "SELECT n.title, n.body, n.subject, p.name FROM {schema}._notice n JOIN {schema}.person p ON p.id = n.person"
        " ORDER BY n.at, n.id"
    )
    assert [(each["title"], each["subject"], each["name"]) for each in told] == [
        ("企业微信那边也改了，您的修改没有写回", "陈老板", "安娜"), ("您的修改没有写回企业微信", "陈老板", "安娜"),
    ]  # fmt: skip
    assert told[0]["body"].startswith("微信昵称：您改为“陈总”，那边现在是“陈董”")
    assert "重点客户" in told[1]["body"]
    assert all("数据源页" in each["body"] for each in told)
