"""The records as they will be: staged rows laid over what is there, so that every check sees the outcome.

Rows with the same key are taken in waves, the first of each, then the second: what comes out is what writing them one
by one would give. A row that repeats the one before it changes nothing and waits for that one's verdict.
"""

# ruff: noqa: S608 - names come from quote_ident, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tongmai.records.frame import Frame
from tongmai.records.place import Place
from tongmai.records.statement import Parameters, Statement
from tongmai.records.transfer.lookups import LookupPlan, join_sql
from tongmai.records.transfer.tables import ChunkTables
from tongmai.store import quote_ident

_SYSTEM = ("id", "version", "owner", "created_at", "created_by", "changed_at", "changed_by")


@dataclass(frozen=True, slots=True)
class StagedField:
    """A field that the file fills: its key, its column in the object's table, and what the staged value is in SQL."""

    key: str
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the candidate statement is made of. ``defaults`` are constants by field key."""

    place: Place
    object_key: str
    tables: ChunkTables
    staged: tuple[StagedField, ...]
    lookups: tuple[LookupPlan, ...]
    defaults: Mapping[str, object]
    keep_blanks: bool
    finds: bool


def order_sql(tables: ChunkTables, key: Sequence[str], columns: Sequence[str]) -> str:
    """Numbers the waves. ``key`` and ``columns`` are quoted names in ``in_``; rows with an own key stay in 1."""
    keys = ", ".join(key)
    whole = ", ".join(columns)
    return (
        f"WITH shared AS (SELECT _row, {keys}, ROW({whole})::text AS whole, count(*) OVER (PARTITION BY {keys}) AS n"
        f" FROM {tables.in_}),"
        f" marked AS (SELECT _row, {keys}, whole IS NOT DISTINCT FROM lag(whole) OVER w AS same"
        f" FROM shared WHERE n > 1 WINDOW w AS (PARTITION BY {keys} ORDER BY _row)),"
        f" ordered AS (SELECT _row, same, count(*) FILTER (WHERE NOT same) OVER w AS wave,"
        f" max(_row) FILTER (WHERE NOT same) OVER w AS first"
        f" FROM marked WINDOW w AS (PARTITION BY {keys} ORDER BY _row))"
        f" UPDATE {tables.in_} AS i SET _wave = o.wave, _same = CASE WHEN o.same THEN o.first END"
        f" FROM ordered AS o WHERE o._row = i._row"
    )


def target_sql(given: Candidates, key: Sequence[StagedField]) -> Statement:
    """Which visible record each row's key names. The key's rows are read as the actor sees them."""
    parameters = Parameters()
    frame = Frame(given.place, given.object_key, "t", parameters)
    seen = frame.visible_here() or "FALSE"
    wave = parameters.named("wave", "integer")
    on = " AND ".join(f"t.{quote_ident(each.column)} = {each.value}" for each in key)
    joins = " ".join(join_sql(given.tables, plan, "i") for plan in given.lookups)
    sql = (
        f"INSERT INTO {given.tables.target} (_row, id, n) SELECT i._row, (array_agg(t.id))[1], count(*)"
        f" FROM {given.tables.in_} AS i {joins} JOIN {given.place.table(given.object_key)} AS t ON {on} {frame.joins}"
        f" WHERE i._wave = {wave} AND i._same IS NULL AND {seen} GROUP BY i._row"
    )
    return parameters.statement(sql)


def lock_sql(given: Candidates) -> str:
    """Locks the records that are going to be changed, always in the order of their ids."""
    return (
        f"SELECT count(*) FROM (SELECT t.id FROM {given.place.table(given.object_key)} AS t"
        f" WHERE t.id IN (SELECT g.id FROM {given.tables.target} AS g) ORDER BY t.id FOR UPDATE) AS locked"
    )


def candidate_sql(given: Candidates) -> Statement:
    """Fills ``new`` with the rows of one wave that have no fault yet."""
    parameters = Parameters()
    place, tables = given.place, given.tables
    fields = place.structure.definition(given.object_key).fields
    staged = {each.key: each for each in given.staged}
    names = list(_SYSTEM)
    values = _system_values(given, parameters, staged)
    for field in fields:
        if place.structure.bound(given.object_key, field.key).column_type is None:
            continue
        names.append(field.column_name)
        values.append(_value(given, parameters, staged.get(field.key), field.key, field.column_name))
    joins = [join_sql(tables, plan, "i") for plan in given.lookups]
    if given.finds:
        joins.append(f"LEFT JOIN {tables.target} AS g ON g._row = i._row")
        joins.append(f"LEFT JOIN {place.table(given.object_key)} AS t ON t.id = g.id")
    columns = ", ".join(quote_ident(name) for name in names)
    search = "coalesce(i._search, '{}')" if not given.finds else "coalesce(t._search, i._search, '{}')"
    sql = (
        f"INSERT INTO {tables.new} (_row, _found, _search, {columns})"
        f" SELECT i._row, {'t.id IS NOT NULL' if given.finds else 'FALSE'}, {search}, {', '.join(values)}"
        f" FROM {tables.in_} AS i {' '.join(joins)}"
        f" WHERE i._wave = {parameters.named('wave', 'integer')} AND i._same IS NULL"
        f" AND NOT EXISTS (SELECT FROM {tables.fault} AS f WHERE f._row = i._row) ORDER BY i._row"
    )
    return parameters.statement(sql)


def _system_values(given: Candidates, parameters: Parameters, staged: Mapping[str, StagedField]) -> list[str]:
    now, me = parameters.named("now", "timestamptz"), parameters.named("me", "uuid")
    owner = staged["owner"].value if "owner" in staged else "NULL::uuid"
    if not given.finds:
        return ["i.id", "1", f"coalesce({owner}, {me})", now, me, now, me]
    return [
        "coalesce(t.id, i.id)",
        "coalesce(t.version, 0) + 1",
        f"coalesce({owner}, t.owner, CASE WHEN t.id IS NULL THEN {me} END)",
        f"coalesce(t.created_at, {now})",
        f"CASE WHEN t.id IS NULL THEN {me} ELSE t.created_by END",
        now,
        me,
    ]


def _value(given: Candidates, parameters: Parameters, staged: StagedField | None, key: str, column: str) -> str:
    there = f"t.{quote_ident(column)}"
    column_type = given.place.structure.column_type(given.object_key, key)
    default = parameters.constant(given.defaults[key], column_type) if key in given.defaults else None
    value = staged.value if staged else None
    fresh = _first_of(value, default) or f"NULL::{column_type}"
    if not given.finds:
        return fresh
    if value is None:
        return f"CASE WHEN t.id IS NULL THEN {fresh} ELSE {there} END"
    kept = f"coalesce({value}, {there})" if given.keep_blanks else value
    if default is None and not given.keep_blanks:
        return value
    return f"CASE WHEN t.id IS NULL THEN {fresh} ELSE {kept} END"


def _first_of(*values: str | None) -> str | None:
    found = [value for value in values if value is not None]
    if len(found) < 2:
        return found[0] if found else None
    return f"coalesce({', '.join(found)})"
