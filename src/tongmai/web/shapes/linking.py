"""Sources, mappings, what they did and where values come from."""

from __future__ import annotations

from typing import Literal, NotRequired

from pydantic import JsonValue
from typing_extensions import TypedDict

from tongmai.web.shapes.common import Id, Moment, ShownFault


class SourceKindShown(TypedDict):
    """A kind of source with the JSON schema of its options and the names of its secrets."""

    key: str
    label: str
    options: dict[str, JsonValue]
    secrets: dict[str, str]
    optional_secrets: dict[str, str]


class StreamShown(TypedDict):
    key: str
    label: str
    columns: dict[str, str]
    told: bool
    pulled_at: Moment | None
    has_cursor: bool


class VoicesShown(TypedDict):
    """Who hears the voice messages of a source's archive (``none``: no model is installed; ``no_files``: the archive's
    files cannot be fetched), and how many were heard, wait, or could not be."""

    by: Literal["here", "service", "none", "off", "no_files"]
    model: str | None
    waiting: int
    heard: int
    refused: int


class PushedFieldShown(TypedDict):
    """A field whose changes by people a mapping sends back. ``way``: whether an administrator has opened it (``open``,
    ``closed``), its stream says, or the source never takes it; ``opening`` is what it is called where it is opened."""

    mapping: str
    object: str
    field: str
    path: str
    way: Literal["open", "closed", "stream", "never"]
    opening: str | None


class SourceShown(TypedDict):
    """A source and how it does. One whose kind or options cannot be has only its names and what is wrong."""

    key: str
    faults: list[ShownFault]
    streams: list[StreamShown]
    label: NotRequired[str]
    kind: NotRequired[str]
    enabled: NotRequired[bool]
    schedule: NotRequired[str | None]
    hook: NotRequired[str | None]
    next_at: NotRequired[Moment | None]
    healthy: NotRequired[bool | None]
    checked_at: NotRequired[Moment | None]
    secrets: NotRequired[dict[str, bool]]
    voices: NotRequired[VoicesShown | None]
    pushed: NotRequired[list[PushedFieldShown]]


class ColumnShown(TypedDict):
    """A path in the rows of a stream; ``type`` as columns of mappings have it."""

    path: str
    type: Literal["text", "number", "boolean", "date", "datetime", "json"]


class PathGuessed(TypedDict):
    """The field that a path seems to mean, by ``how``; ``sure`` orders such ways from 0 to 1. ``by`` finds a related
    record."""

    path: str
    field: str
    by: list[str]
    how: Literal["key", "label", "spelling", "meaning", "values"]
    sure: float


class SourceTested(TypedDict):
    ok: bool
    message: str
    faults: list[ShownFault]
    detail: dict[str, JsonValue] | None


class JobAccepted(TypedDict):
    job: Id


class SourceRun(TypedDict):
    id: Id
    kind: str
    state: str
    started_at: Moment
    finished_at: Moment | None
    job: Id | None
    counts: dict[str, int]
    faults: list[ShownFault]


class RawRefused(TypedDict):
    """A row of a source that no mapping could take, and why."""

    stream: str
    mapping: str | None
    key: str
    faults: list[ShownFault]
    body: JsonValue
    at: Moment


class PushShown(TypedDict):
    """A change on its way back to where the record came from."""

    id: Id
    mapping: str
    key: str
    record: Id
    changed: dict[str, JsonValue]
    before: dict[str, JsonValue] | None
    state: Literal["waiting", "done", "conflict", "failed", "dropped"]
    attempts: int
    theirs: JsonValue
    faults: list[ShownFault]
    at: Moment


class TrialSample(TypedDict):
    """A raw row and the values it would give, as text."""

    key: str
    body: JsonValue
    values: dict[str, str | None]
    faults: list[ShownFault]


class MappingTried(TypedDict):
    """What a mapping would do with the newest rows; nothing was written."""

    read: int
    inserted: int
    updated: int
    unchanged: int
    skipped: int
    waiting: int
    refused: int
    absent: list[str]
    from_source: bool
    samples: list[TrialSample]


class HookTaken(TypedDict):
    """How many rows a call-back brought."""

    received: int


class MatchCandidate(TypedDict):
    id: Id
    label: str | None
    score: float


class MatchQuestion(TypedDict):
    """A text that may mean one of several records: a person decides. ``about`` is what the source calls a code."""

    id: Id
    mapping: str
    field: str
    object: str
    given: str
    about: str | None
    rows: int
    candidates: list[MatchCandidate]
    at: Moment


class MatchDecided(TypedDict):
    rows: int


class FieldOrigin(TypedDict):
    """Where a value comes from: by hand, from a source, from a rule."""

    kind: str
    words: str
    at: Moment
    source: str | None
    stream: str | None
    key: str | None
    paths: JsonValue
    given: JsonValue
    link: str | None
    person: Id | None


class RawRowLinked(TypedDict):
    mapping: str
    source: str
    stream: str
    key: str
    at: Moment
    link: str | None


class Lineage(TypedDict):
    """Of each field its origin, and the raw rows behind the record."""

    fields: dict[str, FieldOrigin]
    rows: list[RawRowLinked]


class Signature(TypedDict):
    timestamp: int
    nonce: str
    signature: str


class PageSignature(TypedDict):
    """What WeCom's JS-SDK asks of a page in the side-bar, for the company and for the application."""

    corp_id: str
    agent_id: int | None
    config: Signature
    agent_config: Signature
