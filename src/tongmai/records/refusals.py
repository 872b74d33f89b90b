"""From the codes of a write statement, and from the database's own refusals, to what the actor is told."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from tongmai.kit import Conflict, Denied, Fault, Invalid, Text, TongmaiError
from tongmai.records.place import Place
from tongmai.records.reading import not_found
from tongmai.records.verdicts import fault, unique_fault
from tongmai.schema import reference_field, unique_fields

_SCOPES = {
    "scope": "scope",
    "pushed_out": "pushed_out",
}


def refusal(place: Place, object_key: str, action: str, found: Sequence[tuple[int | None, str]]) -> TongmaiError:
    """The error for codes by row (counted from 1; None for a single record).

    What the actor may not do comes before what is wrong with the values, and a record that is not to be seen before
    both, for no answer may tell more about it.
    """
    if any(code == "hidden" for _, code in found):
        rows = [row for row, code in found if code == "hidden"]
        error = not_found(object_key)
        return type(error)(tuple(each if row is None else each.at_row(row) for row in rows for each in error.faults))
    denied = [_denied(place, object_key, action, code, row) for row, code in found if _is_denial(code)]
    if denied:
        return Denied(tuple(denied))
    faults = [_at(fault(place, object_key, code), row) for row, code in found]
    kind = Conflict if all(each.code == "unique" for each in faults) else Invalid
    return kind(tuple(faults))


def denied_fields(place: Place, object_key: str, keys: Sequence[str]) -> Denied:
    """The actor gave fields that none of the roles lets write."""
    return Denied(tuple(_field_denied(place, object_key, key) for key in keys))


def denied_action(place: Place, object_key: str, action: str) -> Denied:
    """None of the roles allows the action on this object at all."""
    return Denied((_denied(place, object_key, action, "scope", None),))


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


def _is_denial(code: str) -> bool:
    return code in _SCOPES or code.startswith("write:")


def _denied(place: Place, object_key: str, action: str, code: str, row: int | None) -> Fault:
    if code.startswith("write:"):
        return _at(_field_denied(place, object_key, code.removeprefix("write:")), row)
    label = place.structure.definition(object_key).label
    words = _ACTIONS.get(action, _ACTIONS["update"])
    if code == "pushed_out":
        text = Text(
            "修改后该记录将超出您可修改的范围", "After this change the record would lie outside what you may change"
        )
        way_out = Text("请由负责范围更大的人修改", "Ask someone whose scope reaches further")
    else:
        text = Text(
            f"您的角色不能{words.zh}该“{label.zh}”记录",
            f"None of your roles may {words.en} this record of “{label.en}”",
        )
        way_out = Text("请联系管理员", "Ask an administrator")
    return _at(Fault(f"access.{action}", text, way_out, rule=f"{object_key}:{action}"), row)


def _field_denied(place: Place, object_key: str, key: str) -> Fault:
    label = place.structure.fields(object_key)[key].label
    return Fault(
        "access.field_read_only",
        Text(f"您的角色不能修改字段“{label.zh}”", f"None of your roles may write the field “{label.en}”"),
        Text("请去掉该字段，或联系管理员", "Leave it out, or ask an administrator"),
        field=key,
        rule=f"{object_key}.{key}",
    )


def _at(found: Fault, row: int | None) -> Fault:
    return found if row is None else found.at_row(row)


_ACTIONS = {
    "create": Text("新建", "create"),
    "update": Text("修改", "change"),
    "delete": Text("删除", "delete"),
    "restore": Text("恢复", "restore"),
    "purge": Text("彻底删除", "purge"),
    "import": Text("导入", "import"),
    "export": Text("导出", "export"),
}
