"""Refusals: every fault at once, each at its place, in both languages, with a way out. And formula bombs."""

from __future__ import annotations

import time

import pytest

from tongmai.formula import BOOLEAN, Limits, parse
from tongmai.kit import Fault, Invalid

from .scope import CUSTOMER, TableScope, read


def faults(text: str, **options: object) -> tuple[Fault, ...]:
    with pytest.raises(Invalid) as caught:
        parse(text, CUSTOMER, **options)  # type: ignore[arg-type]
    return caught.value.faults


def test_a_misspelt_field_is_shown_with_its_place_and_a_suggestion() -> None:
    (fault,) = faults("品类数 >= 3 AND [最近沟通间额] <= 7")
    assert fault.code == "formula.unknown_field"
    assert fault.position == 13
    assert fault.text.zh == "第 14 个字符：找不到字段“最近沟通间额”，是否想写“最近沟通间隔”？"
    assert fault.text.en == "Character 14: There is no field “最近沟通间额”; did you mean “最近沟通间隔”?"
    assert fault.way_out is not None
    assert fault.way_out.zh == "写成 [最近沟通间隔]"


def test_all_faults_come_at_once_in_the_order_of_their_places() -> None:
    found = faults("金而 > 1 AND RONUD(品类书, 2) = 'x' AND 等级 = '紫标'")
    assert [(fault.code, fault.position) for fault in found] == [
        ("formula.unknown_field", 0),
        ("formula.unknown_function", 11),
        ("formula.unknown_field", 17),
        ("formula.unknown_option", 40),
    ]
    assert "红标" in (found[3].way_out.zh if found[3].way_out else "")


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("", "formula.empty", 0),
        ("金额 >", "formula.unfinished", 4),
        ("(金额 > 1", "formula.open_parenthesis", 0),
        ("金额 > 1)", "formula.unexpected", 6),
        ("'abc", "formula.open_text", 0),
        ("[金额", "formula.open_bracket", 0),
        ("金额 # 1", "formula.unknown_character", 3),
        ("1 < 金额 < 3", "formula.chained_comparison", 7),
        ("3个月", "formula.unknown_unit", 0),
        ("金额 + 名称", "formula.type", 3),
        ("金额 AND 启用", "formula.type", 0),
        ("名称 = 3", "formula.type", 5),
        ("签约日期 > '2026-02-30'", "formula.bad_date", 7),
        ("等级 > '红标'", "formula.incomparable", 3),
        ("标签 = '重点'", "formula.type", 5),
        ("金额.名称 = 'x'", "formula.not_a_relation", 0),
        ("ROUND(金额, 1.5)", "formula.places", 10),
        ("ROUND()", "formula.argument_count", 0),
        ("ROUND(1, 2, 3)", "formula.argument_count", 0),
        ("START_OF(签约日期, '世纪')", "formula.unknown_word", 15),
        ("MATCHES(名称, '(a+)+')", "formula.pattern", 12),
        ("123456789012345678", "formula.number_too_long", 0),
        ("0.12345678901", "formula.number_too_long", 0),
        ("amount = 1\x00", "formula.unknown_character", 10),
        ("金额 金额", "formula.unexpected", 3),
        ("AND 启用", "formula.unexpected", 0),
        ("SPLIT_PART(名称, 名称, 1)", "formula.constant_needed", 15),
    ],
)
def test_what_is_wrong_and_where(text: str, code: str, position: int) -> None:
    (fault,) = faults(text)
    assert (fault.code, fault.position) == (code, position)
    assert fault.text.zh.startswith(f"第 {position + 1} 个字符：")
    assert fault.text.en.startswith(f"Character {position + 1}: ")


def test_a_number_where_a_condition_is_wanted_tells_what_to_write() -> None:
    (fault,) = faults("金额", expect=BOOLEAN)
    assert fault.way_out is not None
    assert fault.way_out.zh == "写成比较，例如 数量 > 0"


def nested(pattern: str, times: int) -> str:
    text = "amount"
    for _ in range(times):
        text = (
            pattern.replace("X", text) if pattern.count("X") == 1 else pattern.replace("X", text, 1).replace("X", "1")
        )
    return text


@pytest.mark.parametrize(
    "bomb",
    [
        "(" * 5_000 + "1" + ")" * 4_000,
        "-" * 9_000 + "1",
        "NOT " * 2_000 + "TRUE",
        " AND ".join(["启用"] * 900),
        "+".join(["1"] * 100),
        "IF(启用," * 60 + "1" + ",0)" * 60,
        "金额 IN (" + ",".join("1" for _ in range(300)) + ")",
        "1" * 20_000,
        "MATCHES(名称, '" + "(a{1,100}){1,100}" + "')",
        "MATCHES(名称, '" + "a{100}" * 33 + "')",
        nested("IF(X BETWEEN 0 AND 1, 1, 0)", 40),
        nested("SWITCH(X, 1, X, 2)", 40),
        "owner.team.owner.team.owner.team.name = 'x'",
    ],
)
def test_formula_bombs_are_refused_at_once(bomb: str) -> None:
    started = time.process_time()
    found = faults(bomb)
    assert found
    assert time.process_time() - started < 2.0


def test_formula_fields_count_with_what_they_stand_for() -> None:
    scope = TableScope("x", {}, {}, {})
    formula = parse("TRUE OR 1 = 1", scope)
    for _ in range(12):
        scope = TableScope("x", {}, {}, {"f": formula})
        try:
            formula = parse("f AND NOT (f = TRUE)", scope)
        except Invalid as error:
            assert error.faults[0].code == "formula.too_complex"
            return
    pytest.fail("doubling a formula twelve times was never refused")


def test_limits_can_be_set() -> None:
    (fault,) = faults("1 + 2 + 3", limits=Limits(nodes=4))
    assert "步骤超过 4" in fault.text.zh
    assert read("1 + 2 + 3").tree is not None


@pytest.mark.parametrize(
    "text",
    [
        "1" + "+1" * 4_000,
        "1" + "-1" * 120,
        "2" + "*1" * 3_000 + " > 1",
        "(" * 90 + "1" + ("+1" * 40 + ")") * 90,
        "NOT (" * 95 + "TRUE" + ")" * 95 + " = TRUE" + "+1" * 100,
        "1 IN (" + "1" + "+1" * 4_000 + ")",
    ],
)
def test_a_chain_of_signs_is_as_deep_as_it_is_long(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(text, TableScope("x", {}, {}, {}))
    assert caught.value.faults[0].code in {"formula.too_deep", "formula.too_complex"}
