"""A small demo company through its systems, sources and mappings into a workspace: what a person then sees, what nobody
was bothered with, and how it is scored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tongmai.demo.findings import Findings
from tongmai.demo.loading import Loading
from tongmai.demo.measures import Score
from tongmai.demo.scoring import Scorer
from tongmai.demo.systems import running
from tongmai.demo.telling import Story
from tongmai.demo.truth import Truth
from tongmai.demo.world import World
from tongmai.kit import FixedClock

from .opening import Company, adding, services_of_its_own

# A Wednesday evening.
END = datetime(2026, 11, 18, 18, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
# The Sunday before: a week ends while rules are in force.
BEGUN = datetime(2026, 11, 15, 6, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True)
class Loaded(Company):
    """The company after its load."""

    story: Story


@pytest.fixture(scope="module")
async def loaded(postgres_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Loaded]:
    folder: Path = tmp_path_factory.mktemp("demo")
    story, clock = Story.of(World(5, END, 69, 150)), FixedClock(END)
    async with (
        services_of_its_own(postgres_dsn, "demo_company", folder, clock) as services,
        running(story, clock, folder / "inbox" / "demo") as systems,
    ):
        load = Loading(
            services, clock, story.world, systems, adding(services), lambda *_: None, live_days=1, past_weeks=2
        )  # fmt: skip
        yield Loaded(services, await load.run(), story)


async def test_what_the_systems_held_is_there_and_nothing_waits_or_was_refused(loaded: Loaded) -> None:
    story = loaded.story
    assert await loaded.count("customer") == len(story.world.customers)
    assert await loaded.count("order") == len(story.orders)
    assert await loaded.count("order_line") == sum(len(each.lines) for each in story.orders)
    assert await loaded.count("message") == sum(each.kind == "text" for each in story.messages)
    assert await loaded.count("payment_plan", "[paid_date] IS NOT BLANK") == sum(
        each.paid is not None for each in story.invoices
    )
    assert await loaded.count("payment_plan", "[amount] IS BLANK") == 0
    for key in ("customer", "order", "order_line", "message", "payment_plan", "approval"):
        assert await loaded.count(key, "[owner] IS BLANK") == 0, key
    assert await loaded.nothing_waits_or_was_refused()


async def test_a_talk_without_consent_has_no_words(loaded: Loaded) -> None:
    """AMB-31."""
    silent = [each.external for each in loaded.story.world.customers if each.consent == "never" and each.external]
    assert silent
    listed = ", ".join(f"'{each}'" for each in silent)
    kept = await loaded.records("message", f"customer.external_id IN ({listed})")
    assert kept
    assert all(each["text"] is None for each in kept)


async def test_the_first_classification_bothers_nobody_and_what_comes_later_does(loaded: Loaded) -> None:
    assert await loaded.count("customer", "[customer_health] = 'red'") > 0
    assert await loaded.count("task", f"[created_at] < '{BEGUN:%Y-%m-%d %H:%M}'") == 0
    assert await loaded.count("signal", f"[created_at] < '{BEGUN:%Y-%m-%d %H:%M}'") == 0
    assert await loaded.count("customer", "[class_before] IS BLANK") == 0
    assert await loaded.count("task", "[kind] = 'morning_loop'") == 18  # six teams with a lead, three working mornings


async def test_classes_have_a_past(loaded: Loaded) -> None:
    async with loaded.services.database.read() as tx:
        moments = await tx.fetch(
            f"SELECT DISTINCT at FROM {loaded.workspace.quoted_schema}._segment_move"
            " WHERE segment = 'customer_health' ORDER BY at"
        )
    assert len(moments) >= 3
    assert moments[-1]["at"] - moments[0]["at"] >= timedelta(days=14)


async def test_a_sales_person_sees_his_customers_and_no_others(loaded: Loaded) -> None:
    actor = await loaded.actor("林悦")
    own = await loaded.records("customer", actor=actor)
    mine = {each.name for each in loaded.story.world.customers if each.seller.name == "林悦"}
    assert {each["name"] for each in own} == mine
    lines = await loaded.records("order_line", actor=actor)
    assert {each["owner"]["label"] for each in lines} <= {"林悦"}


async def test_sources_are_off_at_the_end_for_their_systems_are_gone(loaded: Loaded) -> None:
    catalogue = await loaded.services.catalogues.get(loaded.workspace)
    assert [each.enabled for each in catalogue.sources] == [False] * 4


async def test_deals_come_in_with_what_stood_in_their_way_and_where_the_evidence_lies(loaded: Loaded) -> None:
    """S0-31, S0-32, S0-34: through the approvals' forms, whose attachments stay where they are."""
    deals = loaded.story.deals
    assert await loaded.count("opportunity") == len(deals)
    stopped = {each.name: each for each in deals if each.is_set_back}
    found = await loaded.records("opportunity", "[stage] IN ('stalled', 'lost')")
    assert {each["name"] for each in found} <= stopped.keys()
    assert len(found) >= len(stopped) - 2  # the last ones may still lie with the lead
    for each in found:
        truth = stopped[each["name"]]
        assert len(each["resistance"]) == len(truth.tags)
        assert (each["unmet_parameter"] or "") == truth.parameter
        assert each["evidence_in_source"].endswith(truth.evidence)
        assert datetime.fromisoformat(each["setback_at"]) >= truth.decided
    won = sum(each.course == "won" for each in deals)
    assert await loaded.count("opportunity", "[stage] = 'won'") == won
    assert await loaded.count("contract", "[clause_state] = 'rejected' AND ISBLANK([reject_reason])") == 0


