"""One click: what was found is written to a record, by the person and through the gateway (S0-27, S0-28).

What is below the threshold is written only if the person confirmed that very field or gave another value for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tongmai.access import Actor, SystemActor
from tongmai.kit import Conflict, Denied, Fault, Invalid, Text
from tongmai.link.capture.proposal import Proposal, Proposed
from tongmai.link.capture.result import Capture
from tongmai.model import CAPTURE, Catalogue, ObjectDef, no_object
from tongmai.records import Files
from tongmai.store import Workspace, WriteTx
from tongmai.work import Runtime, may_move

_LONGEST_TITLE = 200


class AttachRequest(BaseModel):
    """``record`` is the record to write to; without it a new one is made. ``values`` are by field of ``object``;
    ``confirmed`` names those that a person has looked at. ``with_file``: the original goes along."""

    model_config = ConfigDict(extra="forbid")

    object: Annotated[str, Field(max_length=60)]
    record: UUID | None = None
    values: Annotated[dict[str, JsonValue], Field(max_length=100)] = Field(default_factory=dict)
    confirmed: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    with_file: bool = True


@dataclass(frozen=True, slots=True)
class Attached:
    """The record that was written, or only named if there was nothing to write."""

    object: str
    record: UUID
    title: str


class Attacher:
    """Writes a capture's values. Raises what the gateway raises, and writes nothing then."""

    def __init__(self, runtime: Runtime, files: Files) -> None:
        self._runtime = runtime
        self._files = files

    async def attach(
        self,
        actor: Actor,
        workspace: Workspace,
        catalogue: Catalogue,
        capture: Capture,
        proposal: Proposal,
        request: AttachRequest,
    ) -> Attached:
        """Raises ``Invalid`` naming every field that is not sure and not confirmed, ``Conflict`` for a capture that is
        not ready or was attached before."""
        await self.require_may_move(actor, workspace, capture)
        _require_ready(capture)
        _require_confirmed(proposal, request)
        definition = catalogue.object_by_key.get(request.object)
        if definition is None:
            raise no_object(request.object)
        values = dict(request.values)
        if request.with_file and proposal.file_field is not None:
            values[proposal.file_field] = await self._with_file(actor, workspace, capture, proposal, request, values)

        async def work(tx: WriteTx) -> Attached:
            return await self._write(tx, actor, workspace, definition, capture, request.record, values)

        return await self._runtime.within(workspace, None, work)

    async def require_may_move(self, actor: Actor, workspace: Workspace, capture: Capture) -> None:
        """His own, or one that a role of his may change. Raises ``Denied``."""
        if not await may_move(self._runtime.gateway, actor, workspace, CAPTURE, capture.id, capture.owner):
            raise Denied.of(
                "capture.not_yours",
                "这是他人的抓取",
                "This is somebody else's capture",
                way_out=Text("请由上传的人关联", "Ask who sent the file to attach it"),
            )

    async def _write(
        self,
        tx: WriteTx,
        actor: Actor,
        workspace: Workspace,
        definition: ObjectDef,
        capture: Capture,
        record: UUID | None,
        values: dict[str, JsonValue],
    ) -> Attached:
        gateway, cause = self._runtime.gateway, f"capture:{capture.id}"
        if record is None:
            done = await gateway.create(actor, workspace, definition.key, values, cause=cause, tx=tx)
            item: dict[str, Any] = orjson.loads(done.one.item)
        elif values:
            done = await gateway.update(actor, workspace, definition.key, record, values, cause=cause, tx=tx)
            item = orjson.loads(done.one.item)
        else:
            item = orjson.loads(await gateway.get(actor, workspace, definition.key, record))
        id_ = UUID(item["id"])
        title = str(item.get(definition.title or "") or id_)[:_LONGEST_TITLE]
        subject = {} if capture.subject else _about("subject", definition.key, id_, title)
        system = SystemActor("capture", on_behalf=actor.id)
        moved = {**subject, **_about("target", definition.key, id_, title), "state": "attached"}
        moved["attached_at"] = self._runtime.now().isoformat()
        await gateway.update(
            system, workspace, CAPTURE, capture.id, moved, expected_version=capture.version, cause="attach", tx=tx
        )
        return Attached(definition.key, id_, title)

    async def _with_file(
        self,
        actor: Actor,
        workspace: Workspace,
        capture: Capture,
        proposal: Proposal,
        request: AttachRequest,
        values: dict[str, JsonValue],
    ) -> JsonValue:
        """The files of the target's field with a copy of the original: a file belongs to one record."""
        assert proposal.file_field is not None
        there = _ids(values.get(proposal.file_field))
        if request.record is not None and not there:
            answer = await self._runtime.gateway.get(
                actor, workspace, request.object, request.record, fields=(proposal.file_field,)
            )
            there = _ids(orjson.loads(answer).get(proposal.file_field))
        if capture.file is None:
            return [*there] or None
        original = await self._files.find(actor, workspace, UUID(capture.file))
        content: AsyncIterator[bytes] = self._files.content(workspace, original)
        copy = await self._files.save(actor, workspace, original.name, content, declared_type=original.media_type)
        return [*there, str(copy.id)]


def _about(name: str, object_key: str, id_: UUID, title: str) -> dict[str, JsonValue]:
    return {f"{name}_object": object_key, f"{name}_id": str(id_), name: title}


def _ids(value: object) -> list[JsonValue]:
    items = value if isinstance(value, list) else []
    return [str(each.get("id") if isinstance(each, dict) else each) for each in items]


def _require_ready(capture: Capture) -> None:
    if capture.state == "found":
        return
    if capture.state == "attached":
        where = "" if capture.target is None else f"（{capture.target.title}）"
        raise Conflict.of(
            "capture.attached",
            f"已经关联过{where}",
            "It has been attached already",
            way_out=Text("刷新后看关联到了哪里", "See where after a refresh"),
        )
    raise Conflict.of(
        "capture.not_ready",
        "还在识别，或无法识别",
        "It is still being read, or could not be read",
        way_out=Text("请等识别完成，或手工填写", "Wait until it is read, or fill in the record by hand"),
    )


def _require_confirmed(proposal: Proposal, request: AttachRequest) -> None:
    faults = tuple(
        _unconfirmed(each)
        for each in proposal.values
        if not each.is_sure
        and each.field not in request.confirmed
        and each.field in request.values
        and request.values[each.field] == each.value
    )
    if faults:
        raise Invalid(faults)


def _unconfirmed(value: Proposed) -> Fault:
    share = round(100 * value.confidence)
    return Fault(
        "capture.unconfirmed",
        Text(f"“{value.shown}”的把握只有 {share}%，须由人确认", f"“{value.shown}” is only {share}% sure"),
        Text("请对照原文确认该字段", "Compare it with the page and confirm the field"),
        value.field,
    )
