"""Working days in SQL: a day's place among the sorted working days answers every question.

PostgreSQL finds the place by binary search (``width_bucket``). DuckDB and Spark look it up by the day's number, where
the environment gives the digits or counts, else they count.
"""

from __future__ import annotations

from sqlglot import exp

from tongmai.formula.sql.environment import ColumnarEnvironment, DigitsEnvironment
from tongmai.formula.sql.spans import SpanForms
from tongmai.formula.tree import Tree


class CalendarForms(SpanForms):
    def _days(self) -> exp.Expression:
        """The calendar as the place forms take it: the counts where the environment has them, else the days."""
        if self._has_digits():
            assert isinstance(self.env, DigitsEnvironment)
            return self.marked(self.env.working_day_digits())
        if self._has_counts():
            assert isinstance(self.env, ColumnarEnvironment)
            return self.marked(self.env.working_day_counts())
        return self.marked(self.env.working_days())

    def _has_digits(self) -> bool:
        return self.dialect == "duckdb" and isinstance(self.env, DigitsEnvironment)

    def _has_counts(self) -> bool:
        return self.dialect != "postgres" and isinstance(self.env, ColumnarEnvironment)

    def _place(self, day: str, calendar: str) -> str:
        """Template text for how many working days there are up to and including ``day``."""
        if self.dialect == "postgres":
            return f"WIDTH_BUCKET({day}, {calendar})"
        if self._has_digits():
            return self._by_digits(day, calendar)
        if self._has_counts():
            return self._counted(day, calendar)
        if self.dialect == "duckdb":
            return f"CASE WHEN {day} IS NOT NULL THEN LEN(LIST_FILTER({calendar}, LAMBDA x : x <= {day})) END"
        return f"CASE WHEN {day} IS NOT NULL THEN SIZE(FILTER({calendar}, x -> x <= {day})) END"

    def _counted(self, day: str, counts: str) -> str:
        assert isinstance(self.env, ColumnarEnvironment)
        first = f"CAST('{self.env.first_day().isoformat()}' AS DATE)"
        if self.dialect == "duckdb":
            found = f"LIST_EXTRACT({counts}, LEAST({day} - {first} + 1, LEN({counts})))"
        else:
            found = f"ELEMENT_AT({counts}, LEAST(DATEDIFF({day}, {first}) + 1, SIZE({counts})))"
        return f"CASE WHEN {day} < {first} THEN 0 WHEN {day} IS NOT NULL THEN {found} END"

    def _by_digits(self, day: str, digits: str) -> str:
        assert isinstance(self.env, DigitsEnvironment)
        first = f"CAST('{self.env.first_day().isoformat()}' AS DATE)"
        place = f"LEAST({day} - {first}, LENGTH({digits}) // 5 - 1)"
        found = f"CAST(SUBSTR({digits}, {place} * 5 + 1, 5) AS INT)"
        return f"CASE WHEN {day} < {first} THEN 0 WHEN {day} IS NOT NULL THEN {found} END"

    def _day_before(self, day: str) -> str:
        return f"DATE_SUB({day}, 1)" if self.dialect == "spark" else f"({day} - 1)"

    def workdays_between(self, start: exp.Expression, end: exp.Expression, *, most_days: int) -> exp.Expression:
        """Blank where the dates are more than ``most_days`` apart."""
        apart = "DATEDIFF({1}, {0})" if self.dialect == "spark" else "({1} - {0})"
        counted = f"{self._place('{1}', '{2}')} - {self._place('{0}', '{2}')}"
        text = f"CASE WHEN {apart} BETWEEN -{most_days} AND {most_days} THEN {counted} END"
        return self.template(self.number_text(text), start, end, self._days())

    def is_workday(self, day: exp.Expression) -> exp.Expression:
        """The place of a working day is one more than that of the day before."""
        before = self._place(self._day_before("{0}"), "{1}")
        return self.template(f"({self._place('{0}', '{1}')} > {before})", day, self._days())

    def add_workdays(self, day: Tree, count: Tree, *, most: int) -> exp.Expression:
        """Forwards from the place of the day, backwards from the place of the day before; at most so many."""
        days = self.env.working_days
        item = {"postgres": "({2})[{}]", "duckdb": "LIST_EXTRACT({2}, {})", "spark": "GET({2}, {} - 1)"}[self.dialect]
        after = f"({self._place('{0}', '{3}')}) + {{1}}"
        before = f"({self._place(self._day_before('{0}'), '{3}')}) + {{1}} + 1"
        if self._has_digits():
            assert isinstance(self.env, DigitsEnvironment)
            days = self.env.nth_working_day_digits
            first = f"CAST('{self.env.first_day().isoformat()}' AS DATE)"
            item = f"({first} + CAST(NULLIF(SUBSTR({{2}}, CAST(({{}}) * 5 - 4 AS INT), 5), '') AS INT))"
        # An index below 1 would count from the end in DuckDB.
        text = (
            f"CASE WHEN {{1}} = 0 THEN {{0}} WHEN {{1}} > 0 THEN {item.replace('{}', after)}"
            f" WHEN {{1}} < 0 AND {before} > 0 THEN {item.replace('{}', before)} END"
        )
        whole = self.integer(count, -most, most, strict=True)
        return self.template(text, self.value(day), whole, self.marked(days()), self._days())
