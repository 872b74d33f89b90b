"""tongmai replica: what the columnar replica holds, building it anew, folding it together."""

from __future__ import annotations

import typer

from tongmai.cli.opening import opened_in
from tongmai.cli.options import JsonOption, WorkspaceOption
from tongmai.cli.output import REFUSED, Output, run
from tongmai.cli.speech import both, example
from tongmai.replica import Status

app = typer.Typer(
    help=both("列式副本：汇总与重算用的 Parquet 文件", "The columnar replica: Parquet for recomputes and boards"),
    no_args_is_help=True,
)


@app.command(
    help=both("查看副本：截至哪一段、大小、是否完好", "What it holds, up to which epoch, and whether it is sound"),
    epilog=example("tongmai replica status -w acme --json"),
)
def status(context: typer.Context, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            found = await services.replicas.of(place).status()
        out.result(_document(found), *_lines(found, out))
        if found.damage is not None:
            raise typer.Exit(REFUSED)

    run(context, json, work)


@app.command(
    help=both("从数据库重建副本", "Build it anew from the database"), epilog=example("tongmai replica rebuild -w acme")
)
def rebuild(context: typer.Context, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            replica = services.replicas.of(place)
            with out.progress("重建副本", "Building") as advance:

                async def report(done: int, total: int) -> None:
                    advance(done, total)

                await replica.rebuild(report)
            found = await replica.status()
        out.result(_document(found), *_lines(found, out))

    run(context, json, work)


@app.command(
    help=both("合并增量文件，删除过期文件", "Fold the deltas together and remove files that are due"),
    epilog=example("tongmai replica compact -w acme"),
)
def compact(context: typer.Context, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            replica = services.replicas.of(place)
            await replica.compact()
            found = await replica.status()
        out.result(_document(found), *_lines(found, out))

    run(context, json, work)


def _document(found: Status) -> dict[str, object]:
    return {
        "workspace": found.workspace,
        "ok": found.damage is None,
        "epoch": found.epoch,
        "at": None if found.at is None else found.at.isoformat(),
        "catalogue_version": found.catalogue_version,
        "files": found.files,
        "bytes": found.size,
        "rows": dict(found.rows),
        "history_rows": found.history_rows,
        "waiting_files": found.waiting_files,
        "damage": found.damage,
    }


def _lines(found: Status, out: Output) -> list[str]:
    if found.damage is not None:
        way = f"tongmai replica rebuild -w {found.workspace}"
        return [out.say(f"没有完好的副本。重建：{way}", f"There is no sound replica. Build it: {way}"), found.damage]
    size = f"{found.size / 1e6:.1f} MB"
    head = out.say(
        f"完好：截至第 {found.epoch} 段，{found.files} 个文件，{size}",
        f"Sound: true at epoch {found.epoch}, {found.files} files, {size}",
    )
    return [head, *(f"  {key}: {rows}" for key, rows in sorted(found.rows.items()) if rows)]
