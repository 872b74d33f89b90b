"""Records written, their past, questions over many of them, files and jobs."""

from __future__ import annotations

from typing import Literal, NotRequired

from pydantic import JsonValue
from typing_extensions import TypedDict

from tongmai.boards import ViewBody
from tongmai.model import Widget
from tongmai.web.shapes.common import AnyValue, Caption, Id, Linked, Moment, ShownFault


class WriteHint(TypedDict):
    """Advice on what was written; it blocks nothing."""

    field: str
    message: str


class LookedUp(TypedDict):
    """The record that a lookup found, with the value shown from it."""

    id: Id
    show: AnyValue


class HistoryLine(TypedDict):
    """One change of a record: who, by which way, what caused it, the values before and after."""

    seq: int
    at: Moment
    version: int
    action: Literal["create", "update", "delete", "restore", "purge", "redact"]
    actor: Linked | None
    via: str
    cause: str | None
    before: dict[str, AnyValue] | None
    after: dict[str, AnyValue] | None


class Aggregated(TypedDict):
    """Groups with their measures, by name. ``is_complete`` is false where the limit cut them off; ``engine`` answered
    as of the feed's ``epoch``; ``plan`` stands there on demand."""

    rows: list[dict[str, AnyValue]]
    is_complete: bool
    engine: str
    epoch: int | None


class SearchHit(TypedDict):
    object: str
    id: Id
    label: str | None


class SavedViewShown(TypedDict):
    """A way to look at records that somebody keeps."""

    id: Id
    object: str
    label: str
    shared: bool
    version: int
    body: ViewBody
    mine: bool
    may_change: bool


class BoardName(TypedDict):
    """A board; with ``record`` it is a panel on the pages of that object's records, at ``place``."""

    key: str
    label: Caption
    description: Caption | None
    record: str | None
    place: Literal["top", "beside", "timeline"]
    roles: list[str]


class AskedRole(TypedDict):
    """A role that the rows' actions ask for help."""

    key: str
    label: str


class WidgetDrawn(TypedDict):
    """A widget with what it shows (by its kind: a number, groups, a page of records), or why it shows nothing."""

    widget: Widget
    found: AnyValue
    faults: list[ShownFault]


class BoardDrawn(TypedDict):
    board: BoardName
    asked: list[AskedRole]
    widgets: list[WidgetDrawn]


class FileShown(TypedDict):
    id: Id
    name: str
    media_type: str
    size: int
    sha256: str


class JobFault(TypedDict):
    code: str | None
    message: str | None


class JobProgress(TypedDict):
    """How far a job is; ``progress`` from 0 to 1, ``error`` why it failed."""

    id: Id
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled", "undone"]
    progress: float
    done: int
    total: int | None
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    error: JobFault | None


class JobShown(JobProgress):
    """A job as people follow it. ``result`` is by its kind: of an import the counts of rows."""

    result: dict[str, JsonValue] | None


class ColumnGuessed(TypedDict):
    """Where a column of a file goes; ``match`` is the field by which a related record is found. Of what was guessed,
    ``how`` tells by what, and ``sure`` orders such ways from 0 to 1: it is no measured figure."""

    column: str
    field: str | None
    match: str | None
    how: Literal["key", "label", "spelling", "meaning", "values"] | None
    sure: float | None


class ImportPreview(TypedDict):
    """What an import would do, by its first rows (``tried`` of ``total``)."""

    file: Id
    columns: list[ColumnGuessed]
    traits: dict[str, JsonValue]
    rows: list[list[JsonValue]]
    total: int | None
    tried: int
    inserted: int
    updated: int
    unchanged: int
    refused: int
    faults: list[ShownFault]


class Duplicate(TypedDict):
    """A record that may be the same as another; ``score`` from 0 to 1."""

    id: Id
    label: str | None
    score: float
    reasons: list[str]


class Merged(TypedDict):
    merge: Id


class StandingMerge(TypedDict):
    """What was made part of a record; ``label`` is blank for who may not see it."""

    id: Id
    record: Id
    label: str | None
    at: Moment
    by: Id | None


class FormulaChecked(TypedDict):
    """Whether a formula is right: then its type and the fields it reads, else its faults with their positions."""

    ok: bool
    faults: NotRequired[list[ShownFault]]
    type: NotRequired[str]
    type_name: NotRequired[str]
    paths: NotRequired[list[str]]
    tree: NotRequired[dict[str, JsonValue]]


class FormulaTried(TypedDict):
    """What a formula gives for a record, or why it cannot be worked out."""

    ok: bool
    faults: NotRequired[list[ShownFault]]
    value: NotRequired[AnyValue]
    type: NotRequired[str]
    type_name: NotRequired[str]


class FunctionShown(TypedDict):
    """A function of the formula language, with an example and what that gives."""

    name: str
    aliases: list[str]
    group: str
    signature: str
    meaning: str
    example: str
    shows: str


class FieldTypeShown(TypedDict):
    key: str
    label: str
    options: dict[str, JsonValue]


class OperatorShown(TypedDict):
    """A comparison that filters offer; ``template`` is the formula it stands for."""

    key: str
    label: str
    template: str
    operands: int
    takes_list: bool
