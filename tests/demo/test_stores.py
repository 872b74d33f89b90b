"""The demo chain's hidden truth: the same each time, and what it says of stores and people shows in what they do."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from tongmai.demo.stores import MOST_STORES, Chain, ChainStory, ChainTruth
from tongmai.demo.stores.till import plan_of

END = datetime(2026, 11, 20, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def story() -> ChainStory:
    return ChainStory.of(Chain(5, END, 24, 150))


def test_the_same_seed_tells_the_same_story_and_another_one_another() -> None:
    first, again, other = (ChainStory.of(Chain(seed, END, 16, 120)) for seed in (5, 5, 6))
    assert ChainTruth.of(first) == ChainTruth.of(again)
    assert first.till == again.till
    assert first.registers == again.registers
    assert ChainTruth.of(first) != ChainTruth.of(other)


def test_all_whom_systems_and_registers_name_are_told_apart() -> None:
    """Registers name people by name, stores and goods by number, visitors by mobile."""
    story = ChainStory.of(Chain(5, END, MOST_STORES, 120))
    chain = story.chain
    for names in (
        [each.name for each in chain.people], [each.name for each in chain.stores], [each.name for each in story.lessons],
        [each.number for each in story.sales], [each.id for each in story.messages],
        [*(each.mobile for each in story.visitors), *(each.phone for each in chain.people)],
    ):  # fmt: skip
        assert len(names) == len(set(names))
    assert {each.team for each in chain.people} <= {each.key for each in chain.teams}


def test_nothing_stands_in_a_file_before_it_happened_and_nothing_sold_or_said_lies_ahead(story: ChainStory) -> None:
    chain = story.chain
    assert all(chain.start - timedelta(days=1) <= each.at < END for each in story.sales)
    assert all(each.at < END for each in story.messages)
    for at, row in story.registers.rows["咨询登记"]:
        moments = [row[each] for each in row if each.endswith("时间") and row[each]]
        assert max(moments) <= f"{at:%Y-%m-%d %H:%M:%S}"
    for rows in (*story.till.rows.values(), *story.registers.rows.values()):
        assert [at for at, _ in rows] == sorted(at for at, _ in rows)


def test_a_visitor_goes_one_step_after_the_other(story: ChainStory) -> None:
    for each in story.visitors:
        course = [each.asked, each.contacted, each.booked, each.noted, each.enrolled or each.lost]
        known = [moment for moment in course if moment is not None]
        assert known == sorted(known), each
        assert each.enrolled is None or (each.came and each.lost is None)


def test_sinking_stores_fall_behind_their_plan_and_are_not_perfectly_told_apart(story: ChainStory) -> None:
    since = END - timedelta(days=30)
    sold = Counter[str]()
    for each in story.sales:
        if each.at >= since:
            sold[each.store.number] += each.amount
    reached: dict[str, list[float]] = {}
    for store in story.chain.stores:
        reached.setdefault(store.fate, []).append(sold[store.number] / plan_of(story.chain, store))
    assert median(reached["sinking"]) < 0.75 < median(reached["steady"])
    assert any(each < 0.95 for each in (*reached["steady"], *reached["slump"]))


def test_pretenders_enter_the_same_few_numbers_and_the_absent_manager_taps_from_afar(story: ChainStory) -> None:
    spread = {}
    for consultant in story.chain.pretenders:
        entered = [each.referrer for each in story.visitors if each.seller == consultant and each.referrer]
        spread[consultant.name] = len(set(entered)) / len(entered)
    assert all(each < 0.6 for each in spread.values())
    stores = {each.number: each for each in story.chain.stores}
    far = Counter[str]()
    for _, row in story.registers.rows["巡店记录"]:
        latitude, _ = row["位置"].split(",")
        far[row["巡店人"]] += abs(float(latitude) - stores[row["门店编号"]].place[0]) > 0.02
    assert [name for name, count in far.items() if count] == [story.chain.absent_manager.name]


def test_a_wish_for_a_trial_is_said_plainly_veiled_or_only_seems_so(story: ChainStory) -> None:
    told = Counter(each.planted.wording for each in story.messages if each.planted is not None)
    assert all(told[wording] > 5 for wording in ("plain", "veiled", "decoy"))
    assert all(each.customer.mobile in each.text for each in story.messages if each.planted is not None)
