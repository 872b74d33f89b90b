"""The hidden truth of the demo company: every customer with what he will do, before anything of it is told to a system.

Deterministic: the same seed, end and size give the same world. A customer's course is drawn from a generator of his
own, so that a larger world has the smaller one's customers in it, unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from random import Random
from typing import Literal

from tongmai.demo.era import Era
from tongmai.demo.people import CITIES, Colleague, sellers
from tongmai.demo.places import address, customer_names, person_name
from tongmai.demo.talk import Consent, Contact

Fate = Literal["loyal", "steady", "occasional", "leaving", "gone", "prospect", "silent"]

# Of each hundred customers; orders in 30 days, days between talks, likes and comments a week.
_FATES: dict[Fate, tuple[int, float, float, float]] = {
    "loyal": (31, 0.80, 6.0, 1.9),
    "steady": (27, 0.42, 10.0, 1.2),
    "occasional": (13, 0.16, 26.0, 0.4),
    "leaving": (8, 0.65, 7.0, 1.8),
    "gone": (7, 0.50, 70.0, 0.1),
    "prospect": (8, 0.0, 13.0, 0.6),
    "silent": (6, 0.0, 12.0, 0.0),
}
# U8's customer class: of each hundred customers, titles of whom one talks to, the category most bought there.
_KINDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "01": (4, ("设备科主任", "骨科主任", "检验科主任")),
    "02": (15, ("设备科主任", "采购科长", "副院长")),
    "03": (42, ("诊所老板", "院长", "护士长")),
    "04": (26, ("药店老板", "店长", "采购")),
    "05": (13, ("总经理", "采购经理", "销售经理")),
}
_TRADES = {
    "01": ("骨科", "检验", "综合"), "02": ("骨科", "康复", "综合", "口腔"), "03": ("口腔", "康复", "综合"),
    "04": ("零售",), "05": ("综合", "骨科", "检验"),
}  # fmt: skip
_FIRST = {"骨科": "0101", "口腔": "0102", "检验": "0103", "康复": "0104", "综合": "0105", "零售": "0107"}
_CATEGORIES = ("0101", "0102", "0103", "0104", "0105", "0106", "0107", "0108")


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer and his course. ``orders`` in 30 days, ``talk_gap`` in days, ``likes`` a week: at his usual pace.

    ``stops`` is the day from which he orders no more, ``drifts`` the day from which it shows (None: it does not show),
    ``lull`` a quiet time that means nothing, ``days_late`` how long after the due date he pays, ``external`` his WeCom
    id or empty, ``uses_rebates`` the share of granted rebates that he uses.
    """

    code: str
    name: str
    kind: str
    trade: str
    city: str
    address: str
    contact: str
    position: str
    phone: str
    credit: int
    seller: Colleague
    fate: Fate
    orders: float
    talk_gap: float
    likes: float
    categories: tuple[str, ...]
    stops: datetime | None
    drifts: datetime | None
    lull: tuple[datetime, datetime] | None
    days_late: int
    uses_rebates: float
    external: str
    consent: Consent

    def energy(self, at: datetime) -> float:
        """How lively he is at a moment, from 0 to 1: what he does comes at his usual pace times this."""
        if self.stops is not None and at >= self.stops:
            return 0.06
        if self.lull is not None and self.lull[0] <= at < self.lull[1]:
            return 0.15
        if self.drifts is None or self.stops is None or at < self.drifts:
            return 1.0
        course = (at - self.drifts) / (self.stops - self.drifts)
        return 1.0 - 0.88 * min(1.0, course * 1.5)

    def is_buying(self, at: datetime) -> bool:
        return self.orders > 0 and (self.stops is None or at < self.stops)


