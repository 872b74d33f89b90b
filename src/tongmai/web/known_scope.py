"""The names of an object that one actor may use in a formula: neither found nor suggested beyond what they may know."""

from __future__ import annotations

from collections.abc import Sequence

from tongmai.access import Actor, ObjectPolicy, Policies
from tongmai.formula import Scope, Symbol
from tongmai.model import Catalogue
from tongmai.web.visible_model import is_known, sees_everything


class KnownScope:
    """Implements ``formula.Scope`` over another scope, leaving out fields that the policies hide altogether."""

    def __init__(self, scope: Scope, actor: Actor, catalogue: Catalogue, policies: Policies) -> None:
        self._scope = scope
        self._actor = actor
        self._catalogue = catalogue
        self._policies = policies
        self._everything = sees_everything(actor, catalogue)

    @property
    def object_key(self) -> str:
        return self._scope.object_key

    @property
    def _policy(self) -> ObjectPolicy:
        return self._policies.of(self._actor, self._catalogue, self.object_key)

    def find(self, name: str) -> Symbol | None:
        found = self._scope.find(name)
        return found if found is not None and self._is_known(found.key) else None

    def names(self) -> Sequence[str]:
        return [name for name in self._scope.names() if self.find(name) is not None]

    def through(self, key: str) -> Scope | None:
        inner = self._scope.through(key) if self._is_known(key) else None
        return None if inner is None else KnownScope(inner, self._actor, self._catalogue, self._policies)

    def _is_known(self, key: str) -> bool:
        return self._everything or is_known(self._policy, key)
