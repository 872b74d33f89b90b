"""What a formula may name: the contract that ``model`` keeps over an object, and tests over a table of symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tongmai.formula.tree import Tree
from tongmai.formula.types import Type


@dataclass(frozen=True)
class Symbol:
    """A field as formulas see it. A formula field brings its own tree, which is put in place of the name."""

    key: str
    type: Type
    formula: Tree | None = None


class Scope(Protocol):
    """The names of one object.

    A scope answers only for fields the author may know of; an unknown name is a fault with a suggestion.
    """

    @property
    def object_key(self) -> str: ...

    def find(self, name: str) -> Symbol | None:
        """The field called ``name``: its key, its Chinese or its English label."""
        ...

    def names(self) -> Sequence[str]:
        """All names that ``find`` knows, for suggestions."""
        ...

    def through(self, key: str) -> Scope | None:
        """The scope that the REFERENCE field ``key`` leads to; None where it does not lead on."""
        ...


@dataclass(frozen=True)
class EmptyScope:
    """A scope without fields: for constant formulas such as defaults of a parameter."""

    object_key: str = ""

    def find(self, name: str) -> Symbol | None:
        return None

    def names(self) -> Sequence[str]:
        return ()

    def through(self, key: str) -> Scope | None:
        return None
