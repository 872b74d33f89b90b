"""One customer under several names: who might be the same, and why; merging and taking it back."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from tongmai.kit import Text
from tongmai.web.answers import document, nothing
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Limit, Operation
from tongmai.web.shapes import items_of
from tongmai.web.shapes.recording import Duplicate, Merged, StandingMerge

_LIMIT = Limit(10, most=50)


class MergeRequest(BaseModel):
    """The record that is to become part of the one in the address."""

    model_config = ConfigDict(extra="forbid")

    merged: UUID


async def list_duplicates(call: Call) -> Response:
    found = await call.services.links.candidates.of(
        call.actor, call.workspace, call.part("object"), call.id(), limit=_LIMIT.asked(call)
    )
    return document(
        {
            "items": [
                {
                    "id": str(each.id),
                    "label": each.label,
                    "score": each.score,
                    "reasons": [reason.say(call.language) for reason in each.reasons],
                }
                for each in found
            ]
        }
    )


async def merge_records(call: Call) -> Response:
    asked = await call.body(MergeRequest)
    links, object_key, kept = call.services.links, call.part("object"), call.id()
    likely = await links.candidates.of(call.actor, call.workspace, object_key, kept, limit=50)
    reasons = next((each.reasons for each in likely if each.id == asked.merged), ())
    merge = await links.merger.merge(call.actor, call.workspace, object_key, kept, asked.merged, reasons)
    return document({"merge": str(merge)}, status=201)


async def list_merges(call: Call) -> Response:
    found = await call.services.links.merges.of(call.actor, call.workspace, call.part("object"), call.id())
    return document(
        {
            "items": [
                {"id": each.id, "record": each.record, "label": each.label, "at": each.at, "by": each.by}
                for each in found
            ]
        }
    )


async def undo_merge(call: Call) -> Response:
    await call.services.links.merger.unmerge(call.actor, call.workspace, call.id("merge"))
    return nothing()


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "/api/records/{object}/{id}/duplicates", list_duplicates, "records",
        Text("可能是同一客户的记录，附理由", "Records that may be the same, with reasons"),
        parameters=(_LIMIT.parameter,),
        answers={200: Answer(Text("候选，最可能的在前", "Candidates, the likeliest first"), items_of(Duplicate))},
        problems=(404,),
    ),
    Operation(
        "POST", "/api/records/{object}/{id}/merge", merge_records, "records",
        Text("把另一条记录并入这一条", "Make another record part of this one"),
        takes=MergeRequest, answers={201: Answer(Text("合并的编号", "The merge's id"), Merged)}, problems=(404, 409),
    ),
    Operation(
        "GET", "/api/records/{object}/{id}/merges", list_merges, "records",
        Text("已并入这条记录的记录", "What was made part of the record"),
        answers={200: Answer(Text("合并，最近的在前", "The merges, the latest first"), items_of(StandingMerge))},
        problems=(404,),
    ),
    Operation(
        "POST", "/api/merges/{merge}/undo", undo_merge, "records", Text("撤销合并", "Take a merge back"),
        answers={204: Answer(Text("已撤销", "Taken back"))}, problems=(404, 409),
    ),
)  # fmt: skip
