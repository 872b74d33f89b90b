"""Deals: how they begin, advance or stall, and why: the hidden truth behind what is handed in over DingTalk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal, TypeAlias

import orjson

from tongmai.demo.approvals import ADVANCE, CONTRACT, DEAL, Approval, office_hour, steps_of
from tongmai.demo.products import Product, products
from tongmai.demo.words import setbacks
from tongmai.demo.world import Customer, World

Course: TypeAlias = Literal["won", "advanced", "stalled", "lost", "waiting"]
TECHNICAL = "技术参数未达标"

# Of a hundred customers so many have a deal; how deals go.
_WITH_A_DEAL = 0.13
_COURSES: Mapping[Course, int] = {"won": 30, "advanced": 18, "stalled": 20, "lost": 14, "waiting": 18}
# The eight resistance tags as people read them (S0-31), with how often each stands in the way.
TAGS = {
    TECHNICAL: 28, "预算冻结": 20, "价格超预算": 17, "竞品锁定": 12, "决策链变更": 8, "交付周期不符": 6,
    "需求变更/搁置": 5, "合同条款分歧": 4,
}  # fmt: skip
_STAGES = ("POC 测试", "方案报价", "商务谈判")
# In one team's region the specification fails week after week (S0-33), and did not in the week before those.
SHORT_WEEKS, _A_WEEK = 3, 3


@dataclass(frozen=True, slots=True)
class Deal:
    """``decided`` is when its course showed. ``tags``, ``parameter``, ``evidence`` and ``review`` are of those that
    stalled or were lost; ``parameter`` of those alone whose specification was not met."""

    name: str
    customer: Customer
    product: Product
    amount: int
    opened: datetime
    course: Course
    decided: datetime
    tags: tuple[str, ...] = ()
    parameter: str = ""
    evidence: str = ""
    review: str = ""

    @property
    def is_set_back(self) -> bool:
        return self.course in ("stalled", "lost")


def deals_of(world: World) -> list[Deal]:
    """All of them, by name; those whose course has not shown by the end are ``waiting``."""
    found = [deal for customer in world.customers if (deal := _deal(world, customer)) is not None]
    return sorted([*found, *_short_of_specification(world, {each.customer.code for each in found})], key=_by_name)


def deal_approvals(world: World, deals: Sequence[Deal]) -> Iterator[Approval]:
    """What of them is handed in: the deal itself, how it went on, and the contract of one that was won."""
    for deal in deals:
        rnd = world.dice(f"papers {deal.name}")
        yield Approval(DEAL, deal.customer, deal.opened, _opened(deal), steps_of(world, deal.opened, (2.0,)))
        if deal.course == "waiting":
            continue
        steps = steps_of(world, deal.decided, (rnd.uniform(1, 12),))
        yield Approval(ADVANCE, deal.customer, deal.decided, _went_on(deal, rnd), steps)
        if deal.course == "won" and (signed := office_hour(deal.decided + timedelta(days=2), rnd)) < world.end:
            yield _contract(world, deal, signed, rnd)


def _deal(world: World, customer: Customer) -> Deal | None:
    rnd = world.dice(f"deal {customer.code}")
    if rnd.random() > _WITH_A_DEAL or customer.fate in ("gone", "silent"):
        return None
    opened = office_hour(world.end - timedelta(days=rnd.uniform(8, 150)), rnd)
    course: Course = rnd.choices(list(_COURSES), list(_COURSES.values()))[0]
    return _drawn(world, rnd, customer, opened, opened + timedelta(days=rnd.uniform(7, 45)), course, TAGS)


def _short_of_specification(world: World, taken: set[str]) -> Iterator[Deal]:
    """Of the last whole weeks, in the team whose region asks for more than the products give."""
    asked = [each for each in world.customers if each.seller.team == world.short_team and each.code not in taken]
    for number, customer in enumerate(asked[: (SHORT_WEEKS + 1) * _A_WEEK]):
        rnd = world.dice(f"short {customer.code}")
        back = number // _A_WEEK + 1
        decided = world.monday - timedelta(days=7 * back) + timedelta(days=rnd.uniform(0.5, 4))
        short = TAGS if number % _A_WEEK == 0 else {TECHNICAL: 1}
        tags = short if back <= SHORT_WEEKS else {"预算冻结": 1}
        yield _drawn(world, rnd, customer, decided - timedelta(days=20), decided, "stalled", tags)


def _drawn(
    world: World, rnd: Random, customer: Customer, opened: datetime, decided: datetime, course: Course,
    weights: Mapping[str, int],
) -> Deal:  # fmt: skip
    category, words = rnd.choice(customer.categories), setbacks()
    product = rnd.choice([each for each in products() if each.category == category and each.name in words.parameters])
    opened, decided = office_hour(opened, rnd), office_hour(decided, rnd)
    if decided >= world.end:
        course = "waiting"
    name = f"{customer.name} {product.name} {opened:%y%m}"
    amount = round(rnd.lognormvariate(10.6, 0.8), -2)
    if course not in ("stalled", "lost"):
        return Deal(name, customer, product, int(amount), opened, course, decided)
    tags, known = _chosen(rnd, weights), words.parameters[product.name]
    return Deal(
        name, customer, product, int(amount), opened, course, decided, tags,
        rnd.choices(known, range(len(known), 0, -1))[0] if TECHNICAL in tags else "",
        rnd.choice(words.evidence), rnd.choice(words.told if rnd.random() < 0.6 else words.said),
    )  # fmt: skip


def _chosen(rnd: Random, weights: Mapping[str, int]) -> tuple[str, ...]:
    """One tag, or two where two things stand in the way."""
    first = rnd.choices(list(weights), list(weights.values()))[0]
    second = rnd.choices(list(TAGS), list(TAGS.values()))[0] if len(weights) > 1 and rnd.random() < 0.3 else first
    return (first,) if second == first else (first, second)


def _opened(deal: Deal) -> dict[str, str]:
    return {
        "商机名称": deal.name,
        "客户名称": deal.customer.name,
        "产品型号": deal.product.name,
        "预计金额": str(deal.amount),
        "当前阶段": "需求确认",
        "预计成交日期": f"{deal.opened + timedelta(days=60):%Y-%m-%d}",
    }


def _went_on(deal: Deal, rnd: Random) -> dict[str, str]:
    """The form as the vendor has it: a multiple choice and attachments are JSON in a text."""
    form = {"商机名称": deal.name, "客户名称": deal.customer.name}
    if not deal.is_set_back:
        return form | {"结果": "推进", "目标阶段": "赢单" if deal.course == "won" else rnd.choice(_STAGES)}
    kind = deal.evidence.rpartition(".")[2]
    attached = {
        "spaceId": "1", "fileName": deal.evidence, "fileSize": rnd.randint(20_000, 900_000), "fileType": kind,
        "fileId": f"{rnd.getrandbits(40)}",
    }  # fmt: skip
    return form | {
        "结果": "受阻" if deal.course == "stalled" else "输单",
        "阻力标签": orjson.dumps(list(deal.tags)).decode(),
        "未达标参数": deal.parameter,
        "佐证材料": orjson.dumps([attached]).decode(),
        "复盘": deal.review,
    }


def _contract(world: World, deal: Deal, at: datetime, rnd: Random) -> Approval:
    """By the lead, then the lawyer, who now and then sends it back with a reason."""
    refused = rnd.random() < 0.12
    form = {
        "合同编号": f"HT{at:%Y%m%d}-{deal.customer.code}", "客户名称": deal.customer.name, "商机名称": deal.name,
        "合同金额": str(deal.amount), "签订日期": f"{at + timedelta(days=4):%Y-%m-%d}",
    }  # fmt: skip
    remark = "付款条款与年度框架不一致，请改为到货后 45 天" if refused else ""
    steps = steps_of(world, at, (rnd.uniform(1, 8), rnd.uniform(6, 90)))
    return Approval(CONTRACT, deal.customer, at, form, steps, refused, remark=remark)


def _by_name(deal: Deal) -> str:
    return deal.name
