"""Answers about interviews: what was asked, what is drafted from the words, and what could not be used."""

from __future__ import annotations

from typing_extensions import TypedDict


class InterviewQuestion(TypedDict):
    key: str
    text: str


class QuotedWords(TypedDict):
    """Who said it, to which question, and the clause in which the ``word`` stands."""

    who: str
    question: str
    clause: str
    word: str | None


class DraftedFieldShown(TypedDict):
    """A field that is drafted (``is_new``), or that the object has already. ``type`` as people call it;
    ``looked_up``: it may stand first on the page."""

    key: str
    label: str
    type: str
    is_new: bool
    looked_up: bool
    said: list[QuotedWords]


class UnusedWords(TypedDict):
    said: QuotedWords
    reason: str


class InterviewDraft(TypedDict):
    """``tellers`` are how many people were asked."""

    questions: list[InterviewQuestion]
    tellers: int
    fields: list[DraftedFieldShown]
    unused: list[UnusedWords]


class HeardWords(TypedDict):
    """``by`` names the model or the service that heard it."""

    text: str
    by: str
