"""S0-50 … S0-55: the rhythm of follow-up, said as a rule and run by the rules' own engine, contacts beginning it anew."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from tests.metrics.shop import Shop, metric, open_shop
from tests.rules.desk import Desk, open_desk

from tongmai.access import Actor, Person
from tongmai.kit import FixedClock, Settings
from tongmai.model import MetricDef, RuleDef
from tongmai.store import Database, Workspace
from tongmai.work import Channels, Content, Notices, Sweeper, Tasks
from tongmai.work import People as WorkPeople


@pytest.fixture
async def shop(database: Database, workspace: Workspace, clock: FixedClock, settings: Settings) -> Shop:
    return await open_shop(database, workspace, clock, settings)


def rhythm(level: str, days: int, content: str) -> RuleDef:
    """S0-51: 三甲医院设备科主任 every 14 days; S0-52: 社区诊所老板 every 5 days. Here a last order is the last contact."""
    task = {
        "kind": "task",
        "task": "cadence",
        "title": "该联系 {name} 了",
        "due": {"amount": 2, "unit": "working_days"},
    }
    return RuleDef.model_validate(
        {
            "key": f"cadence_{days}",
            "label": f"{level}跟进节奏",
            "object": "customer",
            "when": {"kind": "scheduled", "cron": "0 9 * * *"},
            "if": f'level = "{level}" AND silent > 0 AND MOD(silent, {days}) = 0',
            "then": [{**task, "content": content, "breach": []}, {"kind": "push", "content": content}],
        }
    )


def reminders_of_people(key: str, more: str = "TRUE") -> MetricDef:
    """S0-55: who fits reminders to the customer (skips with a reason, puts off, hands over) optimises the follow-up."""
    common = {"object": "person", "source": "task", "path": "owner", "at": "created_at", "measure": {"kind": "count"}}
    return MetricDef.model_validate({**common, "key": key, "label": key, "where": f'kind = "cadence" AND ({more})'})


async def published(desk: Desk, key: str, title: str) -> None:
    content = Content(desk.runtime, Notices(desk.runtime, Channels()))
    pack = await desk.shop.make("content", key=key, title=title, body="正文")
    await content.publish(desk.shop.system, desk.shop.workspace, pack)


async def reminders(desk: Desk) -> list[tuple[int, str]]:
    """The day (from the first) and the title of each reminder."""
    rows = await desk.shop.fetch("SELECT created_at, title FROM {schema}.task ORDER BY created_at, title")
    begun = desk.shop.clock.now().replace(year=2026, month=11, day=2)
    return [((row["created_at"].date() - begun.date()).days, row["title"]) for row in rows]


async def test_each_kind_of_customer_has_its_rhythm_from_the_last_contact(shop: Shop) -> None:
    desk, rep = open_desk(shop), await shop.make("person", name="小王")
    await published(desk, "cases", "临床案例+合规证明")
    await published(desk, "videos", "安装视频+耗材套餐价")
    await shop.define(metric("silent", "days_since"))
    await desk.define(rhythm("三甲", 14, "cases"), rhythm("诊所", 5, "videos"))
    hospital = await shop.make("customer", name="甲", level="三甲", owner=rep)
    clinic = await shop.make("customer", name="乙", level="诊所", owner=rep)
    for customer in (hospital, clinic):
        await shop.make("order", customer=customer, placed=shop.clock.now())
    for day in range(1, 16):
        desk.later(days=1)
        if day == 7:
            await shop.make("order", customer=clinic, placed=shop.clock.now())
        await desk.work()
    assert await reminders(desk) == [(5, "该联系 乙 了"), (12, "该联系 乙 了"), (14, "该联系 甲 了")]
    packs = await shop.fetch("SELECT content, breach, kind FROM {schema}.task ORDER BY created_at")
    assert [(row["content"], row["breach"], row["kind"]) for row in packs] == [
        ("videos", None, "cadence"), ("videos", None, "cadence"), ("cases", None, "cadence"),
    ]  # fmt: skip
    pushed = await shop.fetch("SELECT title FROM {schema}._notice WHERE kind = 'content' ORDER BY at")
    assert [row["title"] for row in pushed] == ["安装视频+耗材套餐价", "安装视频+耗材套餐价", "临床案例+合规证明"]
    await _skip_costs_nothing_and_counts(desk, rep)


async def _skip_costs_nothing_and_counts(desk: Desk, rep: UUID) -> None:
    """S0-53, S0-54, S0-55: nobody above hears of a skip; the caring script comes; the share of fitted ones is told."""
    shop, notices = desk.shop, Notices(desk.runtime, Channels())
    (row,) = await shop.fetch("SELECT id FROM {schema}.task ORDER BY created_at DESC LIMIT 1")
    tasks = Tasks(desk.runtime, notices)
    await tasks.skip(Actor(Person(rep, "小王", roles=("administrator",))), shop.workspace, row["id"], "客户父亲住院")
    shop.clock.advance(timedelta(days=3))
    content = Content(desk.runtime, notices)
    await Sweeper(desk.runtime, notices, WorkPeople(desk.runtime), content).sweep(shop.workspace)
    told = await shop.fetch("SELECT person, kind FROM {schema}._notice WHERE kind IN ('care', 'breach')")
    assert {(each["person"], each["kind"]) for each in told} == {(rep, "care"), (rep, "breach")}
    fitted = 'state = "skipped" OR NOT ISBLANK(snoozed_until) OR NOT ISBLANK(delegated_from)'
    await shop.define(reminders_of_people("follow_up_reminders"), reminders_of_people("follow_ups_adjusted", fitted))
    await shop.full()
    found = await shop.values("follow_up_reminders", "follow_ups_adjusted", object_key="person")
    assert found["小王"] == (3, 1)
