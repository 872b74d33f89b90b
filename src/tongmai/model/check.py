"""Whether a catalogue makes sense as a whole. Every fault is told at once, with the dotted path of where it is.

``check_catalogue`` is what stands between a changeset and the database: a catalogue without faults can be built,
queried and enforced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from tongmai import formula
from tongmai.kit import Fault, Invalid
from tongmai.model.bound_field import BoundField, bind_field
from tongmai.model.check_boards import check_boards
from tongmai.model.check_calendar import check_calendar
from tongmai.model.check_entries import check_entries
from tongmai.model.check_form import check_form
from tongmai.model.check_formula import faults_of_formula
from tongmai.model.check_metrics import check_metric_formulas, check_metric_structure
from tongmai.model.check_prompts import check_prompts
from tongmai.model.check_roles import check_roles
from tongmai.model.check_rules import check_rules
from tongmai.model.check_segments import check_segments
from tongmai.model.check_sources import check_sources
from tongmai.model.definitions import Catalogue, FieldDef, Lookup, ObjectDef
from tongmai.model.fault_at import Place, fault
from tongmai.model.field_types import FormulaOptions
from tongmai.model.metric_fields import computed_fields
from tongmai.model.scope import ObjectScope
from tongmai.model.system_fields import SYSTEM_KEYS, system_fields

MOST_OBJECTS = 500
MOST_FIELDS = 500
MOST_ROLES = 200
LONGEST_LABEL = 100
_LOOKUP_TYPES = frozenset({"text", "phone", "email", "url", "auto_number"})


def check_catalogue(catalogue: Catalogue) -> list[Fault]:
    """All faults of a catalogue; none if it may be put to use."""
    structural = list(
        chain(
            _check_size("objects", catalogue.objects, MOST_OBJECTS),
            _check_size("roles", catalogue.roles, MOST_ROLES),
            _check_distinct(Place(), "object", catalogue.objects),
            chain.from_iterable(_check_object(catalogue, each) for each in catalogue.objects),
            check_metric_structure(catalogue),
            check_calendar(catalogue.calendar),
        )
    )
    if structural:
        # Formulas over fields that are themselves wrong would only repeat what has been said.
        return structural + list(check_roles(catalogue, None))
    # What decides on writes and access, and what metrics are made of, is written without metrics: those come later.
    scopes = {each.key: ObjectScope(catalogue, each.key, metrics=False) for each in catalogue.objects}
    shown = {key: ObjectScope(catalogue, key) for key in scopes}
    formulas = chain.from_iterable(
        _check_formulas(scopes[each.key], shown[each.key], each) for each in catalogue.objects
    )
    return [
        *formulas,
        *_check_lookups(catalogue, scopes),
        *check_entries(catalogue, scopes),
        *check_prompts(catalogue, scopes),
        *check_roles(catalogue, scopes),
        *check_metric_formulas(catalogue, scopes),
        *check_segments(catalogue, {key: ObjectScope(catalogue, key, segments=False) for key in scopes}),
        *check_rules(catalogue, shown),
        *check_sources(catalogue),
        *check_boards(catalogue, shown),
    ]


def _check_size(name: str, items: Sequence[object], most: int) -> Iterator[Fault]:
    if len(items) > most:
        yield fault(
            "catalogue.too_many", Place(name), f"最多 {most} 个，现有 {len(items)} 个", f"{len(items)}, at most {most}"
        )


def _check_distinct(place: Place, kind: str, items: Iterable[ObjectDef | FieldDef]) -> Iterator[Fault]:
    """Keys and labels are names in formulas and imports: no two things may share one."""
    seen: dict[str, str] = {}
    for item in items:
        here = place / item.key
        for word in dict.fromkeys((item.key, item.label.zh, item.label.en)):
            if not word.strip() or len(word) > LONGEST_LABEL or not word.isprintable():
                yield fault(
                    f"{kind}.bad_label",
                    here / "label",
                    f"名称应为 1 到 {LONGEST_LABEL} 个可见字符",
                    f"a label has 1 to {LONGEST_LABEL} visible characters",
                )
                continue
            folded = word.strip().casefold()
            holder = seen.setdefault(folded, item.key)
            if holder != item.key or (word == item.key and list(_keys(items)).count(item.key) > 1):
                yield fault(
                    f"{kind}.duplicate_name",
                    here,
                    f"名称“{word}”已被 {holder} 使用",
                    f"the name “{word}” is already used by {holder}",
                    "请换一个名称",
                    "choose another name",
                )


def _keys(items: Iterable[ObjectDef | FieldDef]) -> Iterator[str]:
    return (item.key for item in items)


def _check_object(catalogue: Catalogue, each: ObjectDef) -> Iterator[Fault]:
    place = Place(each.key)
    yield from _check_size(f"{each.key}.fields", each.fields, MOST_FIELDS)
    yield from _check_reserved(place, each)
    names = (*system_fields(each.key), *each.fields, *computed_fields(catalogue, each.key))
    yield from _check_distinct(place, "field", names)
    bound: dict[str, BoundField] = {}
    for field in each.fields:
        try:
            bound[field.key] = bind_field(field, catalogue)
        except Invalid as invalid:
            yield from (each_fault.at_field(place / field.key / each_fault.field) for each_fault in invalid.faults)
            continue
        yield from _check_field(catalogue, place / field.key, bound[field.key])
    yield from _check_title(place, each)
    yield from check_form(place, each)
    yield from _check_uniques(place, each, bound)
    yield from _check_rule_keys(place, each)


def _check_reserved(place: Place, each: ObjectDef) -> Iterator[Fault]:
    columns: dict[str, str] = {}
    for field in each.fields:
        if field.key in SYSTEM_KEYS:
            yield fault(
                "field.reserved",
                place / field.key,
                f"“{field.key}”是系统字段的 key",
                f"“{field.key}” is the key of a system field",
                "请换一个 key",
                "choose another key",
            )
        holder = columns.setdefault(field.column_name, field.key)
        if holder != field.key:
            yield fault(
                "field.shared_column",
                place / field.key,
                f"与 {holder} 使用同一列 {field.column_name}",
                f"shares the column {field.column_name} with {holder}",
            )


def _check_field(catalogue: Catalogue, place: Place, bound: BoundField) -> Iterator[Fault]:
    field = bound.definition
    if bound.target is not None and bound.target not in catalogue.object_by_key:
        yield fault(
            "field.unknown_target",
            place / "options.target",
            f"没有对象“{bound.target}”",
            f"there is no object “{bound.target}”",
            "请先建立该对象",
            "add that object first",
        )
    if field.unique and (not bound.type.can_be_unique or bound.is_many):
        yield fault(
            "field.cannot_be_unique",
            place / "unique",
            f"{bound.type.label.zh}字段不能设为唯一",
            f"a field of type {bound.type.label.en} cannot be unique",
        )
    if not bound.type.writable:
        for name in ("required", "unique", "indexed", "searchable", "default", "lookup"):
            if getattr(field, name):
                yield fault(
                    "field.computed",
                    place / name,
                    "计算字段没有这项设置",
                    "a computed field has no such setting",
                    "请移除该设置",
                    "remove the setting",
                )


def _check_title(place: Place, each: ObjectDef) -> Iterator[Fault]:
    if each.title is not None and each.title not in each.by_key:
        yield fault(
            "object.unknown_title",
            place / "title",
            f"没有字段“{each.title}”",
            f"there is no field “{each.title}”",
            "请选择一个已有的字段作为标题",
            "choose one of the object's fields",
        )


def _check_uniques(place: Place, each: ObjectDef, bound: dict[str, BoundField]) -> Iterator[Fault]:
    for unique in each.uniques:
        here = place / "uniques" / unique.key
        if len(set(unique.fields)) != len(unique.fields):
            yield fault("unique.repeated", here, "同一字段列出了两次", "a field is named twice")
        for key in unique.fields:
            found = bound.get(key)
            if key == "owner" or (key in each.by_key and found is None):
                continue
            if found is None:
                yield fault("unique.unknown_field", here, f"没有字段“{key}”", f"there is no field “{key}”")
            elif not found.type.can_be_unique or found.is_many or found.column_type is None:
                yield fault(
                    "unique.unfit_field",
                    here,
                    f"“{found.definition.label.zh}”（{found.type.label.zh}）不能参与唯一约束",
                    f"“{found.definition.label.en}” ({found.type.label.en}) cannot be part of a unique constraint",
                )


def _check_rule_keys(place: Place, each: ObjectDef) -> Iterator[Fault]:
    for name, items in (("uniques", each.uniques), ("validations", each.validations)):
        seen: set[str] = set()
        for item in items:
            if item.key in seen:
                yield fault(
                    "rule.duplicate_key", place / name / item.key, f"key “{item.key}”重复", f"key “{item.key}” repeats"
                )
            seen.add(item.key)
    for validation in each.validations:
        if validation.field is not None and validation.field not in each.by_key:
            yield fault(
                "rule.unknown_field",
                place / "validations" / validation.key / "field",
                f"没有字段“{validation.field}”",
                f"there is no field “{validation.field}”",
            )


def _check_formulas(scope: ObjectScope, shown: ObjectScope, each: ObjectDef) -> Iterator[Fault]:
    """``shown`` has the metrics as well: formula fields may use them."""
    place = Place(each.key)
    for field in each.fields:
        bound = scope.bound(field.key)
        here = place / field.key
        if isinstance(bound.options, FormulaOptions):
            yield from _faults_of_symbol(shown, field.key, here / "options.text")
        elif field.default is not None:
            wanted = bound.type.value_type(bound.options)
            yield from faults_of_formula(field.default, scope, here / "default", wanted)
        if field.visible_when is not None:
            yield from faults_of_formula(field.visible_when, scope, here / "visible_when", formula.BOOLEAN)
        if field.hint is not None and field.hint.when is not None:
            yield from faults_of_formula(field.hint.when, scope, here / "hint.when", formula.BOOLEAN)
    for validation in each.validations:
        here = place / "validations" / validation.key / "formula"
        yield from faults_of_formula(validation.formula, scope, here, formula.BOOLEAN)
    yield from _check_default_order(scope, each)


def _faults_of_symbol(scope: ObjectScope, key: str, place: Place) -> Iterator[Fault]:
    try:
        scope.symbol(key)
    except Invalid as invalid:
        yield from (each.at_field(str(place)) for each in invalid.faults)


def _check_default_order(scope: ObjectScope, each: ObjectDef) -> Iterator[Fault]:
    """Defaults may use one another, but not in a circle."""
    needs: dict[str, set[str]] = {}
    for field in each.fields:
        if field.default is not None:
            try:
                paths = formula.parse(field.default, scope).paths
            except Invalid:
                continue
            needs[field.key] = {path[0] for path in paths}
    done: set[str] = set()
    while ready := {key for key, used in needs.items() if key not in done and not (used & needs.keys()) - done}:
        done |= ready
    for key in needs.keys() - done:
        yield fault(
            "field.circular_default",
            Place(each.key) / key / "default",
            "默认值公式互相引用，无法确定先后",
            "the defaults use one another in a circle",
            "请让其中一个默认值不再引用其他字段",
            "let one of them no longer use the others",
        )


def _check_lookups(catalogue: Catalogue, scopes: dict[str, ObjectScope]) -> Iterator[Fault]:
    for each in catalogue.objects:
        for field in each.fields:
            if field.lookup is not None:
                yield from _check_lookup(catalogue, scopes, Place(each.key) / field.key, field, field.lookup)


def _check_lookup(
    catalogue: Catalogue, scopes: dict[str, ObjectScope], place: Place, field: FieldDef, lookup: Lookup
) -> Iterator[Fault]:
    here = place / "lookup"
    if field.type not in _LOOKUP_TYPES:
        yield fault("lookup.unfit_field", here, "只有文本类字段可以查找核对", "only a text field can be looked up")
    target = catalogue.object_by_key.get(lookup.object)
    if target is None:
        yield fault(
            "lookup.unknown_object", here, f"没有对象“{lookup.object}”", f"there is no object “{lookup.object}”"
        )
        return
    for name, key in (("match", lookup.match), ("show", lookup.show)):
        if key not in target.by_key:
            yield fault("lookup.unknown_field", here / name, f"没有字段“{key}”", f"there is no field “{key}”")
    if lookup.match in target.by_key and target.by_key[lookup.match].type not in _LOOKUP_TYPES:
        yield fault("lookup.unfit_match", here / "match", "应为文本类字段", "must be a text field")
    if lookup.where is not None:
        yield from faults_of_formula(lookup.where, scopes[lookup.object], here / "where", formula.BOOLEAN)
