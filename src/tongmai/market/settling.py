"""What is done for an app once its change of the model is in force: its entry and its content, in one transaction.

It rides with the change (``schema.riders``), so it is done by who made the change, or by the next who looks, if that
one was killed between. Done twice is done once: the rider is taken in the same transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import orjson
import structlog
from pydantic import Field, JsonValue, TypeAdapter

from tongmai.access import SystemActor
from tongmai.kit import Clock, Conflict, Invalid, NotFound
from tongmai.market.ledger import AppStep, drop_app, end_step, entry_of, find_step, keep_step, put_app, return_entry
from tongmai.market.package import AppPackage, ContentPiece
from tongmai.model import Definition, Key
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore, take_rider, waiting_riders
from tongmai.store import Database, Workspace, WriteTx

_ACTOR = SystemActor("market")
_log = structlog.get_logger(__name__)


class PutApp(Definition):
    """An app installed or upgraded by ``actor``."""

    does: Literal["put"] = "put"
    package: AppPackage
    actor: UUID | None = None


class DropApp(Definition):
    """An app removed."""

    does: Literal["drop"] = "drop"
    app: Key


class TakeBack(Definition):
    """The step of an app that came with ``change``, taken back."""

    does: Literal["take_back"] = "take_back"
    change: UUID


AppWork = PutApp | DropApp | TakeBack
_WORK: TypeAdapter[AppWork] = TypeAdapter(Annotated[AppWork, Field(discriminator="does")])


def as_rider(work: AppWork) -> str:
    """The work as JSON, to ride with a change."""
    return work.model_dump_json(by_alias=True)


class Settler:
    """Does what rides with changes of apps."""

    def __init__(self, database: Database, catalogues: CatalogueStore, gateway: Gateway, clock: Clock) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway
        self._clock = clock

    async def settle(self, workspace: Workspace) -> int:
        """Does all that is waiting; how many."""
        async with self._database.read() as tx:
            waiting = await waiting_riders(tx, workspace)
        if waiting:
            # Content may have got its fields by the very change.
            await self._catalogues.newest(workspace)
        done = 0
        for change in waiting:
            async with self._database.write() as tx:
                rider = await take_rider(tx, workspace, change)
                if rider is not None:
                    await self._do(tx, workspace, change, _WORK.validate_json(rider))
                    done += 1
        return done

    async def rehearse(self, workspace: Workspace, pieces: Iterable[ContentPiece]) -> None:
        """Raises ``Invalid`` with every fault for which the content would be refused; nothing is written."""
        try:
            async with self._database.write() as tx:
                values = [_content(each, self._clock.now()) for each in pieces]
                if values:
                    await self._gateway.create(_ACTOR, workspace, "content", values, tx=tx)
                raise _Rehearsed
        except _Rehearsed:
            pass

    async def unmet(self, workspace: Workspace, pieces: Iterable[ContentPiece]) -> list[ContentPiece]:
        """Those for which there is no record: the others are left as the company has them."""
        wanted = list(pieces)
        if not wanted:
            return []
        there = await self._ids(workspace, wanted)
        return [each for each in wanted if each.key not in there]

    async def _do(self, tx: WriteTx, workspace: Workspace, change: UUID, work: AppWork) -> None:
        step: AppStep | None
        match work:
            case PutApp():
                step = await self._put(tx, workspace, change, work)
            case DropApp():
                step = await self._drop(tx, workspace, change, work.app)
            case TakeBack():
                step = await self._take_back(tx, workspace, change, work.change)
        if step is not None:
            await keep_step(tx, workspace, step, self._clock.now())

    async def _put(self, tx: WriteTx, workspace: Workspace, change: UUID, work: PutApp) -> AppStep:
        package = work.package
        before = await entry_of(tx, workspace, package.info.key)
        had: Mapping[str, str] = orjson.loads(before)["content"] if before else {}
        content = {**had, **await self._ids(workspace, [each for each in package.content if each.key not in had])}
        made = []
        for piece in package.content:
            if piece.key not in content and (id_ := await self._create(tx, workspace, piece)) is not None:
                content[piece.key] = str(id_)
                made.append(id_)
        await put_app(tx, workspace, package, content, self._clock.now(), work.actor)
        return AppStep(change, package.info.key, before, tuple(made), ())

    async def _drop(self, tx: WriteTx, workspace: Workspace, change: UUID, app: str) -> AppStep | None:
        before = await entry_of(tx, workspace, app)
        if before is None:
            return None
        content = [UUID(each) for each in orjson.loads(before)["content"].values()]
        binned = await self._bin(tx, workspace, content)
        await drop_app(tx, workspace, app)
        return AppStep(change, app, before, (), binned)

    async def _take_back(self, tx: WriteTx, workspace: Workspace, change: UUID, undone: UUID) -> AppStep | None:
        step = await find_step(tx, workspace, undone)
        if step is None:
            return None
        binned = await self._bin(tx, workspace, step.made)
        made = await self._unbin(tx, workspace, step.binned)
        before = await entry_of(tx, workspace, step.app)
        await return_entry(tx, workspace, step.app, step.before)
        await end_step(tx, workspace, undone)
        return AppStep(change, step.app, before, made, binned, live=not step.live)

    async def _ids(self, workspace: Workspace, pieces: Iterable[ContentPiece]) -> dict[str, str]:
        """The records that there are, by key: one that the company made or changed is left as it is."""
        keys = [each.key for each in pieces]
        if not keys:
            return {}
        named = ", ".join("'" + each.replace("'", "''") + "'" for each in keys)
        page = orjson.loads(
            await self._gateway.list(
                _ACTOR, workspace, "content", filter=f"key IN ({named})", fields=("id", "key"), limit=len(keys)
            )
        )
        return {each["key"]: each["id"] for each in page["items"]}

    async def _create(self, tx: WriteTx, workspace: Workspace, piece: ContentPiece) -> UUID | None:
        """None where the company's rules for content refuse it since it was rehearsed: the next upgrade offers it
        again, and the app is not left half installed for it."""
        try:
            async with tx.savepoint():
                written = await self._gateway.create(
                    _ACTOR, workspace, "content", _content(piece, self._clock.now()), tx=tx
                )
        except (Invalid, Conflict) as error:
            _log.warning("market.content_refused", workspace=workspace.key, piece=piece.key, reason=str(error))
            return None
        return written.one.id

    async def _bin(self, tx: WriteTx, workspace: Workspace, records: Iterable[UUID]) -> tuple[UUID, ...]:
        """Those that went into the bin; one that somebody removed meanwhile stays removed."""
        return await _each(tx, records, lambda each: self._gateway.delete(_ACTOR, workspace, "content", each, tx=tx))

    async def _unbin(self, tx: WriteTx, workspace: Workspace, records: Iterable[UUID]) -> tuple[UUID, ...]:
        """Those that came back; one that was purged, or whose key another has by now, does not."""
        return await _each(tx, records, lambda each: self._gateway.restore(_ACTOR, workspace, "content", each, tx=tx))


class _Rehearsed(Exception):
    """Rolls a rehearsal back."""


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


def _content(piece: ContentPiece, now: datetime) -> dict[str, JsonValue]:
    return {
        "key": piece.key,
        "title": piece.title,
        "kind": piece.kind,
        "body": piece.body,
        "must_read": piece.must_read,
        "state": "published",
        "edition": 1,
        "published_at": now.isoformat(),
    }
