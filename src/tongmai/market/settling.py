"""What is done for an app once its change of the model is in force: its entry and its content, in one transaction.

It rides with the change (``schema.riders``), so it is done by who made the change, or by the next who looks, if that
one was killed between. Done twice is done once: the rider is taken in the same transaction.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import orjson
from pydantic import Field, TypeAdapter

from tongmai.kit import Clock
from tongmai.market.content_piece import ContentPiece
from tongmai.market.ledger import (
    AppStep,
    Renewed,
    drop_app,
    end_step,
    entry_of,
    find_step,
    keep_step,
    put_app,
    return_entry,
)
from tongmai.market.package import AppPackage
from tongmai.market.packs import Packs
from tongmai.model import Definition, Key
from tongmai.schema import CatalogueStore, take_rider, waiting_riders
from tongmai.store import Database, Workspace, WriteTx


class PutApp(Definition):
    """An app installed or upgraded by ``actor``; ``write`` and ``drop`` are the packs to be made or renewed, and the
    keys of those that go."""

    does: Literal["put"] = "put"
    package: AppPackage
    write: tuple[ContentPiece, ...] = ()
    drop: tuple[str, ...] = ()
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

    def __init__(self, database: Database, catalogues: CatalogueStore, packs: Packs, clock: Clock) -> None:
        self._database = database
        self._catalogues = catalogues
        self._packs = packs
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
        before = await entry_of(tx, workspace, work.package.info.key)
        content: dict[str, str] = orjson.loads(before)["content"] if before else {}
        dropped = [UUID(content.pop(key)) for key in work.drop if key in content]
        there = await self._packs.of(workspace, [each.key for each in work.write])
        made, renewed = [], []
        for piece in work.write:
            present = there.get(piece.key)
            written = await self._packs.put(tx, workspace, piece, present)
            if written is None:
                continue
            content[piece.key] = str(written)
            if present is None:
                made.append(written)
            else:
                renewed.append(Renewed(present.piece, piece))
        binned = await self._packs.bin(tx, workspace, dropped)
        await put_app(tx, workspace, work.package, content, self._clock.now(), work.actor)
        return AppStep(change, work.package.info.key, before, tuple(made), binned, tuple(renewed))

    async def _drop(self, tx: WriteTx, workspace: Workspace, change: UUID, app: str) -> AppStep | None:
        before = await entry_of(tx, workspace, app)
        if before is None:
            return None
        content = [UUID(each) for each in orjson.loads(before)["content"].values()]
        binned = await self._packs.bin(tx, workspace, content)
        await drop_app(tx, workspace, app)
        return AppStep(change, app, before, (), binned)

    async def _take_back(self, tx: WriteTx, workspace: Workspace, change: UUID, undone: UUID) -> AppStep | None:
        step = await find_step(tx, workspace, undone)
        if step is None:
            return None
        binned = await self._packs.bin(tx, workspace, step.made)
        made = await self._packs.unbin(tx, workspace, step.binned)
        renewed = await self._return_texts(tx, workspace, step)
        before = await entry_of(tx, workspace, step.app)
        await return_entry(tx, workspace, step.app, step.before)
        await end_step(tx, workspace, undone)
        return AppStep(change, step.app, before, made, binned, renewed, live=not step.live)

    async def _return_texts(self, tx: WriteTx, workspace: Workspace, step: AppStep) -> tuple[Renewed, ...]:
        """Packs say again what they said before the step; one that people have written over since is left to them."""
        there = await self._packs.of(workspace, [each.after.key for each in step.renewed])
        returned = []
        for each in step.renewed:
            present = there.get(each.after.key)
            if present is None or present.piece != each.after:
                continue
            if await self._packs.put(tx, workspace, each.before, present) is not None:
                returned.append(Renewed(each.after, each.before))
        return tuple(returned)
