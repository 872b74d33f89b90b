"""Text in SQL. Blank is '' inside text functions; an empty result is blank."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from tongmai.formula.patterns import Edge, Either, OneOf, Pattern, Repeat, read_pattern
from tongmai.formula.patterns import Sequence as Parts
from tongmai.formula.sql.forms import Forms
from tongmai.formula.tree import Literal, Tree, is_blank

# From the right, a comma behind each three digits, and none at the far end.
_GROUPED = {
    "postgres": r"LTRIM(REVERSE(REGEXP_REPLACE(REVERSE({0}), '([0-9][0-9][0-9])', '\1,', 'g')), ',')",
    "duckdb": r"LTRIM(REVERSE(REGEXP_REPLACE(REVERSE({0}), '([0-9][0-9][0-9])', '\1,', 'g')), ',')",
    "spark": r"LTRIM(',', REVERSE(REGEXP_REPLACE(REVERSE({0}), '([0-9][0-9][0-9])', '$1,')))",
}


class TextForms(Forms):
    def text(self, tree: Tree) -> exp.Expression:
        """A text in which blank is ''."""
        if is_blank(tree):
            return exp.Literal.string("")
        found = self.value(tree)
        return found if isinstance(tree, Literal) else self.template("COALESCE({0}, '')", found)

    def joined(self, texts: Sequence[exp.Expression]) -> exp.Expression:
        return self.template("NULLIF(CONCAT({*}), '')", *texts)

    def number_as_text(self, number: exp.Expression) -> exp.Expression:
        if self.dialect == "postgres":
            return self.template("CAST(TRIM_SCALE({0}) AS TEXT)", number)
        padded = self.template("CAST(CAST({0} AS DECIMAL(38, 10)) AS TEXT)", number)
        if self.dialect == "duckdb":
            return self.template("RTRIM(RTRIM({0}, '0'), '.')", padded)
        return self.template("RTRIM('.', RTRIM('0', {0}))", padded)

    def grouped(self, number: exp.Expression, places: int | None) -> exp.Expression:
        """With commas between thousands; with ``places`` it shows all of them, and is rounded to them already."""
        text = self.number_as_text(self.template("ABS({0})", number))
        whole = self.template(_GROUPED[self.dialect], self.template("SPLIT_PART({0}, '.', 1)", text))
        fraction = self.template("SPLIT_PART({0}, '.', 2)", text)
        if places is None:
            rest = self.template("CASE WHEN {0} <> '' THEN CONCAT('.', {0}) ELSE '' END", fraction)
        elif places == 0:
            rest = exp.Literal.string("")
        else:
            rest = self.template(f"CONCAT('.', RPAD({{0}}, {places}, '0'))", fraction)
        shown = "CONCAT(CASE WHEN {0} < 0 THEN '-' ELSE '' END, {1}, {2})"
        return self.template(f"CASE WHEN {{0}} IS NOT NULL THEN {shown} END", number, whole, rest)

    def date_as_text(self, moment: exp.Expression, *, with_time: bool) -> exp.Expression:
        if self.dialect == "postgres":
            return self.template(f"TO_CHAR({{0}}, 'YYYY-MM-DD{' HH24:MI' if with_time else ''}')", moment)
        return self.template(f"LEFT(CAST({{0}} AS TEXT), {16 if with_time else 10})", moment)

    def lookup(self, value: exp.Expression, pairs: Sequence[tuple[str, str]]) -> exp.Expression:
        """The second of the pair whose first is ``value``; the value itself where there is none."""
        words = [exp.Literal.string(word) for pair in pairs for word in pair]
        cases = " ".join(f"WHEN {{{n}}} THEN {{{n + 1}}}" for n in range(1, len(words), 2))
        return self.template(f"CASE {{0}} {cases} ELSE {{0}} END", value, *words) if pairs else value

    def matches(self, text: exp.Expression, pattern: str) -> exp.Expression:
        written = exp.Literal.string(_PatternWriter(self.dialect).write(read_pattern(pattern)))
        form = {"postgres": "{0} ~ {1}", "duckdb": "REGEXP_MATCHES({0}, {1})", "spark": "{0} RLIKE {1}"}[self.dialect]
        return self.template(form, text, written)


class _PatternWriter:
    """Writes a pattern's tree in an engine's notation, every character as a code point."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect

    def write(self, pattern: Pattern) -> str:
        if isinstance(pattern, OneOf):
            return self._one_of(pattern)
        if isinstance(pattern, Edge):
            if self._dialect == "spark":
                return "\\z" if pattern.at_end else "\\A"
            return "$" if pattern.at_end else "^"
        if isinstance(pattern, Parts):
            return "".join(self.write(part) for part in pattern.parts)
        if isinstance(pattern, Either):
            return "(?:" + "|".join(self.write(branch) for branch in pattern.branches) + ")"
        most = "" if pattern.most is None else str(pattern.most)
        part = self.write(pattern.part)
        return f"(?:{part}){_counts(pattern, most)}"

    def _one_of(self, pattern: OneOf) -> str:
        parts = [
            self._point(low) if low == high else f"{self._point(low)}-{self._point(high)}"
            for low, high in pattern.ranges
        ]
        return f"[{''.join(parts)}]"

    def _point(self, point: int) -> str:
        if self._dialect == "postgres":
            return f"\\u{point:04X}" if point <= 0xFFFF else f"\\U{point:08X}"
        return f"\\x{{{point:X}}}"


def _counts(pattern: Repeat, most: str) -> str:
    short = {(0, None): "*", (1, None): "+", (0, 1): "?"}
    return short.get((pattern.least, pattern.most), f"{{{pattern.least},{most}}}")
