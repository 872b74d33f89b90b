"""What came of a back-test: hits by day, work by person, and what followed, beside what happens anyway. Pure.

A hit came true if the outcome holds at the end of the day so many days later; hits of which that day is not over yet
are told apart and count in no share. The base rate is the share of all records for which the outcome holds on the very
same days: what a rule that chose at random would score. Recall is the share of all turns to the outcome of records
that were in an episode on some day of the days before. Lead is the days from hit to the first day
on which it holds, of hits at which it did not hold yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import mean, median

from tongmai.rules.backtest_bits import Roll, numbers_of
from tongmai.rules.backtest_state import Hit, State, Version

Document = dict[str, object]


@dataclass(frozen=True)
class Outcome:
    """What hits are held against."""

    formula: str
    days: int


def version_document(state: State, number: int, days: Sequence[date], outcome: Outcome | None) -> Document:
    """All figures of one version. ``days`` are those that were tried."""
    version = state.versions[number]
    found: Document = {
        "hits": version.hits.total(),
        "records": union(version.began.values()).bit_count(),
        "days": [_day(version, day) for day in days],
        "workload": _workload(version, days),
        "moves": [
            {"from": before or None, "to": after or None, "count": count}
            for (before, after), count in sorted(version.moves.items())
        ],
        "outcome": None if outcome is None else outcome_document(state, version, days, outcome),
        "sample": [_hit(state, each, outcome) for each in version.kept],
    }
    return found


def _day(version: Version, day: date) -> Document:
    loads = [counts[day] for counts in version.work.values() if counts[day]]
    return {
        "day": day.isoformat(),
        "hits": version.hits[day],
        "ended": version.ended[day],
        "standing": version.stood.get(day, 0).bit_count(),
        "people": len(loads),
        "most_for_one": max(loads, default=0),
    }


def _workload(version: Version, days: Sequence[date]) -> Document:
    """``per_day`` counts days without a hit too; ``most`` is the largest number of hits on one day."""
    people = [
        {
            "person": person,
            "hits": counts.total(),
            "days": len(+counts),
            "per_day": round(counts.total() / len(days), 4) if days else 0,
            "most": max(counts.values()),
        }
        for person, counts in version.work.items()
    ]
    # ``superior`` and roles may be many people: what all of them have together is no one's day.
    persons = [counts for person, counts in version.work.items() if _is_one(person)] or list(version.work.values())
    loads = [count for counts in persons for count in counts.values()]
    return {
        "people": sorted(people, key=lambda each: (-int(str(each["hits"])), str(each["person"]))),
        "per_person_and_day": round(mean(loads), 4) if loads else 0,
        "most_for_one_on_a_day": max(loads, default=0),
    }


def _is_one(told: str) -> bool:
    return told not in ("superior", "nobody") and not told.startswith("role:")


def outcome_document(state: State, version: Version, days: Sequence[date], outcome: Outcome) -> Document:
    decided = [day for day in days if day + timedelta(days=outcome.days) in state.outcome_on]
    hits = _sizes(version.began, decided)
    true = {day: version.began.get(day, 0) & _after(state, day, outcome) for day in decided}
    came = sum(bits.bit_count() for bits in true.values())
    shares = {day: share for day in decided if (share := _share(state, day, outcome)) is not None}
    weighed = sum(hits[day] * share for day, share in shares.items())
    weight = sum(hits[day] for day in shares)
    precision = _quotient(came, sum(hits.values()))
    base = _quotient(weighed, weight)
    turns, foretold = _turns(state, version, days, outcome)
    lead = _leads(state, true, outcome)
    return {
        "formula": outcome.formula,
        "days": outcome.days,
        "decided": sum(hits.values()),
        "came_true": came,
        "waiting": union(version.began.get(day, 0) for day in days if day not in hits).bit_count(),
        "precision": precision,
        "base_rate": base,
        "lift": None if precision is None or not base else round(precision / base, 4),
        "turns": turns,
        "foretold": foretold,
        "recall": _quotient(foretold, turns),
        "median_lead_days": None if not lead else median(lead.elements()),
    }


def comparison(state: State, days: Sequence[date], outcome: Outcome | None) -> Document:
    """Which records only the first version hits, only the second, and both; with how many of each came true."""
    first, second = (union(each.began.values()) for each in state.versions)
    groups = {"only_first": first & ~second, "only_second": second & ~first, "both": first & second}
    by_day = [
        {
            "day": day.isoformat(),
            "only_first": (state.versions[0].began.get(day, 0) & ~state.versions[1].began.get(day, 0)).bit_count(),
            "only_second": (state.versions[1].began.get(day, 0) & ~state.versions[0].began.get(day, 0)).bit_count(),
            "both": (state.versions[0].began.get(day, 0) & state.versions[1].began.get(day, 0)).bit_count(),
        }
        for day in days
    ]
    return {
        **{name: bits.bit_count() for name, bits in groups.items()},
        "days": by_day,
        "records": {name: _first(state.roll, bits) for name, bits in groups.items()},
        "precision": {name: _precision_of(state, bits, days, outcome) for name, bits in groups.items()},
    }


def union(sets: Iterable[int]) -> int:
    found = 0
    for each in sets:
        found |= each
    return found


def _precision_of(state: State, records: int, days: Sequence[date], outcome: Outcome | None) -> float | None:
    if outcome is None:
        return None
    decided = came = 0
    for day in days:
        if day + timedelta(days=outcome.days) in state.outcome_on:
            hits = union(each.began.get(day, 0) for each in state.versions) & records
            decided += hits.bit_count()
            came += (hits & _after(state, day, outcome)).bit_count()
    return _quotient(came, decided)


def _after(state: State, day: date, outcome: Outcome) -> int:
    return state.outcome_on.get(day + timedelta(days=outcome.days), 0)


def _share(state: State, day: date, outcome: Outcome) -> float | None:
    """Of all records on a day the share for which the outcome holds so many days later."""
    every = state.among_on.get(day, 0)
    return (every & _after(state, day, outcome)).bit_count() / every.bit_count() if every else None


def _turns(state: State, version: Version, days: Sequence[date], outcome: Outcome) -> tuple[int, int]:
    """How often a record turned to the outcome on a day on which hits of the period could have foretold it, and how
    often one had been in an episode on a day before, no further back than the outcome's days."""
    if not days:
        return 0, 0
    turns = foretold = 0
    first, last = days[0], days[-1] + timedelta(days=outcome.days)
    for day, bits in sorted(state.outcome_on.items()):
        if not first < day <= last:
            continue
        before = day - timedelta(days=1)
        new = bits & ~state.outcome_on.get(before, 0) & state.among_on.get(min(before, days[-1]), 0)
        earlier = (day - timedelta(days=back) for back in range(1, outcome.days + 1))
        flagged = union(version.stood.get(each, 0) | version.began.get(each, 0) for each in earlier)
        turns += new.bit_count()
        foretold += (new & flagged).bit_count()
    return turns, foretold


