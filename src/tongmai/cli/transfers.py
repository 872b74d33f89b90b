"""tongmai import, export: files in and out, by the same rules as everywhere."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer

from tongmai.access import SystemActor
from tongmai.cli.opening import opened_in
from tongmai.cli.options import FileArgument, JsonOption, WorkspaceOption
from tongmai.cli.output import REFUSED, Output, run
from tongmai.cli.speech import both, example
from tongmai.kit import Unavailable
from tongmai.model import read_document
from tongmai.records.transfer import ExportRequest, ImportRequest
from tongmai.store import Job, JobWorker, Workspace, find_job
from tongmai.web import Services

_CHUNK = 1024 * 1024
_LOOK_S = 0.2
_ENDED = frozenset({"done", "failed", "cancelled", "undone"})

ObjectArgument = Annotated[str, typer.Argument(help=both("对象的键，如 customer", "Key of the object, like customer"))]
SortOption = Annotated[str | None, typer.Option(help=both("排序，如 -amount,name", "Order, like -amount,name"))]


def register(app: typer.Typer) -> None:
    app.command(
        "import",
        help=both("导入文件：CSV、XLSX、JSON lines、Parquet", "Import a file: CSV, XLSX, JSON lines, Parquet"),
        epilog=example("tongmai import customer 客户.xlsx --preview", "tongmai import customer 客户.csv --merge code"),
    )(import_)
    app.command(
        "export",
        help=both("导出到文件或标准输出", "Export to a file or to stdout"),
        epilog=example("tongmai export customer --to customers.xlsx --filter \"level = 'a'\""),
    )(export)


def import_(
    context: typer.Context,
    object_key: ObjectArgument,
    file: FileArgument,
    workspace: WorkspaceOption = None,
    merge: Annotated[list[str] | None, typer.Option(help=both("按此字段匹配，可多次", "Field to match by"))] = None,
    update_only: Annotated[bool, typer.Option("--update-only", help=both("只更新", "Make no new records"))] = False,
    preview: Annotated[bool, typer.Option("--preview", help=both("只预览", "Only show what it would do"))] = False,
    refused_to: Annotated[Path | None, typer.Option(help=both("被拒绝的行写到此文件", "Where refused rows go"))] = None,
    json: JsonOption = False,
) -> None:
    mode: Literal["insert", "update", "merge"] = "insert" if not merge else "update" if update_only else "merge"

    async def work(out: Output) -> None:
        actor = SystemActor("command line", out.language)
        async with opened_in(workspace) as (services, place):
            stored = await services.files.save(actor, place, file.name, _chunks(file))
            wishes = {"object": object_key, "file": str(stored.id), "mode": mode, "key": merge or []}
            request = read_document(ImportRequest, wishes)
            if preview:
                shown = (await services.transfer.previews.preview(actor, place, request)).document(out.language)
                out.result(shown, *_preview_lines(out, shown))
                return
            job = await _followed(out, services, await services.transfer.imports.start(actor, place, request))
            result = _result_of(out, job)
            if result.get("refused_file") and refused_to is not None:
                await _keep(services, place, actor, UUID(str(result["refused_file"])), refused_to)
        out.result({"job": str(job.id), **result}, *_account_lines(out, result, refused_to))
        if result.get("refused"):
            raise typer.Exit(REFUSED)

    run(context, json, work)


def export(
    context: typer.Context,
    object_key: ObjectArgument,
    to: Annotated[Path | None, typer.Option(help=both("文件；格式看扩展名", "File; its ending is the format"))] = None,
    format_: Annotated[str, typer.Option("--format", help="csv, xlsx, jsonl, parquet")] = "csv",
    filter_: Annotated[str | None, typer.Option("--filter", help=both("筛选公式", "Formula to filter by"))] = None,
    sort: SortOption = None,
    fields: Annotated[str | None, typer.Option(help=both("字段，逗号分隔", "Fields, separated by commas"))] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        actor = SystemActor("command line", out.language)
        wanted: dict[str, object] = {"object": object_key, "format": _format(to, format_)}
        given = {"filter": filter_, "sort": sort, "fields": fields.split(",") if fields else None}
        wanted |= {name: value for name, value in given.items() if value is not None}
        async with opened_in(workspace) as (services, place):
            made = await services.transfer.exports.stream(actor, place, read_document(ExportRequest, wanted))
            size = await _write(made.content, to)
        if to is not None:
            out.result({"file": str(to), "size": size}, out.say(f"已导出到 {to}", f"Exported to {to}"))

    run(context, json, work)


async def _followed(out: Output, services: Services, job_id: UUID) -> Job:
    """Does the job here (unless a worker elsewhere was quicker) and shows how far it is."""
    worker = JobWorker(services.database, services.job_handlers(), services.clock)
    working = asyncio.create_task(worker.run())
    try:
        with out.progress("导入", "Importing") as advance:
            while True:
                async with services.database.read() as tx:
                    job = await find_job(tx, job_id)
                if job is None:
                    raise Unavailable.of("job.gone", "任务已不存在", "The job is gone")
                advance(job.done, job.total)
                if job.state in _ENDED:
                    return job
                await asyncio.sleep(_LOOK_S)
    finally:
        worker.stop()
        await working


def _result_of(out: Output, job: Job) -> Mapping[str, object]:
    if job.state != "done":
        error = job.error or {}
        raise Unavailable.of("job.failed", str(error.get("zh", job.state)), str(error.get("en", job.state)))
    return job.result or {}


def _account_lines(out: Output, result: Mapping[str, object], refused_to: Path | None) -> list[str]:
    names = (
        ("read", "读取", "read"),
        ("inserted", "新增", "inserted"),
        ("updated", "更新", "updated"),
        ("unchanged", "未变", "unchanged"),
        ("refused", "拒绝", "refused"),
    )
    lines = ["  ".join(f"{out.say(zh, en)} {result.get(name, 0)}" for name, zh, en in names)]
    if result.get("refused"):
        where = str(refused_to) if refused_to is not None else "--refused-to FILE"
        lines.append(out.say(f"被拒绝的行及原因：{where}", f"The refused rows with their reasons: {where}"))
    return lines


def _preview_lines(out: Output, shown: Mapping[str, object]) -> list[str]:
    columns, faults = shown["columns"], shown["faults"]
    assert isinstance(columns, list)
    assert isinstance(faults, list)
    lines = [f"{each['column']} → {each['field'] or out.say('（不导入）', '(left out)')}" for each in columns]
    lines += [f"! {each.get('row')}: {each.get('field') or ''} {each['message']}" for each in faults[:20]]
    return lines


async def _chunks(file: Path) -> AsyncGenerator[bytes]:
    with file.open("rb") as source:
        while chunk := await asyncio.to_thread(source.read, _CHUNK):
            yield chunk


async def _keep(services: Services, place: Workspace, actor: SystemActor, file_id: UUID, to: Path) -> None:
    stored = await services.files.find(actor, place, file_id)
    with to.open("wb") as target:
        async for chunk in services.files.content(place, stored):
            await asyncio.to_thread(target.write, chunk)


def _format(to: Path | None, wanted: str) -> str:
    ending = to.suffix.removeprefix(".").lower() if to is not None else ""
    return ending if ending in ("csv", "xlsx", "jsonl", "parquet") else wanted


async def _write(content: AsyncGenerator[bytes], to: Path | None) -> int:
    """To the file under a passing name, moved when complete; bytes written. Without a file to stdout."""
    size = 0
    beside = None if to is None else to.with_name(to.name + ".part")
    target = sys.stdout.buffer if beside is None else beside.open("wb")
    try:
        async with aclosing(content) as chunks:
            async for chunk in chunks:
                size += await asyncio.to_thread(target.write, chunk)
        target.flush()
    finally:
        if beside is not None:
            target.close()
    if to is not None and beside is not None:
        beside.replace(to)
    return size
