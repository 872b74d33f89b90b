"""Dates and times. A date has no zone; a moment is an instant and is read in the workspace's zone."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlglot import exp

from tongmai.formula.catalogue.entry import Function, SqlBuilder, takes
from tongmai.formula.moment import Moment
from tongmai.formula.numbers import EXACT, divide, in_range
from tongmai.formula.spans import date_from_ordinal, in_span, seconds_of, to_micros
from tongmai.formula.tree import Call, Literal, Param, Tree
from tongmai.formula.types import DATE, DATETIME, DURATION, NUMBER, TEXT

if TYPE_CHECKING:
    from tongmai.formula.sql.writer import SqlWriter

TODAY = Param("today", DATE)
NOW = Param("now", DATETIME)
UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
MOST_MONTHS = 12_000


def local_date(moment: Moment, instant: datetime) -> date:
    return moment.local(instant).date()


def moment_of(
    moment: Moment, day: date, hour: Decimal = Decimal(0), minute: Decimal = Decimal(0), second: Decimal = Decimal(0)
) -> datetime | None:
    """The instant of a local day and time; parts out of their range give blank."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return None
    local = datetime(day.year, day.month, day.day, int(hour), int(minute), int(second))  # noqa: DTZ001 - a wall clock
    try:
        return in_span(moment.instant(local))
    except OverflowError:
        return None


def make_date(year: Decimal, month: Decimal, day: Decimal) -> date | None:
    try:
        return date(int(year), int(month), int(day)) if year >= 1 and month >= 1 and day >= 1 else None
    except (ValueError, OverflowError):
        return None


def add_months(day: date, count: Decimal) -> date | None:
    """The same day of a later month; its last day where it is shorter."""
    if abs(int(count)) > MOST_MONTHS:
        return None
    months = day.year * 12 + day.month - 1 + int(count)
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        return None
    return in_span(date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1])))


def start_of(day: date, period: str) -> date:
    if period == "week":
        return date_from_ordinal(day.toordinal() - day.weekday()) or day
    month = {"day": day.month, "month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[period]
    return date(day.year, month, day.day if period == "day" else 1)


def end_of(day: date, period: str) -> date:
    if period == "day":
        return day
    if period == "week":
        return date_from_ordinal(day.toordinal() - day.weekday() + 6) or day
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 3, "year": 12}[period]
    return date(day.year, month, calendar.monthrange(day.year, month)[1])


def months_between(start: date, end: date) -> Decimal:
    """Whole months from start to end: how often the day of the month came round."""
    if end < start:
        return -months_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    is_short = end.day < min(start.day, calendar.monthrange(end.year, end.month)[1])
    return Decimal(months - is_short)


def hours_between(start: datetime, end: datetime) -> Decimal | None:
    return divide(seconds_of(end - start), 3_600)


def duration(count: Decimal, unit: str) -> Decimal | None:
    seconds = in_range(EXACT.multiply(Decimal(count), Decimal(UNIT_SECONDS[unit])))
    return None if seconds is None else to_micros(seconds)


def _hours_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    start, end = (writer.value(arg) for arg in call.args)
    return writer.quotient(writer.seconds_between(start, end), writer.decimal(Decimal(3600)))


def _duration_sql(writer: SqlWriter, call: Call) -> exp.Expression:
    count, unit = call.args
    assert isinstance(unit, Literal)
    seconds = writer.decimal(Decimal(UNIT_SECONDS[str(unit.value)]))
    return writer.to_micros(writer.product(writer.number(count), seconds))


def _period_sql(at_end: bool) -> SqlBuilder:
    def build(writer: SqlWriter, call: Call) -> exp.Expression:
        period = call.args[1]
        assert isinstance(period, Literal)
        return writer.period_edge(writer.value(call.args[0]), str(period.value), at_end)

    return build


def _in_unit(seconds: int) -> Callable[[tuple[Tree, ...]], Tree]:
    return lambda args: Call("/", (args[0], Literal(Decimal(seconds), DURATION)), NUMBER)


def _days_between(args: tuple[Tree, ...]) -> Tree:
    return Call("-", (args[1], args[0]), NUMBER)


