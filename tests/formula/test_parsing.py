"""What texts mean: names, literals, operators, automatic conversions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tongmai.formula import (
    BOOLEAN,
    DATE,
    DURATION,
    FALSE,
    NUMBER,
    TEXT,
    Call,
    FieldRef,
    Literal,
    Param,
    Type,
    parse,
    reference,
)

from .scope import CUSTOMER, LEVEL, TableScope, read

AMOUNT = FieldRef(("amount",), NUMBER)


def number(value: str) -> Literal:
    return Literal(Decimal(value), NUMBER)


def test_the_typical_condition() -> None:
    formula = read("[最近沟通间隔] <= 7 AND 品类数 >= 3")
    gap, kinds = FieldRef(("gap",), NUMBER), FieldRef(("kinds",), NUMBER)
    wanted = (Call("<=", (gap, number("7")), BOOLEAN), Call(">=", (kinds, number("3")), BOOLEAN))
    assert formula.tree == Call("and", wanted, BOOLEAN)
    assert formula.type == BOOLEAN
    assert formula.paths == {("gap",), ("kinds",)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("amount + gap * kinds", "amount + (gap * kinds)"),
        ("-amount ^ 2", "-(amount ^ 2)"),
        ("2 ^ 3 ^ 2", "2 ^ (3 ^ 2)"),
        ("10 - 4 - 3", "(10 - 4) - 3"),
        ("active OR amount > 1 AND gap < 2", "active OR (amount > 1 AND gap < 2)"),
        ("NOT active AND amount > 1", "(NOT active) AND amount > 1"),
        ("NOT amount = 1", "NOT (amount = 1)"),
        ("name & 'x' = 'ax'", "(name & 'x') = 'ax'"),
        ("amount BETWEEN 1 AND 2 AND active", "amount >= 1 AND amount <= 2 AND active"),
        ("金额 介于 1 和 2", "amount BETWEEN 1 AND 2"),
        ("金额 ＞＝ 1 且 （名称 ＝ “a”）", "amount >= 1 AND (name = 'a')"),
        ("【备 注(内部)】 为空", "note IS BLANK"),
        ("名称 不为空 或 启用", "name IS NOT BLANK OR active"),
        ("等级 不属于 ('红标')", "NOT level IN ('red')"),
        ("名称 不包含 'x'", "NOT CONTAINS(name, 'x')"),
        ("amount ≠ 3 && !active", "amount != 3 AND NOT active"),
        ("amount <> 3", "amount != 3"),
        ("如果(启用，1；2)", "IF(active, 1, 2)"),
        ("且(启用, 金额 > 1)", "active AND amount > 1"),
        ("7 >= gap", "gap <= 7"),
        ("name = ''", "name IS BLANK"),
        ("amount = BLANK", "amount IS BLANK"),
        ("amount < BLANK", "FALSE"),
        ("ISBLANK(name)", "name IS BLANK"),
        ("DAYS_SINCE(signed) > 3", "TODAY() - signed > 3"),
        ("amount = 35%", "amount = 0.35"),
    ],
)
def test_two_writings_mean_the_same(one: str, other: str) -> None:
    assert read(one).tree == read(other).tree


@pytest.mark.parametrize(
    ("text", "value", "type_"),
    [
        ("1234.50", Decimal("1234.5"), NUMBER),
        ("-0.5", Decimal("-0.5"), NUMBER),
        ("3天", Decimal(259_200), DURATION),
        ("3 天", Decimal(259_200), DURATION),
        ("1天12小时", Decimal(129_600), DURATION),
        ("1d12h", Decimal(129_600), DURATION),
        ("0.5h", Decimal(1_800), DURATION),
        ("'O''Neil'", "O'Neil", TEXT),
        ("“他说‘好’”", "他说‘好’", TEXT),
        ("''", None, TEXT),
        ("真", True, BOOLEAN),
        ("否", False, BOOLEAN),
    ],
)
def test_literals(text: str, value: object, type_: Type) -> None:
    assert read(text).tree == Literal(value, type_)  # type: ignore[arg-type]


def test_a_path_leads_through_relations_by_keys() -> None:
    formula = read("负责人.团队.名称 = '华东'")
    assert formula.paths == {("owner", "team", "name")}
    assert read("[负责人].[团队].name = '华东'").tree == formula.tree


@pytest.mark.parametrize("word", ["red", "红标", "Red"])
def test_a_choice_is_written_by_key_or_label(word: str) -> None:
    tree = read(f"等级 = '{word}'").tree
    assert tree == Call("=", (FieldRef(("level",), LEVEL), Literal("red", LEVEL)), BOOLEAN)


def test_the_actor_and_the_moment_are_parameters() -> None:
    assert read("负责人 = 我()").tree == Call(
        "=", (FieldRef(("owner",), reference("person")), Param("me", reference("person"))), BOOLEAN
    )
    assert read("今天()").tree == Param("today", DATE)


def test_a_date_beside_a_moment_compares_local_dates() -> None:
    tree = read("创建时间 = '2026-03-04'").tree
    assert isinstance(tree, Call)
    assert tree.args[1] == Literal(date(2026, 3, 4), DATE)
    assert tree.args[0] == Call("DATE", (FieldRef(("created",), CUSTOMER.fields["created"][1]),), DATE)


def test_days_beside_a_date_stay_a_date() -> None:
    assert read("签约日期 + 30天").type == DATE
    assert read("签约日期 + 30天").tree == read("signed + 30").tree


def test_a_formula_field_is_put_in_place_also_through_a_relation() -> None:
    inner = read("amount * 2 > 10")
    order = TableScope(
        "order",
        {"customer": ("客户", reference("customer"))},
        {"customer": TableScope("customer", {}, {}, {"big": inner})},
    )
    formula = parse("NOT customer.big", order)
    assert formula.paths == {("customer", "amount")}


def test_an_expected_type_is_held_to() -> None:
    assert read("'2026-03-04'", DATE).tree == Literal(date(2026, 3, 4), DATE)
    assert read("BLANK", BOOLEAN).type == BOOLEAN
    assert read("amount < BLANK").tree == FALSE
