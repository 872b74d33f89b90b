"""The names of an object as formulas see them: fields by key or label, system fields, and through relations.

A formula field is expanded here: its own text is parsed in the same scope. A formula that comes back to itself is
refused with the way it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tongmai import formula
from tongmai.kit import Fault, Invalid, Text
from tongmai.model.bound_field import BoundField, bind_field
from tongmai.model.definitions import Catalogue, FieldDef
from tongmai.model.field_types import FormulaOptions
from tongmai.model.metric_fields import computed_fields, metric_fields
from tongmai.model.system_fields import system_fields

# Formulas that use formula fields that use formula fields …
DEEPEST_FORMULAS = 10


@dataclass
class _Shared:
    """What the scopes of one catalogue share: each object's scope, and the formula fields being expanded now."""

    catalogue: Catalogue
    with_metrics: bool = True
    with_segments: bool = True
    scopes: dict[str, ObjectScope] = field(default_factory=dict)
    expanding: list[tuple[str, str]] = field(default_factory=list)


class ObjectScope:
    """Implements ``formula.Scope`` over one object of a catalogue. Not for use by several threads at once.

    ``metrics=False`` leaves metrics and segments out, here and through relations: for formulas that decide on writes
    or access, or that metrics are made of; ``segments=False`` only segments: for what those are made of. Raises
    ``KeyError`` for an object the catalogue does not have.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        object_key: str,
        _shared: _Shared | None = None,
        *,
        metrics: bool = True,
        segments: bool = True,
    ) -> None:
        self._shared = _shared or _Shared(catalogue, metrics, metrics and segments)
        self._shared.scopes[object_key] = self
        self._object = catalogue.object_by_key[object_key]
        self._fields: dict[str, FieldDef] = {
            each.key: each for each in (*system_fields(object_key), *self._object.fields)
        }
        if self._shared.with_metrics:
            found = computed_fields if self._shared.with_segments else metric_fields
            self._fields |= {each.key: each for each in found(catalogue, object_key)}
        self._keys_by_label = self._index_labels()
        self._bound: dict[str, BoundField] = {}
        self._symbols: dict[str, formula.Symbol] = {}

    @property
    def object_key(self) -> str:
        return self._object.key

    def names(self) -> Sequence[str]:
        return (*self._fields, *self._keys_by_label)

    def find(self, name: str) -> formula.Symbol | None:
        """A field by key, else by either label. Raises ``Invalid`` for a label that two fields share."""
        key = the_one_meant(name, self.keys_of(name))
        return None if key is None else self.symbol(key)

    def keys_of(self, name: str) -> tuple[str, ...]:
        """The fields that a name may mean: the one with that key, else those with that label."""
        return (name,) if name in self._fields else self._keys_by_label.get(name, ())

    def through(self, key: str) -> ObjectScope | None:
        target = self.bound(key).target if key in self._fields else None
        return None if target is None else self.beside(target)

    def beside(self, object_key: str) -> ObjectScope | None:
        """Another object of the same catalogue; None if there is no such object."""
        if object_key not in self._shared.catalogue.object_by_key:
            return None
        return self._shared.scopes.get(object_key) or ObjectScope(self._shared.catalogue, object_key, self._shared)

    def bound(self, key: str) -> BoundField:
        """A field (also a system field) with its type. Raises ``KeyError``; ``Invalid`` for bad options."""
        found = self._bound.get(key)
        if found is None:
            found = self._bound[key] = bind_field(self._fields[key], self._shared.catalogue)
        return found

    def symbol(self, key: str) -> formula.Symbol:
        """The field ``key`` as formulas see it; a formula field with its tree. Raises ``Invalid``, ``KeyError``."""
        found = self._symbols.get(key)
        if found is None:
            bound = self.bound(key)
            if isinstance(bound.options, FormulaOptions):
                expanded = self._expand(key, bound.options.text)
                found = formula.Symbol(key, expanded.type, expanded.tree)
            else:
                found = formula.Symbol(key, bound.type.value_type(bound.options))
            self._symbols[key] = found
        return found

    def _expand(self, key: str, text: str) -> formula.Formula:
        way = self._shared.expanding
        place = (self.object_key, key)
        if place in way or len(way) >= DEEPEST_FORMULAS:
            raise Invalid((self._circle(place) if place in way else self._too_deep(),))
        way.append(place)
        try:
            return formula.parse(text, self)
        finally:
            way.pop()

    def _circle(self, place: tuple[str, str]) -> Fault:
        way = self._shared.expanding
        steps = [*way[way.index(place) :], place]
        catalogue = self._shared.catalogue
        labels = [catalogue.object_by_key[o].by_key[f].label for o, f in steps]
        return Fault(
            "formula.circle",
            Text(
                "公式循环引用：" + " → ".join(label.zh for label in labels),
                "the formulas go in a circle: " + " → ".join(label.en for label in labels),
            ),
            Text("请让其中一个公式不再引用下一个", "let one of them no longer refer to the next"),
            rule=".".join(place),
        )

    def _too_deep(self) -> Fault:
        return Fault(
            "formula.too_many_levels",
            Text(
                f"公式字段嵌套超过 {DEEPEST_FORMULAS} 层",
                f"formula fields nest more than {DEEPEST_FORMULAS} levels deep",
            ),
            Text("请合并一些公式", "merge some of the formulas"),
        )

    def _index_labels(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for each in self._fields.values():
            for word in dict.fromkeys((each.label.zh, each.label.en)):
                found[word] = (*found.get(word, ()), each.key)
        return found


def the_one_meant(name: str, keys: Sequence[str]) -> str | None:
    """The only key, or None without one. Raises ``Invalid`` where the name means several fields."""
    if len(keys) > 1:
        text = Text(f"“{name}”同时是 {'、'.join(keys)} 的名称", f"“{name}” is the label of {', '.join(keys)}")
        raise Invalid((Fault("formula.ambiguous_name", text, Text("请改用字段的 key", "use the field's key")),))
    return keys[0] if keys else None
