"""Rows that came to the kept record while the merge stood, and are the other one's by what they say: his again, with
what they wrote."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from tongmai.kit import Clock
from tongmai.link.mapping.matching import records_matched
from tongmai.link.raw import RawRows
from tongmai.model import MappingDef
from tongmai.records import Place
from tongmai.records.transfer import Loader
from tongmai.store import WriteTx


class SharingOut:
    """For all workspaces; of records that are both there again."""

    def __init__(self, clock: Clock, loader: Loader, raw: RawRows) -> None:
        self._clock = clock
        self._loader = loader
        self._raw = raw

    async def give_back(
        self, tx: WriteTx, place: Place, object_key: str, kept: UUID, merged: UUID, since: datetime
    ) -> dict[str, tuple[JsonValue, JsonValue]]:
        """Makes such rows ``merged``'s; what sources wrote into ``kept`` since by the mappings of these rows: each
        field as it was, and as it was written last. Its own rows say their part again."""
        written: dict[str, tuple[JsonValue, JsonValue]] = {}
        for mapping in place.structure.catalogue.mappings:
            if mapping.object == object_key and mapping.match:
                rows = await self._rows_of_the_other(tx, place, mapping, kept, merged)
                if rows:
                    await tx.execute(
                        f"UPDATE {place.schema}._lineage SET record_id = $1 WHERE mapping = $2 AND key = ANY($3)",
                        merged, mapping.key, list(rows),
                    )  # fmt: skip
                    cause = f"source:{mapping.source}:{mapping.stream}:"
                    changed = await self._loader.written_since(tx, place, kept, cause, since)
                    written |= {key: each for key, each in changed.items() if key in mapping.by_field}
        return written

    async def _rows_of_the_other(
        self, tx: WriteTx, place: Place, mapping: MappingDef, kept: UUID, merged: UUID
    ) -> Collection[str]:
        lineage = await tx.fetch(
            f"SELECT key FROM {place.schema}._lineage WHERE mapping = $1 AND record_id = $2", mapping.key, kept
        )
        keys = [row["key"] for row in lineage]
        bodies = await self._raw.bodies(tx, place.workspace, mapping.source, mapping.stream, keys)
        rows = [row for row in bodies.values() if not row.deleted]
        found = await records_matched(tx, place, self._loader, mapping, rows, self._clock.now())
        return [key for key, ids in found.items() if list(ids) == [merged]]
