"""Related records that are not there and shall be made, with nothing but the key by which they were looked for.

They go through the same plan as an imported row: the actor's right to make them, their rules, their history.
"""

# ruff: noqa: S608 - names are ours

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tongmai.records.transfer.lookups import LookupPlan
from tongmai.records.transfer.mapping import MappedColumn
from tongmai.records.transfer.plan import ImportPlan, compile_plan
from tongmai.records.transfer.request import ImportRequest
from tongmai.records.transfer.tables import ChunkTables
from tongmai.tabular import Batch, ChunkParser, ParsedChunk


def missing_keys_sql(tables: ChunkTables, lookup: LookupPlan) -> str:
    """The keys of a relation that mean no record, as text."""
    staged = f"SELECT i.{lookup.stage} AS key FROM {tables.in_} AS i"
    if lookup.many:
        staged = f"SELECT k.key FROM {tables.in_} AS i, unnest(i.{lookup.stage}) AS k(key)"
    return (
        f"SELECT DISTINCT s.key::text FROM ({staged}) AS s WHERE s.key IS NOT NULL"
        f" AND NOT EXISTS (SELECT FROM {tables.lookup(lookup.number)} AS l WHERE l.key = s.key) ORDER BY 1"
    )


def missing_plan(plan: ImportPlan, lookup: LookupPlan, now: datetime) -> ImportPlan:
    """An import of the related object with one column: the key."""
    (match,) = lookup.column.matches
    request = ImportRequest(object=lookup.target, file=plan.request.file)
    column = MappedColumn(0, plan.place.structure.bound(lookup.target, match))
    tables = plan.tables.within(lookup.number)
    return compile_plan(plan.place, request, (column,), plan.cause, now, tables=tables, imports=False)


def missing_chunk(plan: ImportPlan, keys: Sequence[str], now: datetime) -> ParsedChunk:
    """The keys as rows."""
    batch = Batch(list(range(1, len(keys) + 1)), [[key] for key in keys])
    return ChunkParser(plan.specs, plan.place.workspace.zone, now).parse(batch)
