"""Metrics, segments, rules and back-tests: the values and why they are so."""

from __future__ import annotations

from typing import Literal, NotRequired

from pydantic import JsonValue
from typing_extensions import TypedDict

from tongmai.model import MetricDef
from tongmai.web.shapes.common import AnyValue, Caption, Day, Id, Moment
from tongmai.web.shapes.recording import JobProgress


class MetricShown(TypedDict):
    """A metric's value for a record; ``why`` says why there is none, ``base`` is what it is compared with."""

    metric: str
    label: str
    value: AnyValue
    base: AnyValue
    why: str | None
    kind: str
    unit: str | None
    purpose: str | None


class MetricsShown(TypedDict):
    """All of a record's values, the moment they are true at, and what worked them out."""

    items: list[MetricShown]
    as_of: Moment | None
    computed_at: Moment | None
    epoch: int | None
    version: int | None
    engine: str | None
    engine_why: str | None


class WindowShown(TypedDict):
    start: Moment | None
    end: Moment


class MetricInput(TypedDict):
    """A figure beside the rows that a value was worked out from: the days of a rate, the whole of a share."""

    label: str
    value: int | float | str | None
    kind: Literal["number", "datetime"]


class MetricExplained(MetricShown):
    """A value with its definition in words, its window and the rows behind it, those of its parts as well. ``compared``
    is the window of the base, ``hidden`` how many of the rows looked up the reader may not see."""

    as_of: Moment | None
    computed_at: Moment | None
    epoch: int | None
    version: int | None
    engine: str | None
    engine_why: str | None
    words: str
    definition: MetricDef
    window: WindowShown
    compared: WindowShown | None
    rows: list[dict[str, AnyValue]]
    count: int
    hidden: int
    inputs: list[MetricInput]
    parts: list[MetricExplained]


class SegmentName(TypedDict):
    key: str
    label: str
    object: str


class ClassCount(TypedDict):
    key: str
    label: str
    colour: str
    count: int


Reason = dict[str, AnyValue]
ClassMember = TypedDict("ClassMember", {"id": Id, "label": str | None, "class": str, "since": Moment, "reason": Reason})


class SegmentShown(TypedDict):
    """How many records are in which class, and the members asked for."""

    segment: str
    label: str
    object: str
    classes: list[ClassCount]
    members: list[ClassMember]


SegmentMove = TypedDict(
    "SegmentMove",
    {
        "seq": int,
        "id": Id,
        "label": str | None,
        "at": Moment,
        "from": str | None,
        "to": str | None,
        "reason": dict[str, AnyValue] | None,
        "version": int,
    },
)
ClassStanding = TypedDict(
    "ClassStanding",
    {
        "segment": str,
        "label": str,
        "class": str,
        "class_label": str,
        "colour": str,
        "since": Moment,
        "from_label": str | None,
        "reason": dict[str, AnyValue] | None,
    },
)


class RuleShown(TypedDict):
    """How a rule stands. ``error`` is why its evaluation fails just now."""

    rule: str
    label: str
    object: str | None
    when: str
    enabled: bool
    as_of: Moment | None
    last_fired: Moment | None
    firings: int
    open_episodes: int
    dead: int
    error: str | None


class FiredAction(TypedDict):
    key: str
    action: str
    state: str
    attempts: int
    error: dict[str, str] | None


class RuleFired(TypedDict):
    """One firing: the record, what was seen, what caused it, whether it was held, and what became of its actions."""

    seq: int
    firing: Id
    rule: str
    version: int
    object: str
    id: Id
    label: str | None
    at: Moment
    ended_at: Moment | None
    seen: dict[str, AnyValue]
    chain: list[str]
    held: str | None
    actions: list[FiredAction]


class ConditionPart(TypedDict):
    text: str
    holds: bool


class RuleExplained(TypedDict):
    """Why a rule holds for a record, part by part; the condition is shown only to who may know it."""

    rule: str
    label: str
    holds: bool
    condition: str | None
    parts: list[ConditionPart] | None
    seen: dict[str, AnyValue]
    episode_since: Moment | None
    last_fired: Moment | None
    as_of: Moment


class DeadLetter(TypedDict):
    """An action that failed for good."""

    key: str
    rule: str
    object: str
    id: Id
    at: Moment
    action: str
    attempts: int
    error: str | None
    finished_at: Moment | None


class LockHeld(TypedDict):
    """Fields of a record that a rule keeps closed."""

    key: str
    rule: str
    object: str
    id: Id
    fields: list[str]
    reason: str
    locked_at: Moment


class TriedDay(TypedDict):
    day: Day
    hits: int
    ended: int
    standing: int
    people: int
    most_for_one: int


class PersonsLoad(TypedDict):
    """``per_day`` counts days without a hit too; ``most`` is the largest number of hits on one day."""

    person: str
    label: str | None
    hits: int
    days: int
    per_day: float
    most: int


class Workload(TypedDict):
    people: list[PersonsLoad]
    per_person_and_day: float
    most_for_one_on_a_day: int


class OutcomeFound(TypedDict):
    """What came of the hits within so many days. ``formula`` is null for who may not know its fields."""

    formula: str | None
    days: int
    decided: int
    came_true: int
    waiting: int
    precision: float | None
    base_rate: float | None
    lift: float | None
    turns: int
    foretold: int
    recall: float | None
    median_lead_days: float | None


class TriedHit(TypedDict):
    record: Id
    label: str | None
    at: Moment
    day: Day
    people: list[str]
    seen: dict[str, AnyValue]
    came_true: bool | None


TriedMove = TypedDict("TriedMove", {"from": str | None, "to": str | None, "count": int})


class TriedHidden(TypedDict):
    """How many of the sample and of the people the reader's policies hide."""

    records: int
    people: int


class VersionTried(TypedDict):
    hits: int
    records: int
    days: list[TriedDay]
    workload: Workload
    moves: list[TriedMove]
    outcome: OutcomeFound | None
    sample: list[TriedHit]
    hidden: TriedHidden


class Comparison(TypedDict):
    """Which records only the first version hits, only the second, and both."""

    only_first: int
    only_second: int
    both: int
    days: list[dict[str, JsonValue]]
    records: dict[str, list[dict[str, JsonValue]]]
    precision: dict[str, float | None]


_Span = TypedDict("_Span", {"from": Day, "to": Day})


class BacktestFound(VersionTried, _Span):
    """What a rule or segment would have done over the past days."""

    rule: str
    version: int
    object: str
    through: Day
    basis: Literal["known", "today"]
    moments: int
    against: NotRequired[VersionTried]
    comparison: NotRequired[Comparison]
    notes: list[Caption]
    engine: str
    why: Caption
    seconds: float


class NamedMetric(TypedDict):
    key: str
    label: str


class BacktestOutlook(TypedDict):
    """How far a back-test has to go; the metrics for which each moment needs a pass over all rows."""

    moments: int
    day_by_day: list[NamedMetric]


class BacktestShown(JobProgress):
    """The job of a back-test, and what it found once it is over."""

    outlook: BacktestOutlook
    result: BacktestFound | None
