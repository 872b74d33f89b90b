"""What the till and the stock keeping of the stores hold: stores and goods, each line sold, what is on hand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from tongmai.demo.ledgers import Row
from tongmai.demo.people import Colleague
from tongmai.demo.stores.chain import Campaign, Chain, Course, Item, Store
from tongmai.demo.stores.visitors import Visitor
from tongmai.demo.stores.words import chain_words

# Nobody has bought the dead goods for so long; of the others that run out little is left so shortly before the end.
_DEAD, _RUN_OUT = timedelta(days=75), timedelta(days=2)
# How far back stock was counted, on Sunday evenings and on each of the last mornings.
_COUNTED_WEEKS, _COUNTED_DAYS = 7, 4
# Head office plans what a store usually sells, on the goods and on so many trial classes that end well.
_WEEKEND, _PLANNED_ENROLMENT = 1.7, 0.19
ENOUGH = 12
Timed = tuple[datetime, Row]


@dataclass(frozen=True, slots=True)
class Sale:
    """A line of the till; ``visitor`` is set for a course."""

    number: str
    store: Store
    what: Item | Course
    quantity: int
    at: datetime
    seller: Colleague
    visitor: Visitor | None = None
    campaign: Campaign | None = None

    @property
    def amount(self) -> int:
        return self.what.price * self.quantity


def sales_of(chain: Chain, visitors: Sequence[Visitor]) -> list[Sale]:
    """Goods and courses sold up to the end, oldest first."""
    found = [each for store in chain.stores for each in _lines(chain, store)]
    found += [
        Sale(
            f"C{each.code}",
            each.store,
            each.wants,
            1,
            each.enrolled,
            each.seller,
            each,
            _campaign(chain, each.enrolled),
        )
        for each in visitors
        if each.enrolled is not None and each.enrolled < chain.end
    ]
    return sorted(found, key=lambda each: (each.at, each.number))


def till_rows(chain: Chain, sales: Sequence[Sale]) -> dict[str, list[Timed]]:
    """By stream the rows with the moments from which they stand there."""
    return {
        "门店档案": [(chain.start, _store(chain, each)) for each in chain.stores],
        "商品档案": [(chain.start, _goods(each)) for each in chain.offered],
        "销售流水": [(each.at, _sale(each)) for each in sales],
        "门店库存": sorted(_stock(chain), key=lambda each: each[0]),
    }


def _lines(chain: Chain, store: Store) -> Iterator[Sale]:
    rnd = chain.dice(f"till {store.number}")
    often = [each.often for each in chain.items]
    dead, number = chain_words().dead, 0
    for day in range(chain.days + 1):
        morning = (chain.start + timedelta(days=day)).replace(hour=10, minute=0, second=0, microsecond=0)
        usual = store.lines * store.energy(morning) * (_WEEKEND if morning.weekday() > 4 else 0.72)
        for _ in range(_poisson(rnd, usual)):
            item = rnd.choices(chain.items, often)[0]
            at = morning + timedelta(seconds=rnd.randint(0, 39_600))
            number += 1
            if at < chain.end and not (item.code in dead and at > chain.end - _DEAD):
                quantity, seller = rnd.choice((1, 1, 1, 2)), rnd.choice(store.consultants)
                yield Sale(f"T{store.number}{number:05d}", store, item, quantity, at, seller)


def _poisson(rnd: Random, mean: float) -> int:
    """Knuth's way: the means are small."""
    limit, count, product = math.exp(-mean), 0, rnd.random()
    while product > limit:
        count += 1
        product *= rnd.random()
    return count


def _campaign(chain: Chain, at: datetime) -> Campaign | None:
    return next((each for each in chain.campaigns if each.begins <= at.date() <= each.ends), None)


def plan_of(chain: Chain, store: Store) -> int:
    """What head office plans for 30 days: what the store usually sells; it does not know who will sink."""
    weights = sum(each.often for each in chain.items)
    line = 1.25 * sum(each.often * each.price for each in chain.items) / weights
    course = sum(each.price for each in chain.courses) / len(chain.courses)
    usual = store.lines * (5 * 0.72 + 2 * _WEEKEND) / 7 * line + store.asks * _PLANNED_ENROLMENT * course
    return round(usual * 30 / 100) * 100


def _stock(chain: Chain) -> Iterator[Timed]:
    counted = chain.week_ends(_COUNTED_WEEKS)
    today = chain.end.replace(hour=8, minute=30, second=0, microsecond=0)
    counted += [today - timedelta(days=back) for back in range(_COUNTED_DAYS)]
    for store in chain.stores:
        for item in chain.items:
            rnd, before = chain.dice(f"stock {store.number} {item.code}"), -1
            usual = rnd.randint(ENOUGH + 4, 40)
            for at in sorted(each - timedelta(minutes=30) for each in counted):
                on_hand = _on_hand(chain, store, item, at, max(0, usual + rnd.randint(-3, 3)))
                if on_hand != before:
                    yield (
                        at,
                        {
                            "门店编号": store.number,
                            "商品编码": item.code,
                            "商品名称": item.name,
                            "现存量": str(on_hand),
                        },
                    )
                    before = on_hand


def _on_hand(chain: Chain, store: Store, item: Item, at: datetime, usual: int) -> int:
    words = chain_words()
    if item.code == words.flagship and store.shelf == "short":
        return ENOUGH - 7
    if item.code in words.dead:
        return 11
    if item.code in words.runs_out and at > chain.end - _RUN_OUT:
        return int(store.number.endswith("1"))
    return usual


def _store(chain: Chain, store: Store) -> Row:
    return {
        "门店编号": store.number, "门店名称": store.name, "城市": store.city, "商圈": store.name.removesuffix("店"),
        "店长": store.head.name, "30天计划": str(plan_of(chain, store)), "位置": told_place(store.place),
    }  # fmt: skip


def _goods(what: Item | Course) -> Row:
    kind, category = ("商品", what.category) if isinstance(what, Item) else ("课程", "")
    return {"商品编码": what.code, "商品名称": what.name, "类型": kind, "品类": category, "标价": str(what.price)}


def _sale(sale: Sale) -> Row:
    visitor = sale.visitor
    return {
        "流水号": sale.number, "门店编号": sale.store.number, "商品编码": sale.what.code, "数量": str(sale.quantity),
        "金额": str(sale.amount), "成交时间": told(sale.at), "顾客手机号": visitor.mobile if visitor else "",
        "推荐人手机号": visitor.referrer if visitor else "", "活动": sale.campaign.name if sale.campaign else "",
        "顾问": sale.seller.name,
    }  # fmt: skip


def told(at: datetime | None) -> str:
    """As registers write a moment; empty where there is none."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""


def told_place(place: tuple[float, float]) -> str:
    return f"{place[0]},{place[1]}"
