"""Tasks: made once, done where they stand, skipped without penalty, handed over; their graph is never left."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tongmai.kit import Conflict, Denied, FixedClock, Invalid, NotFound, Text, WorkingCalendar
from tongmai.model import Span
from tongmai.work import Desk, Inbox, NewTask, Preferences, PreferenceStore, due_after
from tongmai.work.task_states import MOVES, TASK_STATES, TaskMove, after_move

from .office import Office

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def made(office: Office, person: str = "ann", key: str | None = None, **more: object) -> UUID:
    given = {"title": Text.same("回访"), "due": Span(amount=48), **more}
    new = NewTask(person=office.id(person), **given)  # type: ignore[arg-type]
    return await office.tasks.make(office.workspace, new, key=key or str(uuid4()))


async def test_a_task_is_made_once_under_its_key_and_its_person_is_told(office: Office) -> None:
    first, again = await asyncio.gather(made(office, key="red:1"), made(office, key="red:1"))
    assert first == again
    task = await office.task(first)
    assert (task["state"], task["owner"]["id"], task["title"]) == ("open", str(office.id("ann")), "回访")
    assert datetime.fromisoformat(task["due_at"]) == office.clock.now() + timedelta(hours=48)
    told = await office.rows("SELECT person, title, subject_id FROM {schema}._notice")
    assert [tuple(each) for each in told] == [(office.id("ann"), "回访", str(first))]


async def test_what_was_thrown_away_is_not_made_again(office: Office) -> None:
    task = await made(office, key="red:1")
    await office.company.gateway.delete(office.company.system, office.workspace, "task", task)
    assert await made(office, key="red:1") == task
    assert (await office.company.list("task"))["items"] == []


async def test_its_form_is_written_to_the_record_as_the_person(office: Office) -> None:
    subject = await office.customer()
    task = await made(office, subject=subject, form=("objection", "script"))
    await office.tasks.done(
        office["ann"], office.workspace, task, {"objection": "价格高", "script": "分期"}, note="谈妥"
    )
    customer = await office.company.get("customer", subject.id)
    assert (customer["objection"], customer["script"]) == ("价格高", "分期")
    written = (await office.company.history("customer", subject.id))[0]
    assert (written["actor"]["id"], written["via"], written["cause"]) == (
        str(office.id("ann")), "session", f"task:{task}",
    )  # fmt: skip
    closed = await office.task(task)
    assert (closed["state"], closed["result"], closed["reason"]) == (
        "done", {"objection": "价格高", "script": "分期"}, "谈妥",
    )  # fmt: skip
    moved = (await office.company.history("task", task))[0]
    assert (moved["actor"]["id"], moved["via"], moved["cause"]) == (str(office.id("ann")), "system:task", "task:done")


async def test_a_closed_task_tells_who_closed_it_and_how_long_it_was_open(office: Office, clock: FixedClock) -> None:
    """S0-43; what a task is opened again for, it no longer tells."""
    task = await made(office)
    clock.advance(timedelta(hours=5))
    await office.tasks.done(office["ann"], office.workspace, task)
    closed = await office.task(task)
    assert (closed["closed_by"]["id"], closed["took"]) == (str(office.id("ann")), 5 * 3600)
    await office.tasks.reopen(office["ann"], office.workspace, task)
    opened = await office.task(task)
    assert (opened["closed_by"], opened["took"]) == (None, None)


async def test_all_faults_of_a_form_are_told_and_nothing_is_written(office: Office) -> None:
    subject = await office.customer()
    task = await made(office, subject=subject, form=("objection", "script"))
    with pytest.raises(Invalid) as refused:
        await office.tasks.done(office["ann"], office.workspace, task, {"name": "新名", "objection": ""})
    assert {(each.code, each.field) for each in refused.value.faults} == {
        ("task.not_in_form", "name"), ("task.form_missing", "objection"), ("task.form_missing", "script"),
    }  # fmt: skip
    with pytest.raises(Invalid):
        await office.tasks.done(office["ann"], office.workspace, task, {"objection": "长" * 21, "script": "x"})
    assert (await office.task(task))["state"] == "open"
    assert (await office.company.get("customer", subject.id))["script"] is None


async def test_what_the_record_holds_already_need_not_be_given_again(office: Office) -> None:
    subject = await office.customer(objection="价格高")
    task = await made(office, subject=subject, form=("objection",))
    await office.tasks.done(office["ann"], office.workspace, task)
    assert (await office.task(task))["state"] == "done"


async def test_the_rights_of_who_does_it_decide(office: Office) -> None:
    subject = await office.customer("bob")
    task = await made(office, "ann", subject=subject, form=("objection",))
    with pytest.raises(Conflict):
        await office.tasks.done(office["ann"], office.workspace, task, {"objection": "价格高"})
    assert (await office.task(task))["state"] == "open"


async def test_it_moves_only_for_its_owner_and_those_who_may_change_it(office: Office) -> None:
    task = await made(office)
    with pytest.raises(NotFound):
        await office.tasks.done(office["bob"], office.workspace, task)
    with pytest.raises(Denied):
        await _as_reader(office, task)
    await office.tasks.done(office["max"], office.workspace, task)
    assert (await office.task(task))["state"] == "done"


async def _as_reader(office: Office, task: UUID) -> None:
    """A token that may only read."""
    reader = replace(office["ann"], via="token:x", scopes=frozenset({"read"}))
    await office.tasks.done(reader, office.workspace, task)


async def test_a_skip_needs_a_reason_and_costs_nothing(office: Office, clock: FixedClock) -> None:
    """S0-53."""
    task = await made(office)
    with pytest.raises(Invalid):
        await office.tasks.skip(office["ann"], office.workspace, task, "  ")
    await office.tasks.skip(office["ann"], office.workspace, task, "客户父亲住院，暂停联系")
    skipped = await office.task(task)
    assert (skipped["state"], skipped["reason"], skipped["breached_at"]) == ("skipped", "客户父亲住院，暂停联系", None)
    planned = await office.rows("SELECT kind, due_at, person FROM {schema}._follow_up")
    assert [tuple(each) for each in planned] == [("care", clock.now() + timedelta(days=3), office.id("ann"))]


async def test_of_two_who_close_it_at_once_one_finds_it_closed(office: Office) -> None:
    task = await made(office)
    done = await asyncio.gather(
        office.tasks.done(office["ann"], office.workspace, task),
        office.tasks.cancel(office["max"], office.workspace, task),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in done) == ["Conflict", "NoneType"]
    assert len(await office.company.history("task", task)) == 2


async def test_it_is_handed_only_to_who_may_work_on_the_record(office: Office) -> None:
    subject = await office.customer()
    task = await made(office, subject=subject, form=("objection",))
    for stranger in (office.id("bob"), uuid4()):
        with pytest.raises(Invalid):
            await office.tasks.delegate(office["ann"], office.workspace, task, stranger)
    await office.tasks.delegate(office["ann"], office.workspace, task, office.id("max"), "出差")
    handed = await office.task(task)
    assert (handed["owner"]["id"], handed["delegated_from"]["id"]) == (str(office.id("max")), str(office.id("ann")))
    told = await office.rows("SELECT title, body FROM {schema}._notice WHERE person = $1", office.id("max"))
    assert [tuple(each) for each in told] == [("转交给您：回访", "出差")]
    with pytest.raises(NotFound):
        await office.tasks.done(office["ann"], office.workspace, task)


async def test_where_the_record_is_gone_the_way_out_is_told(office: Office) -> None:
    subject = await office.customer()
    task = await made(office, subject=subject, form=("objection",))
    await office.company.gateway.delete(office.company.system, office.workspace, "customer", subject.id)
    with pytest.raises(Conflict) as caught:
        await office.tasks.done(office["ann"], office.workspace, task, {"objection": "贵"})
    (fault,) = caught.value.faults
    assert fault.code == "task.subject_gone" and fault.way_out is not None and "跳过" in fault.way_out.zh
    assert (await Desk(office.runtime).task(office["ann"], office.workspace, task)).form[0].is_read is False
    await office.tasks.skip(office["ann"], office.workspace, task, "客户已删除")
    assert (await office.task(task))["state"] == "skipped"


async def test_it_is_handed_over_in_the_words_of_who_gets_it(office: Office) -> None:
    task = await made(office)
    await PreferenceStore(office.runtime).put(office.workspace, office.id("max"), Preferences(language="en"))
    await office.tasks.delegate(office["ann"], office.workspace, task, office.id("max"))
    (told,) = await Inbox(office.runtime).list(office.workspace, office.id("max"))
    assert told.title == Text("转交给您：回访", "Handed over to you: 回访")


async def test_a_reopened_task_is_open_without_traces(office: Office) -> None:
    task = await made(office)
    await office.tasks.skip(office["ann"], office.workspace, task, "暂停")
    await office.tasks.reopen(office["ann"], office.workspace, task, Span(amount=1, unit="days"))
    again = await office.task(task)
    assert (again["state"], again["done_at"], again["reason"]) == ("open", None, None)
    with pytest.raises(Conflict):
        await office.tasks.reopen(office["ann"], office.workspace, task)


async def test_a_snooze_lies_in_the_future(office: Office, clock: FixedClock) -> None:
    task = await made(office)
    for until in (clock.now(), clock.now() + timedelta(days=400)):
        with pytest.raises(Invalid):
            await office.tasks.snooze(office["ann"], office.workspace, task, until)
    await office.tasks.snooze(office["ann"], office.workspace, task, Span(amount=2, unit="hours"))
    assert (await office.task(task))["state"] == "open"


def test_every_move_leads_to_a_state_and_every_state_has_a_way_on() -> None:
    for move, (starts, _) in MOVES.items():
        for state in TASK_STATES:
            if state in starts:
                assert after_move(state, move) in TASK_STATES
            else:
                with pytest.raises(Conflict):
                    after_move(state, move)
    assert all(any(state in starts for starts, _ in MOVES.values()) for state in TASK_STATES)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-11-06T17:00", Span(amount=1, unit="working_days"), "2026-11-09T17:00"),
        # A Saturday: nothing of it counts.
        ("2026-11-07T10:00", Span(amount=1, unit="working_days"), "2026-11-09T10:00"),
        # National Day 2025: off from 1 to 8 October, 11 October is worked.
        ("2025-09-30T09:00", Span(amount=1, unit="working_days"), "2025-10-09T09:00"),
        ("2025-09-30T09:00", Span(amount=3, unit="working_days"), "2025-10-11T09:00"),
        ("2024-02-28T09:00", Span(amount=1, unit="days"), "2024-02-29T09:00"),
        ("2026-11-02T09:00", Span(amount=48, unit="hours"), "2026-11-04T09:00"),
        ("2026-11-02T09:00", Span(amount=30, unit="minutes"), "2026-11-02T09:30"),
    ],
)
def test_a_deadline_is_reckoned_by_the_working_calendar(start: str, span: Span, end: str) -> None:
    found = due_after(datetime.fromisoformat(start).replace(tzinfo=SHANGHAI), span, "Asia/Shanghai", WorkingCalendar())
    assert found == datetime.fromisoformat(end).replace(tzinfo=SHANGHAI)


_steps = st.lists(st.sampled_from(sorted(MOVES)), min_size=1, max_size=8)


@hypothesis_settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_steps)
async def test_whatever_people_try_a_task_never_leaves_its_graph(office: Office, steps: list[TaskMove]) -> None:
    task, state = await made(office), "open"
    for step in steps:
        starts, leads_to = MOVES[step]
        if state in starts:
            await _move(office, task, step)
            state = leads_to
        else:
            with pytest.raises(Conflict):
                await _move(office, task, step)
        found = await office.task(task)
        assert found["state"] == state
        assert (found["done_at"] is None) is (state == "open")


async def _move(office: Office, task: UUID, step: TaskMove) -> None:
    """A move by who may always move it, whoever owns it now."""
    tasks, max_, place = office.tasks, office["max"], office.workspace
    owner = (await office.task(task))["owner"]["id"]
    other = "bob" if owner == str(office.id("ann")) else "ann"
    await {
        "done": lambda: tasks.done(max_, place, task),
        "skip": lambda: tasks.skip(max_, place, task, "暂停"),
        "snooze": lambda: tasks.snooze(max_, place, task, Span(amount=1)),
        "delegate": lambda: tasks.delegate(max_, place, task, office.id(other)),
        "reopen": lambda: tasks.reopen(max_, place, task),
        "cancel": lambda: tasks.cancel(max_, place, task),
    }[step]()
