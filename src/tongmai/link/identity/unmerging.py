"""A merge taken back: who was moved goes back, and what sources said since is shared out anew.

Rows of both records, and of what came to the kept one by a source since, are looked at again: each says itself whose
it is. What a person has pointed elsewhere stays there.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from tongmai.access import AnyActor
from tongmai.kit import Clock, Conflict, NotFound, Text
from tongmai.link.identity.pointing import point
from tongmai.link.identity.sharing_out import SharingOut
from tongmai.link.looking_again import look_again
from tongmai.link.raw import RawRows
from tongmai.link.written import written
from tongmai.records import Gateway, Place
from tongmai.records.transfer import Loader, Reference
from tongmai.store import Record, Workspace, WriteTx


async def take_turn(tx: WriteTx, place: Place) -> None:
    """Merges of a workspace take turns; no mapping is in the midst of a page, and none begins one. The whole table is
    locked: the mark of a mapping that maps for the first time is a row nobody sees yet."""
    await tx.execute(f"LOCK TABLE {place.schema}._mapping_state IN EXCLUSIVE MODE")


async def read_plainly(
    gateway: Gateway, actor: AnyActor, workspace: Workspace, object_key: str, record: UUID
) -> dict[str, Any]:
    """A record's fields as they are written: relations by their ids. Raises ``NotFound``."""
    found: dict[str, Any] = orjson.loads(await gateway.get(actor, workspace, object_key, record))
    return {key: written(value) for key, value in found.items()}


