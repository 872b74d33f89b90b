"""Whose values may have changed: the records that a stretch of the feed touches, and those whose window moved.

A superset is never wrong, only slower; what is missed would be. A change of a source row counts for the record it
belonged to before and for the one it belongs to now; a change on the way between (an intermediate record moved) for
both too; a change of what formulas read through relations for all rows that lead there.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias
from uuid import UUID

from tongmai.formula import Kind, Path, Tree
from tongmai.kit import WorkingCalendar
from tongmai.metrics.binding import Binder, literal
from tongmai.metrics.plan import Group, MetricPlan, paths, target_of
from tongmai.metrics.rows import Rows
from tongmai.metrics.spans import Span, earlier, edge_values, present
from tongmai.metrics.tables import PresentTables
from tongmai.metrics.windows import Bounds, Era
from tongmai.model import MetricDef
from tongmai.store import ReadTx, Workspace

# Beyond so many records the whole object is computed in one pass instead.
MOST_SUBJECTS = 20_000


_Query: TypeAlias = tuple[Binder, str, dict[str, object]]


class Affected:
    """Finds the records of one plan, in one transaction."""

    def __init__(self, workspace: Workspace, plan: MetricPlan, calendar: WorkingCalendar) -> None:
        self._workspace = workspace
        self._plan = plan
        self._calendar = calendar
        self._schema = workspace.quoted_schema

    async def find(self, tx: ReadTx, after: int, upto: int, before: Era, now: Era) -> frozenset[UUID] | None:
        """The records; None where all must be computed (a purge took away where its row belonged, or too many)."""
        touched = await tx.fetch(
            f"SELECT object, bool_or(action = 'purge') AS purged FROM {self._schema}._history"
            " WHERE epoch > $1 AND epoch <= $2 AND object = ANY($3) GROUP BY object",
            after, upto, sorted(self._plan.objects),
        )  # fmt: skip
        if any(row["purged"] and row["object"] != self._plan.object for row in touched):
            return None
        sources = {group.source for group in self._plan.groups if group.hops}
        if any(row["purged"] and row["object"] in sources for row in touched):
            return None
        objects = {row["object"] for row in touched}
        queries = list(self._changes(objects, after, upto))
        queries += self._moves(before, now)
        found: set[UUID] = set()
        for binder, sql, given in queries:
            statement = binder.statement(f"SELECT DISTINCT q.subject FROM ({sql}) AS q LIMIT {MOST_SUBJECTS + 1}")
            rows = await tx.fetch(statement.sql, *statement.arguments(given))
            found.update(row["subject"] for row in rows if row["subject"] is not None)
            if len(found) > MOST_SUBJECTS:
                return None
        return frozenset(found)

    def _changes(self, objects: set[str], after: int, upto: int) -> Iterator[_Query]:
        given: dict[str, object] = {"after": after, "upto": upto}
        if self._plan.object in objects:
            binder = Binder()
            yield binder, f"SELECT h.record_id AS subject FROM {self._entries(binder, self._plan.object)}", given
        for tree in self._plan.own_trees:
            yield from self._related(Group(self._plan.object, (), ()), objects, given, _prefixes(tree))
        for group in self._plan.groups:
            if group.source in objects:
                yield self._present_subjects(group, given)
            yield from self._former_subjects(group, objects, given)
            yield from self._related(group, objects, given, _relations(group.read_paths))

    def _present_subjects(self, group: Group, given: dict[str, object]) -> _Query:
        """Where the changed rows of the source belong now."""
        binder, rows = self._rows(group.source)
        subject = rows.path(group.hops) if group.hops else "s.id"
        entries = self._entries(binder, group.source)
        return (
            binder,
            f"SELECT {subject} AS subject FROM {rows.source} WHERE s.id IN (SELECT h.record_id FROM {entries})",
            given,
        )

    def _former_subjects(self, group: Group, objects: set[str], given: dict[str, object]) -> Iterator[_Query]:
        """Where changed rows, of the source or on the way, led before: the rest of the way as it is now."""
        owner = group.source
        for number, key in enumerate(group.hops):
            target = target_of(self._plan.catalogue, owner, key)
            assert target is not None
            if owner in objects:
                binder = Binder()
                link = f"h.before ->> {literal(key)}"
                former = (
                    f"SELECT CASE WHEN pg_input_is_valid({link}, 'uuid') THEN ({link})::uuid END AS id"
                    f" FROM {self._entries(binder, owner)} AND h.before ? {literal(key)}"
                )
                rest = group.hops[number + 1 :]
                if not rest:
                    yield binder, f"SELECT f.id AS subject FROM ({former}) AS f", given
                else:
                    _, rows = self._rows(target, binder)
                    subject = rows.path(rest)
                    sql = f"SELECT {subject} AS subject FROM {rows.source} WHERE s.id IN ({former})"
                    yield binder, sql, given
            owner = target

    def _related(
        self, group: Group, objects: set[str], given: dict[str, object], prefixes: dict[Path, frozenset[str]]
    ) -> Iterator[_Query]:
        """Rows that read a changed record through relations, by fields that were changed."""
        for prefix, keys in prefixes.items():
            owner: str | None = group.source
            for key in prefix:
                owner = target_of(self._plan.catalogue, owner, key) if owner is not None else None
            if owner is None or owner not in objects:
                continue
            binder, rows = self._rows(group.source)
            subject = rows.path(group.hops) if group.hops else "s.id"
            listed = ", ".join(literal(key) for key in sorted(keys))
            link = rows.path(prefix)
            changed = f"{self._entries(binder, owner)} AND h.before ?| ARRAY[{listed}]"
            sql = f"SELECT {subject} AS subject FROM {rows.source} WHERE {link} IN (SELECT h.record_id FROM {changed})"
            yield binder, sql, given

    def _moves(self, before: Era, now: Era) -> Iterator[_Query]:
        """Rows that a window took in or let go between two evaluations."""
        for group in self._plan.groups:
            spans: dict[Tree, dict[Bounds, None]] = {}
            for each in group.measured:
                for span in _spans(each.metric, has_past=each.has_past):
                    moved = span.bounds(before).moved_to(span.bounds(now))
                    spans.setdefault(each.at, {}).update(dict.fromkeys(moved))
            for at, moves in spans.items():
                if moves:
                    yield self._moved_rows(group, at, list(moves), now)
        for metric in self._plan.update_rates:
            binder, given = Binder(), dict[str, object]()
            span = present(metric)
            moved = span.bounds(before).moved_to(span.bounds(now))
            if moved:
                condition = _conditions(binder, given, "h.at", "timestamptz", moved, now)
                sql = (
                    f"SELECT h.record_id AS subject FROM {self._schema}._history AS h"
                    f" WHERE h.object = {literal(self._plan.object)} AND ({condition})"
                )
                yield binder, sql, given

    def _moved_rows(self, group: Group, at: Tree, moves: list[Bounds], now: Era) -> _Query:
        binder, rows = self._rows(group.source)
        subject = rows.path(group.hops) if group.hops else "s.id"
        given: dict[str, object] = {"now": now.as_of, "today": now.today}
        kind = "date" if at.type.kind is Kind.DATE else "timestamptz"
        condition = _conditions(binder, given, rows.sql(at), kind, moves, now)
        return binder, f"SELECT {subject} AS subject FROM {rows.source} WHERE {condition}", given

    def _rows(self, source: str, binder: Binder | None = None) -> tuple[Binder, Rows]:
        binder = Binder() if binder is None else binder
        tables = PresentTables(self._workspace)
        zone = self._workspace.zone
        return binder, Rows(self._plan.catalogue, source, "s", tables, binder, zone, self._calendar)

    def _entries(self, binder: Binder, object_key: str) -> str:
        after, upto = binder("after", "bigint"), binder("upto", "bigint")
        return (
            f"{self._schema}._history AS h WHERE h.epoch > {after} AND h.epoch <= {upto}"
            f" AND h.object = {literal(object_key)}"
        )


def _spans(metric: MetricDef, *, has_past: bool) -> tuple[Span, ...]:
    return (present(metric), earlier(metric)) if has_past else (present(metric),)


def _conditions(binder: Binder, given: dict[str, object], at: str, kind: str, moves: list[Bounds], era: Era) -> str:
    found = []
    for number, bounds in enumerate(moves):
        name = f"m{number}"
        given |= edge_values(name, bounds, era)
        end = f"{at} < {binder(f'{name}.end.{kind}', kind)}"
        found.append(
            f"({end})" if bounds.start is None else f"({at} >= {binder(f'{name}.start.{kind}', kind)} AND {end})"
        )
    return " OR ".join(found)


def _relations(read: frozenset[Path]) -> dict[Path, frozenset[str]]:
    """Each relation prefix with the fields that are read behind it."""
    found: dict[Path, set[str]] = {}
    for path in read:
        for length in range(1, len(path)):
            found.setdefault(path[:length], set()).add(path[length])
    return {prefix: frozenset(keys) for prefix, keys in found.items()}


def _prefixes(tree: Tree) -> dict[Path, frozenset[str]]:
    return _relations(paths(tree))
