"""Working days of the company's calendar: public holidays, make-up days and the company's own exceptions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tongmai.formula.catalogue.date import TODAY
from tongmai.formula.catalogue.entry import Function, takes
from tongmai.formula.moment import Moment
from tongmai.formula.tree import Call
from tongmai.formula.types import NUMBER
from tongmai.kit import CalendarRangeError

MOST_WORKDAYS = 5_000
"""The most working days that may be added: 20 years."""


MOST_DAYS_APART = 36_600
"""The most days that working days are counted over: 100 years."""


def workdays_between(moment: Moment, start: date, end: date) -> Decimal | None:
    if abs((end - start).days) > MOST_DAYS_APART:
        return None
    return Decimal(moment.workdays_between(start, end))


def add_workdays(moment: Moment, day: date, count: Decimal) -> date | None:
    if abs(int(count)) > MOST_WORKDAYS:
        return None
    try:
        return moment.calendar.add(day, int(count))
    except CalendarRangeError:
        return None


def is_workday(moment: Moment, day: date) -> bool:
    return moment.calendar.is_working(day)


FUNCTIONS = (
    Function(
        "WORKDAYS_BETWEEN",
        ("工作日间隔", "工作日差"),
        "workday",
        takes("date start", "date end"),
        "number",
        zh="过了几个工作日：第一个日期之后到第二个日期为止；周五到下周一为 1，较早时为负，相隔超过 100 年为空。",
        en="Working days after the first date up to the second; Friday to Monday is 1. Blank over 100 years.",
        example="WORKDAYS_BETWEEN('2026-03-06', '2026-03-09')",
        shows="1",
        python=workdays_between,
        wants_moment=True,
        sql=lambda writer, call: writer.workdays_between(
            writer.value(call.args[0]), writer.value(call.args[1]), most_days=MOST_DAYS_APART
        ),
        cost=10,
    ),
    Function(
        "WORKDAYS_SINCE",
        ("距今工作日", "已过工作日"),
        "workday",
        takes("date value"),
        "number",
        zh="从这一天到今天过了几个工作日。",
        en="Working days from this date to today.",
        example="WORKDAYS_SINCE('2026-02-27')",
        shows="4",
        rewrites=lambda args: Call("WORKDAYS_BETWEEN", (args[0], TODAY), NUMBER),
    ),
    Function(
        "ADD_WORKDAYS",
        ("WORKDAY", "加工作日"),
        "workday",
        takes("date day", "number count"),
        "date",
        zh=f"之后第几个工作日（负数为之前，最多 {MOST_WORKDAYS}）。",
        en=f"The working day so many after the date (before, if negative; at most {MOST_WORKDAYS}).",
        example="ADD_WORKDAYS('2026-03-06', 1)",
        shows="2026-03-09",
        python=add_workdays,
        wants_moment=True,
        sql=lambda writer, call: writer.add_workdays(*call.args, most=MOST_WORKDAYS),
        cost=10,
    ),
    Function(
        "IS_WORKDAY",
        ("是工作日", "是否工作日"),
        "workday",
        takes("date day"),
        "boolean",
        zh="是否工作日（含调休）。",
        en="Whether it is a working day, make-up days included.",
        example="IS_WORKDAY('2026-10-01')",
        shows="FALSE",
        python=is_workday,
        wants_moment=True,
        sql=lambda writer, call: writer.is_workday(writer.value(call.args[0])),
        cost=5,
    ),
)
