"""Changes of the model: the replica goes on, with blank columns or rebuilt objects, and never reads stale values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.replica.desk import Desk

from tongmai.model import Catalogue, ObjectDef, diff


async def _reshape(desk: Desk, object_key: str, change: Any) -> None:
    company = desk.company
    before = await company.catalogues.get(company.workspace)
    objects = []
    for each in before.objects:
        document = each.model_dump(mode="json")
        if each.key == object_key:
            document["fields"] = change(document["fields"])
        objects.append(ObjectDef.model_validate(document))
    target = Catalogue(version=before.version, objects=tuple(objects), roles=before.roles)
    await company.editor.apply(company.workspace, diff(before, target), None)
    await company.catalogues.reload(company.workspace)


def _with(field: dict[str, Any]) -> Any:
    return lambda fields: [*fields, field]


SCORE = {"key": "score", "type": "number", "label": {"zh": "分数", "en": "Score"}}
SUM = {"object": "customer", "measures": {"n": "count", "t": "sum(score)", "p": "sum(price)"}}


async def test_an_added_field_is_blank_in_older_files_which_are_kept(desk: Desk) -> None:
    made = await desk.company.make("customer", name="甲公司", price="5")
    await desk.company.make("customer", name="乙公司", price="6")
    await desk.bring_up()
    with desk.replica.shelf.lease() as manifest:
        before = manifest.objects["customer"].base
    await _reshape(desk, "customer", _with(SCORE))
    await desk.bring_up()
    duck, postgres = await desk.both(**SUM)
    assert duck == postgres == [{"n": 2, "t": None, "p": 11}]
    await desk.company.change("customer", made, score=7)
    await desk.bring_up()
    duck, postgres = await desk.both(**SUM)
    assert duck == postgres == [{"n": 2, "t": 7, "p": 11}]
    with desk.replica.shelf.lease() as manifest:
        assert manifest.objects["customer"].base == before


async def test_a_number_of_more_places_than_the_files_keep_widens_them(desk: Desk) -> None:
    await _reshape(desk, "customer", _with(SCORE))
    await desk.company.make("customer", name="甲公司", score="1.25")
    await desk.bring_up()
    with desk.replica.shelf.lease() as manifest:
        assert manifest.objects["customer"].columns["score"].held == "DECIMAL(18, 6)"
    await desk.company.make("customer", name="乙公司", score="0.0123456789")
    await desk.bring_up()
    duck, postgres = await desk.both(**SUM)
    assert duck == postgres
    assert duck[0]["t"] == Decimal("1.2623456789")


async def test_while_the_replica_is_of_another_model_postgresql_answers(desk: Desk) -> None:
    await desk.company.make("customer", name="甲公司", price="5")
    await desk.bring_up()
    await _reshape(desk, "customer", _with(SCORE))
    answer = await desk.ask(**SUM, explain=True)
    assert answer["engine"] == "postgresql"
    assert "model" in answer["explain"]["why"]["en"]


async def test_a_field_that_went_and_came_back_has_its_values(desk: Desk) -> None:
    await _reshape(desk, "customer", _with(SCORE))
    first = await desk.company.make("customer", name="甲公司", score=1)
    await desk.company.make("customer", name="乙公司", score=2)
    await desk.bring_up()
    company = desk.company
    before = await company.catalogues.get(company.workspace)
    target = Catalogue(
        version=before.version,
        objects=tuple(
            each if each.key != "customer"
            else ObjectDef.model_validate({**each.model_dump(mode="json"), "fields": [
                field for field in each.model_dump(mode="json")["fields"] if field["key"] != "score"]})
            for each in before.objects
        ),
        roles=before.roles,
    )  # fmt: skip
    applied = await company.editor.apply(company.workspace, diff(before, target), None)
    await desk.bring_up()
    await company.change("customer", first, name="改名")
    await desk.bring_up()
    await company.editor.undo(company.workspace, applied.id, None)
    await company.catalogues.reload(company.workspace)
    await desk.bring_up()
    duck, postgres = await desk.both(**SUM)
    assert duck == postgres
    assert duck[0]["t"] == 3


async def test_a_change_of_type_builds_the_object_anew(desk: Desk) -> None:
    await _reshape(desk, "customer", _with({**SCORE, "type": "text"}))
    await desk.company.make("customer", name="甲公司", score="12")
    await desk.company.make("customer", name="乙公司", score="30")
    await desk.bring_up()

    def as_number(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [each if each["key"] != "score" else {**each, "type": "number", "options": {}} for each in fields]

    await _reshape(desk, "customer", as_number)
    await desk.bring_up()
    duck, postgres = await desk.both(**SUM)
    assert duck == postgres
    assert duck[0]["t"] == 42


async def test_objects_come_and_go(desk: Desk) -> None:
    company = desk.company
    await desk.bring_up()
    before = await company.catalogues.get(company.workspace)
    added = ObjectDef.model_validate(
        {"key": "visit", "label": {"zh": "拜访", "en": "Visit"}, "title": "note",
         "fields": [{"key": "note", "type": "text", "label": "说明"}]}
    )  # fmt: skip
    target = Catalogue(version=before.version, objects=(*before.objects, added), roles=before.roles)
    await company.editor.apply(company.workspace, diff(before, target), None)
    await company.catalogues.reload(company.workspace)
    await company.make("visit", note="第一次")
    await desk.bring_up()
    duck, postgres = await desk.both(object="visit", measures={"n": "count"})
    assert duck == postgres == [{"n": 1}]
    present = await company.catalogues.get(company.workspace)
    without = Catalogue(version=present.version, objects=before.objects, roles=before.roles)
    await company.editor.apply(company.workspace, diff(present, without), None)
    await company.catalogues.reload(company.workspace)
    await desk.bring_up()
    assert "visit" not in (await desk.replica.status()).rows
