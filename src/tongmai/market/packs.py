"""The packs of content that apps bring, as the workspace has them: read, made, renewed, put into the bin and back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson
import structlog
from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.kit import Clock, Conflict, Fault, Invalid, NotFound
from tongmai.market.content_piece import ContentPiece
from tongmai.model import CONTENT
from tongmai.records import Gateway
from tongmai.store import Database, Workspace, WriteTx
from tongmai.work import keep_missing_editions

_ACTOR = SystemActor("market")
_FIELDS = ("id", "key", "title", "kind", "body", "must_read", "state", "edition")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pack:
    """A record of ``content``, and what it says as a piece of an app would say it."""

    id: UUID
    piece: ContentPiece
    edition: int
    published: bool


class Packs:
    """Writes in the caller's transaction, as the system, through the gateway."""

    def __init__(self, database: Database, gateway: Gateway, clock: Clock) -> None:
        self._database = database
        self._gateway = gateway
        self._clock = clock

    async def of(self, workspace: Workspace, keys: Iterable[str]) -> dict[str, Pack]:
        """Those that there are, by key, in the order of the keys; one in the bin is not there."""
        wanted = tuple(dict.fromkeys(keys))
        if not wanted:
            return {}
        named = ", ".join("'" + each.replace("'", "''") + "'" for each in wanted)
        page = orjson.loads(
            await self._gateway.list(
                _ACTOR, workspace, CONTENT, filter=f"key IN ({named})", fields=_FIELDS, limit=len(wanted)
            )
        )
        there = {each["key"]: _pack(each) for each in page["items"]}
        return {key: there[key] for key in wanted if key in there}

    async def rehearse(self, workspace: Workspace, pieces: Iterable[ContentPiece], there: Mapping[str, Pack]) -> None:
        """Raises ``Invalid`` with every fault for which one of the pieces would be refused; nothing is written."""
        faults: list[Fault] = []
        try:
            async with self._database.write() as tx:
                for piece in pieces:
                    try:
                        async with tx.savepoint():
                            await self._write(tx, workspace, piece, there.get(piece.key))
                    except Invalid as error:
                        faults += error.faults
                raise _Rehearsed
        except _Rehearsed:
            if faults:
                raise Invalid(tuple(faults)) from None

    async def put(self, tx: WriteTx, workspace: Workspace, piece: ContentPiece, present: Pack | None) -> UUID | None:
        """Makes the pack, or makes a present one say what the piece says; its id.

        None where the company's rules for content refuse it since it was rehearsed: the next upgrade offers it again,
        and the app is not left half installed for it.
        """
        try:
            async with tx.savepoint():
                return await self._write(tx, workspace, piece, present)
        except (Invalid, Conflict) as error:
            _log.warning("market.content_refused", workspace=workspace.key, piece=piece.key, reason=str(error))
            return None

    async def bin(self, tx: WriteTx, workspace: Workspace, packs: Iterable[UUID]) -> tuple[UUID, ...]:
        """Those that went into the bin; one that somebody removed meanwhile stays removed."""
        return await _each(tx, packs, lambda each: self._gateway.delete(_ACTOR, workspace, CONTENT, each, tx=tx))

    async def unbin(self, tx: WriteTx, workspace: Workspace, packs: Iterable[UUID]) -> tuple[UUID, ...]:
        """Those that came back; one that was purged, or whose key another has by now, does not."""
        return await _each(tx, packs, lambda each: self._gateway.restore(_ACTOR, workspace, CONTENT, each, tx=tx))

    async def _write(self, tx: WriteTx, workspace: Workspace, piece: ContentPiece, present: Pack | None) -> UUID:
        now = self._clock.now()
        says: dict[str, JsonValue] = piece.model_dump(mode="json")
        if present is None:
            says |= {"state": "published", "edition": 1, "published_at": now.isoformat()}
            return (await self._gateway.create(_ACTOR, workspace, CONTENT, says, tx=tx)).one.id
        if present.published:
            # What the last edition said stays readable; one that people put to rest is not published again.
            await keep_missing_editions(tx, workspace, now)
            says |= {"edition": present.edition + 1, "published_at": now.isoformat()}
        await self._gateway.update(_ACTOR, workspace, CONTENT, present.id, says, tx=tx)
        return present.id


class _Rehearsed(Exception):
    """Rolls a rehearsal back."""


def _pack(row: Mapping[str, object]) -> Pack:
    said = {name: row[name] for name in ContentPiece.model_fields if row[name] is not None}
    return Pack(
        UUID(str(row["id"])),
        ContentPiece.model_validate(said),
        int(str(row["edition"] or 0)),
        published=row["state"] == "published",
    )


async def _each(tx: WriteTx, records: Iterable[UUID], act: Callable[[UUID], Awaitable[object]]) -> tuple[UUID, ...]:
    found = []
    for each in records:
        try:
            async with tx.savepoint():
                await act(each)
        except (NotFound, Conflict):
            continue
        found.append(each)
    return tuple(found)
