"""Mappings: who wins, relations by code then by name, the queue, deletions, a trial, what a mapping changes (S0-23)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tongmai.access import SystemActor
from tongmai.kit import Conflict, Invalid
from tongmai.link import RawRow

from .desk import Desk

SOURCE: dict[str, Any] = {
    "key": "erp", "label": "ERP", "kind": "hook", "options": {"streams": {"customers": {"key": ["id"]}}},
}  # fmt: skip


def mapping(key: str, object_key: str, columns: list[Any], fields: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "key": key, "label": key, "source": "erp", "stream": more.pop("stream", object_key), "object": object_key,
        "columns": [{"path": each} if isinstance(each, str) else each for each in columns], "fields": fields, **more,
    }  # fmt: skip


ORDERS = mapping(
    "orders", "order", ["no", "customer", {"path": "amount", "type": "number"}],
    [
        {"field": "number", "value": "no"},
        {"field": "customer", "value": "customer", "by": ["code", "name"], "like": "name"},
        {"field": "amount", "value": "amount"},
    ],
    match=["number"],
)  # fmt: skip


async def came(desk: Desk, stream: str, *rows: RawRow) -> dict[str, int]:
    async with desk.database.write() as tx:
        await desk.links.raw.put(tx, desk.workspace, "erp", stream, rows)
    return (await desk.links.mapper.advance(desk.workspace)).counts()


async def by_hand(desk: Desk, record: UUID, **values: Any) -> None:
    """A change by a person."""
    person = await desk.make("person", name="安娜")
    actor = SystemActor("test", on_behalf=person)
    await desk.gateway.update(actor, desk.workspace, "customer", record, values)


def row(key: str, at: datetime | None = None, **body: Any) -> RawRow:
    return RawRow(key, body, at)


CUSTOMERS = mapping(
    "customers", "customer", ["id", "name", "tel", "city"],
    [
        {"field": "code", "value": "id"},
        {"field": "name", "value": "name", "wins": "source"},
        {"field": "phone", "value": "tel", "wins": "person"},
        {"field": "city", "value": "city", "wins": "newest"},
    ],
    match=["code"],
)  # fmt: skip


async def test_a_persons_change_stays_where_the_mapping_says_so(desk: Desk) -> None:
    await desk.define(SOURCE, CUSTOMERS)
    await came(desk, "customer", row("1", id="1", name="甲", tel="100", city="上海"))
    record = (await desk.fetch("SELECT id FROM {schema}.customer"))[0]["id"]
    await by_hand(desk, record, name="甲（手改）", phone="999", city="苏州")

    earlier, later = desk.clock.now() - timedelta(hours=1), desk.clock.now() + timedelta(hours=1)
    await came(desk, "customer", row("1", earlier, id="1", name="乙", tel="200", city="杭州"))
    assert await desk.records("customer", "name", "phone", "city") == [("乙", "999", "苏州")]

    await came(desk, "customer", row("1", later, id="1", name="乙", tel="300", city="宁波"))
    assert await desk.records("customer", "name", "phone", "city") == [("乙", "999", "宁波")]


async def test_the_same_rows_again_change_nothing_and_another_definition_maps_anew(desk: Desk) -> None:
    await desk.define(SOURCE, CUSTOMERS)
    rows = [row(str(n), id=str(n), name=f"客户{n}") for n in range(20)]
    await came(desk, "customer", *rows)
    history = await desk.count("_history")

    again = await came(desk, "customer", *rows)

    assert again["read"] == 0
    assert await desk.count("_history") == history
    changed = {**CUSTOMERS, "fields": [*CUSTOMERS["fields"][:1], {"field": "name", "value": "CONCAT(name, '!')"}]}
    await desk.define(changed)
    anew = await came(desk, "customer")
    assert (anew["read"], anew["updated"]) == (20, 20)


async def test_two_rows_of_one_key_in_a_page_make_one_record(desk: Desk) -> None:
    await desk.define(SOURCE, CUSTOMERS)

    done = await came(
        desk, "customer", row("a", id="1", name="甲"), row("b", id="1", name="乙"), row("c", id="2", name="丙")
    )

    assert (done["inserted"], done["updated"]) == (2, 1)
    assert await desk.records("customer", "code", "name") == [("1", "乙"), ("2", "丙")]


async def test_relations_are_found_by_code_then_by_name_then_by_a_person(desk: Desk) -> None:
    first = await desk.make("customer", code="C1", name="华东机械有限公司")
    second = await desk.make("customer", code="C2", name="上海恒通商贸有限公司")
    third = await desk.make("customer", code="C3", name="蓝天食品股份有限公司")
    await desk.define(SOURCE, ORDERS)

    done = await came(
        desk, "order",
        row("1", no="1", customer="C1", amount=1),
        row("2", no="2", customer="上海恒通商贸有限公司", amount=2),
        row("3", no="3", customer="恒通商贸（上海）有限公司", amount=3),
        row("4", no="4", customer="蓝天食品厂", amount=4),
        row("5", no="5", customer="蓝天食品厂", amount=5),
    )  # fmt: skip

    assert await desk.records("order", "number", "customer") == [
        ("1", first), ("2", second), ("3", second), ("4", None), ("5", None),
    ]  # fmt: skip
    assert done["waiting"] == 2
    (question,) = await desk.links.decisions.open(desk.workspace)
    assert (question.given, question.rows, question.candidates[0].id) == ("蓝天食品厂", 2, third)
    assert 0.6 <= question.candidates[0].score < 1

    taken = await desk.links.decisions.decide(desk.workspace, question.id, third, by=None)
    await desk.links.mapper.advance(desk.workspace)

    assert taken == 2
    assert await desk.count("order", "customer IS NULL") == 0
    await came(desk, "order", row("6", no="6", customer="蓝天食品厂", amount=6))
    assert (await desk.fetch("SELECT customer FROM {schema}.order WHERE number = '6'"))[0][0] == third
    with pytest.raises(Conflict):
        await desk.links.decisions.decide(desk.workspace, question.id, first, by=None)


async def test_missing_related_records_are_made_where_the_mapping_says_so(desk: Desk) -> None:
    making = {**ORDERS, "fields": [*ORDERS["fields"]]}
    making["fields"][1] = {**ORDERS["fields"][1], "create_missing": True}
    await desk.define(SOURCE, making)

    await came(desk, "order", row("1", no="1", customer="新客户"), row("2", no="2", customer="新客户"))

    assert await desk.records("customer", "name") == [("新客户",)]
    assert await desk.count("order", "customer IS NOT NULL") == 2


async def test_what_the_source_deletes_goes_into_the_bin_only_if_the_mapping_says_so(desk: Desk) -> None:
    for on_delete, left in (("keep", 1), ("delete", 0)):
        await desk.define(SOURCE, {**CUSTOMERS, "on_delete": on_delete})
        await came(desk, "customer", row("1", id="1", name="甲"))
        await came(desk, "customer", RawRow("1", {"id": "1", "name": "甲"}, deleted=True))
        assert await desk.count("customer", "deleted_at IS NULL") == left
    assert await desk.count("_history", "action = 'delete' AND cause LIKE 'source:erp:customer:%'") == 1


async def test_a_record_stays_as_long_as_one_of_its_rows_is_there(desk: Desk) -> None:
    await desk.define(SOURCE, {**CUSTOMERS, "on_delete": "delete", "match": ["name"]})
    await came(desk, "customer", row("1", id="1", name="甲"), row("2", id="2", name="甲"))
    assert await desk.count("customer") == 1

    await came(desk, "customer", RawRow("1", {"id": "1", "name": "甲"}, deleted=True))
    assert await desk.count("customer", "deleted_at IS NULL") == 1
    await came(desk, "customer", row("2", id="2", name="甲", city="上海"))
    assert (await desk.records("customer", "city"), await desk.refusals("erp")) == ([("上海",)], {})

    await came(desk, "customer", RawRow("2", {"id": "2", "name": "甲"}, deleted=True))
    assert await desk.count("customer", "deleted_at IS NULL") == 0


async def test_many_rows_that_would_make_one_record_and_are_all_refused_keep_nothing_else_out(desk: Desk) -> None:
    fields = [{"field": "code", "value": "id"}, {"field": "credit", "value": "credit"}]
    await desk.define(SOURCE, mapping("customers", "customer", ["id", "credit"], fields, match=["code"]))
    many = [row(str(number), id="K", credit="不是数") for number in range(1_100)]

    done = await came(desk, "customer", *many, row("last", id="L", credit="1"))

    assert (done["refused"], done["inserted"]) == (1_100, 1)


async def test_a_record_deleted_here_is_not_made_again(desk: Desk) -> None:
    await desk.define(SOURCE, CUSTOMERS)
    await came(desk, "customer", row("1", id="1", name="甲"))
    record = (await desk.fetch("SELECT id FROM {schema}.customer"))[0]["id"]
    await desk.gateway.delete(desk.system, desk.workspace, "customer", record)

    await came(desk, "customer", row("1", id="1", name="乙"))

    assert await desk.count("customer", "deleted_at IS NULL") == 0
    assert await desk.refusals("erp") == {"1": ["mapping.record_gone"]}


async def test_rows_a_mapping_leaves_out_stay_out(desk: Desk) -> None:
    await desk.define(SOURCE, {**CUSTOMERS, "where": "city = '上海'"})

    done = await came(
        desk, "customer", row("1", id="1", name="甲", city="上海"), row("2", id="2", name="乙", city="北京")
    )

    assert (done["inserted"], done["skipped"]) == (1, 1)


async def test_moments_days_and_numbers_are_read_as_declared(desk: Desk) -> None:
    placed = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)
    await desk.define(
        SOURCE,
        mapping(
            "orders", "order",
            ["no", {"path": "t", "type": "datetime"}, {"path": "n", "type": "number"}, {"path": "a.b", "name": "ab"}],
            [
                {"field": "number", "value": "no"}, {"field": "placed", "value": "t"},
                {"field": "amount", "value": "n / 100"}, {"field": "note", "value": "ab"},
            ],
        ),
    )  # fmt: skip

    await came(
        desk, "order",
        row("1", no="1", t=int(placed.timestamp() * 1000), n="12,345.6", a={"b": "嵌套"}),
        row("2", no="2", t="2026-11-01 08:30:00", n=100.5, a=None),
    )  # fmt: skip

    assert await desk.refusals("erp") == {}
    rows = await desk.records("order", "number", "placed", "amount", "note")
    assert [(number, at, float(amount), note) for number, at, amount, note in rows] == [
        ("1", placed, 123.46, "嵌套"), ("2", placed, 1.01, None),
    ]  # fmt: skip


async def test_lists_and_objects_in_a_text_are_written_as_people_read_them(desk: Desk) -> None:
    await desk.define(SOURCE, CUSTOMERS)

    await came(desk, "customer", row("1", id="1", name={"zh": "甲"}, tel=["021-1", "021-2"], city=[1, None]))

    assert await desk.records("customer", "name", "phone", "city") == [('{"zh":"甲"}', "021-1, 021-2", "1, null")]


async def test_a_trial_tells_what_would_become_of_the_rows_and_leaves_nothing(desk: Desk) -> None:
    await desk.define(SOURCE, CUSTOMERS)
    async with desk.database.write() as tx:
        rows = [row("1", id="1", name="甲"), row("2", id="2", name="x" * 100_000)]
        await desk.links.raw.put(tx, desk.workspace, "erp", "customer", rows)
    catalogue = await desk.catalogues.get(desk.workspace)

    tried = await desk.links.trial.run(desk.workspace, catalogue.mapping_by_key["customers"])

    assert (tried.outcome.inserted, list(tried.outcome.refused)) == (1, ["2"])
    assert tried.samples[0].key == "2"
    assert set(tried.outcome.absent) == {"tel", "city"}
    for table in ("customer", "_lineage", "_refusal", "_history"):
        assert await desk.count(table) == 0, table


@pytest.mark.parametrize(("city", "counts"), [("苏州", (450, 449, 1)), ("无锡", (450, 450, 0))])
async def test_a_trial_finds_the_rows_that_the_mapping_takes_behind_others(
    desk: Desk, city: str, counts: tuple[int, int, int]
) -> None:
    await desk.define(SOURCE, {**CUSTOMERS, "where": "[city] = '苏州'"})
    others = [row(str(n), id=str(n), name=f"客户{n}", city="上海") for n in range(449)]
    async with desk.database.write() as tx:
        last = row("450", id="450", name="末位", city=city)
        await desk.links.raw.put(tx, desk.workspace, "erp", "customer", [*others, last])
    mapping = (await desk.catalogues.get(desk.workspace)).mapping_by_key["customers"]

    tried = await desk.links.trial.run(desk.workspace, mapping)

    assert (tried.outcome.read, tried.outcome.skipped, tried.outcome.inserted) == counts
    assert tried.samples[0].values.get("name") == ("末位" if city == "苏州" else None)


async def test_a_trial_of_rows_that_are_in_already_makes_nothing_twice(desk: Desk) -> None:
    await desk.define(SOURCE, {**CUSTOMERS, "match": []})
    async with desk.database.write() as tx:
        await desk.links.raw.put(tx, desk.workspace, "erp", "customer", [row("1", id="1", name="甲")])
    await desk.links.mapper.advance(desk.workspace)
    mapping = (await desk.catalogues.get(desk.workspace)).mapping_by_key["customers"]

    tried = await desk.links.trial.run(desk.workspace, mapping)

    assert (tried.outcome.inserted, tried.outcome.unchanged) == (0, 1)


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"object": "nothing"}, "mapping.unknown_object"),
        ({"source": "nothing"}, "mapping.unknown_source"),
        ({"fields": [{"field": "nothing", "value": "id"}]}, "mapping.unknown_field"),
        ({"fields": [{"field": "code", "value": "nothing"}]}, "formula.unknown_field"),
        ({"fields": [{"field": "code", "value": "id", "by": ["name"]}]}, "mapping.no_relation"),
        ({"match": ["credit"]}, "mapping.bad_match"),
        ({"fields": [{"field": "code", "value": "id", "push": "nothing"}]}, "mapping.unknown_column"),
    ],
)
async def test_a_mapping_that_cannot_work_is_refused_with_its_place(
    desk: Desk, part: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await desk.define(SOURCE, {**CUSTOMERS, "match": [], **part})

    assert code in {fault.code for fault in refused.value.faults}


async def test_all_that_a_source_calls_a_record_lead_to_it_though_it_bears_one(desk: Desk) -> None:
    """Two contacts of one company: its field has the later, the chats of both are its own."""
    people = mapping(
        "people", "customer", ["company", "chat"],
        [{"field": "name", "value": "company", "wins": "person"}, {"field": "nickname", "value": "chat"}],
        match=["name"], creates=False, stream="people",
    )  # fmt: skip
    chats = mapping(
        "chats", "order", ["no", "who"],
        [{"field": "number", "value": "no"}, {"field": "customer", "value": "who", "by": ["nickname"]}],
        match=["number"], stream="chats",
    )  # fmt: skip
    await desk.define(SOURCE, people, chats)
    await desk.make("customer", name="华东机械")
    await came(desk, "people", row("wm1", company="华东机械", chat="wm1"), row("wm2", company="华东机械", chat="wm2"))
    # A key of another meaning is no name.
    await came(desk, "people", row("wm3", company="华东机械", chat="wm2"))

    done = await came(desk, "chats", *(row(each, no=each, who=f"wm{each}") for each in ("1", "2", "3")))

    assert done["waiting"] == 1
    owners = await desk.fetch(
        'SELECT o.number, c.name FROM {schema}."order" o JOIN {schema}.customer c ON c.id = o.customer ORDER BY 1'
    )
    assert [tuple(each) for each in owners] == [("1", "华东机械"), ("2", "华东机械")]
