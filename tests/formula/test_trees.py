"""Builders, JSON and text of trees."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tongmai.formula import (
    BOOLEAN,
    FALSE,
    NUMBER,
    TRUE,
    Call,
    EmptyScope,
    FieldRef,
    Kind,
    and_,
    constant,
    equals,
    from_json,
    in_,
    not_,
    or_,
    parse,
    reference,
    to_json,
    to_text,
)
from tongmai.kit import Invalid

from .scope import CUSTOMER, read

A, B = FieldRef(("a",), BOOLEAN), FieldRef(("b",), BOOLEAN)
OWNER = FieldRef(("owner",), reference("person"))


def test_and_or_not_simplify() -> None:
    assert and_() == TRUE
    assert or_() == FALSE
    assert and_(A, TRUE) == A
    assert or_(A, FALSE) == A
    assert and_(A, FALSE, B) == FALSE
    assert or_(A, TRUE) == TRUE
    assert and_(A, and_(B, A)) == Call("and", (A, B), BOOLEAN)
    assert not_(TRUE) == FALSE
    assert not_(not_(A)) == A


def test_only_conditions_are_joined() -> None:
    with pytest.raises(TypeError):
        and_(FieldRef(("n",), NUMBER))


def test_constants_of_python_values() -> None:
    assert constant(3).type.kind is Kind.NUMBER
    assert constant(timedelta(hours=1)) == constant(Decimal(3600), parse("1h", EmptyScope()).type)
    assert constant([1, 2]).type.item == NUMBER
    assert constant("").type.kind is Kind.TEXT
    with pytest.raises(TypeError):
        constant(1.5)


def test_equality_and_membership_builders() -> None:
    assert equals(OWNER, constant(None)) == Call("is_blank", (OWNER,), BOOLEAN)
    assert in_(OWNER, constant([])) == FALSE
    assert in_(OWNER, constant([UUID(int=1)])).type == BOOLEAN


TEXTS = [
    "[最近沟通间隔] <= 7 AND 品类数 >= 3",
    "NOT (启用 OR 金额 > 3) AND [备 注(内部)] 为空",
    "负责人.团队.名称 = 'O''Neil' OR 负责人 IN MY_SUBTREE()",
    "等级 IN ('红标', 'gold') AND 标签 包含 '重点'",
    "IF(启用, 金额 * -2 ^ 2, -(金额 - 3 - (2 - 1))) / 7",
    "创建时间 + 90分钟 > '2026-03-04 08:30' AND 签约日期 - 3 < TODAY()",
    "名称 & 金额 & 等级 & 签约日期 != 'x'",
    "创建时间 > '2026-03-04T08:30:00+08:00'",
    "START_OF(签约日期, '季度') = MAKE_DATE(2026, 1, 1)",
    "LABEL(等级, 'en') = 'Red' AND 用时 / 2 < 3天",
    "SWITCH(等级, '红标', 1, '金标', 2, 0) > 1",
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_text_of_a_tree_reads_as_the_tree(text: str) -> None:
    tree = read(text).tree
    for language in ("zh", "en"):
        assert read(to_text(tree, CUSTOMER, language)).tree == tree  # type: ignore[arg-type]


def test_the_text_of_a_tree_uses_labels_and_as_few_brackets_as_can_be() -> None:
    tree = read("[最近沟通间隔]<=7 and (note is blank)").tree
    assert to_text(tree, CUSTOMER, "zh") == "最近沟通间隔 <= 7 AND [备 注(内部)] IS BLANK"
    assert to_text(tree, CUSTOMER, "en") == "gap <= 7 AND note IS BLANK"


@pytest.mark.parametrize("text", TEXTS)
def test_json_gives_the_tree_again(text: str) -> None:
    tree = read(text).tree
    assert from_json(to_json(tree)) == tree


@pytest.mark.parametrize(
    "value", [True, "x", Decimal("1.50"), date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC), UUID(int=9), None]
)
def test_json_keeps_constants(value: object) -> None:
    tree = constant(value, NUMBER if value is None else None)
    assert from_json(to_json(tree)) == tree


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"v": 2, "tree": {}},
        {"v": 1},
        {"v": 1, "tree": {"k": "call", "t": "boolean", "f": "DROP TABLE", "a": []}},
        {"v": 1, "tree": {"k": "call", "t": "boolean", "f": "round", "a": []}},
        {"v": 1, "tree": {"k": "lit", "t": "number", "v": "x"}},
        {"v": 1, "tree": {"k": "lit", "t": "number", "v": 1.5}},
        {"v": 1, "tree": {"k": "lit", "t": "colour", "v": None}},
        {"v": 1, "tree": {"k": "field", "t": "number", "p": [3]}},
        {"v": 1, "tree": "x"},
    ],
)
def test_json_from_outside_is_not_trusted(document: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        from_json(document)


def test_deep_json_is_refused() -> None:
    node: dict[str, Any] = {"k": "lit", "t": "boolean", "v": True}
    for _ in range(200):
        node = {"k": "call", "t": "boolean", "f": "not", "a": [node]}
    with pytest.raises(Invalid):
        from_json({"v": 1, "tree": node})
