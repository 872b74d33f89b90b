"""Metrics and segments as frozen values: a named calculation per record, and the decision table that classes records.

A metric measures rows of its ``source`` that belong to a record of its ``object`` and becomes a field of the object
(``model.metric_fields``). Its key is unique in the workspace, its label among the object's fields.

Formulas of a metric are written over the source; they see stored and formula fields, not other metrics, and no
``NOW()``: the window says which time counts, ``TODAY()`` is the day of evaluation. What is made of metrics is a ratio
of two or a derived one, whose formula is over the record itself.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from tongmai.kit import Text
from tongmai.model.basis import Definition, Key, Label
from tongmai.model.rule_definitions import RuleAction

Formula = Annotated[str, Field(min_length=1, max_length=10_000)]
# Shorter than other keys and without `__`: `<key>__base` is a key too, and the companion table's columns are named so.
MetricKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=34)]
# A column of the metric's companion table; `duration` is in seconds.
ValueKind = Literal["number", "duration", "text", "date", "datetime"]
# Its field since when is `<key>__since`, a key too.
SegmentKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=33)]
RelationPath = Annotated[str, Field(max_length=200, pattern=r"^([a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*)?$")]
Days = Annotated[int, Field(ge=1, le=3660)]


class Count(Definition):
    """How many rows; 0 of none."""

    kind: Literal["count"] = "count"


class Sum(Definition):
    """0 of none."""

    kind: Literal["sum"] = "sum"
    value: Formula


class Minimum(Definition):
    kind: Literal["min"] = "min"
    value: Formula


class Maximum(Definition):
    kind: Literal["max"] = "max"
    value: Formula


class Average(Definition):
    """Of the rows that have a value; no value of none."""

    kind: Literal["average"] = "average"
    value: Formula


class Distinct(Definition):
    """How many different values."""

    kind: Literal["distinct"] = "distinct"
    value: Formula


class Last(Definition):
    """The value of the latest row (of equal moments the one made later)."""

    kind: Literal["last"] = "last"
    value: Formula


class Percentile(Definition):
    """The smallest value that at least the share ``p`` of the rows do not exceed (discrete, hence exact)."""

    kind: Literal["percentile"] = "percentile"
    value: Formula
    p: Decimal = Field(gt=0, le=1)


class Ratio(Definition):
    """One metric of the object over another; no value where the denominator is 0."""

    kind: Literal["ratio"] = "ratio"
    numerator: Key
    denominator: Key


class Rate(Definition):
    """Rows per day, week (7 days) or month (30 days) of the window; only days that have begun count, today included."""

    kind: Literal["rate"] = "rate"
    per: Literal["day", "week", "month"]


class DaysSince(Definition):
    """Calendar days in the workspace's zone from the last row's moment to today; no value without a row."""

    kind: Literal["days_since"] = "days_since"


class Share(Definition):
    """The record's sum over that of all records, or of those whose owners are in the same team."""

    kind: Literal["share"] = "share"
    value: Formula
    of: Literal["all", "team"] = "all"


class Duration(Definition):
    """The time from ``start`` to ``end``, over rows that have both."""

    kind: Literal["duration"] = "duration"
    start: Formula
    end: Formula
    statistic: Literal["average", "median", "min", "max", "sum"] = "average"


class UpdateRate(Definition):
    """The share of the listed fields of the record itself that were changed in the window, from its history."""

    kind: Literal["update_rate"] = "update_rate"
    fields: tuple[Key, ...] = Field(min_length=1, max_length=50)


class Derived(Definition):
    """A formula over the record's own metrics and fields, ``NOW()`` and ``TODAY()`` too.

    There is no value, with the reason, where a metric that it reads has none (unless the formula itself asks whether
    that is blank, or says what to take then), where it divides by 0, and where the formula gives blank.
    """

    kind: Literal["formula"] = "formula"
    formula: Formula


Measure: TypeAlias = Annotated[
    Count
    | Sum
    | Minimum
    | Maximum
    | Average
    | Distinct
    | Last
    | Percentile
    | Ratio
    | Rate
    | DaysSince
    | Share
    | Duration
    | UpdateRate
    | Derived,
    Field(discriminator="kind"),
]


class Always(Definition):
    """Everything up to the moment of evaluation."""

    kind: Literal["all"] = "all"


class Rolling(Definition):
    """The last ``days`` days, to the second."""

    kind: Literal["rolling"] = "rolling"
    days: Days