FUNCTIONS = (
    Function(
        "TODAY",
        ("今天", "今日"),
        "date",
        (),
        "date",
        zh="今天的日期（工作区时区）。",
        en="Today's date in the workspace's zone.",
        example="TODAY()",
        shows="2026-03-04",
        rewrites=lambda args: TODAY,
    ),
    Function(
        "NOW",
        ("现在", "此刻"),
        "date",
        (),
        "datetime",
        zh="现在的时刻。",
        en="The present moment.",
        example="NOW()",
        shows="2026-03-04 10:30",
        rewrites=lambda args: NOW,
    ),
    Function(
        "DATE",
        ("取日期", "日期"),
        "date",
        takes("date value"),
        "date",
        zh="日期时间在工作区时区里的日期。",
        en="The date of a moment in the workspace's zone.",
        example="DATE(NOW())",
        shows="2026-03-04",
        python=local_date,
        wants_moment=True,
        rewrites=lambda args: args[0],
        sql=lambda writer, call: writer.local_date(writer.value(call.args[0])),
    ),
    Function(
        "MAKE_DATE",
        ("生成日期",),
        "date",
        takes("number year", "number month", "number day"),
        "date",
        zh="由年、月、日组成日期；没有这一天则为空。",
        en="A date of year, month and day; blank if there is no such day.",
        example="MAKE_DATE(2026, 2, 28)",
        shows="2026-02-28",
        python=make_date,
        sql=lambda writer, call: writer.make_date(*call.args),
    ),
    Function(
        "DATETIME",
        ("日期时间",),
        "date",
        takes("date day", "number hour?", "number minute?", "number second?"),
        "datetime",
        zh="某天某时某分的时刻（工作区时区），省略时分即当天零点。",
        en="The moment of a day and time in the workspace's zone; midnight if no time is given.",
        example="DATETIME(TODAY(), 8, 30)",
        shows="2026-03-04 08:30",
        python=moment_of,
        wants_moment=True,
        sql=lambda writer, call: writer.moment_of(call.args),
    ),
    Function(
        "YEAR",
        ("年", "年份"),
        "date",
        takes("date value"),
        "number",
        zh="年份。",
        en="The year.",
        example="YEAR(TODAY())",
        shows="2026",
        python=lambda day: Decimal(day.year),
        sql="EXTRACT(YEAR FROM {0})",
    ),
    Function(
        "QUARTER",
        ("季度", "季"),
        "date",
        takes("date value"),
        "number",
        zh="第几季度。",
        en="The quarter, 1 to 4.",
        example="QUARTER(TODAY())",
        shows="1",
        python=lambda day: Decimal((day.month + 2) // 3),
        sql="EXTRACT(QUARTER FROM {0})",
    ),
    Function(
        "MONTH",
        ("月", "月份"),
        "date",
        takes("date value"),
        "number",
        zh="月份。",
        en="The month, 1 to 12.",
        example="MONTH(TODAY())",
        shows="3",
        python=lambda day: Decimal(day.month),
        sql="EXTRACT(MONTH FROM {0})",
    ),
    Function(
        "DAY",
        ("几号",),
        "date",
        takes("date value"),
        "number",
        zh="几号。",
        en="The day of the month.",
        example="DAY(TODAY())",
        shows="4",
        python=lambda day: Decimal(day.day),
        sql="EXTRACT(DAY FROM {0})",
    ),
    Function(
        "WEEKDAY",
        ("星期几",),
        "date",
        takes("date value"),
        "number",
        zh="星期几：星期一为 1，星期日为 7。",
        en="The day of the week: Monday is 1, Sunday 7.",
        example="WEEKDAY(TODAY())",
        shows="3",
        python=lambda day: Decimal(day.isoweekday()),
        sql="EXTRACT(ISODOW FROM {0})",
        spark="(WEEKDAY({0}) + 1)",
    ),
    Function(
        "WEEK",
        ("第几周", "周数"),
        "date",
        takes("date value"),
        "number",
        zh="一年中的第几周（ISO 8601，周一开始）。",
        en="The ISO 8601 week of the year.",
        example="WEEK(TODAY())",
        shows="10",
        python=lambda day: Decimal(day.isocalendar().week),
        sql="EXTRACT(WEEK FROM {0})",
    ),
    Function(
        "HOUR",
        ("时", "小时"),
        "date",
        takes("datetime value"),
        "number",
        zh="几点（0–23，工作区时区）。",
        en="The hour, 0 to 23, in the workspace's zone.",
        example="HOUR(NOW())",
        shows="10",
        python=lambda moment, instant: Decimal(moment.local(instant).hour),
        wants_moment=True,
        sql=lambda writer, call: writer.template("EXTRACT(HOUR FROM {0})", writer.local(writer.value(call.args[0]))),
    ),
    Function(
        "MINUTE",
        ("分", "分钟"),
        "date",
        takes("datetime value"),
        "number",
        zh="几分（0–59）。",
        en="The minute, 0 to 59.",
        example="MINUTE(NOW())",
        shows="30",
        python=lambda moment, instant: Decimal(moment.local(instant).minute),
        wants_moment=True,
        sql=lambda writer, call: writer.template("EXTRACT(MINUTE FROM {0})", writer.local(writer.value(call.args[0]))),
    ),
    Function(
        "DAYS_BETWEEN",
        ("天数差", "相差天数", "日期间隔"),
        "date",
        takes("date start", "date end"),
        "number",
        zh="从第一个日期到第二个日期的天数，较早时为负。",
        en="Days from the first date to the second; negative if it is earlier.",
        example="DAYS_BETWEEN('2026-02-28', '2026-03-01')",
        shows="1",
        rewrites=_days_between,
    ),
    Function(
        "DAYS_SINCE",
        ("距今天数", "已过天数"),
        "date",
        takes("date value"),
        "number",
        zh="从这一天到今天的天数。",
        en="Days from this date to today.",
        example="DAYS_SINCE('2026-03-01')",
        shows="3",
        rewrites=lambda args: Call("-", (TODAY, args[0]), NUMBER),
    ),
    Function(
        "DAYS_UNTIL",
        ("还剩天数", "剩余天数"),
        "date",
        takes("date value"),
        "number",
        zh="从今天到这一天的天数。",
        en="Days from today to this date.",
        example="DAYS_UNTIL('2026-03-10')",
        shows="6",
        rewrites=lambda args: Call("-", (args[0], TODAY), NUMBER),
    ),
    Function(
        "HOURS_BETWEEN",
        ("小时差", "相差小时"),
        "date",
        takes("datetime start", "datetime end"),
        "number",
        zh="从第一个时刻到第二个时刻的小时数，可带小数。",
        en="Hours from the first moment to the second, with decimals.",
        example="HOURS_BETWEEN(DATETIME(TODAY(), 9), NOW())",
        shows="1.5",
        python=hours_between,
        sql=_hours_sql,
    ),
    Function(
        "HOURS_SINCE",
        ("距今小时数", "已过小时"),
        "date",
        takes("datetime value"),
        "number",
        zh="从这一时刻到现在的小时数。",
        en="Hours from this moment to now.",
        example="HOURS_SINCE(DATETIME(TODAY(), 9))",
        shows="1.5",
        rewrites=lambda args: Call("HOURS_BETWEEN", (args[0], NOW), NUMBER),
    ),
    Function(
        "MONTHS_BETWEEN",
        ("月数差", "相差月数"),
        "date",
        takes("date start", "date end"),
        "number",
        zh="满几个月；较早时为负。",
        en="Whole months from the first date to the second; negative if it is earlier.",
        example="MONTHS_BETWEEN('2026-01-31', '2026-02-28')",
        shows="1",
        python=months_between,
        sql=lambda writer, call: writer.months_between(*(writer.value(arg) for arg in call.args)),
    ),
    Function(
        "ADD_DAYS",
        ("加天", "加天数"),
        "date",
        takes("date day", "number count"),
        "date",
        zh="几天以后的日期；同 日期 + 天数。",
        en="The date so many days later; as date + days.",
        example="ADD_DAYS('2026-02-28', 1)",
        shows="2026-03-01",
        rewrites=lambda args: Call("+", args, DATE),
    ),
    Function(
        "ADD_MONTHS",
        ("EDATE", "加月", "加月数"),
        "date",
        takes("date day", "number count"),
        "date",
        zh="几个月以后的同一天；那个月没有这一天时取月末。",
        en="The same day so many months later; the month's last day where it is shorter.",
        example="ADD_MONTHS('2026-01-31', 1)",
        shows="2026-02-28",
        python=add_months,
        sql=lambda writer, call: writer.add_months(*call.args),
    ),
    Function(
        "END_OF_MONTH",
        ("EOMONTH", "月末"),
        "date",
        takes("date day"),
        "date",
        zh="当月最后一天。",
        en="The last day of the month.",
        example="END_OF_MONTH('2026-02-03')",
        shows="2026-02-28",
        rewrites=lambda args: Call("END_OF", (args[0], Literal("month", TEXT)), DATE),
    ),
    Function(
        "START_OF",
        ("期初", "周期开始"),
        "date",
        takes("date day", "word:period period"),
        "date",
        zh="所在的周（周一）、月、季度或年的第一天。",
        en="The first day of its week (Monday), month, quarter or year.",
        example="START_OF('2026-03-04', '季度')",
        shows="2026-01-01",
        python=start_of,
        sql=_period_sql(False),
    ),
    Function(
        "END_OF",
        ("期末", "周期结束"),
        "date",
        takes("date day", "word:period period"),
        "date",
        zh="所在的周（周日）、月、季度或年的最后一天。",
        en="The last day of its week (Sunday), month, quarter or year.",
        example="END_OF('2026-03-04', 'month')",
        shows="2026-03-31",
        python=end_of,
        sql=_period_sql(True),
    ),
    Function(
        "DURATION",
        ("时长",),
        "date",
        takes("number count", "word:unit unit"),
        "duration",
        zh="由数字得到时长；写定的数可直接写 3天、48小时。",
        en="A duration out of a number; constants are written 3d, 48h.",
        example="NOW() + DURATION(2, '小时')",
        shows="2026-03-04 12:30",
        python=duration,
        sql=_duration_sql,
    ),
    Function(
        "IN_DAYS",
        ("时长天数",),
        "date",
        takes("duration value"),
        "number",
        zh="时长有多少天。",
        en="A duration in days.",
        example="IN_DAYS(36小时)",
        shows="1.5",
        rewrites=_in_unit(86_400),
    ),
    Function(
        "IN_HOURS",
        ("时长小时数",),
        "date",
        takes("duration value"),
        "number",
        zh="时长有多少小时。",
        en="A duration in hours.",
        example="IN_HOURS(90分钟)",
        shows="1.5",
        rewrites=_in_unit(3_600),
    ),
    Function(
        "IN_MINUTES",
        ("时长分钟数",),
        "date",
        takes("duration value"),
        "number",
        zh="时长有多少分钟。",
        en="A duration in minutes.",
        example="IN_MINUTES(1小时)",
        shows="60",
        rewrites=_in_unit(60),
    ),
)
