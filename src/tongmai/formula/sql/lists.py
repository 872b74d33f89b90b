"""Lists and places in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from tongmai.formula.sql.decimals import DecimalForms
from tongmai.formula.tree import Tree
from tongmai.formula.types import Kind, Type


class ListForms(DecimalForms):
    def array(self, items: Sequence[exp.Expression], type_: Type) -> exp.Expression:
        text = {"postgres": "ARRAY[{*}]", "duckdb": "[{*}]", "spark": "ARRAY({*})"}[self.dialect]
        return self.template(text, *items)

    def among(self, item: exp.Expression, group: exp.Expression) -> exp.Expression:
        """Whether a list parameter or field holds the item."""
        if self.dialect == "postgres":
            return exp.EQ(this=item, expression=exp.Any(this=exp.paren(group, copy=False)))
        function = "LIST_CONTAINS" if self.dialect == "duckdb" else "ARRAY_CONTAINS"
        return self.template(f"{function}({{0}}, {{1}})", group, item)

    def overlap(self, group: Tree, items: Sequence[Tree], *, of_all: bool) -> exp.Expression:
        """Whether the list has any, or all, of the items; items may themselves be lists, which must not be empty."""
        single = [self.value(item) for item in items if item.type.kind is not Kind.LIST]
        lists = [self.value(item) for item in items if item.type.kind is Kind.LIST]
        wanted = ([self.array(single, group.type)] if single else []) + lists
        tests = [self._test(f"{{{n}}}", of_all) for n in range(1, len(wanted) + 1)]
        if of_all:
            size = {"postgres": "CARDINALITY", "duckdb": "LEN", "spark": "SIZE"}[self.dialect]
            tests += [f"{size}({{{n}}}) > 0" for n in range(len(wanted) - len(lists) + 1, len(wanted) + 1)]
        return self.template(f"({(' AND ' if of_all else ' OR ').join(tests)})", self.value(group), *wanted)

    def _test(self, items: str, of_all: bool) -> str:
        """Template text for a test of the list {0}."""
        return {
            ("postgres", False): f"{{0}} && {items}",
            ("postgres", True): f"{{0}} @> {items}",
            ("duckdb", False): f"LIST_HAS_ANY({{0}}, {items})",
            ("duckdb", True): f"LIST_HAS_ALL({{0}}, {items})",
            ("spark", False): f"ARRAYS_OVERLAP({{0}}, {items})",
            ("spark", True): f"SIZE(ARRAY_EXCEPT({items}, {{0}})) = 0",
        }[self.dialect, of_all]

    def _axis(self, place: str, axis: str) -> str:
        """Template text for ``lng`` or ``lat`` of a point, which is JSON in every engine."""
        if self.dialect == "spark":
            return f"CAST(GET_JSON_OBJECT({place}, '$.{axis}') AS DOUBLE)"
        return f"CAST({place} ->> '{axis}' AS DOUBLE PRECISION)"

    def coordinate(self, point: exp.Expression, axis: str) -> exp.Expression:
        return self.template(self.significant(self._axis("{0}", axis)), point)

    def distance(self, start: exp.Expression, end: exp.Expression, *, radius: float) -> exp.Expression:
        """Great-circle distance on a sphere of the radius, in its unit, by the haversine formula."""
        x1, y1, x2, y2 = (f"RADIANS({self._axis(p, axis)})" for p in ("{0}", "{1}") for axis in ("lng", "lat"))
        part = f"POWER(SIN(({y2} - {y1}) / 2), 2) + COS({y1}) * COS({y2}) * POWER(SIN(({x2} - {x1}) / 2), 2)"
        metres = self.significant(f"2 * {radius} * ASIN(LEAST(1.0, SQRT({part})))")
        return self.template(
            f"CASE WHEN {{0}} IS NOT NULL AND {{1}} IS NOT NULL THEN ROUND({metres}, 3) END", start, end
        )
