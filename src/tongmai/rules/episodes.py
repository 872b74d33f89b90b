"""Episodes: from when to when a condition stood for a record. One fold for the live run and for any replay. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Finding:
    """What an evaluation says of one record at ``at``.

    ``begins``: the condition holds; otherwise the record only goes on in an episode that it is in. ``seen`` are the
    values the conditions read, by path; ``told`` the texts, values and people that actions need, by place
    (``0.title``, ``2.values.stage``, ``who.person:manager``). ``entry`` is what brought it, for rules on events.
    """

    record_id: UUID
    at: datetime
    begins: bool = True
    owner: UUID | None = None
    seen: Mapping[str, object] = field(default_factory=dict)
    told: Mapping[str, object] = field(default_factory=dict)
    entry: int | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Turns:
    """What an evaluation changes: findings whose episode begins, records whose episode ends, findings that go on."""

    began: tuple[Finding, ...] = ()
    ended: tuple[UUID, ...] = ()
    lasting: tuple[Finding, ...] = ()


def fold(in_episode: Iterable[UUID], found: Iterable[Finding]) -> Turns:
    """One evaluation. ``found`` are all records, of those that were evaluated, for which the condition holds or an
    episode may go on; ``in_episode`` are those evaluated records that were in one. Who is not found any more ended.
    """
    before = frozenset(in_episode)
    present = sorted(found, key=lambda each: each.record_id)
    stay = frozenset(each.record_id for each in present) & before
    return Turns(
        began=tuple(each for each in present if each.begins and each.record_id not in before),
        ended=tuple(sorted(before - stay)),
        lasting=tuple(each for each in present if each.record_id in before),
    )


def replay(evaluations: Iterable[tuple[datetime, Iterable[Finding]]]) -> Iterator[tuple[datetime, Turns]]:
    """The turns of evaluations of all records at successive moments, from an empty start."""
    inside: set[UUID] = set()
    for at, found in evaluations:
        turns = fold(inside, found)
        inside -= set(turns.ended)
        inside |= {each.record_id for each in turns.began}
        yield at, turns


def count_runs(runs: Mapping[UUID, int], held: Iterable[UUID]) -> dict[UUID, int]:
    """For how many consecutive periods the condition has held, after one more period in which it held for ``held``."""
    return {record_id: runs.get(record_id, 0) + 1 for record_id in held}
