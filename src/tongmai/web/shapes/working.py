"""Tasks, notifications, absences, deliveries and content packs."""

from __future__ import annotations

from typing import Literal, NotRequired

from pydantic import JsonValue
from typing_extensions import TypedDict

from tongmai.web.shapes.common import AnyRecord, AnyValue, Caption, Id, Moment, SubjectShown


class TaskFormField(TypedDict):
    """A field to be filled in where the task is done; ``value`` only where the person may read it."""

    field: str
    label: str
    type: str
    options: dict[str, JsonValue]
    value: NotRequired[AnyValue]


class TaskShown(TypedDict):
    """``left_s``: seconds to the deadline, negative behind it."""

    id: Id
    version: int
    title: str
    kind: str | None
    state: Literal["open", "done", "skipped", "cancelled"]
    detail: str | None
    due_at: Moment | None
    left_s: int | None
    is_overdue: bool
    snoozed_until: Moment | None
    subject: SubjectShown | None
    form: list[TaskFormField]
    content: str | None
    rule: str | None


class MattersOfPerson(TypedDict):
    """How much of a group one person has; without an id: nobody has it."""

    id: Id | None
    label: str | None
    count: int
    since: Moment | None


class Worth(TypedDict):
    """What the subjects of a group add up to, by which field of which object."""

    object: str
    field: str
    sum: float


class MatterGroup(TypedDict):
    """Tasks or signals of one urgency and one rule (null: of none). ``items`` are the first of them, what has waited
    longest first, ``since`` tells since when. ``worth`` only where all that have an amount are of one object that the
    caller may read."""

    urgency: Literal["now", "soon", "later"]
    rule: str | None
    count: int
    since: Moment | None
    worth: Worth | None
    people: list[MattersOfPerson]
    items: list[AnyRecord]


class MattersShown(TypedDict):
    """``rules`` are what the rules of the groups are called now, by their keys."""

    groups: list[MatterGroup]
    rules: dict[str, Caption]


class Made(TypedDict):
    id: Id


class NoticeShown(TypedDict):
    """``held``: why it waits (quiet hours, the day's budget of alerts)."""

    id: Id
    kind: str
    title: str
    body: str | None
    urgent: bool
    subject: SubjectShown | None
    at: Moment
    show_at: Moment
    held: Literal["quiet", "budget"] | None
    seen_at: Moment | None


class SeenCount(TypedDict):
    seen: int


class AbsenceShown(TypedDict):
    id: Id
    from_at: Moment
    to_at: Moment
    stand_in: Id | None
    reason: str | None


class AbsenceOfPerson(AbsenceShown):
    person: Id


class DeliveryShown(TypedDict):
    """A notification on its way by a channel, with each attempt."""

    id: Id
    notice: Id | None
    person: Id | None
    name: str | None
    title: str
    channel: str
    state: str
    due_at: Moment
    attempt: int
    log: list[dict[str, JsonValue]]
    made_at: Moment
    sent_at: Moment | None


class PackShown(TypedDict):
    """A content pack for a person; ``confirmed`` whether he has read its present edition."""

    id: Id
    key: str | None
    title: str
    kind: str | None
    edition: int | None
    must_read: bool
    confirmed: bool


class PackPublished(TypedDict):
    edition: int


class EditionShown(TypedDict):
    edition: int
    title: str
    body: str | None
    files: list[Id]
    must_read: bool
    published_at: Moment
    published_by: Id | None


class ReaderShown(TypedDict):
    person: Id
    name: str | None
    opened_at: Moment | None
    confirmed_at: Moment | None


class EditionUsage(TypedDict):
    edition: int
    pushed: int
    opened: int
    used: int
    confirmed: int
    readers: int
