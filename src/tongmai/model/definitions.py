"""The nouns of the metadata as frozen values: what a company configures is exactly what these types can hold.

All of it is one document, the ``Catalogue``. Keys never change once given (a table and a column bear them); labels may.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue

from tongmai.kit import Text
from tongmai.model.basis import Definition, Key, Label
from tongmai.model.board_definitions import BoardDef
from tongmai.model.calendar_definition import CalendarDef
from tongmai.model.entry_definitions import LightEntry
from tongmai.model.metric_definitions import MetricDef, SegmentDef
from tongmai.model.prompt_definitions import Prompts
from tongmai.model.reads import Reads
from tongmai.model.rule_definitions import RuleDef
from tongmai.model.source_definitions import MappingDef, SourceDef


class Hint(Definition):
    """Advice beside a field that never blocks (S2-24): shown while ``when`` holds or, without it, while it is blank."""

    message: Label
    when: str | None = None


class Lookup(Definition):
    """A check of a text against another object that shows what it found (S2-25: member number → nickname).

    The value must equal ``match`` of a record of ``object`` that fulfils ``where``; ``show`` is then shown beside the
    field. ``blocks`` tells whether an unknown value is refused or only warned of.
    """

    object: Key
    match: Key
    show: Key
    where: str | None = None
    blocks: bool = False
    message: Label = Text("没有找到对应的记录", "No such record was found")


class FieldDef(Definition):
    """A typed column of an object.

    ``type`` names a field type (``model.field_types``), ``options`` are that type's own. ``default`` and
    ``visible_when`` are formulas. ``column`` is the column that holds it now (the key, but after a type change).
    """

    key: Key
    type: str
    label: Label
    description: Label | None = None
    options: dict[str, JsonValue] = Field(default_factory=dict)
    required: bool = False
    unique: bool = False
    default: str | None = None
    visible_when: str | None = None
    searchable: bool = False
    indexed: bool = False
    hint: Hint | None = None
    lookup: Lookup | None = None
    column: str | None = None
    builtin: bool = False

    @property
    def column_name(self) -> str:
        return self.column or self.key


class Validation(Definition):
    """A formula over a record that must be true whenever one is written, on every path."""

    key: Key
    formula: str
    message: Label
    field: Key | None = None


class Unique(Definition):
    """Fields that are unique together among records that are not deleted. Blanks never collide."""

    key: Key
    fields: tuple[Key, ...] = Field(min_length=1, max_length=8)
    message: Label | None = None


class FormSection(Definition):
    """A part of an object's record page: a heading and the fields under it, in their order."""

    label: Label
    fields: Annotated[tuple[Key, ...], Field(max_length=500)] = ()


class ObjectDef(Definition):
    """A business thing with its fields. ``title`` is the field that stands for a record where one line must do.

    ``form`` lays out its record page; fields that no section names come after, in their order. ``light_entry`` are the
    presets by which one tap makes a record of it, ``prompts`` what may be asked about one. Of a ``watched`` object each
    look at its records is kept (S2-52).
    """

    key: Key
    label: Label
    plural: Label | None = None
    description: Label | None = None
    title: Key | None = None
    icon: str | None = None
    form: Annotated[tuple[FormSection, ...], Field(max_length=50)] = ()
    light_entry: LightEntry | None = None
    prompts: Prompts | None = None
    watched: bool = False
    fields: tuple[FieldDef, ...] = ()
    validations: tuple[Validation, ...] = ()
    uniques: tuple[Unique, ...] = ()
    builtin: bool = False

    @cached_property
    def by_key(self) -> dict[str, FieldDef]:
        return {field.key: field for field in self.fields}


# Whose records: none, one's own, one's team's, one's team's and those below, all, or `formula: …` over the record.
RowScope = Annotated[str, Field(pattern=r"^(none|own|team|subtree|all|formula:[\s\S]+)$")]
FieldAccess = Literal["none", "read", "write"]


class Grant(Definition):
    """What a role may do with an object. What is not granted is denied."""

    object: Key
    read: RowScope = "none"
    create: bool = False
    update: RowScope = "none"
    delete: RowScope = "none"
    purge: bool = False
    export: bool = False
    import_: bool = Field(False, alias="import")
    fields: FieldAccess = "write"
    field_access: dict[Key, FieldAccess] = Field(default_factory=dict)

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


# What of the platform a role's people may administer.
Area = Literal["model", "access", "people", "jobs", "backup", "audit"]


class RoleDef(Definition):
    """A named set of grants. ``manages`` lists what of the platform its people may administer."""

    key: Key
    label: Label
    grants: tuple[Grant, ...] = ()
    manages: frozenset[Area] = frozenset()
    builtin: bool = False


class Catalogue(Definition):
    """The whole metadata of a workspace at a version."""

    version: int = 0
    objects: tuple[ObjectDef, ...] = ()
    roles: tuple[RoleDef, ...] = ()
    metrics: tuple[MetricDef, ...] = ()
    segments: tuple[SegmentDef, ...] = ()
    rules: tuple[RuleDef, ...] = ()
    sources: tuple[SourceDef, ...] = ()
    mappings: tuple[MappingDef, ...] = ()
    boards: tuple[BoardDef, ...] = ()
    calendar: CalendarDef = CalendarDef()

    @cached_property
    def metric_by_key(self) -> dict[str, MetricDef]:
        return {each.key: each for each in self.metrics}

    @cached_property
    def segment_by_key(self) -> dict[str, SegmentDef]:
        return {each.key: each for each in self.segments}

    @cached_property
    def rule_by_key(self) -> dict[str, RuleDef]:
        return {each.key: each for each in self.rules}

    @cached_property
    def source_by_key(self) -> dict[str, SourceDef]:
        return {each.key: each for each in self.sources}

    @cached_property
    def mapping_by_key(self) -> dict[str, MappingDef]:
        return {each.key: each for each in self.mappings}

    def mappings_of(self, source: str, stream: str) -> list[str]:
        """The keys of the mappings that read a stream of a source."""
        return [each.key for each in self.mappings if (each.source, each.stream) == (source, stream)]

    @cached_property
    def board_by_key(self) -> dict[str, BoardDef]:
        return {each.key: each for each in self.boards}

    @cached_property
    def reads(self) -> dict[str, Reads | None]:
        """What metrics and segments read, by key, as ``ReadPaths`` found out so far."""
        return {}

    @cached_property
    def object_by_key(self) -> dict[str, ObjectDef]:
        return {each.key: each for each in self.objects}

    @cached_property
    def role_by_key(self) -> dict[str, RoleDef]:
        return {each.key: each for each in self.roles}