class RollingWorking(Definition):
    """The last ``days`` working days; a weekend or holiday adds nothing, a make-up working day counts."""

    kind: Literal["rolling_working"] = "rolling_working"
    days: Days


class CalendarPeriod(Definition):
    """This week (from Monday), month, quarter or year up to now, or the whole one ``back`` periods ago."""

    kind: Literal["calendar"] = "calendar"
    unit: Literal["week", "month", "quarter", "year"]
    back: Annotated[int, Field(ge=0, le=520)] = 0


class Since(Definition):
    """From the beginning of a day (a go-live) up to now."""

    kind: Literal["since"] = "since"
    date: date


class FiscalPeriod(Definition):
    """As ``calendar``, with a year that begins on the first of ``first_month``."""

    kind: Literal["fiscal"] = "fiscal"
    unit: Literal["quarter", "year"]
    first_month: int = Field(ge=1, le=12)
    back: Annotated[int, Field(ge=0, le=40)] = 0


Window: TypeAlias = Annotated[
    Always | Rolling | RollingWorking | CalendarPeriod | Since | FiscalPeriod, Field(discriminator="kind")
]


class NoComparison(Definition):
    kind: Literal["none"] = "none"


class PreviousPeriod(Definition):
    """The same measure over the window before."""

    kind: Literal["previous_period"] = "previous_period"


class SamePeriodLastYear(Definition):
    kind: Literal["same_period_last_year"] = "same_period_last_year"


class TeamMean(Definition):
    """The mean over the records whose owners are in the same team."""

    kind: Literal["team_mean"] = "team_mean"


class Benchmark(Definition):
    """A formula over the record, such as a table by level written with IF."""

    kind: Literal["benchmark"] = "benchmark"
    value: Formula


Comparison: TypeAlias = Annotated[
    NoComparison | PreviousPeriod | SamePeriodLastYear | TeamMean | Benchmark, Field(discriminator="kind")
]


class MetricDef(Definition):
    """A calculation for each record of ``object`` over the rows of ``source`` that ``path`` leads from.

    ``path`` is dotted relation keys from the source to the object, empty where the source is the object. ``where``
    chooses the rows, ``at`` is each row's moment (a row without one is in no window). ``gives`` says what ``last``,
    ``min`` and ``max`` give where it is no number. A comparison is the further field ``<key>__base``. ``decimals``
    rounds half away from zero. ``purpose`` tells whether people are judged by it (AMB-16).
    """

    key: MetricKey
    label: Label
    description: Label | None = None
    object: Key
    source: Key
    path: RelationPath = ""
    where: Formula | None = None
    at: Formula = "created_at"
    measure: Measure
    window: Window = Always()
    comparison: Comparison = NoComparison()
    gives: ValueKind = "number"
    unit: Label | None = None
    decimals: Annotated[int | None, Field(ge=0, le=10)] = None
    purpose: Literal["diagnostic", "assessed"] = "diagnostic"

    @property
    def hops(self) -> tuple[str, ...]:
        """The relation keys of ``path``."""
        return tuple(self.path.split(".")) if self.path else ()

    @property
    def value_kind(self) -> ValueKind:
        """What the metric's values are."""
        return "duration" if isinstance(self.measure, Duration) else self.gives


class SegmentClass(Definition):
    """A row of the table: the class of records for which ``when`` holds and no row above did.

    Without ``when`` it takes what is left. A record stays in it while ``leave_when``, if given, does not hold
    (hysteresis).
    """

    key: Key
    label: Label
    colour: Literal["red", "yellow", "green", "grey", "blue"] = "grey"
    when: Formula | None = None
    leave_when: Formula | None = None
    on_entry: Annotated[tuple[RuleAction, ...], Field(max_length=20)] = ()


class SegmentDef(Definition):
    """An ordered decision table over an object's fields and metrics. ``minimum_stay`` is in days.

    The class of a record is a field of the object (``model.metric_fields``), so key and label are those of a field.
    """

    key: SegmentKey
    label: Label
    description: Label | None = None
    object: Key
    classes: tuple[SegmentClass, ...] = Field(min_length=1, max_length=30)
    minimum_stay: Annotated[int, Field(ge=0, le=365)] = 0

    @property
    def otherwise(self) -> Text | None:
        """The label of the class that takes what no formula took, if there is one."""
        return next((each.label for each in self.classes if each.when is None), None)
