"""What passes over DingTalk: rebates with their nodes, quotes, tickets, visits, and special prices. Deals and looks at
shelves pass there too: see ``deals`` and ``shelves``."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import orjson

from tongmai.demo.trade import Order
from tongmai.demo.world import Customer, World

REBATE, QUOTE, PRICE, TICKET, VISIT = "返利申请", "报价审批", "价格特批", "售后服务单", "外勤拜访"
DEAL, ADVANCE, CONTRACT, SHELF = "商机立项", "商机进展", "合同审批", "门店巡检"
TEMPLATES = {
    REBATE: "PROC-SHAOYUE-REBATE",
    QUOTE: "PROC-SHAOYUE-QUOTE",
    PRICE: "PROC-SHAOYUE-PRICE",
    TICKET: "PROC-SHAOYUE-TICKET",
    VISIT: "PROC-SHAOYUE-VISIT",
    DEAL: "PROC-SHAOYUE-DEAL",
    ADVANCE: "PROC-SHAOYUE-ADVANCE",
    CONTRACT: "PROC-SHAOYUE-CONTRACT",
    SHELF: "PROC-SHAOYUE-SHELF",
}
_QUOTED = ("骨科耗材年度套餐", "口腔种植套餐", "检验试剂季度用量", "康复设备整体方案", "防护用品补货", "影像耗材框架价")
_OPEN_QUOTES = timedelta(days=14)
_EVIDENCE = ("客户询价函.pdf", "竞品报价单.pdf", "年度用量表.pdf", "会议纪要.pdf")
_PURPOSES = ("产品培训", "回访用量", "新品介绍", "对账", "设备巡检")
_TROUBLES = {
    "物流破损": "外箱压损，两盒不能用",
    "质量问题": "一批次卡扣偏松",
    "交付延误": "比约定晚到三天",
    "其他": "发票抬头有误",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A task of an approval: from when to when it lay with somebody; ``ended`` is None while it still does."""

    begun: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Approval:
    """``steps`` one after the other; ``refused``: the last one said no, for the reason ``remark``. ``used`` is for
    rebates: what of it was set off against an invoice, when. ``backdated``: a visit that did not take place when it
    says."""

    template: str
    customer: Customer
    at: datetime
    form: Mapping[str, str]
    steps: tuple[Step, ...]
    refused: bool = False
    used: tuple[datetime, Decimal] | None = None
    backdated: bool = False
    remark: str = ""

    @property
    def id(self) -> str:
        return f"{TEMPLATES[self.template][5:]}-{self.customer.code}-{int(self.at.timestamp())}"

    @property
    def ended(self) -> datetime | None:
        return self.steps[-1].ended


def approvals_of(world: World, orders: Sequence[Order]) -> Iterator[Approval]:
    """Those that have to do with no deal and no shelf."""
    yield from _rebates(world, orders)
    for customer in world.customers:
        yield from _by_customer(world, customer)
    for seller in range(len(world.sellers)):
        yield from _visits(world, seller)


def in_order(found: Iterable[Approval]) -> list[Approval]:
    """Each once, oldest first."""
    unique = {each.id: each for each in found}
    return sorted(unique.values(), key=lambda each: (each.at, each.id))


def _rebates(world: World, orders: Sequence[Order]) -> Iterator[Approval]:
    """For each quarter of the last year, 3 % to customers who bought enough in it."""
    for quarter in range(4):
        until = world.end - timedelta(days=91 * quarter + 1)
        bought: dict[str, tuple[Customer, Decimal]] = {}
        for each in orders:
            if until - timedelta(days=91) <= each.at < until:
                _, sum_ = bought.get(each.customer.code, (each.customer, Decimal(0)))
                bought[each.customer.code] = (each.customer, sum_ + each.amount)
        for customer, amount in bought.values():
            rnd = world.dice(f"rebate {customer.code} {quarter}")
            # The newest quarter's are handed in during the last days, one after the other.
            if amount > 3000 and rnd.random() < (0.12 if quarter == 0 else 0.55):
                at = office_hour(until - timedelta(days=rnd.uniform(0, 9)), rnd)
                yield _rebate(world, rnd, customer, amount * Decimal("0.03"), at)


def _rebate(world: World, rnd: Random, customer: Customer, amount: Decimal, at: datetime) -> Approval:
    granted = amount.quantize(Decimal("0.01"))
    # The first review of finance is where they lie: days, now and then weeks.
    steps = steps_of(world, at, (rnd.uniform(1, 20), rnd.expovariate(1 / 60), rnd.uniform(2, 30)))
    form = {"客户名称": customer.name, "申请金额": str(granted), "返利周期": "上一季度", "说明": "按年度政策 3% 计提"}
    form |= _borne_out(world, world.dice(f"evidence {customer.code} {at:%y%m%d}"), at)
    refused = rnd.random() < 0.05
    ended, share = steps[-1].ended, min(1.0, max(0.0, rnd.gauss(customer.uses_rebates, 0.15)))
    used_at = None if ended is None or refused else ended + timedelta(days=rnd.uniform(3, 60))
    used = (granted * Decimal(str(round(share, 3)))).quantize(Decimal("0.01"))
    is_used = used_at is not None and used_at < world.end and used > 0
    return Approval(REBATE, customer, at, form, steps, refused, (used_at, used) if used_at and is_used else None)


