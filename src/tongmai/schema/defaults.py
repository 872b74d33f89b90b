"""Defaults that are constants: records that are there when a field is added get them at once, without a rewrite.

A default that reads fields, the moment or the actor belongs to the record being written: older records stay blank.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from tongmai.formula import FieldRef, Moment, Param, compile_python, parse, walk
from tongmai.kit import Clock
from tongmai.model import Catalogue, FieldDef, ObjectScope, Reading, Refused, bind_field


def constant_defaults(before: Catalogue, after: Catalogue, zone: str, clock: Clock) -> Mapping[tuple[str, str], str]:
    """By (object, field) the SQL constant for each field that is added to an object with records."""
    found = {}
    for new in after.objects:
        old = before.object_by_key.get(new.key)
        if old is None:
            continue
        for field in new.fields:
            if field.key not in old.by_key and field.default is not None:
                constant = _constant(after, new.key, field, zone, clock)
                if constant is not None:
                    found[new.key, field.key] = constant
    return found


def _constant(catalogue: Catalogue, object_key: str, field: FieldDef, zone: str, clock: Clock) -> str | None:
    bound = bind_field(field, catalogue)
    if field.default is None or bound.column_type is None:
        return None
    expected = bound.type.value_type(bound.options)
    tree = parse(field.default, ObjectScope(catalogue, object_key), expect=expected).tree
    if any(isinstance(node, FieldRef | Param) for node in walk(tree)):
        return None
    made = compile_python(tree)({}, Moment(clock.now(), zone, catalogue.calendar.working))
    try:
        value = bound.parse(made, Reading())
    except Refused:
        # The gateway refuses it on write as well, with its words.
        return None
    return None if value is None else _sql_constant(value, bound.column_type)


def _sql_constant(value: object, column_type: str) -> str | None:
    """A literal of one of the plain kinds; other kinds (lists, points) are left to the gateway."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str | int | Decimal | UUID):
        text = str(value)
    elif isinstance(value, date | datetime):
        text = value.isoformat()
    else:
        return None
    if "\x00" in text:
        return None
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"E'{escaped}'::{column_type}"
