"""Who asks at the stores, and how far he comes: contacted, booked, attended, enrolled or lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from tongmai.demo.people import Colleague
from tongmai.demo.places import person_name
from tongmai.demo.stores.chain import Chain, Course, Store
from tongmai.demo.stores.words import chain_words
from tongmai.demo.talk import Consent, Contact

WECOM, REFERRED = "企业微信", "老带新"
_SOURCES = {"进店": 27, WECOM: 42, REFERRED: 14, "活动": 9, "点评与平台": 8}
_REASONS = {"价格": 34, "时间不合": 24, "太远": 14, "选了别家": 12, "暂不考虑": 16}
# Weekday and time of the week's trial classes of a store.
_TIMES = ((2, 16, 30), (5, 10, 0))
_BOOKED, _BOOKED_SLOWLY, _CAME, _FORGOTTEN, _ENROLLED, _LOST = 0.64, 0.42, 0.78, 0.03, 0.54, 0.6
SEATS = 6


@dataclass(frozen=True, slots=True)
class Lesson:
    """A trial class."""

    name: str
    store: Store
    course: Course
    starts: datetime
    teacher: Colleague


@dataclass(frozen=True, slots=True)
class Visitor:
    """Each moment is None where it does not come to that; moments may lie ahead. ``came`` is None where nobody notes
    it. ``referrer`` is a mobile number or empty, ``external`` a WeCom id or empty."""

    code: str
    name: str
    mobile: str
    store: Store
    seller: Colleague
    source: str
    wants: Course
    asked: datetime
    contacted: datetime | None
    booked: datetime | None
    lesson: Lesson | None
    came: bool | None
    noted: datetime | None
    enrolled: datetime | None
    lost: datetime | None
    reason: str
    external: str
    consent: Consent
    referrer: str

    @property
    def steps(self) -> list[datetime]:
        """All moments at which something became known of him, earliest first."""
        attended = self.noted if self.came else None
        known = (self.asked, self.contacted, self.booked, attended, self.enrolled, self.lost)
        return sorted(each for each in known if each is not None)

    def contact(self) -> Contact:
        return Contact(self.external, self.name, self.seller, self.asked, self.name, self.mobile)


@dataclass(frozen=True, slots=True)
class _Trial:
    booked: datetime | None = None
    lesson: Lesson | None = None
    came: bool | None = None
    noted: datetime | None = None


def lessons_of(chain: Chain) -> list[Lesson]:
    """Two a week in each store, up to two weeks after the end; earliest first."""
    found = [each for store in chain.stores for each in _lessons(chain, store)]
    return sorted(found, key=lambda each: (each.starts, each.store.number))


def visitors_of(chain: Chain, lessons: Sequence[Lesson]) -> list[Visitor]:
    """All who asked up to the end, earliest first."""
    by_store: dict[str, list[Lesson]] = {each.number: [] for each in chain.stores}
    for each in lessons:
        by_store[each.store.number].append(each)
    found = [each for store in chain.stores for each in _visitors(chain, store, by_store[store.number])]
    return sorted(found, key=lambda each: (each.asked, each.code))


def in_the_day(at: datetime) -> datetime:
    """Itself in opening hours, else as soon as the store opens."""
    if at.hour >= 21:
        at += timedelta(days=1)
    return at if 9 <= at.hour < 21 else at.replace(hour=9, minute=at.minute % 40)


def _lessons(chain: Chain, store: Store) -> Iterator[Lesson]:
    monday = (chain.start - timedelta(days=chain.start.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    for week in range((chain.days + 21) // 7 + 1):
        for place, (weekday, hour, minute) in enumerate(_TIMES):
            starts = (monday + timedelta(days=7 * week + weekday)).replace(hour=hour, minute=minute)
            course = chain.courses[(week * len(_TIMES) + place + int(store.number[1:])) % len(chain.courses)]
            name = f"{store.name} {starts:%y%m%d} {course.name}体验"
            yield Lesson(name, store, course, starts, store.consultants[place])


def _visitors(chain: Chain, store: Store, lessons: Sequence[Lesson]) -> Iterator[Visitor]:
    rnd = chain.dice(f"visitors {store.number}")
    older: list[str] = []
    at = chain.start + timedelta(days=rnd.expovariate(store.asks))
    number = 0
    while at < chain.end:
        number += 1
        asked = at.replace(hour=rnd.randint(9, 19), minute=rnd.randint(0, 59), second=0, microsecond=0)
        if asked < chain.end:
            visitor = _visitor(chain, store, number, asked, lessons, older)
            if visitor.enrolled is not None:
                older.append(visitor.mobile)
            yield visitor
        at += timedelta(days=rnd.expovariate(store.asks * max(0.5, store.energy(at))))


def _visitor(
    chain: Chain, store: Store, number: int, asked: datetime, lessons: Sequence[Lesson], older: Sequence[str]
) -> Visitor:
    code = f"{store.number}{number:04d}"
    rnd, words = chain.dice(f"visitor {code}"), chain_words()
    seller = store.consultants[rnd.randint(0, 1)]
    source = rnd.choices(list(_SOURCES), list(_SOURCES.values()))[0]
    contacted = _contacted(rnd, store, asked)
    trial = _trial(rnd, store, contacted, lessons)
    enrolled = _enrolled(rnd, trial)
    lost = None
    if contacted and enrolled is None and rnd.random() < _LOST:
        lost = in_the_day((trial.noted or trial.booked or contacted) + timedelta(days=rnd.uniform(8, 16)))
    referrer = _referrer(rnd, chain, seller, source, older) if enrolled else ""
    return Visitor(
        code=code, name=f"{rnd.choice(words.children)}{rnd.choice(words.parents)}{person_name(rnd)[0]}",
        mobile=f"13{rnd.choice('56789')}{int(store.number[1:]):02d}{number:03d}{rnd.randint(0, 999):03d}",
        store=store, seller=seller, source=source,
        wants=trial.lesson.course if trial.lesson else rnd.choice(chain.courses),
        asked=asked, contacted=contacted, booked=trial.booked, lesson=trial.lesson, came=trial.came, noted=trial.noted,
        enrolled=enrolled, lost=lost, reason=rnd.choices(list(_REASONS), list(_REASONS.values()))[0] if lost else "",
        external=f"wm{code}{rnd.getrandbits(88):022x}" if source == WECOM else "",
        consent="never" if rnd.random() < 0.08 else "agreed", referrer=referrer,
    )  # fmt: skip


def _contacted(rnd: Random, store: Store, asked: datetime) -> datetime | None:
    """In most stores within the hour, in some after many."""
    if rnd.random() > (0.86 if store.is_slow else 0.97):
        return None
    if store.is_slow:
        return in_the_day(asked + timedelta(hours=rnd.uniform(3, 20)))
    return asked + timedelta(minutes=rnd.randint(4, 75))


def _trial(rnd: Random, store: Store, contacted: datetime | None, lessons: Sequence[Lesson]) -> _Trial:
    if contacted is None or rnd.random() > (_BOOKED_SLOWLY if store.is_slow else _BOOKED):
        return _Trial()
    booked = in_the_day(contacted + timedelta(hours=rnd.choice((0.2, 0.5, 1.0, 3.0, 26.0))))
    lesson = next(each for each in lessons if each.starts > booked + timedelta(hours=rnd.choice((6, 12, 80))))
    if rnd.random() < _FORGOTTEN:
        return _Trial(booked, lesson)
    return _Trial(booked, lesson, rnd.random() < _CAME, lesson.starts + timedelta(minutes=rnd.randint(70, 150)))


def _enrolled(rnd: Random, trial: _Trial) -> datetime | None:
    if not trial.came or trial.noted is None or rnd.random() > _ENROLLED:
        return None
    return in_the_day(trial.noted + timedelta(hours=rnd.choice((0.3, 0.5, 25, 49, 75, 120))))


def _referrer(rnd: Random, chain: Chain, seller: Colleague, source: str, older: Sequence[str]) -> str:
    """An earlier customer of the store; with a pretender mostly one of two friends."""
    if seller in chain.pretenders and rnd.random() < 0.85:
        return f"1385761{seller.phone[-3:]}{rnd.randint(1, 2)}"
    return rnd.choice(older) if source == REFERRED and older else ""
