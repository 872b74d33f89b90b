"""The way back (S3-20): what a person changed goes to the source; a source that was changed too is a conflict."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pytest

from tongmai.access import SystemActor
from tongmai.kit import Conflict, Invalid, Text
from tongmai.link import (
    Cursor,
    Health,
    Page,
    Pushed,
    PushRow,
    RawRow,
    SourceContext,
    SourceKind,
    SourceOptions,
    Stream,
    away,
)
from tongmai.link.pushing import PushCounts

from .desk import Desk


class Crm:
    """Another system that holds customers and takes changes."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.pushed: list[PushRow] = []
        self.is_away = False
        self.asked = 0
        self.refuses = False
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def test(self) -> Health:
        return Health(True, Text.same("ok"))

    async def close(self) -> None:
        return None

    async def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        rows = self.orders if stream == "orders" else self.rows
        yield Page(tuple(RawRow(key, dict(row)) for key, row in rows.items()), {})

    async def push(self, row: PushRow) -> Pushed:
        self.asked += 1
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        if self.is_away:
            raise away("不在", "away")
        if self.refuses:
            return Pushed("refused", text=Text("不收", "no"))
        self.pushed.append(row)
        theirs = (self.orders if row.stream == "orders" else self.rows)[row.key]
        if any(theirs.get(path) != value for path, value in row.before.items()):
            return Pushed("conflict", theirs=dict(theirs))
        theirs.update(row.changed)
        return Pushed("done")


@pytest.fixture
async def crm(desk: Desk) -> Crm:
    made = Crm()

    def opened(context: SourceContext) -> Crm:
        return made

    def streams(options: SourceOptions) -> tuple[Stream, ...]:
        return (Stream("customers", Text.same("customers")), Stream("orders", Text.same("orders")))

    desk.links.sources.kinds["crm"] = SourceKind("crm", Text.same("CRM"), SourceOptions, {}, streams, opened)
    await desk.define(
        {"key": "crm", "label": "CRM", "kind": "crm"},
        {
            "key": "customers", "label": "客户", "source": "crm", "stream": "customers", "object": "customer",
            "columns": [{"path": "id"}, {"path": "name"}, {"path": "tel"}],
            "fields": [
                {"field": "code", "value": "id"}, {"field": "name", "value": "name"},
                {"field": "phone", "value": "tel", "push": "tel"},
            ],
            "match": ["code"],
        },
    )  # fmt: skip
    made.rows = {"1": {"id": "1", "name": "甲", "tel": "100"}}
    await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")
    return made


async def by_hand(desk: Desk, **values: Any) -> None:
    person = await desk.make("person", name="安娜")
    record = (await desk.fetch("SELECT id FROM {schema}.customer WHERE code = '1'"))[0]["id"]
    actor = SystemActor("test", on_behalf=person)
    await desk.gateway.update(actor, desk.workspace, "customer", record, values)
    await desk.seal()


async def test_a_persons_change_reaches_the_source_once(desk: Desk, crm: Crm) -> None:
    await by_hand(desk, phone="999", name="改名不回写")

    first = await desk.links.pusher.advance(desk.workspace)
    second = await desk.links.pusher.advance(desk.workspace)

    assert (first.heard, first.done, second.heard, second.done) == (1, 1, 0, 0)
    assert crm.rows["1"] == {"id": "1", "name": "甲", "tel": "999"}
    assert [(row.changed, row.before) for row in crm.pushed] == [({"tel": "999"}, {"tel": "100"})]


async def test_two_that_deliver_at_once_send_a_change_once(desk: Desk, crm: Crm) -> None:
    await by_hand(desk, phone="999")
    others: list[PushCounts] = []

    async def meanwhile() -> None:
        others.append(await desk.links.pusher.advance(desk.workspace))

    crm.meanwhile = meanwhile
    done = await desk.links.pusher.advance(desk.workspace)

    assert (done.done, crm.asked) == (1, 1)
    assert [each.done + each.conflicts + each.again for each in others] == [0]
    # Who found nothing left to send has no run in the log.
    assert len(await desk.fetch("SELECT FROM {schema}._source_run WHERE source = 'crm' AND kind = 'push'")) == 1


