"""Relations by key: what stands in the cells is looked up in the related object as the actor sees it, as a set."""

# ruff: noqa: S608 - names come from quote_ident, values are bound

from __future__ import annotations

from dataclasses import dataclass

from tongmai.formula import TRUE
from tongmai.records.frame import Frame
from tongmai.records.place import Place
from tongmai.records.statement import Parameters, Statement
from tongmai.records.transfer.mapping import ID, LOGIN, MappedColumn
from tongmai.records.transfer.tables import ChunkTables
from tongmai.store import quote_ident


@dataclass(frozen=True, slots=True)
class LookupPlan:
    """The n-th relation. ``stage`` is the staged column of keys (an array if ``many``), ``key_type`` one key's type."""

    number: int
    column: MappedColumn
    target: str
    stage: str
    key_type: str
    many: bool
    find: Statement
    missing: Statement

    @property
    def stage_type(self) -> str:
        return f"{self.key_type}[]" if self.many else self.key_type


def plan_lookup(place: Place, tables: ChunkTables, number: int, column: MappedColumn) -> LookupPlan:
    """Compiles the n-th relation's look-up."""
    target = column.field.target
    assert target is not None
    many = column.field.is_many
    single = column.matches[0] if len(column.matches) == 1 else None
    typed = single is not None and single not in (ID, LOGIN) and not many
    key_type = place.structure.column_type(target, single) if typed and single else "text"
    stage = quote_ident(f"_key_{number}")
    return LookupPlan(
        number,
        column,
        target,
        stage,
        key_type,
        many,
        _find(place, tables, number, column, target, stage, key_type),
        _missing(tables, number, column, stage),
    )


def resolved_sql(tables: ChunkTables, plan: LookupPlan, rows: str) -> str:
    """The id (or ids) that a row's keys mean, over ``rows`` joined with the look-up table by ``join_sql``."""
    if not plan.many:
        return f"l{plan.number}.id"
    return (
        f"(SELECT array_agg(l.id ORDER BY k.place) FROM unnest({rows}.{plan.stage}) WITH ORDINALITY AS k(key, place)"
        f" JOIN {tables.lookup(plan.number)} AS l ON l.key = k.key)"
    )


def join_sql(tables: ChunkTables, plan: LookupPlan, rows: str) -> str:
    if plan.many:
        return ""
    return f"LEFT JOIN {tables.lookup(plan.number)} AS l{plan.number} ON l{plan.number}.key = {rows}.{plan.stage}"


def _keys(tables: ChunkTables, stage: str, many: bool) -> str:
    if many:
        return f"SELECT DISTINCT k.key FROM {tables.in_} AS i, unnest(i.{stage}) AS k(key)"
    return f"SELECT DISTINCT i.{stage} AS key FROM {tables.in_} AS i WHERE i.{stage} IS NOT NULL"


def _find(
    place: Place, tables: ChunkTables, number: int, column: MappedColumn, target: str, stage: str, key_type: str
) -> Statement:
    """What each key means: by the first way of matching that finds anything; ``n`` tells how many it found."""
    parameters = Parameters()
    ways = [_way(place, parameters, target, match, priority, key_type) for priority, match in enumerate(column.matches)]
    sql = (
        f"WITH keys AS MATERIALIZED ({_keys(tables, stage, column.field.is_many)}),"
        f" hits AS ({' UNION ALL '.join(ways)}),"
        f" best AS (SELECT key, id, way, min(way) OVER (PARTITION BY key) AS first FROM hits)"
        f" INSERT INTO {tables.lookup(number)} (key, id, n)"
        f" SELECT key, (array_agg(id))[1], count(*) FROM best WHERE way = first GROUP BY key"
    )
    return parameters.statement(sql)


def _way(place: Place, parameters: Parameters, target: str, match: str, priority: int, key_type: str) -> str:
    frame = Frame(place, target, "t", parameters)
    seen = frame.visible_here() or "FALSE"
    table = f"{place.table(target)} AS t"
    if match == ID:
        on = "t.id = CASE WHEN pg_input_is_valid(k.key, 'uuid') THEN k.key::uuid END"
        return f"SELECT k.key, t.id, {priority} AS way FROM keys AS k JOIN {table} ON {on} {frame.joins} WHERE {seen}"
    if match == LOGIN:
        workspace = parameters.constant(place.workspace.id, "uuid")
        return (
            f"SELECT k.key, t.id, {priority} AS way FROM keys AS k"
            f" JOIN tongmai.account AS a ON lower(a.login) = lower(k.key)"
            f" JOIN tongmai.membership AS m ON m.account_id = a.id AND m.workspace_id = {workspace}"
            f" JOIN {table} ON t.id = m.person_id {frame.joins} WHERE {seen}"
        )
    field = place.structure.fields(target)[match]
    mask = place.policy(target).readable[match]
    readable = "" if mask == TRUE else f" AND ({frame.raw_sql(mask)})"
    column = f"t.{quote_ident(field.column_name)}"
    if key_type == "text" and place.structure.column_type(target, match) != "text":
        column = f"{column}::text"
    return (
        f"SELECT k.key, t.id, {priority} AS way FROM keys AS k JOIN {table} ON {column} = k.key {frame.joins}"
        f" WHERE {seen}{readable}"
    )


def _missing(tables: ChunkTables, number: int, column: MappedColumn, stage: str) -> Statement:
    """Faults of the rows whose key means no record, or more than one."""
    lookup = tables.lookup(number)
    key = column.key
    codes = f"CASE WHEN l.n > 1 THEN ARRAY['ambiguous:{key}'] ELSE ARRAY['relation:{key}'] END"
    if column.field.is_many:
        rows = (
            f"SELECT DISTINCT ON (i._row) i._row, {codes} FROM {tables.in_} AS i CROSS JOIN unnest(i.{stage}) AS k(key)"
            f" LEFT JOIN {lookup} AS l ON l.key = k.key WHERE l.n IS DISTINCT FROM 1"
        )
    else:
        rows = (
            f"SELECT i._row, {codes} FROM {tables.in_} AS i LEFT JOIN {lookup} AS l ON l.key = i.{stage}"
            f" WHERE i.{stage} IS NOT NULL AND l.n IS DISTINCT FROM 1"
        )
    return Statement(f"INSERT INTO {tables.fault} (_row, codes) {rows}", ())
