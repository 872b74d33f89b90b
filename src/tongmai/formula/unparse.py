"""Typed tree → text, as a person could have written it: ``parse(to_text(tree))`` gives the tree again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from tongmai.formula.lexer import is_name_part, is_name_start
from tongmai.formula.numbers import plain
from tongmai.formula.scope import Scope
from tongmai.formula.syntax import RESERVED
from tongmai.formula.tree import Call, FieldRef, Literal, Param, Tree
from tongmai.formula.types import Kind, Type
from tongmai.kit import Language

_LEVELS = {
    "or": 10, "and": 20, "not": 30, "=": 40, "!=": 40, "<": 40, "<=": 40, ">": 40, ">=": 40, "in": 40, "is_blank": 40,
    "&": 50, "+": 60, "-": 60, "*": 70, "/": 70, "negate": 80,
}  # fmt: skip
_ATOM = 100


def to_text(tree: Tree, scope: Scope, language: Language = "zh") -> str:
    """The formula's text over ``scope``, with fields by the label of ``language`` where ``scope`` knows them so."""
    return _Writer(scope, language).write(tree, 0)


class _Writer:
    def __init__(self, scope: Scope, language: Language) -> None:
        self._scope = scope
        self._language: Language = language

    def write(self, tree: Tree, level: int) -> str:
        """``tree`` in parentheses if its operator binds weaker than ``level``."""
        if isinstance(tree, Literal):
            return self._literal(tree)
        if isinstance(tree, FieldRef):
            return self._path(tree.path)
        if isinstance(tree, Param):
            return f"{tree.name.upper()}()"
        own = _LEVELS.get(tree.function, _ATOM)
        text = self._call(tree, own)
        return f"({text})" if own < level else text

    def _call(self, tree: Call, own: int) -> str:
        sign, args = tree.function, tree.args
        if sign in {"and", "or", "&"}:
            joint = {"and": " AND ", "or": " OR ", "&": " & "}[sign]
            return joint.join(self.write(arg, own + 1) for arg in args)
        if sign == "not":
            return f"NOT {self.write(args[0], own)}"
        if sign == "negate":
            return f"-{self.write(args[0], own + 1)}"
        if sign == "is_blank":
            return f"{self.write(args[0], own + 1)} IS BLANK"
        if sign == "in":
            return f"{self.write(args[0], own + 1)} IN {self._group(args[1])}"
        if own == 40:
            return f"{self.write(args[0], own + 1)} {sign} {self._compared(args[1], args[0], own + 1)}"
        if sign in _LEVELS:
            return f"{self.write(args[0], own)} {sign} {self.write(args[1], own + 1)}"
        name = "IFS" if sign == "IF" and len(args) > 3 else sign
        return f"{name}({', '.join(self.write(arg, 0) for arg in args)})"

    def _compared(self, tree: Tree, other: Tree, level: int) -> str:
        """A date beside what is no constant needs no DATE(…) around its text."""
        if isinstance(tree, Literal) and tree.type.kind is Kind.DATE and not isinstance(other, Literal):
            return _quoted(str(tree.value)) if tree.value is not None else "BLANK"
        return self.write(tree, level)

    def _group(self, group: Tree) -> str:
        if isinstance(group, Call) and group.function == "list":
            return f"({', '.join(self.write(item, 0) for item in group.args)})"
        return self.write(group, 50)

    def _literal(self, literal: Literal) -> str:
        value, kind = literal.value, literal.type.kind
        if value is None:
            return "''" if kind is Kind.TEXT else "BLANK"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, Decimal):
            # A constant below zero binds like a sign, so it stands in parentheses.
            text = plain(abs(value)) + ("s" if kind is Kind.DURATION else "")
            return f"(-{text})" if value < 0 else text
        if isinstance(value, datetime):
            return _quoted(value.astimezone(UTC).isoformat())
        if isinstance(value, date):
            return f"DATE({_quoted(value.isoformat())})"
        return _quoted(self._option(str(value), literal.type) if kind is Kind.CHOICE else str(value))

    def _option(self, key: str, type_: Type) -> str:
        """The option's label where it leads back to the option."""
        column = 1 if self._language == "zh" else 2
        label = next((option[column] for option in type_.options if option[0] == key), key)
        return label if type_.option_key(label) == key else key

    def _path(self, path: tuple[str, ...]) -> str:
        scope: Scope | None = self._scope
        parts = []
        for key in path:
            parts.append(_name(self._label(scope, key)))
            scope = scope.through(key) if scope is not None else None
        return ".".join(parts)

    def _label(self, scope: Scope | None, key: str) -> str:
        """The first of the scope's names that means this field: of labels, the one in the language's script."""
        if scope is None:
            return key
        labels = [name for name in scope.names() if name != key and _means(scope, name, key)]
        chinese = [name for name in labels if not name.isascii()]
        others = [name for name in labels if name.isascii()]
        wanted = chinese if self._language == "zh" else others
        return wanted[0] if wanted else key


def _means(scope: Scope, name: str, key: str) -> bool:
    symbol = scope.find(name)
    return symbol is not None and symbol.key == key


def _name(name: str) -> str:
    """In brackets unless it reads as a plain word."""
    is_word = is_name_start(name[:1] or " ") and all(is_name_part(character) for character in name)
    return name if is_word and name.upper() not in RESERVED else "[" + name.replace("]", "]]") + "]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
