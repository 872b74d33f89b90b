"""Pictures, files and recordings of archived chats: those about a record, and one of a message (S3-15, S0-27)."""

from __future__ import annotations

from starlette.responses import Response
from typing_extensions import TypedDict

from tongmai.kit import NotFound, Text
from tongmai.records import content_disposition
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation
from tongmai.web.shapes import items_of
from tongmai.web.shapes.common import Id, Moment

_LONGEST_NUMBER = 3


class ChatFileShown(TypedDict):
    """The file ``number`` of the message ``record`` of ``object``; ``kind`` is the archive's word for the message,
    ``name`` empty where it has none (a picture), ``size`` 0 where it was not told."""

    object: str
    record: Id
    number: int
    kind: str
    name: str
    size: int
    at: Moment | None


async def list_chat_files(call: Call) -> Response:
    files = await call.services.links.chat_files.of(call.actor, call.workspace, call.part("object"), call.id())
    items = [
        ChatFileShown(
            object=each.object, record=str(each.record), number=each.number, kind=each.kind, name=each.name,
            size=each.size, at=None if each.at is None else each.at.isoformat(),
        )
        for each in files
    ]  # fmt: skip
    return document({"items": items})


async def open_chat_file(call: Call) -> Response:
    """The content never runs as a page of ours: all but harmless types are downloads."""
    number = call.part("number")
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER):
        raise NotFound.of("chat_file.unknown", "没有这个文件", "There is no such file")
    opened = await call.services.links.chat_files.open(
        call.actor, call.workspace, call.part("object"), call.id(), int(number)
    )
    headers = {
        "content-disposition": content_disposition(opened.name, opened.media_type),
        "cache-control": "private, no-cache",
    }
    return Response(opened.content, headers=headers, media_type=opened.media_type)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "/api/records/{object}/{id}/chat-files", list_chat_files, "records",
        Text("聊天里的图片、文件和录音，最新的在前", "Pictures, files and recordings of the chats, the newest first"),
        answers={200: Answer(Text("文件", "Files"), items_of(ChatFileShown))}, problems=(404,),
    ),
    Operation(
        "GET", "/api/records/{object}/{id}/chat-files/{number}", open_chat_file, "records",
        Text("打开一条消息里的文件", "Open a file of a message"),
        answers={200: Answer(Text("内容", "The content"), None, ("application/octet-stream",))}, problems=(404,),
    ),
)  # fmt: skip
