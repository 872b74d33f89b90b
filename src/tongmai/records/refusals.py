"""From the codes of a write statement, and from the database's own refusals, to what the actor is told."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from tongmai.access import Action
from tongmai.access import refusal as access_refusal
from tongmai.kit import Conflict, Denied, Fault, Invalid, NotFound, Text, TongmaiError
from tongmai.records.place import Place
from tongmai.records.verdicts import fault, unique_fault
from tongmai.schema import reference_field, unique_fields

_WRITE = "write:"


def refusal(place: Place, object_key: str, action: str, found: Sequence[tuple[int | None, str]]) -> TongmaiError:
    """The error for codes by row (counted from 1; None for a single record).

    What the actor may not do comes before what is wrong with the values, and a record that is not to be seen before
    both, for no answer may tell more about it.
    """
    hidden = [row for row, code in found if code == "hidden"]
    if hidden:
        return NotFound(tuple(_at(each, row) for row in hidden for each in not_found(object_key).faults))
    denied = [_at(each, row) for row, code in found for each in _denials(place, object_key, action, code)]
    if denied:
        return Denied(tuple(denied))
    faults = [_at(fault(place, object_key, code), row) for row, code in found]
    kind = Conflict if all(each.code == "unique" for each in faults) else Invalid
    return kind(tuple(faults))


def not_found(object_key: str) -> NotFound:
    """The same words for a record that is not there and one the actor may not see."""
    text = Text("没有找到该记录，或您不能查看", "There is no such record, or it is not for you to see")
    return NotFound((Fault("record.not_found", text, rule=object_key),))


def denied_fields(place: Place, object_key: str, action: Action, keys: Sequence[str]) -> Denied:
    """The actor gave fields that none of the roles lets write."""
    return access_refusal(place.actor, place.structure.catalogue, object_key, action, *keys)


def denied_action(place: Place, object_key: str, action: str) -> Denied:
    """None of the roles allows the action on this object at all."""
    return access_refusal(place.actor, place.structure.catalogue, object_key, _ACTIONS.get(action, "update"))


def denied_record(place: Place, object_key: str, action: str) -> Denied:
    """The roles allow the action, but not on this record."""
    return access_refusal(
        place.actor, place.structure.catalogue, object_key, _ACTIONS.get(action, "update"), record=True
    )


def of_database(place: Place, object_key: str, error: asyncpg.IntegrityConstraintViolationError) -> TongmaiError:
    """A constraint that another transaction made fail between our check and the write."""
    definition = place.structure.definition(object_key)
    name = error.constraint_name or ""
    if isinstance(error, asyncpg.UniqueViolationError):
        fields = unique_fields(definition, name)
        if fields is not None:
            return Conflict((unique_fault(definition, fields),))
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        key = reference_field(definition, name)
        if key is not None:
            return Invalid((fault(place, object_key, f"relation:{key}"),))
    return Conflict.of(
        "record.constraint",
        "与数据库中的其他记录冲突，没有写入",
        "In conflict with other records; nothing was written",
        way_out=Text("请刷新后重试", "Reload and try again"),
    )


def _denials(place: Place, object_key: str, action: str, code: str) -> tuple[Fault, ...]:
    """The faults of a code that stands for a missing right; none for the others."""
    if code.startswith(_WRITE):
        key = code.removeprefix(_WRITE)
        known = _ACTIONS.get(action, "update")
        return access_refusal(place.actor, place.structure.catalogue, object_key, known, key, record=True).faults
    if code == "scope":
        return denied_record(place, object_key, action).faults
    if code == "pushed_out":
        text = Text(
            "修改后该记录将超出您可修改的范围", "After this change the record would lie outside what you may change"
        )
        way_out = Text("请由负责范围更大的人修改", "Ask someone whose scope reaches further")
        return (Fault("access.pushed_out", text, way_out, rule=f"{object_key}:{action}"),)
    return ()


def _at(found: Fault, row: int | None) -> Fault:
    return found if row is None else found.at_row(row)


_ACTIONS: dict[str, Action] = {
    "create": "create",
    "update": "update",
    "delete": "delete",
    "restore": "delete",
    "purge": "purge",
}
