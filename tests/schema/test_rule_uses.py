"""Deleting a field tells which rules use it: in conditions, templates, values, people, lists of fields."""

from __future__ import annotations

from tests.model.test_check_rules import company

from tongmai.schema.usage import uses_of


def test_rules_are_told_that_use_a_field() -> None:
    notify = {"kind": "notify", "to": ["owner"], "title": "x"}
    rules = [
        {"key": "by_condition", "if": "big"},
        {"key": "by_text", "if": "amount > 1", "then": [{**notify, "title": "{state}"}]},
        {"key": "by_value", "if": "amount > 1", "then": [{"kind": "set", "values": {"state": "'x'"}}]},
        {"key": "by_trigger", "when": {"kind": "changed", "fields": ["state"]}, "if": None, "then": [notify]},
        {"key": "by_lock", "if": "amount > 1", "then": [{"kind": "lock", "reason": "x", "fields": ["state"]}]},
        {"key": "by_person", "if": "amount > 1", "then": [{**notify, "to": ["person:buyer"]}]},
        {"key": "not_at_all", "if": "amount > 1", "then": [notify]},
    ]
    catalogue = company(*rules)
    found = uses_of(catalogue, frozenset({("order", "state"), ("order", "buyer")}))
    assert {(use.field, use.by) for use in found} == {
        ("state", "rule by_condition"), ("state", "rule by_text"), ("state", "rule by_value"), ("state", "rule by_trigger"), ("state", "rule by_lock"),
        ("buyer", "rule by_person"),
    }  # fmt: skip
