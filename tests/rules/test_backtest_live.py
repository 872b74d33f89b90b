"""A back-test of the live rule at the moments of its log is that log: the engine's run and the replay are one fold."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.metrics.shop import metric

from tongmai.model import RuleDef
from tongmai.rules import BacktestRequest, Backtests

from .backtesting import at
from .desk import Desk, rule

RULES = (
    rule("low", "becomes", "level = 'C'"),
    rule("sticky", {"kind": "becomes", "leave_when": "level = 'A'"}, "level = 'C'"),
    rule("silent", "becomes", "weekly = 0 AND level IS NOT BLANK"),
)


async def lived(desk: Desk) -> None:
    """Two weeks, told in rounds of the engine: levels go up and down, orders come, one of them late."""
    shop = desk.shop
    shop.clock.moment = at("2026-09-01T09:00")
    await shop.define(metric("weekly", "count", window={"kind": "rolling", "days": 7}))
    await desk.define(*RULES)
    first, second = [await shop.make("customer", name=name, level="A") for name in "甲乙"]
    await desk.round()
    for day in range(14):
        shop.clock.moment = at("2026-09-02T10:00") + timedelta(days=day)
        match day:
            case 1 | 5 | 9:
                await shop.change("customer", first, level="C" if day != 5 else "B")
            case 3:
                await shop.make("order", customer=second, placed=shop.clock.now() - timedelta(days=2), amount=1)
            case 7:
                await shop.change("customer", first, level="A")
                await shop.make("order", customer=first, placed=shop.clock.now(), amount=1)
            case 12:
                await shop.gateway.delete(shop.system, shop.workspace, "customer", second)
        await desk.round()


async def replayed(desk: Desk, live: RuleDef, first: str = "2026-09-01") -> list[tuple[UUID, datetime]]:
    asked = BacktestRequest.model_validate(
        {"from": first, "to": "2026-09-20", "rule": live, "moments": "live", "engine": "postgres"}
    )
    found: dict[str, Any] = await Backtests(desk.shop.metrics, lambda _: None).run(desk.shop.workspace, asked)
    return [(UUID(each["record"]), datetime.fromisoformat(each["at"])) for each in found["sample"]]


async def test_a_replay_of_the_live_rule_gives_its_log(desk: Desk) -> None:
    await lived(desk)
    desk.shop.clock.moment = at("2026-09-25T09:00")
    for each in RULES:
        rows = await desk.shop.fetch(
            "SELECT record_id, at FROM {schema}._firing WHERE rule = $1 ORDER BY at, record_id", each.key
        )
        log = [(row["record_id"], row["at"]) for row in rows]
        assert len(log) >= 2, each.key
        assert await replayed(desk, each) == log, each.key
        # From a day in the midst of it: who is in an episode then is known from the log, and is no hit again.
        middle = at("2026-09-08T00:00")
        assert await replayed(desk, each, "2026-09-08") == [entry for entry in log if entry[1] >= middle], each.key
