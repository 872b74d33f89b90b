"""What is refused of rules and of actions on entry, all at once, and where each fault is told."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from tests.model.test_metrics import company as plain

from tongmai.formula import to_text
from tongmai.kit import Invalid
from tongmai.model import Catalogue, ObjectScope, RuleDef, SegmentDef, check_catalogue, parse_template

NOTIFY = {"kind": "notify", "to": ["owner"], "title": "{state}"}


def make(target: str, about: str | None = None, **values: str) -> dict[str, Any]:
    return {"kind": "record", "object": target, "about": about, "values": values}


def company(*rules: dict[str, Any], segments: tuple[dict[str, Any], ...] = ()) -> Catalogue:
    usual = {"key": "r", "label": "规则", "object": "order", "when": {"kind": "becomes"}, "if": "big", "then": [NOTIFY]}
    return plain().replace(
        rules=tuple(RuleDef.model_validate({**usual, **each}) for each in rules),
        segments=tuple(SegmentDef.model_validate(each) for each in segments),
    )


def told(catalogue: Catalogue) -> set[tuple[str, str | None]]:
    return {(fault.code, fault.field) for fault in check_catalogue(catalogue)}


SOUND: list[dict[str, Any]] = [
    {},
    {"when": {"kind": "becomes", "leave_when": "amount < 50"}, "outcome": "state = 'won'"},
    {"when": {"kind": "changed", "fields": ["state"]}, "if": None},
    {"when": {"kind": "scheduled", "cron": "30 9 * * 1-5", "working_days_only": True}, "if": None},
    {"when": {"kind": "holds", "periods": 3, "period": "week"}},
    {"when": {"kind": "happens", "event": "paid"}, "if": None},
    {"then": [{"kind": "notify", "to": ["superior", "role:administrator", "person:buyer"], "title": "大单"}]},
    {"then": [{"kind": "lock", "reason": "冻结", "fields": ["amount"]}]},
    {"then": [{"kind": "escalate", "after": {"amount": 48}, "title": "{buyer.name}{{{amount}}}"}]},
    {"then": [{"kind": "set", "values": {"state": "'x' & state", "owner": "buyer"}}]},
    {"then": [{"kind": "hook", "url": "https://example.com/a?b=c", "body": {"amount": "{amount}"}}]},
]


@pytest.mark.parametrize("given", SOUND)
def test_sound_rules_have_no_faults(given: dict[str, Any]) -> None:
    assert told(company(given)) == set()


FAULTY: list[tuple[dict[str, Any], str, str]] = [
    ({"object": "nothing"}, "rule.unknown_object", "rules.r.object"),
    ({"if": "unknown = 1"}, "formula.unknown_field", "rules.r.if"),
    ({"if": "amount + 1"}, "formula.type", "rules.r.if"),
    ({"if": None}, "rule.no_condition", "rules.r.if"),
    ({"outcome": "amount +"}, "formula.unfinished", "rules.r.outcome"),
    ({"when": {"kind": "becomes", "leave_when": "gone"}}, "formula.unknown_field", "rules.r.when.leave_when"),
    ({"when": {"kind": "changed", "fields": ["gone"]}}, "rule.unknown_field", "rules.r.when.fields"),
    ({"when": {"kind": "scheduled", "cron": "61 9 * * *"}}, "rule.bad_cron", "rules.r.when.cron"),
    ({"when": {"kind": "scheduled", "cron": "0 0 30 2 *"}}, "rule.bad_cron", "rules.r.when.cron"),
    ({"when": {"kind": "scheduled", "cron": "0 0 9 * * *"}}, "rule.bad_cron", "rules.r.when.cron"),
    ({"when": {"kind": "enters", "segment": "gone"}}, "rule.unknown_segment", "rules.r.when.segment"),
    ({"then": [{**NOTIFY, "title": "{gone}"}]}, "formula.unknown_field", "rules.r.then.0.title"),
    (
        {"then": [{**NOTIFY, "title": {"zh": "{state}", "en": "{gone}"}}]},
        "formula.unknown_field",
        "rules.r.then.0.title.en",
    ),
    ({"then": [{**NOTIFY, "title": "{state"}]}, "template.open_brace", "rules.r.then.0.title"),
    ({"then": [{**NOTIFY, "title": "state}"}]}, "template.lone_brace", "rules.r.then.0.title"),
    ({"then": [{**NOTIFY, "to": ["role:gone"]}]}, "rule.unknown_role", "rules.r.then.0.to"),
    ({"then": [{**NOTIFY, "to": ["person:gone"]}]}, "formula.unknown_field", "rules.r.then.0.to"),
    ({"then": [{**NOTIFY, "to": ["person:state"]}]}, "rule.no_person", "rules.r.then.0.to"),
    ({"then": [{"kind": "set", "values": {"gone": "1"}}]}, "rule.unknown_field", "rules.r.then.0.values.gone"),
    ({"then": [{"kind": "set", "values": {"big": "TRUE"}}]}, "rule.not_writable", "rules.r.then.0.values.big"),
    ({"then": [{"kind": "set", "values": {"version": "1"}}]}, "rule.not_writable", "rules.r.then.0.values.version"),
    ({"then": [{"kind": "set", "values": {"amount": "state"}}]}, "formula.type", "rules.r.then.0.values.amount"),
    ({"then": [{"kind": "set", "of": "gone", "values": {"name": "1"}}]}, "rule.unknown_field", "rules.r.then.0.of"),
    ({"then": [{"kind": "set", "of": "state", "values": {"name": "1"}}]}, "rule.no_relation", "rules.r.then.0.of"),
    ({"then": [make("gone", x="1")]}, "rule.unknown_object", "rules.r.then.0.object"),
    ({"then": [make("order", gone="1")]}, "rule.unknown_field", "rules.r.then.0.values.gone"),
    ({"then": [make("order", about="state", amount="1")]}, "rule.no_relation", "rules.r.then.0.about"),
    ({"then": [make("order", amount="state")]}, "formula.type", "rules.r.then.0.values.amount"),
    ({"then": [make("person", phone="'1'")]}, "rule.value_missing", "rules.r.then.0.values.name"),
    ({"then": [{"kind": "lock", "reason": "x", "fields": ["gone"]}]}, "rule.unknown_field", "rules.r.then.0.fields"),
    (
        {"when": {"kind": "changed"}, "then": [{"kind": "lock", "reason": "x"}]},
        "rule.nothing_lasts",
        "rules.r.then.0",
    ),
    (
        {"when": {"kind": "changed"}, "if": None, "then": [{"kind": "set", "values": {"state": "'x'"}}]},
        "rule.fires_itself",
        "rules.r.then.0",
    ),
    ({"then": [{"kind": "hook", "url": "http://u:p@h/"}]}, "rule.bad_address", "rules.r.then.0.url"),
    ({"then": [{"kind": "hook", "url": "https://:99999/"}]}, "rule.bad_address", "rules.r.then.0.url"),
]


@pytest.mark.parametrize(("given", "code", "place"), FAULTY)
def test_each_fault_is_told_at_its_place(given: dict[str, Any], code: str, place: str) -> None:
    assert (code, place) in told(company(given))


def test_all_faults_are_told_at_once_in_both_languages() -> None:
    catalogue = company({"if": "gone", "then": [{**NOTIFY, "title": "{gone}", "to": ["role:gone"]}]}, {})
    faults = check_catalogue(catalogue)
    assert {each.field for each in faults} == {"rules.r.if", "rules.r.then.0.title", "rules.r.then.0.to", "rules.r"}
    assert all(each.text.zh != each.text.en for each in faults)


def test_actions_on_entry_are_checked_alike() -> None:
    classes = [{"key": "red", "label": "红", "on_entry": [{**NOTIFY, "title": "{gone}"}]}]
    segment = {"key": "s", "label": "层", "object": "order", "classes": classes}
    assert told(company(segments=(segment,))) == {("formula.unknown_field", "segments.s.classes.red.on_entry.0.title")}


@pytest.mark.parametrize(
    "title", [{"zh": "大单", "en": ""}, {"zh": "", "en": "Big"}, {"zh": "大单", "en": "x" * 2_001}, ""]
)
def test_a_text_says_something_in_both_languages_and_is_not_too_long(title: object) -> None:
    with pytest.raises(ValidationError):
        company({"then": [{**NOTIFY, "title": title}]})


def test_positions_in_a_template_are_those_of_its_text() -> None:
    scope = ObjectScope(company(), "order")
    with pytest.raises(Invalid) as caught:
        parse_template("订单 {state}：{amount} 元 {gone}", scope)
    assert [each.position for each in caught.value.faults] == [23]


def test_braces_in_quotes_and_doubled_ones_are_text() -> None:
    scope = ObjectScope(company(), "order")
    assert to_text(parse_template("{{{state}}}", scope), scope) == "'{' & 状态 & '' & '}'"
    assert "}" in to_text(parse_template("{state & '}'}", scope), scope)
