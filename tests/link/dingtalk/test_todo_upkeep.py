"""A task's to-do in its owner's own list follows the task: done, open again, another title or day, another owner."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.link.desk import Desk, open_desk

from tongmai.access import SystemActor
from tongmai.kit import Settings, Text, new_id
from tongmai.link.dingtalk import DingTalkChannel, TodoUpkeep
from tongmai.store import Database, Workspace
from tongmai.work import Line, Message, NewTask, Receiver, Subject, Work, open_work

from .conftest import DingTalkSite

MEMBERS: dict[str, Any] = {
    "key": "members", "label": "人员", "source": "dingtalk", "stream": "members", "object": "person",
    "columns": [{"path": "name"}], "fields": [{"field": "name", "value": "[name]"}],
}  # fmt: skip


@dataclass
class Office:
    """A workspace whose people are members of a simulated organisation."""

    desk: Desk
    site: DingTalkSite
    work: Work
    channel: DingTalkChannel
    upkeep: TodoUpkeep

    async def person(self, name: str = "吴销售") -> UUID:
        found: UUID = (await self.desk.fetch("SELECT id FROM {schema}.person WHERE name = $1", name))[0]["id"]
        return found

    async def task(self) -> UUID:
        due = self.site.clock.now() + timedelta(days=1)
        new = NewTask(Text.same("跟进宏达机械"), await self.person(), due=due)
        return await self.work.tasks.make(self.desk.workspace, new, key=str(new_id(self.site.clock)))

    async def tell(self, task: UUID, name: str = "吴销售") -> None:
        lines = (Line("跟进宏达机械", subject=Subject("task", task, "跟进宏达机械")),)
        receiver = Receiver(await self.person(name), name)
        await self.channel.send(Message(new_id(self.site.clock), self.desk.workspace, receiver, lines))

    async def follow(self) -> int:
        return await self.upkeep.advance(self.desk.workspace)

    async def change(self, task: UUID, **values: Any) -> None:
        await self.desk.gateway.update(SystemActor("test"), self.desk.workspace, "task", task, values)

    def todos(self) -> list[dict[str, Any]]:
        return list(self.site.organisation.todos.values())


@pytest.fixture
async def office(
    site: DingTalkSite, database: Database, workspace: Workspace, settings: Settings
) -> AsyncIterator[Office]:
    desk = await open_desk(database, workspace, site.clock, settings)
    options = {"app_key": site.organisation.app_key, "api_url": site.url, "old_api_url": site.url}
    await desk.define({"key": "dingtalk", "kind": "dingtalk", "label": "钉钉", "options": options}, MEMBERS)
    await desk.secret("dingtalk", app_secret=site.organisation.app_secret)
    assert (await desk.pull("dingtalk", streams=["members"]))["state"] == "done"
    sources = desk.links.sources
    channel = DingTalkChannel(database, desk.catalogues, sources, "https://tongmai.example.com")
    work = open_work(database, desk.catalogues, desk.gateway, site.clock, settings)
    yield Office(desk, site, work, channel, TodoUpkeep(database, sources, work.preferences, site.clock))
    await desk.links.close()


async def test_a_task_told_of_twice_is_one_to_do_with_its_day(office: Office) -> None:
    task = await office.task()
    for _ in range(2):
        await office.tell(task)
    (todo,) = office.todos()
    tomorrow = int((office.site.clock.now() + timedelta(days=1)).timestamp() * 1000)
    assert (todo["subject"], todo["dueTime"], todo["done"]) == ("跟进宏达机械", tomorrow, False)
    assert await office.follow() == 0


async def test_a_task_that_is_done_is_ticked_off_and_open_again_it_is_not(office: Office) -> None:
    task, system = await office.task(), SystemActor("test")
    await office.tell(task)
    await office.work.tasks.done(system, office.desk.workspace, task)
    assert (await office.follow(), office.todos()[0]["done"]) == (1, True)
    await office.work.tasks.reopen(system, office.desk.workspace, task)
    assert (await office.follow(), office.todos()[0]["done"]) == (1, False)
    assert await office.follow() == 0


async def test_another_title_or_day_is_told_and_what_the_owner_ticked_off_stays_so(office: Office) -> None:
    task = await office.task()
    await office.tell(task)
    office.todos()[0]["done"] = True
    due = office.site.clock.now() + timedelta(days=3)
    await office.change(task, title="拜访宏达机械", due_at=due.isoformat())
    await office.follow()
    (todo,) = office.todos()
    assert (todo["subject"], todo["dueTime"], todo["done"]) == ("拜访宏达机械", int(due.timestamp() * 1000), True)


async def test_a_task_that_went_to_a_colleague_is_his_to_do(office: Office) -> None:
    task = await office.task()
    await office.tell(task)
    await office.change(task, owner=str(await office.person("郑销售")))
    await office.tell(task, "郑销售")
    (todo,) = office.todos()
    assert todo["executorIds"] == ["union-sales02"]
    await office.work.tasks.done(SystemActor("test"), office.desk.workspace, task)
    await office.follow()
    assert office.todos()[0]["done"] is True


async def test_a_to_do_whose_answer_was_lost_is_found_again(office: Office) -> None:
    task = await office.task()
    await office.tell(task)
    async with office.desk.database.write() as tx:
        await tx.execute(f"DELETE FROM {office.desk.workspace.quoted_schema}._task_mirror")
    await office.tell(task)
    await office.work.tasks.done(SystemActor("test"), office.desk.workspace, task)
    await office.follow()
    assert [each["done"] for each in office.todos()] == [True]


async def test_a_vendor_that_refuses_us_is_told_later_and_a_to_do_that_is_gone_is_left_alone(office: Office) -> None:
    task, gone = await office.task(), await office.task()
    for each in (task, gone):
        await office.tell(each)
        await office.work.tasks.done(SystemActor("test"), office.desk.workspace, each)
    del office.site.organisation.todos["task2"]
    refusal = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
    await office.site.control("fault", path="/v1.0/todo", code=refusal)
    await office.follow()
    assert await office.follow() == 0
    office.site.clock.advance(timedelta(minutes=3))
    assert await office.follow() == 2
    assert [each["done"] for each in office.todos()] == [True]
    assert await office.follow() == 0
