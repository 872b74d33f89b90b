"""The moments that a back-test looks at, in order: when the rule is tried, when days end. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from tongmai.kit import Invalid, Text
from tongmai.metrics import Era
from tongmai.model import Becomes, Changed, Enters, Happens, Holds, RuleDef, Scheduled

_TICK = timedelta(microseconds=1)
_MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Step:
    """``tries``: the rule is evaluated; ``ends_day``: outcomes are. ``counts`` is False before the period: what holds
    there already is no hit."""

    at: datetime
    day: date
    tries: bool
    ends_day: bool
    counts: bool


def steps_of(
    rule: RuleDef, first: date, after: date, outcome_days: int, era: Era, live: Iterable[datetime] | None = None
) -> tuple[Step, ...]:
    """The steps for days ``[first, after)`` and the outcomes of their hits, as far as days are over at ``era``.

    ``live`` are the moments of the live log, where the rule is tried at these instead. Raises ``Invalid`` where there
    are too many.
    """
    tried = {at for at in (_tried(rule, first, after, era) if live is None else live) if at <= era.as_of}
    last_day = after + timedelta(days=outcome_days)
    ends = {end_of(first + timedelta(days=n), era) for n in range((last_day - first).days)}
    ends = {at for at in ends if at <= era.as_of}
    if len(tried) + len(ends) > _MOST_STEPS:
        raise Invalid.of(
            "backtest.too_many_moments",
            f"该期间要计算 {len(tried)} 个时刻，至多 {_MOST_STEPS} 个",
            f"The period has {len(tried)} moments, at most {_MOST_STEPS} are tried",
            field="from",
            way_out=Text("请缩短期间", "Choose a shorter period"),
        )
    begin = era.midnight(first)
    return tuple(
        Step(at, era.at(at).today, at in tried, at in ends, at >= begin) for at in sorted(tried | ends)
    )  # fmt: skip


def end_of(day: date, era: Era) -> datetime:
    """The last moment of a day."""
    return era.midnight(day + timedelta(days=1)) - _TICK


def _tried(rule: RuleDef, first: date, after: date, era: Era) -> list[datetime]:
    days = [first + timedelta(days=n) for n in range((after - first).days)]
    match rule.when:
        case Becomes() | Enters():
            # The day before tells who is in it already.
            return [end_of(day, era) for day in (first - timedelta(days=1), *days)]
        case Holds():
            return [end_of(day, era) for day in _period_ends(rule.when, first, after, era)]
        case Scheduled():
            return _scheduled(rule.when, first, after, era)
        case Changed() | Happens():
            return []


def _scheduled(when: Scheduled, first: date, after: date, era: Era) -> list[datetime]:
    begin, end = era.midnight(first), era.midnight(after)
    found: list[datetime] = []
    for moment in CronSim(when.cron, (begin - timedelta(seconds=1)).astimezone(ZoneInfo(era.zone))):
        if moment >= end or len(found) > _MOST_STEPS:
            break
        if not when.working_days_only or era.calendar.is_working(moment.date()):
            found.append(moment)
    return found


def _period_ends(when: Holds, first: date, after: date, era: Era) -> list[date]:
    """Last days of whole periods in ``[first, after)``, and of as many before as a run needs to be known to be new."""
    found: list[date] = []
    day, before = after - timedelta(days=1), 0
    while before <= when.periods:
        if _ends_period(when, day, era):
            found.append(day)
            before += day < first
        day -= timedelta(days=1)
    return found[::-1]


def _ends_period(when: Holds, day: date, era: Era) -> bool:
    match when.period:
        case "day":
            return True
        case "working_day":
            return era.calendar.is_working(day)
        case "week":
            return day.weekday() == 6
        case "month":
            return (day + timedelta(days=1)).day == 1
