"""What a definition names, by its kind."""

from __future__ import annotations

from tongmai.kit import Invalid
from tongmai.model.basis import Definition
from tongmai.model.board_definitions import BoardDef, Widget
from tongmai.model.bound_field import bind_field
from tongmai.model.changes import ObjectTraits
from tongmai.model.definitions import Catalogue, FieldDef, Grant, RoleDef, Unique, Validation
from tongmai.model.entry_definitions import LightEntry
from tongmai.model.field_types import FormulaOptions
from tongmai.model.metric_definitions import MetricDef, SegmentDef
from tongmai.model.prompt_definitions import Hush, Prompt
from tongmai.model.referring.measuring import name_metric, name_segment
from tongmai.model.referring.names import Names, Reference
from tongmai.model.referring.ruling import name_rule
from tongmai.model.referring.showing import name_board, name_widget
from tongmai.model.rule_definitions import RuleDef
from tongmai.model.source_definitions import FieldMap, MappingDef


class References:
    """Over one catalogue, which holds whatever the definitions asked about may name."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._names = Names(catalogue)

    def of(self, home: str, item: Definition) -> frozenset[Reference]:
        """All that a definition names. ``home`` is the object's key where it is a part of one."""
        names = self._fresh()
        match item:
            case ObjectTraits():
                _name_traits(names, home, item)
            case FieldDef():
                _name_typed_field(names, home, item)
            case Unique():
                _name_fields(names, home, item.fields)
            case Validation():
                _name_fields(names, home, (item.field,) if item.field else ())
                names.formula(home, item.formula)
            case RoleDef():
                for grant in item.grants:
                    _name_grant(names, grant)
            case MetricDef():
                name_metric(names, item)
            case SegmentDef():
                name_segment(names, item)
            case RuleDef():
                name_rule(names, item)
            case MappingDef():
                _name_mapping(names, item)
            case BoardDef():
                name_board(names, item)
            case _:
                pass
        return frozenset(names.found)

    def of_field(self, home: str, key: str) -> frozenset[Reference]:
        """What stands behind a name of an object: the field, or the metric or segment that it is of."""
        names = self._fresh()
        names.field(home, key)
        return frozenset(names.found)

    def of_widget(self, board: BoardDef, widget: Widget) -> frozenset[Reference]:
        names = self._fresh()
        name_widget(names, board.record, widget)
        return frozenset(names.found)

    def of_entry(self, home: str, entry: LightEntry) -> frozenset[Reference]:
        names = self._fresh()
        _name_entry(names, home, entry)
        return frozenset(names.found)

    def of_prompt(self, home: str, prompt: Prompt) -> frozenset[Reference]:
        names = self._fresh()
        _name_prompt(names, home, prompt)
        return frozenset(names.found)

    def of_hush(self, hush: Hush) -> frozenset[Reference]:
        names = self._fresh()
        _name_hush(names, hush)
        return frozenset(names.found)

    def _fresh(self) -> Names:
        self._names.found = {}
        return self._names


def _name_fields(names: Names, home: str, keys: tuple[str, ...]) -> None:
    names.object(home)
    for key in keys:
        names.field(home, key)


def _name_traits(names: Names, home: str, traits: ObjectTraits) -> None:
    if traits.title is not None:
        names.field(home, traits.title)
    for section in traits.form:
        _name_fields(names, home, section.fields)
    if traits.light_entry is not None:
        _name_entry(names, home, traits.light_entry)
    if traits.prompts is not None:
        for prompt in traits.prompts.items:
            _name_prompt(names, home, prompt)
        for hush in traits.prompts.hush:
            _name_hush(names, hush)


def _name_entry(names: Names, home: str, entry: LightEntry) -> None:
    taken = [each for each in (entry.seconds, entry.share) if each is not None]
    _name_fields(names, home, (entry.about, *entry.fills, *entry.asks, *taken))
    scope = names.scope(home)
    subject = scope.through(entry.about) if scope is not None else None
    if subject is None:
        return
    about = subject.object_key
    texts = list(entry.fills.values())
    for preset in entry.presets:
        _name_fields(names, home, tuple(preset.values))
        _name_fields(names, about, tuple(move.field for move in preset.moves))
        texts += [*preset.values.values(), *(move.value for move in preset.moves)]
        texts += [text for text in (preset.when, *(move.when for move in preset.moves)) if text is not None]
    for text in texts:
        names.formula(about, text)


def _name_prompt(names: Names, home: str, prompt: Prompt) -> None:
    _name_fields(names, home, prompt.fields)
    names.formula(home, prompt.when)


def _name_hush(names: Names, hush: Hush) -> None:
    if hush.object is not None and hush.by is not None:
        names.field(hush.object, hush.by)
        names.formula(hush.object, hush.when)


def _name_typed_field(names: Names, home: str, field: FieldDef) -> None:
    names.object(home)
    try:
        bound = bind_field(field, names.catalogue)
    except Invalid:
        return
    if bound.target is not None:
        names.object(bound.target)
    if isinstance(bound.options, FormulaOptions):
        names.formula(home, bound.options.text)
    for text in (field.default, field.visible_when, field.hint.when if field.hint else None):
        names.formula(home, text)
    if field.lookup is not None:
        _name_fields(names, field.lookup.object, (field.lookup.match, field.lookup.show))
        names.formula(field.lookup.object, field.lookup.where)


def _name_grant(names: Names, grant: Grant) -> None:
    _name_fields(names, grant.object, tuple(grant.field_access))
    for rows in (grant.read, grant.update, grant.delete):
        if rows.startswith("formula:"):
            names.formula(grant.object, rows.removeprefix("formula:"))


def _name_mapping(names: Names, mapping: MappingDef) -> None:
    names.add("source", mapping.source)
    _name_fields(names, mapping.object, mapping.match)
    for each in mapping.fields:
        _name_filled(names, mapping.object, each)


def _name_filled(names: Names, home: str, each: FieldMap) -> None:
    names.field(home, each.field)
    scope = names.scope(home)
    target = scope.through(each.field) if scope is not None else None
    if target is not None:
        _name_fields(names, target.object_key, (*each.by, *((each.like,) if each.like else ())))
