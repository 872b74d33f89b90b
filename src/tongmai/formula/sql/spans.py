"""Dates, moments and durations in SQL: arithmetic, parts, zones. What leaves the range of dates is blank."""

from __future__ import annotations

from sqlglot import exp

from tongmai.formula.moment import has_clear_midnights
from tongmai.formula.spans import MOST_DAYS, MOST_SECONDS
from tongmai.formula.sql.decimals import DecimalForms
from tongmai.formula.tree import Call, FieldRef, Literal, Param, Tree, walk
from tongmai.formula.types import Kind

_N, _D, _T, _U = Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.DURATION
_MOST_MONTHS = 12_000
_PRESENT = frozenset({"now", "today"})
_DAY_TESTS = {
    "<": "{0} < {1}",
    ">=": "{0} >= {1}",
    "<=": "{0} < {2}",
    ">": "{0} >= {2}",
    "=": "({0} >= {1} AND {0} < {2})",
}
"""Tests of a moment's date by where its day begins ({1}) and the next one ({2})."""


def _is_never_blank(day: Tree) -> bool:
    if isinstance(day, Call):
        return day.function == "DATE" and _is_never_blank(day.args[0])
    return (isinstance(day, Literal) and day.value is not None) or (isinstance(day, Param) and day.name in _PRESENT)


