"""What the groups of SQL forms need from the writer they are mixed into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from tongmai.formula.tree import Tree

if TYPE_CHECKING:
    from tongmai.formula.sql.environment import Dialect, SqlEnvironment


class Forms(Protocol):
    """The part of ``SqlWriter`` that every group of forms uses."""

    env: SqlEnvironment
    dialect: Dialect

    def template(self, text: str, *arguments: exp.Expression) -> exp.Expression: ...

    def marked(self, expression: exp.Expression) -> exp.Expression: ...

    def value(self, tree: Tree) -> exp.Expression: ...
