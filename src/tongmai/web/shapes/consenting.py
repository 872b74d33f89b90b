"""Who agreed that his chats are kept."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from tongmai.web.shapes.common import Id, Moment

AgreementWord = Literal["agreed", "withdrawn", "refused", "unanswered"]


class KnownRecord(TypedDict):
    """The record that somebody is; ``label`` is null where the reader may not see its title."""

    object: str
    id: Id
    label: str | None


class ConsentTold(TypedDict):
    """A word of the customer; ``by``: how it came (``call-back``, ``archive``, ``question``)."""

    at: Moment
    answer: Literal["agree", "disagree"]
    by: str


class AgreementShown(TypedDict):
    """A customer with a member, or with a room: how they stand since when, and all that was told, the oldest first.

    ``customer_id`` and ``member_id`` are the vendor's names (``member_id`` is blank in a room); ``customer`` and
    ``member`` the records they are, null for who may not see them.
    """

    source: str
    customer_id: str
    member_id: str
    room: str
    state: AgreementWord
    since: Moment | None
    customer: KnownRecord | None
    member: KnownRecord | None
    told: list[ConsentTold]


class AgreementCounts(TypedDict):
    """How many pairs stand how, whichever state was asked for."""

    agreed: int
    withdrawn: int
    refused: int
    unanswered: int


class RecordConsent(TypedDict):
    """Whether a customer's chats are kept (``all``, ``some``, ``none`` of them; null where he is in no archive), and
    how he stands with each member."""

    kept: Literal["all", "some", "none"] | None
    items: list[AgreementShown]
