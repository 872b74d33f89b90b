"""Rules: when something happens, if a condition holds, then something is done. Values only.

A ``Template`` is text with formulas in braces, worked out on the record the rule is about: ``{name}：{days} 天未互动``;
one for all readers, or one in each language.
``Who`` names people as seen from that record: ``owner``, ``superior`` (who leads the owner's team, for a leader the
team above), ``role:<key>``, or ``person:<relation path>``.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from tongmai.kit import Text
from tongmai.model.basis import Definition, Key, Label, in_both
from tongmai.model.document import unsuitable

_LONGEST_TEMPLATE = 2_000


def _templates(given: Text) -> Text:
    for text in (given.zh, given.en):
        if not text:
            raise unsuitable("中英文都要填写", "must say something in Chinese and in English")
        if len(text) > _LONGEST_TEMPLATE:
            raise unsuitable(f"最多 {_LONGEST_TEMPLATE} 个字符", f"must have at most {_LONGEST_TEMPLATE} characters")
    return given


Formula = Annotated[str, Field(min_length=1, max_length=10_000)]
Template = Annotated[Text, BeforeValidator(in_both), AfterValidator(_templates)]
# For another system, which reads no languages.
PlainTemplate = Annotated[str, Field(min_length=1, max_length=_LONGEST_TEMPLATE)]
Who = Annotated[str, Field(pattern=r"^(owner|superior|role:[a-z][a-z0-9_]{0,39}|person:[a-z][a-z0-9_.]{0,200})$")]
# What a signal tells of (S0-04): the customer's movement, how a strategy is carried out, how colleagues respond.
Gap = Literal["customer", "strategy", "collaboration"]
Level = Literal["info", "yellow", "red"]


class Span(Definition):
    """A stretch of time; working days by the workspace's calendar, to the same time of that day."""

    amount: Annotated[int, Field(ge=0, le=10_000)]
    unit: Literal["minutes", "hours", "days", "working_days"] = "hours"


class Changed(Definition):
    """Each change of a record of the object, at its moment; with ``fields``, only one that gives or alters any of
    them."""

    kind: Literal["changed"] = "changed"
    actions: frozenset[Literal["create", "update", "delete", "restore"]] = frozenset({"create", "update"})
    fields: tuple[Key, ...] = ()


class Becomes(Definition):
    """The condition becomes true: once an episode. It lasts until the condition no longer holds or, with
    ``leave_when``, until that does."""

    kind: Literal["becomes"] = "becomes"
    leave_when: Formula | None = None


class Holds(Definition):
    """The condition was true at the end of each of so many consecutive whole periods; once for each run of them."""

    kind: Literal["holds"] = "holds"
    periods: Annotated[int, Field(ge=2, le=60)]
    period: Literal["day", "working_day", "week", "month"]


class Scheduled(Definition):
    """At each moment of ``cron`` (five parts) in the workspace's zone, for each record that fulfils the condition."""

    kind: Literal["scheduled"] = "scheduled"
    cron: Annotated[str, Field(min_length=9, max_length=100)]
    working_days_only: bool = False


class Enters(Definition):
    """A record enters one of the classes of a segment, any class without ``classes``."""

    kind: Literal["enters"] = "enters"
    segment: Key
    classes: tuple[Key, ...] = ()


class Happens(Definition):
    """A named event about a record, told by a source or a part of the platform."""

    kind: Literal["happens"] = "happens"
    event: Key


Trigger: TypeAlias = Annotated[Changed | Becomes | Holds | Scheduled | Enters | Happens, Field(discriminator="kind")]


class Button(Definition):
    """What a person can do about a signal where it stands; ``does`` names an action the platform knows."""

    key: Key
    label: Label
    does: Literal["open", "task", "dismiss", "form"] = "open"
    fields: Annotated[tuple[Key, ...], Field(max_length=20)] = ()


