"""Tokens → syntax tree: a Pratt parser. Nodes carry their place in the text and know nothing of types."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from tongmai.formula.faults import FaultList
from tongmai.formula.lexer import UNITS, Lexeme, Token
from tongmai.formula.limits import Limits


@dataclass(frozen=True, slots=True)
class NumberNode:
    value: Decimal
    start: int


@dataclass(frozen=True, slots=True)
class DurationNode:
    seconds: Decimal
    start: int


@dataclass(frozen=True, slots=True)
class TextNode:
    value: str
    start: int


@dataclass(frozen=True, slots=True)
class WordNode:
    """TRUE, FALSE or BLANK."""

    value: bool | None
    start: int


@dataclass(frozen=True, slots=True)
class NameNode:
    """A field or a path of fields, as written; ``starts`` are the places of its parts."""

    parts: tuple[str, ...]
    starts: tuple[int, ...]

    @property
    def start(self) -> int:
        return self.starts[0]


@dataclass(frozen=True, slots=True)
class ApplyNode:
    """A function by name (``function`` as written) or an operator by its sign."""

    function: str
    args: tuple[Node, ...]
    start: int
    is_operator: bool = False


Node: TypeAlias = NumberNode | DurationNode | TextNode | WordNode | NameNode | ApplyNode

_AND = ("AND", "且", "并且")
_OR = ("OR", "或", "或者")
_NOT = ("NOT", "非")
_IN = ("IN", "属于")
_NOT_IN = ("不属于",)
_BETWEEN = ("BETWEEN", "介于")
_BETWEEN_AND = ("AND", "且", "和", "与")
_IS = ("IS",)
_IS_BLANK = ("为空",)
_IS_NOT_BLANK = ("不为空",)
_CONTAINS = ("包含",)
_NOT_CONTAINS = ("不包含",)
_BLANK = ("BLANK", "NULL", "空", "空值")
_TRUE = ("TRUE", "真", "是")
_FALSE = ("FALSE", "假", "否")

RESERVED = frozenset(
    _AND + _OR + _NOT + _IN + _NOT_IN + _BETWEEN + _IS + _IS_BLANK + _IS_NOT_BLANK + _CONTAINS + _NOT_CONTAINS
    + _BLANK + _TRUE + _FALSE + ("和", "与")
)  # fmt: skip
"""Words that name no field unless they stand in brackets."""

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_LEVEL_OR, _LEVEL_AND, _LEVEL_NOT, _LEVEL_COMPARE = 10, 20, 30, 40
_LEVEL_JOIN, _LEVEL_SUM, _LEVEL_PRODUCT, _LEVEL_SIGN, _LEVEL_POWER = 50, 60, 70, 80, 90


class _Stop(Exception):
    """Ends the reading after a fault from which no sensible reading can go on."""


class SyntaxReader:
    """Reads one expression. Levels: OR < AND < NOT < comparison < & < + - < * / < sign < ^."""

    def __init__(self, lexemes: list[Lexeme], faults: FaultList, limits: Limits) -> None:
        self._lexemes = lexemes
        self._faults = faults
        self._limits = limits
        self._at = 0
        self._depth = 0

    def read(self) -> Node | None:
        """The whole text as one node; None if a fault was found."""
        try:
            node = self._expression(0)
            if self._now.token is not Token.END:
                self._unexpected(self._now)
            # A chain of signs (1 + 1 + …) is read in a loop, and is as deep as it is long.
            if _is_deeper(node, self._most_levels):
                self._too_deep(0)
        except _Stop:
            return None
        return node

    @property
    def _most_levels(self) -> int:
        return self._limits.depth * 2

    @property
    def _now(self) -> Lexeme:
        return self._lexemes[self._at]

    def _take(self) -> Lexeme:
        lexeme = self._now
        if lexeme.token is not Token.END:
            self._at += 1
        return lexeme

    def _take_sign(self, sign: str) -> bool:
        if self._now.is_sign(sign):
            self._take()
            return True
        return False

    def _take_word(self, words: tuple[str, ...]) -> bool:
        if self._now.is_word(*words):
            self._take()
            return True
        return False

    def _fail(
        self, code: str, position: int, zh: str, en: str, out_zh: str | None = None, out_en: str | None = None
    ) -> _Stop:
        self._faults.add(code, position, zh, en, out_zh, out_en)
        return _Stop()

    def _too_deep(self, position: int) -> None:
        raise self._fail(
            "formula.too_deep", position, "公式嵌套太深", "The formula is nested too deeply",
            "拆成几个公式字段", "Split it into several formula fields",
        )  # fmt: skip

    def _unexpected(self, lexeme: Lexeme) -> None:
        if lexeme.token is Token.END:
            raise self._fail(
                "formula.unfinished", lexeme.start, "公式没有写完", "The formula is not complete",
                "补上缺少的值、字段或括号", "Add the missing value, field or bracket",
            )  # fmt: skip
        raise self._fail(
            "formula.unexpected", lexeme.start, f"这里不该出现“{lexeme.text}”", f"“{lexeme.text}” does not belong here",
            "检查前面是否缺少运算符、逗号或括号", "See whether an operator, a comma or a bracket is missing before it",
        )  # fmt: skip

    def _expression(self, level: int) -> Node:
        self._depth += 1
        if self._depth > self._most_levels:
            self._too_deep(self._now.start)
        left = self._prefix()
        while True:
            longer = self._infix(left, level)
            if longer is None:
                self._depth -= 1
                return left
            left = longer

    def _prefix(self) -> Node:
        lexeme = self._take()
        if lexeme.token is Token.NUMBER:
            return self._number(lexeme)
        if lexeme.token is Token.DURATION:
            return DurationNode(lexeme.number, lexeme.start)
        if lexeme.token is Token.TEXT:
            return TextNode(lexeme.text, lexeme.start)
        if lexeme.token is Token.BRACKET:
            return self._path(lexeme)
        if lexeme.token is Token.NAME:
            return self._word(lexeme)
        if lexeme.is_sign("("):
            inner = self._expression(0)
            self._close(lexeme)
            return inner
        if lexeme.is_sign("-"):
            return ApplyNode("negate", (self._expression(_LEVEL_SIGN),), lexeme.start, True)
        if lexeme.is_sign("+"):
            return self._expression(_LEVEL_SIGN)
        self._unexpected(lexeme)
        raise AssertionError

    def _number(self, lexeme: Lexeme) -> Node:
        if self._take_sign("%"):
            return NumberNode(lexeme.number / 100, lexeme.start)
        unit = UNITS.get(self._now.text.lower()) if self._now.token is Token.NAME else None
        if unit is not None:
            self._take()
            return DurationNode(lexeme.number * unit, lexeme.start)
        return NumberNode(lexeme.number, lexeme.start)

    def _word(self, lexeme: Lexeme) -> Node:
        if self._now.is_sign("("):
            if lexeme.is_word(*_NOT):
                return ApplyNode("not", (self._expression(_LEVEL_NOT),), lexeme.start, True)
            return self._call(lexeme)
        if lexeme.is_word(*_NOT):
            return ApplyNode("not", (self._expression(_LEVEL_NOT),), lexeme.start, True)
        if lexeme.is_word(*_TRUE):
            return WordNode(True, lexeme.start)
        if lexeme.is_word(*_FALSE):
            return WordNode(False, lexeme.start)
        if lexeme.is_word(*_BLANK):
            return WordNode(None, lexeme.start)
        if lexeme.text.upper() in RESERVED:
            self._unexpected(lexeme)
        return self._path(lexeme)

    def _path(self, first: Lexeme) -> Node:
        parts, starts = [first.text], [first.start]
        while self._now.is_sign("."):
            self._take()
            part = self._take()
            if part.token not in {Token.NAME, Token.BRACKET}:
                self._unexpected(part)
            parts.append(part.text)
            starts.append(part.start)
        return NameNode(tuple(parts), tuple(starts))

    def _call(self, name: Lexeme) -> Node:
        opening = self._take()
        args: list[Node] = []
        if not self._take_sign(")"):
            args.append(self._expression(0))
            while self._take_sign(","):
                args.append(self._expression(0))
            self._close(opening)
        if name.is_word(*_AND) or name.is_word(*_OR):
            return ApplyNode("and" if name.is_word(*_AND) else "or", tuple(args), name.start, True)
        return ApplyNode(name.text, tuple(args), name.start)

    def _close(self, opening: Lexeme) -> None:
        if self._take_sign(")"):
            return
        if self._now.token is Token.END:
            raise self._fail(
                "formula.open_parenthesis", opening.start, "括号没有结束", "This parenthesis is not closed",
                "补上 )", "Add )",
            )  # fmt: skip
        self._unexpected(self._now)

    def _infix(self, left: Node, level: int) -> Node | None:
        now = self._now
        if now.token is Token.SIGN:
            return self._sign_infix(left, level, now)
        if now.token is not Token.NAME:
            return None
        if level < _LEVEL_OR and now.is_word(*_OR):
            return self._chain("or", left, _OR, _LEVEL_OR)
        if level < _LEVEL_AND and now.is_word(*_AND):
            return self._chain("and", left, _AND, _LEVEL_AND)
        if level < _LEVEL_COMPARE:
            return self._word_comparison(left, now)
        return None

    def _chain(self, operator: str, left: Node, words: tuple[str, ...], level: int) -> Node:
        args, start = [left], self._now.start
        while self._take_word(words):
            args.append(self._expression(level))
        return ApplyNode(operator, tuple(args), start, True)

    def _sign_infix(self, left: Node, level: int, now: Lexeme) -> Node | None:
        if level < _LEVEL_COMPARE and now.is_sign(*_COMPARISONS):
            self._take()
            right = self._expression(_LEVEL_COMPARE)
            if self._now.is_sign(*_COMPARISONS):
                raise self._fail(
                    "formula.chained_comparison", self._now.start, "比较不能连写", "Comparisons cannot be chained",
                    "写成 a < b AND b < c，或 b BETWEEN a AND c", "Write a < b AND b < c, or b BETWEEN a AND c",
                )  # fmt: skip
            return ApplyNode(now.text, (left, right), now.start, True)
        if level < _LEVEL_JOIN and now.is_sign("&"):
            args = [left]
            while self._take_sign("&"):
                args.append(self._expression(_LEVEL_JOIN))
            return ApplyNode("&", tuple(args), now.start, True)
        for operators, own, right_level in (
            (("+", "-"), _LEVEL_SUM, _LEVEL_SUM),
            (("*", "/"), _LEVEL_PRODUCT, _LEVEL_PRODUCT),
            (("^",), _LEVEL_POWER, _LEVEL_SIGN),
        ):
            if level < own and now.is_sign(*operators):
                self._take()
                return ApplyNode(now.text, (left, self._expression(right_level)), now.start, True)
        return None

    def _word_comparison(self, left: Node, now: Lexeme) -> Node | None:
        following = self._lexemes[self._at + 1]
        if now.is_word(*_NOT) and (following.is_word(*_IN, *_BETWEEN, *_CONTAINS)):
            self._take()
            positive = self._word_comparison(left, self._now)
            return None if positive is None else ApplyNode("not", (positive,), now.start, True)
        if self._take_word(_IN):
            return self._membership(left, now)
        if self._take_word(_NOT_IN):
            return ApplyNode("not", (self._membership(left, now),), now.start, True)
        if self._take_word(_BETWEEN):
            return self._between(left, now)
        if self._take_word(_IS):
            negative = self._take_word(_NOT)
            if not self._take_word(_BLANK):
                self._unexpected(self._now)
            return _blank_test(left, now, negative)
        if self._take_word(_IS_BLANK):
            return _blank_test(left, now, False)
        if self._take_word(_IS_NOT_BLANK):
            return _blank_test(left, now, True)
        if now.is_word(*_CONTAINS, *_NOT_CONTAINS):
            self._take()
            test = ApplyNode("CONTAINS", (left, self._expression(_LEVEL_COMPARE)), now.start)
            return ApplyNode("not", (test,), now.start, True) if now.is_word(*_NOT_CONTAINS) else test
        return None

    def _membership(self, left: Node, now: Lexeme) -> Node:
        """``x IN (a, b)`` or ``x IN list``; a single thing in parentheses may be a list itself."""
        if not self._now.is_sign("("):
            return ApplyNode("in", (left, self._expression(_LEVEL_COMPARE)), now.start, True)
        opening = self._take()
        items = [self._expression(0)]
        while self._take_sign(","):
            items.append(self._expression(0))
        self._close(opening)
        return ApplyNode("in", (left, ApplyNode("list", tuple(items), opening.start, True)), now.start, True)

    def _between(self, left: Node, now: Lexeme) -> Node:
        low = self._expression(_LEVEL_COMPARE)
        if not self._take_word(_BETWEEN_AND):
            self._unexpected(self._now)
        high = self._expression(_LEVEL_COMPARE)
        tests = (ApplyNode(">=", (left, low), now.start, True), ApplyNode("<=", (left, high), now.start, True))
        return ApplyNode("and", tests, now.start, True)


def _blank_test(left: Node, now: Lexeme, negative: bool) -> Node:
    test = ApplyNode("is_blank", (left,), now.start, True)
    return ApplyNode("not", (test,), now.start, True) if negative else test


def _is_deeper(node: Node, levels: int) -> bool:
    """Whether the node has more than so many levels; itself without recursion. Nodes may be shared (BETWEEN)."""
    level = {id(node): node}
    for _ in range(levels):
        level = {id(arg): arg for each in level.values() if isinstance(each, ApplyNode) for arg in each.args}
        if not level:
            return False
    return True
