"""tongmai serve, api, worker, quickstart: the long-running commands."""

from __future__ import annotations

import asyncio
import gc
import signal
from pathlib import Path
from typing import Annotated, Literal

import typer
import uvloop

from tongmai.cli.demo import first_company
from tongmai.cli.opening import opened
from tongmai.cli.options import JsonOption
from tongmai.cli.output import Output, run
from tongmai.cli.quickstart import prepare
from tongmai.cli.sign_ins import SignIn, sign_in_lines
from tongmai.cli.speech import both, example
from tongmai.kit import Settings
from tongmai.web import Duty, address_of, bind, configure_logs, create_app, serve

HostOption = Annotated[str | None, typer.Option(help=both("监听地址", "Address to listen on"))]
PortOption = Annotated[int | None, typer.Option(min=0, max=65535, help=both("端口；0 为任选", "Port; 0 picks one"))]
BareOption = Annotated[bool, typer.Option("--bare", help=both("只建小样例", "Only a small example"))]
DataOption = Annotated[Path | None, typer.Option("--data-dir", help=both("数据目录", "Where the data lie"))]

# What an empty data folder is filled with.
First = Literal["bare", "demo"]


def register(app: typer.Typer) -> None:
    app.command("serve", help=_SERVE, epilog=example("tongmai serve --port 8420"))(serve_)
    app.command("api", help=_API, epilog=example("tongmai api --port 8421"))(api)
    app.command("worker", help=_WORKER, epilog=example("tongmai worker"))(worker)
    app.command("quickstart", help=_QUICKSTART, epilog=example("tongmai quickstart"))(quickstart)


_SERVE = both("启动全部：接口、后台任务、内置数据库", "Everything in one: API, jobs, embedded database")
_API = both("只启动接口（可多个进程）", "Only the API; as many processes as wanted")
_WORKER = both("只启动后台任务（可多个进程）", "Only the jobs; as many processes as wanted")
_QUICKSTART = both(
    "首次体验：装载演示公司（约一两分钟）和五个账号，然后启动；--bare 只建小样例",
    "For a first look: the demo company (a minute or two) with five sign-ins, then serve; --bare makes a small one",
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
        _let_garbage_wait()
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
    bare: BareOption = False,
    json: JsonOption = False,
) -> None:
    settings = _settings(host, port, data_dir)
    if "log_level" not in settings.model_fields_set:
        # A person reads along: only what needs attention stands between the lines meant for them.
        settings = settings.model_copy(update={"log_level": "warning", "log_format": "text"})
    first: First = "bare" if bare else "demo"
    run(context, json, lambda out: _answer(out, settings, "serve", first=first), loop_factory=uvloop.new_event_loop)


def _let_garbage_wait() -> None:
    """A page of ten thousand rows is a million objects without a circle: looking for circles after each 700 of them
    took a quarter of an import's time, after each 50,000 still a twentieth."""
    gc.freeze()
    gc.set_threshold(400_000, 20, 100)


def _settings(host: str | None, port: int | None, data_dir: Path | None) -> Settings:
    given = {"host": host, "port": port, "data_dir": data_dir}
    return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


async def _answer(out: Output, settings: Settings, duty: Duty, *, first: First | None = None) -> None:
    configure_logs(settings)
    _let_garbage_wait()
    listening = bind(settings.host, settings.port)
    try:
        # Before anything runs in the background: the company's past is lived through with a clock of its own.
        sign_ins = await first_company(out, settings) if first == "demo" else ()
        async with opened(duty, settings) as services:
            if first is not None and not sign_ins:
                sign_ins = await prepare(services)
            _announce(out, address_of(listening, settings), sign_ins)
            await serve(create_app(services), listening, before_stop=services.stop)
    finally:
        listening.close()


def _announce(out: Output, address: str, sign_ins: tuple[SignIn, ...]) -> None:
    lines = [out.say(f"通脉已启动：{address}", f"Tongmai runs at {address}")]
    lines += sign_in_lines(out, sign_ins)
    lines.append(out.say("按 Ctrl+C 停止", "Ctrl+C stops it"))
    document = {"address": address, "sign_ins": [each.document() for each in sign_ins]}
    out.result(document, *lines)
