"""A small demo chain through its systems, sources and mappings into a workspace: what people of the stores then see,
and how it is scored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest

from tongmai.demo.findings import Findings
from tongmai.demo.stores import Chain, ChainLoading, ChainScorer, ChainStory, ChainTruth, stores_running
from tongmai.kit import FixedClock

from .opening import SYSTEM, Company, adding, services_of_its_own

# A Friday evening: Wednesday's classes were noted, and somebody called the day after.
END = datetime(2026, 11, 20, 18, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True)
class Loaded(Company):
    """The chain after its load."""

    story: ChainStory

    async def grouped(self, object_key: str, group: str) -> dict[str, int]:
        query = {"object": object_key, "group_by": [group], "measures": {"n": "count()"}, "filter": "TRUE"}
        rows = orjson.loads(await self.services.gateway.query(SYSTEM, self.workspace, query))["rows"]
        return {str(each[group]): int(each["n"]) for each in rows}


@pytest.fixture(scope="module")
async def loaded(postgres_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Loaded]:
    folder: Path = tmp_path_factory.mktemp("stores")
    story, clock = ChainStory.of(Chain(5, END, 18, 120)), FixedClock(END)
    async with (
        services_of_its_own(postgres_dsn, "demo_chain", folder, clock) as services,
        stores_running(story, clock, folder / "inbox" / "stores") as systems,
    ):
        load = ChainLoading(
            services, clock, story.chain, systems, adding(services), lambda *_: None, live_days=1, past_weeks=2
        )  # fmt: skip
        yield Loaded(services, await load.run(), story)


async def test_what_the_systems_held_is_there_and_nothing_waits_or_was_refused(loaded: Loaded) -> None:
    story = loaded.story
    assert await loaded.count("store") == len(story.chain.stores)
    assert await loaded.count("store_sale") == len(story.sales)
    assert await loaded.count("enquiry") == len(story.visitors)
    assert await loaded.count("store_chat") == sum(each.kind == "text" for each in story.messages)
    assert await loaded.count("store_sale", "[enquiry] IS NOT BLANK") == sum(
        each.visitor is not None for each in story.sales
    )
    assert await loaded.count("store_sale", "[campaign] IS NOT BLANK") == sum(
        each.campaign is not None for each in story.sales
    )
    for key in ("store", "enquiry", "store_sale", "store_chat", "trial_booking", "store_visit", "referral"):
        assert await loaded.count(key) > 0, key
        assert await loaded.count(key, "[owner] IS BLANK") == 0, key
    assert await loaded.nothing_waits_or_was_refused()


async def test_an_enquiry_stands_where_its_moments_say(loaded: Loaded) -> None:
    """S2-44: nobody entered a state."""
    visitors = loaded.story.visitors
    found = await loaded.grouped("enquiry", "state")
    assert found["enrolled"] == sum(each.enrolled is not None and each.enrolled < END for each in visitors)
    assert found["lost"] == sum(each.lost is not None and each.lost < END for each in visitors)
    assert sum(found.values()) == len(visitors)


async def test_a_gift_is_noted_once_by_the_register_or_by_the_rule(loaded: Loaded) -> None:
    """S2-26."""
    referred = sum(bool(each.visitor and each.visitor.referrer) for each in loaded.story.sales)
    assert await loaded.count("referral") == referred
    assert await loaded.count("referral", "[state] = 'given' AND [given_at] IS BLANK") == 0


async def test_a_talk_without_consent_has_no_words(loaded: Loaded) -> None:
    """AMB-31."""
    silent = {each.external for each in loaded.story.visitors if each.consent == "never" and each.external}
    listed = ", ".join(f"'{each}'" for each in silent)
    kept = await loaded.records("store_chat", f"enquiry.external_id IN ({listed})")
    assert kept
    assert all(each["text"] is None for each in kept)


async def test_each_role_sees_its_own_stores(loaded: Loaded) -> None:
    """S2-62: a consultant and a head one store, an area manager the area's, head office all but no chats."""
    chain = loaded.story.chain
    first = chain.stores[0]
    area = [each.name for each in chain.stores if each.area == first.area]
    manager = next(each for each in chain.managers if each.team == first.area)
    for who, there in ((first.consultants[0], [first.name]), (first.head, [first.name]), (manager, area)):
        seen = await loaded.records("store", actor=await loaded.actor(who.name))
        assert {each["name"] for each in seen} == set(there), who
    office = await loaded.actor("白运营")
    assert len(await loaded.records("store", actor=office)) == len(chain.stores)


async def test_signals_and_tasks_came_while_rules_were_in_force_and_some_are_done(loaded: Loaded) -> None:
    signals = await loaded.grouped("signal", "kind")
    assert {"enquiry_waiting", "goods_not_selling", "goods_run_out", "store_flagship_off_shelf"} <= signals.keys()
    assert signals["goods_run_out"] == 2
    tasks = await loaded.records("task", "[kind] IN ('after_trial', 'book_again')")
    assert {each["state"] for each in tasks} == {"open", "done"}


async def test_classes_have_a_past(loaded: Loaded) -> None:
    async with loaded.services.database.read() as tx:
        moments = await tx.fetch(
            f"SELECT DISTINCT at FROM {loaded.workspace.quoted_schema}._segment_move"
            " WHERE segment = 'sell_through_level'"
        )
    assert len(moments) >= 3


async def test_the_score_tells_what_was_found_of_what_there_is(loaded: Loaded) -> None:
    findings = Findings(loaded.services.database, loaded.services.gateway, loaded.workspace)
    score = await ChainScorer(findings, ChainTruth.of(loaded.story)).score()
    assert score.wishes.precision is not None and score.wishes.precision > 0.9
    assert score.wishes.recall is not None and 0.5 < score.wishes.recall < 1.0
    found = {each.kind: each for each in score.found}
    for kind in ("slow_stores", "visits_elsewhere", "goods_not_selling", "goods_run_out"):
        assert (found[kind].precision, found[kind].recall) == (1.0, 1.0), found[kind]
    assert found["sinking_stores"].recall == 1.0
    shelves = found["flagship_off_shelf"]
    assert shelves.recall == 1.0 and shelves.precision is not None and shelves.precision >= 0.5
    assert score.document()["withheld_without_consent"] == score.withheld
