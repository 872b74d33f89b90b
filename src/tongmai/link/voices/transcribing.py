"""Hearing what waits: a recording is fetched, heard and its words put into the message's raw row, a message at a time.

The row keeps the version that its source gave it: the same message pulled again changes nothing. Mappings and the
reader of talks take the row as if it had just come.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson

from tongmai.kit import Clock, Fault, Invalid, Text, TongmaiError
from tongmai.link.looking_again import apply_again, hold_still
from tongmai.link.opening import Known, Sources
from tongmai.link.raw import RawRows, StoredRow
from tongmai.link.runs import Runs
from tongmai.link.source import SetAside
from tongmai.link.voices.ear import Ear, Heard, Where
from tongmai.link.voices.queue import MESSAGES, Taken, VoiceCounts, VoiceQueue
from tongmai.link.wecom import WeComOptions, WeComSource
from tongmai.records import find_media_type
from tongmai.scan import RECORDING_TYPES
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace

MAPPING = "_voices"
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class VoicesStand:
    """Of a source with an archive. ``by``: who hears its voice messages, or why nobody does; ``model`` is his name."""

    by: Literal["here", "service", "none", "off", "no_files"]
    model: str | None
    counts: VoiceCounts


class Voices:
    """For all workspaces. ``ears`` are those that this installation has."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        clock: Clock,
        sources: Sources,
        raw: RawRows,
        runs: Runs,
        ears: Mapping[Where, Ear],
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._sources = sources
        self._raw = raw
        self._runs = runs
        self._ears = ears
        self._queue = VoiceQueue(clock, raw)

    async def stand(self, workspace: Workspace, known: Known) -> VoicesStand | None:
        """None for a source that has no archive of messages."""
        options = known.options
        if not isinstance(options, WeComOptions) or options.archive == "none":
            return None
        async with self._database.read() as tx:
            counts = await self._queue.counts(tx, workspace, known.definition.key)
        if options.voices == "off":
            return VoicesStand("off", None, counts)
        if not options.has_files:
            return VoicesStand("no_files", None, counts)
        ear = self._ears.get(options.voices)
        return VoicesStand("none", None, counts) if ear is None else VoicesStand(options.voices, ear.name, counts)

    async def advance(self, workspace: Workspace) -> int:
        """Hears some of what waits, of all sources; how many messages got their words."""
        heard = 0
        for definition in (await self._catalogues.get(workspace)).sources:
            if not definition.enabled or definition.kind not in self._sources.kinds:
                continue
            try:
                known = self._sources.check(definition)
            except Invalid:
                # What is wrong with it stands on its own page.
                continue
            options = known.options
            if isinstance(options, WeComOptions) and options.voices != "off" and options.has_files:
                heard += await self._of_source(workspace, known, self._ears.get(options.voices))
        return heard

    async def _of_source(self, workspace: Workspace, known: Known, ear: Ear | None) -> int:
        source = known.definition.key
        async with self._database.write() as tx:
            await self._queue.gather(tx, workspace, source)
        if ear is None:
            return 0
        heard = 0
        for _ in range(_AT_ONCE):
            async with self._database.write() as tx:
                taken = await self._queue.take(tx, workspace, source)
            if taken is None:
                break
            heard += await self._hear(workspace, known, ear, taken)
        return heard

    async def _hear(self, workspace: Workspace, known: Known, ear: Ear, taken: Taken) -> bool:
        source = known.definition.key
        async with self._database.read() as tx:
            row = (await self._raw.bodies(tx, workspace, source, MESSAGES, [taken.key])).get(taken.key)
        if row is None or not _is_to_be_heard(row):
            async with self._database.write() as tx:
                await self._queue.drop(tx, workspace, source, taken.key)
            return False
        try:
            content = await self._fetched(workspace, known, row)
        except TongmaiError as error:
            # No fault of the recording's: a secret is missing, the archive is away.
            await self._put_off(workspace, source, taken, error.faults)
            return False
        if content is None:
            await self._put_off(workspace, source, taken, (_NO_FILE,))
            return False
        try:
            found = await _listened(ear, content)
        except Invalid as refusal:
            await self._refuse(workspace, source, taken, refusal.faults)
            return False
        except TongmaiError as error:
            await self._put_off(workspace, source, taken, error.faults)
            return False
        return await self._write(workspace, source, taken, found)

    async def _fetched(self, workspace: Workspace, known: Known, row: StoredRow) -> bytes | None:
        """None where the archive does not have the recording yet."""
        files = row.body.get("files")
        first = files[0] if isinstance(files, list) and files else None
        if not isinstance(first, dict):
            return None
        async with self._sources.opened(workspace, known) as opened:
            assert isinstance(opened, WeComSource)
            return await opened.file(str(first.get("id") or ""), str(first.get("md5") or ""))

    async def _write(self, workspace: Workspace, source: str, taken: Taken, heard: Heard) -> bool:
        """The words into the row, if its customer has not taken his consent back meanwhile."""
        schema = workspace.quoted_schema
        catalogue = await self._catalogues.get(workspace)
        mappings = catalogue.mappings_of(source, MESSAGES)
        words = {"heard": {"by": heard.by, "certainty": heard.certainty}} | ({"text": heard.text} if heard.text else {})
        async with self._database.write() as tx:
            await hold_still(tx, workspace, mappings)
            # It takes the stream's lock: whoever takes consent back holds it too.
            await self._raw.touch(tx, workspace, source, MESSAGES, [taken.key])
            written = await tx.execute(
                f"UPDATE {schema}._raw SET body = body || $4::text::jsonb"
                " WHERE source = $1 AND stream = $2 AND key = $3"
                " AND body ? 'text' AND NOT body ? 'heard' AND NOT body ? 'withheld' AND NOT deleted",
                source, MESSAGES, taken.key, orjson.dumps(words).decode(),
            )  # fmt: skip
            if not written:
                await self._queue.drop(tx, workspace, source, taken.key)
                return False
            await apply_again(tx, workspace, mappings, [taken.key])
            await self._queue.heard(tx, workspace, source, taken.key, heard)
            await self._runs.accept(tx, workspace, source, MESSAGES, [taken.key], mapping=MAPPING)
            await self._raw.announce(tx, workspace)
        return True

    async def _put_off(self, workspace: Workspace, source: str, taken: Taken, faults: tuple[Fault, ...]) -> None:
        async with self._database.write() as tx:
            is_waiting = await self._queue.put_off(tx, workspace, source, taken)
        if not is_waiting:
            await self._refuse(workspace, source, taken, faults)

    async def _refuse(self, workspace: Workspace, source: str, taken: Taken, faults: tuple[Fault, ...]) -> None:
        async with self._database.write() as tx:
            await self._queue.refuse(tx, workspace, source, taken.key)
            await self._runs.refuse(tx, workspace, source, MESSAGES, [SetAside(taken.key, faults)], mapping=MAPPING)


def _is_to_be_heard(row: StoredRow) -> bool:
    return "text" in row.body and "heard" not in row.body and not row.deleted


async def _listened(ear: Ear, content: bytes) -> Heard:
    """Raises as the ear does, and ``Invalid`` for what is no recording."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voice"
        await asyncio.to_thread(path.write_bytes, content)
        media_type = await asyncio.to_thread(find_media_type, path, "audio/amr")
        if media_type not in RECORDING_TYPES:
            raise Invalid((_NO_RECORDING,))
        return await ear.hear(path, media_type)


_NO_FILE = Fault(
    "voice.no_file",
    Text("存档里没有这条语音的录音文件", "The archive does not have this voice message's recording"),
    Text("请检查存档程序是否下载媒体文件", "See whether whatever runs the archive fetches its files"),
)
_NO_RECORDING = Fault("voice.no_recording", Text("不是可以播放的录音", "This is no recording that can be played"))
