"""One workspace's replica: built whole, brought up from the feed, folded together; one writer at a time."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import duckdb

from tongmai.kit import Clock, Conflict, Settings, new_id
from tongmai.model import Catalogue, ObjectDef
from tongmai.replica.columns import wide_columns
from tongmai.replica.disk import Disk
from tongmai.replica.duck import Duck
from tongmai.replica.files import Atelier
from tongmai.replica.history_files import HISTORY_FOLDER, build_history, extend_history, fold_history
from tongmai.replica.manifest import Damaged, Manifest, ObjectFiles
from tongmai.replica.object_files import TooNarrow, absorb, build, fold, widened
from tongmai.replica.shelf import Shelf
from tongmai.replica.source import Mark, Snapshot, Touched, open_snapshot
from tongmai.replica.structure_changes import Fate, fates
from tongmai.store import Database, Workspace

Result = TypeVar("Result")
# objects done, objects in all
Report = Callable[[int, int], Awaitable[None]]


def replica_folder(settings: Settings) -> Path:
    """Where the replicas of all workspaces lie."""
    return settings.data_dir / "replica"


@dataclass(frozen=True)
class Status:
    """What there is. ``epoch`` is None where there is no sound replica; ``damage`` says why. Sizes in bytes."""

    workspace: str
    epoch: int | None
    at: datetime | None
    catalogue_version: int | None
    files: int = 0
    size: int = 0
    rows: Mapping[str, int] = field(default_factory=dict)
    history_rows: int = 0
    waiting_files: int = 0
    damage: str | None = None


class Replica:
    """Makes and keeps the files; ``shelf`` is what readers lease them from. For one event loop.

    Whatever happens in the midst of ``advance``, ``compact`` or ``rebuild``, readers see the state before or the state
    after, and the next call goes on from there.
    """

    def __init__(
        self,
        database: Database,
        workspace: Workspace,
        clock: Clock,
        settings: Settings,
        *,
        duck: Duck | None = None,
        disk: Disk | None = None,
    ) -> None:
        self._database = database
        self.workspace = workspace
        self._clock = clock
        self.duck = duck or Duck.of(replica_folder(settings), settings)
        self.shelf = Shelf(replica_folder(settings) / workspace.key, workspace.id, disk or Disk())
        self._work_folder = self.shelf.folder / ".work"

    async def status(self) -> Status:
        try:
            found = await asyncio.to_thread(self.shelf.present)
        except Damaged as damage:
            return Status(self.workspace.key, None, None, None, damage=damage.sentence("en"))
        files = list(found.files)
        return Status(
            self.workspace.key, found.epoch, found.at, found.catalogue_version, len(files),
            sum(file.size for file in files), {key: each.rows for key, each in found.objects.items()},
            sum(file.rows for file in found.history), len(found.retired),
        )  # fmt: skip

    async def advance(self) -> Manifest | None:
        """Brings the replica to the present; builds it where there is none, or none that can be trusted.

        The manifest in force afterwards; None if another program is at work here.
        """
        async with self._alone() as is_alone:
            if not is_alone:
                return None
            try:
                before = await asyncio.to_thread(self.shelf.present)
            except Damaged:
                return await self._build_all(None)
            async with open_snapshot(self._database, self.workspace) as snapshot:
                mark = await snapshot.mark()
                if not await self._is_of_this_past(before, mark, snapshot):
                    after = await self._built(snapshot, mark, before.generation + 1, None)
                elif _has_all(before, mark):
                    return before
                else:
                    after = await self._brought_up(snapshot, before, mark)
            return await self._commit(after)

    async def rebuild(self, on_progress: Report | None = None) -> Manifest:
        """Builds it anew from one snapshot. Raises ``Conflict`` if another program is at work here."""
        async with self._alone() as is_alone:
            _require(is_alone)
            return await self._build_all(on_progress)

    async def compact(self) -> Manifest:
        """Folds the deltas into the months, an object at a time, each step in force by itself. Raises ``Conflict`` if
        another program is at work here, ``Unavailable`` if there is no sound replica."""
        async with self._alone() as is_alone:
            _require(is_alone)
            found = await asyncio.to_thread(self.shelf.present)
            for key, files in found.objects.items():
                folded = await self._make(key, lambda atelier, files=files: fold(atelier, files))  # type: ignore[misc]
                if folded != files:
                    found = await self._commit(_next(found, objects={**found.objects, key: folded}))
            history = await self._make(HISTORY_FOLDER, lambda atelier: fold_history(atelier, found.history))
            # Also where nothing was folded: what was retired long enough ago is removed.
            return await self._commit(_next(found, history=history))

    async def _build_all(self, on_progress: Report | None) -> Manifest:
        async with open_snapshot(self._database, self.workspace) as snapshot:
            found = await self._built(snapshot, await snapshot.mark(), self._generation() + 1, on_progress)
        return await self._commit(found)

    def _generation(self) -> int:
        with contextlib.suppress(Damaged):
            return self.shelf.named().generation
        return 0

    async def _built(self, snapshot: Snapshot, mark: Mark, generation: int, on_progress: Report | None) -> Manifest:
        catalogue = await _in_force(snapshot, mark)
        objects: dict[str, ObjectFiles] = {}
        for definition in catalogue.objects:
            objects[definition.key] = await self._built_object(snapshot, definition)
            if on_progress is not None:
                await on_progress(len(objects), len(catalogue.objects))
        csv = self._csv("history")
        await snapshot.copy_history(-1, mark.epoch, csv)
        history = await self._make(HISTORY_FOLDER, lambda atelier: build_history(atelier, csv))
        return Manifest(
            workspace=self.workspace.id, generation=generation, at=self._clock.now(), epoch=mark.epoch,
            anchor=mark.anchor, catalogue_version=mark.catalogue_version, ordered_by_bytes=mark.ordered_by_bytes,
            objects=objects, history=history,
        )  # fmt: skip

    async def _built_object(self, snapshot: Snapshot, definition: ObjectDef) -> ObjectFiles:
        csv = self._csv("rows")
        await snapshot.copy_rows(definition.key, wide_columns(definition), csv)
        return await self._make(definition.key, lambda atelier: build(atelier, definition, csv))

    async def _is_of_this_past(self, before: Manifest, mark: Mark, snapshot: Snapshot) -> bool:
        """Whether the database's history goes on from what the replica saw (it was not restored or made anew)."""
        if before.epoch > mark.epoch:
            return False
        if before.anchor is None:
            return mark.anchor is None
        return await snapshot.has(before.anchor)

    async def _brought_up(self, snapshot: Snapshot, before: Manifest, mark: Mark) -> Manifest:
        touched = {each.object: each for each in await snapshot.touched(before.epoch)}
        newer = await snapshot.catalogues(before.catalogue_version, mark.catalogue_version)
        catalogue = newer[-1] if newer else await _in_force(snapshot, mark)
        objects: dict[str, ObjectFiles] = {}
        for key, fate in fates(before.objects, newer).items():
            definition = catalogue.object_by_key[key]
            files = await self._at_catalogue(snapshot, before, definition, fate)
            if files is not None and key in touched:
                files = await self._absorbed(snapshot, before.epoch, files, touched[key])
            objects[key] = files or await self._built_object(snapshot, definition)
        history = before.history
        if mark.epoch > before.epoch:
            csv = self._csv("history")
            blotted = await snapshot.blotted(before.epoch, mark.epoch)
            await snapshot.copy_history(before.epoch, mark.epoch, csv, blotted)
            history = await self._make(
                HISTORY_FOLDER, lambda atelier: extend_history(atelier, before.history, csv, blotted)
            )
        return _next(
            before, at=self._clock.now(), epoch=mark.epoch, anchor=mark.anchor, objects=objects, history=history,
            catalogue_version=mark.catalogue_version, ordered_by_bytes=mark.ordered_by_bytes,
        )  # fmt: skip

    async def _at_catalogue(
        self, snapshot: Snapshot, before: Manifest, definition: ObjectDef, fate: Fate
    ) -> ObjectFiles | None:
        """The object's files under its present definition; None where they must be built anew."""
        if fate.rebuilt:
            return None
        for name, _ in fate.added:
            if await snapshot.has_older_values(definition.key, name, before.epoch):
                return None
        files = before.objects[definition.key]
        if not fate.added and not fate.dropped:
            return files
        wide = wide_columns(definition)
        return widened(files, {name: wide[name] for name, _ in fate.added}, fate.dropped)

    async def _absorbed(
        self, snapshot: Snapshot, after: int, files: ObjectFiles, touched: Touched
    ) -> ObjectFiles | None:
        """With the touched records as they are now; None where a value is too wide for the files."""
        rows, ids = self._csv("rows"), self._csv("ids")
        await snapshot.copy_touched_rows(touched.object, files.columns, after, rows)
        await snapshot.copy_touched_ids(touched.object, after, ids)

        def work(atelier: Atelier) -> ObjectFiles:
            found = absorb(atelier, files, rows, ids)
            # What was removed for good shall not lie in an older file either.
            return fold(atelier, found) if touched.is_blotted else found

        try:
            return await self._make(touched.object, work)
        except TooNarrow:
            return None

    async def _make(self, folder: str, work: Callable[[Atelier], Result]) -> Result:
        def run(session: duckdb.DuckDBPyConnection) -> Result:
            return work(Atelier(session, self.shelf, folder, lambda: new_id(self._clock).hex))

        return await self.duck.run(run)

    async def _commit(self, manifest: Manifest) -> Manifest:
        return await asyncio.to_thread(self.shelf.commit, manifest, self._clock.now())

    def _csv(self, name: str) -> Path:
        return self._work_folder / f"{name}.csv"

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[bool]:
        with self.shelf.alone() as is_alone:
            if is_alone:
                await asyncio.to_thread(_emptied, self._work_folder)
            try:
                yield is_alone
            finally:
                if is_alone:
                    await asyncio.to_thread(shutil.rmtree, self._work_folder, ignore_errors=True)


def _has_all(manifest: Manifest, mark: Mark) -> bool:
    return (manifest.epoch, manifest.anchor, manifest.catalogue_version) == (
        mark.epoch, mark.anchor, mark.catalogue_version,
    )  # fmt: skip


def _next(manifest: Manifest, **changed: object) -> Manifest:
    return manifest.model_copy(update={**changed, "generation": manifest.generation + 1})


async def _in_force(snapshot: Snapshot, mark: Mark) -> Catalogue:
    found = await snapshot.catalogues(mark.catalogue_version - 1, mark.catalogue_version)
    if not found:
        raise Conflict.of("replica.no_model", "工作区没有配置", "The workspace has no catalogue")
    return found[-1]


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)


def _require(is_alone: bool) -> None:
    if not is_alone:
        raise Conflict.of(
            "replica.busy",
            "另一个程序正在更新列式副本，请稍后再试",
            "Another program is working on the columnar replica; try again in a moment",
        )