def _by_customer(world: World, customer: Customer) -> Iterator[Approval]:
    """Tickets and special prices of the months that talks are kept for, and the quotes that are open."""
    rnd = world.dice(f"approvals {customer.code}")
    for template, a_year in ((TICKET, 0.8), (QUOTE, 0.6), (PRICE, 0.15)):
        # Quotes of before the last two weeks were settled and put away: no system of the three tells how.
        begun = world.end - _OPEN_QUOTES if template == QUOTE else world.talks_from
        at = begun + timedelta(days=rnd.expovariate(a_year / 365))
        while at < world.end:
            if customer.is_buying(at) or template == QUOTE:
                yield (
                    _ticket(world, rnd, customer, at)
                    if template == TICKET
                    else _priced(world, rnd, customer, at, template)
                )
            at += timedelta(days=max(3.0, rnd.expovariate(a_year / 365)))


def _ticket(world: World, rnd: Random, customer: Customer, at: datetime) -> Approval:
    reason = rnd.choice(tuple(_TROUBLES))
    is_complaint = rnd.random() < 0.22
    form = {
        "客户名称": customer.name,
        "类型": "投诉" if is_complaint else "服务",
        "原因": reason,
        "问题描述": f"{'投诉：' if is_complaint else ''}{_TROUBLES[reason]}",
    }
    drifts = customer.drifts is not None and at >= customer.drifts
    hours = rnd.expovariate(1 / (40 if drifts else 15)) + 1
    moment = office_hour(at, rnd)
    return Approval(TICKET, customer, moment, form, steps_of(world, moment, (hours,)))


def _priced(world: World, rnd: Random, customer: Customer, at: datetime, template: str) -> Approval:
    amount = str(round(rnd.lognormvariate(9.4, 0.7), 2))
    what = "报价金额" if template == QUOTE else "申请金额"
    form = {"客户名称": customer.name, what: amount, "报价内容": rnd.choice(_QUOTED)}
    form |= _borne_out(world, world.dice(f"evidence {customer.code} {at:%y%m%d}"), at)
    form["是否加急"] = "是" if rnd.random() < 0.2 else "否"
    moment = office_hour(at, rnd)
    steps = steps_of(world, moment, (rnd.uniform(0.5, 8), rnd.uniform(1, 30)))
    return Approval(template, customer, moment, form, steps, rnd.random() < 0.08)


def _visits(world: World, seller: int) -> Iterator[Approval]:
    """Four a week in the last thirteen weeks; who backdates hands the month's in on its last day."""
    person, rnd = world.sellers[seller], world.dice(f"visits {seller}")
    own = [each for each in world.customers if each.seller is person]
    if not own:
        return
    for number in range(52):
        visited = office_hour(world.end - timedelta(days=91 - number * 1.75), rnd)
        backdated = person in world.backdaters and rnd.random() < 0.7
        told = _last_evening(visited, number) if backdated else visited + timedelta(minutes=rnd.randint(30, 240))
        if told >= world.end:
            continue
        form = {
            "客户名称": rnd.choice(own).name,
            "拜访目的": rnd.choice(_PURPOSES),
            "到访时间": f"{visited:%Y-%m-%d %H:%M}",
            "离开时间": f"{visited + timedelta(minutes=rnd.randint(20, 90)):%Y-%m-%d %H:%M}",
        }
        customer = next(each for each in own if each.name == form["客户名称"])
        yield Approval(VISIT, customer, told, form, steps_of(world, told, (1.0,)), backdated=backdated)


def _borne_out(world: World, rnd: Random, at: datetime) -> dict[str, str]:
    """What is attached to a request: to every third at first, to more than half by now (S0-59)."""
    share = 0.35 + 0.25 * max(0.0, 1 - (world.end - at).days / 90)
    if rnd.random() >= share:
        return {}
    attached = {
        "spaceId": "1", "fileName": rnd.choice(_EVIDENCE), "fileSize": rnd.randint(20_000, 900_000), "fileType": "pdf",
        "fileId": f"{rnd.getrandbits(40)}",
    }  # fmt: skip
    return {"附件": orjson.dumps([attached]).decode()}


def steps_of(world: World, at: datetime, hours: Sequence[float]) -> tuple[Step, ...]:
    """One task after the other; those that would begin after the end are not there yet."""
    steps: list[Step] = []
    for each in hours:
        if at >= world.end:
            break
        ended = (at + timedelta(hours=each)).replace(second=0, microsecond=0)
        steps.append(Step(at, ended if ended < world.end else None))
        at = ended
    return tuple(steps)


def office_hour(at: datetime, rnd: Random) -> datetime:
    day = at - timedelta(days=max(0, at.weekday() - 4))
    return day.replace(hour=rnd.randint(9, 16), minute=rnd.randint(0, 59), second=0, microsecond=0)


def _last_evening(at: datetime, number: int) -> datetime:
    last = calendar.monthrange(at.year, at.month)[1]
    return at.replace(day=last, hour=20, minute=number % 60)
