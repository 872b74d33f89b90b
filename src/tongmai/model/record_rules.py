"""What an object demands of its records, compiled once a catalogue version: input, defaults, validations, hints.

Every path to a record goes through here, so that the same violation is refused with the same words. What only the
database knows (uniqueness, whether a related record exists, lookups) is ``records``' to ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from pydantic import JsonValue

from tongmai import formula
from tongmai.kit import Fault, Text
from tongmai.model.bound_field import BoundField
from tongmai.model.definitions import Catalogue, FieldDef, Validation
from tongmai.model.field_type import Reading, Refused
from tongmai.model.field_types import AutoNumberOptions
from tongmai.model.metric_fields import computed_fields
from tongmai.model.scope import ObjectScope
from tongmai.model.system_fields import SYSTEM_KEYS, WRITABLE_SYSTEM_KEYS

_SEE = Text("请去掉该字段", "leave it out")
# So many unknown names are told, each with a suggestion; somebody who gives more has other worries.
_MOST_UNKNOWN = 20


@dataclass(frozen=True, slots=True)
class Input:
    """``row`` holds the readable part of what was given, by field key; ``faults`` all that is wrong with the rest."""

    row: dict[str, object]
    faults: list[Fault]


@dataclass(frozen=True, slots=True)
class ShownHint:
    """Advice to show beside a field; never blocks (S2-24)."""

    field: str
    message: Text


@dataclass(frozen=True, slots=True)
class _Formula:
    """A compiled formula with the paths it reads."""

    evaluate: formula.Evaluator
    paths: frozenset[formula.Path]


@dataclass(frozen=True, slots=True)
class _Default:
    field: BoundField
    formula: _Formula


@dataclass(frozen=True)
class RecordRules:
    """See ``for_object``. Immutable: keep it as long as the catalogue version is the present one.

    A row maps field keys to canonical values; for formulas that look through relations also dotted paths
    (``customer.owner``) to the values found there.
    """

    object_key: str
    fields: Mapping[str, BoundField]
    reading: Reading
    _refused: Mapping[str, Fault]
    _required: tuple[FieldDef, ...]
    _required_while: tuple[tuple[FieldDef, _Formula], ...]
    _defaults: tuple[_Default, ...]
    _validations: tuple[tuple[Validation, _Formula], ...]
    _hints: tuple[tuple[FieldDef, Text, _Formula | None], ...]
    _names: Mapping[str, str] = field(repr=False)

    @staticmethod
    def for_object(catalogue: Catalogue, object_key: str, reading: Reading = Reading()) -> RecordRules:
        """The rules of one object of a catalogue without faults. Raises ``KeyError``; ``Invalid`` for a faulty one."""
        return _compile(ObjectScope(catalogue, object_key), catalogue, reading)

    def parse_input(
        self, values: Mapping[str, JsonValue], *, for_create: bool, hidden: frozenset[str] = frozenset()
    ) -> Input:
        """What was given, read by the fields' types, with every fault: unknown and read-only fields, bad values, blanks
        where a value is required. A field that is absent is left as it is, or gets its default on creation.

        ``hidden`` fields are answered as if there were none of that name, and suggested to nobody.
        """
        row: dict[str, object] = {}
        faults: list[Fault] = []
        fields, reading = self.fields, self.reading
        unknown: list[str] = []
        for key, given in values.items():
            if key in hidden:
                unknown.append(key)
                continue
            bound = fields.get(key)
            if bound is None:
                refused_always = self._refused.get(key)
                if refused_always is None:
                    unknown.append(key)
                else:
                    faults.append(refused_always)
                continue
            try:
                row[key] = bound.type.parse(given, bound.options, reading)
            except Refused as refused:
                faults.extend(each.at_field(key) for each in refused.faults)
        for each in self._required:
            key = each.key
            if row.get(key) is None and (
                key in row or (for_create and (key not in values or key in hidden) and not self._comes_by_itself(each))
            ):
                faults.append(_required_fault(each))
        faults.extend(self._unknown(each, hidden) for each in unknown[:_MOST_UNKNOWN])
        return Input(row, faults)

    def apply_defaults(self, row: dict[str, object], moment: formula.Moment) -> list[Fault]:
        """Fills the fields that were not given, in place, in the order in which defaults use one another."""
        faults: list[Fault] = []
        for default in self._defaults:
            bound = default.field
            if bound.key in row:
                continue
            value = default.formula.evaluate(row, moment)
            try:
                row[bound.key] = bound.type.from_formula(value, bound.options, self.reading)
            except Refused as refused:
                faults.extend(each.at_field(bound.key) for each in refused.faults)
                continue
            if row[bound.key] is None and bound.definition in self._required:
                faults.append(_required_fault(bound.definition))
        return faults

    def check_validations(self, row: Mapping[str, object], moment: formula.Moment) -> list[Fault]:
        """Faults of the whole record as it is going to be: validations, and fields required while they are visible."""
        faults = [
            _required_fault(each)
            for each, visible in self._required_while
            if row.get(each.key) is None and visible.evaluate(row, moment) is True
        ]
        faults.extend(
            Fault("validation", rule.message, None, rule.field, rule.key)
            for rule, condition in self._validations
            if condition.evaluate(row, moment) is not True
        )
        return faults

    def hints(self, row: Mapping[str, object], moment: formula.Moment) -> list[ShownHint]:
        """Advice that applies to the record now."""
        return [
            ShownHint(each.key, message)
            for each, message, when in self._hints
            if (row.get(each.key) is None if when is None else when.evaluate(row, moment) is True)
        ]

    def _comes_by_itself(self, each: FieldDef) -> bool:
        return each.default is not None or each.type == "auto_number"

    def _unknown(self, name: str, hidden: frozenset[str]) -> Fault:
        near = get_close_matches(name[:80], [each for each, key in self._names.items() if key not in hidden], n=1)
        way_out = Text("请检查字段的 key", "check the field's key")
        if near:
            key = self._names[near[0]]
            way_out = Text(f"是否想写“{key}”？", f"did you mean “{key}”?")
        return Fault("field.unknown", Text("没有这个字段", "there is no such field"), way_out, name[:80])


def _required_fault(each: FieldDef) -> Fault:
    return Fault(
        "field.required",
        Text(f"“{each.label.zh}”必填", f"“{each.label.en}” is required"),
        Text("请填写该字段", "fill it in"),
        each.key,
    )


def _compile(scope: ObjectScope, catalogue: Catalogue, reading: Reading) -> RecordRules:
    definition = catalogue.object_by_key[scope.object_key]
    bound = {each.key: scope.bound(each.key) for each in definition.fields}
    writable = {key: each for key, each in bound.items() if _is_writable(each)}
    writable |= {key: scope.bound(key) for key in WRITABLE_SYSTEM_KEYS}
    required = [each for each in definition.fields if each.required]
    return RecordRules(
        object_key=scope.object_key,
        fields=writable,
        reading=reading,
        _refused=_refusals(bound, writable) | _metric_refusals(catalogue, scope.object_key),
        _required=tuple(each for each in required if each.visible_when is None),
        _required_while=tuple(
            (each, _condition(each.visible_when, scope)) for each in required if each.visible_when is not None
        ),
        _defaults=_in_order([_default(each, scope) for each in bound.values() if each.definition.default is not None]),
        _validations=tuple((each, _condition(each.formula, scope)) for each in definition.validations),
        _hints=tuple(
            (each, each.hint.message, None if each.hint.when is None else _condition(each.hint.when, scope))
            for each in definition.fields
            if each.hint is not None
        ),
        _names={
            name: key
            for key, each in writable.items()
            for name in (key, each.definition.label.zh, each.definition.label.en)
        },
    )


def _is_writable(bound: BoundField) -> bool:
    return bound.type.writable and not (isinstance(bound.options, AutoNumberOptions) and not bound.options.editable)


def _refusals(bound: Mapping[str, BoundField], writable: Mapping[str, BoundField]) -> dict[str, Fault]:
    """What to say about fields that are there but cannot be given."""
    by_system = Text("该字段由系统维护，不能填写", "the platform keeps this field; it cannot be given")
    computed = Text("该字段由公式计算，不能填写", "this field is computed and cannot be given")
    number = Text("编号由系统生成，不能填写", "the number is made by the platform and cannot be given")
    found = {key: Fault("field.read_only", by_system, _SEE, key) for key in SYSTEM_KEYS if key not in writable}
    for key, each in bound.items():
        if key not in writable:
            found[key] = Fault("field.read_only", number if each.type.writable else computed, _SEE, key)
    return found


def _metric_refusals(catalogue: Catalogue, object_key: str) -> dict[str, Fault]:
    computed = Text("该值由系统计算，不能填写", "this is computed and cannot be given")
    keys = (each.key for each in computed_fields(catalogue, object_key))
    return {key: Fault("field.read_only", computed, _SEE, key) for key in keys}


def _condition(text: str, scope: ObjectScope) -> _Formula:
    parsed = formula.parse(text, scope, expect=formula.BOOLEAN)
    return _Formula(formula.compile_python(parsed.tree), parsed.paths)


def _default(bound: BoundField, scope: ObjectScope) -> _Default:
    wanted = bound.type.value_type(bound.options)
    parsed = formula.parse(bound.definition.default or "", scope, expect=wanted)
    return _Default(bound, _Formula(formula.compile_python(parsed.tree), parsed.paths))


def _in_order(defaults: list[_Default]) -> tuple[_Default, ...]:
    """Each default behind those it uses. A circle, which ``check_catalogue`` refuses, is left as it stands."""
    waiting = {each.field.key: each for each in defaults}
    placed: list[_Default] = []
    while waiting:
        ready = [
            each
            for key, each in waiting.items()
            if not any(path[0] in waiting and path[0] != key for path in each.formula.paths)
        ]
        batch = ready or list(waiting.values())
        placed += batch
        for each in batch:
            del waiting[each.field.key]
    return tuple(placed)
