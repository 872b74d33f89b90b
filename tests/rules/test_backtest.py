"""Back-tests in PostgreSQL: what a rule would have done, whose work that would have been, and what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from tests.metrics.shop import Shop, metric

from tongmai.kit import Invalid
from tongmai.rules.backtest import Backtests

from .backtesting import METRICS, at, hits, order, request, rule, tried

Names = dict[UUID, str]


@pytest.fixture
async def names(shop: Shop) -> Names:
    """甲 orders on 1 and 20 September, 乙 on 5 September, 丙 never; owned by two people. It is 10 December."""
    await shop.define(*METRICS)
    shop.clock.moment = at("2026-08-31T09:00")
    owners = [await shop.make("person", name=name) for name in ("张", "李")]
    found = {await shop.make("customer", name=name, owner=owners[name == "乙"]): name for name in ("甲", "乙", "丙")}
    ids = {name: record for record, name in found.items()}
    await order(shop, ids["甲"], "2026-09-01T10:00")
    await order(shop, ids["乙"], "2026-09-05T10:00")
    await order(shop, ids["甲"], "2026-09-20T10:00")
    await order(shop, ids["乙"], "2026-10-10T10:00")
    shop.clock.moment = at("2026-12-10T09:00")
    await shop.seal()
    return found | dict(zip(owners, ("张", "李"), strict=True))


async def test_each_episode_is_one_hit_on_its_first_day(shop: Shop, names: Names) -> None:
    """Silent beyond 14 days: 甲 from the 16th to the 20th of September and from 5 October, 乙 twice as well."""
    found = await tried(shop, request("2026-09-01", "2026-11-01", rule=rule("recency > 14")))
    assert hits(found, names) == [
        ("甲", "2026-09-16"), ("乙", "2026-09-20"), ("甲", "2026-10-05"), ("乙", "2026-10-25")
    ]  # fmt: skip
    assert (found["hits"], found["records"], found["engine"]) == (4, 2, "postgres")
    day = {each["day"]: each for each in found["days"]}
    assert len(day) == 61
    assert day["2026-09-16"] == {
        "day": "2026-09-16", "hits": 1, "ended": 0, "standing": 1, "people": 1, "most_for_one": 1
    }  # fmt: skip
    assert day["2026-09-20"]["ended"] == 1 and day["2026-10-31"]["standing"] == 2


async def test_what_held_before_the_period_is_no_hit_in_it(shop: Shop, names: Names) -> None:
    found = await tried(shop, request("2026-10-07", "2026-10-20", rule=rule("recency > 14")))
    assert hits(found, names) == []
    assert found["days"][0]["standing"] == 2


async def test_work_is_counted_by_person_and_day(shop: Shop, names: Names) -> None:
    found = await tried(shop, request("2026-09-01", "2026-10-01", rule=rule("recency >= 0")))
    people = {names[UUID(each["person"])]: each for each in found["workload"]["people"]}
    assert {name: (each["hits"], each["most"]) for name, each in people.items()} == {"张": (1, 1), "李": (1, 1)}
    assert found["workload"]["most_for_one_on_a_day"] == 1


async def test_what_all_superiors_have_together_is_no_ones_day(shop: Shop, names: Names) -> None:
    every_day = {"kind": "scheduled", "cron": "0 8 * * *"}
    notify = {"kind": "notify", "to": ["owner", "superior"], "title": "{name}"}
    asked = request("2026-09-01", "2026-10-01", rule=rule("recency >= 0", when=every_day, then=[notify]))
    load = (await tried(shop, asked))["workload"]
    most = {each["person"]: each["most"] for each in load["people"]}
    together = most.pop("superior")
    assert together == sum(most.values()) > load["most_for_one_on_a_day"] == max(most.values())


async def test_what_only_the_words_of_an_action_name_is_not_read(shop: Shop, names: Names) -> None:
    """Nobody is told anything: a metric in a title need not be worked out for every record and day."""
    task = {
        "kind": "task",
        "task": "call",
        "to": "person:owner",
        "title": "{name}：共 {orders} 单",
        "due": {"amount": 48},
    }
    asked = request("2026-09-01", "2026-11-01", rule=rule("recency > 14", then=[task]))
    reads = (await Backtests(shop.metrics, lambda _: None).outlook(shop.workspace, asked)).reads
    assert ("customer", "recency") in reads and ("customer", "orders") not in reads
    found = await tried(shop, asked)
    assert found["hits"] == 4 and {names[UUID(each["person"])] for each in found["workload"]["people"]} == {"张", "李"}


async def test_an_outlook_tells_what_needs_all_rows_on_each_day(shop: Shop) -> None:
    """A filter that turns once as days go on does not; one that comes and goes does, as does a value of the day."""
    tests = Backtests(shop.metrics, lambda _: None)
    shop.clock.moment = at("2026-12-10T09:00")
    await shop.define(
        metric("overdue", "count", where="due < TODAY()"),
        metric("today_last_month", "count", where="DAY(due) = DAY(TODAY())"),
        metric("late_by", {"kind": "max", "value": "DAYS_SINCE(due)"}),
    )
    condition = "overdue > 1 OR today_last_month > 1 OR late_by > 9"
    found = await tests.outlook(shop.workspace, request("2026-09-01", "2026-10-01", rule=rule(condition)))
    assert (found.moments, [each.key for each in found.day_by_day]) == (31, ["today_last_month", "late_by"])
    found = await tests.outlook(shop.workspace, request("2026-09-01", "2026-10-01", rule=rule("overdue > 1")))
    assert found.day_by_day == ()


async def test_outcomes_stand_beside_what_happens_anyway(shop: Shop, names: Names) -> None:
    """Of the four hits only the first is followed by an order within 14 days, after 4."""
    asked = request("2026-09-01", "2026-11-01", rule=rule("recency > 14"), outcome="recency <= 14", outcome_days=14)
    found = (await tried(shop, asked))["outcome"]
    assert (found["decided"], found["came_true"], found["waiting"]) == (4, 1, 0)
    assert (found["precision"], found["median_lead_days"]) == (0.25, 4)
    # Two weeks after the hits, one of the three customers had ordered, one, one, none.
    assert (found["base_rate"], found["lift"]) == (0.25, 1)
    # Three came back or came at all: 乙 on 5 September, 甲 on the 20th, 乙 on 10 October. The last two had been noticed.
    assert (found["turns"], found["foretold"]) == (3, 2)


async def test_there_is_no_lead_where_the_outcome_stood_at_the_hit(shop: Shop, names: Names) -> None:
    asked = request("2026-09-01", "2026-11-01", rule=rule("recency > 14"), outcome="monthly >= 1")
    found = (await tried(shop, asked))["outcome"]
    assert (found["came_true"], found["median_lead_days"]) == (2, None)


async def test_hits_whose_outcome_is_not_known_yet_are_told_apart(shop: Shop, names: Names) -> None:
    shop.clock.moment = at("2026-11-01T09:00")
    asked = request("2026-09-01", "2026-12-01", rule=rule("recency > 14", outcome="monthly >= 1"))
    found = await tried(shop, asked)
    assert found["through"] == "2026-10-31"
    assert (found["outcome"]["decided"], found["outcome"]["waiting"]) == (2, 2)
    assert [each["came_true"] for each in found["sample"]] == [True, True, None, None]


async def test_only_a_population_can_be_compared_with(shop: Shop, names: Names) -> None:
    """丙 never ordered: among those who did, more of the others order too."""
    parts: dict[str, Any] = {"rule": rule("recency > 14"), "outcome": "monthly >= 1"}
    everybody = await tried(shop, request("2026-09-01", "2026-11-01", **parts))
    among = await tried(shop, request("2026-09-01", "2026-11-01", among="orders >= 1", **parts))
    assert among["outcome"]["base_rate"] > everybody["outcome"]["base_rate"]
    assert among["outcome"]["precision"] == everybody["outcome"]["precision"]


async def test_two_versions_are_compared_record_by_record(shop: Shop, names: Names) -> None:
    asked = request("2026-09-01", "2026-09-20", rule=rule("recency > 14"), against=rule("recency > 10"))
    found = (await tried(shop, asked))["comparison"]
    assert {name: found[name] for name in ("only_first", "only_second", "both")} == {
        "only_first": 0, "only_second": 1, "both": 1
    }  # fmt: skip
    assert [names[UUID(each)] for each in found["records"]["only_second"]] == ["乙"]


async def test_an_episode_lasts_until_it_may_leave(shop: Shop, names: Names) -> None:
    """With leave_when, an order alone does not end it: two in 30 days do."""
    lasting = rule("recency > 14", when={"kind": "becomes", "leave_when": "monthly >= 2"})
    found = await tried(shop, request("2026-09-01", "2026-11-01", rule=lasting))
    assert hits(found, names) == [("甲", "2026-09-16"), ("乙", "2026-09-20"), ("甲", "2026-10-05")]


async def test_consecutive_periods_are_counted_over_the_edge_of_the_period(shop: Shop, names: Names) -> None:
    """Silent at the end of two Sundays in a row: once a run, also where the first Sunday lies before the period."""
    weeks = rule("recency > 14", when={"kind": "holds", "periods": 2, "period": "week"})
    found = await tried(shop, request("2026-09-01", "2026-11-15", rule=weeks))
    every = hits(found, names)
    # 乙 on the Sundays 20 and 27 September; 甲 on 11 and 18 October; 乙 on 25 October and 1 November.
    assert every == [("乙", "2026-09-27"), ("甲", "2026-10-18"), ("乙", "2026-11-01")]
    later = await tried(shop, request("2026-10-12", "2026-11-15", rule=weeks))
    assert hits(later, names) == [each for each in every if each[1] >= "2026-10-12"]


async def test_a_schedule_hits_each_time(shop: Shop, names: Names) -> None:
    mondays = rule("recency > 14", when={"kind": "scheduled", "cron": "0 9 * * 1"})
    found = await tried(shop, request("2026-10-05", "2026-10-20", rule=mondays))
    # On Monday 5 October at nine, 甲's order of 20 September is 15 days old, 乙's is 30.
    assert hits(found, names) == [
        ("甲", "2026-10-05"), ("乙", "2026-10-05"), ("甲", "2026-10-12"), ("甲", "2026-10-19")
    ]  # fmt: skip


async def test_a_rule_on_changes_hears_of_each_past_change(shop: Shop, names: Names) -> None:
    ids = {name: record for record, name in names.items()}
    shop.clock.moment = at("2026-12-11T09:00")
    await shop.change("customer", ids["甲"], level="A")
    shop.clock.moment = at("2026-12-12T09:00")
    await shop.change("customer", ids["甲"], name="甲甲")
    await shop.change("customer", ids["乙"], level="B")
    await shop.seal()
    shop.clock.moment = at("2026-12-20T09:00")
    changed = rule("level = 'A'", when={"kind": "changed", "actions": ["update"], "fields": ["level"]})
    found = await tried(shop, request("2026-12-01", "2026-12-15", rule=changed))
    assert hits(found, names) == [("甲", "2026-12-11")]


async def test_a_period_before_the_history_says_so(shop: Shop, names: Names) -> None:
    found = await tried(shop, request("2026-07-01", "2026-08-01", rule=rule("orders >= 0")))
    assert found["hits"] == 0
    assert "2026-08-31" in found["notes"][0]["en"]


async def test_rows_of_today_can_be_counted_from_their_own_moments(shop: Shop, names: Names) -> None:
    """What was imported in December tells of July all the same, if that is asked for; and says that it does."""
    ids = {name: record for record, name in names.items()}
    await shop.make("order", customer=ids["丙"], placed=at("2026-07-01T10:00"))
    known = await tried(shop, request("2026-07-10", "2026-08-01", rule=rule("recency > 14")))
    today = await tried(shop, request("2026-07-10", "2026-08-01", rule=rule("recency > 14"), basis="today"))
    assert hits(known, names) == []
    assert hits(today, names) == [("丙", "2026-07-16")]
    assert today["basis"] == "today" and today["notes"]


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"rule": rule("nothing > 1")}, "if"),
        ({"rule": rule("recency > 1"), "outcome": "recency"}, "outcome"),
        ({"rule": rule("recency > 1"), "among": "recency >"}, "among"),
    ],
)
async def test_faulty_formulas_are_refused_with_their_place(
    shop: Shop, names: Names, parts: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await tried(shop, request("2026-09-01", "2026-10-01", **parts))
    assert any((fault.field or "").endswith(field) for fault in refusal.value.faults)
