"""What texts and rows of a merged record mean while the merge stands: the record it was made part of.

An ERP goes on calling the customer by both its codes. What comes under the merged one's belongs to the record that is
kept; that one's own rows have the say over its fields, and what tells who it is no row of a source changes.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import orjson

from tongmai.model import MappingDef
from tongmai.records import Place
from tongmai.records.transfer import Loader
from tongmai.store import ReadTx, WriteTx
from tongmai.tabular import Cell


async def find_or_merged(
    tx: WriteTx, place: Place, loader: Loader, object_key: str, keys: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> list[tuple[UUID, ...]]:
    """The live records whose ``keys`` have a row's values; where there is none, those that such were merged into."""
    found = await loader.find(tx, place, object_key, keys, rows)
    left = [index for index, ids in enumerate(found) if not ids]
    kept = await kept_by_merged(tx, place, object_key) if left else {}
    if not kept:
        return found
    given = [rows[index] for index in left]
    merged = await loader.find(tx, place, object_key, keys, given, binned=list(kept))
    alive = await loader.alive(tx, place, object_key, sorted({kept[each] for ids in merged for each in ids}))
    for index, ids in zip(left, merged, strict=True):
        found[index] = tuple(dict.fromkeys(kept[each] for each in ids if kept[each] in alive))
    return found


async def kept_by_merged(tx: ReadTx, place: Place, object_key: str) -> dict[UUID, UUID]:
    """Which record each merged one is part of by now: what it was merged into may have been merged itself."""
    rows = await tx.fetch(
        f"SELECT merged, kept FROM {place.schema}._merge WHERE object = $1 AND undone_at IS NULL ORDER BY at, id",
        object_key,
    )
    next_: dict[UUID, UUID] = {row["merged"]: row["kept"] for row in rows}
    found: dict[UUID, UUID] = {}
    for merged, kept in next_.items():
        passed = {merged}
        while kept in next_ and kept not in passed:
            passed.add(kept)
            kept = next_[kept]
        found[merged] = kept
    return found


class ComingRow(NamedTuple):
    """A row about to change a record; its ``cells`` are in the order of the mapping's fields."""

    key: str
    record: UUID
    cells: Sequence[object]


async def fields_kept_by_merges(
    tx: ReadTx, place: Place, mapping: MappingDef, rows: Sequence[ComingRow]
) -> Mapping[str, set[str]]:
    """By row's key the fields that it must leave as they are, because others were merged into its record.

    What the record's own row leaves blank may have been filled from the merged one; the merged one's row changes
    nothing but what was filled from it, unless the record has no row of its own in this mapping.
    """
    merges = await tx.fetch(
        f"SELECT kept, filled, lineage FROM {place.schema}._merge WHERE kept = ANY($1) AND undone_at IS NULL",
        list({row.record for row in rows}),
    )
    if not merges:
        return {}
    filled: dict[UUID, set[str]] = {}
    strange: set[str] = set()
    for merge in merges:
        filled.setdefault(merge["kept"], set()).update(orjson.loads(merge["filled"]))
        strange |= {key for name, key in orjson.loads(merge["lineage"]) if name == mapping.key}
    with_own = await _with_own_rows(tx, place.schema, mapping, list(filled), strange)
    every = mapping.by_field.keys()
    telling = _telling(place, mapping)
    kept: dict[str, set[str]] = {}
    for row in rows:
        if row.record in filled:
            rest = every - filled[row.record] if row.key in strange and row.record in with_own else set()
            blank = {each.field for each, cell in zip(mapping.fields, row.cells, strict=True) if cell is None}
            kept[row.key] = telling | blank | rest
    return kept


async def fields_told_to_merged_rows(
    tx: ReadTx, schema: str, mapping: MappingDef, record: UUID
) -> Mapping[str, set[str]]:
    """By the key of each row that came with a merged record, the fields of a change of the kept one that go back to it:
    as in reading, those that were filled from it, where the kept one has a row of its own in this mapping.

    Else an ERP's second customer would be given the first one's name and number. ``schema`` is quoted.
    """
    merges = await tx.fetch(
        f"SELECT filled, lineage FROM {schema}._merge WHERE kept = $1 AND undone_at IS NULL", record
    )
    filled: set[str] = set()
    strange: set[str] = set()
    for merge in merges:
        filled.update(orjson.loads(merge["filled"]))
        strange |= {key for name, key in orjson.loads(merge["lineage"]) if name == mapping.key}
    if not strange or not await _with_own_rows(tx, schema, mapping, [record], strange):
        return {}
    return dict.fromkeys(strange, filled)


async def _with_own_rows(
    tx: ReadTx, schema: str, mapping: MappingDef, records: Sequence[UUID], strange: Collection[str]
) -> set[UUID]:
    found = await tx.fetch(
        f"SELECT DISTINCT record_id FROM {schema}._lineage"
        " WHERE mapping = $1 AND record_id = ANY($2) AND NOT key = ANY($3)",
        mapping.key, list(records), list(strange),
    )  # fmt: skip
    return {row["record_id"] for row in found}


def _telling(place: Place, mapping: MappingDef) -> set[str]:
    """The fields that tell who a record is: those rows are matched by, and those that no two may share."""
    fields = place.structure.fields(mapping.object)
    return {key for key in mapping.by_field if key in mapping.match or fields[key].unique}
