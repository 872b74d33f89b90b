"""Rows in and out in bulk: import from a file (previewed first), export as a stream or as a job."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from uuid import UUID

from starlette.responses import Response, StreamingResponse

from tongmai.kit import Fault, Invalid, Text
from tongmai.model import read_document
from tongmai.records.transfer import FORMATS, MEDIA_TYPES, ExportRequest, ImportRequest
from tongmai.store import find_job
from tongmai.web.answers import document
from tongmai.web.body import Json, parse_json
from tongmai.web.call import Call
from tongmai.web.operation import YES_NO, Answer, Operation, Parameter, Without
from tongmai.web.routes.files import file_answer, upload_of
from tongmai.web.routes.jobs import job_document, own_job
from tongmai.web.routes.records import FILTER, SEARCH, SORT
from tongmai.web.shapes.recording import ImportPreview, JobShown

_MULTIPART = "multipart/form-data"
# What an import may be asked for beside its object, which the address names.
_WISHES = "request"


async def import_records(call: Call) -> Response:
    """Takes a form with the file and the wishes (field ``request``, JSON), or JSON that names an uploaded file."""
    wishes = await _wishes(call)
    request = read_document(ImportRequest, {**wishes, "object": call.part("object")})
    transfer = call.services.transfer
    if call.yes("preview"):
        preview = await transfer.previews.preview(call.actor, call.workspace, request)
        return document({"file": str(request.file), **preview.document(call.language)})
    return await _accepted(call, await transfer.imports.start(call.actor, call.workspace, request))


async def export_records(call: Call) -> Response:
    """Streams: the first rows go out while the last are read. Nothing is kept."""
    export = await call.services.transfer.exports.stream(call.actor, call.workspace, _export_wanted(call))
    headers = {"content-disposition": f'attachment; filename="{export.name}"', "cache-control": "no-store"}
    return StreamingResponse(await _begun(export.content), headers=headers, media_type=export.media_type)


async def start_export(call: Call) -> Response:
    given = await call.json()
    request = read_document(ExportRequest, {**_object_of(given), "object": call.part("object")})
    return await _accepted(call, await call.services.transfer.exports.start(call.actor, call.workspace, request))


async def undo_job(call: Call) -> Response:
    """Takes a finished import back, as a job of its own."""
    return await _accepted(call, await call.services.transfer.undos.start(call.actor, call.workspace, call.id()))


async def refused_rows(call: Call) -> Response:
    """The rows an import refused, each with its reason beside it."""
    return await _job_file(call, "refused_file")


async def job_file(call: Call) -> Response:
    """The file an export job made."""
    return await _job_file(call, "file")


async def _wishes(call: Call) -> dict[str, Json]:
    media_type = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _MULTIPART:
        return _object_of(await call.json())
    async with upload_of(call) as upload:
        wishes = _object_of(parse_json(upload.fields.get(_WISHES, "{}").encode()))
        stored = await call.services.files.save(
            call.actor, call.workspace, upload.name, upload.content, declared_type=upload.declared_type
        )
    return {**wishes, "file": str(stored.id)}


def _object_of(given: Json) -> dict[str, Json]:
    if not isinstance(given, dict):
        raise Invalid((Fault("body.not_object", Text("应为一个 JSON 对象", "must be a JSON object")),))
    return given


async def _begun(content: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The content with its first part already read: what cannot be begun is refused, not a torn answer."""
    first = await anext(content, b"")

    async def whole() -> AsyncGenerator[bytes]:
        async with aclosing(content) as rest:
            yield first
            async for part in rest:
                yield part

    return whole()


def _export_wanted(call: Call) -> ExportRequest:
    wanted: dict[str, object] = {name: call.query[name] for name in _PLAIN if call.query.get(name)}
    fields = call.names("fields")
    if fields is not None:
        wanted["fields"] = fields
    return read_document(ExportRequest, {**wanted, "object": call.part("object")})


_PLAIN = ("format", "filter", "sort", "search", "headings")


async def _accepted(call: Call, job_id: UUID) -> Response:
    async with call.services.database.read() as tx:
        job = await find_job(tx, job_id)
    assert job is not None
    return document(job_document(call, job), status=202, headers={"location": f"/api/jobs/{job_id}"})


async def _job_file(call: Call, name: str) -> Response:
    job = await own_job(call, call.id())
    result: Mapping[str, object] = job.result or {}
    file_id = result.get(name)
    if not isinstance(file_id, str):
        text = Text("任务没有这个文件", "The job has no such file")
        raise Invalid((Fault("job.no_file", text, Text("请等任务完成", "Wait until the job is done")),))
    return await file_answer(call, UUID(file_id))


# The address says which object it is.
_NAMED = frozenset({"object"})
_ACCEPTED = Answer(Text("任务已接受", "The job is accepted"), JobShown)
_FILE = Answer(Text("文件", "The file"), None, ("application/octet-stream",))
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/api/records/{object}/import",
        import_records,
        "transfer",
        Text("导入文件（CSV、XLSX、JSON lines、Parquet）", "Import a file (CSV, XLSX, JSON lines, Parquet)"),
        parameters=(Parameter("preview", Text("只预览", "Only show what it would do"), YES_NO, 5),),
        takes=Without(ImportRequest, _NAMED),
        raw=(_MULTIPART,),
        answers={200: Answer(Text("预览", "The preview"), ImportPreview), 202: _ACCEPTED},
        problems=(404, 409, 413, 415),
    ),
    Operation(
        "GET",
        "/api/records/{object}/export",
        export_records,
        "transfer",
        Text("导出（边读边发）", "Export as a stream"),
        parameters=(
            Parameter("format", Text("格式", "Format"), {"enum": list(FORMATS)}, 10),
            FILTER,
            SORT,
            SEARCH,
            Parameter("fields", Text("字段，逗号分隔", "Fields, separated by commas")),
            Parameter(
                "headings", Text("表头用名称或键", "Labels or keys as headings"), {"enum": ["labels", "keys"]}, 10
            ),
        ),
        answers={200: Answer(Text("文件", "The file"), None, tuple(MEDIA_TYPES.values()))},
        problems=(404, 413),
    ),
    Operation(
        "POST",
        "/api/records/{object}/export",
        start_export,
        "transfer",
        Text("导出（后台任务）", "Export as a job"),
        takes=Without(ExportRequest, _NAMED),
        answers={202: _ACCEPTED},
        problems=(404, 413, 415),
        asks=True,
    ),
    Operation(
        "POST",
        "/api/jobs/{id}/undo",
        undo_job,
        "jobs",
        Text("撤销一次导入", "Take an import back"),
        answers={202: _ACCEPTED},
        problems=(404, 409),
    ),
    Operation(
        "GET",
        "/api/jobs/{id}/refused",
        refused_rows,
        "jobs",
        Text("被拒绝的行及原因", "The rows refused, with the reasons"),
        answers={200: _FILE},
        problems=(404,),
    ),
    Operation(
        "GET",
        "/api/jobs/{id}/file",
        job_file,
        "jobs",
        Text("导出的文件", "The file an export made"),
        answers={200: _FILE},
        problems=(404,),
    ),
)
