"""A catalogue read for use: scopes, bound fields and types by object, each worked out once for a catalogue version."""

from __future__ import annotations

from tongmai.formula import Kind, Path, Tree, Type
from tongmai.kit import Language
from tongmai.model import (
    AutoNumberOptions,
    BoundField,
    Catalogue,
    FieldDef,
    ObjectDef,
    ObjectScope,
    computed_fields,
    english_of,
    no_object,
    system_fields,
)


class Structure:
    """The objects of one catalogue. Kept as long as the catalogue is; for one event loop."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._scopes: dict[str, ObjectScope] = {}
        self._fields: dict[str, dict[str, FieldDef]] = {}
        self._searchable: dict[str, tuple[BoundField, ...]] = {}
        self._numbered: dict[str, tuple[tuple[str, AutoNumberOptions], ...]] = {}

    def definition(self, object_key: str) -> ObjectDef:
        """Raises ``NotFound`` for an object the workspace does not have."""
        found = self.catalogue.object_by_key.get(object_key)
        if found is None:
            raise no_object(object_key)
        return found

    def scope(self, object_key: str) -> ObjectScope:
        found = self._scopes.get(object_key)
        if found is None:
            self.definition(object_key)
            found = self._scopes[object_key] = ObjectScope(self.catalogue, object_key)
        return found

    def fields(self, object_key: str) -> dict[str, FieldDef]:
        """The system fields, then the object's own, then its metrics and segments, by key."""
        found = self._fields.get(object_key)
        if found is None:
            own = self.definition(object_key).fields
            every = (*system_fields(object_key), *own, *computed_fields(self.catalogue, object_key))
            found = self._fields[object_key] = {each.key: each for each in every}
        return found

    def bound(self, object_key: str, field_key: str) -> BoundField:
        return self.scope(object_key).bound(field_key)

    def column_type(self, object_key: str, field_key: str) -> str:
        """The PostgreSQL type of the field's column. Raises ``KeyError`` for a field that has none."""
        found = self.bound(object_key, field_key).column_type
        if found is None:
            raise KeyError(field_key)
        return found

    def type_of(self, object_key: str, field_key: str) -> Type:
        """The type that formulas see."""
        return self.scope(object_key).symbol(field_key).type

    def formula(self, object_key: str, field_key: str) -> Tree:
        """The tree of a formula field, over its object. Raises ``KeyError`` for another field."""
        tree = self.scope(object_key).symbol(field_key).formula
        if tree is None:
            raise KeyError(field_key)
        return tree

    def searchable(self, object_key: str) -> tuple[BoundField, ...]:
        """The fields whose tokens a record is found by."""
        found = self._searchable.get(object_key)
        if found is None:
            fields = self.definition(object_key).fields
            keys = [each.key for each in fields if each.searchable and each.type != "formula"]
            found = self._searchable[object_key] = tuple(self.bound(object_key, key) for key in keys)
        return found

    def numbered(self, object_key: str) -> tuple[tuple[str, AutoNumberOptions], ...]:
        """The auto-number fields by key."""
        found = self._numbered.get(object_key)
        if found is None:
            every = [
                (each.key, self.bound(object_key, each.key).options) for each in self.definition(object_key).fields
            ]
            found = tuple((key, options) for key, options in every if isinstance(options, AutoNumberOptions))
            self._numbered[object_key] = found
        return found

    def said_by(self, object_key: str, field_key: str, language: Language) -> tuple[str, ...]:
        """The fields that say what a field says to readers of a language: the first that is not blank."""
        english = english_of(self.definition(object_key), field_key) if language == "en" else None
        return (field_key,) if english is None else (english, field_key)

    def target(self, object_key: str, field_key: str) -> str | None:
        """The object that a stored many-to-one relation leads to, as far as the catalogue has it."""
        if self.fields(object_key)[field_key].type == "formula":
            return None
        type_ = self.type_of(object_key, field_key)
        target = type_.target if type_.kind is Kind.REFERENCE else None
        return target if target in self.catalogue.object_by_key else None

    def target_at(self, object_key: str, path: Path) -> str | None:
        """The object that a path of stored relations leads to; None where its last field is no such relation."""
        found: str | None = object_key
        for key in path:
            found = None if found is None else self.target(found, key)
        return found


def unique_sets(definition: ObjectDef) -> tuple[tuple[str, ...], ...]:
    """The field keys that are unique together, single fields first."""
    single = [(field.key,) for field in definition.fields if field.unique]
    return tuple(dict.fromkeys([*single, *(unique.fields for unique in definition.uniques)]))