def _leads(state: State, true: dict[date, int], outcome: Outcome) -> Counter[int]:
    found: Counter[int] = Counter()
    for day, left in true.items():
        # Where the outcome stood at the hit already, nobody can tell by its state when it came anew.
        left &= ~state.outcome_on.get(day, 0)
        for after in range(1, outcome.days + 1):
            if not left:
                break
            here = left & state.outcome_on.get(day + timedelta(days=after), 0)
            found[after] += here.bit_count()
            left &= ~here
    return +found


def _hit(state: State, hit: Hit, outcome: Outcome | None) -> Document:
    came = None
    if outcome is not None and hit.day + timedelta(days=outcome.days) in state.outcome_on:
        came = bool(_after(state, hit.day, outcome) >> hit.record & 1)
    return {
        "record": str(state.roll.ids[hit.record]),
        "at": hit.at.isoformat(),
        "day": hit.day.isoformat(),
        "people": list(hit.people),
        "seen": hit.seen,
        "came_true": came,
    }


def _sizes(sets: dict[date, int], days: Iterable[date]) -> dict[date, int]:
    return {day: sets.get(day, 0).bit_count() for day in days}


def _first(roll: Roll, bits: int, most: int = 200) -> list[str]:
    return [str(roll.ids[number]) for number, _ in zip(numbers_of(bits), range(most), strict=False)]


def _quotient(part: float, whole: float) -> float | None:
    return round(part / whole, 6) if whole else None
