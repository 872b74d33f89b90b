"""Laws of policies, on random roles and rows: the compiled trees are the slow evaluation, roles only add."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tongmai.access import (
    ACTIONS,
    Action,
    Actor,
    ObjectPolicy,
    compile_policy,
    evaluate_slowly,
    policy_for,
    policy_params,
)
from tongmai.formula import Tree, compile_python
from tongmai.model import Catalogue, computed_fields, system_fields

from .catalogues import (
    MOMENT,
    SYSTEM_FIELDS,
    catalogues,
    member,
    members,
    objects_and_rows,
    role_sets,
)

Question = tuple[str, dict[str, Any]]
WRITING = ("create", "update", "import")
some_scopes = st.one_of(
    st.none(), st.frozensets(st.sampled_from(("read", "write", "read:customer", "write:person", "admin")), min_size=1)
)


def holds(tree: Tree, actor: Actor, row: dict[str, Any]) -> bool:
    return compile_python(tree)(row, replace(MOMENT, params=policy_params(actor))) is True


def compiled_answer(policy: ObjectPolicy, actor: Actor, row: dict[str, Any], action: Action, field: str | None) -> bool:
    """What a statement with the policy's trees in it would answer."""
    if not holds(policy.rows[action], actor, row):
        return False
    if field is None:
        return True
    if action in ("create", "import"):
        return field in policy.settable
    return holds((policy.writable if action == "update" else policy.readable)[field], actor, row)


def fields_of(catalogue: Catalogue, object_key: str) -> list[str]:
    own, computed = catalogue.object_by_key[object_key].fields, computed_fields(catalogue, object_key)
    return [each.key for each in (*system_fields(object_key), *own, *computed)]


@settings(max_examples=200)
@given(catalogues, role_sets, members, objects_and_rows, some_scopes)
def test_the_compiled_policy_answers_as_the_slow_evaluation_does(
    catalogue: Catalogue, roles: frozenset[str], who: int, asked: Question, scopes: frozenset[str] | None
) -> None:
    object_key, row = asked
    actor = Actor(member(who, *roles), scopes=scopes)
    policy = policy_for(actor, catalogue, object_key)
    for action in ACTIONS:
        for field in (None, *fields_of(catalogue, object_key)):
            slow = evaluate_slowly(catalogue, actor, object_key, row, action, field, moment=MOMENT)
            assert compiled_answer(policy, actor, row, action, field) == slow, (action, field)


@settings(max_examples=80)
@given(catalogues, role_sets, st.sampled_from(("r1", "r2", "r3")), members, objects_and_rows)
def test_one_more_role_never_takes_anything_away(
    catalogue: Catalogue, roles: frozenset[str], more: str, who: int, asked: Question
) -> None:
    object_key, row = asked
    fewer, greater = Actor(member(who, *roles)), Actor(member(who, *roles, more))
    before, after = policy_for(fewer, catalogue, object_key), policy_for(greater, catalogue, object_key)
    for action in ACTIONS:
        for field in (None, *fields_of(catalogue, object_key)):
            if compiled_answer(before, fewer, row, action, field):
                assert compiled_answer(after, greater, row, action, field), (action, field)


@settings(max_examples=80)
@given(catalogues, role_sets, members, objects_and_rows, some_scopes)
def test_a_tokens_scopes_never_add_anything(
    catalogue: Catalogue, roles: frozenset[str], who: int, asked: Question, scopes: frozenset[str] | None
) -> None:
    object_key, row = asked
    signed_in, token = Actor(member(who, *roles)), Actor(member(who, *roles), "token:x", scopes)
    wide, narrow = policy_for(signed_in, catalogue, object_key), policy_for(token, catalogue, object_key)
    for action in ACTIONS:
        for field in (None, *fields_of(catalogue, object_key)):
            if compiled_answer(narrow, token, row, action, field):
                assert compiled_answer(wide, signed_in, row, action, field), (action, field)


@settings(max_examples=80)
@given(catalogues, role_sets, members, objects_and_rows)
def test_what_cannot_be_seen_cannot_be_touched(
    catalogue: Catalogue, roles: frozenset[str], who: int, asked: Question
) -> None:
    object_key, row = asked
    actor = Actor(member(who, *roles))
    policy = policy_for(actor, catalogue, object_key)
    if not holds(policy.rows["read"], actor, row):
        assert not any(holds(policy.rows[action], actor, row) for action in ACTIONS)


@given(catalogues, role_sets)
def test_system_fields_are_seen_with_the_row_and_only_the_owner_can_be_given(
    catalogue: Catalogue, roles: frozenset[str]
) -> None:
    policy = compile_policy(catalogue, roles, "customer")
    for key in SYSTEM_FIELDS:
        assert (policy.readable[key].value is True) == policy.may("read")  # type: ignore[union-attr]
        assert key == "owner" or (policy.writable[key].value is False and key not in policy.settable)  # type: ignore[union-attr]


@given(catalogues, role_sets)
def test_equal_roles_give_equal_policies_with_hashable_keys(catalogue: Catalogue, roles: frozenset[str]) -> None:
    one, other = (compile_policy(catalogue, roles, "customer") for _ in range(2))
    assert one == other
    assert hash(one.key) == hash(other.key)
