"""Work objects without a grant: people read their own tasks, signals that concern them, and what is published."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tongmai.access import ACTIONS, Actor, Person, SystemActor, allowed, evaluate_slowly, explain, policy_for
from tongmai.formula import FALSE
from tongmai.model import CONTENT, SIGNAL, TASK, Catalogue, Grant, RoleDef, starting_catalogue

from .catalogues import MOMENT

ME, OTHER = UUID(int=1), UUID(int=2)
PLAIN = RoleDef.model_validate({"key": "plain", "label": "普通"})
CLOSED = RoleDef(key="closed", label=PLAIN.label, grants=(Grant.model_validate({"object": TASK, "read": "none"}),))
WIDE = RoleDef(key="wide", label=PLAIN.label, grants=(Grant.model_validate({"object": TASK, "read": "all"}),))
MODEL: Catalogue = starting_catalogue().replace(roles=(*starting_catalogue().roles, PLAIN, CLOSED, WIDE))


def may_read(object_key: str, row: dict[str, Any], *roles: str) -> bool:
    actor = Actor(Person(ME, "我", roles=roles or ("plain",)))
    found = evaluate_slowly(MODEL, actor, object_key, row, "read", moment=MOMENT)
    assert explain(MODEL, actor, object_key, row, "read", moment=MOMENT).allowed is found
    return found


@pytest.mark.parametrize(
    ("object_key", "row", "seen"),
    [
        (TASK, {"owner": ME}, True), (TASK, {"owner": OTHER}, False), (TASK, {"owner": None}, False),
        (SIGNAL, {"owner": ME, "people": None}, True), (SIGNAL, {"owner": OTHER, "people": [OTHER, ME]}, True),
        (SIGNAL, {"owner": OTHER, "people": [OTHER]}, False), (CONTENT, {"owner": OTHER, "state": "published"}, True),
        (CONTENT, {"owner": OTHER, "state": "draft"}, False), (CONTENT, {"owner": ME, "state": "retired"}, False),
    ],
)  # fmt: skip
def test_what_a_role_without_a_grant_reads(object_key: str, row: dict[str, Any], seen: bool) -> None:
    assert may_read(object_key, row) is seen


def test_a_role_with_a_grant_has_that_instead_and_roles_are_united() -> None:
    assert not may_read(TASK, {"owner": ME}, "closed")
    assert may_read(TASK, {"owner": OTHER}, "wide")
    assert may_read(TASK, {"owner": ME}, "closed", "plain")


def test_the_baseline_only_reads() -> None:
    actor = Actor(Person(ME, "我", roles=("plain",)))
    for object_key in (TASK, SIGNAL, CONTENT):
        policy = policy_for(actor, MODEL, object_key)
        assert {action for action in ACTIONS if policy.may(action)} == {"read"}
        assert all(mask == FALSE for mask in policy.writable.values())


def test_nobody_without_a_role_reads_anything() -> None:
    nobody = Actor(Person(ME, "我"))
    assert not any(allowed(nobody, MODEL, each, "read") for each in (TASK, SIGNAL, CONTENT))


def test_the_system_acts_on_behalf_of_somebody() -> None:
    assert (SystemActor("task", on_behalf=ME).id, SystemActor("task").id) == (ME, None)
    assert SystemActor("task", on_behalf=ME).via == "system:task"
