"""Two records that are one: the relations of both point to the one that is kept, the other goes into the bin.

One transaction, through the gateway, so that every change stands in the history; what was moved is written down, and
``unmerge`` takes all of it back but what somebody has changed since.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from tongmai.access import AnyActor, SystemActor
from tongmai.kit import Clock, Conflict, Invalid, NotFound, Text, new_id
from tongmai.model import SYSTEM_KEYS
from tongmai.records import Gateway, Operation, Place
from tongmai.records.transfer import Loader, Reference
from tongmai.store import Database, Record, Workspace, WriteTx

_AT_ONCE = 500


class Merger:
    """Merges records and takes it back."""

    def __init__(self, database: Database, clock: Clock, gateway: Gateway, loader: Loader) -> None:
        self._database = database
        self._clock = clock
        self._gateway = gateway
        self._loader = loader

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

        The actor needs the right to change the one and delete the other. Raises ``NotFound``, ``Denied``, ``Invalid``.
        """
        if kept == merged:
            raise Invalid.of("merge.itself", "不能与自己合并", "A record cannot be merged with itself")

        async def work(place: Place) -> UUID:
            async with self._database.write() as tx:
                return await self._merge(tx, place, actor, object_key, kept, merged, reasons)

        return await self._loader.in_place(SystemActor("merge"), workspace, work)

    async def unmerge(self, actor: AnyActor, workspace: Workspace, merge: UUID) -> None:
        """Takes a merge back. Raises ``NotFound``, ``Conflict`` if that was done already, and what restoring raises."""

        async def work(place: Place) -> None:
            async with self._database.write() as tx:
                await self._unmerge(tx, place, actor, merge)

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
        merge_id, workspace = new_id(self._clock), place.workspace
        cause = f"merge:{merge_id}"
        keeper = await self._read(actor, workspace, object_key, kept)
        other = await self._read(actor, workspace, object_key, merged)
        # The bin first: what is unique is then free for the record that is kept.
        await self._gateway.delete(actor, workspace, object_key, merged, cause=cause, tx=tx)
        filled = {key: other[key] for key in _fillable(place, object_key, keeper, other)}
        if filled:
            await self._gateway.update(actor, workspace, object_key, kept, filled, cause=cause, tx=tx)
        references = await self._loader.referring(tx, place, object_key, merged)
        await self._point(tx, workspace, references, merged, kept, cause)
        lineage = await tx.fetch(
            f"UPDATE {place.schema}._lineage SET record_id = $1 WHERE record_id = $2 RETURNING mapping, key",
            kept,
            merged,
        )
        await tx.execute(
            f"UPDATE {place.schema}._match_queue SET record_id = $1 WHERE record_id = $2 AND object = $3",
            kept, merged, object_key,
        )  # fmt: skip
        await tx.execute(
            f"INSERT INTO {place.schema}._merge"
            " (id, object, kept, merged, reasons, filled, moved, lineage, by_person, at) VALUES"
            " ($1, $2, $3, $4, $5::text::jsonb, $6::text::jsonb, $7::text::jsonb, $8::text::jsonb, $9, $10)",
            merge_id, object_key, kept, merged, _dump([[each.zh, each.en] for each in reasons]), _dump(filled),
            _dump([[each.object, each.field, str(each.record)] for each in references]),
            _dump([[row["mapping"], row["key"]] for row in lineage]), actor.id, self._clock.now(),
        )  # fmt: skip
        return merge_id

    async def _unmerge(self, tx: WriteTx, place: Place, actor: AnyActor, merge: UUID) -> None:
        row = await self._locked(tx, place, merge)
        workspace, object_key, kept, merged = place.workspace, row["object"], row["kept"], row["merged"]
        cause = f"unmerge:{merge}"
        keeper = await self._read(actor, workspace, object_key, kept)
        filled: Mapping[str, Any] = orjson.loads(row["filled"])
        cleared = {key: None for key, value in filled.items() if keeper.get(key) == value}
        if cleared:
            await self._gateway.update(actor, workspace, object_key, kept, cleared, cause=cause, tx=tx)
        await self._gateway.restore(actor, workspace, object_key, merged, cause=cause, tx=tx)
        moved = {(each[0], each[1], UUID(each[2])) for each in orjson.loads(row["moved"])}
        present = await self._loader.referring(tx, place, object_key, kept)
        # What was pointed elsewhere since stays where it is.
        back = [each for each in present if (each.object, each.field, each.record) in moved]
        await self._point(tx, workspace, back, kept, merged, cause)
        pairs = orjson.loads(row["lineage"])
        await tx.execute(
            f"UPDATE {place.schema}._lineage AS l SET record_id = $1"
            " FROM unnest($2::text[], $3::text[]) AS g(mapping, key)"
            " WHERE l.mapping = g.mapping AND l.key = g.key AND l.record_id = $4",
            merged, [each[0] for each in pairs], [each[1] for each in pairs], kept,
        )  # fmt: skip
        await tx.execute(f"UPDATE {place.schema}._merge SET undone_at = $2 WHERE id = $1", merge, self._clock.now())

    async def _point(
        self,
        tx: WriteTx,
        workspace: Workspace,
        references: Sequence[Reference],
        before: UUID,
        after: UUID,
        cause: str,
    ) -> None:
        """Points relations anew, also those that the person cannot see: they must not be left behind."""
        system = SystemActor("merge")
        for object_key, group in _by_object(references).items():
            changes: dict[UUID, dict[str, Any]] = {}
            for each in group:
                changes.setdefault(each.record, {})[each.field] = each.pointed(before, after)
            for some in _portions(list(changes.items())):
                operations = [Operation("update", values, id_) for id_, values in some]
                await self._gateway.bulk(system, workspace, object_key, operations, cause=cause, tx=tx)

    async def _locked(self, tx: WriteTx, place: Place, merge: UUID) -> Record:
        row = await tx.fetch_row(
            f"SELECT object, kept, merged, filled, moved, lineage, undone_at FROM {place.schema}._merge"
            " WHERE id = $1 FOR UPDATE",
            merge,
        )
        if row is None:
            raise NotFound.of("merge.unknown", "没有这次合并", "There is no such merge")
        if row["undone_at"] is not None:
            raise Conflict.of("merge.undone", "这次合并已经撤销", "The merge was taken back already")
        return row

    async def _read(self, actor: AnyActor, workspace: Workspace, object_key: str, record: UUID) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(await self._gateway.get(actor, workspace, object_key, record))
        return {key: _plain(value) for key, value in found.items()}


def _fillable(place: Place, object_key: str, keeper: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    for field in place.structure.definition(object_key).fields:
        bound = place.structure.bound(object_key, field.key)
        if field.key in SYSTEM_KEYS or not bound.type.writable or field.type in ("file", "auto_number"):
            continue
        if keeper.get(field.key) in (None, "", []) and other.get(field.key) not in (None, "", []):
            yield field.key


def _plain(value: Any) -> Any:
    """A relation as it is written: by its id."""
    if isinstance(value, dict) and set(value) == {"id", "label"}:
        return value["id"]
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _by_object(references: Sequence[Reference]) -> dict[str, list[Reference]]:
    found: dict[str, list[Reference]] = {}
    for each in references:
        found.setdefault(each.object, []).append(each)
    return found


def _portions(items: list[tuple[UUID, dict[str, Any]]]) -> Iterator[list[tuple[UUID, dict[str, Any]]]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def _dump(value: object) -> str:
    return orjson.dumps(value, default=str).decode()