@dataclass(frozen=True)
class World(Era):
    """``size`` customers over ``days`` days. Archive, Moments and calls go back ``talk_days`` only: the company began
    to keep them then."""

    size: int = 1863
    days: int = 730
    talk_days: int = 168

    @property
    def start(self) -> datetime:
        return self.end - timedelta(days=self.days)

    @property
    def talks_from(self) -> datetime:
        return self.end - timedelta(days=self.talk_days)

    @cached_property
    def sellers(self) -> tuple[Colleague, ...]:
        return sellers()

    @cached_property
    def month_end_pushers(self) -> tuple[Colleague, ...]:
        """They pull orders into the last two days of a month, and half of that comes back in the next."""
        return (self.sellers[4], self.sellers[9], self.sellers[17])

    @cached_property
    def backdaters(self) -> tuple[Colleague, ...]:
        """They hand in a month's visits on its last day, with days that they did not travel on."""
        return (self.sellers[6], self.sellers[12])

    @property
    def short_team(self) -> str:
        """The team whose region asks for more than the products give: its deals stall week after week."""
        return "ningbo"

    @cached_property
    def customers(self) -> tuple[Customer, ...]:
        taken: set[str] = set()
        return tuple(self._customer(number, taken) for number in range(1, self.size + 1))

    def contacts(self) -> list[Contact]:
        """Who is on WeCom, known from the beginning."""
        return [
            Contact(
                external=each.external, name=each.contact, seller=each.seller, added=self.start,
                remark=f"{each.name[:8]} {each.contact}", mobile=each.phone, company=each.name, position=each.position,
            )
            for each in self.customers
            if each.external
        ]  # fmt: skip

    def _customer(self, number: int, taken: set[str]) -> Customer:
        rnd = self.dice(f"customer {number}")
        seller = self.sellers[number % len(self.sellers)]
        kind, fate = _drawn(rnd, {key: each[0] for key, each in _KINDS.items()}), _fate(rnd)
        name, district = _fresh_name(rnd, kind, seller.city, taken)
        _, orders, gap, likes = _FATES[fate]
        trade = rnd.choice(_TRADES[kind])
        stops, drifts = self._course(rnd, fate)
        on_wechat = rnd.random() < 0.94
        return Customer(
            code=f"{kind}{number:04d}", name=name, kind=kind, trade=trade, city=seller.city,
            address=address(rnd, seller.city, district), contact=person_name(rnd),
            position=rnd.choice(_KINDS[kind][1]),
            phone=f"13{rnd.choice('56789')}{number:04d}{rnd.randint(0, 9999):04d}",
            credit=rnd.choice((20_000, 40_000, 80_000, 150_000, 300_000, 1_200_000)), seller=seller, fate=fate,
            orders=orders * rnd.uniform(0.5, 1.5), talk_gap=gap * rnd.uniform(0.7, 1.4),
            likes=likes * rnd.uniform(0.6, 1.6),
            categories=_categories(rnd, fate, trade), stops=stops, drifts=drifts, lull=self._lull(rnd, fate),
            days_late=rnd.randint(12, 45) if rnd.random() < 0.08 else rnd.randint(-6, 2),
            uses_rebates=min(1.0, rnd.betavariate(5, 2) if fate in ("loyal", "steady") else rnd.betavariate(2, 3)),
            external=f"wm{number:08d}{rnd.getrandbits(88):022x}" if on_wechat else "",
            consent="never" if rnd.random() < 0.07 else "withdrawn" if rnd.random() < 0.02 else "agreed",
        )  # fmt: skip

    def _course(self, rnd: Random, fate: Fate) -> tuple[datetime | None, datetime | None]:
        """When he stops, and from when it shows: for a quarter of those who leave it does not show at all."""
        if fate == "gone":
            return self.end - timedelta(days=rnd.randint(110, max(111, self.days - 60))), None
        if fate != "leaving":
            return None, None
        stops = self.end + timedelta(days=rnd.randint(-25, 60))
        shows = rnd.random() < 0.75
        return stops, stops - timedelta(days=rnd.randint(55, 110)) if shows else None

    def _lull(self, rnd: Random, fate: Fate) -> tuple[datetime, datetime] | None:
        """One in nine of those who stay is quiet for weeks, for no reason that matters."""
        if fate not in ("loyal", "steady") or rnd.random() > 0.11:
            return None
        begun = self.end - timedelta(days=rnd.randint(5, 150))
        return begun, begun + timedelta(days=rnd.randint(28, 60))


def _drawn(rnd: Random, weights: dict[str, int]) -> str:
    return rnd.choices(list(weights), list(weights.values()))[0]


def _fate(rnd: Random) -> Fate:
    return rnd.choices(list(_FATES), [each[0] for each in _FATES.values()])[0]


def _fresh_name(rnd: Random, kind: str, city: str, taken: set[str]) -> tuple[str, str]:
    found = customer_names(rnd, kind, city)
    for tries in count():
        name, district = next(found)
        if tries > 40:
            # The city has run out of such names: branches are numbered, as in life.
            name = f"{name}（{tries - 39} 部）"
        if name not in taken:
            taken.add(name)
            return name, district
    raise AssertionError("names never end")


def _categories(rnd: Random, fate: Fate, trade: str) -> tuple[str, ...]:
    most = {"loyal": (3, 5), "steady": (2, 4), "leaving": (2, 5)}.get(fate, (1, 3))
    others = [each for each in _CATEGORIES if each != _FIRST[trade]]
    return (_FIRST[trade], *rnd.sample(others, rnd.randint(*most) - 1))


def area_code(city: str) -> str:
    return CITIES[city][0]
