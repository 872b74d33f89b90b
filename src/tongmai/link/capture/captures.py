"""The room's door: ask for a capture, see what was found, lay it beside an object, attach or dismiss it."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import Actor, SystemActor, allows, policy_for
from tongmai.formula import FALSE
from tongmai.kit import Conflict, Denied, Fault, Invalid, NotFound, Settings, Text, TooLarge
from tongmai.link.capture.attaching import Attached, Attacher, AttachRequest
from tongmai.link.capture.matching import Matcher
from tongmai.link.capture.proposal import Proposal, propose
from tongmai.link.capture.reading import CaptureReader
from tongmai.link.capture.result import Capture
from tongmai.link.capture.speech_service import SpeechAbility, no_speech, speech_ability
from tongmai.model import CAPTURE
from tongmai.records import Files, StoredFile
from tongmai.records.transfer import Loader
from tongmai.scan import RECORDING_TYPES, Abilities, abilities
from tongmai.store import JobHandler, Workspace, WriteTx, enqueue
from tongmai.work import Runtime

CAPTURE_READ = "capture.read"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_READ = frozenset(
    {
        "application/pdf", "image/png", "image/jpeg", "image/webp", "image/bmp", "image/tiff", "image/gif",
        "image/x-ms-bmp", f"{_OFFICE}.spreadsheetml.sheet", f"{_OFFICE}.wordprocessingml.document", "text/plain",
        *RECORDING_TYPES,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Started:
    """The capture, and the job that reads its file."""

    capture: UUID
    job: UUID


class Captures:
    """Raises ``NotFound`` for a capture that is not the actor's to see."""

    def __init__(self, runtime: Runtime, files: Files, loader: Loader, settings: Settings) -> None:
        self._runtime = runtime
        self._files = files
        self._settings = settings
        matcher = Matcher(runtime.database, runtime.catalogues, runtime.gateway, loader)
        self._reader = CaptureReader(runtime, files, matcher, settings)
        self._attacher = Attacher(runtime, files)

    @property
    def sure_from(self) -> float:
        """The threshold: what is as sure as this needs no confirmation."""
        return self._settings.capture_sure

    def abilities(self) -> tuple[Abilities, SpeechAbility]:
        """What can be read here, and who would hear a recording."""
        return abilities(), speech_ability(self._settings)

    def job_handlers(self) -> Mapping[str, JobHandler]:
        return {CAPTURE_READ: self._reader.run}

    async def start(
        self,
        actor: Actor,
        workspace: Workspace,
        name: str,
        content: AsyncIterable[bytes],
        *,
        declared_type: str | None = None,
        on: tuple[str, UUID] | None = None,
    ) -> Started:
        """Takes a file and asks for its reading; ``on`` is the record on whose page it was dropped.

        Raises ``TooLarge``, ``Invalid`` for a type that nothing here reads, ``NotFound`` for a record he cannot see,
        ``Denied`` for a token that may only read.
        """
        await self._runtime.require_object(workspace, CAPTURE)
        _require_writing(actor)
        subject = {} if on is None else await self._subject(actor, workspace, *on)
        file = await self._files.save(actor, workspace, name, content, declared_type=declared_type)
        self._require_readable(file)
        payload = {
            "workspace": workspace.key,
            "file": str(file.id),
            "actor": {
                "person": str(actor.id), "via": actor.via, "language": actor.language,
                "scopes": None if actor.scopes is None else sorted(actor.scopes),
            },
        }  # fmt: skip

        async def work(tx: WriteTx) -> Started:
            clock = self._runtime.clock
            job = await enqueue(tx, CAPTURE_READ, workspace.id, payload, clock=clock, created_by=actor.id)
            values: dict[str, JsonValue] = {
                "title": PurePath(file.name).stem[:200] or file.name, "state": "reading", "file": [str(file.id)],
                "owner": str(actor.id), "found": {"job": str(job)}, **subject,
            }  # fmt: skip
            system = SystemActor("capture", on_behalf=actor.id)
            done = await self._runtime.gateway.create(system, workspace, CAPTURE, values, cause="capture", tx=tx)
            return Started(done.one.id, job)

        return await self._runtime.within(workspace, None, work)

    async def get(self, actor: Actor, workspace: Workspace, capture: UUID) -> Capture:
        return Capture.of(await self._runtime.gateway.get(actor, workspace, CAPTURE, capture))

    async def proposal(self, actor: Actor, workspace: Workspace, capture: UUID, object_key: str) -> Proposal:
        """The values as they would lie in an object's fields, for the actor to look through: those that he may give."""
        return await self._proposal(actor, workspace, await self.get(actor, workspace, capture), object_key)

    async def attach(self, actor: Actor, workspace: Workspace, capture: UUID, request: AttachRequest) -> Attached:
        """Writes what the person chose to a record. See ``Attacher.attach``."""
        found = await self.get(actor, workspace, capture)
        proposal = await self._proposal(actor, workspace, found, request.object)
        catalogue = await self._runtime.catalogues.get(workspace)
        return await self._attacher.attach(actor, workspace, catalogue, found, proposal, request)

    async def dismiss(self, actor: Actor, workspace: Workspace, capture: UUID) -> None:
        """Sets it aside; what it holds stays. Raises ``Conflict`` for one that was attached."""
        found = await self.get(actor, workspace, capture)
        await self._attacher.require_may_move(actor, workspace, found)
        if found.state == "attached":
            raise Conflict.of(
                "capture.attached",
                "已经关联，不能忽略",
                "It has been attached",
                way_out=Text("请先撤销关联", "Take the attachment back first"),
            )
        await self._runtime.gateway.update(
            SystemActor("capture", on_behalf=actor.id), workspace, CAPTURE, capture, {"state": "dismissed"},
            expected_version=found.version, cause="dismiss",
        )  # fmt: skip

    async def _proposal(self, actor: Actor, workspace: Workspace, capture: Capture, object_key: str) -> Proposal:
        catalogue = await self._runtime.catalogues.get(workspace)
        definition = catalogue.object_by_key.get(object_key)
        policy = policy_for(actor, catalogue, object_key)
        if definition is None or definition.builtin or not (policy.may("read") or policy.may("create")):
            text = Text("不能写入这个对象", "This object cannot be written to")
            raise NotFound((Fault("capture.no_object", text, field="object"),))
        whole = propose(
            catalogue, definition, list(capture.values), capture.subject, capture.title,
            sure_from=self.sure_from, zone=workspace.zone,
        )  # fmt: skip
        writable = {key for key, mask in policy.writable.items() if mask != FALSE} | policy.settable
        return whole.only(writable)

    async def _subject(self, actor: Actor, workspace: Workspace, object_key: str, record: UUID) -> dict[str, JsonValue]:
        answer = orjson.loads(await self._runtime.gateway.get(actor, workspace, object_key, record))
        catalogue = await self._runtime.catalogues.get(workspace)
        title = answer.get(catalogue.object_by_key[object_key].title or "")
        return {"subject_object": object_key, "subject_id": str(record), "subject": str(title or record)[:200]}

    def _require_readable(self, file: StoredFile) -> None:
        """What cannot be read is refused at once; the stored content, which no record took, goes within a day."""
        most = self._settings.capture_max_bytes
        if file.size > most:
            text = Text(f"文件超过 {most // 1024 // 1024} MB", f"The file is larger than {most // 1024 // 1024} MB")
            raise TooLarge((Fault("capture.too_large", text, Text("请压缩或拆分", "Compress or split it"), "file"),))
        if file.media_type in RECORDING_TYPES and speech_ability(self._settings) == "none":
            raise no_speech()
        if file.media_type == "audio/silk":
            raise Invalid.of(
                "capture.silk",
                "微信个人版的语音（SILK）不能转写",
                "Voice messages of personal WeChat (SILK) are not transcribed",
                way_out=Text("请用企业微信的语音，或另存为 MP3、M4A", "Send WeCom's, or save it as MP3 or M4A"),
                field="file",
            )
        if file.media_type not in _READ:
            raise Invalid.of(
                "capture.type",
                f"不支持的文件类型（{file.media_type}）",
                f"Files of this type are not read ({file.media_type})",
                way_out=Text(
                    "请上传 PDF、图片、XLSX、DOCX、文本或录音", "Send a PDF, picture, XLSX, DOCX, text or recording"
                ),
                field="file",
            )


def _require_writing(actor: Actor) -> None:
    """Everybody may send a file; what a token was narrowed to holds here too, for the record is made by the system."""
    if not allows(actor.scopes, CAPTURE, "create"):
        raise Denied.of(
            "capture.read_only",
            "此令牌只能读取，不能抓取",
            "This token may only read, not capture",
            way_out=Text("请使用可写的令牌", "Use a token that may write"),
        )