class MakeSignal(Definition):
    """One signal an episode, never repeated while it lasts."""

    kind: Literal["signal"] = "signal"
    signal: Key
    gap: Gap
    level: Level = "yellow"
    title: Template
    detail: Template | None = None
    to: Annotated[tuple[Who, ...], Field(min_length=1, max_length=20)] = ("owner",)
    buttons: Annotated[tuple[Button, ...], Field(max_length=10)] = ()
    expires: Span | None = None


class MakeTask(Definition):
    """A task for one person. ``form`` are fields of the record to be filled in where the task stands; what is not done
    in time is told to ``breach``."""

    kind: Literal["task"] = "task"
    task: Key
    title: Template
    detail: Template | None = None
    to: Who = "owner"
    due: Span
    form: Annotated[tuple[Key, ...], Field(max_length=30)] = ()
    content: Annotated[str | None, Field(max_length=100)] = None
    breach: Annotated[tuple[Who, ...], Field(max_length=20)] = ("superior",)


class Notify(Definition):
    """A notification; ``urgent`` ones heed no quiet hours and no alert budget."""

    kind: Literal["notify"] = "notify"
    to: Annotated[tuple[Who, ...], Field(min_length=1, max_length=20)]
    title: Template
    body: Template | None = None
    urgent: bool = False


Values = Annotated[dict[Key, Formula], Field(min_length=1, max_length=30)]


class SetFields(Definition):
    """Gives fields of the record new values, each a formula over it; with ``of``, a relation of the record to one
    other, fields of that other one. Where nothing is related there is nothing to do."""

    kind: Literal["set"] = "set"
    of: Key | None = None
    values: Values


class MakeRecord(Definition):
    """Makes a record of ``object``, its values formulas over the rule's record. ``about`` is the new record's relation
    that leads to the rule's record; without a value of its own it belongs to the same owner."""

    kind: Literal["record"] = "record"
    object: Key
    about: Key | None = None
    values: Values


class Lock(Definition):
    """Nobody may change the record, or the ``fields`` named, until the condition no longer holds or, with
    ``until="released"``, until somebody who may releases it."""

    kind: Literal["lock"] = "lock"
    reason: Label
    fields: Annotated[tuple[Key, ...], Field(max_length=100)] = ()
    until: Literal["condition_ends", "released"] = "condition_ends"


class Push(Definition):
    """Puts a content pack, named by its key, before people."""

    kind: Literal["push"] = "push"
    content: Annotated[str, Field(min_length=1, max_length=100)]
    to: Annotated[tuple[Who, ...], Field(min_length=1, max_length=20)] = ("owner",)


class CallHook(Definition):
    """Sends JSON to an address outside, at least once, with a key that tells repetitions."""

    kind: Literal["hook"] = "hook"
    url: Annotated[str, Field(pattern=r"^https?://", max_length=1_000)]
    body: Annotated[dict[Key, PlainTemplate], Field(max_length=50)] = Field(default_factory=dict)


class Escalate(Definition):
    """If the episode still lasts after a time, tells those above (S0-19, S0-49)."""

    kind: Literal["escalate"] = "escalate"
    after: Span
    to: Annotated[tuple[Who, ...], Field(min_length=1, max_length=20)] = ("superior",)
    title: Template


RuleAction: TypeAlias = Annotated[
    MakeSignal | MakeTask | MakeRecord | Notify | SetFields | Lock | Push | CallHook | Escalate,
    Field(discriminator="kind"),
]


class RuleDef(Definition):
    """``when`` on records of ``object``, ``if`` the condition holds, ``then`` each of the actions.

    ``outcome`` is what a back-test holds its hits against: a formula over the record some days later.
    """

    key: Key
    label: Label
    description: Label | None = None
    object: Key
    when: Trigger
    if_: Formula | None = Field(None, alias="if")
    then: tuple[RuleAction, ...] = Field(min_length=1, max_length=20)
    enabled: bool = True
    outcome: Formula | None = None
    outcome_days: Annotated[int, Field(ge=1, le=365)] = 30

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
