from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tongmai.model import RecordRules

from .company import CUSTOMER, MOMENT, catalogue

CUSTOMER_ID = UUID("0190a5c0-0000-7000-8000-000000000001")


@pytest.fixture(scope="module")
def orders() -> RecordRules:
    return RecordRules.for_object(catalogue(), "order")


def codes(faults: Any) -> list[tuple[str | None, str]]:
    return [(fault.field, fault.code) for fault in faults]


def test_good_input_becomes_canonical_values(orders: RecordRules) -> None:
    read = orders.parse_input({"customer": str(CUSTOMER_ID), "price": "￥1,200", "quantity": 2}, for_create=True)
    assert not read.faults
    assert read.row == {"customer": CUSTOMER_ID, "price": Decimal("1200.00"), "quantity": Decimal(2)}


def test_every_fault_is_told_at_once(orders: RecordRules) -> None:
    read = orders.parse_input(
        {
            "price": "a lot",
            "quantity": "1,2,3",
            "quantty": 1,
            "per_unit": 3,
            "number": "SO-1",
            "id": "x",
            "created_at": "2026-01-01",
            "owner": "nobody",
        },
        for_create=True,
    )
    assert codes(read.faults) == [
        ("price", "number.unreadable"),
        ("quantity", "number.unreadable"),
        ("per_unit", "field.read_only"),
        ("number", "field.read_only"),
        ("id", "field.read_only"),
        ("created_at", "field.read_only"),
        ("owner", "relation.not_an_id"),
        ("customer", "field.required"),
        ("quantty", "field.unknown"),
    ]
    by_field = {fault.field: fault for fault in read.faults}
    assert by_field["quantty"].way_out is not None
    assert "quantity" in by_field["quantty"].way_out.en


def test_the_owner_can_be_given(orders: RecordRules) -> None:
    assert orders.parse_input({"owner": str(CUSTOMER_ID)}, for_create=False).row == {"owner": CUSTOMER_ID}


def test_an_update_needs_only_what_it_changes_but_cannot_blank_a_required_field(orders: RecordRules) -> None:
    assert codes(orders.parse_input({"remark": "早上送"}, for_create=False).faults) == []
    assert codes(orders.parse_input({"price": "  "}, for_create=False).faults) == [("price", "field.required")]


def test_defaults_follow_one_another_and_are_rounded(orders: RecordRules) -> None:
    row: dict[str, object] = {"customer": CUSTOMER_ID, "price": Decimal("100.00"), "quantity": Decimal(2)}
    assert not orders.apply_defaults(row, MOMENT)
    assert row["amount"] == Decimal("200.00")
    assert str(row["deposit"]) == "66.67"


def test_a_field_given_blank_gets_no_default(orders: RecordRules) -> None:
    row: dict[str, object] = {"price": Decimal(5), "amount": None}
    orders.apply_defaults(row, MOMENT)
    assert row["amount"] is None
    assert row["quantity"] == Decimal(1)


def test_a_default_by_label_becomes_the_options_key() -> None:
    rules = RecordRules.for_object(catalogue(), "customer")
    row: dict[str, object] = {"name": "通脉"}
    assert not rules.apply_defaults(row, MOMENT)
    assert row["level"] == "b"


def test_validations_name_the_rule_and_the_field(orders: RecordRules) -> None:
    row = {"price": Decimal(1), "quantity": Decimal(0), "amount": Decimal(2_000_000), "customer.level": "b"}
    faults = orders.check_validations(row, MOMENT)
    assert [(fault.rule, fault.field) for fault in faults] == [("positive", "quantity"), ("big_only", None)]
    assert faults[0].text.zh == "数量必须大于 0"
    assert not orders.check_validations({**row, "quantity": Decimal(1), "customer.level": "a"}, MOMENT)


def test_a_field_is_required_only_while_it_is_visible(orders: RecordRules) -> None:
    full = {"price": Decimal(10), "quantity": Decimal(2), "amount": Decimal(20)}
    assert not orders.check_validations(full, MOMENT)
    reduced = {**full, "amount": Decimal(15)}
    assert codes(orders.check_validations(reduced, MOMENT)) == [("reason", "field.required")]
    assert not orders.check_validations({**reduced, "reason": "老客户"}, MOMENT)


def test_hints_advise_and_never_block(orders: RecordRules) -> None:
    assert [(hint.field, hint.message.zh) for hint in orders.hints({}, MOMENT)] == [("remark", "建议填写送货要求")]
    assert orders.hints({"remark": "x"}, MOMENT) == []


def test_a_hint_with_a_condition_shows_while_it_holds() -> None:
    fields = [
        {"key": "name", "type": "text", "label": "名称"},
        {"key": "tax", "type": "text", "label": "税号", "hint": {"message": "请核对", "when": "LEN(税号) != 18"}},
    ]
    rules = RecordRules.for_object(catalogue({"key": "company", "label": "公司", "fields": fields}), "company")
    assert [hint.field for hint in rules.hints({"tax": "123"}, MOMENT)] == ["tax"]
    assert rules.hints({"tax": "9" * 18}, MOMENT) == []


def test_the_roles_of_a_person_are_the_roles_there_are() -> None:
    rules = RecordRules.for_object(catalogue(CUSTOMER), "person")
    assert rules.parse_input({"name": "王", "roles": ["administrator"]}, for_create=True).row["roles"] == [
        "administrator"
    ]
    assert codes(rules.parse_input({"name": "王", "roles": ["king"]}, for_create=True).faults) == [
        ("roles", "choice.unknown")
    ]


@pytest.mark.parametrize("name", ["x" * 10_000, "", "\x00", "名" * 50])
def test_names_of_any_kind_are_refused_briefly(orders: RecordRules, name: str) -> None:
    faults = orders.parse_input({name: 1}, for_create=False).faults
    assert codes(faults) == [(name[:80], "field.unknown")]


def test_a_flood_of_unknown_names_is_answered_briefly(orders: RecordRules) -> None:
    faults = orders.parse_input({f"nonsense_{n}": n for n in range(100_000)}, for_create=False).faults
    assert codes(faults) == [(f"nonsense_{n}", "field.unknown") for n in range(20)]
