"""What came of a tap, and of taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Moved:
    """A field of the record the entry is about, in the values of the wire."""

    field: str
    before: JsonValue
    after: JsonValue


@dataclass(frozen=True, slots=True)
class Entered:
    """``is_repeated``: this tap found the entry of an earlier one. ``by_system`` and ``by_person`` count the fields
    that each filled in (S2-20: the system at least 80 %)."""

    id: UUID
    record: UUID
    moved: tuple[Moved, ...]
    by_system: int
    by_person: int
    is_repeated: bool = False

    @property
    def share(self) -> float:
        return share_of(self.by_system, self.by_person)


@dataclass(frozen=True, slots=True)
class Undone:
    """``kept`` are moved fields that somebody has changed since: they stay as they are."""

    restored: tuple[str, ...]
    kept: tuple[str, ...]


def share_of(by_system: int, by_person: int) -> float:
    """0 … 1: how much of an entry nobody had to enter."""
    return by_system / max(by_system + by_person, 1)
