"""Compiled policies, kept: whoever serves requests holds one ``Policies`` and asks it for each of them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from tongmai.access.actors import Action, AnyActor, SystemActor
from tongmai.access.policy import ObjectPolicy, closed_policy, compile_policy, open_policy
from tongmai.access.token_scopes import narrowing
from tongmai.formula import FALSE, Tree
from tongmai.model import Catalogue

_SYSTEM = "system"
# Roles are few and combine little; a catalogue that changes leaves its old policies to be pushed out.
_KEPT = 4096
_READ_ACTIONS = frozenset[Action]({"read", "export"})


class Policies:
    """A bounded cache of policies, least recently used out first. For one event loop or thread.

    An entry belongs to the very catalogue it was compiled from, so workspaces that share version numbers and roles'
    names never share a policy.
    """

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._entries: OrderedDict[tuple[object, ...], tuple[Catalogue, ObjectPolicy]] = OrderedDict()

    def of(self, actor: AnyActor, catalogue: Catalogue, object_key: str) -> ObjectPolicy:
        """The actor's policy, a token's narrowing included. Its ``key`` tells it apart within one workspace."""
        if isinstance(actor, SystemActor):
            slot: tuple[object, ...] = (id(catalogue), _SYSTEM, object_key)
        else:
            slot = (id(catalogue), actor.roles, narrowing(actor.scopes, object_key), object_key)
        entry = self._entries.get(slot)
        if entry is not None and entry[0] is catalogue:
            self._entries.move_to_end(slot)
            return entry[1]
        policy = policy_for(actor, catalogue, object_key)
        self._entries[slot] = (catalogue, policy)
        if len(self._entries) > self._kept:
            self._entries.popitem(last=False)
        return policy


def policy_for(actor: AnyActor, catalogue: Catalogue, object_key: str) -> ObjectPolicy:
    """The actor's policy on an object, compiled afresh: roles, then what a token's scopes leave of them."""
    definition = catalogue.object_by_key.get(object_key)
    if not isinstance(actor, SystemActor):
        return _narrowed(compile_policy(catalogue, actor.roles, object_key), narrowing(actor.scopes, object_key))
    key = (catalogue.version, _SYSTEM, object_key)
    return closed_policy(key, object_key, ()) if definition is None else open_policy(key, catalogue, definition)


def allowed(actor: AnyActor, catalogue: Catalogue, object_key: str, action: Action, field: str | None = None) -> bool:
    """Whether there can be a row on which the actor may do this (to the field): what a screen offers at all."""
    policy = policy_for(actor, catalogue, object_key)
    if not policy.may(action):
        return False
    if field is None:
        return True
    if action in ("create", "import"):
        return field in policy.settable
    masks = policy.writable if action == "update" else policy.readable
    return masks.get(field, FALSE) != FALSE


def _narrowed(policy: ObjectPolicy, left: str) -> ObjectPolicy:
    if left == "all":
        return policy
    key = (*policy.key, left)
    if left == "none":
        return closed_policy(key, policy.object, tuple(policy.readable))
    rows: dict[Action, Tree] = {
        action: tree if action in _READ_ACTIONS else FALSE for action, tree in policy.rows.items()
    }
    return replace(policy, key=key, rows=rows, writable=dict.fromkeys(policy.writable, FALSE), settable=frozenset())
