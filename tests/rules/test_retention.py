"""The live log is kept for its time and then goes; what is open, waits or failed keeps its line."""

from __future__ import annotations

from datetime import timedelta

from tongmai.kit import Settings
from tongmai.rules import Kept, clear_old

from .desk import Desk, rule

SIGNAL = {"kind": "signal", "signal": "low", "gap": "customer", "to": ["owner"], "title": "{name} 变为 C"}


async def counts(desk: Desk) -> tuple[int, int, int]:
    """Lines, actions and episodes."""
    (row,) = await desk.shop.fetch(
        "SELECT (SELECT count(*) FROM {schema}._firing) AS lines, (SELECT count(*) FROM {schema}._outbox) AS actions,"
        " (SELECT count(*) FROM {schema}._episode) AS episodes"
    )
    return row["lines"], row["actions"], row["episodes"]


async def cleared(desk: Desk, kept: Kept | None = None) -> tuple[int, int, int]:
    await clear_old(desk.shop.database, desk.shop.workspace, kept or Kept(), desk.shop.clock.now())
    return await counts(desk)


async def test_done_actions_go_first_then_the_lines_of_what_has_ended(desk: Desk) -> None:
    await desk.define(rule("c", {"kind": "changed", "fields": ["level"]}, "level = 'C'"))
    owner = await desk.shop.make("person", name="赵")
    await desk.shop.make("customer", name="甲", level="C", owner=owner)
    await desk.work()
    assert await desk.outbox(("state",)) == [("done",)]
    desk.later(days=29)
    assert await cleared(desk) == (1, 1, 0)
    desk.later(days=2)
    assert await cleared(desk) == (1, 0, 0)
    desk.later(days=360)
    assert await cleared(desk) == (1, 0, 0)
    desk.later(days=10)
    assert await cleared(desk) == (0, 0, 0)


async def test_an_open_episode_keeps_its_line_and_can_still_end_its_signal(desk: Desk) -> None:
    await desk.define(rule("c", "becomes", "level = 'C'", then=[SIGNAL]))
    owner = await desk.shop.make("person", name="赵")
    customer = await desk.shop.make("customer", name="甲", level="C", owner=owner)
    await desk.work()
    desk.later(days=500)
    assert await cleared(desk) == (1, 1, 1)
    await desk.shop.change("customer", customer, level="A")
    await desk.work()
    assert [row["state"] for row in await desk.shop.fetch("SELECT state FROM {schema}.signal")] == ["expired"]
    desk.later(days=31)
    assert await cleared(desk) == (1, 0, 1)
    desk.later(days=400)
    assert await cleared(desk) == (0, 0, 0)


async def test_what_waits_or_failed_keeps_its_line(desk: Desk) -> None:
    task = {"kind": "task", "task": "call", "title": "致电", "due": {"amount": 1}}
    await desk.define(rule("c", {"kind": "changed", "fields": ["level"]}, "level = 'C'", then=[task]))
    await desk.shop.make("customer", name="甲", level="C")
    await desk.round()
    desk.later(days=500)
    assert await cleared(desk) == (1, 1, 0)
    await desk.outbox_of.work_off(desk.shop.workspace)
    for _ in range(8):
        desk.later(hours=2)
        await desk.outbox_of.work_off(desk.shop.workspace)
    assert await desk.outbox(("state",)) == [("dead",)]
    desk.later(days=31)
    assert await cleared(desk) == (1, 1, 0)
    desk.later(days=400)
    assert await cleared(desk) == (0, 0, 0)


async def test_nothing_goes_before_its_last_attempt_could_have_ended(desk: Desk) -> None:
    await desk.define(rule("c", {"kind": "changed", "fields": ["level"]}, "level = 'C'"))
    owner = await desk.shop.make("person", name="赵")
    await desk.shop.make("customer", name="甲", level="C", owner=owner)
    await desk.work()
    at_once = Kept(log=timedelta(0), done=timedelta(0))
    desk.later(hours=8)
    assert await cleared(desk, at_once) == (1, 1, 0)
    desk.later(hours=1)
    assert await cleared(desk, at_once) == (0, 0, 0)


def test_how_long_is_a_setting() -> None:
    kept = Kept.of(Settings(keep_rule_log_days=700, keep_done_actions_days=7))
    assert (kept.log, kept.done) == (timedelta(days=700), timedelta(days=7))
    assert Kept.of(Settings()) == Kept()
