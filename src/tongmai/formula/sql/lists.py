"""Lists and places in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from sqlglot import exp

from tongmai.formula.catalogue.geo import EARTH_RADIUS_KM
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
        own = self.value(group)
        single = [self.value(item) for item in items if item.type.kind is not Kind.LIST]
        tests = [self._test(own, self.array(single, group.type), of_all)] if single else []
        lists = [self.value(item) for item in items if item.type.kind is Kind.LIST]
        tests += [self._list_test(own, group_of_items, of_all) for group_of_items in lists]
        joint = exp.And if of_all else exp.Or
        return exp.paren(reduce(lambda a, b: joint(this=a, expression=b), tests), copy=False)

    def _list_test(self, own: exp.Expression, items: exp.Expression, of_all: bool) -> exp.Expression:
        test = self._test(own, items, of_all)
        if not of_all:
            return test
        size = {"postgres": "CARDINALITY", "duckdb": "LEN", "spark": "SIZE"}[self.dialect]
        return self.template(f"({{0}} AND {size}({{1}}) > 0)", test, items)

    def _test(self, own: exp.Expression, items: exp.Expression, of_all: bool) -> exp.Expression:
        text = {
            ("postgres", False): "({0} && {1})",
            ("postgres", True): "({0} @> {1})",
            ("duckdb", False): "LIST_HAS_ANY({0}, {1})",
            ("duckdb", True): "LIST_HAS_ALL({0}, {1})",
            ("spark", False): "ARRAYS_OVERLAP({0}, {1})",
            ("spark", True): "(SIZE(ARRAY_EXCEPT({1}, {0})) = 0)",
        }[self.dialect, of_all]
        return self.template(text, own, items)

    def _axis(self, place: str, axis: str) -> str:
        """Template text for ``lng`` or ``lat`` of a point, which is JSON in every engine."""
        if self.dialect == "spark":
            return f"CAST(GET_JSON_OBJECT({place}, '$.{axis}') AS DOUBLE)"
        return f"CAST({place} ->> '{axis}' AS DOUBLE PRECISION)"

    def coordinate(self, point: exp.Expression, axis: str) -> exp.Expression:
        return self.template(self.significant(self._axis("{0}", axis)), point)

    def distance(self, start: exp.Expression, end: exp.Expression) -> exp.Expression:
        """Great-circle distance by the haversine formula."""
        x1, y1, x2, y2 = (f"RADIANS({self._axis(p, axis)})" for p in ("{0}", "{1}") for axis in ("lng", "lat"))
        part = f"POWER(SIN(({y2} - {y1}) / 2), 2) + COS({y1}) * COS({y2}) * POWER(SIN(({x2} - {x1}) / 2), 2)"
        metres = self.significant(f"2 * {EARTH_RADIUS_KM} * ASIN(LEAST(1.0, SQRT({part})))")
        return self.template(
            f"CASE WHEN {{0}} IS NOT NULL AND {{1}} IS NOT NULL THEN ROUND({metres}, 3) END", start, end
        )
