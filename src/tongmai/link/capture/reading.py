"""The job: reads a captured file in a child process, finds its values and keeps both with the capture."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from tongmai.access import Actor, SystemActor
from tongmai.identity import load_actor
from tongmai.kit import Fault, Invalid, Language, NotFound, Settings, Text
from tongmai.link.capture.finding import Found, find_values, paper_kind
from tongmai.link.capture.matching import Matcher
from tongmai.link.capture.result import Capture, kept
from tongmai.link.capture.speech_service import no_speech, speech_ability, transcribe_by_service
from tongmai.model import CAPTURE
from tongmai.records import Files, StoredFile
from tongmai.scan import RECORDING_TYPES, Scan, ScanLimits, Scanner, ready_speech_model
from tongmai.store import JobRun, Workspace, find_workspace
from tongmai.work import Runtime

SYSTEM = SystemActor("capture")
_MOST_REASON = 1_000


class CaptureReader:
    """Does the jobs of the kind ``capture.read``."""

    def __init__(self, runtime: Runtime, files: Files, matcher: Matcher, settings: Settings) -> None:
        self._runtime = runtime
        self._files = files
        self._matcher = matcher
        self._settings = settings
        self._scanner = Scanner(
            ScanLimits(
                pages=settings.capture_max_pages,
                seconds=settings.capture_seconds,
                memory=settings.capture_memory_mb * 1024 * 1024,
            )
        )

    async def run(self, run: JobRun) -> Mapping[str, Any]:
        """A file that cannot be read is no failed job: the capture tells the reason."""
        async with self._runtime.database.read() as tx:
            workspace = await find_workspace(tx, run.input["workspace"])
        if workspace is None:
            raise NotFound((Fault("workspace.gone", Text("工作区已不存在", "The workspace is gone")),))
        file = await self._files.find(SYSTEM, workspace, UUID(run.input["file"]))
        if file.record_id is None:
            raise NotFound((Fault("capture.gone", Text("抓取已不存在", "The capture is gone")),))
        capture = Capture.of(await self._runtime.gateway.get(SYSTEM, workspace, CAPTURE, file.record_id))
        if capture.state != "reading":
            return {"capture": str(capture.id), "state": capture.state}
        with tempfile.TemporaryDirectory() as folder:
            try:
                values = await self._read(run, workspace, file, Path(folder))
            except Invalid as error:
                values = _refused(error, run)
        await self._runtime.gateway.update(SYSTEM, workspace, CAPTURE, capture.id, values, cause=f"job:{run.id}")
        return {"capture": str(capture.id), "state": values["state"]}

    async def _read(self, run: JobRun, workspace: Workspace, file: StoredFile, folder: Path) -> dict[str, JsonValue]:
        scan = await self._scan(run, workspace, file, folder)
        found = find_values(scan)
        actor = await self._asker(run, workspace)
        if actor is not None:
            found = await self._matcher.match(actor, workspace, scan, found)
        pictures = await self._keep_pictures(workspace, scan, folder)
        kind = paper_kind(scan)
        nothing = _said_nothing(scan, found)
        return {**kept(scan, found, pictures, run.id), "kind": kind, "state": "found", "reason": nothing}

    async def _scan(self, run: JobRun, workspace: Workspace, file: StoredFile, folder: Path) -> Scan:
        async with self._files.local_copy(workspace, file) as path:
            if file.media_type not in RECORDING_TYPES:
                return await self._scanner.read(path, file.media_type, folder, report=run.progress)
            ability = speech_ability(self._settings)
            if ability == "here":
                models = self._settings.data_dir / "models"
                model = await asyncio.to_thread(ready_speech_model, models, self._settings.speech_model)
                return await self._scanner.read(path, file.media_type, folder, model=model, report=run.progress)
            if ability == "service":
                return await transcribe_by_service(self._settings, path, file.name)
            raise no_speech()

    async def _asker(self, run: JobRun, workspace: Workspace) -> Actor | None:
        """Who asked, with what he may see now; None if he has left."""
        given: Mapping[str, Any] = run.input["actor"]
        scopes = None if given["scopes"] is None else frozenset(given["scopes"])
        async with self._runtime.database.read() as tx:
            return await load_actor(tx, workspace, UUID(given["person"]), via=given["via"], scopes=scopes)

    async def _keep_pictures(self, workspace: Workspace, scan: Scan, folder: Path) -> dict[int, UUID]:
        pictures: dict[int, UUID] = {}
        for page in scan.pages:
            if page.picture is not None:
                content = _content(folder / Path(page.picture).name)
                stored = await self._files.save(SYSTEM, workspace, page.picture, content, declared_type="image/jpeg")
                pictures[page.number] = stored.id
        return pictures


async def _content(path: Path) -> AsyncIterator[bytes]:
    yield await asyncio.to_thread(path.read_bytes)


def _refused(error: Invalid, run: JobRun) -> dict[str, JsonValue]:
    language: Language = "en" if run.input["actor"]["language"] == "en" else "zh"
    return {"state": "refused", "reason": error.sentence(language)[:_MOST_REASON], "found": {"job": str(run.id)}}


def _said_nothing(scan: Scan, found: list[Found]) -> str | None:
    if found:
        return None
    return "没有找到可用的内容" if scan.text.strip() else "文件中没有文字"
