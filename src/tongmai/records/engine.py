"""A second engine for questions over many records: what the gateway asks it, and what it may answer.

The gateway reads and checks the query and settles the actor; the engine answers under the very same policies or says
why it will not, and then PostgreSQL answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tongmai.kit import Text
from tongmai.records.aggregation import Aggregation
from tongmai.records.place import Place


@dataclass(frozen=True)
class Question:
    """``now`` is the moment that formulas see. Without ``at_least`` and ``max_age_s`` the answer must be of now."""

    place: Place
    asked: Aggregation
    limit: int
    now: datetime
    insisted: bool = False
    at_least: int | None = None
    max_age_s: float | None = None


@dataclass(frozen=True)
class Reply:
    """``rows`` is a JSON list like PostgreSQL's; ``epoch`` the last one of the feed that the figures hold whole.

    ``estimated_rows`` is how many records were there to look through.
    """

    rows: bytes
    is_complete: bool
    engine: str
    epoch: int
    why: Text
    estimated_rows: int


@dataclass(frozen=True)
class Declined:
    """Why the engine leaves the question to PostgreSQL."""

    why: Text
    estimated_rows: int | None = None


class QueryEngine(Protocol):
    async def answer(self, question: Question) -> Reply | Declined:
        """Never raises for a fault of the engine's own copy: it declines."""
        ...
