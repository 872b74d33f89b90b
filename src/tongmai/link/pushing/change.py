"""A change on its way back as it is kept: its states, and how they are counted.

``waiting`` to be sent, ``done``, in ``conflict`` with the source, ``failed`` (the source has no name for it, or refused
it, or was away too long), ``dropped`` (a person took what the source has).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.kit import Fault
from tongmai.link.runs import faults_json
from tongmai.store import Record


@dataclass(slots=True)
class PushCounts:
    heard: int = 0
    done: int = 0
    conflicts: int = 0
    failed: int = 0
    again: int = 0

    def add(self, state: str) -> None:
        """Counts what a delivery ended in."""
        name = {"done": "done", "conflict": "conflicts", "failed": "failed", "waiting": "again"}[state]
        setattr(self, name, getattr(self, name) + 1)

    def include(self, other: PushCounts) -> None:
        """Adds what was counted of another delivery."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


@dataclass(frozen=True, slots=True)
class PushState:
    """A change on its way back. ``detail`` holds what the source has (``theirs``) or why it failed."""

    id: UUID
    mapping: str
    key: str
    record: UUID
    changed: Mapping[str, Any]
    before: Mapping[str, Any]
    state: str
    attempts: int
    detail: Mapping[str, Any] | None
    at: datetime

    @staticmethod
    def of(row: Record) -> PushState:
        return PushState(
            row["id"], row["mapping"], row["key"], row["record_id"], orjson.loads(row["changed"]),
            orjson.loads(row["before"]), row["state"], row["attempts"],
            None if row["detail"] is None else orjson.loads(row["detail"]), row["at"],
        )  # fmt: skip


def told(faults: Sequence[Fault], theirs: Mapping[str, JsonValue] | None = None) -> str | None:
    """Why it failed and what the source has, as ``detail`` keeps it; None where there is neither."""
    if not faults and theirs is None:
        return None
    kept: dict[str, object] = {"faults": orjson.loads(faults_json(faults))}
    return orjson.dumps(kept if theirs is None else kept | {"theirs": dict(theirs)}).decode()
