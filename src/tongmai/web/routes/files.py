"""Files: sent as a multipart form or as the plain body, taken by a record's field, read under that field's policy."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response, StreamingResponse

from tongmai.access import SystemActor
from tongmai.kit import Fault, Invalid, NotFound, Text
from tongmai.records import StoredFile
from tongmai.web.answers import document
from tongmai.web.body import stream_body
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation, Parameter
from tongmai.web.problems import Malformed
from tongmai.web.shapes.recording import FileShown

_CHUNK = 256 * 1024
_MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Upload:
    """A content on its way in; ``declared_type`` is what the sender says it is. ``fields`` are the form's others."""

    name: str
    declared_type: str | None
    content: AsyncGenerator[bytes]
    fields: dict[str, str]


@asynccontextmanager
async def upload_of(call: Call) -> AsyncIterator[Upload]:
    """The file of a request. Raises Invalid without one, TooLarge, Malformed for a torn form."""
    request = call.request
    limit = call.services.settings.max_upload_bytes
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _MULTIPART:
        yield Upload(call.query.get("name", "file"), media_type or None, stream_body(request, limit), {})
        return
    parser = MultiPartParser(request.headers, stream_body(request, limit), max_files=1, max_fields=20)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        reason = getattr(error, "message", "boundary")
        raise Malformed.of("form.torn", f"表单有误：{reason}", f"The form cannot be read: {reason}") from None
    try:
        yield _from_form(form)
    finally:
        await form.close()


def _from_form(form: FormData) -> Upload:
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    for value in form.values():
        if isinstance(value, UploadFile):
            return Upload(value.filename or "file", value.content_type, _chunks(value), fields)
    raise Invalid(
        (
            Fault(
                "file.missing",
                Text("表单中没有文件", "There is no file in the form"),
                Text("请以字段 file 发送文件", "Send the file as the field file"),
                "file",
            ),
        )
    )


async def _chunks(upload: UploadFile) -> AsyncGenerator[bytes]:
    while chunk := await upload.read(_CHUNK):
        yield chunk


async def upload_file(call: Call) -> Response:
    async with upload_of(call) as upload:
        stored = await call.services.files.save(
            call.actor, call.workspace, upload.name, upload.content, declared_type=upload.declared_type
        )
    shown = {
        "id": str(stored.id),
        "name": stored.name,
        "media_type": stored.media_type,
        "size": stored.size,
        "sha256": stored.sha256.hex(),
    }
    return document(shown, status=201)


async def download_file(call: Call) -> Response:
    return await file_answer(call, call.id())


async def _found(call: Call, file_id: UUID) -> StoredFile:
    """A file of a record's field, or of an edition of content that was published with it."""
    files = call.services.files
    try:
        return await files.find(call.actor, call.workspace, file_id)
    except NotFound:
        if not await call.services.work.content_reader.shows_file(call.actor, call.workspace, file_id):
            raise
        system = SystemActor("content edition", call.language, on_behalf=call.actor.id)
        return await files.find(system, call.workspace, file_id)


async def file_answer(call: Call, file_id: UUID) -> Response:
    """The content never runs as a page of ours: it is sandboxed, and all but harmless types are downloads."""
    files = call.services.files
    stored = await _found(call, file_id)
    headers = {
        "content-length": str(stored.size),
        "content-disposition": stored.content_disposition,
        "cache-control": "private, no-cache",
        "etag": f'"{stored.sha256.hex()}"',
    }
    if call.request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers={"etag": headers["etag"]})
    content = files.content(call.workspace, stored)
    return StreamingResponse(content, headers=headers, media_type=stored.media_type)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/api/files",
        upload_file,
        "files",
        Text("上传文件", "Upload a file"),
        parameters=(Parameter("name", Text("文件名（非表单上传时）", "File name if no form is sent"), longest=500),),
        raw=(_MULTIPART, "application/octet-stream"),
        answers={201: Answer(Text("已上传", "Uploaded"), FileShown)},
        problems=(413,),
    ),
    Operation(
        "GET",
        "/api/files/{id}",
        download_file,
        "files",
        Text("下载文件", "Download a file"),
        answers={200: Answer(Text("内容", "The content"), None, ("application/octet-stream",))},
        problems=(404,),
    ),
)
