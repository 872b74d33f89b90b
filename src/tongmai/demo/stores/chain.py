"""The hidden truth of the demo chain 童趣成长: its stores with what becomes of them, who works there, what they sell.

Deterministic: the same seed, end and size give the same chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import zip_longest
from typing import Literal

from tongmai.demo.era import Era
from tongmai.demo.people import Colleague, Team
from tongmai.demo.places import person_name
from tongmai.demo.stores.words import chain_words
from tongmai.demo.words import names
from tongmai.kit import Text

# thriving: over its plan; steady: about it; sinking: for weeks it has sold less and less; slump: so does one for two
# weeks for no reason that matters.
Fate = Literal["thriving", "steady", "sinking", "slump"]
# Of the flagship. missing: never put up; untold: up, and nobody noted it; short: missing where too few are in stock.
Shelf = Literal["up", "missing", "untold", "short"]
MOST_STORES = 45
DOMAIN = "tongqu.example"
_FATES: tuple[Fate, ...] = ("sinking", "thriving", "steady", "steady", "slump", "thriving", "steady", "steady")
# Areas with the cities in them and who manages them.
_AREAS = {
    "绍兴区": (("绍兴",), "陆文娟"), "杭州区": (("杭州",), "冯启明"), "宁波区": (("宁波",), "夏海峰"),
    "嘉湖区": (("嘉兴", "湖州"), "温雅"), "金台区": (("金华", "台州"), "项国平"),
}  # fmt: skip
_IN_A_STORE = ("store_head", "consultant", "consultant")
# Of those in the store that is shown, a busy one that lacks the flagship, and of those in the others.
_SHOWN = 11
_LOGINS, _NONE = ("dianzhang", "guwen", ""), ("", "", "")
_HEAD_OFFICE = (
    ("白运营", "hq_operations", "zongbu"),
    ("施产品", "hq_product", "chanpin"),
    ("系统管理员", "administrator", "guanli"),
)
# The sign-ins that the command prints, in its order: login → what the person is there for.
SIGN_INS = {
    "guwen": Text("课程顾问", "Consultant of a store"),
    "dianzhang": Text("店长", "Store head"),
    "dudao": Text("督导（区域经理 温雅）", "Area manager"),
    "zongbu": Text("总部运营（白运营）", "Head office operations"),
    "chanpin": Text("总部产品（施产品）", "Head office product"),
    "guanli": Text("管理员", "Administrator"),
}


@dataclass(frozen=True, slots=True)
class Course:
    code: str
    name: str
    price: int


@dataclass(frozen=True, slots=True)
class Item:
    """``often`` is its weight among what is sold."""

    code: str
    name: str
    category: str
    price: int
    often: int


@dataclass(frozen=True, slots=True)
class Campaign:
    name: str
    begins: date
    ends: date
    gift: str


@dataclass(frozen=True, slots=True)
class Store:
    """``asks``: enquiries a day, ``lines``: retail lines a day, both at its usual pace. ``turns`` is from when it sinks
    or slumps. ``is_slow``: enquiries wait there for hours. ``shelf``: what became of the flagship there."""

    number: str
    name: str
    city: str
    district: str
    place: tuple[float, float]
    area: str
    head: Colleague
    consultants: tuple[Colleague, Colleague]
    fate: Fate
    asks: float
    lines: float
    turns: datetime | None
    is_slow: bool
    shelf: Shelf

    def energy(self, at: datetime) -> float:
        """What is sold at a moment, as a share of the usual."""
        if self.fate == "thriving":
            return 1.12
        if self.turns is None or at < self.turns:
            return 1.0
        if self.fate == "slump":
            return 0.55 if at < self.turns + timedelta(days=14) else 1.0
        return max(0.45, 1.0 - 0.02 * (at - self.turns).days)


@dataclass(frozen=True)
class Chain(Era):
    """``size`` stores over ``days`` days; WeCom has been kept for all of them."""

    size: int = 40
    days: int = 180

    @property
    def start(self) -> datetime:
        return self.end - timedelta(days=self.days)

    @cached_property
    def courses(self) -> tuple[Course, ...]:
        return tuple(Course(code, *each) for code, each in chain_words().courses.items())

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return tuple(Item(code, *each) for code, each in chain_words().goods.items())

    @property
    def offered(self) -> tuple[Item | Course, ...]:
        return (*self.items, *self.courses)

    @cached_property
    def campaigns(self) -> tuple[Campaign, ...]:
        """Those of which a day lies in the time, by their beginning."""
        return tuple(sorted(self._campaigns(), key=lambda each: each.begins))

    def _campaigns(self) -> Iterator[Campaign]:
        for year in range(self.start.year, self.end.year + 1):
            for name, (month, first, last, gift) in chain_words().campaigns.items():
                begins = date(year, month, first)
                ends = date(year, month + (last < first), last)
                if ends >= self.start.date() and begins <= self.end.date():
                    yield Campaign(f"{year} {name}", begins, ends, gift)

    @cached_property
    def managers(self) -> tuple[Colleague, ...]:
        """Of the areas."""
        return tuple(
            self._colleague(name, "area_manager", area, 100 + number, "dudao" if number == 4 else "")
            for number, (area, (_, name)) in enumerate(_AREAS.items(), 1)
        )

    @property
    def absent_manager(self) -> Colleague:
        """Taps visits from where he just is, every other one."""
        return self.managers[2]

    @cached_property
    def stores(self) -> tuple[Store, ...]:
        taken: set[str] = {name for _, name in _AREAS.values()}
        spots = [spot for spot in _spots() if spot is not None]
        return tuple(self._store(number, *spots[number - 1], taken) for number in range(1, self.size + 1))

    @property
    def pretenders(self) -> tuple[Colleague, ...]:
        """Consultants who enter friends as referrers for the gifts; their stores are lively, so that it shows."""
        lively = [each for each in self.stores if each.fate == "thriving" and not each.is_slow]
        return tuple(each.consultants[0] for each in lively[:3])

    @cached_property
    def teams(self) -> tuple[Team, ...]:
        areas = (Team(area, area, "company", cities) for area, (cities, _) in _AREAS.items())
        stores = (Team(each.number, each.name, each.area, (each.city,)) for each in self.stores)
        return (Team("company", "童趣成长"), *areas, *stores)

    @cached_property
    def people(self) -> tuple[Colleague, ...]:
        office = (
            self._colleague(name, role, "company", 200 + number, login)
            for number, (name, role, login) in enumerate(_HEAD_OFFICE, 1)
        )
        in_stores = (person for each in self.stores for person in (each.head, *each.consultants))
        return (*in_stores, *self.managers, *office)

    def leader_of(self, team: str) -> str | None:
        """The phone number of who leads the team."""
        leads = {each.number: each.head for each in self.stores} | {each.team: each for each in self.managers}
        return leads[team].phone if team in leads else None

    def _store(self, number: int, city: str, district: str, taken: set[str]) -> Store:
        rnd, code = self.dice(f"store {number}"), f"M{number:02d}"
        fate = _FATES[number % len(_FATES)]
        latitude, longitude = chain_words().places[city]
        head, first, second = (
            self._colleague(_fresh(self, number, place, taken), role, code, 300 + 3 * number + place, login)
            for place, (role, login) in enumerate(zip(_IN_A_STORE, _LOGINS if number == _SHOWN else _NONE, strict=True))
        )
        turns = {"sinking": rnd.randint(45, 75), "slump": rnd.randint(18, 90)}.get(fate)
        return Store(
            number=code, name=f"{district}{rnd.choice(chain_words().malls)}店", city=city, district=district,
            place=(round(latitude + rnd.uniform(-0.2, 0.2), 5), round(longitude + rnd.uniform(-0.2, 0.2), 5)),
            area=next(area for area, (cities, _) in _AREAS.items() if city in cities),
            head=head, consultants=(first, second), fate=fate,
            asks=rnd.uniform(0.32, 0.48) * (1.4 if fate == "thriving" or number == _SHOWN else 1.0),
            lines=rnd.uniform(3.2, 4.8),
            turns=self.end - timedelta(days=turns) if turns else None, is_slow=number % 9 == 4,
            shelf=_shelf(number),
        )  # fmt: skip

    def _colleague(self, name: str, role: str, team: str, number: int, login: str = "") -> Colleague:
        return Colleague(name, role, team, f"1385760{number:04d}", login=login, domain=DOMAIN)


def _shelf(number: int) -> Shelf:
    if number % 8 == 3:
        return "missing"
    if number % 16 == 10:
        return "untold"
    return "short" if number % 8 == 6 else "up"


def _spots() -> Iterator[tuple[str, str] | None]:
    """City and district of one store after the other: of each city one, then of each the next."""
    by_city = [[(city, district) for district in listed] for city, listed in names().districts.items()]
    for row in zip_longest(*by_city):
        yield from row


def _fresh(chain: Chain, store: int, place: int, taken: set[str]) -> str:
    """A name that nobody of the chain has: registers name people by it."""
    rnd = chain.dice(f"person {store} {place}")
    while (name := person_name(rnd)) in taken:
        pass
    taken.add(name)
    return name
