"""What a back-test has found so far: sets of records by day, hits with who would have had them. Kept as a checkpoint.

Everything is told by record numbers of the roll; only the first hits are kept with what was seen.
"""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import orjson

from tongmai.metrics import Membership
from tongmai.rules.backtest_bits import Roll, as_bits

MOST_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Hit:
    """One hit. ``people`` are who would have been addressed: a person's id, or words such as ``superior``."""

    record: int
    at: datetime
    day: date
    people: tuple[str, ...]
    seen: dict[str, object]


@dataclass
class Version:
    """One version of the rule or segment: ``inside`` is who is in an episode now, ``runs`` the last whole periods
    (the latest last), ``members`` the classes of records where a segment is tried."""

    inside: int = 0
    runs: list[int] = field(default_factory=list)
    members: dict[UUID, Membership] = field(default_factory=dict)
    began: dict[date, int] = field(default_factory=dict)
    stood: dict[date, int] = field(default_factory=dict)
    hits: Counter[date] = field(default_factory=Counter)
    ended: Counter[date] = field(default_factory=Counter)
    work: dict[str, Counter[date]] = field(default_factory=dict)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: list[Hit] = field(default_factory=list)

    def hit(self, found: Iterable[Hit]) -> None:
        records: dict[date, list[int]] = {}
        for each in found:
            records.setdefault(each.day, []).append(each.record)
            for person in each.people or ("nobody",):
                self.work.setdefault(person, Counter())[each.day] += 1
            if len(self.kept) < MOST_KEPT:
                self.kept.append(each)
        for day, numbers in records.items():
            self.hits[day] += len(numbers)
            self.began[day] = self.began.get(day, 0) | as_bits(numbers)


@dataclass
class State:
    """Everything after ``steps`` steps."""

    steps: int = 0
    roll: Roll = field(default_factory=Roll)
    versions: list[Version] = field(default_factory=list)
    among: int = 0
    outcome: int = 0
    among_on: dict[date, int] = field(default_factory=dict)
    outcome_on: dict[date, int] = field(default_factory=dict)

    def encode(self) -> dict[str, object]:
        """As a checkpoint."""
        document = {
            "ids": [each.hex for each in self.roll.ids],
            "among": hex(self.among),
            "outcome": hex(self.outcome),
            "among_on": _days_out(self.among_on),
            "outcome_on": _days_out(self.outcome_on),
            "versions": [_version_out(each) for each in self.versions],
        }
        packed = base64.b64encode(zlib.compress(orjson.dumps(document), 1)).decode()
        return {"steps": self.steps, "state": packed}

    @classmethod
    def decode(cls, checkpoint: dict[str, object]) -> State:
        found = orjson.loads(zlib.decompress(base64.b64decode(str(checkpoint["state"]))))
        return cls(
            steps=int(str(checkpoint["steps"])),
            roll=Roll(UUID(each) for each in found["ids"]),
            versions=[_version_in(each) for each in found["versions"]],
            among=int(found["among"], 16),
            outcome=int(found["outcome"], 16),
            among_on=_days_in(found["among_on"]),
            outcome_on=_days_in(found["outcome_on"]),
        )


def _version_out(version: Version) -> dict[str, object]:
    return {
        "inside": hex(version.inside),
        "runs": [hex(each) for each in version.runs],
        "members": [[key.hex, each.segment_class, each.since] for key, each in version.members.items()],
        "began": _days_out(version.began),
        "stood": _days_out(version.stood),
        "hits": _counts_out(version.hits),
        "ended": _counts_out(version.ended),
        "work": {person: _counts_out(counts) for person, counts in version.work.items()},
        "moves": [[*key, count] for key, count in version.moves.items()],
        "kept": [[each.record, each.at, each.day, each.people, each.seen] for each in version.kept],
    }


def _version_in(found: dict[str, list[list[str]]]) -> Version:
    document: dict[str, object] = dict(found)
    assert isinstance(document["work"], dict)
    return Version(
        inside=int(str(document["inside"]), 16),
        runs=[int(str(each), 16) for each in found["runs"]],
        members={UUID(key): Membership(name, datetime.fromisoformat(since)) for key, name, since in found["members"]},
        began=_days_in(document["began"]),
        stood=_days_in(document["stood"]),
        hits=_counts_in(document["hits"]),
        ended=_counts_in(document["ended"]),
        work={person: _counts_in(counts) for person, counts in document["work"].items()},
        moves=Counter({(before, after): int(count) for before, after, count in found["moves"]}),
        kept=[
            Hit(int(record), datetime.fromisoformat(at), date.fromisoformat(day), tuple(people), _seen(seen))
            for record, at, day, people, seen in found["kept"]
        ],
    )


def _seen(given: object) -> dict[str, object]:
    return given if isinstance(given, dict) else {}


def _days_out(days: dict[date, int]) -> dict[str, str]:
    return {day.isoformat(): hex(bits) for day, bits in days.items()}


def _days_in(days: object) -> dict[date, int]:
    assert isinstance(days, dict)
    return {date.fromisoformat(day): int(bits, 16) for day, bits in days.items()}


def _counts_out(counts: Counter[date]) -> dict[str, int]:
    return {day.isoformat(): count for day, count in counts.items()}


def _counts_in(counts: object) -> Counter[date]:
    assert isinstance(counts, dict)
    return Counter({date.fromisoformat(day): int(count) for day, count in counts.items()})
