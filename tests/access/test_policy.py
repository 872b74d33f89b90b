"""What roles give, by example: the cases a company would ask about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tongmai.access import (
    ACTIONS,
    Actor,
    Policies,
    SystemActor,
    allowed,
    compile_policy,
    evaluate_slowly,
    policy_for,
    policy_params,
)
from tongmai.formula import FALSE, TRUE, FieldRef, Param, Tree, compile_python, in_, list_of, reference
from tongmai.model import Catalogue

from .catalogues import COMPUTED, FIELDS, MOMENT, catalogue, member, on_customer, person, uuid

SELLER = {"key": "seller", "grants": [on_customer(read="own", create=True, update="own")]}
VIEWER = {"key": "viewer", "grants": [on_customer(read="all", fields="read")]}


def sees(model: Catalogue, actor: Actor, row: dict[str, Any], field: str | None = None, action: str = "read") -> bool:
    policy = policy_for(actor, model, "customer")

    def holds(tree: Tree) -> bool:
        return compile_python(tree)(row, replace(MOMENT, params=policy_params(actor))) is True

    mask = policy.writable if action == "update" else policy.readable
    return holds(policy.rows[action]) and (field is None or holds(mask[field]))  # type: ignore[index]


def test_without_a_role_nothing_is_allowed() -> None:
    for roles in (frozenset[str](), frozenset({"no_such_role"})):
        policy = compile_policy(catalogue(SELLER), roles, "customer")
        assert [policy.may(action) for action in ACTIONS] == [False] * len(ACTIONS)
        assert set(policy.readable.values()) == {FALSE}


def test_an_unknown_object_is_closed_even_for_the_administrator_and_the_system() -> None:
    model = catalogue()
    for actor in (Actor(person(1, "administrator")), SystemActor("test")):
        policy = policy_for(actor, model, "no_such_object")
        assert not any(policy.may(action) for action in ACTIONS)


def test_administrator_and_system_see_and_do_all_but_write_what_the_platform_writes() -> None:
    model = catalogue()
    for actor in (Actor(person(1, "administrator")), SystemActor("test")):
        policy = policy_for(actor, model, "customer")
        assert all(policy.rows[action] == TRUE for action in ACTIONS)
        assert set(policy.readable.values()) == {TRUE}
        assert policy.settable == {"owner", "name", "level", "price", "cost", "referrer"}


def test_a_role_of_a_company_that_bears_the_administrators_key_is_no_administrator() -> None:
    model = catalogue()
    fake = model.model_copy(
        update={"roles": (model.roles[0].model_copy(update={"builtin": False, "manages": frozenset()}),)}
    )
    assert not compile_policy(fake, frozenset({"administrator"}), "customer").may("read")


def test_an_inactive_person_has_no_rights() -> None:
    actor = Actor(person(1, "administrator", active=False))
    assert not policy_for(actor, catalogue(), "customer").may("read")


def test_the_scopes_become_short_predicates_on_the_owner() -> None:
    model = catalogue(*({"key": key, "grants": [on_customer(read=key)]} for key in ("own", "team", "subtree", "all")))
    owner = FieldRef(("owner",), reference("person"))
    subtree = in_(owner, Param("my_subtree", list_of(reference("person"))))
    assert compile_policy(model, frozenset({"own", "team", "subtree"}), "customer").rows["read"] == subtree
    assert compile_policy(model, frozenset({"own", "all"}), "customer").rows["read"] == TRUE


def test_a_field_that_only_one_role_reads_is_masked_outside_that_roles_rows() -> None:
    model = catalogue(
        SELLER, {"key": "peer", "grants": [on_customer(read="all", field_access={"cost": "none"}, fields="read")]}
    )
    actor = Actor(member(1, "seller", "peer"))
    own, others = {"owner": uuid(1)}, {"owner": uuid(4)}
    assert sees(model, actor, own, "cost")
    assert sees(model, actor, others, "name")
    assert not sees(model, actor, others, "cost")
    assert policy_for(actor, model, "customer").readable["name"] == TRUE


def test_a_record_is_changed_only_within_the_update_scope() -> None:
    model = catalogue(SELLER, VIEWER)
    actor = Actor(member(1, "seller", "viewer"))
    assert sees(model, actor, {"owner": uuid(1)}, "name", "update")
    assert sees(model, actor, {"owner": uuid(2)}, "name")
    assert not sees(model, actor, {"owner": uuid(2)}, action="update")


def test_updating_everything_does_not_reach_what_cannot_be_read() -> None:
    model = catalogue({"key": "odd", "grants": [on_customer(read="own", update="all", delete="all", purge=True)]})
    actor = Actor(member(1, "odd"))
    for action in ("update", "delete", "purge"):
        assert sees(model, actor, {"owner": uuid(1)}, action=action)
        assert not sees(model, actor, {"owner": uuid(2)}, action=action)


def test_a_new_record_must_lie_where_its_maker_sees_it() -> None:
    model = catalogue(SELLER, VIEWER)
    actor = Actor(member(1, "seller", "viewer"))
    assert sees(model, actor, {"owner": uuid(1)}, action="create")
    # The viewer's role reads all records, but it does not create.
    assert not sees(model, actor, {"owner": uuid(2)}, action="create")


def test_handing_a_record_over_has_to_be_granted_by_name() -> None:
    model = catalogue(
        SELLER,
        {"key": "lead", "grants": [on_customer(read="team", update="team", field_access={"owner": "write"})]},
    )
    seller, lead = Actor(member(1, "seller")), Actor(member(1, "lead"))
    assert not sees(model, seller, {"owner": uuid(1)}, "owner", "update")
    assert "owner" not in policy_for(seller, model, "customer").settable
    assert sees(model, lead, {"owner": uuid(2)}, "owner", "update")


def test_a_formula_field_shows_no_more_than_its_parts() -> None:
    hidden = on_customer(read="all", field_access={"cost": "none"})
    named = on_customer(read="all", field_access={"cost": "none", "margin": "read"})
    model = catalogue({"key": "plain", "grants": [hidden]}, {"key": "named", "grants": [named]})
    assert compile_policy(model, frozenset({"plain"}), "customer").readable["margin"] == FALSE
    assert compile_policy(model, frozenset({"named"}), "customer").readable["margin"] == TRUE
    # Through a relation as well: the related record's cost is hidden too.
    assert compile_policy(model, frozenset({"plain"}), "customer").readable["referrer_cost"] == FALSE


def seen_by(model: Catalogue, role: str) -> set[str]:
    readable = compile_policy(model, frozenset({role}), "customer").readable
    return {key for key in COMPUTED if readable[key] == TRUE}


def test_a_metric_and_a_class_show_no_more_than_their_parts() -> None:
    model = catalogue(
        {"key": "all", "grants": [on_customer(read="all")]},
        {"key": "hidden", "grants": [on_customer(read="all", field_access={"cost": "none"})]},
        {"key": "told", "grants": [on_customer(read="all", field_access={"cost": "none", "verdict": "read"})]},
        {"key": "averages", "grants": [on_customer(read="all", field_access={"cost": "none", "cost_each": "read"})]},
    )
    figures = {"referred", "long_notes"}
    costs = {"referred_cost", "cost_each", "cost_each__base", "verdict", "grade", "grade__since"}
    assert seen_by(model, "all") == figures | costs
    assert seen_by(model, "hidden") == figures
    # What is named is shown without its parts, and so is what is made of that alone.
    assert seen_by(model, "told") == figures | {"verdict", "grade", "grade__since"}
    assert seen_by(model, "averages") == figures | costs - {"referred_cost"}


def test_what_a_metric_is_compared_with_is_hidden_and_named_with_it() -> None:
    hidden = on_customer(read="all", field_access={"cost_each": "none", "grade": "none"})
    model = catalogue({"key": "hidden", "grants": [hidden]})
    assert seen_by(model, "hidden") == {"referred", "referred_cost", "long_notes"}


def test_the_words_of_a_row_want_a_grant_on_it_where_a_figure_of_rows_does_not() -> None:
    notes = [on_customer(read="all"), {"object": "note", "read": "own"}]
    closed = [on_customer(read="all"), {"object": "note", "read": "own", "field_access": {"words": "none"}}]
    model = catalogue(
        {"key": "none", "grants": notes[:1]}, {"key": "own", "grants": notes}, {"key": "closed", "grants": closed}
    )
    told = {"last_words", "long_notes"}
    assert [seen_by(model, role) & told for role in ("none", "own", "closed")] == [{"long_notes"}, told, set()]


def test_formula_fields_are_never_written() -> None:
    policy = compile_policy(catalogue(SELLER), frozenset({"seller"}), "customer")
    assert policy.writable["margin"] == FALSE
    assert "margin" not in policy.settable


def test_a_grants_formula_that_no_longer_holds_gives_nothing() -> None:
    model = catalogue({"key": "broken", "grants": [on_customer(read="formula:[消失的字段] = 1")]})
    assert not compile_policy(model, frozenset({"broken"}), "customer").may("read")


def test_someone_without_a_team_does_not_see_all_who_have_none() -> None:
    grant = {"object": "person", "read": "team"}
    model = catalogue({"key": "mate", "grants": [grant]})
    loner = Actor(person(5, "mate"))
    other = {"id": uuid(9), "team": None}
    assert not evaluate_slowly(model, loner, "person", other, "read", moment=MOMENT)
    tree = policy_for(loner, model, "person").rows["read"]
    assert compile_python(tree)(other, replace(MOMENT, params=policy_params(loner))) is False
    assert compile_python(tree)({"id": uuid(5)}, replace(MOMENT, params=policy_params(loner))) is True


def test_nobody_widens_his_own_sight_by_editing_his_own_person_record() -> None:
    grant = {"object": "person", "read": "own", "update": "own"}
    model = catalogue(
        {"key": "self", "grants": [grant]},
        {"key": "hr", "grants": [grant], "manages": ["people"]},
        {"key": "guard", "grants": [grant], "manages": ["access"]},
    )

    def writable(role: str) -> set[str]:
        policy = compile_policy(model, frozenset({role}), "person")
        return {key for key, tree in policy.writable.items() if tree == TRUE}

    assert writable("self") == {"name", "email", "phone"}
    assert writable("hr") == {"name", "email", "phone", "team", "active"}
    assert writable("guard") == {"name", "email", "phone", "team", "active", "roles"}


@pytest.mark.parametrize(
    ("scopes", "may"),
    [
        ({"read"}, {"read", "export"}),
        ({"write"}, {"read", "create", "update", "delete", "purge", "export", "import"}),
        ({"read:customer"}, {"read", "export"}),
        ({"write:customer"}, {"read", "create", "update", "delete", "purge", "export", "import"}),
        ({"read:person"}, set()),
        ({"model", "admin"}, set()),
    ],
)
def test_a_tokens_scopes_narrow_even_an_administrator(scopes: set[str], may: set[str]) -> None:
    actor = Actor(person(1, "administrator"), "token:x", frozenset(scopes))
    policy = policy_for(actor, catalogue(), "customer")
    assert {action for action in ACTIONS if policy.may(action)} == may
    assert (policy.settable != frozenset()) == ("create" in may)


def test_a_narrowed_policy_has_a_key_of_its_own() -> None:
    model = catalogue(SELLER)
    me = person(1, "seller")
    keys = {
        policy_for(Actor(me, scopes=scopes), model, "customer").key
        for scopes in (None, frozenset({"read"}), frozenset({"admin"}))
    }
    assert len(keys) == 3


def test_allowed_tells_what_a_screen_may_offer() -> None:
    model = catalogue(SELLER)
    actor = Actor(person(1, "seller"))
    assert allowed(actor, model, "customer", "update", "name")
    assert allowed(actor, model, "customer", "create", "name")
    assert not allowed(actor, model, "customer", "create", "owner")
    assert not allowed(actor, model, "customer", "export")
    assert not allowed(actor, model, "customer", "read", "no_such_field")


def test_policies_are_kept_and_never_shared_between_catalogues_of_one_version() -> None:
    kept = Policies()
    one, other = catalogue(SELLER), catalogue({**SELLER, "grants": []})
    actor = Actor(person(1, "seller"))
    assert kept.of(actor, one, "customer") is kept.of(Actor(person(2, "seller")), one, "customer")
    assert kept.of(actor, one, "customer").may("read")
    assert not kept.of(actor, other, "customer").may("read")


def test_the_cache_of_policies_is_bounded() -> None:
    kept = Policies(kept=2)
    model = catalogue(SELLER)
    actor = Actor(person(1, "seller"))
    first = kept.of(actor, model, "customer")
    for key in ("person", "team"):
        kept.of(actor, model, key)
    assert kept.of(actor, model, "customer") is not first


def test_a_policy_names_every_path_it_reads() -> None:
    model = catalogue({"key": "ref", "grants": [on_customer(read="formula:[介绍人].[等级] = 'A'")]})
    assert compile_policy(model, frozenset({"ref"}), "customer").paths() == {("referrer", "level")}


def test_every_field_has_its_masks() -> None:
    policy = compile_policy(catalogue(SELLER), frozenset({"seller"}), "customer")
    assert set(FIELDS) < set(policy.readable) == set(policy.writable)


def test_a_system_actor_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        SystemActor(" ")
