"""When a record moves from one class to another: the one rule, for the live run and for any replay of the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tongmai.model import SegmentDef


@dataclass(frozen=True, slots=True)
class Membership:
    """The class a record is in, since when."""

    segment_class: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the decision table says of a record: its class (None: none of them), and for each class with a
    ``leave_when`` whether that holds. ``seen`` are the values it said so by; ``is_deleted`` records are in none."""

    record_id: UUID
    wanted: str | None
    leaves: Mapping[str, bool]
    seen: Mapping[str, object]
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One change of class, with the row of the table that decided (from 1) and the values it saw."""

    record_id: UUID
    at: datetime
    from_class: str | None
    to_class: str | None
    reason: Mapping[str, object]


def decide(segment: SegmentDef, present: Membership | None, found: Candidate, as_of: datetime) -> Move | None:
    """The move that is due, if any. A record stays its minimum time, and while its class does not let it leave."""
    current = present.segment_class if present is not None else None
    if current == found.wanted:
        return None
    if present is not None and not found.is_deleted:
        if as_of - present.since < timedelta(days=segment.minimum_stay):
            return None
        if not found.leaves.get(present.segment_class, True):
            return None
    return Move(found.record_id, as_of, current, found.wanted, _reason(segment, found))


def _reason(segment: SegmentDef, found: Candidate) -> dict[str, object]:
    if found.is_deleted:
        return {"row": None, "when": None, "why": "deleted", "seen": {}}
    for number, each in enumerate(segment.classes, 1):
        if each.key == found.wanted:
            return {"row": number, "when": each.when, "why": "row", "seen": dict(found.seen)}
    return {"row": None, "when": None, "why": "no_row", "seen": dict(found.seen)}