async def test_a_change_whose_sender_dies_is_sent_by_another(desk: Desk, crm: Crm) -> None:
    await by_hand(desk, phone="999")

    async def dies() -> None:
        raise RuntimeError("killed")

    crm.meanwhile = dies
    with pytest.raises(RuntimeError):
        await desk.links.pusher.advance(desk.workspace)
    await desk.links.pusher.advance(desk.workspace)
    assert crm.pushed == []
    desk.clock.advance(timedelta(minutes=5))
    done = await desk.links.pusher.advance(desk.workspace)

    assert (done.done, crm.rows["1"]["tel"]) == (1, "999")


async def test_what_came_from_the_source_is_not_sent_back(desk: Desk, crm: Crm) -> None:
    crm.rows["1"]["tel"] = "200"
    await desk.pull("crm")
    await desk.seal()

    done = await desk.links.pusher.advance(desk.workspace)

    assert (done.heard, crm.pushed) == (0, [])


async def test_a_source_that_was_changed_meanwhile_is_a_conflict_and_nothing_is_overwritten(
    desk: Desk, crm: Crm
) -> None:
    crm.rows["1"]["tel"] = "555"
    await by_hand(desk, phone="999")

    done = await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")

    assert (done.done, done.conflicts) == (0, 1)
    assert crm.rows["1"]["tel"] == "555"
    assert await desk.records("customer", "phone") == [("999",)]
    assert await desk.count("_push", "state = 'conflict' AND detail -> 'theirs' ->> 'tel' = '555'") == 1


@pytest.mark.parametrize(("keep", "wins"), [("ours", "999"), ("theirs", "555")])
async def test_a_person_settles_a_conflict(desk: Desk, crm: Crm, keep: Literal["ours", "theirs"], wins: str) -> None:
    crm.rows["1"]["tel"] = "555"
    await by_hand(desk, phone="999")
    await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")
    (conflict,) = await desk.links.pusher.latest(desk.workspace, "crm", 10)
    assert (conflict.state, conflict.changed, conflict.before) == ("conflict", {"tel": "999"}, {"tel": "100"})

    await desk.links.pusher.resolve(desk.workspace, conflict.id, keep)
    await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")

    assert crm.rows["1"]["tel"] == wins
    assert await desk.records("customer", "phone") == [(wins,)]
    with pytest.raises(Conflict):
        await desk.links.pusher.resolve(desk.workspace, conflict.id, keep)


async def test_who_settles_a_conflict_does_not_bring_back_what_was_changed_again_since(desk: Desk, crm: Crm) -> None:
    mapping = (await desk.catalogues.get(desk.workspace)).mapping_by_key["customers"].model_dump(mode="json")
    city = {"field": "city", "value": "city", "push": "city"}
    await desk.define({**mapping, "columns": [*mapping["columns"], {"path": "city"}],
                       "fields": [*mapping["fields"], city]})  # fmt: skip
    crm.rows["1"]["city"] = "苏州"
    await desk.pull("crm")
    crm.rows["1"]["tel"] = "555"
    await by_hand(desk, phone="999", city="上海")
    await desk.links.pusher.advance(desk.workspace)
    await by_hand(desk, city="杭州")
    await desk.links.pusher.advance(desk.workspace)
    (conflict,) = [e for e in await desk.links.pusher.latest(desk.workspace, "crm", 10) if e.state == "conflict"]

    # Once for the telephone, once more because the city is another there by now.
    for _ in range(2):
        await desk.links.pusher.resolve(desk.workspace, conflict.id, "ours")
        await desk.links.pusher.advance(desk.workspace)

    assert (crm.rows["1"]["tel"], crm.rows["1"]["city"]) == ("999", "杭州")


async def test_a_pull_does_not_undo_a_change_that_is_on_its_way(desk: Desk, crm: Crm) -> None:
    await by_hand(desk, phone="999")
    crm.is_away = True
    again = await desk.links.pusher.advance(desk.workspace)
    crm.rows["1"]["name"] = "甲公司"
    await desk.pull("crm")

    assert again.again == 1
    assert await desk.records("customer", "name", "phone") == [("甲公司", "999")]

    crm.is_away = False
    desk.clock.moment = desk.clock.moment.replace(hour=10)
    done = await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")
    assert done.done == 1
    assert await desk.records("customer", "name", "phone") == [("甲公司", "999")]


