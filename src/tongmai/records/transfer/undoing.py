"""Taking back a whole import: what it made is deleted, what it changed gets its values of before, what somebody has
touched since stays and is listed.

It is a job of its own, goes from the newest change to the oldest, and every step is a change like any other: under the
actor's policies, with history (cause ``undo-import:<job>``). A killed undo goes on where it stood.
"""

# ruff: noqa: S608 - the schema's name is quoted

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from tongmai.access import AnyActor, require_manage
from tongmai.kit import Conflict, Fault, NotFound, Text, TongmaiError
from tongmai.model import SYSTEM_KEYS
from tongmai.records.changer import Changer, Patch
from tongmai.records.files import Files
from tongmai.records.place import Place
from tongmai.records.runtime import Runtime
from tongmai.records.transfer.account import Account
from tongmai.records.transfer.job_actor import JobActors, described
from tongmai.records.transfer.refused import reason
from tongmai.schema import give_way
from tongmai.store import JobRun, Record, Workspace, WriteTx, enqueue, find_job, mark_job_undone

UNDO_IMPORT = "import-undo"
_IMPORT = "import"
_BATCH = 500
_OVER = frozenset({"done", "cancelled", "failed"})


class UndoAccount(BaseModel):
    """What has been taken back; the checkpoint. ``epoch`` and ``seq`` are of the last history entry looked at."""

    model_config = ConfigDict(frozen=True)

    epoch: int | None = None
    seq: int = 0
    step: int = 0
    deleted: int = 0
    restored: int = 0
    kept: int = 0
    parts: tuple[int, ...] = ()

    def document(self) -> dict[str, Any]:
        return self.model_dump(include={"deleted", "restored", "kept"})


@dataclass(frozen=True, slots=True)
class _Touched:
    """A record as the import left it: ``version`` is the import's last, ``before`` what it had ahead of it."""

    object: str
    id: UUID
    version: int
    made: bool
    before: Mapping[str, Any]
    now: int | None


