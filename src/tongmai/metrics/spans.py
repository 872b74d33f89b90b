"""The windows of a plan as parameters of its statements: each distinct one once, its edges worked out at each run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from tongmai.formula import Kind, Type
from tongmai.metrics.binding import Binder
from tongmai.metrics.windows import Bounds, Era, begun_days, bounds_of, period_before, same_period_last_year
from tongmai.model import MetricDef, PreviousPeriod, Window

Which = Literal["now", "before", "last_year"]


@dataclass(frozen=True)
class Span:
    """A window, or what it is compared with."""

    window: Window
    which: Which = "now"

    def bounds(self, era: Era) -> Bounds:
        if self.which == "now":
            return bounds_of(self.window, era)
        return period_before(self.window, era) if self.which == "before" else same_period_last_year(self.window, era)

    def days(self, era: Era) -> int:
        """The days that a rate over it is divided by."""
        at = era.a_year_before(self.window) if self.which == "last_year" else era
        return begun_days(self.window, self.bounds(era), at)


def present(metric: MetricDef) -> Span:
    return Span(metric.window)


def earlier(metric: MetricDef) -> Span:
    """What a metric with a past is compared with."""
    return Span(metric.window, "before" if isinstance(metric.comparison, PreviousPeriod) else "last_year")


class Spans:
    """Names the spans of one plan in a statement; ``prefix`` tells those of several plans apart."""

    def __init__(self, binder: Binder, prefix: str = "w") -> None:
        self._binder = binder
        self._prefix = prefix
        self._names: dict[Span, str] = {}

    def condition(self, span: Span, at: str, type_: Type) -> str:
        """That a moment (SQL of a date or timestamptz) lies in the span. A blank moment lies in none."""
        start, end = self.edges(span, type_)
        return f"{at} < {end}" if start is None else f"{at} >= {start} AND {at} < {end}"

    def edges(self, span: Span, type_: Type) -> tuple[str | None, str]:
        """Start and end as SQL, as ``condition`` compares moments of the type with them."""
        name = self._names.setdefault(span, f"{self._prefix}{len(self._names)}")
        kind = "date" if type_.kind is Kind.DATE else "timestamptz"
        end = self._binder(f"{name}.end.{kind}", kind)
        return None if span.window.kind == "all" else self._binder(f"{name}.start.{kind}", kind), end

    def days(self, span: Span) -> str:
        """The number of days that have begun, as SQL."""
        name = self._names.setdefault(span, f"{self._prefix}{len(self._names)}")
        return self._binder(f"{name}.days", "numeric")

    def given(self, era: Era) -> dict[str, object]:
        """Values for all that may have been named."""
        found: dict[str, object] = {"as_of": era.as_of, "now": era.as_of, "today": era.today}
        for span, name in self._names.items():
            bounds = span.bounds(era)
            found |= edge_values(name, bounds, era)
            if bounds.start is not None:
                found[f"{name}.days"] = span.days(era)
        return found


def edge_values(name: str, bounds: Bounds, era: Era) -> dict[str, object]:
    """The edges as instants and, for moments that are dates, as the first day at or behind them."""
    found: dict[str, object] = {
        f"{name}.end.timestamptz": bounds.end,
        f"{name}.end.date": _first_day_from(bounds.end, era),
    }
    if bounds.start is not None:
        found[f"{name}.start.timestamptz"] = bounds.start
        found[f"{name}.start.date"] = _first_day_from(bounds.start, era)
    return found


def _first_day_from(edge: datetime, era: Era) -> date:
    """The first day whose midnight is not before the edge: a date counts as its midnight."""
    local = era.at(edge).local
    return local.date() if local.time() == time() else local.date() + timedelta(days=1)
