"""Telling people: once a key, never beyond the budget, never in the night, and nothing that was held is lost."""

from __future__ import annotations

import asyncio
from datetime import time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongmai.kit import FixedClock, Text
from tongmai.work import Deliveries, Inbox, Notice, Preferences, PreferenceStore

from .office import Office


async def tell(office: Office, key: str, *who: str, urgent: bool = False) -> int:
    notice = Notice(tuple(office.id(each) for each in who or ("ann",)), Text.same(f"消息 {key}"), urgent=urgent)
    return len(await office.notices.send(office.workspace, notice, key=key))


async def prefer(office: Office, who: str = "ann", **given: object) -> None:
    await PreferenceStore(office.runtime).put(office.workspace, office.id(who), Preferences(**given))  # type: ignore[arg-type]


async def titles(office: Office, *, held: bool = False, who: str = "ann") -> list[str]:
    return [each.title.zh for each in await Inbox(office.runtime).list(office.workspace, office.id(who), held=held)]


async def send_due(office: Office) -> list[list[str]]:
    """What goes out now: the titles of each message."""
    before = len(office.post.sent)
    await Deliveries(office.runtime, office.channels).advance(office.workspace)
    return [[line.title for line in message.lines] for message in office.post.sent[before:]]


async def test_what_goes_out_is_in_the_language_of_who_gets_it(office: Office) -> None:
    await prefer(office, "ann", language="en")
    both = Notice((office.id("ann"), office.id("bob")), Text("该回访了", "Call back"), body=Text("甲", "A"))
    await office.notices.send(office.workspace, both, key="a")
    await send_due(office)
    told = {message.receiver and message.receiver.name: message.lines[0] for message in office.post.sent}
    assert {name: (line.title, line.body) for name, line in told.items()} == {
        "ann": ("Call back", "A"),
        "bob": ("该回访了", "甲"),
    }


async def test_each_person_is_told_once_under_a_key(office: Office) -> None:
    assert await asyncio.gather(tell(office, "a", "ann", "bob"), tell(office, "a", "bob", "cat")) in ([2, 1], [1, 2])
    assert await tell(office, "a", "ann", "bob", "cat") == 0
    assert await titles(office) == ["消息 a"]
    assert sorted(map(len, await send_due(office))) == [1, 1, 1]
    assert await send_due(office) == []


async def test_who_left_is_not_told(office: Office) -> None:
    await office.company.change("person", office.id("ann"), active=False)
    assert await tell(office, "a") == 0


async def test_a_notice_is_part_of_the_callers_transaction(office: Office) -> None:
    notice = Notice((office.id("ann"),), Text.same("不会发出"))
    with pytest.raises(RuntimeError):
        async with office.company.database.write() as tx:
            await office.notices.send(office.workspace, notice, key="a", tx=tx)
            raise RuntimeError
    assert await titles(office) == []


async def test_the_night_holds_all_but_the_urgent_until_morning(office: Office, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=13))
    await tell(office, "late")
    await tell(office, "later")
    await tell(office, "fire", urgent=True)
    assert (await titles(office), await titles(office, held=True)) == (["消息 fire"], ["消息 later", "消息 late"])
    assert await send_due(office) == [["消息 fire"]]
    clock.advance(timedelta(hours=10))
    assert set(await titles(office)) == {"消息 fire", "消息 late", "消息 later"}
    assert await send_due(office) == [["消息 late", "消息 later"]]


async def test_what_is_beyond_the_budget_waits_for_the_digest_and_can_be_seen(
    office: Office, clock: FixedClock
) -> None:
    await prefer(office, budget=2)
    for key in "abcd":
        await tell(office, key)
    inbox = Inbox(office.runtime)
    assert (await titles(office), await titles(office, held=True)) == (["消息 b", "消息 a"], ["消息 d", "消息 c"])
    counts = await inbox.counts(office.workspace, office.id("ann"))
    assert (counts.unseen, counts.held) == (2, 2)
    assert sorted(await send_due(office)) == [["消息 a"], ["消息 b"]]
    clock.advance(timedelta(days=1))
    assert await send_due(office) == [["消息 c", "消息 d"]]
    assert await titles(office, held=True) == []
    # A new day, a new budget.
    await tell(office, "e")
    assert await send_due(office) == [["消息 e"]]


