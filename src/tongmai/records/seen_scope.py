"""The names that an actor may write in a filter, an order or a query."""

from __future__ import annotations

from collections.abc import Sequence

from tongmai.formula import FALSE, Symbol
from tongmai.model import ObjectScope, the_one_meant
from tongmai.records.place import Place


class SeenScope:
    """Implements ``formula.Scope`` over an object through an actor's eyes.

    A field that he can see on no record is not there: neither found nor suggested, so that its name cannot be guessed.
    Formula fields stay fields, so that their own masks hold for them.
    """

    def __init__(self, place: Place, object_key: str, scope: ObjectScope | None = None) -> None:
        self._place = place
        self._scope = scope or place.structure.scope(object_key)
        self._readable = place.policy(object_key).readable

    @property
    def object_key(self) -> str:
        return self._scope.object_key

    def find(self, name: str) -> Symbol | None:
        """A visible field by key or label. Raises ``Invalid`` for a label that two of them share."""
        key = the_one_meant(name, [each for each in self._scope.keys_of(name) if self._is_seen(each)])
        return None if key is None else Symbol(key, self._scope.symbol(key).type)

    def names(self) -> Sequence[str]:
        return [name for name in self._scope.names() if any(map(self._is_seen, self._scope.keys_of(name)))]

    def through(self, key: str) -> SeenScope | None:
        inner = self._scope.through(key) if self._is_seen(key) else None
        return None if inner is None else SeenScope(self._place, inner.object_key, inner)

    def _is_seen(self, key: str) -> bool:
        return self._readable.get(key, FALSE) != FALSE
