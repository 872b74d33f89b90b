"""What the examples stand on: a new workspace with its objects, the rooms over it, files imported into it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tongmai.access import SystemActor
from tongmai.kit import Clock, Settings, Text
from tongmai.metrics import Metrics
from tongmai.model import AddMetric, AddSegment, Changeset, MetricDef, ObjectDef, SegmentDef, diff
from tongmai.records import Gateway, Sealer
from tongmai.records.files import Files
from tongmai.records.transfer import ImportRequest, Transfer
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, JobWorker, Workspace, find_job

ACTOR = SystemActor("example")


@dataclass(frozen=True)
class Account:
    """What became of the rows of one import. ``refused_file`` is the id of the file with the refused ones."""

    object: str
    read: int
    inserted: int
    updated: int
    unchanged: int
    refused: int
    refused_file: str | None
    seconds: float


@dataclass(frozen=True)
class Room:
    """A workspace and the doors to it."""

    database: Database
    settings: Settings
    clock: Clock
    workspace: Workspace
    catalogues: CatalogueStore
    editor: SchemaEditor
    gateway: Gateway
    files: Files
    transfer: Transfer
    metrics: Metrics

    async def define(self, *definitions: MetricDef | SegmentDef) -> None:
        actions = tuple(
            AddMetric(metric=each) if isinstance(each, MetricDef) else AddSegment(segment=each) for each in definitions
        )
        await self.editor.apply(self.workspace, Changeset(actions=actions), None)

    async def seal(self) -> None:
        """What the running program does every second: what was written becomes part of the feed."""
        await Sealer(self.database, self.workspace, self.clock, self.settings).seal_once()


@asynccontextmanager
async def open_room(
    database: Database,
    settings: Settings,
    clock: Clock,
    key: str,
    label: Text,
    zone: str,
    objects: Iterable[Mapping[str, Any]],
) -> AsyncIterator[Room]:
    """Makes the workspace ``key`` in ``zone`` with the objects."""
    catalogues = CatalogueStore(database)
    await catalogues.start()
    try:
        workspace = await create_workspace(database, catalogues, clock, key, label, zone)
        editor = SchemaEditor(database, catalogues, clock, settings)
        present = await catalogues.get(workspace)
        wanted = (*present.objects, *map(ObjectDef.model_validate, objects))
        await editor.apply(workspace, diff(present, present.model_copy(update={"objects": wanted})), None)
        gateway = Gateway(database, catalogues, clock, settings)
        files = Files(database, settings, clock, gateway)
        transfer = Transfer(database, catalogues, clock, settings, files)
        metrics = Metrics(database, catalogues, clock)
        yield Room(
            database, settings, clock, workspace, catalogues, editor, gateway, files, transfer, metrics
        )  # fmt: skip
    finally:
        await catalogues.close()


async def import_file(room: Room, path: Path, wanted: Mapping[str, Any]) -> Account:
    """One import, done at once. ``wanted`` is an import request without its file."""
    began = time.perf_counter()
    file = await room.files.save(ACTOR, room.workspace, path.name, _content(path))
    request = ImportRequest.model_validate({**wanted, "file": file.id})
    job = await room.transfer.imports.start(ACTOR, room.workspace, request)
    await JobWorker(room.database, room.transfer.job_handlers(), room.clock).run_until_idle()
    async with room.database.read() as tx:
        done = await find_job(tx, job)
    if done is None or done.result is None:
        raise RuntimeError(f"the import of {request.object} did not end well: {done and done.error}")
    counts = {name: done.result[name] for name in ("read", "inserted", "updated", "unchanged", "refused")}
    return Account(
        request.object, **counts, refused_file=done.result["refused_file"], seconds=time.perf_counter() - began
    )


async def _content(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1024 * 1024):
            yield block
