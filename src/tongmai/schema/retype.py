"""A field whose values are stored anew: a column beside the old one, filled while everybody goes on writing.

A trigger on the old column keeps the new one right from the moment it exists, so the fill never has to catch up with
writers, and the switch to the new column is as short as that of a new field. After it the old column is retired. An
undo goes the same way back: the old column still holds what it held, only what was changed since is converted back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tongmai.kit import Text
from tongmai.model import FieldDef, ObjectDef
from tongmai.schema.columns import Column, column_of
from tongmai.schema.conversion import conversion
from tongmai.schema.names import Schema, convert_function_name
from tongmai.schema.steps import Ddl, Fill, Lock, Retired, Step
from tongmai.store import quote_ident


@dataclass(frozen=True)
class Retype:
    """One field before and after, each with a column of its own. ``kept``: the new one comes back from retirement."""

    before: FieldDef
    after: FieldDef
    old: Column
    new: Column
    zone: str
    kept: bool

    def value(self, column: str) -> str:
        """SQL that gives the new value of an expression that holds the old one; NULL where it would be lost."""
        found = conversion(self.before, self.after, self.zone)
        return f"NULL::{self.new.type}" if found is None else found.sql(column)

    def stale(self) -> str:
        """SQL predicate over a record ``t``: is its new value still to be made?

        Of a kept column only those whose present value is not what the kept one had become: they were written since.
        """
        old, new = f"t.{quote_ident(self.old.name)}", f"t.{quote_ident(self.new.name)}"
        if not self.kept:
            return f"{new} IS DISTINCT FROM {self.value(old)}"
        back = conversion(self.after, self.before, self.zone)
        return f"{old} IS DISTINCT FROM {'NULL' if back is None else back.sql(new)}"

    def lost(self) -> str:
        """SQL predicate over a record ``t``: would its value be lost, whole or in part?"""
        old = f"t.{quote_ident(self.old.name)}"
        found = conversion(self.before, self.after, self.zone)
        lost = f"{old} IS NOT NULL" if found is None else found.lost(old)
        return f"({lost}) AND {self.stale()}" if self.kept else lost

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


def retyped(old: ObjectDef, new: ObjectDef, zone: str, restored: Collection[Retired]) -> list[Retype]:
    """The fields of an object that moved to another column, which is how a catalogue says that values are converted."""
    found = []
    for after in new.fields:
        before = old.by_key.get(after.key)
        if before is None:
            continue
        old_column, new_column = column_of(before), column_of(after)
        if old_column is None or new_column is None or old_column.name == new_column.name:
            continue
        kept = Retired(table=new.key, column=new_column.name) in restored
        found.append(Retype(before, after, old_column, new_column, zone, kept))
    return found


def retype_steps(schema: Schema, table: str, change: Retype) -> list[Step]:
    """The new column, its trigger and its fill."""
    old, new = quote_ident(change.old.name), quote_ident(change.new.name)
    prepare = () if change.kept else (f"ALTER TABLE {schema(table)} ADD COLUMN {new} {change.new.type}",)
    undo = () if change.kept else (f"ALTER TABLE {schema(table)} DROP COLUMN IF EXISTS {new}",)
    begin = Ddl(
        label=Text(f"为“{change.after.label.zh}”准备新列", f"Prepare a new column for {change.after.label.en}"),
        table=table,
        lock=Lock.ACCESS_EXCLUSIVE,
        sql=(*prepare, *_make_trigger(schema, table, change)),
        undo=(*_drop_trigger(schema, table, change.new.name), *undo),
    )
    fill = Fill(
        label=Text(f"转换“{change.after.label.zh}”的值", f"Convert the values of {change.after.label.en}"),
        table=table,
        target=change.new.name,
        value=change.value(f"t.{old}"),
        where=change.stale(),
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
