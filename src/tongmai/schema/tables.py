"""Steps over whole tables: made, brought back from retirement, moved aside, given columns."""

from __future__ import annotations

from collections.abc import Mapping

from tongmai.kit import Text
from tongmai.model import ObjectDef
from tongmai.schema.columns import SEARCH_COLUMN, SYSTEM_COLUMNS, Column, columns_of, foreign_keys_of, indexes_of
from tongmai.schema.constraints import create_index_sql, reference_again
from tongmai.schema.names import Schema, moved_prefix, retired_table_name
from tongmai.schema.physical import Physical
from tongmai.schema.steps import Ddl, Lock, Step
from tongmai.store import quote_ident


def create_table(schema: Schema, definition: ObjectDef, physical: Physical) -> list[Step]:
    table = definition.key
    steps: list[Step] = []
    if table in physical.tables:
        steps.append(_move(schema, table, retired_table_name(table, physical.tables.keys()), physical))
    columns = [f"{quote_ident(name)} {kind}" for name, kind in SYSTEM_COLUMNS]
    columns += [f"{quote_ident(column.name)} {column.type}" for column in columns_of(definition).values()]
    columns.append(f"{quote_ident(SEARCH_COLUMN[0])} {SEARCH_COLUMN[1]}")
    columns.append(f'CONSTRAINT {quote_ident(f"{table}__pk")} PRIMARY KEY ("id")')
    # Room for the next version of a row on its own page: an update then touches no index.
    create = f"CREATE TABLE {schema(table)} ({', '.join(columns)}) WITH (fillfactor = 90)"
    indexes = [create_index_sql(schema, index) for index in indexes_of(definition).values()]
    steps.append(
        Ddl(
            label=Text(f"新建“{definition.label.zh}”的数据表", f"Create the table of {definition.label.en}"),
            table=table,
            lock=Lock.NONE,
            sql=(create, *indexes),
            undo=(f"DROP TABLE IF EXISTS {schema(table)} CASCADE",),
        )
    )
    return steps


def return_table(schema: Schema, definition: ObjectDef, kept: str, physical: Physical) -> list[Step]:
    """A retired table comes back with its rows: to its own name, and with its foreign keys."""
    table = definition.key
    steps: list[Step] = []
    if kept != table:
        if table in physical.tables:
            steps.append(_move(schema, table, retired_table_name(table, physical.tables.keys()), physical))
        steps.append(_move(schema, kept, table, physical))
    for key in foreign_keys_of(definition).values():
        steps += reference_again(schema, key)
    return steps


def _move(schema: Schema, table: str, name: str, physical: Physical) -> Ddl:
    """Renames a table that is out of use, and its indexes, whose names are one space in a schema."""
    old, new = moved_prefix(table), moved_prefix(name)
    indexes = sorted(physical.tables[table].indexes)
    renames = [(table, name, "TABLE"), *((each, new + each.removeprefix(old), "INDEX") for each in indexes)]
    return Ddl(
        label=Text("移开停用的数据表", "Move a table that is out of use"),
        table=table,
        lock=Lock.NONE,
        sql=(*_rename(schema, renames), _follow(schema, table, name)),
        undo=(*_rename(schema, [(to, at, what) for at, to, what in renames]), _follow(schema, name, table)),
    )


def _rename(schema: Schema, renames: list[tuple[str, str, str]]) -> list[str]:
    return [f"ALTER {what} {schema(at)} RENAME TO {quote_ident(to)}" for at, to, what in renames]


def _follow(schema: Schema, table: str, name: str) -> str:
    """The retirement list follows a table to its new name. Both names are keys with at most a prefix of ours."""
    to, at = (each.replace("'", "''") for each in (name, table))
    return f"UPDATE {schema('_retired')} SET object = '{to}' WHERE object = '{at}'"  # noqa: S608


def add_columns(schema: Schema, table: str, columns: list[Column], defaults: Mapping[str, str]) -> Ddl:
    parts = [
        f"ADD COLUMN {quote_ident(column.name)} {column.type}"
        + (f" DEFAULT {defaults[column.name]}" if column.name in defaults else "")
        for column in columns
    ]
    drops = [f"DROP COLUMN IF EXISTS {quote_ident(column.name)}" for column in columns]
    named = ", ".join(column.name for column in columns)
    return Ddl(
        label=Text(f"在“{table}”中新增列 {named}", f"Add {named} to {table}"),
        table=table,
        lock=Lock.ACCESS_EXCLUSIVE,
        sql=(f"ALTER TABLE {schema(table)} {', '.join(parts)}",),
        undo=(f"ALTER TABLE {schema(table)} {', '.join(drops)}",),
    )


def drop_defaults(schema: Schema, table: str, columns: list[str]) -> Ddl:
    """From the switch on the gateway gives defaults. Until then the column's own served those of the old catalogue."""
    parts = ", ".join(f"ALTER COLUMN {quote_ident(column)} DROP DEFAULT" for column in columns)
    return Ddl(
        label=Text("默认值改由写入规则给出", "Defaults are given on write from now on"),
        table=table,
        after_switch=True,
        lock=Lock.ACCESS_EXCLUSIVE,
        sql=(f"ALTER TABLE {schema(table)} {parts}",),
    )