@pytest.fixture
async def orders(desk: Desk, crm: Crm) -> Crm:
    """Orders of the same system, whose customer it knows by its own code ``K…``, which ours keeps in another field."""
    await desk.define(
        {
            "key": "customers", "label": "客户", "source": "crm", "stream": "customers", "object": "customer",
            "columns": [{"path": "id"}, {"path": "name"}],
            "fields": [{"field": "code", "value": "id"}, {"field": "name", "value": "name"}], "match": ["code"],
        },
        {
            "key": "orders", "label": "订单", "source": "crm", "stream": "orders", "object": "order",
            "columns": [{"path": "no"}, {"path": "cust"}],
            "fields": [
                {"field": "number", "value": "no"},
                {"field": "customer", "value": "cust", "by": ["code", "name"], "like": "name", "push": "cust"},
            ],
            "match": ["number"],
        },
    )  # fmt: skip
    crm.rows = {"1": {"id": "K1", "name": "甲公司"}, "2": {"id": "K2", "name": "乙公司"}}
    crm.orders = {"A": {"no": "A", "cust": "K1"}}
    await desk.pull("crm")
    await desk.links.pusher.advance(desk.workspace)
    return crm


async def give(desk: Desk, customer: UUID | None) -> None:
    """A person says whose the order is."""
    person = await desk.make("person", name="安娜")
    order = (await desk.fetch('SELECT id FROM {schema}."order"'))[0]["id"]
    actor = SystemActor("test", on_behalf=person)
    value = None if customer is None else str(customer)
    await desk.gateway.update(actor, desk.workspace, "order", order, {"customer": value})
    await desk.seal()


async def called(desk: Desk, name: str) -> UUID:
    found: UUID = (await desk.fetch("SELECT id FROM {schema}.customer WHERE name = $1", name))[0]["id"]
    return found


async def test_a_relation_goes_back_as_the_sources_own_code(desk: Desk, orders: Crm) -> None:
    """Also where a person has changed the code here since: the source still calls it ``K2``."""
    other = await called(desk, "乙公司")
    await desk.gateway.update(desk.system, desk.workspace, "customer", other, {"code": "乙-新编号"})
    await give(desk, other)

    done = await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")

    assert (done.done, orders.orders["A"]) == (1, {"no": "A", "cust": "K2"})
    assert await desk.records("order", "customer") == [(other,)]
    again = await desk.links.pusher.advance(desk.workspace)
    assert (again.heard, len(orders.pushed)) == (0, 1)


async def test_a_relation_taken_away_goes_back_as_a_blank(desk: Desk, orders: Crm) -> None:
    await give(desk, None)
    done = await desk.links.pusher.advance(desk.workspace)
    assert (done.done, orders.orders["A"]["cust"]) == (1, None)


async def test_a_record_of_ours_goes_back_by_its_code_or_what_a_person_said_it_means(desk: Desk, orders: Crm) -> None:
    await give(desk, await desk.make("customer", name="丙公司", code="K3"))
    await desk.links.pusher.advance(desk.workspace)
    assert orders.orders["A"]["cust"] == "K3"

    orders.orders["B"] = {"no": "B", "cust": "丁公司（老）"}
    await desk.pull("crm")
    meant = await desk.make("customer", name="丁公司", code="K4")
    (question,) = await desk.links.decisions.open(desk.workspace)
    await desk.links.decisions.decide(desk.workspace, question.id, meant, by=None)
    await give(desk, meant)
    await desk.links.pusher.advance(desk.workspace)
    assert orders.orders["A"]["cust"] == "丁公司（老）"


async def test_what_the_source_has_no_name_for_is_not_sent_and_says_why(desk: Desk, orders: Crm) -> None:
    await give(desk, await desk.make("customer", phone="1"))
    done = await desk.links.pusher.advance(desk.workspace)
    (failed,) = await desk.links.pusher.latest(desk.workspace, "crm", 10)
    assert (done.done, orders.pushed, failed.state) == (0, [], "failed")
    assert failed.detail is not None
    assert failed.detail["faults"][0]["code"] == "push.no_code"


