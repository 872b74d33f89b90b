"""Reverse modelling (S0-39): three fixed questions to front-line people, and fields and page drafted from their words.

Offline and deterministic: words and endings of a list (``notions.yaml``) tell what is spoken of and of which type it
is; each draft names the words it comes from, and what could not be used is told as well. A draft is only a proposal:
what a person ticks becomes an ordinary change of the model.
"""

from tongmai.market.interviews.drafting import Draft, DraftedField, draft_change, draft_of
from tongmai.market.interviews.hearing import Answer, Unused
from tongmai.market.interviews.questions import INTERVIEW, QUESTIONS, Question, answers_in

__all__ = [
    "INTERVIEW",
    "QUESTIONS",
    "Answer",
    "Draft",
    "DraftedField",
    "Question",
    "Unused",
    "answers_in",
    "draft_change",
    "draft_of",
]
