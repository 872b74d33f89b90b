"""Where rows are read from: the tables of a workspace as they are or as they were at a moment, or its replica.

The statements of this room are made for any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tongmai.formula import Dialect
from tongmai.metrics.binding import literal
from tongmai.model import Catalogue
from tongmai.records import past_record, past_rows
from tongmai.replica import ReplicaReader
from tongmai.store import Workspace, quote_ident


class Tables(Protocol):
    """FROM items of one workspace in one engine."""

    @property
    def dialect(self) -> Dialect: ...

    def rows(self, object_key: str) -> str:
        """All rows of an object, deleted ones included; wants an alias."""
        ...

    def join(self, object_key: str, alias: str, link: str) -> str:
        """A LEFT JOIN of the record whose id is ``link``."""
        ...

    def history(self) -> str:
        """The change log: object, record_id, at, action, after."""
        ...

    def members(self, segment: str, alias: str, link: str) -> str:
        """A LEFT JOIN of ``class`` and ``since`` of the record whose id is ``link`` in a segment."""
        ...

    def keys_of(self, document: str) -> str:
        """Lateral rows ``k(key)``: the keys of a JSON object, for behind a FROM item."""
        ...


@dataclass(frozen=True)
class PresentTables:
    """The rows as they are now, in PostgreSQL."""

    workspace: Workspace
    dialect: Dialect = "postgres"

    def rows(self, object_key: str) -> str:
        return f"{self.workspace.quoted_schema}.{quote_ident(object_key)}"

    def join(self, object_key: str, alias: str, link: str) -> str:
        return f"LEFT JOIN {self.rows(object_key)} AS {alias} ON {alias}.id = {link}"

    def history(self) -> str:
        return f"{self.workspace.quoted_schema}._history"

    def members(self, segment: str, alias: str, link: str) -> str:
        table = f"{self.workspace.quoted_schema}._segment_member"
        return f"LEFT JOIN {table} AS {alias} ON {alias}.record_id = {link} AND {alias}.segment = {literal(segment)}"

    def keys_of(self, document: str) -> str:
        return _jsonb_keys(document)


@dataclass(frozen=True)
class PastTables:
    """The rows as they were at ``moment`` (the SQL of a timestamptz), from the history."""

    workspace: Workspace
    catalogue: Catalogue
    moment: str
    dialect: Dialect = "postgres"

    def rows(self, object_key: str) -> str:
        return past_rows(self.workspace, self.catalogue, object_key, self.moment)

    def join(self, object_key: str, alias: str, link: str) -> str:
        found = past_record(self.workspace, self.catalogue, object_key, self.moment, link)
        return f"LEFT JOIN LATERAL {found} AS {alias} ON TRUE"

    def history(self) -> str:
        schema = self.workspace.quoted_schema
        return f"(SELECT * FROM {schema}._history AS x WHERE x.at <= {self.moment})"  # noqa: S608 - quoted

    def members(self, segment: str, alias: str, link: str) -> str:
        moves = f"{self.workspace.quoted_schema}._segment_move"
        last = (
            f"SELECT m.to_class AS class, CASE WHEN m.to_class IS NOT NULL THEN m.at END AS since FROM {moves} AS m"  # noqa: S608
            f" WHERE m.segment = {literal(segment)} AND m.record_id = {link} AND m.at <= {self.moment}"
            " ORDER BY m.id DESC LIMIT 1"
        )
        return f"LEFT JOIN LATERAL ({last}) AS {alias} ON TRUE"

    def keys_of(self, document: str) -> str:
        return _jsonb_keys(document)


@dataclass(frozen=True)
class ReplicaTables:
    """The rows of the columnar replica, in DuckDB. ``reader`` is the product's own; its manifest must stay leased."""

    reader: ReplicaReader
    dialect: Dialect = "duckdb"

    def rows(self, object_key: str) -> str:
        return f"({self.reader.stored(object_key)})"

    def join(self, object_key: str, alias: str, link: str) -> str:
        return f"LEFT JOIN {self.rows(object_key)} AS {alias} ON {alias}.id = {link}"

    def history(self) -> str:
        return f"({self.reader.history()})"

    def members(self, segment: str, alias: str, link: str) -> str:
        """Raises ``LookupError``: the replica has records, not the classes they are in."""
        raise LookupError(segment)

    def keys_of(self, document: str) -> str:
        return _json_keys(document)


@dataclass(frozen=True)
class VersionTables:
    """Rows in all their versions, in DuckDB: a row of ``of(object)`` stands for the steps from ``_from`` until before
    ``_until``. A join leads to every version, or with ``step`` (SQL) to the one of that step; ``joined`` collects the
    aliases. Formulas over stored fields can be made for them, and nothing else (``LookupError``)."""

    of: Callable[[str], str]
    step: str | None = None
    joined: list[str] = field(default_factory=list)
    dialect: Dialect = "duckdb"

    def rows(self, object_key: str) -> str:
        return self.of(object_key)

    def join(self, object_key: str, alias: str, link: str) -> str:
        self.joined.append(alias)
        at = "" if self.step is None else f" AND {alias}._from <= {self.step} AND {self.step} < {alias}._until"
        return f"LEFT JOIN {self.of(object_key)} AS {alias} ON {alias}.id = {link}{at}"

    def history(self) -> str:
        raise LookupError("history")

    def members(self, segment: str, alias: str, link: str) -> str:
        raise LookupError(segment)

    def keys_of(self, document: str) -> str:
        return _json_keys(document)


def _jsonb_keys(document: str) -> str:
    return f"CROSS JOIN LATERAL jsonb_object_keys({document}) AS k(key)"


def _json_keys(document: str) -> str:
    """In DuckDB."""
    return f"CROSS JOIN LATERAL (SELECT unnest(json_keys({document})) AS key) AS k"
