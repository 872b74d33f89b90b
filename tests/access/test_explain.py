"""The answer to "why can (or can't) X see this?"."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from tongmai.access import ACTIONS, Actor, SystemActor, evaluate_slowly, explain, refusal
from tongmai.kit import Denied
from tongmai.model import Catalogue

from .catalogues import (
    MOMENT,
    catalogue,
    catalogues,
    member,
    members,
    objects_and_rows,
    on_customer,
    person,
    role_sets,
    uuid,
)

MODEL = catalogue(
    {
        "key": "seller",
        "label": "销售",
        "grants": [on_customer(read="own", update="own", field_access={"cost": "none", "level": "read"})],
    },
    {"key": "vip", "label": "大客户", "grants": [on_customer(read="formula:[等级] = 'A'", fields="read")]},
    {"key": "idle", "label": "闲置"},
)
SELLER = person(1, "seller")


def test_it_names_the_role_and_the_scope_that_allow() -> None:
    found = explain(MODEL, SELLER, "customer", {"owner": uuid(1)}, "read", moment=MOMENT)
    assert found.allowed
    assert found.verdict.zh == "P1可以查看此“客户”记录"
    assert [(reason.role, reason.scope, reason.holds) for reason in found.reasons] == [("seller", "own", True)]
    assert found.reasons[0].text.zh == "角色“销售”可查看本人负责的记录"


def test_it_names_each_role_that_does_not_reach_the_record() -> None:
    who = person(1, "seller", "vip", "idle")
    found = explain(MODEL, who, "customer", {"owner": uuid(2), "level": "B"}, "read", moment=MOMENT)
    assert not found.allowed
    assert found.verdict.en == "P1 may not see this “Customer”"
    assert [reason.text.zh for reason in found.reasons] == [
        "角色“闲置”没有“客户”的任何权限",
        "角色“销售”可查看本人负责的记录，但此记录不在其中",
        "角色“大客户”可查看满足“[等级] = 'A'”的记录，但此记录不在其中",
    ]


def test_reasons_that_speak_for_the_verdict_come_first() -> None:
    who = person(1, "seller", "vip")
    found = explain(MODEL, who, "customer", {"owner": uuid(2), "level": "A"}, "read", moment=MOMENT)
    assert found.allowed
    assert [reason.holds for reason in found.reasons] == [True, False]
    assert found.reasons[0].role == "vip"


def test_it_tells_why_a_field_is_hidden_or_not_writable() -> None:
    row = {"owner": uuid(1)}
    hidden = explain(MODEL, SELLER, "customer", row, "read", "cost", moment=MOMENT)
    assert (hidden.allowed, hidden.reasons[0].text.zh) == (False, "角色“销售”可查看本人负责的记录，但不能看“成本”")
    part = explain(MODEL, SELLER, "customer", row, "read", "margin", moment=MOMENT)
    assert (part.allowed, "所用的字段" in part.reasons[0].text.zh) == (False, True)
    fixed = explain(MODEL, SELLER, "customer", row, "update", "level", moment=MOMENT)
    assert (fixed.allowed, fixed.reasons[0].text.zh) == (False, "角色“销售”可修改本人负责的记录，但不能写“等级”")
    system = explain(MODEL, SELLER, "customer", row, "update", "version", moment=MOMENT)
    assert any("由系统给出" in reason.text.zh for reason in system.reasons)


def test_it_tells_of_tokens_inactive_people_and_unknown_names() -> None:
    token = Actor(SELLER, "token:x", frozenset({"read:person"}))
    assert "read:person" in explain(MODEL, token, "customer", None, "read").reasons[0].text.en
    left = person(1, "seller", active=False)
    assert explain(MODEL, left, "customer", None, "read").reasons[0].text.zh == "P1已停用"
    assert not explain(MODEL, SELLER, "nothing", None, "read").allowed
    assert "no_such" in explain(MODEL, SELLER, "customer", None, "read", "no_such").verdict.en


def test_an_action_and_a_field_may_come_from_two_roles() -> None:
    model = catalogue(
        {"key": "remover", "label": "清理", "grants": [on_customer(delete="all", fields="none")]},
        {"key": "viewer", "label": "查看", "grants": [on_customer(read="all", fields="read")]},
    )
    found = explain(
        model, person(1, "remover", "viewer"), "customer", {"owner": uuid(2)}, "delete", "name", moment=MOMENT
    )
    assert found.allowed
    assert (found.reasons[0].role, found.reasons[0].text.zh) == ("remover", "角色“清理”可删除全部记录")


def test_without_a_record_it_speaks_of_what_there_can_be() -> None:
    assert explain(MODEL, SELLER, "customer", None, "read").allowed
    found = explain(MODEL, SELLER, "customer", None, "delete")
    assert (found.allowed, found.reasons[0].text.zh) == (False, "角色“销售”未授予删除")
    assert explain(MODEL, person(1, "administrator"), "customer", None, "purge").reasons[0].role == "administrator"


@settings(max_examples=100)
@given(catalogues, role_sets, members, objects_and_rows)
def test_the_verdict_is_the_policys_and_a_yes_has_a_reason(
    model: Catalogue, roles: frozenset[str], who: int, asked: tuple[str, dict[str, Any]]
) -> None:
    object_key, row = asked
    someone = member(who, *roles)
    for action in ACTIONS:
        for field in (None, "name"):
            found = explain(model, someone, object_key, row, action, field, moment=MOMENT)
            slow = evaluate_slowly(model, Actor(someone), object_key, row, action, field, moment=MOMENT)
            assert found.allowed == slow
            if found.allowed:
                assert found.reasons[0].holds


def test_a_refusal_blames_the_roles_and_names_every_field() -> None:
    error = refusal(Actor(SELLER), MODEL, "customer", "update", "cost", "level")
    assert isinstance(error, Denied)
    assert [(fault.field, fault.code, fault.rule) for fault in error.faults] == [
        ("cost", "access.update_field", "role:seller"),
        ("level", "access.update_field", "role:seller"),
    ]
    assert error.faults[0].text.zh.startswith("没有权限修改“成本”：角色“销售”")
    assert all(fault.way_out is not None for fault in error.faults)


def test_a_refusal_about_one_record_tells_nothing_of_it() -> None:
    error = refusal(Actor(SELLER), MODEL, "customer", "update", record=True)
    assert error.sentence("zh") == "没有权限修改此“客户” (如需此权限，请联系管理员)"
    assert refusal(SystemActor("x"), MODEL, "nothing", "read").faults[0].code == "access.read"
