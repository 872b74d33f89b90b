"""The demo company's hidden truth: the same each time, and what it says of customers shows in what they do."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tongmai.demo.approvals import VISIT
from tongmai.demo.people import staff
from tongmai.demo.telling import Story
from tongmai.demo.truth import Truth
from tongmai.demo.world import World

END = datetime(2026, 11, 20, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def story() -> Story:
    return Story.of(World(5, END, 400, 300))


def test_the_same_seed_tells_the_same_story_and_another_one_another() -> None:
    first, again, other = (Story.of(World(seed, END, 60, 150)) for seed in (5, 5, 6))
    assert Truth.of(first) == Truth.of(again)
    assert [(each.id, each.text) for each in first.messages] == [(each.id, each.text) for each in again.messages]
    assert [(each.at, each.amount) for each in first.orders] == [(each.at, each.amount) for each in again.orders]
    assert Truth.of(first) != Truth.of(other)


def test_a_larger_company_has_the_smaller_ones_customers_in_it() -> None:
    assert World(5, END, 120).customers[:40] == World(5, END, 40).customers


def test_the_whole_company_is_the_one_of_the_case() -> None:
    """S0-24: 1,863 customers, a team of 23 over seven prefecture-level cities."""
    world = World(5, END)
    assert len(world.customers) == len({each.name for each in world.customers}) == 1863
    assert len({each.phone for each in (*world.customers, *staff())}) == 1863 + len(staff())
    assert len(world.sellers) == 23
    assert {each.city for each in world.customers} == {"绍兴", "杭州", "宁波", "嘉兴", "湖州", "金华", "台州"}


def test_nothing_happens_after_the_end_or_before_the_beginning(story: Story) -> None:
    world = story.world
    for at in (*(each.at for each in story.orders), *(each.at for each in story.approvals)):
        assert world.start - timedelta(days=7) <= at < END
    for at in (*(each.at for each in story.messages), *(each.at for each in story.calls)):
        assert world.talks_from <= at < END
    assert all(each.paid is None or each.paid < END for each in story.invoices)


def test_who_stopped_orders_no_more_and_who_drifts_is_talked_to_less(story: Story) -> None:
    for each in story.orders:
        stops = each.customer.stops
        # An order that was thought of before may come a weekend, a month's end or a return later.
        assert stops is None or each.at <= stops + timedelta(days=40)
    drifting = [each for each in story.world.customers if each.drifts is not None and each.external]
    half = timedelta(days=28)
    pairs = [(each.drifts, Counter(m.at for m in story.messages if m.customer is each)) for each in drifting]
    before = sum(n for begun, told in pairs for at, n in told.items() if begun and begun - half <= at < begun)
    after = sum(n for begun, told in pairs for at, n in told.items() if begun and begun + half <= at < begun + 2 * half)
    assert after < 0.7 * before


def test_it_is_not_perfectly_separable(story: Story) -> None:
    """Some leave without a sign, and some who stay go quiet: a score of 100 % would be a lie."""
    leaving = [each for each in story.world.customers if each.fate == "leaving"]
    assert any(each.drifts is None for each in leaving)
    assert any(each.lull is not None for each in story.world.customers if each.fate != "leaving")


def test_month_end_pushers_and_backdaters_show_in_what_they_hand_in(story: Story) -> None:
    world = story.world
    pushed = {each.customer.seller.name for each in story.orders if each.pushed}
    assert pushed == {each.name for each in world.month_end_pushers}
    returned = [each for each in story.orders if each.is_return]
    assert sum(each.pushed for each in returned) > len(returned) / 2
    backdated = {each.customer.seller.name for each in story.approvals if each.template == VISIT and each.backdated}
    assert backdated == {each.name for each in world.backdaters}


def test_every_kind_of_signal_is_planted_in_plain_and_in_veiled_words(story: Story) -> None:
    told = Counter((each.planted.kind, each.planted.wording) for each in story.messages if each.planted is not None)
    kinds = {kind for kind, wording in told if wording == "plain"}
    assert len(kinds) == 9
    assert sum(n for (_, wording), n in told.items() if wording == "veiled") > 10
    assert sum(n for (_, wording), n in told.items() if wording == "decoy") > 10
