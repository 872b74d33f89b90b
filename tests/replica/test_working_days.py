"""A company's own working days hold in Python, PostgreSQL and DuckDB alike, from the change of the model on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.replica.desk import Desk

from tongmai.formula import Moment, compile_python, parse
from tongmai.kit import WorkingCalendar
from tongmai.model import CalendarDef, ChangeCalendar, Changeset, ObjectScope

_DAYS = [date(2026, 9, 24) + timedelta(days=n) for n in range(24)]  # the Mid-Autumn and National Day holidays
_NEAR = st.dates(date(2026, 9, 15), date(2026, 10, 25))
_FORMULAS = {
    "between": "WORKDAYS_BETWEEN('2026-09-20', closes)",
    "back": "WORKDAYS_BETWEEN(closes, '2026-10-01')",
    "later": "WORKDAYS_BETWEEN('2026-09-20', ADD_WORKDAYS(closes, 3))",
    "earlier": "WORKDAYS_BETWEEN('2026-09-20', ADD_WORKDAYS(closes, -2))",
    "working": "IF(IS_WORKDAY(closes), 1, 0)",
}


@st.composite
def _calendars(draw: st.DrawFn) -> CalendarDef:
    closed = draw(st.frozensets(_NEAR, max_size=8))
    opened = draw(st.frozensets(_NEAR, max_size=8)) - closed
    return CalendarDef(closed=tuple(sorted(closed)), open=tuple(sorted(opened)))


async def _set(desk: Desk, calendar: CalendarDef) -> None:
    company = desk.company
    present = company.catalogues.peek(company.workspace)
    if present is None or present.calendar == calendar:  # to change nothing is refused
        return
    await company.editor.apply(company.workspace, Changeset(actions=(ChangeCalendar(after=calendar),)), None)


def _in_python(desk: Desk, calendar: WorkingCalendar) -> dict[str, dict[str, Any]]:
    catalogue = desk.company.catalogues.peek(desk.company.workspace)
    assert catalogue is not None
    scope, moment = ObjectScope(catalogue, "deal"), Moment(datetime.now().astimezone(), "Asia/Shanghai", calendar)
    made = {name: compile_python(parse(text, scope).tree) for name, text in _FORMULAS.items()}
    return {day.isoformat(): {name: each({"closes": day}, moment) for name, each in made.items()} for day in _DAYS}


async def _asked(desk: Desk) -> list[dict[str, dict[str, Any]]]:
    measures = {name: {"function": "max", "of": text} for name, text in _FORMULAS.items()}
    both = await desk.both(object="deal", group_by=["closes"], measures=measures)
    return [{row["closes"]: {name: row[name] for name in _FORMULAS} for row in rows} for rows in both]


# The company goes on from example to example: none can be made smaller afterwards.
@settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate)
)
@given(_calendars())
async def test_every_engine_counts_the_companys_own_days(desk: Desk, calendar: CalendarDef) -> None:
    if not await desk.company.names("deal"):
        for day in _DAYS:
            await desk.company.make("deal", title=day.isoformat(), closes=day.isoformat())
    await _set(desk, calendar)
    await desk.bring_up()
    duck, postgres = await _asked(desk)
    assert duck == postgres == _in_python(desk, calendar.working)


async def test_a_day_is_closed_from_the_change_on_until_it_is_taken_back(desk: Desk) -> None:
    company = desk.company
    await company.make("deal", title="一", closes="2026-03-10")
    two = "WORKDAYS_BETWEEN('2026-03-06', closes) = 2"
    assert await company.names("deal", filter=two) == ["一"]
    closed = Changeset(actions=(ChangeCalendar(after=CalendarDef(closed=(date(2026, 3, 9),))),))
    applied = await company.editor.apply(company.workspace, closed, None)
    assert await company.names("deal", filter=two) == []
    await company.editor.undo(company.workspace, applied.id, None)
    assert await company.names("deal", filter=two) == ["一"]
