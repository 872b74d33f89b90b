"""A company's own days off and make-up days, beside the public holidays."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator

from tongmai.kit import WorkingCalendar
from tongmai.model.basis import Definition


def _in_order(days: tuple[date, ...]) -> tuple[date, ...]:
    return tuple(sorted(set(days)))


Days = Annotated[tuple[date, ...], AfterValidator(_in_order)]


class CalendarDef(Definition):
    """Exceptions that win over the public calendar, wherever working days are counted. A day counts once."""

    closed: Days = ()
    open: Days = ()

    @cached_property
    def working(self) -> WorkingCalendar:
        return WorkingCalendar(frozenset(self.closed), frozenset(self.open))
