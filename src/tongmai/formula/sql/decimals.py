"""Numbers in SQL: exact decimals, rounding, range. See ``formula.numbers`` for the rules that this follows.

PostgreSQL's numeric is unbounded, so results are brought into range afterwards. DuckDB's and Spark's decimals have 38
digits: values are DECIMAL(38, 10), and only a product can overflow, inside TRY.
"""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from tongmai.formula.numbers import DIGITS, PLACES, SIGNIFICANT, plain, unbounded_width, width
from tongmai.formula.sql.forms import Forms
from tongmai.formula.tree import Call, Literal, Tree

_LIMIT = "100000000000000000"
_EXACT_CALLS = frozenset({"+", "-", "*", "/", "negate"})


class DecimalForms(Forms):
    def number(self, tree: Tree) -> exp.Expression:
        """A number as an exact decimal, whatever the column's own type."""
        found = self.value(tree)
        return found if isinstance(tree, Call) and tree.function in _EXACT_CALLS else self.as_number(found)

    def as_number(self, expression: exp.Expression) -> exp.Expression:
        return self.template(self.number_text("{0}"), expression)

    def number_text(self, place: str) -> str:
        """Template text for a number as an exact decimal."""
        return f"CAST({place} AS {'DECIMAL' if self.dialect == 'postgres' else f'DECIMAL(38, {PLACES})'})"

    def decimal(self, value: Decimal) -> exp.Expression:
        """A constant of ours."""
        return self.as_number(exp.Literal.number(plain(value)))

    def plain_number(self, tree: Tree) -> exp.Expression:
        """Without zeros at the end, where working it out could have brought some."""
        if isinstance(tree, Call):
            return self.template("TRIM_SCALE({0})", self.number(tree))
        return self.value(tree)

    def in_range(self, number: exp.Expression) -> exp.Expression:
        """Blank where the size is 10^17 or more."""
        return self.template(self.range_text("{0}"), number)

    def range_text(self, place: str) -> str:
        """Template text for the same. GREATEST and LEAST pass over NULL, so NULL ends at a bound and is blank too."""
        if self.dialect == "duckdb":
            # DuckDB writes the first part of a NULLIF out twice: nested sums would grow by four at every step.
            return f"CAST(TRY_CAST({place} AS DECIMAL({DIGITS + PLACES}, {PLACES})) AS DECIMAL(38, {PLACES}))"
        bounded = f"LEAST(GREATEST({place}, -{_LIMIT}), {_LIMIT})"
        return f"NULLIF(NULLIF({bounded}, -{_LIMIT}), {_LIMIT})"

    def decimal_arithmetic(self, tree: Call) -> exp.Expression:
        left, right = (self.number(arg) for arg in tree.args)
        if tree.function == "/":
            left, right = (
                self.in_range(side) if width(arg)[0] > DIGITS else side
                for side, arg in zip((left, right), tree.args, strict=True)
            )
            found = self.quotient(left, right)
            divisor = tree.args[1]
            # Dividing what is in range by a constant of 1 or more cannot leave it.
            narrow = isinstance(divisor, Literal) and isinstance(divisor.value, Decimal) and abs(divisor.value) >= 1
            return found if narrow else self.in_range(found)
        digits, places = unbounded_width(tree)
        if tree.function == "*":
            return self._product_of(left, right, digits, places)
        found = self.template(f"({{0}} {tree.function} {{1}})", left, right)
        return self.in_range(found) if digits > DIGITS else found

    def product(self, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        return self._product_of(left, right, 2 * DIGITS, 2 * PLACES)

    def _product_of(self, left: exp.Expression, right: exp.Expression, digits: int, places: int) -> exp.Expression:
        if self.dialect == "postgres":
            found = self.template("({0} * {1})" if places <= PLACES else f"ROUND({{0}} * {{1}}, {PLACES})", left, right)
        elif digits <= DIGITS:
            found = self.template(f"CAST({{0}} * {{1}} AS DECIMAL(38, {PLACES}))", left, right)
        elif self.dialect == "duckdb":
            found = self.template(f"TRY(CAST({{0}} * {{1}} AS DECIMAL(38, {PLACES})))", left, right)
        else:
            found = self.template(f"CAST(TRY_MULTIPLY({{0}}, {{1}}) AS DECIMAL(38, {PLACES}))", left, right)
        return self.in_range(found) if digits > DIGITS else found

    def quotient(self, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        """Rounded half away from zero to 10 places: cut off after 11, which is all that rounding needs to know.

        Both sides must be in range: then DuckDB's 128 bits suffice, and no TRY is needed (1.5 may move what it holds
        out of it when a part is used twice).
        """
        return self.template(self.quotient_text("{0}", "{1}"), left, right)

    def quotient_text(self, left: str, right: str) -> str:
        """Template text for a quotient."""
        if self.dialect == "postgres":
            return f"ROUND(DIV({left} * 100000000000, NULLIF({right}, 0)) * 0.00000000001, {PLACES})"
        if self.dialect == "duckdb":
            top = f"CAST({left} * 10000000000 AS HUGEINT) * 100000000000"
            whole = f"CAST({top} // NULLIF(CAST({right} * 10000000000 AS HUGEINT), 0) AS DECIMAL(38, 0))"
            return f"CAST({whole} * CAST(0.00000000001 AS DECIMAL(12, 11)) AS DECIMAL(38, {PLACES}))"
        return f"CAST(TRY_DIVIDE({left}, {right}) AS DECIMAL(38, {PLACES}))"

    def integer(self, tree: Tree, low: int, high: int, *, strict: bool = False) -> exp.Expression:
        """A whole number, cut off, for counts and places: blank below ``low``; above ``high`` it is ``high``, or blank
        if ``strict``."""
        if isinstance(tree, Literal) and isinstance(tree.value, Decimal):
            whole = int(tree.value)
            known = whole >= low and (whole <= high or not strict)
            return self.template(f"({min(whole, high)})" if known else "CAST(NULL AS INT)")
        top = high + 1 if strict else high
        bounded = f"LEAST(GREATEST(TRUNC({{0}}), {low - 1}), {top})"
        if self.dialect == "spark":
            bounded = f"LEAST(GREATEST({self.truncation('{0}')}, {low - 1}), {top})"
        found = f"NULLIF({bounded}, {low - 1})"
        if strict:
            found = f"NULLIF({found}, {top})"
        return self.template(f"CAST({found} AS INT)", self.number(tree))

    def truncation(self, place: str) -> str:
        """Template text that cuts a number's places off."""
        if self.dialect == "spark":
            return f"(SIGN({place}) * FLOOR(ABS({place})))"
        return f"TRUNC({place})"

    def is_odd(self, place: str) -> str:
        return f"MOD({self.truncation(place)}, 2) <> 0"

    def round_to(self, number: exp.Expression, places: int, mode: str) -> exp.Expression:
        """``mode``: half (away from zero), up (away from zero) or down (towards it)."""
        if mode == "half":
            return self.template(f"ROUND({{0}}, {places})", number)
        step = plain(Decimal(10) ** -places)
        away = f" + SIGN(MOD({{0}}, {step})) * {step}" if mode == "up" else ""
        return self.template(f"({{0}} - MOD({{0}}, {step}){away})", number)

    def constant_places(self, tree: Tree) -> int:
        assert isinstance(tree, Literal)
        return int(tree.value) if isinstance(tree.value, Decimal) else 0

    def significant(self, text: str) -> str:
        """Template text for a floating-point result as a decimal of 12 significant digits and at most 10 places."""
        nines = "9" * (SIGNIFICANT - 1)
        if self.dialect == "postgres":
            return f"ROUND(CAST(TO_CHAR({text}, '9.{nines}EEEE') AS DECIMAL), {PLACES})"
        function = "PRINTF" if self.dialect == "duckdb" else "FORMAT_STRING"
        return f"CAST({function}('%.{SIGNIFICANT - 1}e', {text}) AS DECIMAL(38, {PLACES}))"
