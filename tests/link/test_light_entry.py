"""Light entry in the sales app (S2-19, S2-20): one tap writes and moves, twice is once, and it is taken back whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from tongmai.access import Actor, SystemActor
from tongmai.identity import load_actor
from tongmai.kit import Conflict, FixedClock, Invalid, NotFound, Settings
from tongmai.link.light_entry import Entered, LightEntries, Offers
from tongmai.market import built_in_apps, merge, read_package
from tongmai.model import Catalogue, check_catalogue, read_document, starting_catalogue
from tongmai.records import Gateway
from tongmai.store import Database, Workspace

from .sales_company import sales_company

SYSTEM = SystemActor("test")
CORE: dict[str, Any] = {
    "customer_type": "clinic", "industry": "dental", "budget_range": "under_50k", "decision_role": "owner",
    "city": "绍兴", "key_person": "李院长", "phone": "13575550000",
}  # fmt: skip


@dataclass
class Phone:
    """Two sales people of the app, one customer, and what they tap."""

    database: Database
    gateway: Gateway
    workspace: Workspace
    clock: FixedClock
    entries: LightEntries
    offers: Offers
    people: dict[str, Actor] = field(default_factory=dict)
    customer: UUID = field(default_factory=uuid4)

    async def make(self, object_key: str, **values: Any) -> UUID:
        return (await self.gateway.create(SYSTEM, self.workspace, object_key, values)).one.id

    async def deal(self, who: str = "anna", **values: Any) -> UUID:
        owner, helper = str(self.people[who].id), str(self.people["helper"].id)
        return await self.make(
            "opportunity",
            **{"name": "种植机", "customer": str(self.customer), "owner": owner, "collaborators": [helper], **values},
        )

    async def get(self, object_key: str, record: UUID) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(await self.gateway.get(SYSTEM, self.workspace, object_key, record))
        return found

    async def follow_ups(self, deal: UUID) -> list[dict[str, Any]]:
        page = await self.gateway.list(SYSTEM, self.workspace, "follow_up", filter=f"opportunity = '{deal}'")
        found: list[dict[str, Any]] = orjson.loads(page)["items"]
        return found

    async def tap(self, preset: str, deal: UUID, who: str = "anna", **more: Any) -> Entered:
        return await self.entries.write(self.people[who], self.workspace, "follow_up", preset, deal, **more)

    async def stage(self, deal: UUID) -> str:
        return str((await self.get("opportunity", deal))["stage"])


@pytest.fixture(scope="module")
async def phone(database: Database, settings: Settings) -> AsyncIterator[Phone]:
    """One for all tests of the file: each has a deal of its own."""
    async with sales_company(database, settings) as company:
        links, workspace = company.links, company.workspace
        made = Phone(database, company.gateway, workspace, company.clock, links.light_entries, links.offers)
        team = await made.make("team", name="一部")
        for who, role in (("anna", "sales"), ("bert", "sales"), ("helper", "technical")):
            person = await made.make("person", name=who, team=str(team), roles=[role])
            async with database.read() as tx:
                actor = await load_actor(tx, workspace, person)
            assert actor is not None
            made.people[who] = actor
        made.customer = await made.make("customer", name="绍兴口腔", owner=str(made.people["anna"].id), **CORE)
        yield made


async def test_one_tap_fills_the_follow_up_and_moves_the_stage(phone: Phone) -> None:
    deal = await phone.deal()
    entered = await phone.tap("poc_time", deal)

    (made,) = await phone.follow_ups(deal)
    number = (await phone.get("opportunity", deal))["number"]
    assert made["customer"]["label"] == "绍兴口腔"
    assert (made["project"], made["progress"], made["topic"]) == (number, "poc_time", "种植机")
    assert [each["label"] for each in made["collaborators"]] == ["helper"]
    assert made["happened_at"].startswith("2026-11-02")
    assert made["is_effective"] is True
    assert made["owner"]["id"] == str(phone.people["anna"].id)
    assert [(each.field, each.before, each.after) for each in entered.moved] == [("stage", "lead", "poc")]
    assert await phone.stage(deal) == "poc"


async def test_the_system_fills_at_least_80_percent(phone: Phone) -> None:
    """S2-20, with and without a note."""
    alone = await phone.tap("poc_time", await phone.deal())
    with_note = await phone.tap("poc_time", await phone.deal(), values={"note": "下周三上午"})
    assert (alone.by_person, with_note.by_person) == (1, 2)
    assert alone.share >= 0.8
    assert with_note.share >= 0.75


async def test_the_entry_tells_how_long_it_took_and_how_much_nobody_typed(phone: Phone) -> None:
    """S2-20: in the record, for metrics to count; a second tap of the day changes neither, unknown seconds are blank."""
    deal, other = await phone.deal(), await phone.deal()
    entered = await phone.tap("poc_time", deal, seconds=Decimal("7"))
    await phone.tap("poc_time", deal, seconds=Decimal("90"))
    unknown = await phone.tap("poc_time", other)
    timed = await phone.get("follow_up", entered.record)
    assert (timed["entry_seconds"], timed["entry_share"]) == (7, round(entered.share, 2))
    assert (await phone.get("follow_up", unknown.record))["entry_seconds"] is None


async def test_who_helps_is_told_who_tapped_stands_in_the_history(phone: Phone) -> None:
    deal = await phone.deal()
    entered = await phone.tap("tender_received", deal)
    history = orjson.loads(await phone.gateway.history(SYSTEM, phone.workspace, "opportunity", deal))["items"]
    assert history[0]["actor"]["id"] == str(phone.people["anna"].id)
    assert history[0]["cause"] == f"light_entry:{entered.id}"
    rule = (await phone.get("follow_up", entered.record))["collaborators"]
    assert [each["label"] for each in rule] == ["helper"]


async def test_a_stage_is_moved_on_and_never_back(phone: Phone) -> None:
    deal = await phone.deal(stage="negotiation")
    entered = await phone.tap("poc_time", deal)
    assert (entered.moved, await phone.stage(deal)) == ((), "negotiation")


async def test_tapping_twice_and_at_once_is_one_entry(phone: Phone) -> None:
    deal = await phone.deal()
    found = await asyncio.gather(*(phone.tap("poc_time", deal) for _ in range(3)), return_exceptions=True)
    again = await phone.tap("poc_time", deal)
    written = [each for each in found if isinstance(each, Entered)]
    assert len(written) == 3, found
    assert {each.record for each in (*written, again)} == {again.record}
    assert sorted(each.is_repeated for each in written) == [False, True, True]
    assert len(await phone.follow_ups(deal)) == 1
    await phone.tap("quote_discussed", deal)
    assert len(await phone.follow_ups(deal)) == 2


async def test_undo_takes_all_of_it_back_once(phone: Phone) -> None:
    deal = await phone.deal()
    entered = await phone.tap("poc_time", deal)
    undone = await phone.entries.undo(phone.people["anna"], phone.workspace, entered.id)
    assert (undone.restored, undone.kept) == (("stage",), ())
    assert (await phone.follow_ups(deal), await phone.stage(deal)) == ([], "lead")
    with pytest.raises(Conflict):
        await phone.entries.undo(phone.people["anna"], phone.workspace, entered.id)
    again = await phone.tap("poc_time", deal)
    assert (again.is_repeated, await phone.stage(deal)) == (False, "poc")


async def test_undo_leaves_what_somebody_changed_since(phone: Phone) -> None:
    deal = await phone.deal()
    entered = await phone.tap("poc_time", deal)
    await phone.gateway.update(SYSTEM, phone.workspace, "opportunity", deal, {"stage": "proposal"})
    undone = await phone.entries.undo(phone.people["anna"], phone.workspace, entered.id)
    assert (undone.kept, await phone.stage(deal)) == (("stage",), "proposal")


async def test_nobody_undoes_anothers_and_nobody_after_a_day(phone: Phone) -> None:
    deal = await phone.deal()
    entered = await phone.tap("poc_time", deal)
    with pytest.raises(NotFound):
        await phone.entries.undo(phone.people["bert"], phone.workspace, entered.id)
    before = phone.clock.moment
    phone.clock.advance(timedelta(days=1, minutes=1))
    try:
        with pytest.raises(Conflict, match="taken back for a day"):
            await phone.entries.undo(phone.people["anna"], phone.workspace, entered.id)
    finally:
        phone.clock.moment = before


async def test_what_is_not_ones_own_or_does_not_fit_writes_nothing(phone: Phone) -> None:
    deal, won = await phone.deal(), await phone.deal(stage="won")
    with pytest.raises(NotFound):
        await phone.tap("poc_time", deal, who="bert")
    with pytest.raises(NotFound):
        await phone.tap("no_such", deal)
    with pytest.raises(Conflict):
        await phone.tap("poc_time", won)
    with pytest.raises(Invalid):
        await phone.tap("poc_time", deal, values={"owner": str(phone.people["bert"].id)})
    assert [await phone.follow_ups(each) for each in (deal, won)] == [[], []]
    assert await phone.stage(deal) == "lead"


async def test_offers_are_ones_own_open_deals_the_last_touched_first(phone: Phone) -> None:
    phone.clock.advance(timedelta(hours=1))
    customer = await phone.make("customer", name="另一家", owner=str(phone.people["bert"].id), **CORE)
    bert = phone.people["bert"]
    open_deal = await phone.deal("bert", name="甲", customer=str(customer))
    await phone.deal("bert", name="乙", customer=str(customer), stage="won")

    (own,) = await phone.offers.of(bert, phone.workspace)
    (near,) = await phone.offers.of(phone.people["anna"], phone.workspace, near=customer)

    assert (own.object, own.about, [each.label for each in own.subjects]) == ("follow_up", "opportunity", ["甲"])
    assert own.subjects[0].id == open_deal
    assert [each.key for each in own.presets][:3] == ["poc_time", "tender_received", "plan_passed"]
    assert near.subjects == ()
    assert await phone.offers.of(phone.people["helper"], phone.workspace) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"about": "topic"}, "entry.about"),
        ({"fills": {"nothing": "1"}}, "entry.unknown_field"),
        ({"fills": {"is_effective": "TRUE"}}, "entry.not_writable"),
        ({"fills": {"topic": "customer.name"}}, "entry.own_fields_only"),
        ({"asks": ["nothing"]}, "entry.unknown_field"),
        ({"seconds": "nothing"}, "entry.unknown_field"),
        ({"seconds": "topic"}, "entry.not_a_number"),
        ({"share": "is_effective"}, "entry.not_writable"),
    ],
)
def test_presets_that_cannot_work_are_refused(change: dict[str, Any], code: str) -> None:
    model = _sales_model()
    objects = [each for each in model["objects"] if each["key"] == "follow_up"]
    objects[0]["light_entry"] |= change
    assert code in {each.code for each in check_catalogue(read_document(Catalogue, model))}


def _sales_model() -> dict[str, Any]:
    package = read_package(dict(built_in_apps())["sales"])
    found: dict[str, Any] = merge(starting_catalogue(), package.model).model_dump(mode="json", by_alias=True)
    return found
