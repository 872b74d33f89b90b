"""The companion tables of metrics: one an object, a row a record, columns a metric; and the indexes of their moments.

What they hold can be computed again, so nothing of it is retired: a removed metric's columns go after the switch, and
an undo makes them empty until the next computation.
"""

from __future__ import annotations

from dataclasses import dataclass

from tongmai.kit import Text
from tongmai.model import (
    COMPANION_COLUMNS,
    Catalogue,
    Derived,
    MetricDef,
    Ratio,
    UpdateRate,
    companion_columns,
    companion_table,
)
from tongmai.schema.columns import SYSTEM_COLUMNS, Index, column_of
from tongmai.schema.constraints import build_index, drop_index
from tongmai.schema.names import Schema, constraint_name
from tongmai.schema.steps import Ddl, Lock, Step
from tongmai.store import quote_ident

_MOMENTS = frozenset({"date", "timestamptz"})
_SYSTEM_MOMENTS = frozenset(name for name, kind in SYSTEM_COLUMNS if kind.startswith("timestamptz"))


@dataclass(frozen=True)
class MetricTables:
    """What leads from the metrics of one catalogue to those of another."""

    schema: Schema
    before: Catalogue
    after: Catalogue

    def ahead(self) -> list[Step]:
        """Tables and columns that are new."""
        steps: list[Step] = []
        for object_key in _objects(self.after):
            old, new = _columns(self.before, object_key), _columns(self.after, object_key)
            fresh = {name: kind for name, kind in new.items() if old.get(name) != kind}
            if fresh:
                steps.append(self._expand(object_key, fresh, is_new=not old))
        return steps

    def behind(self) -> list[Step]:
        """Indexes that are new; tables, columns and indexes that nobody uses any more."""
        new = {index.name: index for index in moment_indexes(self.after)}
        old = {index.name: index for index in moment_indexes(self.before)}
        steps: list[Step] = [
            build_index(self.schema, each, after_switch=True) for name, each in new.items() if name not in old
        ]
        steps += [drop_index(each) for name, each in old.items() if name not in new]
        for object_key in _objects(self.before):
            left = _columns(self.after, object_key)
            gone = [name for name in _columns(self.before, object_key) if name not in left]
            if gone:
                steps.append(self._contract(object_key, gone, is_last=not left))
        return steps

    def _expand(self, object_key: str, fresh: dict[str, str], *, is_new: bool) -> Ddl:
        table = companion_table(object_key)
        own = ", ".join(f"{quote_ident(name)} {kind}" for name, kind in COMPANION_COLUMNS.items())
        reference = f"FOREIGN KEY (record_id) REFERENCES {self.schema(object_key)} (id) ON DELETE CASCADE"
        add = ", ".join(f"ADD COLUMN IF NOT EXISTS {quote_ident(name)} {kind}" for name, kind in fresh.items())
        drop = ", ".join(f"DROP COLUMN IF EXISTS {quote_ident(name)}" for name in fresh)
        undo = f"DROP TABLE IF EXISTS {self.schema(table)}"
        if not is_new:
            undo = f"ALTER TABLE {self.schema(table)} {drop}"
        label = self.after.object_by_key[object_key].label
        return Ddl(
            label=Text(f"准备“{label.zh}”的指标列", f"Prepare the metrics of {label.en}"),
            table=table,
            lock=Lock.SHARE_ROW_EXCLUSIVE if is_new else Lock.ACCESS_EXCLUSIVE,
            sql=(
                f"CREATE TABLE IF NOT EXISTS {self.schema(table)} ({own}, {reference}) WITH (fillfactor = 80)",
                f"ALTER TABLE {self.schema(table)} {add}",
            ),
            undo=(undo,),
            targets=(object_key,),
        )

    def _contract(self, object_key: str, gone: list[str], *, is_last: bool) -> Ddl:
        table = self.schema(companion_table(object_key))
        drop = ", ".join(f"DROP COLUMN IF EXISTS {quote_ident(name)}" for name in gone)
        label = self.before.object_by_key[object_key].label
        return Ddl(
            label=Text(f"移除“{label.zh}”不再使用的指标列", f"Remove metrics of {label.en} that are no longer used"),
            table=companion_table(object_key),
            after_switch=True,
            lock=Lock.ACCESS_EXCLUSIVE,
            sql=(f"DROP TABLE IF EXISTS {table}" if is_last else f"ALTER TABLE IF EXISTS {table} {drop}",),
            targets=(object_key,),
        )


def moment_indexes(catalogue: Catalogue) -> list[Index]:
    """The index that finds the rows which a moving window takes in or lets go, for each source and moment."""
    found: dict[str, Index] = {}
    for metric in catalogue.metrics:
        column = _moment_column(catalogue, metric)
        if column is not None:
            name = constraint_name(metric.source, [column], "at")
            found[name] = Index(name, metric.source, f"({quote_ident(column)})", False, (column,))
    return list(found.values())


def _moment_column(catalogue: Catalogue, metric: MetricDef) -> str | None:
    """The column of a row's moment, where it is one. Endless windows need it too: rows may lie in the future."""
    if isinstance(metric.measure, Ratio | UpdateRate | Derived):
        return None
    if metric.at in _SYSTEM_MOMENTS:
        return metric.at
    field = catalogue.object_by_key[metric.source].by_key.get(metric.at)
    column = column_of(field) if field is not None else None
    return column.name if column is not None and column.type in _MOMENTS else None


def _objects(catalogue: Catalogue) -> list[str]:
    return list(dict.fromkeys(metric.object for metric in catalogue.metrics))


def _columns(catalogue: Catalogue, object_key: str) -> dict[str, str]:
    if object_key not in catalogue.object_by_key:
        return {}
    found: dict[str, str] = {}
    for metric in catalogue.metrics:
        if metric.object == object_key:
            found |= companion_columns(metric)
    return found
