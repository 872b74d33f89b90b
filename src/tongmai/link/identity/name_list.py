"""Names of records in memory, and which of them a text might mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from rapidfuzz import fuzz, process

from tongmai.link.identity.company_names import company_name, likeness

_MOST_CANDIDATES = 5
_LEAST_LIKENESS = 0.6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that a text might mean. ``score`` is 0 … 1."""

    id: UUID
    text: str
    score: float


class NameList:
    """The names of an object's records, to be compared with. Read once a run."""

    def __init__(self, names: Sequence[tuple[UUID, str]]) -> None:
        self._names = names
        self._cores = [company_name(text).core for _, text in names]
        self._exact: dict[str, list[int]] = {}
        for index, core in enumerate(self._cores):
            self._exact.setdefault(core, []).append(index)

    def candidates(self, text: str) -> list[Candidate]:
        """The likeliest, best first. A score of 1 means that nothing but form and marks differ."""
        core = company_name(text).core
        near = [
            index
            for _, _, index in process.extract(
                core, self._cores, scorer=fuzz.WRatio, limit=4 * _MOST_CANDIDATES, score_cutoff=55
            )
        ]
        picked = dict.fromkeys([*self._exact.get(core, ())[: 4 * _MOST_CANDIDATES], *near])
        found = [Candidate(self._names[i][0], self._names[i][1], likeness(text, self._names[i][1])) for i in picked]
        found = [each for each in found if each.score >= _LEAST_LIKENESS]
        return sorted(found, key=lambda each: (-each.score, each.text))[:_MOST_CANDIDATES]
