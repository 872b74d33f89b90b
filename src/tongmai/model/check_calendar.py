"""Whether a company's own working days make sense."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tongmai.kit import Fault
from tongmai.model.calendar_definition import CalendarDef
from tongmai.model.fault_at import Place, fault

# The years that statements in SQL know working days of.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2050, 12, 31)
MOST_DAYS = 2000


def check_calendar(calendar: CalendarDef) -> Iterator[Fault]:
    place = Place("calendar")
    for name, days in (("closed", calendar.closed), ("open", calendar.open)):
        if len(days) > MOST_DAYS:
            yield fault(
                "calendar.too_many",
                place / name,
                f"最多 {MOST_DAYS} 天，现有 {len(days)} 天",
                f"at most {MOST_DAYS} days, there are {len(days)}",
            )
        for day in days:
            if not FIRST_DAY <= day <= LAST_DAY:
                yield fault(
                    "calendar.out_of_range",
                    place / name,
                    f"{day} 不在 {FIRST_DAY.year} 到 {LAST_DAY.year} 年之间",
                    f"{day} is not within the years {FIRST_DAY.year} to {LAST_DAY.year}",
                )
    for day in sorted(set(calendar.closed) & set(calendar.open)):
        yield fault(
            "calendar.both",
            place,
            f"{day} 同时是休息日和工作日",
            f"{day} is both closed and open",
            "请只保留其中一项",
            "leave it in one of the two",
        )
