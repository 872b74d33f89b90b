"""A changeset carried out on a catalogue, and the changeset that takes it back.

Only what fits is checked here (there is such a field, the key is free, built-in things stay); whether the result makes
sense is ``check_catalogue``'s to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from tongmai.kit import Fault, Invalid, Text
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
from tongmai.model.parts import PARTS, Part


class Keyed(Protocol):
    @property
    def key(self) -> str: ...


K = TypeVar("K", bound=Keyed)
_OF_THE_WHOLE = frozenset({"objects", "roles", *(part.name for part in PARTS)})


class _Misfit(Exception):
    def __init__(self, code: str, zh: str, en: str) -> None:
        self.fault = Fault(
            f"change.{code}",
            Text(zh, en),
            Text("请刷新后按最新的设置重做", "reload and do it again on what is there now"),
        )


@dataclass(frozen=True)
class _Step:
    """The catalogue after an action, and the action that takes it back."""

    catalogue: Catalogue
    undo: Action


def apply(catalogue: Catalogue, changeset: Changeset) -> Catalogue:
    """The catalogue after the changeset, with the same version. Raises ``Invalid`` naming every action that misfits."""
    return _carry_out(catalogue, changeset)[0]


def invert(catalogue: Catalogue, changeset: Changeset) -> Changeset:
    """What takes the changeset back, once it is applied to ``catalogue``. Raises ``Invalid`` as ``apply`` does."""
    return _carry_out(catalogue, changeset)[1]


def _carry_out(catalogue: Catalogue, changeset: Changeset) -> tuple[Catalogue, Changeset]:
    faults: list[Fault] = []
    undo: list[Action] = []
    for index, action in enumerate(changeset.actions):
        try:
            step = _CARRY_OUT[type(action)](catalogue, action)
        except _Misfit as misfit:
            faults.append(misfit.fault.at_field(f"actions.{index}"))
            continue
        catalogue = step.catalogue
        undo.append(step.undo)
    if faults:
        raise Invalid(tuple(faults))
    return catalogue, Changeset(actions=tuple(reversed(undo)))


def _find(items: Sequence[K], key: str, zh: str, en: str) -> int:
    for index, item in enumerate(items):
        if item.key == key:
            return index
    raise _Misfit("missing", f"没有{zh}“{key}”", f"there is no {en} “{key}”")


def _inserted(items: tuple[K, ...], item: K, position: int | None, zh: str, en: str) -> tuple[K, ...]:
    if any(each.key == item.key for each in items):
        raise _Misfit("exists", f"{zh}“{item.key}”已经存在", f"the {en} “{item.key}” already exists")
    at = len(items) if position is None else position
    return (*items[:at], item, *items[at:])


def _replaced(items: tuple[K, ...], at: int, item: K) -> tuple[K, ...]:
    return (*items[:at], item, *items[at + 1 :])


def _without(items: tuple[K, ...], at: int) -> tuple[K, ...]:
    return (*items[:at], *items[at + 1 :])


def _expect(before: object | None, present: object, zh: str, en: str) -> None:
    if before is not None and before != present:
        raise _Misfit("overtaken", f"{zh}已被他人修改", f"the {en} was changed by someone else")


def _keep(builtin: bool, zh: str, en: str) -> None:
    if builtin:
        raise _Misfit("builtin", f"内置{zh}不能删除或改变类型", f"a built-in {en} cannot be removed or retyped")


def _object(catalogue: Catalogue, key: str) -> ObjectDef:
    return catalogue.objects[_find(catalogue.objects, key, "对象", "object")]


def _with_object(catalogue: Catalogue, changed: ObjectDef) -> Catalogue:
    at = _find(catalogue.objects, changed.key, "对象", "object")
    return catalogue.replace(objects=_replaced(catalogue.objects, at, changed))


def _add_object(catalogue: Catalogue, action: AddObject) -> _Step:
    objects = _inserted(catalogue.objects, action.object, action.position, "对象", "object")
    return _Step(catalogue.replace(objects=objects), RemoveObject(object=action.object.key))


def _change_object(catalogue: Catalogue, action: ChangeObject) -> _Step:
    present = _object(catalogue, action.object)
    traits = ObjectTraits.of(present)
    _expect(action.before, traits, "对象", "object")
    if traits.builtin and not action.after.builtin:
        _keep(True, "对象", "object")
    changed = present.replace(**dict(action.after))
    undo = ChangeObject(object=action.object, before=action.after, after=traits)
    return _Step(_with_object(catalogue, changed), undo)


def _remove_object(catalogue: Catalogue, action: RemoveObject) -> _Step:
    at = _find(catalogue.objects, action.object, "对象", "object")
    removed = catalogue.objects[at]
    _keep(removed.builtin, "对象", "object")
    return _Step(catalogue.replace(objects=_without(catalogue.objects, at)), AddObject(object=removed, position=at))


def _add_field(catalogue: Catalogue, action: AddField) -> _Step:
    owner = _object(catalogue, action.object)
    fields = _inserted(owner.fields, action.field, action.position, "字段", "field")
    undo = RemoveField(object=action.object, field=action.field.key)
    return _Step(_with_object(catalogue, owner.replace(fields=fields)), undo)


def _change_field(catalogue: Catalogue, action: ChangeField) -> _Step:
    owner = _object(catalogue, action.object)
    at = _find(owner.fields, action.after.key, "字段", "field")
    present = owner.fields[at]
    if action.before is not None:
        _expect(_placed(action.before, present), _placed(present, present), "字段", "field")
    after = _placed(action.after, present)
    if present.builtin and (after.type != present.type or not after.builtin):
        _keep(True, "字段", "field")
    changed = owner.replace(fields=_replaced(owner.fields, at, after))
    # The column is told, so that the way back finds the old one after a change of type.
    undo = ChangeField(
        object=action.object,
        before=after.replace(column=after.column_name),
        after=present.replace(column=present.column_name),
    )
    return _Step(_with_object(catalogue, changed), undo)


def _placed(field: FieldDef, present: FieldDef) -> FieldDef:
    """The field with its column: the present one if none is told, and none where it is the key itself."""
    column = present.column if field.column is None else field.column
    return field.replace(column=None if column == field.key else column)


def _remove_field(catalogue: Catalogue, action: RemoveField) -> _Step:
    owner = _object(catalogue, action.object)
    at = _find(owner.fields, action.field, "字段", "field")
    removed = owner.fields[at]
    _keep(removed.builtin, "字段", "field")
    undo = AddField(object=action.object, field=removed, position=at)
    return _Step(_with_object(catalogue, owner.replace(fields=_without(owner.fields, at))), undo)


def _add_unique(catalogue: Catalogue, action: AddUnique) -> _Step:
    owner = _object(catalogue, action.object)
    uniques = _inserted(owner.uniques, action.unique, action.position, "唯一约束", "unique constraint")
    undo = RemoveUnique(object=action.object, unique=action.unique.key)
    return _Step(_with_object(catalogue, owner.replace(uniques=uniques)), undo)


def _remove_unique(catalogue: Catalogue, action: RemoveUnique) -> _Step:
    owner = _object(catalogue, action.object)
    at = _find(owner.uniques, action.unique, "唯一约束", "unique constraint")
    undo = AddUnique(object=action.object, unique=owner.uniques[at], position=at)
    return _Step(_with_object(catalogue, owner.replace(uniques=_without(owner.uniques, at))), undo)


def _add_validation(catalogue: Catalogue, action: AddValidation) -> _Step:
    owner = _object(catalogue, action.object)
    validations = _inserted(owner.validations, action.validation, action.position, "校验", "validation")
    undo = RemoveValidation(object=action.object, validation=action.validation.key)
    return _Step(_with_object(catalogue, owner.replace(validations=validations)), undo)


def _change_validation(catalogue: Catalogue, action: ChangeValidation) -> _Step:
    owner = _object(catalogue, action.object)
    at = _find(owner.validations, action.after.key, "校验", "validation")
    present = owner.validations[at]
    _expect(action.before, present, "校验", "validation")
    changed = owner.replace(validations=_replaced(owner.validations, at, action.after))
    undo = ChangeValidation(object=action.object, before=action.after, after=present)
    return _Step(_with_object(catalogue, changed), undo)


def _remove_validation(catalogue: Catalogue, action: RemoveValidation) -> _Step:
    owner = _object(catalogue, action.object)
    at = _find(owner.validations, action.validation, "校验", "validation")
    undo = AddValidation(object=action.object, validation=owner.validations[at], position=at)
    return _Step(_with_object(catalogue, owner.replace(validations=_without(owner.validations, at))), undo)


def _add_role(catalogue: Catalogue, action: AddRole) -> _Step:
    roles = _inserted(catalogue.roles, action.role, action.position, "角色", "role")
    return _Step(catalogue.replace(roles=roles), RemoveRole(role=action.role.key))


def _change_role(catalogue: Catalogue, action: ChangeRole) -> _Step:
    at = _find(catalogue.roles, action.after.key, "角色", "role")
    present = catalogue.roles[at]
    _expect(action.before, present, "角色", "role")
    if present.builtin and (not action.after.builtin or action.after.manages != present.manages):
        _keep(True, "角色", "role")
    roles = _replaced(catalogue.roles, at, action.after)
    return _Step(catalogue.replace(roles=roles), ChangeRole(before=action.after, after=present))


def _remove_role(catalogue: Catalogue, action: RemoveRole) -> _Step:
    at = _find(catalogue.roles, action.role, "角色", "role")
    removed = catalogue.roles[at]
    _keep(removed.builtin, "角色", "role")
    return _Step(catalogue.replace(roles=_without(catalogue.roles, at)), AddRole(role=removed, position=at))


def _add_part(part: Part) -> Callable[[Catalogue, Action], _Step]:
    def carry_out(catalogue: Catalogue, action: Action) -> _Step:
        added: Keyed = getattr(action, part.word)
        items = _inserted(part.of(catalogue), added, getattr(action, "position", None), part.zh, part.en)
        return _Step(part.put(catalogue, items), part.remove(added.key))

    return carry_out


def _change_part(part: Part) -> Callable[[Catalogue, Action], _Step]:
    def carry_out(catalogue: Catalogue, action: Action) -> _Step:
        before, after = getattr(action, "before", None), getattr(action, "after", None)
        assert after is not None
        at = _find(part.of(catalogue), after.key, part.zh, part.en)
        present = part.of(catalogue)[at]
        _expect(before, present, part.zh, part.en)
        return _Step(part.put(catalogue, _replaced(part.of(catalogue), at, after)), part.change(after, present))

    return carry_out


def _remove_part(part: Part) -> Callable[[Catalogue, Action], _Step]:
    def carry_out(catalogue: Catalogue, action: Action) -> _Step:
        at = _find(part.of(catalogue), getattr(action, part.word), part.zh, part.en)
        undo = part.add(part.of(catalogue)[at], at)
        return _Step(part.put(catalogue, _without(part.of(catalogue), at)), undo)

    return carry_out


def _change_calendar(catalogue: Catalogue, action: ChangeCalendar) -> _Step:
    present = catalogue.calendar
    _expect(action.before, present, "工作日历", "working calendar")
    return _Step(catalogue.replace(calendar=action.after), ChangeCalendar(before=action.after, after=present))


def _reorder(catalogue: Catalogue, action: Reorder) -> _Step:
    whole = action.kind in _OF_THE_WHOLE
    if whole == (action.object is not None):
        raise _Misfit("misplaced", "只有对象内部的顺序要指明对象", "an object is named for the order within it only")
    owner: Catalogue | ObjectDef = catalogue if action.object is None else _object(catalogue, action.object)
    items: tuple[Keyed, ...] = getattr(owner, action.kind)
    by_key = {item.key: item for item in items}
    if sorted(by_key) != sorted(action.keys):
        raise _Misfit("order", "顺序里应恰好列出每一项一次", "an order names each thing exactly once")
    changed = owner.replace(**{action.kind: tuple(by_key[key] for key in action.keys)})
    undo = Reorder(kind=action.kind, object=action.object, keys=tuple(by_key))
    return _Step(changed if isinstance(changed, Catalogue) else _with_object(catalogue, changed), undo)


_CARRY_OUT: dict[type, Callable[..., _Step]] = {
    AddObject: _add_object,
    ChangeObject: _change_object,
    RemoveObject: _remove_object,
    AddField: _add_field,
    ChangeField: _change_field,
    RemoveField: _remove_field,
    AddUnique: _add_unique,
    RemoveUnique: _remove_unique,
    AddValidation: _add_validation,
    ChangeValidation: _change_validation,
    RemoveValidation: _remove_validation,
    AddRole: _add_role,
    ChangeRole: _change_role,
    RemoveRole: _remove_role,
    ChangeCalendar: _change_calendar,
    Reorder: _reorder,
    **{part.adds: _add_part(part) for part in PARTS},
    **{part.changes: _change_part(part) for part in PARTS},
    **{part.removes: _remove_part(part) for part in PARTS},
}
