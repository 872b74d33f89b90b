"""The three questions, and the answers that records of interviews hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tongmai.kit import Text
from tongmai.market.interviews.hearing import Answer

# The object of the app ``interviews``; its fields are the questions' keys.
INTERVIEW = "interview"
QuestionKey = Literal["least_wanted", "never_noted", "looked_up"]


@dataclass(frozen=True, slots=True)
class Question:
    key: QuestionKey
    text: Text


QUESTIONS: tuple[Question, ...] = (
    Question("least_wanted", Text("你昨天最不想做的1件事是什么？", "What did you least want to do yesterday?")),
    Question("never_noted", Text("哪类信息你明明知道却懒得记？", "What do you know well but never bother to note?")),
    Question("looked_up", Text("什么情况下你会主动查系统？", "When do you look something up of your own accord?")),
)


def answers_in(records: Iterable[Mapping[str, object]]) -> Iterator[Answer]:
    """What was answered in records of interviews, blank answers left out."""
    for record in records:
        for question in QUESTIONS:
            text = record.get(question.key)
            if isinstance(text, str) and text.strip():
                yield Answer(str(record.get("teller") or ""), question.key, text)
