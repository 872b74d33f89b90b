"""Who administers the platform, and that nobody hands out more than he has."""

from __future__ import annotations

from datetime import date

import pytest

from tongmai.access import (
    Actor,
    SystemActor,
    check_catalogue_change,
    check_role_assignment,
    check_scopes,
    loses_administrator,
    manages,
    require_administrator_left,
    require_manage,
)
from tongmai.kit import Conflict, Denied
from tongmai.model import CalendarDef

from .catalogues import catalogue, on_customer, person

GUARD = {"key": "guard", "manages": ["access"]}
DESIGNER = {"key": "designer", "manages": ["model"]}
SELLER = {"key": "seller", "grants": [on_customer(read="own")]}
MODEL = catalogue(GUARD, DESIGNER, SELLER)


def actor(*roles: str, scopes: frozenset[str] | None = None) -> Actor:
    return Actor(person(1, *roles), scopes=scopes)


def test_the_refusal_names_the_area_that_no_role_manages() -> None:
    with pytest.raises(Denied) as refused:
        require_manage(actor("designer"), MODEL, "access")
    (fault,) = refused.value.faults
    assert (fault.code, fault.rule) == ("access.manage_needed", "manages:access")
    require_manage(actor("designer"), MODEL, "model")
    require_manage(actor("administrator"), MODEL, "backup")
    require_manage(SystemActor("test"), MODEL, "backup")


def test_a_token_also_needs_the_scope() -> None:
    with pytest.raises(Denied) as refused:
        require_manage(actor("designer", scopes=frozenset({"write"})), MODEL, "model")
    assert refused.value.faults[0].rule == "scope:model"
    require_manage(actor("designer", scopes=frozenset({"model"})), MODEL, "model")
    assert not manages(actor("administrator", scopes=frozenset({"model"})), MODEL, "people")
    assert manages(actor("administrator", scopes=frozenset({"admin"})), MODEL, "people")


def test_roles_are_assigned_by_those_who_manage_access() -> None:
    assert check_role_assignment(actor("seller"), MODEL, [], ["seller"])[0].rule == "manages:access"
    assert check_role_assignment(actor("guard"), MODEL, [], ["seller"]) == []
    assert check_role_assignment(SystemActor("test"), MODEL, [], ["administrator"]) == []


def test_nobody_gives_or_takes_a_power_over_the_platform_that_he_lacks() -> None:
    guard = actor("guard")
    assert [fault.rule for fault in check_role_assignment(guard, MODEL, [], ["designer"])] == ["designer"]
    assert [fault.rule for fault in check_role_assignment(guard, MODEL, ["administrator"], [])] == ["administrator"]
    assert check_role_assignment(guard, MODEL, [], ["guard"]) == []
    assert check_role_assignment(actor("administrator"), MODEL, [], ["administrator", "designer"]) == []


def test_unchanged_roles_need_no_power() -> None:
    assert check_role_assignment(actor("seller"), MODEL, ["a", "b"], ["b", "a"]) == []


def test_objects_are_changed_by_managers_of_the_model_and_roles_by_managers_of_access() -> None:
    wider = catalogue(GUARD, DESIGNER, {**SELLER, "grants": [on_customer(read="all")]})
    smaller = MODEL.model_copy(update={"objects": MODEL.objects[:2]})
    assert [fault.rule for fault in check_catalogue_change(actor("designer"), MODEL, wider)] == ["manages:access"]
    assert check_catalogue_change(actor("guard"), MODEL, wider) == []
    assert [fault.rule for fault in check_catalogue_change(actor("guard"), MODEL, smaller)] == ["manages:model"]
    assert check_catalogue_change(actor("designer"), MODEL, smaller) == []
    assert check_catalogue_change(SystemActor("install"), MODEL, smaller) == []


def test_days_off_are_the_designers_to_set() -> None:
    quieter = MODEL.replace(calendar=CalendarDef(closed=(date(2026, 3, 9),)))
    assert [fault.rule for fault in check_catalogue_change(actor("guard"), MODEL, quieter)] == ["manages:model"]
    assert check_catalogue_change(actor("designer"), MODEL, quieter) == []


def test_a_role_cannot_be_widened_beyond_its_editors_own_powers() -> None:
    own_way_up = catalogue({"key": "guard", "manages": ["access", "backup", "model"]}, DESIGNER, SELLER)
    (fault,) = check_catalogue_change(actor("guard"), MODEL, own_way_up)
    assert (fault.code, fault.rule) == ("access.beyond_own", "guard")
    assert "备份" in fault.text.zh
    assert check_catalogue_change(actor("administrator"), MODEL, own_way_up) == []


@pytest.mark.parametrize(
    ("before", "after", "active", "loses"),
    [
        (["administrator"], ["seller"], True, True),
        (["administrator"], ["administrator"], False, True),
        (["administrator"], ["administrator", "seller"], True, False),
        (["seller"], [], False, False),
    ],
)
def test_taking_an_administrator_away_is_noticed(
    before: list[str], after: list[str], active: bool, loses: bool
) -> None:
    assert loses_administrator(MODEL, before, after, stays_active=active) is loses


def test_the_last_administrator_stays() -> None:
    require_administrator_left(1)
    with pytest.raises(Conflict, match="last administrator"):
        require_administrator_left(0)


def test_a_tokens_scopes_are_checked_when_it_is_made() -> None:
    assert check_scopes(["read", "write:customer", "model", "admin"], MODEL) == []
    codes = [fault.code for fault in check_scopes(["read:nothing", "delete", "model:customer", "write:"], MODEL)]
    assert codes == ["token.unknown_scope"] * 4
    assert check_scopes([], MODEL)[0].code == "token.no_scope"
