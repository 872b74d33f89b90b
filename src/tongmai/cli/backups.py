"""tongmai backup, restore: a company's data as one checked file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tongmai.backup import SUFFIX, BackedUp, OnProgress, Restored, back_up, back_up_all, restore
from tongmai.cli.opening import opened, workspace_of
from tongmai.cli.options import FileArgument, JsonOption, WorkspaceOption
from tongmai.cli.output import REFUSED, Advance, Output, run
from tongmai.cli.speech import both, example

TargetArgument = Annotated[
    Path,
    typer.Argument(
        help=both(f"备份文件（*{SUFFIX}）；--all 时为目录", f"The backup file (*{SUFFIX}); a folder with --all")
    ),
]
AllOption = Annotated[bool, typer.Option("--all", help=both("所有工作区，各一个文件", "Every workspace, a file each"))]
AsOption = Annotated[
    str | None, typer.Option("--as", help=both("恢复为这个键的工作区", "Key of the workspace to restore it as"))
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help=both("替换已有的同名工作区", "Replace the workspace that is there"))
]


def register(app: typer.Typer) -> None:
    app.command(
        "backup",
        help=both("备份一个或全部工作区", "Back up a workspace, or all"),
        epilog=example(f"tongmai backup acme{SUFFIX} -w acme"),
    )(backup)
    app.command(
        "restore",
        help=both("从备份恢复（先校验，后写入）", "Restore a backup: checked first, then written"),
        epilog=example(f"tongmai restore acme{SUFFIX} --as acme_copy"),
    )(restore_)


def backup(
    context: typer.Context,
    target: TargetArgument,
    workspace: WorkspaceOption = None,
    everything: AllOption = False,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened() as services:
            with out.progress("备份", "Backing up") as advance:
                common = (services.database, services.files.store, services.clock)
                if everything:
                    made = await back_up_all(*common, target, on_progress=_told(advance))
                else:
                    place = await workspace_of(services, workspace)
                    made = [await back_up(*common, place, target, on_progress=_told(advance))]
        out.result({"backups": [_document(each) for each in made]}, *(_line(each, out) for each in made))

    run(context, json, work)


def restore_(
    context: typer.Context,
    source: FileArgument,
    key: AsOption = None,
    replace: ReplaceOption = False,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened() as services:
            common = (services.database, services.files.store, services.clock)
            found = await restore(*common, source, key=key, replace=replace)
        out.result(_restored_document(found), _restored_line(found, out))
        if not found.ok:
            raise typer.Exit(REFUSED)

    run(context, json, work)


def _told(advance: Advance) -> OnProgress:
    return lambda _, done, total: advance(done, total)


def _document(made: BackedUp) -> dict[str, object]:
    return {
        "workspace": made.workspace,
        "path": str(made.path),
        "bytes": made.size,
        "files": made.files,
        "missing": [str(each) for each in made.missing],
        "head": made.head.hash if made.head else None,
    }


def _line(made: BackedUp, out: Output) -> str:
    size = f"{made.size / 1_000_000:.1f} MB"
    line = out.say(
        f"{made.workspace}：{made.path}（{size}，{made.files} 个附件）",
        f"{made.workspace}: {made.path} ({size}, {made.files} files)",
    )
    if made.missing:
        count = len(made.missing)
        line += out.say(f"，{count} 个附件的内容已不在存储中", f"; {count} files had no content in the store")
    return line


def _restored_document(found: Restored) -> dict[str, object]:
    return {
        "workspace": found.workspace.key,
        "files": found.files,
        "history_ok": found.history.ok,
        "head_matches": found.head_matches,
        "rows": found.history.rows,
    }


def _restored_line(found: Restored, out: Output) -> str:
    key, rows = found.workspace.key, found.history.rows
    if found.ok:
        return out.say(
            f"已恢复为 {key}，{rows} 条历史校验无误", f"Restored as {key}; its {rows} history entries are sound"
        )
    return out.say(
        f"已恢复为 {key}，但历史校验有问题，请运行 tongmai verify-history -w {key}",
        f"Restored as {key}, but its history is not sound: run tongmai verify-history -w {key}",
    )