async def nameless(desk: Desk) -> UUID:
    """A person gives the order to a customer that the source has no name for."""
    customer = await desk.make("customer", phone="1")
    await give(desk, customer)
    await desk.links.pusher.advance(desk.workspace)
    return customer


async def test_a_pull_leaves_alone_what_could_not_be_sent(desk: Desk, orders: Crm) -> None:
    customer = await nameless(desk)
    orders.orders["A"] = {"no": "A", "cust": "K2"}
    await desk.pull("crm")
    assert await desk.records("order", "customer") == [(customer,)]


async def test_once_the_source_has_a_name_for_it_a_person_sends_it_again(desk: Desk, orders: Crm) -> None:
    customer = await nameless(desk)
    (failed,) = await desk.links.pusher.latest(desk.workspace, "crm", 10)
    with pytest.raises(Invalid) as still:
        await desk.links.pusher.resolve(desk.workspace, failed.id, "ours")
    assert still.value.faults[0].code == "push.no_code"
    await desk.gateway.update(desk.system, desk.workspace, "customer", customer, {"code": "K9"})

    await desk.links.pusher.resolve(desk.workspace, failed.id, "ours")
    done = await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")

    assert (done.done, orders.orders["A"]["cust"]) == (1, "K9")
    assert await desk.records("order", "customer") == [(customer,)]


async def test_a_person_gives_it_up_and_the_sources_value_comes_back(desk: Desk, orders: Crm) -> None:
    await nameless(desk)
    (failed,) = await desk.links.pusher.latest(desk.workspace, "crm", 10)
    await desk.links.pusher.resolve(desk.workspace, failed.id, "theirs")
    await desk.pull("crm")
    (dropped,) = await desk.links.pusher.latest(desk.workspace, "crm", 10)
    assert dropped.state == "dropped"
    assert await desk.records("order", "customer") == [(await called(desk, "甲公司"),)]


@pytest.mark.parametrize("then", ["甲公司", "乙公司"])
async def test_a_later_change_of_the_person_settles_what_failed(desk: Desk, orders: Crm, then: str) -> None:
    """Also one back to what the source has: what it says from then on comes in again."""
    await nameless(desk)
    (failed,) = await desk.links.pusher.latest(desk.workspace, "crm", 10)
    await give(desk, await called(desk, then))
    await desk.links.pusher.advance(desk.workspace)
    with pytest.raises(Conflict):
        await desk.links.pusher.resolve(desk.workspace, failed.id, "theirs")
    await desk.pull("crm")
    orders.orders["A"] = {"no": "A", "cust": "K1" if then == "乙公司" else "K2"}
    await desk.pull("crm")
    assert await desk.records("order", "customer") == [
        (await called(desk, "甲公司" if then == "乙公司" else "乙公司"),)
    ]


async def test_what_the_source_refuses_stays_here_until_a_person_settles_it(desk: Desk, crm: Crm) -> None:
    crm.refuses = True
    await by_hand(desk, phone="999")
    done = await desk.links.pusher.advance(desk.workspace)
    crm.rows["1"]["tel"] = "555"
    await desk.pull("crm")
    assert (done.failed, await desk.records("customer", "phone")) == (1, [("999",)])


@pytest.mark.parametrize(("keep", "wins"), [("ours", "K2"), ("theirs", "K3")])
async def test_a_relation_changed_on_both_sides_is_a_conflict_that_a_person_settles(
    desk: Desk, orders: Crm, keep: Literal["ours", "theirs"], wins: str
) -> None:
    third = await desk.make("customer", name="丙公司", code="K3")
    second = await called(desk, "乙公司")
    orders.orders["A"]["cust"] = "K3"
    await give(desk, second)
    done = await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")
    assert (done.conflicts, orders.orders["A"]["cust"]) == (1, "K3")
    assert await desk.records("order", "customer") == [(second,)]

    (conflict,) = await desk.links.pusher.latest(desk.workspace, "crm", 10)
    await desk.links.pusher.resolve(desk.workspace, conflict.id, keep)
    await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")

    assert orders.orders["A"]["cust"] == wins
    assert await desk.records("order", "customer") == [(second if keep == "ours" else third,)]


