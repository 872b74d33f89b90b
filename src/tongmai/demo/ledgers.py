"""What the company keeps in spreadsheets: checks of orders by hand, missing documents, exceptions that leads deal with,
what orders cost beside the goods.

Rows are what stands in the files; each becomes one at a moment, which is its first value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tongmai.demo.people import leads
from tongmai.demo.shelves import ENOUGH, FLAGSHIP, policy_from
from tongmai.demo.trade import Order, order_codes
from tongmai.demo.world import World

# S0-03: 6.8 checks an order; S0-01: 4.2 hours a working day of a lead.
_CHECKS = (4, 5, 6, 7, 7, 8, 8, 9)
_HOURS_OF_EXCEPTIONS = (0.9, 1.4, 1.9)
_BACK = timedelta(days=31)
_CLERK = "何会计"
_WHAT = (
    "单价与合同",
    "折扣与政策",
    "批号效期",
    "资质证照",
    "收货地址",
    "信用额度",
    "开票信息",
    "库存可用量",
    "返利冲抵",
)
_LACKING = ("合同", "签收单", "开票资料", "资质证照")
_TOPICS = {"订单异常": "数量与发货不符", "催促回款": "逾期款跟催", "核对返利": "上季度返利对账"}
Row = Mapping[str, str]


@dataclass(frozen=True)
class Ledgers:
    """By stream (the name of the file before its day) rows with the moments from which they stand there."""

    rows: Mapping[str, Sequence[tuple[datetime, Row]]]

    @staticmethod
    def of(world: World, orders: Sequence[Order]) -> Ledgers:
        recent = [
            (code, each)
            for code, each in zip(order_codes(orders), orders, strict=True)
            if not each.is_return and each.at >= world.end - _BACK
        ]
        return Ledgers(
            {
                "订单核验": sorted(_checks(world, recent), key=_moment),
                "缺单据": sorted(_documents(world, recent), key=_moment),
                "异常处理": sorted(_exceptions(world), key=_moment),
                "激励政策": [_policy(world)],
                "订单费用": sorted(_fees(world, recent), key=_moment),
            }
        )


def _checks(world: World, orders: Sequence[tuple[str, Order]]) -> Iterator[tuple[datetime, Row]]:
    for code, order in orders:
        rnd = world.dice(f"checks {code}")
        for number, what in enumerate(rnd.sample(_WHAT, rnd.choice(_CHECKS)), 1):
            at = order.at + timedelta(minutes=rnd.randint(5, 600))
            yield at, {
                "流水号": f"{code}-{number}", "订单号": code, "核验内容": what, "核验时间": _told(at), "核验人": _CLERK,
            }  # fmt: skip


def _documents(world: World, orders: Sequence[tuple[str, Order]]) -> Iterator[tuple[datetime, Row]]:
    for code, order in orders:
        rnd = world.dice(f"documents {code}")
        if rnd.random() < 0.06:
            lacking = rnd.sample(_LACKING, rnd.choice((1, 1, 2)))
            yield order.at + timedelta(hours=30), {"订单号": code, "缺少单据": ";".join(lacking)}


def _fees(world: World, orders: Sequence[tuple[str, Order]]) -> Iterator[tuple[datetime, Row]]:
    """Freight of most orders, now and then something else: S0-65."""
    for code, order in orders:
        rnd = world.dice(f"fees {code}")
        wanted = [("运费", 0.7, 0.015), ("促销", 0.12, 0.05), ("安装培训", 0.06, 0.04), ("样品", 0.08, 0.03)]
        for number, (kind, often, share) in enumerate(wanted, 1):
            if rnd.random() < often:
                amount = max(8.0, float(order.amount) * share * rnd.uniform(0.5, 1.6))
                at = order.at + timedelta(hours=rnd.uniform(20, 60))
                yield at, {
                    "流水号": f"{code}-{number}", "摘要": f"{kind} {code}", "订单号": code, "费用类型": kind,
                    "金额": f"{amount:.2f}", "记账时间": _told(at), "负责人": order.customer.seller.name,
                }  # fmt: skip


def _exceptions(world: World) -> Iterator[tuple[datetime, Row]]:
    for lead in leads():
        rnd = world.dice(f"exceptions {lead.phone}")
        own = [each for each in world.customers if each.seller.team == lead.team]
        for back in range(1, 29):
            day = (world.end - timedelta(days=back)).replace(hour=9, minute=0, second=0, microsecond=0)
            if day.weekday() > 4 or not own:
                continue
            for number, ((kind, topic), hours) in enumerate(zip(_TOPICS.items(), _HOURS_OF_EXCEPTIONS, strict=True)):
                begun = day + timedelta(hours=2.2 * number)
                ended = begun + timedelta(hours=hours * rnd.uniform(0.7, 1.3))
                yield ended, {
                    "编号": f"YC{day:%y%m%d}-{lead.phone[-2:]}-{number}", "事项": topic, "类型": kind,
                    "客户名称": rnd.choice(own).name, "开始": _told(begun), "结束": _told(ended), "处理人": lead.name,
                }  # fmt: skip


def _policy(world: World) -> tuple[datetime, Row]:
    since = policy_from(world)
    at = datetime(since.year, since.month, since.day, 9, tzinfo=world.end.tzinfo)
    return at, {"型号": FLAGSHIP, "发布日期": since.isoformat(), "充足线": str(ENOUGH)}


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _moment(row: tuple[datetime, Row]) -> datetime:
    return row[0]
