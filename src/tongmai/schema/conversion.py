"""What becomes of a field's values when its type changes: the model's conversions, seen from the tables."""

from __future__ import annotations

from collections.abc import Collection
from zoneinfo import ZoneInfo

from tongmai.kit import Fault, Invalid, Text
from tongmai.model import Catalogue, Conversion, FieldDef, Reading, bind_field, find_conversion
from tongmai.schema.steps import Retired


def needs_new_column(before: FieldDef, after: FieldDef) -> bool:
    """Whether values are stored in another form, so that they need a column beside the old one."""
    if before.type == after.type and before.options == after.options:
        return False
    old, new = bind_field(before), bind_field(after)
    if old.column_type is None or new.column_type is None:
        return True
    return before.type != after.type or old.column_type != new.column_type


def conversion(before: FieldDef, after: FieldDef, zone: str) -> Conversion | None:
    """How the values of a field that gets a new column are carried over; None where none of them can be."""
    return find_conversion(bind_field(before), bind_field(after), Reading(ZoneInfo(zone)))


def within_sql(field: FieldDef, column: str) -> str:
    """SQL predicate: does a value keep the field's limits?"""
    bound = bind_field(field)
    return bound.type.within_sql(column, bound.options)


def unconvertible(before: Catalogue, wanted: Catalogue, restored: Collection[Retired]) -> tuple[Fault, ...]:
    """Faults for changes of type that no conversion serves. A column that comes back has its values already."""
    faults = []
    for new in wanted.objects:
        old = before.object_by_key.get(new.key)
        if old is None or old is new:
            continue
        for field in new.fields:
            present = old.by_key.get(field.key)
            comes_back = Retired(table=new.key, column=field.column_name) in restored
            if present is not None and not comes_back and _is_refused(present, field):
                faults.append(_refusal(new.key, present, field))
    return tuple(faults)


def _is_refused(before: FieldDef, after: FieldDef) -> bool:
    """A formula has no values to convert; another target would leave links that lead to nothing."""
    try:
        old, new = bind_field(before), bind_field(after)
    except Invalid:
        # The check of the catalogue tells what is wrong with it.
        return False
    if old.column_type is None or new.column_type is None:
        return False
    if old.target is not None and new.target is not None and old.target != new.target:
        return True
    return needs_new_column(before, after) and conversion(before, after, "UTC") is None


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
