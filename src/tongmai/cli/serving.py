"""tongmai serve, api, worker, quickstart: the long-running commands."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from tongmai.cli.opening import opened
from tongmai.cli.options import JsonOption
from tongmai.cli.output import Output, aligned, run
from tongmai.cli.quickstart import SignIn, prepare
from tongmai.cli.speech import both, example
from tongmai.kit import Settings
from tongmai.web import Duty, address_of, bind, configure_logs, create_app, serve

HostOption = Annotated[str | None, typer.Option(help=both("监听地址", "Address to listen on"))]
PortOption = Annotated[int | None, typer.Option(min=0, max=65535, help=both("端口；0 为任选", "Port; 0 picks one"))]
DataOption = Annotated[Path | None, typer.Option("--data-dir", help=both("数据目录", "Where the data lie"))]


def register(app: typer.Typer) -> None:
    app.command("serve", help=_SERVE, epilog=example("tongmai serve --port 8420"))(serve_)
    app.command("api", help=_API, epilog=example("tongmai api --port 8421"))(api)
    app.command("worker", help=_WORKER, epilog=example("tongmai worker"))(worker)
    app.command("quickstart", help=_QUICKSTART, epilog=example("tongmai quickstart"))(quickstart)


_SERVE = both("启动全部：接口、后台任务、内置数据库", "Everything in one: API, jobs, embedded database")
_API = both("只启动接口（可多个进程）", "Only the API; as many processes as wanted")
_WORKER = both("只启动后台任务（可多个进程）", "Only the jobs; as many processes as wanted")
_QUICKSTART = both(
    "首次体验：建好示例工作区和三个账号，然后启动", "For a first look: a workspace with three sign-ins, then serve"
)


def serve_(
    context: typer.Context,
    host: HostOption = None,
    port: PortOption = None,
    data_dir: DataOption = None,
    json: JsonOption = False,
) -> None:
    settings = _settings(host, port, data_dir)
    run(context, json, lambda out: _answer(out, settings, "serve"), loop_factory=uvloop.new_event_loop)


def api(
    context: typer.Context,
    host: HostOption = None,
    port: PortOption = None,
    data_dir: DataOption = None,
    json: JsonOption = False,
) -> None:
    settings = _settings(host, port, data_dir)
    run(context, json, lambda out: _answer(out, settings, "api"), loop_factory=uvloop.new_event_loop)


def worker(context: typer.Context, data_dir: DataOption = None, json: JsonOption = False) -> None:
    settings = _settings(None, None, data_dir)

    async def work(out: Output) -> None:
        configure_logs(settings)
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        async with opened("worker", settings):
            out.result({"state": "running"}, out.say("后台任务已启动", "The worker runs"))
            await stopped.wait()

    run(context, json, work, loop_factory=uvloop.new_event_loop)


def quickstart(
    context: typer.Context,
    host: HostOption = None,
    port: PortOption = None,
    data_dir: DataOption = None,
    json: JsonOption = False,
) -> None:
    settings = _settings(host, port, data_dir)
    if "log_level" not in settings.model_fields_set:
        # A person reads along: only what needs attention stands between the lines meant for them.
        settings = settings.model_copy(update={"log_level": "warning", "log_format": "text"})
    run(context, json, lambda out: _answer(out, settings, "serve", starter=True), loop_factory=uvloop.new_event_loop)


def _settings(host: str | None, port: int | None, data_dir: Path | None) -> Settings:
    given = {"host": host, "port": port, "data_dir": data_dir}
    return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


async def _answer(out: Output, settings: Settings, duty: Duty, *, starter: bool = False) -> None:
    configure_logs(settings)
    listening = bind(settings)
    try:
        async with opened(duty, settings) as services:
            sign_ins = await prepare(services) if starter else ()
            _announce(out, address_of(listening, settings), sign_ins)
            await serve(create_app(services), listening, before_stop=services.stop)
    finally:
        listening.close()


def _announce(out: Output, address: str, sign_ins: tuple[SignIn, ...]) -> None:
    lines = [out.say(f"通脉已启动：{address}", f"Tongmai runs at {address}")]
    if sign_ins:
        lines.append(out.say("可用以下账号登录：", "Sign in as:"))
        columns = zip(*((each.role.say(out.language), each.login) for each in sign_ins), strict=True)
        padded = zip(*map(aligned, columns), strict=True)
        lines += [f"  {role}  {login}  {each.password}" for (role, login), each in zip(padded, sign_ins, strict=True)]
        kept = sign_ins[0].kept_in
        lines.append(out.say(f"（密码保存在 {kept}）", f"(kept in {kept})"))
    lines.append(out.say("按 Ctrl+C 停止", "Ctrl+C stops it"))
    document = {"address": address, "sign_ins": [each.document() for each in sign_ins]}
    out.result(document, *lines)
