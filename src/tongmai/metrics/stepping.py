"""Aggregates at many moments without meeting each row with each of them: what rows add when they come into a window and
take away when they leave it, summed up from step to step (DuckDB).

A version of a row is there for one run of steps, and as moments go on no edge of a window moves back, so it lies in a
window for one run of steps ``[i, j)``. Sums take it in at i and out at j; a value counts as distinct while any row
holds it; the greatest and least are carried on over rows that stay to the end, and looked for again among those that
pass. Between two changes a record's values stay.
"""

# ruff: noqa: S608 - names and edges are ours

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tongmai.formula import Kind
from tongmai.metrics.aggregates import Column, Fold, Part
from tongmai.metrics.plan import Measured
from tongmai.metrics.spans import Span, edge_values
from tongmai.metrics.turning import filter_of
from tongmai.metrics.windows import Era

Edge = date | datetime
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Scope:
    """A window over a group's rows: the SQL of a row's moment, and its run ``[i, j)`` as columns of the rows ``r``.
    ``rises`` and ``falls`` are the SQL of the steps from which on, and until before which, a filter lets a row in."""

    number: int
    span: Span
    at: str
    is_date: bool
    rises: tuple[str, ...] = ()
    falls: tuple[str, ...] = ()

    @property
    def condition(self) -> str:
        """That a row lies in it at the step ``r.n``."""
        return f"r.i{self.number} <= r.n AND r.n < r.j{self.number}"

    def run(self, eras: Sequence[Era]) -> str:
        """The columns ``i`` and ``j`` over rows ``r`` that are there from ``_from`` until before ``_until``."""
        starts, ends = _edges(self.span, eras, is_date=self.is_date)
        left = () if starts is None else (_rank(self.at, starts, is_date=self.is_date),)
        leaves = f"least({', '.join(('r._until', *left, *self.falls))})"
        enters = f"greatest({', '.join(('r._from', _rank(self.at, ends, is_date=self.is_date), *self.rises))})"
        return f"CAST({enters} AS INTEGER) AS i{self.number}, CAST({leaves} AS INTEGER) AS j{self.number}"


class StepPass:
    """Implements ``collecting.Pass``. ``runs`` is a relation of the parts that are carried on, with the steps from
    ``n`` until before ``upto`` for which they stand; ``passing(scope)`` of those that are gathered step by step."""

    def __init__(self, name: str, eras: Sequence[Era]) -> None:
        self.name = name
        self.scopes: dict[str, Scope] = {}
        self._eras = eras
        self._count = len(eras)
        self._aliases: dict[Part, str] = {}
        self._carried: dict[str, tuple[Fold, Scope]] = {}
        self._gathered: dict[Scope, dict[str, str]] = {}
        self._whole: set[Scope] = set()

    def within(self, each: Measured, span: Span, column: Column) -> tuple[Measured, str]:
        found = filter_of(each.where)
        assert found is not None
        steps = [(turn.rises, column(turn.step(self._eras))) for turn in found.turns]
        rises, falls = (tuple(sql for up, sql in steps if up is wanted) for wanted in (True, False))
        scope = Scope(0, span, column(each.at), each.at.type.kind is Kind.DATE, rises, falls)
        return replace(each, where=found.lasting), self.scope(scope).condition

    def scope(self, wanted: Scope) -> Scope:
        """The one that is such a window, numbered."""
        found = next((each for each in self.scopes.values() if replace(each, number=0) == wanted), None)
        scope = found or replace(wanted, number=len(self.scopes))
        self.scopes[scope.condition] = scope
        return scope

    def put(self, part: Part, within: str) -> tuple[str, str]:
        scope = self.scopes[within]
        alias = self._aliases.setdefault(part, f"a{len(self._aliases)}")
        carried, gathered = f"{self.name}_runs.{alias}", f"{self.passing(scope)}.{alias}"
        if part.fold is None:
            self._whole.add(scope)
            self._gathered.setdefault(scope, {})[alias] = part.sql
            return alias, gathered
        self._carried[alias] = (part.fold, scope)
        if part.fold.function in ("sum", "distinct"):
            return alias, carried
        passing = f"{part.fold.function}({part.fold.value}) FILTER (WHERE r.j{scope.number} < {self._count})"
        self._gathered.setdefault(scope, {})[alias] = passing
        better = ">=" if part.fold.function == "max" else "<="
        either = f"CASE WHEN {gathered} IS NULL OR {carried} {better} {gathered} THEN {carried} ELSE {gathered} END"
        return alias, part.fold.shown.format(either)

    def passing(self, scope: Scope) -> str:
        """The name of the relation of what is gathered step by step."""
        return f"{self.name}_{scope.number}"

    def runs(self, rows: str) -> str | None:
        """A SELECT over the group's rows; None where nothing is carried on."""
        if not self._carried:
            return None
        changes = " UNION ALL ".join(self._changes(rows))
        summed = ", ".join(f"{_function(fold)}(c.{name}) AS {name}" for name, (fold, _) in self._carried.items())
        carried = ", ".join(
            f"{_function(fold)}(c.{name}) OVER w AS {name}" for name, (fold, _) in self._carried.items()
        )
        return (
            f"WITH folded AS (SELECT c.subject, c.n, {summed} FROM ({changes}) AS c GROUP BY c.subject, c.n)"
            f" SELECT c.subject, c.n, lead(c.n, 1, {self._count}) OVER w AS upto, {carried} FROM folded AS c"
            " WINDOW w AS (PARTITION BY c.subject ORDER BY c.n)"
        )

    def relations(self, rows: str, runs: str, first: str, after: str) -> Iterator[tuple[str, str]]:
        """The relations with one row a subject and step ``n``, for the steps ``[first, after)``."""
        if self._carried:
            steps = f"unnest(range(greatest(c.n, {first}), least(c.upto, {after}))) AS n"
            yield (
                f"{self.name}_runs",
                f"SELECT c.* EXCLUDE (n, upto), {steps} FROM {runs} AS c WHERE c.n < {after} AND c.upto > {first}",
            )
        for scope, parts in self._gathered.items():
            i, j = f"r.i{scope.number}", f"r.j{scope.number}"
            there = f"{i} < {j} AND {i} < {after} AND {j} > {first}"
            if scope not in self._whole:
                there += f" AND {j} < {self._count}"
            steps = f"SELECT r.*, unnest(range(greatest({i}, {first}), least({j}, {after}))) AS n FROM {rows} AS r"
            listed = ", ".join(f"{sql} AS {alias}" for alias, sql in parts.items())
            yield (
                self.passing(scope),
                f"SELECT r.subject, r.n, {listed} FROM ({steps} WHERE {there}) AS r GROUP BY r.subject, r.n",
            )

    @property
    def reads_rows(self) -> bool:
        """Whether the rows are still needed once the runs are there."""
        return bool(self._gathered)

    def _changes(self, rows: str) -> Iterator[str]:
        """What comes and goes, with a column a part."""
        for scope in dict.fromkeys(scope for _, scope in self._carried.values()):
            i, j = f"r.i{scope.number}", f"r.j{scope.number}"
            come = {name: _coming(fold, j, self._count) for name, fold in self._of(scope)}
            go = {name: f"-({fold.value})" for name, fold in self._of(scope) if fold.function == "sum"}
            if any(come.values()):
                yield f"SELECT r.subject, {i} AS n, {self._listed(come)} FROM {rows} AS r WHERE {i} < {j}"
            if go:
                left = f"{i} < {j} AND {j} < {self._count}"
                yield f"SELECT r.subject, {j} AS n, {self._listed(go)} FROM {rows} AS r WHERE {left}"
            for name, fold in self._of(scope):
                if fold.function == "distinct":
                    found = _appearing(rows, fold.value, i, j, self._count)
                    yield f"SELECT d.subject, d.n, {self._listed({name: 'd.change'})} FROM ({found}) AS d"

    def _of(self, scope: Scope) -> Iterator[tuple[str, Fold]]:
        return ((name, fold) for name, (fold, of) in self._carried.items() if of == scope)

    def _listed(self, given: Mapping[str, str | None]) -> str:
        return ", ".join(f"{given.get(name) or 'NULL'} AS {name}" for name in self._carried)