async def test_of_merged_records_the_kept_ones_own_row_alone_is_told(desk: Desk, orders: Crm) -> None:
    first = (await desk.fetch('SELECT id FROM {schema}."order"'))[0]["id"]
    orders.orders["B"] = {"no": "B", "cust": "K1"}
    await desk.pull("crm")
    second = (await desk.fetch("SELECT id FROM {schema}.\"order\" WHERE number = 'B'"))[0]["id"]
    await desk.links.merger.merge(desk.system, desk.workspace, "order", first, second)
    person = await desk.make("person", name="安娜")
    other = await called(desk, "乙公司")
    actor = SystemActor("test", on_behalf=person)
    await desk.gateway.update(actor, desk.workspace, "order", first, {"customer": str(other)})
    await desk.seal()

    done = await desk.links.pusher.advance(desk.workspace)

    assert done.done == 1
    assert sorted(row["cust"] for row in orders.orders.values()) == ["K1", "K2"]


async def test_a_source_that_is_away_for_an_hour_gets_the_change_when_it_is_back(desk: Desk, crm: Crm) -> None:
    crm.is_away = True
    await by_hand(desk, phone="200")

    for _ in range(60):
        assert (await desk.links.pusher.advance(desk.workspace)).failed == 0
        desk.clock.advance(timedelta(minutes=1))
    # Nor does what the source still has come back over what the person wrote.
    crm.is_away = False
    await desk.pull("crm", anew=True)
    assert [row[0] for row in await desk.records("customer", "phone")] == ["200"]
    desk.clock.advance(timedelta(minutes=10))
    done = await desk.links.pusher.advance(desk.workspace)

    assert done.done == 1
    assert crm.rows["1"]["tel"] == "200"


async def test_an_earlier_change_that_waits_for_its_source_is_never_written_over_a_later_one(
    desk: Desk, crm: Crm
) -> None:
    crm.is_away = True
    await by_hand(desk, phone="200")
    for _ in range(12):
        await desk.links.pusher.advance(desk.workspace)
        desk.clock.advance(timedelta(minutes=5))
    # The first waits ten minutes for its next try when the second is made, and the source is back.
    await desk.links.pusher.advance(desk.workspace)
    crm.is_away = False
    await by_hand(desk, phone="300")

    for _ in range(4):
        await desk.links.pusher.advance(desk.workspace)
        desk.clock.advance(timedelta(minutes=5))
    await desk.pull("crm", anew=True)

    assert crm.rows["1"]["tel"] == "300"
    assert await desk.records("customer", "phone") == [("300",)]


async def test_each_source_tells_of_its_own_changes_alone(desk: Desk, crm: Crm) -> None:
    await desk.define(
        {"key": "shop", "label": "商城", "kind": "crm"},
        {
            "key": "shoppers", "label": "客户", "source": "shop", "stream": "customers", "object": "customer",
            "match": ["code"], "columns": [{"path": "id"}, {"path": "city"}],
            "fields": [{"field": "code", "value": "id"}, {"field": "city", "value": "city", "push": "city"}],
        },
    )  # fmt: skip
    crm.rows["1"]["city"] = "苏州"
    await desk.pull("crm")
    await desk.pull("shop")
    await by_hand(desk, phone="999", city="上海")

    done = await desk.links.pusher.advance(desk.workspace)

    assert done.done == 2
    assert (await desk.counts("crm", "push"), await desk.counts("shop", "push")) == ({"done": 1}, {"done": 1})


async def test_a_source_that_is_away_is_asked_once_for_all_that_waits(desk: Desk, crm: Crm) -> None:
    crm.rows |= {str(number): {"id": str(number), "name": "乙", "tel": "100"} for number in range(2, 6)}
    await desk.pull("crm")
    person = await desk.make("person", name="安娜")
    for row in await desk.fetch("SELECT id FROM {schema}.customer"):
        actor = SystemActor("test", on_behalf=person)
        await desk.gateway.update(actor, desk.workspace, "customer", row["id"], {"phone": "200"})
    await desk.seal()
    crm.is_away = True

    again = await desk.links.pusher.advance(desk.workspace)

    assert (again.again, crm.asked) == (5, 1)