async def test_a_tag_that_weighs_too_much_three_weeks_in_a_row_is_told_to_the_product_department(
    loaded: Loaded,
) -> None:
    """S0-33: on the Monday after the third week, of the one team whose region asks for more."""
    async with loaded.services.database.read() as tx:
        fired = await tx.fetch(
            f"SELECT f.at, t.name FROM {loaded.workspace.quoted_schema}._firing f"
            f" JOIN {loaded.workspace.quoted_schema}.team t ON t.id = f.record_id WHERE f.rule = 'technical_share_high'"
        )
        told = await tx.fetch(
            f"SELECT DISTINCT p.name FROM {loaded.workspace.quoted_schema}._notice n"
            f" JOIN {loaded.workspace.quoted_schema}.person p ON p.id = n.person WHERE n.title LIKE '%技术参数未达标%'"
        )
    (one,) = fired
    assert one["at"] == loaded.story.world.monday - timedelta(microseconds=1)  # the end of the third week
    assert one["name"] == "宁波组"
    assert told


async def test_the_days_progress_is_tapped_by_who_holds_the_deals(loaded: Loaded) -> None:
    """S2-19, S2-20."""
    taps = await loaded.records("follow_up", "[entry_share] IS NOT BLANK")
    assert taps
    assert all(each["project"] and each["progress"] for each in taps)
    assert all(4 <= each["entry_seconds"] <= 22 for each in taps)
    assert min(each["entry_share"] for each in taps) > 0.5


async def test_every_order_tells_whether_it_pays_and_requests_whether_they_are_borne_out(loaded: Loaded) -> None:
    """S0-65, S0-59: from U8's costs, the rebates set off and the ledger of fees; from the approvals' attachments."""
    assert await loaded.count("order", "[order_profit] IS BLANK AND NOT [is_return]") == 0
    assert 0 < await loaded.count("order", "[order_profit] < 0") < await loaded.count("order", "[order_profit] > 0")
    assert await loaded.count("order", "[order_fees] > 0") > 0
    asking = await loaded.records("person", "[requests_30] > 0")
    assert 0 < sum(each["requests_borne_out_30"] for each in asking) < sum(each["requests_30"] for each in asking)


async def test_stores_that_lack_the_flagship_are_told_on_the_fifth_day(loaded: Loaded) -> None:
    """S0-06: and not those who put it up meanwhile, but for the two of whom nobody told that."""
    never = {each.customer.name for each in loaded.story.stores if each.never}
    untold = {each.customer.name for each in loaded.story.stores if not each.told and not each.never}
    signals = await loaded.records("signal", "[kind] = 'flagship_off_shelf'")
    told = {each["title"].partition("：")[0] for each in signals}
    assert never
    assert never <= told <= never | untold


async def test_the_ledgers_make_the_baselines(loaded: Loaded) -> None:
    """S0-01: 4.2 hours of exceptions a working day of a lead; S0-03: 6.8 checks an order, documents that are missing."""
    rows = loaded.story.ledgers.rows
    assert await loaded.count("order_check") == len([at for at, _ in rows["订单核验"] if at <= END])
    assert await loaded.count("order", "COUNT([missing_documents]) > 0") == len(rows["缺单据"])
    lead = (await loaded.records("person", "[name] = '陈国栋'"))[0]
    assert 3.5 < lead["exception_hours_day"] < 5
    checked = [each for each in await loaded.records("person", "[orders_30] > 0") if each["checks_30"]]
    assert 4 <= sum(each["checks_30"] for each in checked) / sum(each["orders_30"] for each in checked) <= 9


async def test_a_granted_rebate_is_entered_once_by_the_source_or_by_the_rule(loaded: Loaded) -> None:
    """S0-67."""
    entries = await loaded.records("rebate_entry", "[kind] = 'granted'")
    applications = [each["application"]["id"] for each in entries]
    assert entries
    assert (
        len(applications)
        == len(set(applications))
        == await loaded.count("approval", "[kind] = 'rebate' AND [state] = 'agreed'")
    )


async def test_how_long_answers_take_is_known_of_each_talk(loaded: Loaded) -> None:
    talked = await loaded.count("customer", "[replies_90] > 0 AND [reply_minutes] IS NOT BLANK")
    assert talked > 0.5 * await loaded.count("customer", "[replies_90] > 0")


async def test_the_score_tells_what_was_found_of_what_there_is(loaded: Loaded) -> None:
    findings = Findings(loaded.services.database, loaded.services.gateway, loaded.workspace)
    score: Score = await Scorer(findings, Truth.of(loaded.story)).score()
    whole = score.signals[-1]
    assert whole.kind == "all"
    assert whole.there > 0
    assert whole.precision is not None and whole.precision > 0.8
    assert whole.recall is not None and 0.4 < whole.recall < 1.0
    assert sum(each.buyers for each in score.classes) > 0
    assert score.document()["withheld_without_consent"] == score.withheld
    reasons, parameters, shelves = score.execution
    assert reasons.precision == 1.0 and reasons.recall is not None and reasons.recall > 0.8
    assert parameters.found > 0
    assert shelves.recall == 1.0 and shelves.precision is not None and shelves.precision > 0.6
