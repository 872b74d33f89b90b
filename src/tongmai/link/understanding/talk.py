"""What a talk tells by its order alone: who began, what waits for an answer, how long answers took, what became of a
quotation. Nothing is entered by anybody, and no text is kept here.

A talk is folded turn by turn, so that a message is looked at once however long the talk is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from pydantic import JsonValue

from tongmai.link.understanding.turns import Turn, is_closing, is_question, is_quotation

# Silence that ends an exchange: what comes after it was begun anew.
SILENCE = timedelta(hours=8)
_LATENCIES_KEPT = 50

FactKind = Literal["customer_question", "customer_answered", "quote_sent", "quote_answered"]


@dataclass(frozen=True, slots=True)
class Fact:
    """``seconds``: how long the other side waited for this turn, where it did."""

    kind: FactKind
    turn: Turn
    seconds: int | None = None


@dataclass(slots=True)
class Talk:
    """Where a talk stands. ``questions`` are those of exchanges that the customer began; ``waiting_since`` is the
    customer's first turn that nobody answered; ``latencies`` are the last 50, in seconds."""

    last_at: datetime | None = None
    last_id: str = ""
    begun_by_customer: bool = False
    from_customer: int = 0
    from_member: int = 0
    questions: int = 0
    waiting_since: datetime | None = None
    latencies: list[int] = field(default_factory=list)
    answers: int = 0
    quotes_sent: int = 0
    quotes_answered: int = 0
    quote_open_since: datetime | None = None
    last_customer_at: datetime | None = None
    last_member_at: datetime | None = None

    def take(self, turn: Turn, silence: timedelta = SILENCE) -> list[Fact]:
        """Goes on by one turn; what that turn told. A turn that is not behind the last one was seen."""
        last_at, at = self.last_at, turn.at
        if last_at is None or at - last_at > silence:
            self.begun_by_customer = turn.by_customer
        elif at < last_at or (at == last_at and turn.id <= self.last_id):
            return []
        self.last_at, self.last_id = at, turn.id
        return self._customer(turn) if turn.by_customer else self._member(turn)

    def _customer(self, turn: Turn) -> list[Fact]:
        facts: list[Fact] = []
        self.last_customer_at = turn.at
        self.from_customer += 1
        if self.begun_by_customer and is_question(turn.text):
            facts.append(Fact("customer_question", turn))
            self.questions += 1
        if self.quote_open_since is not None:
            facts.append(Fact("quote_answered", turn, _seconds(self.quote_open_since, turn.at)))
            self.quotes_answered += 1
            self.quote_open_since = None
        if self.waiting_since is None and not is_closing(turn.text):
            self.waiting_since = turn.at
        return facts

    def _member(self, turn: Turn) -> list[Fact]:
        facts: list[Fact] = []
        self.last_member_at = turn.at
        self.from_member += 1
        if self.waiting_since is not None:
            waited = _seconds(self.waiting_since, turn.at)
            facts.append(Fact("customer_answered", turn, waited))
            self.waiting_since = None
            self.answers += 1
            self.latencies = [*self.latencies, waited][-_LATENCIES_KEPT:]
        if is_quotation(turn):
            facts.append(Fact("quote_sent", turn))
            self.quotes_sent += 1
            self.quote_open_since = turn.at
        return facts

    @property
    def median_latency(self) -> int | None:
        """Seconds, over the last 50 answers."""
        ordered = sorted(self.latencies)
        return ordered[len(ordered) // 2] if ordered else None

    def document(self) -> dict[str, JsonValue]:
        """As a raw row: a mapping may take any of these onto the customer's record."""
        return {
            "last_at": _text(self.last_at),
            "last_id": self.last_id,
            "begun_by_customer": self.begun_by_customer,
            "from_customer": self.from_customer,
            "from_member": self.from_member,
            "questions": self.questions,
            "waiting_since": _text(self.waiting_since),
            "latencies": [*self.latencies],
            "median_latency_s": self.median_latency,
            "answers": self.answers,
            "quotes_sent": self.quotes_sent,
            "quotes_answered": self.quotes_answered,
            "quote_open_since": _text(self.quote_open_since),
            "last_customer_at": _text(self.last_customer_at),
            "last_member_at": _text(self.last_member_at),
        }

    @staticmethod
    def read(document: Mapping[str, JsonValue]) -> Talk:
        latencies = document.get("latencies")
        return Talk(
            last_at=_moment(document, "last_at"),
            last_id=str(document.get("last_id") or ""),
            begun_by_customer=document.get("begun_by_customer") is True,
            from_customer=_whole(document, "from_customer"),
            from_member=_whole(document, "from_member"),
            questions=_whole(document, "questions"),
            waiting_since=_moment(document, "waiting_since"),
            latencies=[each for each in latencies if isinstance(each, int)] if isinstance(latencies, list) else [],
            answers=_whole(document, "answers"),
            quotes_sent=_whole(document, "quotes_sent"),
            quotes_answered=_whole(document, "quotes_answered"),
            quote_open_since=_moment(document, "quote_open_since"),
            last_customer_at=_moment(document, "last_customer_at"),
            last_member_at=_moment(document, "last_member_at"),
        )


def read_talk(turns: Iterable[Turn], silence: timedelta = SILENCE) -> tuple[Talk, tuple[Fact, ...]]:
    """A whole talk at once; turns may come in any order and twice."""
    talk = Talk()
    facts: list[Fact] = []
    for turn in sorted(turns, key=lambda each: (each.at, each.id)):
        facts += talk.take(turn, silence)
    return talk, tuple(facts)


def _seconds(since: datetime, until: datetime) -> int:
    return int((until - since).total_seconds())


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(document: Mapping[str, JsonValue], name: str) -> datetime | None:
    found = document.get(name)
    return datetime.fromisoformat(found) if isinstance(found, str) else None


def _whole(document: Mapping[str, JsonValue], name: str) -> int:
    found = document.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0