async def test_what_was_read_in_the_inbox_is_not_sent_in_the_digest(office: Office, clock: FixedClock) -> None:
    await prefer(office, budget=0)
    await tell(office, "a")
    await tell(office, "b")
    inbox = Inbox(office.runtime)
    held = await inbox.list(office.workspace, office.id("ann"), held=True)
    assert await inbox.mark_seen(office.workspace, office.id("ann"), [held[0].id]) == 1
    clock.advance(timedelta(days=1))
    assert await send_due(office) == [["消息 a"]]


async def test_a_channel_is_used_as_its_person_wants(office: Office, clock: FixedClock) -> None:
    await prefer(office, "ann", channels={"post": "off"})
    await prefer(office, "bob", channels={"post": "digest"}, digest_at=(time(17),))
    await tell(office, "a", "ann", "bob")
    await tell(office, "b", "ann", "bob")
    await tell(office, "now", "bob", urgent=True)
    assert await send_due(office) == [["消息 now"]]
    assert await titles(office) == ["消息 b", "消息 a"]
    clock.advance(timedelta(hours=8))
    assert await send_due(office) == [["消息 a", "消息 b"]]


async def test_the_inbox_is_paged_and_marked(office: Office, clock: FixedClock) -> None:
    for number in range(5):
        await tell(office, str(number))
        clock.advance(timedelta(minutes=1))
    inbox, ann = Inbox(office.runtime), office.id("ann")
    first = await inbox.list(office.workspace, ann, limit=2)
    rest = await inbox.list(office.workspace, ann, limit=5, cursor=first[-1].cursor)
    assert [each.title.zh for each in (*first, *rest)] == [f"消息 {number}" for number in (4, 3, 2, 1, 0)]
    assert await inbox.mark_seen(office.workspace, office.id("bob"), [first[0].id]) == 0
    assert await inbox.mark_seen(office.workspace, ann) == 5
    assert (await inbox.counts(office.workspace, ann)).unseen == 0
    assert await inbox.list(office.workspace, ann, unseen=True) == []


moves = st.lists(
    st.one_of(st.booleans(), st.integers(1, 20)), min_size=1, max_size=25
)  # A notice (urgent or not), or so many hours.


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves, st.integers(0, 3), st.sampled_from([(time(21), time(8)), (time(12), time(13)), (time(0), time(0))]))
async def test_the_budget_holds_and_nothing_is_lost(
    office: Office, script: list[bool | int], budget: int, quiet: tuple[time, time]
) -> None:
    """Whatever comes when: in a day no more than the budget interrupts, and in the end all was sent exactly once."""
    clock, run = office.clock, len(office.post.sent) + 1_000 * (len(office.post.sent) + 1)
    await prefer(office, budget=budget, quiet_from=quiet[0], quiet_to=quiet[1])
    clock.advance(timedelta(days=3))
    told, begun = [], len(office.post.sent)
    for number, step in enumerate(script):
        if isinstance(step, bool):
            told.append(f"消息 {run}-{number}")
            await tell(office, f"{run}-{number}", urgent=step)
        else:
            clock.advance(timedelta(hours=step))
        await send_due(office)
    clock.advance(timedelta(days=4))
    await send_due(office)
    sent = [line.title for message in office.post.sent[begun:] for line in message.lines]
    assert sorted(sent) == sorted(told)
    spent = await office.rows(
        "SELECT count(*) AS n FROM {schema}._notice WHERE held IS NULL AND NOT urgent AND key LIKE $1"
        " GROUP BY person, (at AT TIME ZONE 'Asia/Shanghai')::date",
        f"{run}-%",
    )
    assert all(row["n"] <= budget for row in spent)
