"""What is really there: tables, columns and indexes of a workspace's schema, read from PostgreSQL's own catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Reader(Protocol):
    """A driver's connection or a transaction's: whatever can read."""

    async def fetch(self, sql: str, *args: object) -> list[Any]: ...


@dataclass(frozen=True)
class Table:
    """A table as PostgreSQL knows it. ``rows`` is the planner's estimate, ``indexes`` are the valid ones."""

    columns: frozenset[str]
    indexes: frozenset[str] = frozenset()
    foreign_keys: frozenset[str] = frozenset()
    rows: int = 0


@dataclass(frozen=True)
class Physical:
    """The tables of objects in a workspace's schema, by name, those out of use included."""

    tables: Mapping[str, Table] = field(default_factory=dict)

    def columns(self, table: str) -> frozenset[str]:
        found = self.tables.get(table)
        return found.columns if found else frozenset()

    def rows(self, table: str) -> int:
        found = self.tables.get(table)
        return found.rows if found else 0


_TABLES = """
SELECT c.relname,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       ARRAY(SELECT i.relname::text FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
             WHERE x.indrelid = c.oid AND x.indisvalid) AS indexes,
       ARRAY(SELECT k.conname::text FROM pg_catalog.pg_constraint k
             WHERE k.conrelid = c.oid AND k.contype = 'f') AS foreign_keys,
       -- An estimate of -1 means that the table was never analysed: its size then tells more.
       CASE WHEN c.reltuples >= 0 THEN c.reltuples
            ELSE pg_catalog.pg_relation_size(c.oid) / 120 END::bigint AS rows
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind = 'r' AND (c.relname !~ '^_' OR c.relname ~ '^_r[0-9]+_')
"""


async def read_physical(reader: Reader, schema_name: str) -> Physical:
    """The tables of the schema. System tables are left out (their names begin with an underscore)."""
    rows = await reader.fetch(_TABLES, schema_name)
    return Physical(
        {
            row["relname"]: Table(
                frozenset(row["columns"]),
                frozenset(row["indexes"]),
                frozenset(row["foreign_keys"]),
                row["rows"],
            )
            for row in rows
        }
    )
