"""Typed tree → sqlglot expression: operators, logic and blanks. Dates, spans and numbers are in the mix-ins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from sqlglot import exp

from tongmai.formula.sql.calendar import CalendarForms
from tongmai.formula.sql.lists import ListForms
from tongmai.formula.sql.template import fill
from tongmai.formula.sql.texts import TextForms
from tongmai.formula.tree import LIST_TESTS, Call, FieldRef, Literal, Param, Tree, is_blank, never_blank
from tongmai.formula.types import Kind

if TYPE_CHECKING:
    from tongmai.formula.sql.environment import Dialect, SqlEnvironment

_TESTS = frozenset({"and", "or", "not", "=", "!=", "<", "<=", ">", ">=", "in", "is_blank"})
_ORDER: dict[str, type[exp.LT | exp.LTE | exp.GT | exp.GTE]] = {"<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}

CallWriter: TypeAlias = "Callable[[SqlWriter, Call], exp.Expression]"
"""How a call of a function is written. Given from outside: the catalogue's functions are written about the writer."""


class SqlWriter(CalendarForms, ListForms, TextForms):
    """Writes one tree for one environment and dialect."""

    def __init__(self, env: SqlEnvironment, dialect: Dialect, write_call: CallWriter) -> None:
        self.env = env
        self.dialect = dialect
        self._write_call = write_call

    def template(self, text: str, *arguments: exp.Expression) -> exp.Expression:
        """One of our SQL texts with arguments in its places."""
        return fill(text, arguments, self.dialect)

    def marked(self, expression: exp.Expression) -> exp.Expression:
        """A copy of what the environment gave, marked as its own responsibility."""
        copy = expression.copy()
        copy.meta["from_environment"] = True
        return copy

    def condition(self, tree: Tree) -> exp.Expression:
        """A boolean tree where NULL may stand for false."""
        if isinstance(tree, Literal):
            return exp.Boolean(this=tree.value is True)
        if isinstance(tree, Call) and tree.function in LIST_TESTS:
            return self._write_call(self, tree)
        if not isinstance(tree, Call) or tree.function not in _TESTS:
            return self.value(tree)
        if tree.function in {"and", "or"}:
            return self._connected(tree)
        if tree.function == "not":
            return self._negated(tree.args[0])
        if tree.function == "is_blank":
            return exp.Is(this=exp.paren(self.value(tree.args[0]), copy=False), expression=exp.Null())
        if tree.function == "in":
            return self._membership(tree)
        left, right = tree.args
        if (span := self.as_moments(tree)) is not None:
            return span
        if tree.function in _ORDER:
            return _ORDER[tree.function](this=self.operand(left), expression=self.operand(right))
        return self._equality(tree.function == "=", left, right)

    def _connected(self, tree: Call) -> exp.Expression:
        parts = [exp.paren(self.condition(arg), copy=False) for arg in tree.args]
        found: exp.Expression = parts[0]
        for part in parts[1:]:
            found = (exp.And if tree.function == "and" else exp.Or)(this=found, expression=part)
        return found

    def _negated(self, inner: Tree) -> exp.Expression:
        """The true complement: NULL, which stands for false, becomes true."""
        if isinstance(inner, Call) and inner.function == "is_blank":
            return exp.Not(this=self.condition(inner))
        return self.template("({0}) IS NOT TRUE", self.condition(inner))

    def _equality(self, equal: bool, left: Tree, right: Tree) -> exp.Expression:
        """Plain ``=`` against what is never blank, so that an index serves it. An actor's parameter that is not given
        equals nothing, not even blank."""
        this, expression = self.operand(left), self.operand(right)
        if equal:
            if never_blank(left) or never_blank(right):
                return exp.EQ(this=this, expression=expression)
            return exp.NullSafeEQ(this=this, expression=expression)
        if isinstance(left, Param) or isinstance(right, Param):
            return self.template("({0} = {1}) IS NOT TRUE", this, expression)
        return exp.NullSafeNEQ(this=this, expression=expression)

    def operand(self, tree: Tree) -> exp.Expression:
        """A value beside a comparison sign."""
        found = self.value(tree)
        loose = isinstance(found, exp.Binary | exp.Unary | exp.In | exp.AtTimeZone) and not isinstance(found, exp.Paren)
        return exp.paren(found, copy=False) if loose else found

    def _membership(self, tree: Call) -> exp.Expression:
        item, group = tree.args
        if not (isinstance(group, Call) and group.function == "list"):
            return self.among(self.operand(item), self.value(group))
        constants = [member for member in group.args if isinstance(member, Literal) and member.value is not None]
        others = [member for member in group.args if not isinstance(member, Literal)]
        tests = [f"{{0}} IN ({', '.join(f'{{{n}}}' for n in range(1, len(constants) + 1))})"] if constants else []
        tests += ["{0} IS NULL"] if any(is_blank(member) for member in group.args) else []
        for n, member in enumerate(others, len(constants) + 1):
            is_plain = never_blank(item) or never_blank(member)
            tests.append(f"{{0}} = {{{n}}}" if is_plain else f"{{0}} IS NOT DISTINCT FROM {{{n}}}")
        if not tests:
            return exp.false()
        return self.template(f"({' OR '.join(tests)})", *(self.value(tree) for tree in (item, *constants, *others)))

    def value(self, tree: Tree) -> exp.Expression:
        """Any tree as a value; NULL is blank."""
        if isinstance(tree, Literal):
            return self.marked(self.env.literal(tree.value, tree.type))
        if isinstance(tree, FieldRef):
            return self.marked(self.env.column(tree.path, tree.type))
        if isinstance(tree, Param):
            return self.marked(self.env.parameter(tree.name, tree.type))
        if tree.function in _TESTS or tree.function in LIST_TESTS:
            return self.template("COALESCE({0}, FALSE)", self.condition(tree))
        if tree.function in {"+", "-", "*", "/", "negate"}:
            return self._arithmetic(tree)
        if tree.function == "&":
            return self.joined([self.text(arg) for arg in tree.args])
        if tree.function == "list":
            return self.array([self.value(arg) for arg in tree.args], tree.type)
        if tree.function == "IF":
            return self._cases(tree)
        return self._write_call(self, tree)

    def _cases(self, tree: Call) -> exp.Expression:
        found = exp.Case()
        for condition, value in zip(tree.args[:-1:2], tree.args[1::2], strict=True):
            found.append("ifs", exp.If(this=self.condition(condition), true=self.value(value)))
        found.set("default", self.value(tree.args[-1]))
        return found

    def _arithmetic(self, tree: Call) -> exp.Expression:
        if tree.function == "negate":
            inner = tree.args[0]
            return self.template("(-{0})", self.number(inner))
        kinds = {arg.type.kind for arg in tree.args}
        return self.decimal_arithmetic(tree) if kinds == {Kind.NUMBER} else self.span_arithmetic(tree)
