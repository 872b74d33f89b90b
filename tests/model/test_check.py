from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any

import pytest

from tongmai.kit import Fault
from tongmai.model import CalendarDef, Catalogue, ObjectDef, RoleDef, check_catalogue, read_document, starting_catalogue

from .company import CUSTOMER, catalogue


def changed(document: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {**copy.deepcopy(document), **parts}


def with_fields(*fields: dict[str, Any], **parts: Any) -> Catalogue:
    labelled = [{"label": f"字段{n}", **field} for n, field in enumerate(fields)]
    return catalogue(CUSTOMER, {"key": "thing", "label": "东西", "fields": labelled, **parts})


def told(checked: Catalogue) -> set[tuple[str | None, str]]:
    return {(fault.field, fault.code) for fault in check_catalogue(checked)}


def test_a_good_catalogue_has_no_faults() -> None:
    assert check_catalogue(catalogue()) == []
    assert check_catalogue(starting_catalogue()) == []


def test_a_catalogue_survives_json_with_the_same_names() -> None:
    good = catalogue()
    assert Catalogue.model_validate_json(good.model_dump_json(by_alias=True)) == good


def test_all_structural_faults_come_at_once() -> None:
    wrong = with_fields(
        {"key": "a", "type": "nonsense"},
        {"key": "b", "type": "text", "options": {"max_length": 0, "colour": "red"}},
        {"key": "c", "type": "relation", "options": {"target": "nowhere"}},
        {"key": "d", "type": "text", "label": "字段1"},
        {"key": "id", "type": "text"},
        {"key": "f", "type": "formula", "options": {"text": "1"}, "required": True},
        {"key": "g", "type": "file", "unique": True},
        title="missing",
        uniques=[{"key": "u", "fields": ["f", "missing"]}],
        validations=[{"key": "v", "formula": "TRUE", "message": "x", "field": "missing"}],
    )
    assert told(wrong) == {
        ("thing.a.type", "field.unknown_type"),
        ("thing.b.options.max_length", "document.too_small"),
        ("thing.b.options.colour", "document.unknown"),
        ("thing.c.options.target", "field.unknown_target"),
        ("thing.d", "field.duplicate_name"),
        ("thing.id", "field.reserved"),
        ("thing.id", "field.duplicate_name"),
        ("thing.f.required", "field.computed"),
        ("thing.g.unique", "field.cannot_be_unique"),
        ("thing.title", "object.unknown_title"),
        ("thing.uniques.u", "unique.unfit_field"),
        ("thing.uniques.u", "unique.unknown_field"),
        ("thing.validations.v.field", "rule.unknown_field"),
    }


def test_formulas_everywhere_are_checked_with_their_positions() -> None:
    wrong = with_fields(
        {"key": "a", "type": "number", "default": "'text'"},
        {"key": "b", "type": "text", "visible_when": "字段0 +"},
        {"key": "c", "type": "text", "hint": {"message": "x", "when": "字段9 > 1"}},
        {"key": "d", "type": "formula", "options": {"text": "d + 1"}},
        {
            "key": "e",
            "type": "text",
            "lookup": {"object": "customer", "match": "phone", "show": "name", "where": "nothing"},
        },
        validations=[{"key": "v", "formula": "字段0", "message": "x"}],
    )
    faults = check_catalogue(wrong)
    assert {fault.field for fault in faults} == {
        "thing.a.default",
        "thing.b.visible_when",
        "thing.c.hint.when",
        "thing.d.options.text",
        "thing.e.lookup.where",
        "thing.validations.v.formula",
    }
    assert all(fault.position is not None for fault in faults if fault.code != "formula.circle")


@pytest.mark.parametrize(
    ("lookup", "code"),
    [
        ({"object": "nowhere", "match": "phone", "show": "name"}, "lookup.unknown_object"),
        ({"object": "customer", "match": "phone", "show": "nickname"}, "lookup.unknown_field"),
        ({"object": "customer", "match": "level", "show": "name"}, "lookup.unfit_match"),
    ],
)
def test_lookups_must_lead_somewhere(lookup: dict[str, Any], code: str) -> None:
    checked = with_fields({"key": "a", "type": "text", "lookup": lookup})
    assert [fault.code for fault in check_catalogue(checked)] == [code]


def test_defaults_in_a_circle_are_refused() -> None:
    wrong = with_fields(
        {"key": "a", "type": "number", "default": "b"},
        {"key": "b", "type": "number", "default": "a"},
        {"key": "c", "type": "number", "default": "c + 1"},
        {"key": "d", "type": "number", "default": "a"},
    )
    assert told(wrong) == {(f"thing.{key}.default", "field.circular_default") for key in "abcd"}


def test_two_objects_and_two_roles_cannot_share_a_name() -> None:
    twin = changed(CUSTOMER, key="client")
    good = catalogue(CUSTOMER, twin)
    role = RoleDef(key="seller", label="销售")  # type: ignore[arg-type]
    assert told(good.replace(roles=(*good.roles, role, role))) == {
        ("client", "object.duplicate_name"),
        ("roles.seller", "role.duplicate_key"),
    }


def test_two_roles_of_one_name_are_refused_also_where_roles_are_what_one_chooses_from() -> None:
    good = starting_catalogue()
    roles = [RoleDef(key=key, label="销售") for key in ("seller", "vendor")]  # type: ignore[arg-type]
    assert ("roles.vendor", "role.duplicate_name") in told(good.replace(roles=(*good.roles, *roles)))


def test_roles_are_checked_against_what_there_is() -> None:
    grants = [
        {"object": "customer", "read": "formula: 等级 = '重要' AND 没有 > 1", "field_access": {"salary": "none"}},
        {"object": "customer"},
        {"object": "nowhere"},
    ]
    role = read_document(RoleDef, {"key": "seller", "label": "销售", "grants": grants})
    good = catalogue()
    assert {fault.field for fault in check_catalogue(good.replace(roles=(*good.roles, role)))} == {
        "roles.seller.customer.read",
        "roles.seller.customer",
        "roles.seller.customer.salary",
        "roles.seller.nowhere",
    }


def test_limits_on_the_number_of_objects_and_fields() -> None:
    field = {"type": "boolean"}
    many = [{"key": f"f{n}", "label": f"字段{n}", **field} for n in range(501)]
    faults = check_catalogue(catalogue({"key": "wide", "label": "宽", "fields": many}))
    assert [fault.code for fault in faults] == ["catalogue.too_many"]
    objects = tuple(read_document(ObjectDef, {"key": f"o{n}", "label": f"对象{n}"}) for n in range(501))
    assert "catalogue.too_many" in {fault.code for fault in check_catalogue(Catalogue(objects=objects))}


def test_faults_speak_both_languages() -> None:
    faults: list[Fault] = check_catalogue(with_fields({"key": "a", "type": "nonsense"}, title="x"))
    assert all(fault.text.zh and fault.text.en and fault.text.zh != fault.text.en for fault in faults)


def test_a_day_is_open_or_closed_within_the_years_that_are_counted() -> None:
    day = date(2026, 3, 9)
    good = catalogue()
    assert not check_catalogue(good.replace(calendar=CalendarDef(closed=(day,), open=(date(2026, 3, 14),))))
    assert told(good.replace(calendar=CalendarDef(closed=(day,), open=(day,)))) == {("calendar", "calendar.both")}
    far = CalendarDef(closed=(date(1999, 12, 31), date(2051, 1, 1)))
    assert told(good.replace(calendar=far)) == {("calendar.closed", "calendar.out_of_range")}
    many = CalendarDef(open=tuple(date(2000, 1, 1) + timedelta(days=n) for n in range(2001)))
    assert told(good.replace(calendar=many)) == {("calendar.open", "calendar.too_many")}
