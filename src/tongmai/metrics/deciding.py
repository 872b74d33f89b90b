"""What a segment or a rule says of the rows of an object, as one query over all of them (law 3).

``AskedRows`` is the one way from conditions to SQL, for rows as they are and as they were; whoever decides takes it.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from tongmai.formula import BOOLEAN, FieldRef, Kind, Path, Tree, Type, parse, walk
from tongmai.metrics.binding import Binder, Statement, literal
from tongmai.metrics.plan import plan_metrics
from tongmai.metrics.rows import Rows
from tongmai.metrics.spans import Spans
from tongmai.metrics.statements import values_item
from tongmai.metrics.tables import PastTables, PresentTables, Tables
from tongmai.metrics.windows import Era
from tongmai.model import Catalogue, ObjectScope, SegmentDef, companion_table
from tongmai.store import Workspace, quote_ident

ValuesItem = Callable[[str, str], str]
"""Object and the SQL of a record's id → the FROM item of the object's metric values."""

# PostgreSQL takes at most 100 arguments.
_MOST_PAIRS = 45


@dataclass(frozen=True)
class Asked:
    """A statement over rows, with all windows that it was made over."""

    statement: Statement
    spans: tuple[Spans, ...]

    @property
    def sql(self) -> str:
        return self.statement.sql

    def arguments(self, era: Era, more: Mapping[str, object] | None = None) -> list[object]:
        """In order, for one moment; ``more`` gives what the statement names beside windows and the moment."""
        given: dict[str, object] = {"as_of": era.as_of, "now": era.as_of, "today": era.today}
        for each in self.spans:
            given |= each.given(era)
        return self.statement.arguments({**given, **(more or {})})


class AskedRows:
    """An object's rows under the alias ``o``, deleted ones included, with formulas over them.

    ``binder`` collects what is given at each run. Ask for ``source`` and ``seen`` when all formulas are made.
    """

    def __init__(
        self,
        workspace: Workspace,
        catalogue: Catalogue,
        object_key: str,
        tables: Tables,
        binder: Binder,
        values: ValuesItem | None,
        told: Mapping[str, exp.Expression] | None = None,
    ) -> None:
        self.binder = binder
        self.scope = ObjectScope(catalogue, object_key, metrics=values is not None)
        self.dialect = tables.dialect
        self._spans: list[Spans] = []
        self._rows = Rows(
            catalogue, object_key, "o", tables, binder, workspace.zone, catalogue.calendar.working, values, told=told
        )  # fmt: skip
        self._read: dict[Path, Type] = {}

    @classmethod
    def present(cls, workspace: Workspace, catalogue: Catalogue, object_key: str) -> AskedRows:
        """The rows and metric values as they are now."""

        def values(of_object: str, _: str) -> str:
            return f"{workspace.quoted_schema}.{quote_ident(companion_table(of_object))}"

        return cls(workspace, catalogue, object_key, PresentTables(workspace), Binder(), values)

    @classmethod
    def past(
        cls,
        workspace: Workspace,
        catalogue: Catalogue,
        object_key: str,
        tables: Callable[[Binder], Tables] | None = None,
    ) -> AskedRows:
        """The rows as they were at ``$as_of``, with metrics worked out from the rows of that moment.

        ``tables`` gives them in another engine; without it PostgreSQL lays the history over the present rows.
        """
        binder = Binder()
        moment = binder("as_of", "timestamptz")
        found = PastTables(workspace, catalogue, moment) if tables is None else tables(binder)
        spans: list[Spans] = []

        def values(of_object: str, _: str) -> str:
            plan = plan_metrics(catalogue, of_object)
            item, own = values_item(plan, found, binder, workspace.zone, catalogue.calendar.working)
            spans.append(own)
            return item

        made = cls(workspace, catalogue, object_key, found, binder, values)
        made._spans = spans
        return made

    def tree(self, text: str, expect: Type | None = None) -> Tree:
        """A formula over the object."""
        return parse(text, self.scope, expect=expect).tree

    def condition(self, text: str, *, filters: bool = False) -> str:
        """That a formula holds; its fields are among those ``seen``. To filter it may be NULL for false, which lets
        an index serve it."""
        tree = self.tree(text, BOOLEAN)
        self.show(tree)
        return self.sql(tree, as_value=not filters)

    def show(self, tree: Tree) -> None:
        """Counts what the tree reads as ``seen``."""
        self._read |= {node.path: node.type for node in walk(tree) if isinstance(node, FieldRef)}

    def sql(self, tree: Tree, *, as_value: bool = True) -> str:
        return self._rows.sql(tree, as_value=as_value)

    def path(self, path: Path) -> str:
        """The stored value at a path."""
        return self._rows.path(path)

    @property
    def source(self) -> str:
        return self._rows.source

    @property
    def seen(self) -> str:
        """The values that conditions read, by path, as JSON text."""
        return self.document({".".join(path): (self._rows.path(path), self._read[path]) for path in sorted(self._read)})

    def document(self, parts: Mapping[str, tuple[str, Type]]) -> str:
        """Values by name, each as SQL with its type, as JSON text that is the same in either engine."""
        if self.dialect != "postgres":
            pairs = [f"{literal(name)}, {_shown(value, type)}" for name, (value, type) in parts.items()]
            return f"CAST(json_object({', '.join(pairs)}) AS VARCHAR)"
        pairs = [f"{literal(name)}, {value}" for name, (value, _) in parts.items()]
        some = [pairs[at : at + _MOST_PAIRS] for at in range(0, len(pairs), _MOST_PAIRS)] or [[]]
        made = " || ".join(f"jsonb_build_object({', '.join(each)})" for each in some)
        return f"({made})::text"

    def asked(self, sql: str) -> Asked:
        return Asked(self.binder.statement(sql), tuple(self._spans) or (Spans(self.binder),))


def present_query(workspace: Workspace, catalogue: Catalogue, segment: SegmentDef) -> Asked:
    """Records whose class is not the one the table says now: ``id, wanted, leaves, seen, deleted, class, since``."""
    rows = AskedRows.present(workspace, catalogue, segment.object)
    members = f"{workspace.quoted_schema}._segment_member"
    return rows.asked(
        f"SELECT d.*, m.class, m.since FROM ({decision(rows, segment)}) AS d LEFT JOIN {members} AS m"
        f" ON m.segment = {literal(segment.key)} AND m.record_id = d.id WHERE m.class IS DISTINCT FROM d.wanted"
    )


def past_query(workspace: Workspace, catalogue: Catalogue, segment: SegmentDef) -> Asked:
    """What the table would have said of all records at ``$as_of``, from the rows of that moment."""
    rows = AskedRows.past(workspace, catalogue, segment.object)
    return rows.asked(decision(rows, segment))


def decision(rows: AskedRows, segment: SegmentDef, *, tells_seen: bool = True) -> str:
    """The table's word on each row: ``id, deleted, wanted, leaves`` and, unless nobody asks why, ``seen``."""
    cases: list[str] = []
    leaves: dict[str, tuple[str, Type]] = {}
    for each in segment.classes:
        then = literal(each.key)
        cases.append(f"ELSE {then}" if each.when is None else f"WHEN {rows.condition(each.when)} THEN {then}")
        if each.leave_when is not None:
            leaves[each.key] = rows.condition(each.leave_when), BOOLEAN
    case = f"CASE {' '.join(cases)} END" if cases[0].startswith("WHEN") else cases[0].removeprefix("ELSE ")
    seen = f", {rows.seen} AS seen" if tells_seen else ""
    return (
        f"SELECT o.id, o.deleted_at IS NOT NULL AS deleted, CASE WHEN o.deleted_at IS NULL THEN {case} END AS wanted,"
        f" {rows.document(leaves)} AS leaves{seen} FROM {rows.source}"
    )


def _shown(value: str, type: Type) -> str:
    """A moment as PostgreSQL writes it into JSON; DuckDB's own way is another."""
    if type.kind is not Kind.DATETIME:
        return value
    written = f"strftime(({value}) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f')"
    return f"rtrim(rtrim({written}, '0'), '.') || '+00:00'"
