"""Two records that are one: the relations of both point to the one that is kept, the other goes into the bin.

One transaction, through the gateway, so that every change stands in the history; what was moved is written down, and
``unmerge`` takes all of it back but what somebody has changed since. Merges of a workspace take turns, and no mapping
writes meanwhile.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from tongmai.access import AnyActor, SystemActor
from tongmai.kit import Clock, Conflict, Invalid, Text, new_id
from tongmai.link.identity.pointing import point
from tongmai.link.identity.unmerging import Unmerging, read_plainly, take_turn
from tongmai.link.raw import RawRows
from tongmai.model import SYSTEM_KEYS
from tongmai.records import Gateway, Place
from tongmai.records.transfer import Loader
from tongmai.store import Database, Workspace, WriteTx


class Merger:
    """Merges records and takes it back."""

    def __init__(self, database: Database, clock: Clock, gateway: Gateway, loader: Loader, raw: RawRows) -> None:
        self._database = database
        self._clock = clock
        self._gateway = gateway
        self._loader = loader
        self._unmerging = Unmerging(clock, gateway, loader, raw)

    async def merge(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        kept: UUID,
        merged: UUID,
        reasons: Sequence[Text] = (),
    ) -> UUID:
        """Makes ``merged`` part of ``kept``; the merge's id. Blank fields of the kept one are filled from the other.

        The actor needs the right to change the one and delete the other. Raises ``NotFound``, ``Denied``, ``Invalid``,
        and ``Conflict`` for what a rule has locked.
        """
        if kept == merged:
            raise Invalid.of(
                "merge.itself",
                "不能与自己合并",
                "A record cannot be merged with itself",
                way_out=Text("请选择另一条记录", "Choose another record"),
            )

        async def work(place: Place) -> UUID:
            return await self._database.write_retry(
                lambda tx: self._merge(tx, place, actor, object_key, kept, merged, reasons)
            )

        return await self._loader.in_place(SystemActor("merge"), workspace, work)

    async def unmerge(self, actor: AnyActor, workspace: Workspace, merge: UUID) -> None:
        """Takes a merge back. Raises ``NotFound``, ``Conflict`` if that was done already or the record that was kept
        has itself been merged since, and what restoring raises."""

        async def work(place: Place) -> None:
            await self._database.write_retry(lambda tx: self._unmerging.unmerge(tx, place, actor, merge))

        await self._loader.in_place(SystemActor("merge"), workspace, work)

    async def _merge(
        self,
        tx: WriteTx,
        place: Place,
        actor: AnyActor,
        object_key: str,
        kept: UUID,
        merged: UUID,
        reasons: Sequence[Text],
    ) -> UUID:
        merge_id, workspace, now = new_id(self._clock), place.workspace, self._clock.now()
        cause = f"merge:{merge_id}"
        await take_turn(tx, place)
        keeper = await read_plainly(self._gateway, actor, workspace, object_key, kept)
        other = await read_plainly(self._gateway, actor, workspace, object_key, merged)
        await _refuse_locked(tx, place, [kept, merged])
        await self._forget_restored(tx, place, [kept, merged])
        # The bin first: what is unique is then free for the record that is kept.
        await self._gateway.delete(actor, workspace, object_key, merged, cause=cause, tx=tx)
        filled = {key: other[key] for key in _fillable(place, object_key, keeper, other)}
        # Also where nothing is filled: who may not change the one must not make another part of it.
        await self._gateway.update(actor, workspace, object_key, kept, filled, cause=cause, tx=tx)
        references = await self._loader.referring(tx, place, object_key, merged)
        await point(self._gateway, tx, workspace, references, merged, kept, cause)
        lineage = await tx.fetch(
            f"UPDATE {place.schema}._lineage SET record_id = $1 WHERE record_id = $2 RETURNING mapping, key",
            kept,
            merged,
        )
        moved = [[each.object, each.field, str(each.record)] for each in references]
        moved += await self._meanings(tx, place, object_key, kept, merged)
        await tx.execute(
            f"INSERT INTO {place.schema}._merge"
            " (id, object, kept, merged, reasons, filled, moved, lineage, by_person, at) VALUES"
            " ($1, $2, $3, $4, $5::text::jsonb, $6::text::jsonb, $7::text::jsonb, $8::text::jsonb, $9, $10)",
            merge_id, object_key, kept, merged, _dump([[each.zh, each.en] for each in reasons]), _dump(filled),
            _dump(moved), _dump([[row["mapping"], row["key"]] for row in lineage]), actor.id, now,
        )  # fmt: skip
        return merge_id

    async def _meanings(self, tx: WriteTx, place: Place, object_key: str, kept: UUID, merged: UUID) -> list[list[str]]:
        """What people said that means the merged one means the kept one: names in mappings, contacts in chats."""
        questions = await tx.fetch(
            f"UPDATE {place.schema}._match_queue SET record_id = $1 WHERE record_id = $2 AND object = $3 RETURNING id",
            kept, merged, object_key,
        )  # fmt: skip
        await self._offer(tx, place, object_key, kept, merged)
        chats = await tx.fetch(
            f"UPDATE {place.schema}._chat_link SET record_id = $1 WHERE record_id = $2 AND object = $3"
            " RETURNING source, external_id",
            kept, merged, object_key,
        )  # fmt: skip
        return [
            *(["_match_queue", "record_id", str(row["id"])] for row in questions),
            *(["_chat_link", row["source"], row["external_id"]] for row in chats),
        ]

    async def _offer(self, tx: WriteTx, place: Place, object_key: str, kept: UUID, merged: UUID) -> None:
        """Open questions that offer the merged one offer the kept one, once."""
        questions = await tx.fetch(
            f"SELECT id, candidates FROM {place.schema}._match_queue WHERE state = 'open' AND object = $1"
            " AND candidates @> jsonb_build_array(jsonb_build_object('id', $2::text)) FOR UPDATE",
            object_key, str(merged),
        )  # fmt: skip
        for row in questions:
            offered = {}
            for each in orjson.loads(row["candidates"]):
                id_ = str(kept) if each["id"] == str(merged) else each["id"]
                if id_ not in offered or each["id"] == id_:
                    offered[id_] = each | {"id": id_}
            await tx.execute(
                f"UPDATE {place.schema}._match_queue SET candidates = $2::text::jsonb WHERE id = $1",
                row["id"], _dump(list(offered.values())),
            )  # fmt: skip

    async def _forget_restored(self, tx: WriteTx, place: Place, records: Sequence[UUID]) -> None:
        """A record that was merged and is here again was taken from the bin by hand: that merge is over."""
        await tx.execute(
            f"UPDATE {place.schema}._merge SET undone_at = $2 WHERE merged = ANY($1) AND undone_at IS NULL",
            list(records),
            self._clock.now(),
        )


async def _refuse_locked(tx: WriteTx, place: Place, records: Sequence[UUID]) -> None:
    """What a rule holds still is neither made part of another nor added to."""
    lock = await tx.fetch_row(
        f"SELECT reason_zh, reason_en FROM {place.schema}._lock WHERE record_id = ANY($1) AND released_at IS NULL"
        " AND cardinality(fields) = 0 ORDER BY locked_at LIMIT 1",
        list(records),
    )
    if lock is not None:
        raise Conflict.of(
            "merge.locked",
            f"其中一条记录已锁定：{lock['reason_zh']}",
            f"One of the records is locked: {lock['reason_en']}",
            way_out=Text("请等待条件解除，或由主管解除锁定", "Wait until it ends, or ask a supervisor to release it"),
        )


def _fillable(place: Place, object_key: str, keeper: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    for field in place.structure.definition(object_key).fields:
        bound = place.structure.bound(object_key, field.key)
        if field.key in SYSTEM_KEYS or not bound.type.writable or field.type in ("file", "auto_number"):
            continue
        if keeper.get(field.key) in (None, "", []) and other.get(field.key) not in (None, "", []):
            yield field.key


def _dump(value: object) -> str:
    return orjson.dumps(value, default=str).decode()
