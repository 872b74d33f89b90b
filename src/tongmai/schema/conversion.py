"""What becomes of a field's values when its type changes: the model's conversions, seen from the tables."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from tongmai.kit import Fault, Text
from tongmai.model import Catalogue, FieldDef, Reading, bind_field


def needs_new_column(before: FieldDef, after: FieldDef) -> bool:
    """Whether values are stored in another form, so that they need a column beside the old one."""
    if before.type == after.type and before.options == after.options:
        return False
    old, new = bind_field(before), bind_field(after)
    if old.column_type is None or new.column_type is None:
        return True
    return before.type != after.type or old.column_type != new.column_type


def convert_sql(before: FieldDef, after: FieldDef, column: str, zone: str) -> str:
    """SQL that gives the new value of the expression ``column``; NULL where it would be lost.

    Raises ``KeyError`` for a pair that ``unconvertible`` refuses.
    """
    found = _conversion(before, after, column, zone)
    if found is None:
        raise KeyError((before.type, after.type))
    return found


def within_sql(field: FieldDef, column: str) -> str:
    """SQL predicate: does a value keep the field's limits?"""
    bound = bind_field(field)
    return bound.type.within_sql(column, bound.options)


def unconvertible(before: Catalogue, wanted: Catalogue) -> tuple[Fault, ...]:
    """Faults for changes of type that no conversion serves."""
    faults = []
    for new in wanted.objects:
        old = before.object_by_key.get(new.key)
        for field in new.fields:
            present = old.by_key.get(field.key) if old is not None else None
            if present is not None and _is_refused(present, field):
                faults.append(_refusal(new.key, present, field))
    return tuple(faults)


def _is_refused(before: FieldDef, after: FieldDef) -> bool:
    old, new = bind_field(before), bind_field(after)
    if old.column_type is None or new.column_type is None:
        return False
    if old.target and new.target and old.target != new.target:
        return True
    return needs_new_column(before, after) and _conversion(before, after, "NULL", "UTC") is None


def _conversion(before: FieldDef, after: FieldDef, column: str, zone: str) -> str | None:
    old, new = bind_field(before), bind_field(after)
    if before.type == after.type and old.column_type == new.column_type:
        return column
    reading = Reading(ZoneInfo(zone))
    text = old.type.text_sql(column, old.options, reading)
    return None if text is None else new.type.from_text_sql(text, new.options, reading)


def _refusal(object_key: str, before: FieldDef, after: FieldDef) -> Fault:
    return Fault(
        "field.not_convertible",
        Text(
            f"“{before.label.zh}”不能从 {before.type} 转换为 {after.type}",
            f"{before.label.en} cannot be converted from {before.type} to {after.type}",
        ),
        Text("新增一个字段，再移除原字段", "add another field, then remove this one"),
        field=f"{object_key}.{after.key}",
    )
