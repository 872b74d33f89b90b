"""Aggregates at many moments without meeting each row with each of them: what rows add when they come into a window and
take away when they leave it, summed up from moment to moment (DuckDB).

As moments go on no edge of a window moves back, so a row lies in a window for one run of moments ``[i, j)``. Sums take
the row in at i and out at j; the greatest and least of a window that never lets a row go are kept on from i. Between
two changes a record's values stay: they are worked out once and repeated.
"""

# ruff: noqa: S608 - names and edges are ours

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tongmai.metrics.aggregates import Part
from tongmai.metrics.spans import Span


@dataclass(frozen=True)
class Scope:
    """A window over a group's rows: the SQL of a row's moment, and of its edges as columns of the moments ``m``."""

    span: Span
    at: str
    start: str | None
    end: str

    @property
    def condition(self) -> str:
        """That a row lies in it."""
        end = f"{self.at} < {self.end}"
        return end if self.start is None else f"{self.at} >= {self.start} AND {end}"

    @property
    def only_grows(self) -> bool:
        return self.span.which == "now" and self.span.window.kind in ("all", "since")


def is_stepped(part: Part, scope: Scope) -> bool:
    """Whether the part can be carried on from moment to moment."""
    return part.fold is not None and (part.fold.function == "sum" or scope.only_grows)


def stepped(source: str, parts: Mapping[str, tuple[Part, Scope]], moments: str, count: int, *, known: bool) -> str:
    """A SELECT of ``subject``, ``n`` and each part by its name. ``source`` is the SELECT of the group's rows."""
    scopes = list(dict.fromkeys(scope for _, scope in parts.values()))
    joins, columns = [], []
    for number, scope in enumerate(scopes):
        joins.append(_place(f"x{number}", scope.end, scope.at, moments))
        first = f"coalesce(x{number}.n + 1, 0)"
        columns.append(f"{f'greatest({first}, coalesce(k.n + 1, 0))' if known else first} AS i{number}")
        if scope.start is not None:
            joins.append(_place(f"y{number}", scope.start, scope.at, moments))
            columns.append(f"coalesce(y{number}.n + 1, 0) AS j{number}")
        else:
            columns.append(f"{count} AS j{number}")
    if known:
        joins.append(_place("k", "m.as_of", "r.known", moments, "> "))
    rows = f"SELECT r.*, {', '.join(columns)} FROM ({source}) AS r {' '.join(joins)}"
    changes = " UNION ALL ".join(
        each for number, scope in enumerate(scopes) for each in _changes(parts, scope, number, count)
    )
    summed = ", ".join(f"{_function(part)}(c.{name}) AS {name}" for name, (part, _) in parts.items())
    carried = ", ".join(f"{_function(part)}(c.{name}) OVER w AS {name}" for name, (part, _) in parts.items())
    shown = ", ".join(f"{_shown(part, f'c.{name}')} AS {name}" for name, (part, _) in parts.items())
    return (
        f"WITH r AS ({rows}), changes AS ({changes}),"
        f" folded AS (SELECT c.subject, c.n, {summed} FROM changes AS c GROUP BY c.subject, c.n),"
        f" carried AS (SELECT c.subject, c.n, lead(c.n, 1, {count}) OVER w AS upto, {carried} FROM folded AS c"
        " WINDOW w AS (PARTITION BY c.subject ORDER BY c.n))"
        f" SELECT c.subject, unnest(range(c.n, c.upto)) AS n, {shown} FROM carried AS c"
    )


def _place(alias: str, edge: str, at: str, moments: str, order: str = ">=") -> str:
    """The number of the last moment whose edge is not behind ``at``."""
    edges = f"SELECT max(m.n) AS n, {edge} AS edge FROM {moments} AS m GROUP BY 2"
    return f"ASOF LEFT JOIN ({edges}) AS {alias} ON {at} {order} {alias}.edge"


def _changes(parts: Mapping[str, tuple[Part, Scope]], scope: Scope, number: int, count: int) -> Sequence[str]:
    """Rows coming into a window, and leaving it."""
    within = f"{scope.at} IS NOT NULL AND r.i{number} < r.j{number} AND r.i{number} < {count}"

    def values(sign: str) -> str:
        return ", ".join(
            f"{sign}({_value(part)}) AS {name}" if of == scope else f"NULL AS {name}"
            for name, (part, of) in parts.items()
        )

    found = [f"SELECT r.subject, r.i{number} AS n, {values('')} FROM r WHERE {within}"]
    if not scope.only_grows:
        left = f"{within} AND r.j{number} < {count}"
        found.append(f"SELECT r.subject, r.j{number} AS n, {values('-')} FROM r WHERE {left}")
    return found


def _function(part: Part) -> str:
    assert part.fold is not None
    return part.fold.function


def _value(part: Part) -> str:
    assert part.fold is not None
    return part.fold.value


def _shown(part: Part, column: str) -> str:
    assert part.fold is not None
    return part.fold.shown.format(column)
