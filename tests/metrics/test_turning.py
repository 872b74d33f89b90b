"""Filters that ask for the day, read as spans of time: what turns once is found, what may come and go is not taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.metrics.shop import CUSTOMER, LINE, ORDER, PRODUCT

from tongmai.formula import Moment, Row, compile_python, parse
from tongmai.kit import WorkingCalendar
from tongmai.metrics.turning import Filter, filter_of
from tongmai.metrics.windows import Era
from tongmai.model import Catalogue, ObjectDef, ObjectScope

SCOPE = ObjectScope(
    Catalogue(objects=tuple(ObjectDef.model_validate(each) for each in (CUSTOMER, PRODUCT, ORDER, LINE))),
    "order",
    metrics=False,
)
ZONE, CALENDAR = "Asia/Shanghai", WorkingCalendar()
# The days around National Day of 2026, with its make-up days.
ERAS = tuple(Era(datetime(2026, 9, 25, 4, tzinfo=UTC) + timedelta(days=n), ZONE, CALENDAR) for n in range(20))
ROWS = tuple({"due": due, "placed": placed, "amount": 7, "state": "open", "closed": None}
             for due in (None, date(2026, 9, 30), date(2026, 10, 10))
             for placed in (None, datetime(2026, 10, 3, 17, tzinfo=UTC)))  # fmt: skip


def read(where: str) -> Filter | None:
    return filter_of(parse(where, SCOPE).tree)


def holding(where: str, row: Row) -> list[bool]:
    """At each moment, by the formula itself."""
    evaluate = compile_python(parse(where, SCOPE).tree)
    moments = (Moment(era.as_of, ZONE, CALENDAR) for era in ERAS)
    return [evaluate(row, moment) is True for moment in moments]


def standing(found: Filter, row: Row) -> list[bool]:
    """At each moment, by the steps at which the turns come."""
    moment = Moment(ERAS[0].as_of, ZONE, CALENDAR)
    lasts = found.lasting is None or compile_python(found.lasting)(row, moment) is True
    steps = [(turn.rises, int(compile_python(turn.step(ERAS))(row, moment))) for turn in found.turns]
    return [lasts and all((n >= step) is rises for rises, step in steps) for n in range(len(ERAS))]


@pytest.mark.parametrize("where", [
    "due < TODAY()",
    "due >= TODAY() - 5 AND amount > 3",
    "DATE(placed) = ADD_DAYS(TODAY(), -1)",
    "due BETWEEN TODAY() - 3 AND ADD_WORKDAYS(TODAY(), 2) AND NOT state = 'paid'",
    "DAYS_SINCE(due) > 4 OR WORKDAYS_SINCE(placed) >= 2",
    "NOT placed < START_OF(TODAY(), 'month')",
    "-DAYS_UNTIL(due) * 2 >= 6 AND state = 'paid'",
    "HOURS_BETWEEN(placed, DATETIME(TODAY())) / 24 > 2",
])  # fmt: skip
def test_what_turns_once_is_the_formula_at_every_moment(where: str) -> None:
    found = read(where)
    assert found is not None
    assert found.turns
    for row in ROWS:
        assert standing(found, row) == holding(where, row), row


@pytest.mark.parametrize("where", [
    "MONTH(placed) = MONTH(TODAY())",
    "WEEKDAY(TODAY()) = 1",
    "due < TODAY() OR due > TODAY() + 7",
    "due != TODAY()",
    "amount * DAYS_SINCE(due) > 9",
    "TODAY() - 1 = TODAY() - 1",
])  # fmt: skip
def test_what_may_come_and_go_is_left_to_each_moment(where: str) -> None:
    assert read(where) is None


def test_a_filter_without_the_day_is_left_as_it_is() -> None:
    tree = parse("amount > 3 AND state = 'open'", SCOPE).tree
    assert filter_of(tree) == Filter(tree)
    assert filter_of(None) == Filter(None)
