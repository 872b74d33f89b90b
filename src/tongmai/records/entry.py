"""How a change gets into the history: one INSERT over the rows of a CTE, its hash made in the same statement."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")

_CODE = re.compile(r"[a-z0-9_]+(:[a-z0-9_,]+)?")

COLUMNS = "seq, epoch, at, object, record_id, version, action, actor, via, cause, before, after"


def key_literal(key: str) -> str:
    """An object's or field's key as an SQL text constant. Keys hold nothing that could end one; this makes sure."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!a}")
    return f"'{key}'"


def code_literal(code: str) -> str:
    """A check's code (``unique:code,year``), made of keys, as an SQL text constant."""
    if not _CODE.fullmatch(code):
        raise ValueError(f"not a code: {code!a}")
    return f"'{code}'"


def entry_sql(schema: str, source: str, same: Mapping[str, str] = MappingProxyType({})) -> str:
    """An INSERT that adds an entry for each row of ``source``; it may stand in a WITH or alone.

    ``source`` is a SELECT that gives ``epoch, at, object, record_id, version, action, actor, via, cause, before,
    after`` in the order the entries shall have. ``schema`` is quoted. The sequence is asked in a level of its own,
    so that the hash covers the number the row gets (a volatile column keeps PostgreSQL from merging the levels).
    ``same`` has the SQL of columns with one value for all rows, which ``source`` leaves out: for thousands of rows it
    matters that they are not carried through the levels.
    """
    columns = COLUMNS.split(", ")
    arguments = ", ".join(same.get(each, f"numbered.{each}") for each in columns)
    rest = ", ".join(f"given.{each}" for each in columns[1:] if each not in same)
    return (
        f"INSERT INTO {schema}._history ({COLUMNS}, hash)"
        f" SELECT {arguments}, {schema}._history_hash({arguments})"
        f" FROM (SELECT nextval('{schema}._history_seq') AS seq, {rest} FROM ({source}) AS given) AS numbered"
    )
