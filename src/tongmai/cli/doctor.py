"""tongmai doctor: is everything in order? Each check says what is wrong and what to do."""

from __future__ import annotations

import shutil
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

from tongmai import __version__
from tongmai.cli.opening import opened, read_settings
from tongmai.cli.options import JsonOption
from tongmai.cli.output import MACHINE, Output, run
from tongmai.cli.speech import both, example
from tongmai.kit import Text, TongmaiError
from tongmai.store import list_workspaces
from tongmai.web import Services

State = Literal["ok", "warning", "fault"]
_LITTLE_SPACE = 2 * 1024**3
_SKEW_S = 2.0
_SIGNS: dict[State, str] = {"ok": "✓", "warning": "!", "fault": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome."""

    check: str
    state: State
    text: Text


def register(app: typer.Typer) -> None:
    app.command(
        "doctor",
        help=both("检查数据库、磁盘、权限和时钟", "Check the database, the disk, permissions and the clock"),
        epilog=example("tongmai doctor --json"),
    )(doctor)


def doctor(context: typer.Context, json: JsonOption = False) -> None:
    async def work(out: Output) -> None:
        settings = read_settings()
        findings = [Finding("version", "ok", Text(f"程序版本 {__version__}", f"Program version {__version__}"))]
        findings += [_data_folder(settings.data_dir), _space(settings.data_dir)]
        try:
            async with opened("command", settings) as services:
                findings += [finding async for finding in _database(services)]
        except TongmaiError as error:
            findings.append(Finding("database", "fault", Text(error.sentence("zh"), error.sentence("en"))))
        worst = "fault" if any(each.state == "fault" for each in findings) else "ok"
        items = [{"check": each.check, "state": each.state, "text": each.text.say(out.language)} for each in findings]
        lines = [f"{_SIGNS[each.state]} {each.text.say(out.language)}" for each in findings]
        out.result({"ok": worst == "ok", "findings": items}, *lines)
        if worst == "fault":
            raise typer.Exit(MACHINE)

    run(context, json, work)


def _data_folder(folder: Path) -> Finding:
    if not folder.exists():
        text = Text(f"数据目录 {folder} 尚不存在，首次启动时创建", f"{folder} is made by the first start")
        return Finding("data_dir", "ok", text)
    postgres = folder / "postgres"
    checked = postgres if postgres.exists() else folder
    mode = stat.S_IMODE(checked.stat().st_mode)
    if mode & 0o027:
        text = Text(
            f"{checked} 对他人开放（{mode:o}），请 chmod 700", f"{checked} is open to others ({mode:o}): chmod 700"
        )
        return Finding("data_dir", "fault" if mode & 0o007 and postgres.exists() else "warning", text)
    return Finding("data_dir", "ok", Text(f"数据目录 {folder} 权限正常", f"{folder} is closed to others"))


def _space(folder: Path) -> Finding:
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    shown = f"{free / 1024**3:.1f} GB"
    if free < _LITTLE_SPACE:
        return Finding("disk", "warning", Text(f"磁盘仅剩 {shown}", f"Only {shown} of disk are free"))
    return Finding("disk", "ok", Text(f"磁盘剩余 {shown}", f"{shown} of disk are free"))


async def _database(services: Services) -> AsyncIterator[Finding]:
    async with services.database.read() as tx:
        version = await tx.fetch_value("SHOW server_version")
        there = await tx.fetch_value("SELECT clock_timestamp()")
        checksums = await tx.fetch_value("SHOW data_checksums")
        workspaces = await list_workspaces(tx)
    where = Text("内置", "embedded") if services.database.server is not None else Text("外部", "given")
    yield Finding("database", "ok", Text(f"数据库 {version}（{where.zh}）", f"PostgreSQL {version} ({where.en})"))
    skew = abs((services.clock.now() - there).total_seconds())
    state: State = "ok" if skew <= _SKEW_S else "warning"
    yield Finding("clock", state, Text(f"与数据库时钟相差 {skew:.1f} 秒", f"The clocks differ by {skew:.1f} s"))
    if checksums != "on":
        yield Finding("checksums", "warning", Text("数据库未启用校验和", "The database has no data checksums"))
    count = len(workspaces)
    yield Finding("workspaces", "ok", Text(f"{count} 个工作区", f"{count} workspaces"))
    for workspace in workspaces:
        catalogue = await services.catalogues.get(workspace)
        objects = len(catalogue.objects)
        text = Text(
            f"{workspace.key}：模型版本 {catalogue.version}，{objects} 个对象",
            f"{workspace.key}: model version {catalogue.version}, {objects} objects",
        )
        yield Finding(f"workspace.{workspace.key}", "ok", text)
