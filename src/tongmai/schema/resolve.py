"""Gives each field of a wanted catalogue its real column.

A catalogue that comes from outside (a designer, a YAML file) says what fields there are, never where they are stored:
whatever it says of columns is put right here. A field keeps its column; a new one takes its key, or the next free name
where the key's column holds something else; one whose values are stored in another form gets a column beside the old.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tongmai.model import Catalogue, FieldDef, ObjectDef
from tongmai.schema.columns import RESERVED_COLUMNS
from tongmai.schema.conversion import needs_new_column
from tongmai.schema.names import free_column, retired_key
from tongmai.schema.physical import Physical
from tongmai.schema.steps import Retired


@dataclass(frozen=True)
class _Place:
    """What is known of one object's table while its fields find their columns."""

    table: str
    old: ObjectDef | None
    kept: frozenset[str]


def forget_foreign_columns(before: Catalogue, wanted: Catalogue, restore: Collection[Retired] = ()) -> Catalogue:
    """``wanted`` without what it says of columns, but for those the fields have now or that come back."""
    objects = []
    for definition in wanted.objects:
        old = before.object_by_key.get(definition.key)
        if definition is old:
            objects.append(definition)
            continue
        returns = any(each.column is None and retired_key(each.table) == definition.key for each in restore)
        fields = []
        for field in definition.fields:
            present = old.by_key.get(field.key) if old is not None else None
            comes_back = returns or Retired(table=definition.key, column=field.column_name) in restore
            known = present.column if present is not None else None
            fields.append(field if comes_back or field.column == known else field.replace(column=known))
        objects.append(definition.replace(fields=tuple(fields)))
    return wanted.replace(objects=tuple(objects))


def resolve(before: Catalogue, wanted: Catalogue, physical: Physical, restore: Collection[Retired] = ()) -> Catalogue:
    """``wanted`` as the next version after ``before``, with columns. ``restore`` is what comes back from retirement."""
    objects = []
    for definition in wanted.objects:
        old = before.object_by_key.get(definition.key)
        if definition is old:
            objects.append(definition)
            continue
        kept = frozenset(each.column for each in restore if each.table == definition.key and each.column is not None)
        place = _Place(definition.key, old, kept)
        returns = any(each.column is None and retired_key(each.table) == definition.key for each in restore)
        objects.append(definition if returns else _with_columns(definition, place, physical))
    return wanted.replace(version=before.version + 1, objects=tuple(objects))


def _with_columns(definition: ObjectDef, place: _Place, physical: Physical) -> ObjectDef:
    # A table made anew begins without columns, even where a retired one still bears its name.
    taken = set(RESERVED_COLUMNS)
    if place.old is not None:
        taken |= physical.columns(place.table)
        taken |= {field.column_name for field in place.old.fields}
    return definition.replace(fields=tuple(_with_column(field, place, taken) for field in definition.fields))


def _with_column(field: FieldDef, place: _Place, taken: set[str]) -> FieldDef:
    old = place.old.by_key.get(field.key) if place.old is not None else None
    if field.column_name in place.kept:
        column = field.column_name
    elif old is not None and not needs_new_column(old, field):
        column = old.column_name
    else:
        column = free_column(field.key, taken)
    taken.add(column)
    named = None if column == field.key else column
    return field if field.column == named else field.replace(column=named)
