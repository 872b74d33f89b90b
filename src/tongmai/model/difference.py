"""The changeset that leads from one catalogue to another. Things are matched by key: a new label is a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tongmai.model.apply_changes import Keyed
from tongmai.model.changes import (
    Action,
    AddField,
    AddObject,
    AddRole,
    AddUnique,
    AddValidation,
    ChangeCalendar,
    ChangeField,
    ChangeObject,
    ChangeRole,
    Changeset,
    ChangeValidation,
    ObjectTraits,
    RemoveField,
    RemoveObject,
    RemoveRole,
    RemoveUnique,
    RemoveValidation,
    Reorder,
)
from tongmai.model.definitions import Catalogue, FieldDef, ObjectDef
from tongmai.model.parts import PARTS, Part, PartName


def diff(old: Catalogue, new: Catalogue) -> Changeset:
    """What makes ``new`` of ``old``: additions first, so that nothing refers to what is not there yet, removals last.

    A field of ``new`` that names no column keeps the one it has.
    """
    adding: list[Action] = []
    removing: list[Action] = []
    for each in new.objects:
        present = old.object_by_key.get(each.key)
        if present is None:
            adding.append(AddObject(object=each))
        else:
            _compare_objects(present, each, adding, removing)
    removing.extend(RemoveObject(object=each.key) for each in old.objects if each.key not in new.object_by_key)
    for role in new.roles:
        before = old.role_by_key.get(role.key)
        if before is None:
            adding.append(AddRole(role=role))
        elif before != role:
            adding.append(ChangeRole(before=before, after=role))
    removing.extend(RemoveRole(role=role.key) for role in old.roles if role.key not in new.role_by_key)
    for part in PARTS:
        _compare_part(part, old, new, adding, removing)
    if new.calendar != old.calendar:
        adding.append(ChangeCalendar(before=old.calendar, after=new.calendar))
    ordering = [
        *_order("objects", None, old.objects, new.objects),
        *_order("roles", None, old.roles, new.roles),
    ]
    for part in PARTS:
        ordering += _order(part.name, None, part.of(old), part.of(new))
    return Changeset(actions=(*adding, *removing, *ordering))


def _compare_part(part: Part, old: Catalogue, new: Catalogue, adding: list[Action], removing: list[Action]) -> None:
    present = {each.key: each for each in part.of(old)}
    for wanted in part.of(new):
        before = present.pop(wanted.key, None)
        if before is None:
            adding.append(part.add(wanted))
        elif before != wanted:
            adding.append(part.change(before, wanted))
    removing.extend(part.remove(key) for key in present)


def _compare_objects(old: ObjectDef, new: ObjectDef, adding: list[Action], removing: list[Action]) -> None:
    key = new.key
    for field in new.fields:
        present = old.by_key.get(field.key)
        if present is None:
            adding.append(AddField(object=key, field=field))
        elif _differs(present, field):
            adding.append(ChangeField(object=key, before=present, after=field))
    removing.extend(RemoveField(object=key, field=field.key) for field in old.fields if field.key not in new.by_key)
    if ObjectTraits.of(old) != ObjectTraits.of(new):
        adding.append(ChangeObject(object=key, before=ObjectTraits.of(old), after=ObjectTraits.of(new)))
    _compare_uniques(old, new, adding, removing)
    _compare_validations(old, new, adding, removing)
    removing.extend(_order("fields", key, old.fields, new.fields))
    # One that changes is made anew, behind those that stay.
    kept = [each for each in old.uniques if each in new.uniques]
    removing.extend(_order("uniques", key, kept, new.uniques))
    removing.extend(_order("validations", key, old.validations, new.validations))


def _differs(old: FieldDef, new: FieldDef) -> bool:
    return new.replace(column=new.column or old.column_name) != old.replace(column=old.column_name)


def _compare_uniques(old: ObjectDef, new: ObjectDef, adding: list[Action], removing: list[Action]) -> None:
    """A unique constraint has no life beside its fields: another one is made and the first dropped."""
    present = {each.key: each for each in old.uniques}
    wanted = {each.key: each for each in new.uniques}
    for unique in old.uniques:
        if wanted.get(unique.key) != unique:
            (adding if unique.key in wanted else removing).append(RemoveUnique(object=new.key, unique=unique.key))
    adding.extend(AddUnique(object=new.key, unique=each) for each in new.uniques if present.get(each.key) != each)


def _compare_validations(old: ObjectDef, new: ObjectDef, adding: list[Action], removing: list[Action]) -> None:
    present = {each.key: each for each in old.validations}
    wanted = {each.key for each in new.validations}
    for validation in new.validations:
        before = present.get(validation.key)
        if before is None:
            adding.append(AddValidation(object=new.key, validation=validation))
        elif before != validation:
            adding.append(ChangeValidation(object=new.key, before=before, after=validation))
    removing.extend(RemoveValidation(object=new.key, validation=key) for key in present if key not in wanted)


def _order(
    kind: PartName | Literal["objects", "roles", "fields", "uniques", "validations"],
    object_key: str | None,
    old: Sequence[Keyed],
    new: Sequence[Keyed],
) -> list[Action]:
    """Nothing if the order comes by itself: what stays in its old order, then what is new."""
    wanted = tuple(each.key for each in new)
    stays = [each.key for each in old if each.key in set(wanted)]
    known = set(stays)
    by_itself = (*stays, *(key for key in wanted if key not in known))
    return [] if by_itself == wanted else [Reorder(kind=kind, object=object_key, keys=wanted)]
