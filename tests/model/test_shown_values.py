"""Numbers within the texts of rules stand as lists show them, by the type of their field."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tongmai.formula import Moment, compile_python
from tongmai.kit import WorkingCalendar
from tongmai.model import Catalogue, ObjectScope, RuleDef, parse_template, shown_value, wants_of

PLAN: dict[str, Any] = {
    "key": "plan", "label": "计划", "title": "name",
    "fields": [
        {"key": "name", "type": "text", "label": "名称"},
        {"key": "amount", "type": "money", "label": "金额"},
        {"key": "yen", "type": "money", "label": "日元", "options": {"currency": "JPY", "decimals": 0}},
        {"key": "rate", "type": "percent", "label": "折扣"},
        {"key": "share", "type": "number", "label": "占比", "options": {"unit": {"zh": "%", "en": "%"}}},
        {"key": "pieces", "type": "number", "label": "件数"},
        {"key": "state", "type": "choice", "label": "状态", "options": {"choices": [
            {"key": "open", "label": {"zh": "未收", "en": "Open"}}, {"key": "paid", "label": {"zh": "已收", "en": "Paid"}}]}},
        {"key": "late", "type": "boolean", "label": "逾期"},
        {"key": "due", "type": "date", "label": "到期日"},
        {"key": "open", "type": "formula", "label": "未收", "options": {"text": "amount - pieces"}},
    ],
}  # fmt: skip
ROW = {
    "name": "一期", "amount": Decimal("26642.1"), "yen": Decimal(1234567), "rate": Decimal("0.125"),
    "state": "open", "late": True, "share": Decimal("0.65"), "pieces": Decimal(12000), "due": date(2026, 11, 23),
}  # fmt: skip
MOMENT = Moment(datetime(2026, 11, 23, tzinfo=UTC), "Asia/Shanghai", WorkingCalendar(), {})


def _said(text: str, row: dict[str, Any]) -> object:
    scope = ObjectScope(Catalogue.model_validate({"objects": [PLAN]}), "plan")
    return compile_python(parse_template(text, scope, lambda value: shown_value(value, scope)))(row, MOMENT)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{name} 逾期，{amount} 元", "一期 逾期，26,642.10 元"),
        ("{yen}", "1,234,567"),
        ("{rate}，{share}", "12.5%，65%"),
        ("{pieces} 件，{open}", "12,000 件，14,642.1"),
        ("{due}（{YEAR(due)}）", "2026-11-23（2026）"),
        # Whoever wants it bare says so.
        ("{TEXT(amount)}", "26642.1"),
    ],
)
def test_numbers_are_written_by_the_type_of_their_field(text: str, said: str) -> None:
    assert _said(text, ROW) == said


def test_what_is_blank_leaves_nothing_behind() -> None:
    assert _said("[{amount}{rate}{pieces}]", dict.fromkeys(ROW)) == "[]"


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("{state}，{late}", "未收，是", "Open，yes"),
        ("{IF(LABEL(state) = '未收', LABEL(state), '-')}", "未收", "Open"),
        ("{COALESCE(LABEL(state), '-') & late}", "未收是", "Openyes"),
        ("{LEN(LABEL(state))}", "2", "2"),
        ("{amount}", "26,642.10", "26,642.10"),
    ],
)
def test_what_english_readers_are_shown_is_english_and_decides_nothing_otherwise(text: str, zh: str, en: str) -> None:
    title = {"zh": text, "en": f"{text}."}
    then = [{"kind": "notify", "to": ["owner"], "title": title}]
    rule = RuleDef.model_validate(
        {"key": "r", "label": "r", "object": "plan", "when": {"kind": "changed"}, "then": then}
    )
    catalogue = Catalogue.model_validate({"objects": [PLAN]})
    told = dict(wants_of(catalogue, rule, ObjectScope(catalogue, "plan")))
    said = [compile_python(told[name])(ROW, MOMENT) for name in ("0.title", "0.title.en")]
    assert said == [zh, f"{en}."]


def test_what_is_blank_is_neither_yes_nor_no_in_english() -> None:
    catalogue = Catalogue.model_validate({"objects": [PLAN]})
    then = [{"kind": "notify", "to": ["owner"], "title": {"zh": "{late}{state}", "en": "[{late}{state}]"}}]
    rule = RuleDef.model_validate(
        {"key": "r", "label": "r", "object": "plan", "when": {"kind": "changed"}, "then": then}
    )
    told = dict(wants_of(catalogue, rule, ObjectScope(catalogue, "plan")))
    assert compile_python(told["0.title.en"])(dict.fromkeys(ROW), MOMENT) == "[]"
