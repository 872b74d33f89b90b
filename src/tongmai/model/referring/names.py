"""Hears which names formulas, templates and paths speak of, as they are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from tongmai import formula
from tongmai.kit import Invalid
from tongmai.model.definitions import Catalogue
from tongmai.model.metric_fields import MetricField, SegmentField, computed_fields
from tongmai.model.scope import ObjectScope
from tongmai.model.system_fields import SYSTEM_KEYS
from tongmai.model.templates import parse_template

# (kind, key), or ("field", object, key).
Reference: TypeAlias = tuple[str, ...]


class Names:
    """What was named so far, in ``found``. Texts that do not parse name what was read of them until then: whether they
    are sound is for ``check_catalogue`` to say."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.found: dict[Reference, None] = {}
        self._scopes: dict[str, ObjectScope] = {}

    def add(self, kind: str, *keys: str) -> None:
        self.found[(kind, *keys)] = None

    def object(self, key: str) -> None:
        self.add("object", key)

    def field(self, object_key: str, key: str) -> None:
        """A field by key, or the metric or segment that it is of. System fields are there with their object."""
        self.object(object_key)
        definition = self.catalogue.object_by_key.get(object_key)
        if definition is None or key in SYSTEM_KEYS:
            return
        if key in definition.by_key:
            self.add("field", object_key, key)
            return
        for each in computed_fields(self.catalogue, object_key):
            if each.key == key and isinstance(each, MetricField):
                self.add("metric", each.metric)
            elif each.key == key and isinstance(each, SegmentField):
                self.add("segment", each.segment)

    def formula(self, object_key: str, text: str | None) -> None:
        """What a formula over records of an object names; also a bare field or a dotted path."""
        scope = self.scope(object_key)
        if text is None or scope is None:
            return
        try:
            formula.parse(text, _Listening(scope, self))
        except Invalid:
            return

    def template(self, object_key: str, text: str) -> None:
        scope = self.scope(object_key)
        if scope is None:
            return
        try:
            parse_template(text, _Listening(scope, self))
        except Invalid:
            return

    def scope(self, object_key: str) -> ObjectScope | None:
        """The object's names, metrics and segments among them; None for an object that there is not."""
        if object_key not in self._scopes and object_key in self.catalogue.object_by_key:
            self._scopes[object_key] = ObjectScope(self.catalogue, object_key)
        return self._scopes.get(object_key)


class _Listening:
    """A scope that tells ``names`` of each field that is asked for, on the way through relations too."""

    def __init__(self, scope: ObjectScope, names: Names) -> None:
        self._scope = scope
        self._names = names

    @property
    def object_key(self) -> str:
        return self._scope.object_key

    def find(self, name: str) -> formula.Symbol | None:
        found = self._scope.find(name)
        if found is not None:
            self._names.field(self.object_key, found.key)
        return found

    def names(self) -> Sequence[str]:
        return self._scope.names()

    def through(self, key: str) -> _Listening | None:
        target = self._scope.through(key)
        return None if target is None else _Listening(target, self._names)
