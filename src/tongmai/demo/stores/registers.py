"""The registers that the stores keep, as rows with the moments from which they stand there: a row that changes comes
again with its new values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from tongmai.demo.ledgers import Row
from tongmai.demo.stores.chain import Campaign, Chain
from tongmai.demo.stores.rounds import demand_rows, policy_row, shelf_rows, visit_rows
from tongmai.demo.stores.till import Sale, Timed, told
from tongmai.demo.stores.visitors import SEATS, Lesson, Visitor

# A timetable comes out so long before its classes; a gift is handed out so long after the sale, to most.
_TIMETABLE, _GIFT, _GIVEN = timedelta(days=14), timedelta(days=3), 0.85


def register_rows(
    chain: Chain, visitors: Sequence[Visitor], lessons: Sequence[Lesson], sales: Sequence[Sale]
) -> dict[str, list[Timed]]:
    """By stream, the earliest first."""
    found = {
        "活动": [(chain.start, _campaign(each)) for each in chain.campaigns],
        "咨询登记": [row for each in visitors for row in _enquiry(each)],
        "体验课表": [(each.starts - _TIMETABLE, _lesson(each)) for each in lessons],
        "体验预约": [row for each in visitors for row in _booking(each)],
        "赠课登记": [row for each in sales for row in _gift(chain, each)],
        "激励政策": [policy_row(chain)],
        "陈列检查": shelf_rows(chain),
        "巡店记录": visit_rows(chain),
        "门店需求": demand_rows(chain),
    }
    return {name: sorted(rows, key=lambda each: each[0]) for name, rows in found.items()}


def _campaign(campaign: Campaign) -> Row:
    cost = 6_000 + 800 * (campaign.ends - campaign.begins).days
    return {
        "活动名称": campaign.name, "开始日期": campaign.begins.isoformat(), "结束日期": campaign.ends.isoformat(),
        "老带新赠课包": campaign.gift, "投入": str(cost),
    }  # fmt: skip


def _enquiry(visitor: Visitor) -> Iterator[Timed]:
    """Of those who come over WeCom the register has nothing before somebody talked to them."""
    steps = visitor.steps[1:] if visitor.external else visitor.steps
    for at in steps:
        yield at, _known(visitor, at)


def _known(visitor: Visitor, at: datetime) -> Row:
    """What stands in the register at a moment."""

    def until_then(moment: datetime | None) -> str:
        return told(moment) if moment is not None and moment <= at else ""

    lost = visitor.lost is not None and visitor.lost <= at
    return {
        "手机号": visitor.mobile, "称呼": visitor.name, "门店编号": visitor.store.number, "来源": visitor.source,
        "想了解": visitor.wants.code, "顾问": visitor.seller.name, "咨询时间": told(visitor.asked),
        "首次联系时间": until_then(visitor.contacted), "约课时间": until_then(visitor.booked),
        "到课时间": until_then(visitor.noted) if visitor.came else "", "成交时间": until_then(visitor.enrolled),
        "未成交原因": visitor.reason if lost else "",
    }  # fmt: skip


def _lesson(lesson: Lesson) -> Row:
    return {
        "课名": lesson.name, "门店编号": lesson.store.number, "课程编码": lesson.course.code,
        "开始时间": told(lesson.starts), "名额": str(SEATS), "老师": lesson.teacher.name,
    }  # fmt: skip


def _booking(visitor: Visitor) -> Iterator[Timed]:
    """As it was booked, and again when it was noted whether he came."""
    if visitor.booked is None or visitor.lesson is None:
        return
    row = {
        "预约号": f"Y{visitor.code}", "手机号": visitor.mobile, "课名": visitor.lesson.name,
        "约课时间": told(visitor.booked), "情况": "已约", "顾问": visitor.seller.name,
    }  # fmt: skip
    yield visitor.booked, row
    if visitor.noted is not None:
        yield visitor.noted, {**row, "情况": "已到课" if visitor.came else "没来"}


def _gift(chain: Chain, sale: Sale) -> Iterator[Timed]:
    """Noted by the system itself from the sale on; the register has those that were handed out."""
    if sale.visitor is None or not sale.visitor.referrer:
        return
    row = {
        "流水号": sale.number, "推荐人手机号": sale.visitor.referrer, "门店编号": sale.store.number,
        "赠品": sale.campaign.gift if sale.campaign else "赠课包", "情况": "待赠送", "赠送时间": "",
        "顾问": sale.seller.name,
    }  # fmt: skip
    rnd = chain.dice(f"gift {sale.number}")
    yield sale.at + timedelta(hours=20), row
    if rnd.random() < _GIVEN:
        given = sale.at + _GIFT * (0.5 + rnd.random())
        yield given, {**row, "情况": "已赠送", "赠送时间": told(given)}
