"""Who may see and do what: roles' grants become one predicate and one mask a field, and every refusal can be explained.

Invariants: what is not granted is denied (unknown roles and objects included); adding a role never takes anything
away; a token's scopes only narrow; nobody changes what he cannot see or hands out a power over the platform that he
lacks; what watched records say is carried elsewhere by nobody who may not read it there. The room is pure: it makes
formula trees, ``records`` puts them into every statement. ``evaluate_slowly`` states the same rules a second time, for
tests and for ``explain``.
"""

from tongmai.access.actors import ACTIONS, Action, Actor, AnyActor, Person, SystemActor, policy_params
from tongmai.access.administration import (
    AREAS,
    check_catalogue_change,
    check_role_assignment,
    is_administrator,
    loses_administrator,
    managed_by,
    manages,
    require_administrator_left,
    require_manage,
)
from tongmai.access.explain import Explanation, Reason, explain
from tongmai.access.guarding import check_guarded, guards_of, is_watched, shows_all
from tongmai.access.oracle import evaluate_slowly
from tongmai.access.policies import Policies, allowed, policy_for
from tongmai.access.policy import OWNER, ObjectPolicy, compile_policy
from tongmai.access.refusal import refusal
from tongmai.access.token_scopes import allows, check_scopes, only_reads

__all__ = [
    "ACTIONS",
    "AREAS",
    "OWNER",
    "Action",
    "Actor",
    "AnyActor",
    "Explanation",
    "ObjectPolicy",
    "Person",
    "Policies",
    "Reason",
    "SystemActor",
    "allowed",
    "allows",
    "check_catalogue_change",
    "check_guarded",
    "check_role_assignment",
    "check_scopes",
    "compile_policy",
    "evaluate_slowly",
    "explain",
    "guards_of",
    "is_administrator",
    "is_watched",
    "loses_administrator",
    "managed_by",
    "manages",
    "only_reads",
    "policy_for",
    "policy_params",
    "refusal",
    "require_administrator_left",
    "require_manage",
    "shows_all",
]