class Unmerging:
    """For all workspaces; ``Merger`` is its door."""

    def __init__(self, clock: Clock, gateway: Gateway, loader: Loader, raw: RawRows) -> None:
        self._clock = clock
        self._gateway = gateway
        self._loader = loader
        self._raw = raw
        self._sharing = SharingOut(clock, loader, raw)

    async def unmerge(self, tx: WriteTx, place: Place, actor: AnyActor, merge: UUID) -> None:
        """See ``Merger.unmerge``."""
        await take_turn(tx, place)
        row = await self._locked(tx, place, merge)
        workspace, object_key, kept, merged = place.workspace, row["object"], row["kept"], row["merged"]
        await self._refuse_merged_since(tx, place, kept)
        cause = f"unmerge:{merge}"
        await self._clear(tx, workspace, actor, row, cause)
        if not await self._loader.alive(tx, place, object_key, [merged]):
            await self._gateway.restore(actor, workspace, object_key, merged, cause=cause, tx=tx)
        moved = {tuple(each) for each in orjson.loads(row["moved"])}
        present = await self._loader.referring(tx, place, object_key, kept)
        # What was pointed elsewhere since stays where it is.
        back = [each for each in present if (each.object, each.field, str(each.record)) in moved]
        await point(self._gateway, tx, workspace, back, kept, merged, cause)
        await self._mean(tx, place, row, moved)
        await self._give_back(tx, place, actor, row, cause)
        since = [each for each in present if (each.object, each.field, str(each.record)) not in moved]
        await self._look_again(tx, place, row, since)
        await tx.execute(f"UPDATE {place.schema}._merge SET undone_at = $2 WHERE id = $1", merge, self._clock.now())

    async def _locked(self, tx: WriteTx, place: Place, merge: UUID) -> Record:
        row = await tx.fetch_row(
            f"SELECT object, kept, merged, filled, moved, lineage, at, undone_at FROM {place.schema}._merge"
            " WHERE id = $1 FOR UPDATE",
            merge,
        )
        if row is None:
            raise NotFound.of("merge.unknown", "没有这次合并", "There is no such merge")
        if row["undone_at"] is not None:
            raise Conflict.of(
                "merge.undone",
                "这次合并已经撤销",
                "The merge was taken back already",
                way_out=Text("刷新后再看", "Look again after a refresh"),
            )
        return row

    async def _refuse_merged_since(self, tx: WriteTx, place: Place, kept: UUID) -> None:
        later: UUID | None = await tx.fetch_value(
            f"SELECT id FROM {place.schema}._merge WHERE merged = $1 AND undone_at IS NULL", kept
        )
        if later is not None:
            raise Conflict.of(
                "merge.later",
                "保留的记录后来又并入了另一条记录",
                "The record that was kept has itself been merged since",
                way_out=Text("请先撤销后面那次合并", "Take that later merge back first"),
                extra={"merge": str(later)},
            )

    async def _give_back(self, tx: WriteTx, place: Place, actor: AnyActor, row: Record, cause: str) -> None:
        """What the merged one's rows told of the kept one since is taken out of it, where it stands still."""
        object_key, kept = row["object"], row["kept"]
        written = await self._sharing.give_back(tx, place, object_key, kept, row["merged"], row["at"])
        keeper = await read_plainly(self._gateway, actor, place.workspace, object_key, kept)
        filled = orjson.loads(row["filled"])
        before = {key: was for key, (was, last) in written.items() if keeper.get(key) == last and key not in filled}
        await self._gateway.update(actor, place.workspace, object_key, kept, before, cause=cause, tx=tx)

    async def _clear(self, tx: WriteTx, workspace: Workspace, actor: AnyActor, row: Record, cause: str) -> None:
        """Blanks that were filled are blank again, where they still have what filled them."""
        keeper = await read_plainly(self._gateway, actor, workspace, row["object"], row["kept"])
        filled: Mapping[str, Any] = orjson.loads(row["filled"])
        cleared = {key: None for key, value in filled.items() if keeper.get(key) == value}
        await self._gateway.update(actor, workspace, row["object"], row["kept"], cleared, cause=cause, tx=tx)

    async def _mean(self, tx: WriteTx, place: Place, row: Record, moved: set[tuple[str, ...]]) -> None:
        """What people had said that means the merged one, and what its rows became, means it again."""
        schema, kept, merged = place.schema, row["kept"], row["merged"]
        pairs = orjson.loads(row["lineage"])
        await tx.execute(
            f"UPDATE {schema}._lineage AS l SET record_id = $1"
            " FROM unnest($2::text[], $3::text[]) AS g(mapping, key)"
            " WHERE l.mapping = g.mapping AND l.key = g.key AND l.record_id = $4",
            merged, [each[0] for each in pairs], [each[1] for each in pairs], kept,
        )  # fmt: skip
        await tx.execute(
            f"UPDATE {schema}._match_queue SET record_id = $1 WHERE id = ANY($2) AND record_id = $3",
            merged, [UUID(id_) for table, _, id_ in moved if table == "_match_queue"], kept,
        )  # fmt: skip
        chats = [(source, contact) for table, source, contact in moved if table == "_chat_link"]
        await tx.execute(
            f"UPDATE {schema}._chat_link AS c SET record_id = $1"
            " FROM unnest($2::text[], $3::text[]) AS g(source, external_id)"
            " WHERE c.source = g.source AND c.external_id = g.external_id AND c.record_id = $4",
            merged, [source for source, _ in chats], [contact for _, contact in chats], kept,
        )  # fmt: skip

    async def _look_again(self, tx: WriteTx, place: Place, row: Record, since: Sequence[Reference]) -> None:
        rows = await tx.fetch(
            f"SELECT mapping, array_agg(key) AS keys FROM {place.schema}._lineage"
            " WHERE record_id = ANY($1) GROUP BY mapping ORDER BY mapping",
            list({row["kept"], row["merged"], *(each.record for each in since)}),
        )
        mappings = place.structure.catalogue.mapping_by_key
        for each in rows:
            mapping = mappings.get(each["mapping"])
            if mapping is not None:
                await look_again(
                    tx, place.workspace, self._raw, mapping.key, mapping.source, mapping.stream, each["keys"]
                )
