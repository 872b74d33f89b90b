"""Steps over indexes and foreign keys: built, checked and dropped while others read and write."""

from __future__ import annotations

from collections.abc import Iterable

from tongmai.kit import Text
from tongmai.schema.columns import ForeignKey, Index
from tongmai.schema.names import Schema
from tongmai.schema.steps import BuildIndex, Check, Ddl, DropIndex, Fill, Lock, Step
from tongmai.store import quote_ident


def create_index_sql(schema: Schema, index: Index) -> str:
    """For a table that nobody uses yet."""
    return f"CREATE {'UNIQUE ' if index.unique else ''}INDEX {quote_ident(index.name)} {index.on(schema)}"


def build_index(schema: Schema, index: Index, *, after_switch: bool = False) -> BuildIndex:
    named = ", ".join(index.columns)
    return BuildIndex(
        label=(
            Text(f"建立唯一索引 {index.table}（{named}）", f"Build the unique index of {index.table} ({named})")
            if index.unique
            else Text(f"建立索引 {index.table}（{named}）", f"Build the index of {index.table} ({named})")
        ),
        table=index.table,
        after_switch=after_switch,
        name=index.name,
        unique=index.unique,
        definition=index.on(schema),
    )


def drop_index(index: Index) -> DropIndex:
    named = ", ".join(index.columns)
    return DropIndex(
        label=Text(f"删除索引 {index.table}（{named}）", f"Drop the index of {index.table} ({named})"),
        table=index.table,
        after_switch=True,
        name=index.name,
    )


def reference_new_table(schema: Schema, keys: Iterable[ForeignKey]) -> list[Step]:
    """The foreign keys of a table without rows: nothing to check. One target's table is locked at a time."""
    return [_add(schema, key, valid=True) for key in keys]


def reference_new_column(schema: Schema, key: ForeignKey) -> tuple[Step, Step]:
    """For a column without values: the foreign key before the switch, and after it the look at all rows."""
    return _add(schema, key), _validate(schema, key, after_switch=True)


def reference_filled_column(schema: Schema, key: ForeignKey) -> list[Step]:
    """For a column whose values a conversion made: checked before anybody relies on it."""
    return [_add(schema, key), _validate(schema, key)]


def reference_again(schema: Schema, key: ForeignKey) -> list[Step]:
    """For a column back from retirement, which may point to records that were purged meanwhile: those links go."""
    column, target = quote_ident(key.column), schema(key.target)
    clear = Fill(
        label=Text("清除指向已彻底删除记录的关联", "Clear links to records purged meanwhile"),
        table=key.table,
        target=key.column,
        value="NULL",
        where=f't.{column} IS NOT NULL AND NOT EXISTS (SELECT FROM {target} r WHERE r."id" = t.{column})',
    )
    return [_add(schema, key), clear, _validate(schema, key)]


def drop_references(schema: Schema, table: str, keys: Iterable[ForeignKey]) -> list[Step]:
    """What is out of use must not keep others from purging a record it points to."""
    return [
        Ddl(
            label=Text(f"解除 {table}.{key.column} 的关联", f"Untie {table}.{key.column}"),
            table=table,
            after_switch=True,
            lock=Lock.ACCESS_EXCLUSIVE,
            sql=(f"ALTER TABLE IF EXISTS {schema(table)} DROP CONSTRAINT IF EXISTS {quote_ident(key.name)}",),
            targets=(key.target,),
        )
        for key in keys
    ]


def _add(schema: Schema, key: ForeignKey, *, valid: bool = False) -> Ddl:
    table, name = schema(key.table), quote_ident(key.name)
    return Ddl(
        label=Text(f"关联 {key.table}.{key.column} 与 {key.target}", f"Tie {key.table}.{key.column} to {key.target}"),
        table=key.table,
        lock=Lock.SHARE_ROW_EXCLUSIVE,
        sql=(f"ALTER TABLE {table} ADD CONSTRAINT {name} {key.definition(schema)}{'' if valid else ' NOT VALID'}",),
        undo=(f"ALTER TABLE IF EXISTS {table} DROP CONSTRAINT IF EXISTS {name}",),
        targets=(key.target,),
    )


def _validate(schema: Schema, key: ForeignKey, *, after_switch: bool = False) -> Check:
    return Check(
        label=Text(f"核对 {key.table}.{key.column} 的关联", f"Check the links of {key.table}.{key.column}"),
        table=key.table,
        after_switch=after_switch,
        sql=(f"ALTER TABLE {schema(key.table)} VALIDATE CONSTRAINT {quote_ident(key.name)}",),
    )
