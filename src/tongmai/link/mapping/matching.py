"""Which records rows would be found to be, by the fields that their mapping matches on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from tongmai.link.mapping.compiled import CompiledMapping
from tongmai.link.raw import StoredRow
from tongmai.model import MappingDef
from tongmai.records import Place
from tongmai.records.transfer import Loader
from tongmai.store import WriteTx


async def records_matched(
    tx: WriteTx, place: Place, loader: Loader, mapping: MappingDef, rows: Sequence[StoredRow], now: datetime
) -> Mapping[str, Sequence[UUID]]:
    """By the key of each row that the mapping takes, the live records that have its values."""
    if not rows:
        return {}
    worked = CompiledMapping(mapping).work(rows, place.workspace.zone, now)
    order = [each.field for each in mapping.fields]
    given = list(zip(*(worked.columns[order.index(key)] for key in mapping.match), strict=True))
    found = await loader.find(tx, place, mapping.object, mapping.match, cast("list[tuple[str, ...]]", given))
    return {row.key: ids for row, ids in zip(worked.rows, found, strict=True)}
