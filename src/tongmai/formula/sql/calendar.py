"""Working days in SQL: a day's place among the sorted working days answers every question.

PostgreSQL finds the place by binary search (``width_bucket``). DuckDB and Spark look it up by the day's number, where
the environment gives the counts, else they count.
"""

from __future__ import annotations

from sqlglot import exp

from tongmai.formula.catalogue.workday import MOST_WORKDAYS
from tongmai.formula.sql.environment import ColumnarEnvironment
from tongmai.formula.sql.spans import SpanForms
from tongmai.formula.tree import Tree


class CalendarForms(SpanForms):
    def _days(self) -> exp.Expression:
        return self.marked(self.env.working_days())

    def _place(self, day: exp.Expression) -> exp.Expression:
        """How many working days there are up to and including ``day``."""
        if self.dialect == "postgres":
            return self.template("WIDTH_BUCKET({0}, {1})", day, self._days())
        if isinstance(self.env, ColumnarEnvironment):
            return self._counted(day, self.env)
        if self.dialect == "duckdb":
            text = "CASE WHEN {0} IS NOT NULL THEN LEN(LIST_FILTER({1}, LAMBDA x : x <= {0})) END"
        else:
            text = "CASE WHEN {0} IS NOT NULL THEN SIZE(FILTER({1}, x -> x <= {0})) END"
        return self.template(text, day, self._days())

    def _counted(self, day: exp.Expression, env: ColumnarEnvironment) -> exp.Expression:
        first = f"CAST('{env.first_day().isoformat()}' AS DATE)"
        counts = self.marked(env.working_day_counts())
        if self.dialect == "duckdb":
            at = f"LEAST({{0}} - {first} + 1, LEN({{1}}))"
            text = f"CASE WHEN {{0}} < {first} THEN 0 WHEN {{0}} IS NOT NULL THEN LIST_EXTRACT({{1}}, {at}) END"
        else:
            at = f"LEAST(DATEDIFF({{0}}, {first}) + 1, SIZE({{1}}))"
            text = f"CASE WHEN {{0}} < {first} THEN 0 WHEN {{0}} IS NOT NULL THEN ELEMENT_AT({{1}}, {at}) END"
        return self.template(text, day, counts)

    def workdays_between(self, start: exp.Expression, end: exp.Expression) -> exp.Expression:
        return self.as_number(self.template("({1} - {0})", self._place(start), self._place(end)))

    def is_workday(self, day: exp.Expression) -> exp.Expression:
        """The place of a working day is one more than that of the day before."""
        before = self.template("DATE_SUB({0}, 1)" if self.dialect == "spark" else "({0} - 1)", day)
        return self.template("({0} > {1})", self._place(day), self._place(before))

    def add_workdays(self, day: Tree, count: Tree) -> exp.Expression:
        """Forwards from the place of the day, backwards from the place of the day before."""
        start = self.value(day)
        before = self.template("DATE_SUB({0}, 1)" if self.dialect == "spark" else "({0} - 1)", start)
        item = {"postgres": "({3})[{}]", "duckdb": "LIST_EXTRACT({3}, {})", "spark": "GET({3}, {} - 1)"}[self.dialect]
        forwards, backwards = item.replace("{}", "{4} + {1}"), item.replace("{}", "{2} + {1} + 1")
        # An index below 1 would count from the end in DuckDB.
        text = (
            f"CASE WHEN {{1}} = 0 THEN {{0}} WHEN {{1}} > 0 THEN {forwards}"
            f" WHEN {{1}} < 0 AND {{2}} + {{1}} + 1 > 0 THEN {backwards} END"
        )
        whole = self.integer(count, -MOST_WORKDAYS, MOST_WORKDAYS, strict=True)
        return self.template(text, start, whole, self._place(before), self._days(), self._place(start.copy()))
