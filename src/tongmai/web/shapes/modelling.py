"""The metadata as it is read, and what a change of it would do or did."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from pydantic import JsonValue
from typing_extensions import TypedDict

from tongmai.model import (
    Changeset,
    LightEntry,
    MappingDef,
    MetricDef,
    RoleDef,
    RuleDef,
    SegmentDef,
    SourceDef,
    Unique,
    Validation,
)
from tongmai.web.shapes.common import Caption, Id, Moment, ShownFault

Document = dict[str, JsonValue]


class FieldRights(TypedDict):
    """What the reader's policies can allow on some record."""

    read: bool
    create: bool
    update: bool


class FieldHint(TypedDict):
    """Advice that never blocks; without ``when`` it stands while the field is blank."""

    message: Caption
    when: str | None


class LiveFormulas(TypedDict):
    """Trees of formulas that the browser works out while one types; what it may not know is left out."""

    visible_when: NotRequired[Document]
    hint_when: NotRequired[Document]


class ModelField(TypedDict):
    """A field with the kind of its values in formulas and the filter operators offered for it."""

    key: str
    type: str
    label: Caption
    description: Caption | None
    options: Document
    required: bool
    unique: bool
    default: JsonValue
    visible_when: str | None
    searchable: bool
    indexed: bool
    hint: FieldHint | None
    lookup: Document | None
    column: str | None
    builtin: bool
    live: LiveFormulas
    kind: str
    operators: list[str]
    may: FieldRights


class ModelSection(TypedDict):
    """A section of the record page."""

    label: Caption
    fields: list[str]


class ModelObject(TypedDict):
    """An object as one person may know it. What guards and fills records is shown only to who
    sees everything. ``partly`` are the actions that are allowed on some only of the records that he sees: of one
    record ``/api/access/explain`` tells."""

    key: str
    label: Caption
    plural: Caption | None
    description: Caption | None
    title: str | None
    icon: str | None
    form: list[ModelSection]
    builtin: bool
    fields: list[ModelField]
    metrics: list[ModelField]
    system_fields: list[ModelField]
    may: dict[str, bool]
    partly: list[str]
    light_entry: NotRequired[LightEntry | None]
    validations: NotRequired[list[Validation]]
    uniques: NotRequired[list[Unique]]


class ModelShown(TypedDict):
    """The metadata. Definitions below the objects are empty for whom they are no business of."""

    version: int
    objects: list[ModelObject]
    roles: list[RoleDef]
    metric_definitions: list[MetricDef]
    segments: list[SegmentDef]
    rules: list[RuleDef]
    sources: list[SourceDef]
    mappings: list[MappingDef]
    calendar: Document


class ChangeStep(TypedDict):
    """A step on the database; ``rows`` and ``seconds`` are estimates."""

    label: str
    table: str
    lock: str
    waiting: str
    rows: int
    seconds: float
    rewrites: bool
    after_switch: bool


class LossSample(TypedDict):
    id: Id
    title: str | None
    value: str | None


class ChangeLoss(TypedDict):
    """Values that a change does not leave as they are; ``count`` is an estimate unless it is exact."""

    kind: Literal["unconverted", "removed", "outside_limits", "blank_required", "duplicate"]
    meaning: str
    object: str
    fields: list[str]
    count: int
    exact: bool
    samples: list[LossSample]


class ChangeUse(TypedDict):
    """Where a field that the change concerns is used."""

    object: str
    field: str
    where: str
    by: str
    meaning: str


class ChangePreview(TypedDict):
    """What a change would do. With faults it would be refused."""

    version: int
    faults: list[ShownFault]
    seconds: float
    steps: list[ChangeStep]
    losses: list[ChangeLoss]
    uses: list[ChangeUse]


class ChangeApplied(TypedDict):
    """In force; ``tidied`` tells whether what may follow later (indexes, clearing away) is done as well."""

    id: Id
    version: int
    tidied: bool


class ModelChange(TypedDict):
    """One change of the metadata. ``undoes`` names the one that it took back."""

    id: Id
    state: Literal["applying", "applied", "failed", "undone"]
    changeset: Changeset
    version: int | None
    actor: Id | None
    created_at: Moment
    finished_at: Moment | None
    undoes: Id | None
    faults: list[ShownFault]


class AppInstalled(TypedDict):
    """An app that the workspace has; ``offered_version`` is what the program now brings, null for one from a
    file. ``scenarios`` are those that it was begun with, null where the whole app is there."""

    key: str
    label: str
    version: str
    installed_at: Moment
    offered_version: str | None
    scenarios: list[str] | None


class AppOffered(TypedDict):
    """An app that comes with the program; ``scenarios`` is with how many one may begin."""

    key: str
    label: str
    version: str
    description: str | None
    requires: list[str]
    installed: bool
    scenarios: int


class AppsListed(TypedDict):
    installed: list[AppInstalled]
    offered: list[AppOffered]


class AppPiece(TypedDict):
    """A thing that an app brings, changes or takes away. ``at`` is its address (``field customer.level``)."""

    at: str
    kind: str
    label: str


class AppChange(TypedDict):
    """A thing that is there and is to say something else: its definition as it is, and as it would be."""

    at: str
    kind: str
    label: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AppConflict(TypedDict):
    """Both sides changed the same thing: as it was brought, as the company made it, as the app brings it now."""

    at: str
    kind: str
    label: str
    chosen: Literal["mine", "theirs"]
    base: dict[str, Any] | None
    mine: dict[str, Any] | None
    theirs: dict[str, Any] | None


class AppPlan(TypedDict):
    """What an install, upgrade or removal does, thing by thing."""

    app: str
    label: str
    version: str
    preview: ChangePreview
    added: list[AppPiece]
    changed: list[AppChange]
    removed: list[AppPiece]
    conflicts: list[AppConflict]
    kept: list[AppPiece]
    lost: list[AppPiece]
    change: Id | None
