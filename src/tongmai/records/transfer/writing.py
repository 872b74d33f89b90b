"""The statements that write a chunk: rows and their history entries together, each hash made by the database.

Rows whose unique values are taken (by the table, by a row before it, by a writer beside it) are left out: the first one
wins, as it would one by one. Looking for them before each row is a tenth of an insert's cost, so that a chunk is first
tried without.
"""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from collections.abc import Collection, Sequence, Set

from tongmai.records.creating import SEARCH, SYSTEM_COLUMNS, state_sql, stored_fields
from tongmai.records.entry import entry_sql, key_literal
from tongmai.records.place import Place
from tongmai.records.statement import Parameters, Statement
from tongmai.records.transfer.checks import changed_sql
from tongmai.records.transfer.tables import ChunkTables
from tongmai.store import quote_ident

# What of the system's own columns an earlier state needs.
_SYSTEM_BEFORE = (
    "jsonb_build_object('version', old.version, 'changed_at', old.changed_at, 'changed_by', old.changed_by)"
)


def insert_sql(place: Place, object_key: str, tables: ChunkTables, *, leave_out: bool) -> str:
    """Writes the candidates that were not found. Rows come in the order of the file, in which they lie in ``new``.

    ``leave_out``: rows whose unique values are taken are passed over; else they fail the statement."""
    columns = ", ".join(quote_ident(name) for name in _written(place, object_key))
    taken = "ON CONFLICT DO NOTHING" if leave_out else ""
    return (
        f"INSERT INTO {place.table(object_key)} ({columns}) SELECT {columns} FROM {tables.new} AS s"
        f" WHERE NOT s._found {taken}"
    )


def note_sql(place: Place, object_key: str, tables: ChunkTables, filled: Set[str], *, all_made: bool) -> Statement:
    """The history of the inserted candidates; ``all_made``: none of them was left out. ``filled`` are the fields (and
    ``owner``) that may have a value: the others are not looked at.

    A statement of its own over ``new``: carrying the inserted rows on in the same one would cost as much as the insert.
    """
    parameters = Parameters()
    same = {**_same(object_key, parameters, "create"), "before": "NULL::jsonb"}
    state, states = _made_state(place, object_key, filled)
    made = f" AND EXISTS (SELECT FROM {place.table(object_key)} AS made WHERE made.id = s.id)"
    source = (
        f"SELECT s.id AS record_id, s.version AS version, {state} AS after FROM {tables.new} AS s {states}"
        f" WHERE NOT s._found{'' if all_made else made}"
    )
    return parameters.statement(entry_sql(place.schema, source, same))


def _made_state(place: Place, object_key: str, filled: Set[str]) -> tuple[str, str]:
    """What ``state_sql`` gives for a candidate ``s`` of which nothing but ``filled`` can have a value, and what is to
    be joined for it."""
    stored = stored_fields(place, object_key)
    if any(each.type == "json" and each.key in filled for each in stored):
        return state_sql(place, object_key, "s"), ""
    columns = {"owner": "owner", **{each.key: each.column_name for each in stored}}
    # In the order in which jsonb keeps keys: sorting them is a quarter of the cost of making it.
    keys = sorted(filled & columns.keys(), key=lambda key: (len(key), key))
    if not keys:
        return "'{}'::jsonb", ""
    listed = ", ".join(f"s.{quote_ident(columns[key])} AS {quote_ident(key)}" for key in keys)
    # Leaving out nulls is a fifth of the cost: rows that have none are spared. Joined, not asked for in a subquery,
    # the row is made in place.
    state = 'CASE WHEN "_state" IS NOT NULL THEN to_jsonb("_state") ELSE jsonb_strip_nulls(to_jsonb("_state")) END'
    return state, f'CROSS JOIN LATERAL (SELECT {listed}) AS "_state"'


def update_sql(place: Place, object_key: str, tables: ChunkTables, keys: Sequence[str], *, search: bool) -> Statement:
    """Writes the candidates that were found and differ in one of ``keys``. Gives the number written.

    With ``only`` (a row number, or null) a single row is written.
    """
    parameters = Parameters()
    fields = place.structure.fields(object_key)
    columns = [quote_ident(fields[key].column_name) for key in keys]
    sets = [f"{column} = s.{column}" for column in columns]
    sets += [f"{name} = s.{name}" for name in ("version", "changed_at", "changed_by", *(["_search"] if search else []))]
    same = _same(object_key, parameters, "update")
    entry = "SELECT made.id AS record_id, made.version AS version, made.before AS before, made.after AS after FROM made"
    only = parameters.named("only", "bigint")
    sql = (
        f"WITH made AS (UPDATE {place.table(object_key)} AS t SET {', '.join(sets)} FROM {tables.new} AS s"
        f" WHERE t.id = s.id AND s._found AND ({only} IS NULL OR s._row = {only})"
        f" AND {changed_sql(place, object_key, keys, 's', 't')}"
        f" RETURNING t.id, t.version, {differing(place, object_key, keys, 'old', 'new')} || {_SYSTEM_BEFORE} AS before,"
        f" {differing(place, object_key, keys, 'new', 'old')} AS after),"
        f" noted AS ({entry_sql(place.schema, entry, same)})"
        f" SELECT count(*) FROM made"
    )
    return parameters.statement(sql)


def differing(place: Place, object_key: str, keys: Collection[str], of: str, other: str) -> str:
    """JSON with those of ``keys`` in which the row ``of`` differs from ``other``; blanks are null."""
    fields = place.structure.fields(object_key)
    parts = []
    for key in keys:
        column = quote_ident(fields[key].column_name)
        one = f"jsonb_build_object({key_literal(key)}, {of}.{column})"
        parts.append(f"CASE WHEN {of}.{column} IS DISTINCT FROM {other}.{column} THEN {one} ELSE '{{}}' END")
    return " || ".join(parts) if parts else "'{}'::jsonb"


def _same(object_key: str, parameters: Parameters, action: str) -> dict[str, str]:
    """What all history entries of a chunk have in common."""
    return {
        "epoch": parameters.named("epoch", "bigint"),
        "at": parameters.named("now", "timestamptz"),
        "object": f"{key_literal(object_key)}::text",
        "action": f"'{action}'::text",
        "actor": parameters.named("me", "uuid"),
        "via": parameters.named("via", "text"),
        "cause": parameters.named("cause", "text"),
    }


def _written(place: Place, object_key: str) -> list[str]:
    return [*SYSTEM_COLUMNS, *(each.column_name for each in stored_fields(place, object_key)), SEARCH]
