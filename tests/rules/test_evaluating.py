"""Conditions of rules as queries: present, past and at entries; templates; the fold into episodes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.metrics.shop import Shop, metric

from tongmai.metrics import Binder
from tongmai.model import RuleDef
from tongmai.rules import Finding, fold, one_query, present_query, read_findings, standing_query
from tongmai.rules.entries import changes_of
from tongmai.rules.judging import judged


def rule(**more: Any) -> RuleDef:
    parts: dict[str, Any] = {
        "key": "silent", "label": "沉默", "object": "customer", "when": {"kind": "becomes"}, "if": "orders = 0",
        "then": [{"kind": "signal", "signal": "silent", "gap": "customer", "title": "{name}：{orders} 单"}],
    }  # fmt: skip
    return RuleDef.model_validate({**parts, **more})


async def present(shop: Shop, wanted: RuleDef) -> list[Finding]:
    catalogue = await shop.catalogues.newest(shop.workspace)
    asked = present_query(shop.workspace, catalogue, wanted)
    era = shop.metrics.era(shop.workspace, catalogue)
    async with shop.database.read() as tx:
        return list(read_findings(await tx.fetch(asked.sql, *asked.arguments(era, {"open": []})), era.as_of))


async def past(shop: Shop, wanted: RuleDef, at: datetime, open_: list[Any] | None = None) -> list[Finding]:
    catalogue = await shop.catalogues.newest(shop.workspace)
    asked = standing_query(shop.workspace, catalogue, wanted)
    era = shop.metrics.era(shop.workspace, catalogue, at)
    async with shop.database.read() as tx:
        return list(read_findings(await tx.fetch(asked.sql, *asked.arguments(era, {"open": open_ or []})), at))


async def test_the_past_says_what_the_present_said(shop: Shop) -> None:
    customer = await shop.make("customer", name="甲", level="A")
    await shop.define(metric("orders", "count"))
    await shop.full()
    (found,) = await present(shop, rule())
    assert (found.record_id, found.begins, found.seen) == (customer, True, {"orders": 0})
    assert found.told == {"subject": "甲", "0.title": "甲：0 单"}
    then = shop.clock.now()
    shop.clock.advance(timedelta(days=1))
    await shop.make("order", customer=customer, placed=shop.clock.now())
    await shop.change("customer", customer, name="乙")
    await shop.refresh()
    assert await present(shop, rule()) == []
    (again,) = await past(shop, rule(), then)
    assert again == found


async def test_an_episode_goes_on_until_it_may_leave(shop: Shop) -> None:
    wanted = rule(
        **{"if": "level = 'C'", "when": {"kind": "becomes", "leave_when": "level = 'A'"}},
        then=[{"kind": "notify", "to": ["owner"], "title": "x"}],
    )
    customer = await shop.make("customer", name="甲", level="B")
    told = []
    inside: list[Any] = []
    for level in "CBCABC":
        shop.clock.advance(timedelta(hours=1))
        await shop.change("customer", customer, level=level)
        turns = fold(inside, await past(shop, wanted, shop.clock.now(), inside))
        told.append((len(turns.began), len(turns.lasting), len(turns.ended)))
        inside = [each.record_id for each in (*turns.began, *turns.lasting)]
    assert told == [(1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0), (1, 0, 0)]


async def test_changes_are_judged_at_their_own_moment_also_within_one(shop: Shop) -> None:
    wanted = rule(
        **{"if": "level = 'B'", "when": {"kind": "changed", "fields": ["level"]}},
        then=[{"kind": "notify", "to": ["owner"], "title": "{name}{{{level}}}"}],
    )
    since = shop.clock.now()
    customer = await shop.make("customer", name="甲", level="A")
    await shop.change("customer", customer, level="B")
    await shop.change("customer", customer, name="乙")
    await shop.change("customer", customer, level="C")
    await shop.seal()
    catalogue = await shop.catalogues.newest(shop.workspace)
    binder = Binder()
    entries = binder.statement(changes_of(shop.workspace, wanted, binder))
    given = {"after": 0, "after_seq": 0, "upto": 10**6, "upto_seq": 0, "since": since}
    async with shop.database.read() as tx:
        (found,) = await judged(tx, shop.workspace, catalogue, wanted, entries, given)
    assert (found.seen, found.told["0.title"]) == ({"level": "B"}, "甲{B}")


async def test_one_record_tells_which_parts_hold(shop: Shop) -> None:
    customer = await shop.make("customer", name="甲", level="B")
    wanted = rule(**{"if": "level = 'B' AND name = '乙'"}, then=[{"kind": "notify", "to": ["owner"], "title": "x"}])
    catalogue = await shop.catalogues.newest(shop.workspace)
    asked = one_query(shop.workspace, catalogue, wanted)
    async with shop.database.read() as tx:
        row = await tx.fetch_row(
            asked.sql, *asked.arguments(shop.metrics.era(shop.workspace, catalogue), {"id": customer})
        )
    assert row is not None and row["parts"] == [True, False]