class SpanForms(DecimalForms):
    def span_arithmetic(self, tree: Call) -> exp.Expression:
        """Sums and differences with dates or moments; products and quotients of durations."""
        left, right = tree.args
        sign, kinds = tree.function, (left.type.kind, right.type.kind)
        if kinds in ((_D, _N), (_N, _D)):
            day, count = (left, right) if kinds[0] is _D else (right, left)
            return self._add_days(self.value(day), sign, self.integer(count, -MOST_DAYS, MOST_DAYS, strict=True))
        if kinds == (_D, _D):
            text = "DATEDIFF({0}, {1})" if self.dialect == "spark" else "({0} - {1})"
            return self.as_number(self.template(text, self.value(left), self.value(right)))
        if kinds == (_T, _T):
            return self.seconds_between(self.value(right), self.value(left))
        if _T in kinds:
            moment, span = (left, right) if kinds[0] is _T else (right, left)
            added = self.template(f"({{0}} {sign} {{1}})", self.value(moment), self._interval(self.number(span)))
            return self.moment_in_span(added)
        one, other = self.number(left), self.number(right)
        if sign in {"+", "-"}:
            return self.template(f"({{0}} {sign} {{1}})", one, other)
        if sign == "*":
            return self.to_micros(self.product(one, other))
        quotient = self.in_range(self.quotient(self.in_range(one), self.in_range(other)))
        return quotient if kinds == (_U, _U) else self.to_micros(quotient)

    def to_micros(self, seconds: exp.Expression) -> exp.Expression:
        return self.template("ROUND({0}, 6)", seconds)

    def _add_days(self, day: exp.Expression, sign: str, count: exp.Expression) -> exp.Expression:
        if self.dialect == "spark":
            text = "DATE_ADD({0}, {1})" if sign == "+" else "DATE_SUB({0}, {1})"
        else:
            text = f"({{0}} {sign} {{1}})"
        return self.date_in_span(self.template(text, day, count))

    def date_in_span(self, day: exp.Expression) -> exp.Expression:
        low, high = "CAST('0001-01-01' AS DATE)", "CAST('9999-12-31' AS DATE)"
        return self.template(f"NULLIF(NULLIF(LEAST(GREATEST({{0}}, {low}), {high}), {low}), {high})", day)

    def moment_in_span(self, moment: exp.Expression) -> exp.Expression:
        low, high = (f"CAST('{day} 00:00:00+00' AS TIMESTAMPTZ)" for day in ("0001-01-02", "9999-12-30"))
        return self.template(f"NULLIF(NULLIF(LEAST(GREATEST({{0}}, {low}), {high}), {low}), {high})", moment)

    def local(self, moment: exp.Expression) -> exp.Expression:
        """The wall clock of a moment in the workspace's zone, as a timestamp without zone."""
        return self._in_zone(moment, "FROM_UTC_TIMESTAMP({0}, {1})")

    def instant(self, local: exp.Expression) -> exp.Expression:
        """The moment at which the wall clock in the workspace's zone shows ``local``."""
        return self._in_zone(local, "TO_UTC_TIMESTAMP({0}, {1})")

    def _in_zone(self, time: exp.Expression, spark: str) -> exp.Expression:
        zone = exp.Literal.string(self.env.zone)
        if self.dialect == "spark":
            return self.template(spark, time, zone)
        return exp.Paren(this=exp.AtTimeZone(this=exp.Paren(this=time), zone=zone))

    def local_date(self, moment: exp.Expression) -> exp.Expression:
        return self.template("CAST({0} AS DATE)", self.local(moment))

    def as_moments(self, test: Call) -> exp.Expression | None:
        """``DATE(moment field) <= date`` as a test of the moment itself, which an index on the field can serve.

        None where it is no such test, or where the zone sets its clocks back over midnight, so that a day has no one
        beginning.
        """
        left, right = test.args
        is_field = isinstance(left, Call) and left.function == "DATE" and isinstance(left.args[0], FieldRef)
        if not is_field or test.function not in _DAY_TESTS or any(isinstance(n, FieldRef) for n in walk(right)):
            return None
        if self.dialect == "spark" or not has_clear_midnights(self.env.zone):
            return None
        if test.function == "=" and not _is_never_blank(right):
            # Blank equals blank, which no range of moments says.
            return None
        assert isinstance(left, Call)
        day = self.value(right)
        start = self.instant(self.template("CAST({0} AS TIMESTAMP)", day))
        following = self.instant(self.template("CAST({0} + 1 AS TIMESTAMP)", day))
        return self.template(_DAY_TESTS[test.function], self.value(left.args[0]), start, following)

    def moment_of(self, args: tuple[Tree, ...]) -> exp.Expression:
        """A day at an hour, minute and second of the workspace's zone."""
        day = self.value(args[0])
        if len(args) == 1:
            return self.moment_in_span(self.instant(self.template("CAST({0} AS TIMESTAMP)", day)))
        parts = [self.integer(arg, 0, most, strict=True) for arg, most in zip(args[1:], (23, 59, 59), strict=False)]
        parts += [exp.Literal.number(0) for _ in range(3 - len(parts))]
        if self.dialect == "spark":
            text = "MAKE_TIMESTAMP(YEAR({0}), MONTH({0}), DAY({0}), {1}, {2}, {3})"
        else:
            text = "({0} + MAKE_TIME({1}, {2}, {3}))"
        return self.moment_in_span(self.instant(self.template(text, day, *parts)))

    def seconds_between(self, start: exp.Expression, end: exp.Expression) -> exp.Expression:
        """The duration from one moment to another in seconds, exact to the microsecond."""
        if self.dialect == "postgres":
            return self.template("EXTRACT(EPOCH FROM ({1} - {0}))", start, end)
        function = "EPOCH_US" if self.dialect == "duckdb" else "UNIX_MICROS"
        micros = f"CAST({function}({{1}}) - {function}({{0}}) AS DECIMAL(28, 0))"
        return self.as_number(self.template(f"{micros} * CAST(0.000001 AS DECIMAL(7, 6))", start, end))

    def _interval(self, seconds: exp.Expression) -> exp.Expression:
        """Seconds as the engine's interval; blank from 200 years on."""
        most = str(MOST_SECONDS)
        bounded = f"NULLIF(NULLIF(LEAST(GREATEST(ROUND({{0}}, 6), -{most}), {most}), -{most}), {most})"
        if self.dialect == "postgres":
            return self.template(f"MAKE_INTERVAL(0, 0, 0, 0, 0, 0, CAST({bounded} AS DOUBLE PRECISION))", seconds)
        if self.dialect == "duckdb":
            return self.template(f"TO_MICROSECONDS(CAST({bounded} * 1000000 AS BIGINT))", seconds)
        return self.template(f"MAKE_DT_INTERVAL(0, 0, 0, {bounded})", seconds)

    def make_date(self, year: Tree, month: Tree, day: Tree) -> exp.Expression:
        parts = [self.integer(tree, 1, most, strict=True) for tree, most in ((year, 9999), (month, 12), (day, 31))]
        last = self._last_day("MAKE_DATE({0}, {1}, 1)")
        return self.template(f"CASE WHEN {{2}} <= {last} THEN MAKE_DATE({{0}}, {{1}}, {{2}}) END", *parts)

    def _last_day(self, place: str) -> str:
        """Template text for how many days the month of a date has."""
        if self.dialect == "postgres":
            month = f"DATE_TRUNC('MONTH', CAST({place} AS TIMESTAMP))"
            return f"EXTRACT(DAY FROM ({month} + INTERVAL '1 MONTH' - INTERVAL '1 DAY'))"
        return f"EXTRACT(DAY FROM LAST_DAY({place}))"

    def add_months(self, day: Tree, count: Tree) -> exp.Expression:
        months = self.integer(count, -_MOST_MONTHS, _MOST_MONTHS, strict=True)
        text = {
            "postgres": "CAST(CAST({0} AS TIMESTAMP) + {1} * INTERVAL '1 MONTH' AS DATE)",
            "duckdb": "CAST({0} + TO_MONTHS({1}) AS DATE)",
            "spark": "ADD_MONTHS({0}, {1})",
        }[self.dialect]
        return self.date_in_span(self.template(text, self.value(day), months))

    def months_between(self, start: exp.Expression, end: exp.Expression) -> exp.Expression:
        def whole(a: str, b: str) -> str:
            months = " - ".join(f"(EXTRACT(YEAR FROM {x}) * 12 + EXTRACT(MONTH FROM {x}))" for x in (b, a))
            short = f"EXTRACT(DAY FROM {b}) < LEAST(EXTRACT(DAY FROM {a}), {self._last_day(b)})"
            return f"({months} - CASE WHEN {short} THEN 1 ELSE 0 END)"

        text = f"CASE WHEN {{1}} >= {{0}} THEN {whole('{0}', '{1}')} WHEN {{1}} < {{0}} THEN -{whole('{1}', '{0}')} END"
        return self.template(text, start, end)

    def period_edge(self, day: exp.Expression, period: str, at_end: bool) -> exp.Expression:
        """The first or last day of a day's week, month, quarter or year."""
        if period == "day":
            return day
        text = f"DATE_TRUNC('{period.upper()}', CAST({{0}} AS TIMESTAMP))"
        if at_end:
            number, unit = {"week": (7, "DAY"), "month": (1, "MONTH"), "quarter": (3, "MONTH"), "year": (1, "YEAR")}[
                period
            ]
            text += f" + INTERVAL '{number}' {unit} - INTERVAL '1' DAY"
        found = self.template(f"CAST({text} AS DATE)", day)
        return self.date_in_span(found) if period == "week" else found