class ImportUndoer:
    """Starts undoing and runs it as the handler of the job kind ``import-undo``."""

    def __init__(self, runtime: Runtime, files: Files, actors: JobActors) -> None:
        self._runtime = runtime
        self._files = files
        self._actors = actors
        self._changer = Changer(runtime)

    async def start(self, actor: AnyActor, workspace: Workspace, job: UUID) -> UUID:
        """Asks for an import to be taken back; the new job's id.

        Whoever asked for the import may, and who manages jobs. Raises ``NotFound``, ``Denied``, ``Conflict``.
        """
        await self._check(actor, workspace, job)
        payload = {"workspace": workspace.key, "actor": described(actor), "import": str(job)}
        async with self._runtime.database.write() as tx:
            return await enqueue(tx, UNDO_IMPORT, workspace.id, payload, clock=self._runtime.clock, created_by=actor.id)

    async def _check(self, actor: AnyActor, workspace: Workspace, job: UUID) -> None:
        async with self._runtime.database.read() as tx:
            found = await find_job(tx, job)
        if found is None or found.workspace_id != workspace.id or found.kind != _IMPORT:
            raise NotFound((Fault("job.not_found", Text("没有这个导入任务", "There is no such import")),))
        if found.created_by != actor.id:
            place = await self._runtime.place(actor, workspace)
            require_manage(actor, place.structure.catalogue, "jobs")
        if found.state == "undone":
            raise Conflict((Fault("import.undone", Text("该导入已经撤销", "This import was undone already")),))
        if found.state not in _OVER:
            text = Text("导入还在进行", "The import is still running")
            raise Conflict((Fault("import.running", text, Text("请先取消任务", "Cancel the job first")),))

    async def run(self, run: JobRun) -> Mapping[str, Any]:
        """Takes back an import, or the rest of it."""
        workspace, actor = await self._actors.of(run)
        job = UUID(run.input["import"])
        account = UndoAccount.model_validate(run.checkpoint or {})
        async with self._runtime.database.read() as tx:
            undone = await find_job(tx, job)
        assert undone is not None
        first_epoch = Account.of_checkpoint(undone.checkpoint).first_epoch
        if first_epoch is not None:
            account = await self._take_back_all(run, workspace, actor, job, first_epoch, account)
        kept = await self._keep_list(run, workspace, actor, account)
        async with self._runtime.database.write() as tx:
            await mark_job_undone(tx, job)
        return {**account.document(), "kept_file": kept}

    async def _take_back_all(
        self, run: JobRun, workspace: Workspace, actor: AnyActor, job: UUID, first_epoch: int, account: UndoAccount
    ) -> UndoAccount:
        while True:

            async def work(place: Place, at: UndoAccount = account) -> UndoAccount:
                return await self._step(place, run, job, first_epoch, at)

            done = await self._runtime.with_present_catalogue(actor, workspace, work)
            if done.step == account.step:
                return done
            account = done

    async def _step(self, place: Place, run: JobRun, job: UUID, first_epoch: int, account: UndoAccount) -> UndoAccount:
        """One batch of records in one transaction with its checkpoint."""
        await give_way(self._runtime.database, place.workspace)
        async with self._runtime.database.write() as tx:
            await tx.fetch_value(f"SELECT {place.schema}._open_change($1)", place.structure.catalogue.version)
            entries = await self._entries(tx, place, job, first_epoch, account)
            if not entries:
                return account
            kept: list[tuple[_Touched, Sequence[Fault]]] = []
            deleted = restored = 0
            for object_key in dict.fromkeys(entry["object"] for entry in entries):
                ids = [entry["record_id"] for entry in entries if entry["object"] == object_key]
                touched = await self._touched(tx, place, job, object_key, ids)
                counts = await self._take_back(tx, place, job, object_key, touched, kept)
                deleted, restored = deleted + counts[0], restored + counts[1]
            step = account.step + 1
            if kept:
                await self._files.store.put_part(place.workspace.id, run.id, step, _part(kept, place.actor.language))
            last = entries[-1]
            done = UndoAccount(
                epoch=last["epoch"],
                seq=last["seq"],
                step=step,
                deleted=account.deleted + deleted,
                restored=account.restored + restored,
                kept=account.kept + len(kept),
                parts=(*account.parts, step) if kept else account.parts,
            )
            await run.progress(done.deleted + done.restored + done.kept, None, done.model_dump(), tx=tx)
        return done

    async def _entries(
        self, tx: WriteTx, place: Place, job: UUID, first_epoch: int, account: UndoAccount
    ) -> list[Record]:
        """The import's last entry of each of the next records, newest first."""
        history = f"{place.schema}._history"
        return await tx.fetch(
            f"SELECT h.epoch, h.seq, h.object, h.record_id FROM {history} AS h"
            f" WHERE h.cause = $1 AND h.epoch >= $2 AND ($3::bigint IS NULL OR (h.epoch, h.seq) < ($3, $4))"
            f" AND NOT EXISTS (SELECT FROM {history} AS later WHERE later.record_id = h.record_id"
            f" AND later.cause = h.cause AND later.version > h.version)"
            f" ORDER BY h.epoch DESC, h.seq DESC LIMIT {_BATCH}",
            f"{_IMPORT}:{job}", first_epoch, account.epoch, account.seq,
        )  # fmt: skip

    async def _touched(
        self, tx: WriteTx, place: Place, job: UUID, object_key: str, ids: Sequence[UUID]
    ) -> list[_Touched]:
        if object_key not in place.structure.catalogue.object_by_key:
            return [_Touched(object_key, id, 0, False, {}, None) for id in ids]
        rows = await tx.fetch(
            f"SELECT h.record_id AS id, max(h.version) AS version, bool_or(h.action = 'create') AS made,"
            f" {place.schema}._overlay(h.before ORDER BY h.version DESC) AS before, max(t.version) AS now"
            f" FROM {place.schema}._history AS h LEFT JOIN {place.table(object_key)} AS t ON t.id = h.record_id"
            f" WHERE h.record_id = ANY($1) AND h.cause = $2 GROUP BY h.record_id",
            list(ids),
            f"{_IMPORT}:{job}",
        )
        return [
            _Touched(
                object_key,
                row["id"],
                row["version"],
                row["made"],
                json.loads(row["before"] or "{}", parse_float=Decimal),
                row["now"],
            )
            for row in rows
        ]

    async def _take_back(
        self,
        tx: WriteTx,
        place: Place,
        job: UUID,
        object_key: str,
        touched: Sequence[_Touched],
        kept: list[tuple[_Touched, Sequence[Fault]]],
    ) -> tuple[int, int]:
        """How many were deleted and restored; the others are added to ``kept``."""
        kept += [(each, [_changed_since()]) for each in touched if each.now != each.version]
        same = [each for each in touched if each.now == each.version]
        made = [each for each in same if each.made]
        changed = [each for each in same if not each.made]
        deletions = [Patch(each.id, version=each.version) for each in made]
        fields = place.structure.definition(object_key).by_key if same else {}
        patches = [
            Patch(each.id, {key: value for key, value in each.before.items() if _comes_back(key, fields)}, each.version)
            for each in changed
        ]
        deleted = await self._change(tx, place, job, made, "delete", deletions, kept)
        restored = await self._change(tx, place, job, changed, "update", patches, kept)
        return deleted, restored

    async def _change(
        self,
        tx: WriteTx,
        place: Place,
        job: UUID,
        touched: Sequence[_Touched],
        action: Any,
        patches: Sequence[Patch],
        kept: list[tuple[_Touched, Sequence[Fault]]],
    ) -> int:
        """Changes all that may be changed. The gateway refuses a batch whole and tells the rows: those stay, the others
        are tried again."""
        left = list(zip(touched, patches, strict=True))
        while left:
            try:
                async with tx.savepoint():
                    await self._changer.change(
                        place,
                        left[0][0].object,
                        action,
                        [patch for _, patch in left],
                        cause=f"undo-import:{job}",
                        tx=tx,
                        many=True,
                    )
                return len(left)
            except TongmaiError as error:
                refused: dict[int, list[Fault]] = {}
                for fault in error.faults:
                    refused.setdefault(fault.row or 0, []).append(fault)
                if 0 in refused:
                    kept += [(each, error.faults) for each, _ in left]
                    return 0
                kept += [(left[row - 1][0], faults) for row, faults in refused.items()]
                left = [pair for row, pair in enumerate(left, 1) if row not in refused]
        return 0

    async def _keep_list(self, run: JobRun, workspace: Workspace, actor: AnyActor, account: UndoAccount) -> UUID | None:
        if not account.parts:
            return None
        numbers = list(account.parts)
        content = _kept_file(self._files.store.parts(workspace.id, run.id, numbers), actor)
        kept = await self._files.save(
            actor, workspace, "kept.csv", content, declared_type="text/csv", job=(run.id, "kept")
        )
        await self._files.store.drop_parts(workspace.id, run.id, numbers)
        return kept.id


def _comes_back(key: str, fields: Mapping[str, Any]) -> bool:
    return key == "owner" or (key not in SYSTEM_KEYS and key in fields)


def _changed_since() -> Fault:
    return Fault(
        "undo.changed_since",
        Text("导入之后又被修改，予以保留", "It was changed after the import and is kept"),
        Text("如不需要，请单独处理", "Deal with it by itself if it is not wanted"),
    )


def _part(kept: Sequence[tuple[_Touched, Sequence[Fault]]], language: Any) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    for each, faults in kept:
        writer.writerow([each.object, each.id, reason(faults, language)])
    return out.getvalue().encode()


async def _kept_file(parts: AsyncIterator[bytes], actor: AnyActor) -> AsyncIterator[bytes]:
    heading = "对象,记录,原因\r\n" if actor.language == "zh" else "Object,Record,Reason\r\n"
    yield ("\ufeff" + heading).encode()
    async for part in parts:
        yield part
