"""The temporary tables of one chunk. They are made in its transaction and gone at its end.

``in_`` holds the rows as they came, ``new`` the records as they will be: its columns are the object's, so that every
check of the gateway works on it unchanged. ``fault`` holds the codes of what is wrong with a row, ``target`` the record
a row's key was found to name, ``lookup(n)`` what the n-th relation's keys were found to mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongmai.store import quote_ident


@dataclass(frozen=True, slots=True)
class ChunkTables:
    """Names with a prefix of their own, because making missing related records stages rows within a chunk."""

    prefix: str = "_"

    @property
    def in_(self) -> str:
        return self._name("in")

    @property
    def new(self) -> str:
        return self._name("new")

    @property
    def fault(self) -> str:
        return self._name("fault")

    @property
    def target(self) -> str:
        return self._name("target")

    def lookup(self, number: int) -> str:
        return self._name(f"lookup_{number}")

    def within(self, number: int) -> ChunkTables:
        """The tables of the related records that the n-th relation makes."""
        return ChunkTables(f"{self.prefix}m{number}_")

    def plain_name(self, quoted: str) -> str:
        """The name as COPY's own interface wants it."""
        return quoted.strip('"')

    def _name(self, what: str) -> str:
        return quote_ident(f"{self.prefix}{what}")


def create_sql(
    tables: ChunkTables, object_table: str, staged: Sequence[tuple[str, str]], lookups: Sequence[str]
) -> str:
    """All tables of a chunk. ``staged`` are the columns of ``in_`` (quoted name, type), ``lookups`` the key types."""
    columns = "".join(f", {name} {kind}" for name, kind in staged)
    found = [
        f"CREATE TEMP TABLE {tables.in_} (_row bigint NOT NULL, id uuid NOT NULL{columns}, _search text[],"
        f" _wave integer NOT NULL DEFAULT 1, _same bigint) ON COMMIT DROP",
        f"CREATE TEMP TABLE {tables.new} (_row bigint NOT NULL, _found boolean NOT NULL DEFAULT false,"
        f" LIKE {object_table} INCLUDING DEFAULTS) ON COMMIT DROP",
        f"CREATE TEMP TABLE {tables.fault} (_row bigint NOT NULL, codes text[] NOT NULL) ON COMMIT DROP",
        f"CREATE TEMP TABLE {tables.target} (_row bigint NOT NULL, id uuid, n bigint) ON COMMIT DROP",
    ]
    found += [
        f"CREATE TEMP TABLE {tables.lookup(number)} (key {kind}, id uuid, n bigint) ON COMMIT DROP"
        for number, kind in enumerate(lookups)
    ]
    return "; ".join(found)


def defaults_sql(tables: ChunkTables, now: datetime, actor: UUID | None) -> str:
    """What every new record has: COPY fills it in where the file says nothing. ALTER takes no parameters; the values
    are a moment and an id of ours."""
    moment = f"'{now.isoformat()}'::timestamptz"
    person = "NULL" if actor is None else f"'{actor}'::uuid"
    parts = [f"ALTER {name} SET DEFAULT {moment}" for name in ("created_at", "changed_at")]
    parts += [f"ALTER {name} SET DEFAULT {person}" for name in ("owner", "created_by", "changed_by")]
    return f"ALTER TABLE {tables.new} {', '.join(parts)}"
