"""A field whose values are stored anew: a column beside the old one, filled while everybody goes on writing.

A trigger on the old column keeps the new one right from the moment it exists, so the fill never has to catch up with
writers, and the switch to the new column is as short as that of a new field. After it the old column is retired. An
undo goes the same way back: the old column is there with what it held, and only what was changed since is converted back.
"""

from __future__ import annotations

from dataclasses import dataclass

from tongmai.kit import Text
from tongmai.model import FieldDef, ObjectDef
from tongmai.schema.columns import Column, column_of
from tongmai.schema.conversion import convert_sql
from tongmai.schema.names import Schema, convert_function_name
from tongmai.schema.steps import Ddl, Fill, Lock, Step
from tongmai.store import quote_ident


@dataclass(frozen=True)
class Retype:
    """One field before and after, each with a column of its own."""

    before: FieldDef
    after: FieldDef
    old: Column
    new: Column
    zone: str

    def value(self, column: str) -> str:
        """SQL that gives the new value of an expression that holds the old one; NULL where it would be lost."""
        return convert_sql(self.before, self.after, column, self.zone)

    def tidy(self, schema: Schema, table: str) -> list[Step]:
        """After the switch: the trigger goes, and the planner learns what the new column holds."""
        return [
            Ddl(
                label=Text(f"“{self.after.label.zh}”转换完成", f"{self.after.label.en} is converted"),
                table=table,
                after_switch=True,
                lock=Lock.ACCESS_EXCLUSIVE,
                sql=_drop_trigger(schema, table, self.new.name),
            ),
            Ddl(
                label=Text("更新统计信息", "Update the planner's statistics"),
                table=table,
                after_switch=True,
                lock=Lock.SHARE_UPDATE_EXCLUSIVE,
                sql=(f"ANALYZE {schema(table)} ({quote_ident(self.new.name)})",),
            ),
        ]


def retyped(old: ObjectDef, new: ObjectDef, zone: str) -> list[Retype]:
    """The fields of an object that moved to another column, which is how a catalogue says that values are converted."""
    found = []
    for after in new.fields:
        before = old.by_key.get(after.key)
        if before is None:
            continue
        old_column, new_column = column_of(before), column_of(after)
        if old_column is None or new_column is None or old_column.name == new_column.name:
            continue
        found.append(Retype(before, after, old_column, new_column, zone))
    return found


def retype_steps(schema: Schema, table: str, change: Retype, *, kept: bool) -> list[Step]:
    """The new column, its trigger and its fill. ``kept``: the column comes back from retirement with its values."""
    old, new = quote_ident(change.old.name), quote_ident(change.new.name)
    prepare = () if kept else (f"ALTER TABLE {schema(table)} ADD COLUMN {new} {change.new.type}",)
    undo = () if kept else (f"ALTER TABLE {schema(table)} DROP COLUMN IF EXISTS {new}",)
    begin = Ddl(
        label=Text(f"为“{change.after.label.zh}”准备新列", f"Prepare a new column for {change.after.label.en}"),
        table=table,
        lock=Lock.ACCESS_EXCLUSIVE,
        sql=(*prepare, *_make_trigger(schema, table, change)),
        undo=(*_drop_trigger(schema, table, change.new.name), *undo),
    )
    value = change.value(f"t.{old}")
    where = f"t.{new} IS DISTINCT FROM {value}"
    if kept:
        # Rows whose present value is not what the kept one had become were written since.
        forward = convert_sql(change.after, change.before, f"t.{new}", change.zone)
        where = f"t.{old} IS DISTINCT FROM {forward}"
    fill = Fill(
        label=Text(f"转换“{change.after.label.zh}”的值", f"Convert the values of {change.after.label.en}"),
        table=table,
        target=change.new.name,
        value=value,
        where=where,
    )
    return [begin, fill]


def _make_trigger(schema: Schema, table: str, change: Retype) -> tuple[str, ...]:
    """On an insert only if the old column has a value: writers of the new catalogue leave it out."""
    trigger = convert_function_name(table, change.new.name)
    name, function = quote_ident(trigger), schema(trigger)
    old, new = quote_ident(change.old.name), quote_ident(change.new.name)
    body = (
        f"BEGIN IF TG_OP = 'UPDATE' OR NEW.{old} IS NOT NULL THEN "
        f"NEW.{new} := {change.value(f'NEW.{old}')}; END IF; RETURN NEW; END"
    )
    return (
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {_dollar_quoted(body)}",
        f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OF {old} ON {schema(table)} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()",
    )


def _drop_trigger(schema: Schema, table: str, column: str) -> tuple[str, ...]:
    trigger = convert_function_name(table, column)
    return (
        f"DROP TRIGGER IF EXISTS {quote_ident(trigger)} ON {schema(table)}",
        f"DROP FUNCTION IF EXISTS {schema(trigger)}()",
    )


def _dollar_quoted(body: str) -> str:
    """The body between dollar quotes whose tag does not occur in it (an option's key may hold any character)."""
    tag, number = "$fill$", 0
    while tag in body:
        number += 1
        tag = f"$fill{number}$"
    return f"{tag}{body}{tag}"
