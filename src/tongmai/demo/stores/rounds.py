"""What area managers find on their rounds of the stores, and what the stores ask head office for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from tongmai.demo.ledgers import Row
from tongmai.demo.people import Colleague
from tongmai.demo.stores.chain import Chain, Store
from tongmai.demo.stores.till import ENOUGH, Timed, told, told_place
from tongmai.demo.stores.words import chain_words

_RESULTS = {"现场下了补货单": 34, "陈列已调整": 26, "竞品在促销": 14, "一切正常": 22, "需要总部支持": 4}
# The policy is five days old on the last day, when a store that still lacks the flagship is a contradiction (S0-06).
_POLICY = timedelta(days=5)
# Who taps from elsewhere does so every other time; of the orders placed on a visit most are entered the same day.
_FROM_ELSEWHERE, _ENTERED = 0.5, 0.86
_DEMANDED, _ANSWERED = 26, timedelta(days=9)


def visit_rows(chain: Chain) -> list[Timed]:
    """A store a working day of each area manager; as it was tapped, and again when the order was entered."""
    return sorted((each for one in chain.managers for each in _visits(chain, one)), key=lambda each: each[0])


def demand_rows(chain: Chain) -> list[Timed]:
    """As it was asked, and again as it was answered."""
    return sorted(_demands(chain), key=lambda each: each[0])


def policy_from(chain: Chain) -> date:
    return (chain.end - _POLICY).date()


def policy_row(chain: Chain) -> Timed:
    since = policy_from(chain)
    at = chain.end.replace(year=since.year, month=since.month, day=since.day, hour=9)
    return at, {"商品编码": chain_words().flagship, "发布日期": since.isoformat(), "充足线": str(ENOUGH)}


def shelf_rows(chain: Chain) -> list[Timed]:
    """A look at each store on the day of the policy, and at those that put the flagship up the day before the end."""
    since = policy_from(chain)
    first = (chain.end - _POLICY).replace(hour=15, minute=0, second=0, microsecond=0)
    rows = [(first, _looked(each, since, is_there=each.shelf == "up" and _was_up(each))) for each in chain.stores]
    again = (chain.end - timedelta(days=1)).replace(hour=11, minute=0, second=0, microsecond=0)
    late = [each for each in chain.stores if each.shelf == "up" and not _was_up(each)]
    return rows + [(again, _looked(each, since, is_there=True)) for each in late]


def _was_up(store: Store) -> bool:
    return store.number[-1] in "02468"


def _looked(store: Store, since: date, *, is_there: bool) -> Row:
    return {
        "门店编号": store.number, "商品编码": chain_words().flagship, "已上架": "是" if is_there else "否",
        "未上架起始日": "" if is_there else since.isoformat(),
    }  # fmt: skip


def _visits(chain: Chain, manager: Colleague) -> Iterator[Timed]:
    rnd = chain.dice(f"visits {manager.phone}")
    stores = [each for each in chain.stores if each.area == manager.team]
    for day in range(chain.days):
        at = (chain.start + timedelta(days=day)).replace(hour=rnd.randint(10, 16), minute=rnd.randint(0, 59), second=0)
        if at.weekday() > 4 or at >= chain.end or not stores:
            continue
        store = stores[day % len(stores)]
        result = rnd.choices(list(_RESULTS), list(_RESULTS.values()))[0]
        elsewhere = manager == chain.absent_manager and rnd.random() < _FROM_ELSEWHERE
        row = {
            "编号": f"X{manager.phone[-3:]}{day:03d}", "门店编号": store.number, "到店时间": told(at), "结果": result,
            "补货单号": "", "单据录入时间": "", "位置": told_place(_tapped(rnd, store, elsewhere=elsewhere)),
            "说明": "", "巡店人": manager.name,
        }  # fmt: skip
        yield at, row
        if result == "现场下了补货单" and rnd.random() < _ENTERED:
            entered = at + timedelta(hours=rnd.choice((0.5, 2, 5, 30)))
            if entered < chain.end:
                yield entered, {**row, "补货单号": f"BH{row['编号'][1:]}", "单据录入时间": told(entered)}


def _tapped(rnd: Random, store: Store, *, elsewhere: bool) -> tuple[float, float]:
    """A few steps from the store, or some kilometres from it."""
    away = rnd.uniform(0.04, 0.2) if elsewhere else rnd.uniform(0.0, 0.002)
    return round(store.place[0] + away, 5), round(store.place[1] - away, 5)


def _demands(chain: Chain) -> Iterator[Timed]:
    rnd, words = chain.dice("demands"), chain_words()
    for number in range(1, _DEMANDED + 1):
        topic, benefit = rnd.choice(list(words.demands.items()))
        store = rnd.choice(chain.stores)
        at = _morning(chain.start + (chain.end - chain.start) * number / _DEMANDED, rnd)
        row = {
            "编号": f"XQ{number:03d}", "门店编号": store.number, "需求": topic, "有了会怎样": benefit, "进展": "新提交",
            "总部答复": "", "答复时间": "", "提出人": store.head.name,
        }  # fmt: skip
        if at < chain.end:
            yield at, row
        answered, answer = at + _ANSWERED * rnd.random() + timedelta(days=1), rnd.choice(words.answers)
        if answered < chain.end:
            state = "不做" if answer.endswith("不做") else rnd.choice(("已排期", "已上线"))
            yield answered, {**row, "进展": state, "总部答复": answer, "答复时间": told(answered)}


def _morning(at: datetime, rnd: Random) -> datetime:
    return at.replace(hour=rnd.randint(9, 11), minute=rnd.randint(0, 59), second=0, microsecond=0)