def known_from(at: str, eras: Sequence[Era]) -> str:
    """The first step whose moment is not before ``at`` (SQL of a timestamptz); their count if none is."""
    return _rank(at, [each.as_of + _TICK for each in eras], is_date=False)


def _function(fold: Fold) -> str:
    return "sum" if fold.function == "distinct" else fold.function


def _coming(fold: Fold, leaves: str, count: int) -> str | None:
    match fold.function:
        case "sum":
            return fold.value
        case "distinct":
            return None
        case "max" | "min":
            return f"CASE WHEN {leaves} = {count} THEN {fold.value} END"


def _appearing(rows: str, value: str, enters: str, leaves: str, count: int) -> str:
    """Values of a subject that come to be held by any row (1), and that no row holds any longer (-1)."""
    held = f"FROM {rows} AS r WHERE {enters} < {leaves} AND {value} IS NOT NULL"
    marks = (
        f"SELECT r.subject, {value} AS v, {enters} AS n, 1 AS d {held}"
        f" UNION ALL SELECT r.subject, {value}, {leaves}, -1 {held} AND {leaves} < {count}"
    )
    summed = f"SELECT subject, v, n, sum(d)::BIGINT AS d FROM ({marks}) GROUP BY subject, v, n"
    held_by = f"SELECT subject, n, d, sum(d) OVER (PARTITION BY subject, v ORDER BY n) AS holders FROM ({summed})"
    change = "(holders > 0)::INTEGER - (holders - d > 0)::INTEGER"
    return f"SELECT subject, n, {change} AS change FROM ({held_by}) WHERE {change} <> 0"


def _edges(span: Span, eras: Sequence[Era], *, is_date: bool) -> tuple[list[Edge] | None, list[Edge]]:
    """The starts and ends of the window at each step; no starts where it reaches back for ever."""
    kind = "date" if is_date else "timestamptz"
    found = [edge_values("w", span.bounds(era), era) for era in eras]
    ends = [_edge(each[f"w.end.{kind}"]) for each in found]
    if f"w.start.{kind}" not in found[0]:
        return None, ends
    return [_edge(each[f"w.start.{kind}"]) for each in found], ends


def _edge(value: object) -> Edge:
    assert isinstance(value, date)
    return value


def _rank(column: str, edges: Sequence[Edge], *, is_date: bool) -> str:
    """How many of the edges, which never go back, are not behind the moment: by halves, for there may be hundreds."""

    def within(low: int, high: int) -> str:
        if low == high:
            return str(low)
        middle = (low + high) // 2
        constant = f"{'DATE' if is_date else 'TIMESTAMPTZ'} '{edges[middle].isoformat()}'"
        return f"CASE WHEN {column} < {constant} THEN {within(low, middle)} ELSE {within(middle + 1, high)} END"

    return within(0, len(edges))
