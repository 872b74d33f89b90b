from __future__ import annotations

from typing import Any

import pytest

from tongmai import formula
from tongmai.kit import Invalid
from tongmai.model import ObjectScope

from .company import CUSTOMER, ORDER, catalogue


def paths(text: str, object_key: str = "order") -> set[str]:
    parsed = formula.parse(text, ObjectScope(catalogue(), object_key))
    return {".".join(path) for path in parsed.paths}


def test_fields_are_found_by_key_and_by_either_label() -> None:
    assert paths("price > 1 AND 单价 > 1 AND [Price] > 1") == {"price"}


def test_system_fields_have_labels_too() -> None:
    assert paths("负责人 = ME() AND 创建时间 < NOW() AND owner = created_by") == {"owner", "created_at", "created_by"}


def test_paths_lead_through_relations_people_and_teams() -> None:
    assert paths("客户.负责人.团队.上级团队.名称 = 'x'") == {"customer.owner.team.parent.name"}


def test_formula_fields_are_expanded_also_behind_a_relation() -> None:
    assert paths("大单") == {"amount", "quantity", "customer.level"}
    line = {
        "key": "line",
        "label": "明细",
        "fields": [{"key": "order", "type": "relation", "label": "订单", "options": {"target": "order"}}],
    }
    scope = ObjectScope(catalogue(CUSTOMER, ORDER, line), "line")
    found = formula.parse("订单.大单", scope)
    assert {".".join(path) for path in found.paths} == {"order.amount", "order.quantity", "order.customer.level"}


def test_a_choice_is_compared_by_label_and_kept_by_key() -> None:
    parsed = formula.parse("等级 = '重要'", ObjectScope(catalogue(), "customer"))
    assert any(getattr(node, "value", None) == "a" for node in formula.walk(parsed.tree))
    with pytest.raises(Invalid):
        formula.parse("等级 = '不存在'", ObjectScope(catalogue(), "customer"))


def thing(*formulas: tuple[str, str]) -> dict[str, Any]:
    return {
        "key": "thing",
        "label": "东西",
        "fields": [
            {"key": key, "type": "formula", "label": key.upper(), "options": {"text": text}} for key, text in formulas
        ],
    }


def test_formulas_in_a_circle_are_refused_with_their_way() -> None:
    scope = ObjectScope(catalogue(thing(("a", "b + 1"), ("b", "c * 2"), ("c", "a"))), "thing")
    with pytest.raises(Invalid) as refused:
        formula.parse("a > 1", scope)
    assert "A → B → C → A" in refused.value.faults[0].text.zh


def test_formulas_that_nest_too_deeply_are_refused() -> None:
    steps = [("f0", "1"), *((f"f{n}", f"f{n - 1} + 1") for n in range(1, 15))]
    with pytest.raises(Invalid) as refused:
        formula.parse("f14", ObjectScope(catalogue(thing(*steps)), "thing"))
    assert "too_many_levels" in refused.value.faults[0].code


def test_an_ambiguous_label_asks_for_the_key() -> None:
    twice = {
        "key": "thing",
        "label": "东西",
        "fields": [{"key": "a", "type": "text", "label": "同名"}, {"key": "b", "type": "text", "label": "同名"}],
    }
    with pytest.raises(Invalid) as refused:
        formula.parse("同名 = 'x'", ObjectScope(catalogue(twice), "thing"))
    assert "formula.ambiguous_name" in refused.value.faults[0].code


def test_an_unknown_name_is_answered_with_a_suggestion() -> None:
    with pytest.raises(Invalid) as refused:
        formula.parse("实际单驾 > 1", ObjectScope(catalogue(), "order"))
    fault = refused.value.faults[0]
    assert fault.position == 0
    assert "实际单价" in fault.text.zh + (fault.way_out.zh if fault.way_out else "")
