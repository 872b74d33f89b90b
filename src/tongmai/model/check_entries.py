"""Whether light entry can work: what it is about, the fields it fills and moves, and its formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tongmai import formula
from tongmai.kit import Fault, Invalid
from tongmai.model.bound_field import BoundField
from tongmai.model.definitions import Catalogue, ObjectDef
from tongmai.model.fault_at import Place, fault
from tongmai.model.scope import ObjectScope


def check_entries(catalogue: Catalogue, scopes: Mapping[str, ObjectScope]) -> Iterator[Fault]:
    """All faults of the objects' light entries."""
    for each in catalogue.objects:
        if each.light_entry is not None:
            yield from _check_entry(each, scopes)


def _check_entry(each: ObjectDef, scopes: Mapping[str, ObjectScope]) -> Iterator[Fault]:
    entry = each.light_entry
    assert entry is not None
    place = Place("objects") / each.key / "light_entry"
    subject = _subject(each, scopes, entry.about)
    if subject is None:
        yield fault(
            "entry.about",
            place / "about",
            f"“{entry.about}”应是指向一条记录的关联字段",
            f"“{entry.about}” must be a relation to one record",
        )
        return
    own = scopes[each.key]
    yield from _check_values(own, subject, entry.fills, place / "fills")
    for key in entry.asks:
        yield from check_writable(own, key, place / "asks")
    for name, taken in (("seconds", entry.seconds), ("share", entry.share)):
        if taken is not None:
            yield from _check_measured(own, taken, place / name)
    keys = [preset.key for preset in entry.presets]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield fault("entry.duplicate_key", place / "presets", f"key “{key}”重复", f"key “{key}” repeats")
    for preset in entry.presets:
        here = place / "presets" / preset.key
        yield from check_formula(subject, preset.when, here / "when", formula.BOOLEAN)
        yield from _check_values(own, subject, preset.values, here / "values")
        for move in preset.moves:
            there = here / "moves" / move.field
            yield from check_formula(subject, move.when, there / "when", formula.BOOLEAN)
            yield from _check_values(subject, subject, {move.field: move.value}, there)


def _subject(each: ObjectDef, scopes: Mapping[str, ObjectScope], about: str) -> ObjectScope | None:
    field = bound_or_none(scopes[each.key], about) if about in each.by_key else None
    if field is None or field.is_many or field.target is None:
        return None
    return scopes.get(field.target)


def _check_values(
    target: ObjectScope, subject: ObjectScope, values: Mapping[str, str], place: Place
) -> Iterator[Fault]:
    for key, text in values.items():
        refusals = list(check_writable(target, key, place))
        yield from refusals
        field = None if refusals else bound_or_none(target, key)
        if field is not None:
            yield from check_formula(subject, text, place / key, field.type.value_type(field.options))


def check_writable(target: ObjectScope, key: str, place: Place) -> Iterator[Fault]:
    field = bound_or_none(target, key)
    if field is None:
        yield fault("entry.unknown_field", place / key, f"没有字段“{key}”", f"there is no field “{key}”")
    elif field.column_type is None or not field.type.writable:
        yield fault(
            "entry.not_writable",
            place / key,
            f"“{key}”由系统计算，不能赋值",
            f"“{key}” is worked out by the platform and cannot be set",
        )


def _check_measured(own: ObjectScope, key: str, place: Place) -> Iterator[Fault]:
    """Durations and shares are counted by metrics: fields of figures."""
    refusals = list(check_writable(own, key, place))
    yield from refusals
    field = None if refusals else bound_or_none(own, key)
    if field is not None and field.type.value_type(field.options) != formula.NUMBER:
        yield fault("entry.not_a_number", place / key, f"“{key}”应是数字字段", f"“{key}” must be a field of numbers")


def check_formula(scope: ObjectScope, text: str | None, place: Place, expect: formula.Type) -> Iterator[Fault]:
    if text is None:
        return
    try:
        tree = formula.parse(text, scope, expect=expect).tree
    except Invalid as invalid:
        yield from (each.at_field(str(place)) for each in invalid.faults)
        return
    if any(len(path) > 1 for path in formula.paths_of(tree)):
        yield fault(
            "entry.own_fields_only",
            place,
            "只能用该记录自己的字段",
            "only the record's own fields can be used",
            "先在该对象上建一个公式字段",
            "make a formula field of that object first",
        )


def bound_or_none(scope: ObjectScope, key: str) -> BoundField | None:
    try:
        return scope.bound(key)
    except (KeyError, Invalid):
        return None
