"""What can be done to a catalogue, as typed actions: one changeset is what the designer, the API, an app package and a
YAML file all produce.

Two laws hold (and are tested): ``apply(a, diff(a, b))`` is ``b`` and ``apply(apply(a, c), invert(a, c))`` is ``a``, but
for the version, which ``schema`` counts. ``column`` is no one's to set but ``schema``'s: an action without it keeps it.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from tongmai.model.basis import Definition, Key, Label
from tongmai.model.board_definitions import BoardDef
from tongmai.model.calendar_definition import CalendarDef
from tongmai.model.definitions import FieldDef, FormSection, ObjectDef, RoleDef, Unique, Validation
from tongmai.model.entry_definitions import LightEntry
from tongmai.model.metric_definitions import MetricDef, SegmentDef
from tongmai.model.prompt_definitions import Prompts
from tongmai.model.rule_definitions import RuleDef
from tongmai.model.source_definitions import MappingDef, SourceDef

# Where a new thing goes: an index from 0; without it at the end.
Position = Annotated[int | None, Field(ge=0)]


class ObjectTraits(Definition):
    """What an object is beside its fields and rules."""

    label: Label
    plural: Label | None = None
    description: Label | None = None
    title: Key | None = None
    icon: str | None = None
    form: Annotated[tuple[FormSection, ...], Field(max_length=50)] = ()
    light_entry: LightEntry | None = None
    prompts: Prompts | None = None
    watched: bool = False
    builtin: bool = False

    @classmethod
    def of(cls, each: ObjectDef) -> ObjectTraits:
        return cls.model_construct(**{name: getattr(each, name) for name in cls.model_fields})


class AddObject(Definition):
    action: Literal["add_object"] = "add_object"
    object: ObjectDef
    position: Position = None


class ChangeObject(Definition):
    """``before``, here and below, is what the author saw: if it is given and no longer true, the change is refused."""

    action: Literal["change_object"] = "change_object"
    object: Key
    before: ObjectTraits | None = None
    after: ObjectTraits


class RemoveObject(Definition):
    action: Literal["remove_object"] = "remove_object"
    object: Key


class AddField(Definition):
    action: Literal["add_field"] = "add_field"
    object: Key
    field: FieldDef
    position: Position = None


class ChangeField(Definition):
    """Another label, other options, another type; the key stays."""

    action: Literal["change_field"] = "change_field"
    object: Key
    before: FieldDef | None = None
    after: FieldDef


class RemoveField(Definition):
    action: Literal["remove_field"] = "remove_field"
    object: Key
    field: Key


class AddUnique(Definition):
    action: Literal["add_unique"] = "add_unique"
    object: Key
    unique: Unique
    position: Position = None


class RemoveUnique(Definition):
    action: Literal["remove_unique"] = "remove_unique"
    object: Key
    unique: Key


class AddValidation(Definition):
    action: Literal["add_validation"] = "add_validation"
    object: Key
    validation: Validation
    position: Position = None


class ChangeValidation(Definition):
    action: Literal["change_validation"] = "change_validation"
    object: Key
    before: Validation | None = None
    after: Validation


class RemoveValidation(Definition):
    action: Literal["remove_validation"] = "remove_validation"
    object: Key
    validation: Key


class AddRole(Definition):
    action: Literal["add_role"] = "add_role"
    role: RoleDef
    position: Position = None


class ChangeRole(Definition):
    action: Literal["change_role"] = "change_role"
    before: RoleDef | None = None
    after: RoleDef


class RemoveRole(Definition):
    action: Literal["remove_role"] = "remove_role"
    role: Key


class AddMetric(Definition):
    action: Literal["add_metric"] = "add_metric"
    metric: MetricDef
    position: Position = None


class ChangeMetric(Definition):
    action: Literal["change_metric"] = "change_metric"
    before: MetricDef | None = None
    after: MetricDef


class RemoveMetric(Definition):
    action: Literal["remove_metric"] = "remove_metric"
    metric: Key


class AddSegment(Definition):
    action: Literal["add_segment"] = "add_segment"
    segment: SegmentDef
    position: Position = None


class ChangeSegment(Definition):
    action: Literal["change_segment"] = "change_segment"
    before: SegmentDef | None = None
    after: SegmentDef


class RemoveSegment(Definition):
    action: Literal["remove_segment"] = "remove_segment"
    segment: Key


class AddRule(Definition):
    action: Literal["add_rule"] = "add_rule"
    rule: RuleDef
    position: Position = None


class ChangeRule(Definition):
    action: Literal["change_rule"] = "change_rule"
    before: RuleDef | None = None
    after: RuleDef


class RemoveRule(Definition):
    action: Literal["remove_rule"] = "remove_rule"
    rule: Key


class AddSource(Definition):
    action: Literal["add_source"] = "add_source"
    source: SourceDef
    position: Position = None


class ChangeSource(Definition):
    action: Literal["change_source"] = "change_source"
    before: SourceDef | None = None
    after: SourceDef


class RemoveSource(Definition):
    action: Literal["remove_source"] = "remove_source"
    source: Key


class AddMapping(Definition):
    action: Literal["add_mapping"] = "add_mapping"
    mapping: MappingDef
    position: Position = None


class ChangeMapping(Definition):
    action: Literal["change_mapping"] = "change_mapping"
    before: MappingDef | None = None
    after: MappingDef


class RemoveMapping(Definition):
    action: Literal["remove_mapping"] = "remove_mapping"
    mapping: Key


class ChangeCalendar(Definition):
    """Other days off and make-up days of the company."""

    action: Literal["change_calendar"] = "change_calendar"
    before: CalendarDef | None = None
    after: CalendarDef


class AddBoard(Definition):
    action: Literal["add_board"] = "add_board"
    board: BoardDef
    position: Position = None


class ChangeBoard(Definition):
    action: Literal["change_board"] = "change_board"
    before: BoardDef | None = None
    after: BoardDef


class RemoveBoard(Definition):
    action: Literal["remove_board"] = "remove_board"
    board: Key


class Reorder(Definition):
    """A new order of what the workspace or, where ``object`` is named, an object has; each key exactly once."""

    action: Literal["reorder"] = "reorder"
    kind: Literal[
        "objects",
        "roles",
        "metrics",
        "segments",
        "rules",
        "sources",
        "mappings",
        "boards",
        "fields",
        "uniques",
        "validations",
    ]
    object: Key | None = None
    keys: tuple[Key, ...]


Action: TypeAlias = Annotated[
    AddObject
    | ChangeObject
    | RemoveObject
    | AddField
    | ChangeField
    | RemoveField
    | AddUnique
    | RemoveUnique
    | AddValidation
    | ChangeValidation
    | RemoveValidation
    | AddRole
    | ChangeRole
    | RemoveRole
    | AddMetric
    | ChangeMetric
    | RemoveMetric
    | AddSegment
    | ChangeSegment
    | RemoveSegment
    | AddRule
    | ChangeRule
    | RemoveRule
    | AddSource
    | ChangeSource
    | RemoveSource
    | AddMapping
    | ChangeMapping
    | RemoveMapping
    | AddBoard
    | ChangeBoard
    | RemoveBoard
    | ChangeCalendar
    | Reorder,
    Field(discriminator="action"),
]

MOST_ACTIONS = 5000


class Changeset(Definition):
    """Actions that are applied together, in their order, or not at all."""

    actions: tuple[Action, ...] = Field((), max_length=MOST_ACTIONS)

    def __bool__(self) -> bool:
        return bool(self.actions)
