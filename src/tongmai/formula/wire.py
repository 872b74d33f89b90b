"""Typed tree ⇄ JSON, for the browser's evaluator and for keeping. Versioned; numbers travel as text, to stay exact.

A document is ``{"v": 1, "tree": node}``. Nodes: ``{"k": "lit", "t": type, "v": value}``, ``{"k": "field", "t": type,
"p": [keys]}``, ``{"k": "param", "t": type, "n": name}``, ``{"k": "call", "t": type, "f": function, "a": [nodes]}``.
A type is its kind's name, or an object with ``kind`` and what belongs to it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias
from uuid import UUID

from tongmai.formula.catalogue import find_function
from tongmai.formula.limits import DEFAULT, Limits
from tongmai.formula.numbers import plain
from tongmai.formula.parsing import OPERATORS
from tongmai.formula.tree import Call, FieldRef, Literal, Param, Scalar, Tree
from tongmai.formula.types import Kind, Type
from tongmai.kit import Invalid

VERSION = 1

# JSON as it comes from outside: every use below checks what it finds.
Json: TypeAlias = dict[str, Any]


def to_json(tree: Tree) -> Json:
    """The tree as a JSON document."""
    return {"v": VERSION, "tree": _node(tree)}


def _node(tree: Tree) -> Json:
    type_ = _type(tree.type)
    if isinstance(tree, Literal):
        return {"k": "lit", "t": type_, "v": _value(tree.value)}
    if isinstance(tree, FieldRef):
        return {"k": "field", "t": type_, "p": list(tree.path)}
    if isinstance(tree, Param):
        return {"k": "param", "t": type_, "n": tree.name}
    return {"k": "call", "t": type_, "f": tree.function, "a": [_node(arg) for arg in tree.args]}


def _type(type_: Type) -> str | Json:
    found: Json = {"kind": type_.kind.value}
    if type_.item is not None:
        found["item"] = _type(type_.item)
    if type_.target is not None:
        found["target"] = type_.target
    if type_.options:
        found["options"] = [list(option) for option in type_.options]
    return type_.kind.value if len(found) == 1 else found


def _value(value: Scalar) -> str | bool | None:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def from_json(document: Json, limits: Limits = DEFAULT) -> Tree:
    """The tree of a JSON document. Raises ``kit.Invalid`` for anything that ``to_json`` would not write."""
    if document.get("v") != VERSION:
        raise _refusal(f"version {document.get('v')}")
    try:
        return _Reader(limits).tree(document["tree"], 1)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise _refusal(str(error)) from error


def _refusal(reason: str) -> Invalid:
    return Invalid(
        Invalid.of(
            "formula.document", f"这不是可用的公式文档：{reason}", f"This is no usable formula document: {reason}"
        ).faults
    )


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._nodes = 0

    def tree(self, node: Json, depth: int) -> Tree:
        self._nodes += 1
        if depth > self._limits.depth or self._nodes > self._limits.nodes:
            raise ValueError("too large")
        type_ = _read_type(node["t"], 0)
        kind = node["k"]
        if kind == "lit":
            return Literal(_read_value(node["v"], type_), type_)
        if kind == "field":
            return FieldRef(tuple(_text(key) for key in node["p"]), type_)
        if kind == "param":
            return Param(_text(node["n"]), type_)
        if kind != "call":
            raise ValueError(f"unknown node {kind}")
        function = _text(node["f"])
        known = find_function(function)
        if function not in OPERATORS and (known is None or known.name != function):
            raise ValueError(f"unknown function {function}")
        return Call(function, tuple(self.tree(arg, depth + 1) for arg in node["a"]), type_)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text expected, not {type(value).__name__}")
    return value


def _read_type(found: str | Json, depth: int) -> Type:
    if isinstance(found, str):
        return Type(Kind(found))
    if depth > 2:
        raise ValueError("a list of lists of lists")
    item = found.get("item")
    return Type(
        Kind(found["kind"]),
        None if item is None else _read_type(item, depth + 1),
        None if found.get("target") is None else _text(found["target"]),
        tuple((_text(key), _text(zh), _text(en)) for key, zh, en in found.get("options", ())),
    )


def _read_value(value: object, type_: Type) -> Scalar:
    if value is None:
        return None
    kind = type_.kind
    if kind is Kind.BOOLEAN:
        if not isinstance(value, bool):
            raise TypeError("true or false expected")
        return value
    text = _text(value)
    if kind in {Kind.NUMBER, Kind.DURATION}:
        return Decimal(text)
    if kind is Kind.DATE:
        return date.fromisoformat(text)
    if kind is Kind.DATETIME:
        return datetime.fromisoformat(text)
    if kind is Kind.REFERENCE:
        return UUID(text)
    if kind in {Kind.TEXT, Kind.CHOICE}:
        return text
    raise TypeError(f"no constants of kind {kind}")
