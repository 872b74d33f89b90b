"""Capture: a file or photo becomes values with their places, looked through by a person and attached (S0-27, S1-07)."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from tongmai.kit import Fault, Invalid, Language, Text
from tongmai.link.capture import AttachRequest, Capture, Proposal
from tongmai.model import CAPTURE
from tongmai.web.answers import document
from tongmai.web.call import Call, parse_id
from tongmai.web.operation import ID, Answer, Limit, Operation, Parameter
from tongmai.web.routes.files import upload_of
from tongmai.web.shapes import ANY_RECORD, page_of
from tongmai.web.shapes.capturing import (
    CaptureAbilities,
    CaptureAttached,
    CaptureProposal,
    CaptureShown,
    CaptureStarted,
    ProposedValue,
)

_LIMIT = Limit(20, most=100)
_LIST_FIELDS = (
    "title", "kind", "state", "reason", "subject_object", "subject_id", "subject", "target_object", "target_id",
    "target", "attached_at", "created_at", "owner",
)  # fmt: skip


async def show_capture_abilities(call: Call) -> Response:
    reads, speech = call.services.captures.abilities()
    settings = call.services.settings
    return document(
        CaptureAbilities(
            ocr=reads.ocr,
            speech=speech,
            sure_from=call.services.captures.sure_from,
            max_bytes=settings.capture_max_bytes,
        )
    )


async def list_captures(call: Call) -> Response:
    """Those the actor may see, the newest first; of one record, if one is named."""
    on = call.id_asked("on")
    filter = None if on is None else f'subject_id = "{on}" OR target_id = "{on}"'
    body = await call.services.gateway.list(
        call.actor, call.workspace, CAPTURE, filter=filter, fields=_LIST_FIELDS,
        limit=_LIMIT.asked(call), cursor=call.query.get("cursor"),
    )  # fmt: skip
    return Response(body, media_type="application/json")


async def start_capture(call: Call) -> Response:
    """The record on whose page the file was dropped is named by the parameters ``object`` and ``record``."""
    on = _dropped_on(call)
    async with upload_of(call) as upload:
        started = await call.services.captures.start(
            call.actor, call.workspace, upload.name, upload.content, declared_type=upload.declared_type, on=on
        )
    return document(CaptureStarted(id=started.capture, job=started.job), status=201)


def _dropped_on(call: Call) -> tuple[str, UUID] | None:
    """Raises Invalid where only one of the two is named: the other half would be lost in silence."""
    object_key, record = call.query.get("object"), call.query.get("record")
    if object_key is None and record is None:
        return None
    if object_key is None or record is None:
        missing = "object" if object_key is None else "record"
        text = Text("object 和 record 须一起给出", "object and record belong together")
        raise Invalid((Fault("capture.half_a_place", text, field=missing),))
    return object_key, parse_id(record, "record")


async def get_capture(call: Call) -> Response:
    found = await call.services.captures.get(call.actor, call.workspace, call.id())
    return document(_shown(found, call.services.captures.sure_from, call.language))


async def propose_from_capture(call: Call) -> Response:
    proposal = await call.services.captures.proposal(call.actor, call.workspace, call.id(), call.part("object"))
    return document(_proposal(proposal, call.language))


async def attach_capture(call: Call) -> Response:
    request = await call.body(AttachRequest)
    done = await call.services.captures.attach(call.actor, call.workspace, call.id(), request)
    return document(CaptureAttached(object=done.object, record=done.record, title=done.title))


async def dismiss_capture(call: Call) -> Response:
    captures = call.services.captures
    await captures.dismiss(call.actor, call.workspace, call.id())
    found = await captures.get(call.actor, call.workspace, call.id())
    return document(_shown(found, captures.sure_from, call.language))


def _shown(found: Capture, sure_from: float, language: Language) -> CaptureShown:
    return CaptureShown.model_validate(
        {
            "id": found.id, "title": found.title, "kind": found.kind, "state": found.state, "file": found.file,
            "values": [
                {
                    **each.document(),
                    "reason": each.reason.say(language),
                    "is_sure": each.confidence >= sure_from,
                }
                for each in found.values
            ],
            "pages": found.pages, "notes": [each.say(language) for each in found.notes], "text": found.text,
            "read_by": found.read_by, "reason": found.reason, "subject": found.subject, "target": found.target,
            "job": found.job, "sure_from": sure_from,
        },
        from_attributes=True,
    )  # fmt: skip


def _proposal(proposal: Proposal, language: Language) -> CaptureProposal:
    return CaptureProposal(
        object=proposal.object,
        values=[
            ProposedValue(
                field=each.field, value=each.value, shown=each.shown, confidence=each.confidence,
                is_sure=each.is_sure, reason=each.reason.say(language), found=each.found,
            )
            for each in proposal.values
        ],
        file_field=proposal.file_field,
        is_sure=proposal.is_sure,
    )  # fmt: skip


_TAG = "capture"
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/capture-abilities",
        show_capture_abilities,
        _TAG,
        Text("这里能识别什么", "What can be read here"),
        answers={200: Answer(Text("能力", "The abilities"), CaptureAbilities)},
    ),
    Operation(
        "GET",
        "/api/captures",
        list_captures,
        _TAG,
        Text("我可以看到的抓取，新的在前", "Captures that I may see, new ones first"),
        parameters=(
            Parameter("on", Text("只看某条记录的", "Of this record only"), ID, 36),
            _LIMIT.parameter,
            Parameter("cursor", Text("下一页", "The next page")),
        ),
        answers={200: Answer(Text("抓取", "Captures"), page_of(ANY_RECORD))},
    ),
    Operation(
        "POST",
        "/api/captures",
        start_capture,
        _TAG,
        Text("上传文件并识别", "Send a file and have it read"),
        parameters=(
            Parameter("name", Text("文件名（非表单上传时）", "File name if no form is sent"), longest=500),
            Parameter("object", Text("文件放在哪个对象的记录上", "Object of the record it was dropped on"), longest=60),
            Parameter("record", Text("那条记录", "That record"), ID, 36),
        ),
        raw=("multipart/form-data", "application/octet-stream"),
        answers={201: Answer(Text("已开始识别", "It is being read"), CaptureStarted)},
        problems=(404, 413),
    ),
    Operation(
        "GET",
        "/api/captures/{id}",
        get_capture,
        _TAG,
        Text("识别结果，附位置与把握", "What was found, with places and certainties"),
        answers={200: Answer(Text("抓取", "The capture"), CaptureShown)},
        problems=(404,),
    ),
    Operation(
        "GET",
        "/api/captures/{id}/proposal/{object}",
        propose_from_capture,
        _TAG,
        Text("识别结果对应到某个对象的字段", "What was found, laid beside an object's fields"),
        answers={200: Answer(Text("建议的值", "The proposed values"), CaptureProposal)},
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/captures/{id}/attach",
        attach_capture,
        _TAG,
        Text("写入记录并关联", "Write it to a record and attach it"),
        takes=AttachRequest,
        answers={200: Answer(Text("写入的记录", "The record that was written"), CaptureAttached)},
        problems=(403, 404, 409, 412),
    ),
    Operation(
        "POST",
        "/api/captures/{id}/dismiss",
        dismiss_capture,
        _TAG,
        Text("忽略", "Dismiss it"),
        answers={200: Answer(Text("抓取", "The capture"), CaptureShown)},
        problems=(403, 404, 409),
    ),
)
