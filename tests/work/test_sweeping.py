"""What time brings, once each: overdue tasks to the superior, a caring script after a skip, reminders."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from tongmai.kit import Conflict, FixedClock, Settings, Text
from tongmai.model import ObjectDef, Span
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore, begin_catalogue
from tongmai.store import Database, Workspace
from tongmai.work import CARE_PACK, Inbox, NewTask, Sweeper, open_work

from .office import Office
from .test_tasks import made


def sweeper(office: Office) -> Sweeper:
    return Sweeper(office.runtime, office.notices, office.people, office.content)


async def told(office: Office, who: str) -> list[str]:
    found = await Inbox(office.runtime).list(office.workspace, office.id(who))
    return [each.title.zh for each in found]


async def test_an_overdue_task_is_told_once_to_its_owner_and_the_superior(office: Office, clock: FixedClock) -> None:
    """S0-19: 48 hours, then the supervisor hears."""
    task = await made(office, "ann", due=Span(amount=48))
    await made(office, "bob", due=Span(amount=72))
    clock.advance(timedelta(hours=48, seconds=-1))
    assert await sweeper(office).sweep(office.workspace) == 0
    clock.advance(timedelta(seconds=1))
    assert sum(await asyncio.gather(*(sweeper(office).sweep(office.workspace) for _ in range(3)))) == 1
    assert await sweeper(office).sweep(office.workspace) == 0
    assert await told(office, "max") == ["已超时：回访"]
    assert await told(office, "ann") == ["已超时：回访", "回访"]
    assert (await office.task(task))["breached_at"] is not None
    assert await told(office, "eve") == []


async def test_whom_a_breach_names_is_seen_from_the_task(office: Office, clock: FixedClock) -> None:
    subject = await office.customer("cat", coach=str(office.id("bob")))
    await made(office, "ann", subject=subject, breach=("superior", "role:vp", "person:coach", "person:gone"))
    clock.advance(timedelta(days=3))
    await sweeper(office).sweep(office.workspace)
    assert [len(await told(office, who)) for who in ("max", "vic", "bob", "eve", "cat")] == [1, 1, 1, 0, 0]


async def test_what_is_done_or_skipped_in_time_is_never_overdue(office: Office, clock: FixedClock) -> None:
    done, skipped = await made(office), await made(office)
    await office.tasks.done(office["ann"], office.workspace, done)
    await office.tasks.skip(office["ann"], office.workspace, skipped, "暂停")
    clock.advance(timedelta(days=2))
    assert await sweeper(office).sweep(office.workspace) == 0


async def test_a_reopened_task_can_be_overdue_again(office: Office, clock: FixedClock) -> None:
    task = await made(office, due=Span(amount=1))
    clock.advance(timedelta(hours=2))
    await sweeper(office).sweep(office.workspace)
    await office.tasks.done(office["ann"], office.workspace, task)
    await office.tasks.reopen(office["ann"], office.workspace, task, Span(amount=1))
    clock.advance(timedelta(hours=2))
    assert await sweeper(office).sweep(office.workspace) == 1
    assert len(await told(office, "max")) == 2


async def test_three_days_after_a_skip_a_caring_script_comes(office: Office, clock: FixedClock) -> None:
    """S0-54."""
    task = await made(office, subject=await office.customer())
    await office.tasks.skip(office["ann"], office.workspace, task, "客户父亲住院，暂停联系")
    clock.advance(timedelta(days=3, seconds=-1))
    assert await sweeper(office).sweep(office.workspace) == 0
    clock.advance(timedelta(seconds=1))
    assert sum(await asyncio.gather(*(sweeper(office).sweep(office.workspace) for _ in range(3)))) == 1
    (latest, _) = await Inbox(office.runtime).list(office.workspace, office.id("ann"))
    assert (latest.title.zh, latest.kind, latest.subject and latest.subject.zh) == (
        "三天前跳过了“回访”，可以问候一句",
        "care",
        "仁和医院",
    )


async def test_the_companys_own_caring_script_is_pushed_if_it_has_one(office: Office, clock: FixedClock) -> None:
    """S0-54 with S0-20: a pack of content."""
    pack = await published(office, CARE_PACK)
    task = await made(office, subject=await office.customer())
    await office.tasks.skip(office["ann"], office.workspace, task, "暂停")
    clock.advance(timedelta(days=3))
    await sweeper(office).sweep(office.workspace)
    assert (await told(office, "ann"))[0] == "话术"
    (event,) = await office.rows("SELECT content, edition, event, subject_object FROM {schema}._content_event")
    assert tuple(event) == (pack, 1, "pushed", "customer")


async def test_who_opens_it_again_needs_no_caring_script(office: Office, clock: FixedClock) -> None:
    task = await made(office, due=Span(amount=30, unit="days"))
    await office.tasks.skip(office["ann"], office.workspace, task, "暂停")
    await office.tasks.reopen(office["ann"], office.workspace, task)
    clock.advance(timedelta(days=4))
    await sweeper(office).sweep(office.workspace)
    assert await told(office, "ann") == ["回访"]


async def test_a_snoozed_task_comes_back_with_a_reminder(office: Office, clock: FixedClock) -> None:
    task = await made(office, due=Span(amount=10, unit="days"))
    await office.tasks.snooze(office["ann"], office.workspace, task, Span(amount=2))
    await office.tasks.snooze(office["ann"], office.workspace, task, Span(amount=4))
    clock.advance(timedelta(hours=2))
    await sweeper(office).sweep(office.workspace)
    assert await told(office, "ann") == ["回访"]
    clock.advance(timedelta(hours=2))
    await sweeper(office).sweep(office.workspace)
    assert await told(office, "ann") == ["稍后提醒：回访", "回访"]


async def published(office: Office, key: str, **more: object) -> UUID:
    values = {"key": key, "title": "话术", "body": "您好", **more}
    pack = await office.company.make("content", **values)
    await office.content.publish(office.company.system, office.workspace, pack)
    return pack


async def test_a_workspace_with_an_object_of_its_own_called_task_is_left_alone(
    database: Database, workspace: Workspace, clock: FixedClock, settings: Settings
) -> None:
    catalogues = CatalogueStore(database)
    async with database.write() as tx:
        start = await begin_catalogue(tx, workspace, clock)
    own = ObjectDef(key="task", label=Text("工单", "Work order"))
    others = tuple(each for each in start.objects if each.key != "task")
    catalogues.put(workspace, start.replace(version=start.version + 1, objects=(*others, own)))
    gateway = Gateway(database, catalogues, clock, settings)
    work = open_work(database, catalogues, gateway, clock, settings)
    assert await work.sweeper.sweep(workspace) == 0
    with pytest.raises(Conflict):
        await work.tasks.make(workspace, NewTask(Text.same("x"), workspace.id), key="x")
