"""Names of the things PostgreSQL keeps for an object: indexes, constraints, columns and tables that took over a key.

Names are readable where they fit and hashed where they do not, and always leave room for the suffix a retired table's
indexes get. Every name is made here and quoted by ``store.quote_ident``; nothing else builds one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from tongmai.model import ObjectDef
from tongmai.store import quote_ident

# PostgreSQL cuts names at 63 bytes; seven are left for the prefix of a retired table's index.
_LONGEST = 56
_MOVED = re.compile(r"^_r[0-9]+_")

# uq: unique; ud: unique by digests of what may be long; ix: ordered; gin: of members; fk: foreign key; at: of moments.
Purpose = Literal["uq", "ud", "ix", "gin", "fk", "at"]


@dataclass(frozen=True)
class Schema:
    """A workspace's schema. All names are written in full: an object may be called ``pg_class`` or ``text``."""

    name: str

    def __call__(self, name: str) -> str:
        """The table, index or function of this name, quoted and with its schema."""
        return f"{quote_ident(self.name)}.{quote_ident(name)}"


def constraint_name(table: str, columns: Sequence[str], purpose: Purpose) -> str:
    """The name of an index or foreign key over ``columns``: ``order__customer__fk``, hashed where it would not fit."""
    full = "__".join((table, *columns, purpose))
    if len(full) <= _LONGEST:
        return full
    digest = hashlib.sha256(full.encode()).hexdigest()[:10]
    return f"{full[: _LONGEST - 12 - len(purpose)]}_{digest}_{purpose}"


def convert_function_name(table: str, column: str) -> str:
    """The name of the trigger and its function that keep a column right while it is being filled."""
    return f"_fill_{hashlib.sha256(f'{table}.{column}'.encode()).hexdigest()[:16]}"


def free_column(key: str, taken: Collection[str]) -> str:
    """The first of ``key``, ``key__2``, ``key__3`` … that the table does not have yet."""
    if key not in taken:
        return key
    number = 2
    while f"{key}__{number}" in taken:
        number += 1
    return f"{key}__{number}"


def retired_table_name(key: str, taken: Collection[str]) -> str:
    """Where the retired table of ``key`` moves when a new object takes the key: ``_r1_customer``.

    No object's key begins with an underscore, so the name can be read back (``retired_key``) and meets no other table.
    Its indexes move by the same prefix.
    """
    number = 1
    while f"_r{number}_{key}" in taken:
        number += 1
    return f"_r{number}_{key}"


def retired_key(table: str) -> str:
    """The object's key that a table, moved aside or not, was made for."""
    return _MOVED.sub("", table)


def moved_prefix(table: str) -> str:
    """The prefix that a table moved aside bears, else nothing."""
    found = _MOVED.match(table)
    return found.group() if found else ""


def unique_sets(definition: ObjectDef) -> list[tuple[str, ...]]:
    """The field keys that are unique together, single fields first."""
    single = [(field.key,) for field in definition.fields if field.unique]
    together = [unique.fields for unique in definition.uniques]
    return list(dict.fromkeys([*single, *together]))


def unique_fields(definition: ObjectDef, index_name: str) -> tuple[str, ...] | None:
    """The field keys that the unique index of this name guards, or None where it is not one of the object's.

    The gateway turns a database's ``unique_violation`` into a fault that names the fields with this.
    """
    for keys in unique_sets(definition):
        columns = [definition.by_key[key].column_name for key in keys]
        if index_name in (
            constraint_name(definition.key, columns, "uq"),
            constraint_name(definition.key, columns, "ud"),
        ):
            return keys
    return None


def reference_field(definition: ObjectDef, constraint: str) -> str | None:
    """The field key whose foreign key has this name (``owner`` for the owner), or None."""
    for key, column in [("owner", "owner"), *((field.key, field.column_name) for field in definition.fields)]:
        if constraint_name(definition.key, [column], "fk") == constraint:
            return key
    return None
