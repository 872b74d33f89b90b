"""From two catalogues to the steps that lead from one to the other. Pure: what is really there comes as a parameter.

The order is expand, switch, contract. Steps before the switch only add what nobody uses yet, each under table locks of
its own for an instant; the switch takes the structure lock alone; steps after it tidy up. So a writer, who holds first
a table and then the structure lock (or, by a foreign key, the reverse), never waits in a circle with a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tongmai.kit import Text
from tongmai.model import Catalogue, ObjectDef
from tongmai.schema.columns import Column, ForeignKey, Index, columns_of, foreign_keys_of, indexes_of
from tongmai.schema.constraints import (
    build_index,
    drop_index,
    drop_references,
    reference_again,
    reference_filled_column,
    reference_new_column,
    reference_new_table,
)
from tongmai.schema.metric_tables import MetricTables
from tongmai.schema.names import Schema, retired_key
from tongmai.schema.physical import Physical
from tongmai.schema.retype import Retype, retype_steps, retyped
from tongmai.schema.steps import RefillSearch, Retired, Step, Switch
from tongmai.schema.tables import add_columns, create_table, drop_defaults, return_table


@dataclass(frozen=True)
class Target:
    """Where a change leads: the catalogue with each field's real column, and what comes back from retirement.

    ``defaults`` holds, by (object, field), the SQL constant that records of before get for a new field.
    """

    catalogue: Catalogue
    restore: frozenset[Retired] = frozenset()
    defaults: Mapping[tuple[str, str], str] = field(default_factory=dict)
    zone: str = "Asia/Shanghai"


def plan_change(schema: Schema, before: Catalogue, target: Target, physical: Physical) -> tuple[Step, ...]:
    """The steps from ``before`` to the target; the switch is always among them."""
    after = target.catalogue
    added = [each for each in after.objects if each.key not in before.object_by_key]
    gone = [each for each in before.objects if each.key not in after.object_by_key]
    pairs = [(old, each) for each in after.objects if (old := before.object_by_key.get(each.key)) not in (None, each)]
    returning = {retired_key(each.table): each.table for each in target.restore if each.column is None}

    ahead: list[Step] = []
    behind: list[Step] = []
    retire = [Retired(table=each.key) for each in gone]
    for each in added:
        if each.key in returning:
            ahead += return_table(schema, each, returning[each.key], physical)
        else:
            ahead += create_table(schema, each, physical)
    for each in added:
        if each.key not in returning:
            ahead += reference_new_table(schema, foreign_keys_of(each).values())
    for old, new in pairs:
        change = _ObjectChange(schema, old, new, target, physical)
        ahead += change.ahead()
        behind += change.behind()
        retire += change.retired()
    metrics = MetricTables(schema, before, after)
    ahead += metrics.ahead()
    behind += metrics.behind()
    for each in gone:
        behind += drop_references(schema, each.key, foreign_keys_of(each).values())
    switch = Switch(
        label=Text("启用新的配置", "Put the new configuration to use"),
        retire=tuple(retire),
        # By now a table that had been moved aside bears its own name again.
        restore=tuple(
            sorted(
                (Retired(table=retired_key(each.table), column=each.column) for each in target.restore),
                key=lambda each: (each.table, each.column or ""),
            )
        ),
    )
    return (*ahead, switch, *behind)


@dataclass(frozen=True)
class _ObjectChange:
    """One object that is there before and after."""

    schema: Schema
    old: ObjectDef
    new: ObjectDef
    target: Target
    physical: Physical

    @property
    def table(self) -> str:
        return self.new.key

    def _is_kept(self, column: str) -> bool:
        return Retired(table=self.table, column=column) in self.target.restore

    def retypes(self) -> list[Retype]:
        return retyped(self.old, self.new, self.target.zone, self.target.restore)

    def fresh(self) -> list[Column]:
        """Columns to be added: not there before, nor back from retirement, nor made by a type change."""
        old = {column.name for column in columns_of(self.old).values()}
        made = {each.new.name for each in self.retypes()}
        return [
            column
            for column in columns_of(self.new).values()
            if column.name not in old | made and not self._is_kept(column.name)
        ]

    def retired(self) -> list[Retired]:
        new = {column.name for column in columns_of(self.new).values()}
        old = (column.name for column in columns_of(self.old).values())
        return [Retired(table=self.table, column=name) for name in old if name not in new]

    def ahead(self) -> list[Step]:
        steps: list[Step] = []
        fresh = self.fresh()
        if fresh:
            steps.append(add_columns(self.schema, self.table, fresh, self._defaults(fresh)))
        for each in self.retypes():
            steps += retype_steps(self.schema, self.table, each)
        fresh_names = {column.name for column in fresh}
        for key in self._new_references():
            if key.column in fresh_names:
                steps.append(reference_new_column(self.schema, key)[0])
            elif self._is_kept(key.column):
                steps += reference_again(self.schema, key)
            else:
                steps += reference_filled_column(self.schema, key)
        steps += [build_index(self.schema, index) for index in self._new_indexes() if self._needed_at_switch(index)]
        return steps

    def behind(self) -> list[Step]:
        steps: list[Step] = []
        defaults = self._defaults(self.fresh())
        if defaults:
            steps.append(drop_defaults(self.schema, self.table, list(defaults)))
        fresh = {column.name for column in self.fresh()}
        steps += [reference_new_column(self.schema, key)[1] for key in self._new_references() if key.column in fresh]
        late = [index for index in self._new_indexes() if not self._needed_at_switch(index)]
        steps += [build_index(self.schema, index, after_switch=True) for index in late]
        for each in self.retypes():
            steps += each.tidy(self.schema, self.table)
        new_keys = foreign_keys_of(self.new)
        steps += drop_references(
            self.schema, self.table, [key for name, key in foreign_keys_of(self.old).items() if name not in new_keys]
        )
        new_indexes = indexes_of(self.new)
        steps += [drop_index(index) for name, index in indexes_of(self.old).items() if name not in new_indexes]
        if self._search_changes():
            steps.append(
                RefillSearch(
                    label=Text(f"更新“{self.new.label.zh}”的搜索", f"Make {self.new.label.en} searchable anew"),
                    table=self.table,
                    object=self.table,
                )
            )
        return steps

    def _defaults(self, fresh: list[Column]) -> dict[str, str]:
        found = {column.name: self.target.defaults.get((self.new.key, column.field)) for column in fresh}
        return {name: value for name, value in found.items() if value is not None}

    def _new_indexes(self) -> list[Index]:
        old = indexes_of(self.old)
        there = self.physical.tables[self.table].indexes if self.table in self.physical.tables else frozenset()
        return [index for name, index in indexes_of(self.new).items() if name not in old or name not in there]

    def _new_references(self) -> list[ForeignKey]:
        old = foreign_keys_of(self.old)
        return [key for name, key in foreign_keys_of(self.new).items() if name not in old]

    def _needed_at_switch(self, index: Index) -> bool:
        """A unique index guards from the first record on; one over a converted column serves lists that exist."""
        filled = {each.new.name for each in self.retypes()}
        return index.unique or bool(filled & set(index.columns))

    def _search_changes(self) -> bool:
        """Whether records of before would be found by other words than they should be."""
        fresh = {column.name for column in self.fresh()} - self._defaults(self.fresh()).keys()
        old, new = _searched(self.old), _searched(self.new)
        return {each for each in new if each[1] not in fresh} != old


def _searched(definition: ObjectDef) -> set[tuple[str, str, str, str]]:
    """What search words depend on: field, column, type, and the labels of a choice's options."""
    return {
        (field.key, field.column_name, field.type, str(field.options.get("choices", "")))
        for field in definition.fields
        if field.searchable
    }
