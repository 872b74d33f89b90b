"""A record's past: what was changed, taking one change back, bringing back what was deleted, removing for good."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.kit import Text
from tongmai.web.answers import json_answer, nothing, written
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Limit, Operation
from tongmai.web.routes.records import WRITTEN
from tongmai.web.shapes import NEXT_BEFORE, items_of
from tongmai.web.shapes.recording import HistoryLine

_LIMIT = Limit(100, most=500)


class UndoWanted(BaseModel):
    """``seq`` is that of the history's entry to take back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seq: int = Field(ge=1, le=2**62)


async def read_history(call: Call) -> Response:
    found = await call.services.gateway.history(
        call.actor,
        call.workspace,
        call.part("object"),
        call.id(),
        limit=_LIMIT.asked(call),
    )
    return json_answer(found)


async def undo_change(call: Call) -> Response:
    given = await call.body(UndoWanted)
    undone = await call.services.gateway.undo(call.actor, call.workspace, call.part("object"), call.id(), given.seq)
    return written(undone, call.language)


async def restore_record(call: Call) -> Response:
    restored = await call.services.gateway.restore(call.actor, call.workspace, call.part("object"), call.id())
    return written(restored, call.language)


async def purge_record(call: Call) -> Response:
    await call.services.gateway.purge(call.actor, call.workspace, call.part("object"), call.id())
    return nothing()


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/records/{object}/{id}/history",
        read_history,
        "records",
        Text("变更历史", "The record's past"),
        parameters=(_LIMIT.parameter,),
        answers={
            200: Answer(
                Text("历史，最新在前", "The changes, newest first"),
                items_of(HistoryLine, next_before=NEXT_BEFORE),
            )
        },
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/records/{object}/{id}/undo",
        undo_change,
        "records",
        Text("撤销一次变更", "Take back one change"),
        takes=UndoWanted,
        answers={200: Answer(Text("已撤销", "Taken back"), WRITTEN)},
        problems=(404, 409, 413, 415),
    ),
    Operation(
        "POST",
        "/api/records/{object}/{id}/restore",
        restore_record,
        "records",
        Text("恢复已删除的记录", "Bring back a deleted record"),
        answers={200: Answer(Text("已恢复", "Brought back"), WRITTEN)},
        problems=(404, 409),
    ),
    Operation(
        "POST",
        "/api/records/{object}/{id}/purge",
        purge_record,
        "records",
        Text("彻底删除（不可恢复）", "Remove for good"),
        answers={204: Answer(Text("已删除", "Removed"))},
        problems=(404, 409),
    ),
)
