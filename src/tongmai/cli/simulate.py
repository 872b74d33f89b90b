"""tongmai simulate wecom|dingtalk|u8: vendors' systems on this machine, to try the product without an account."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer
import uvicorn
from starlette.types import ASGIApp

from tongmai.cli.options import JsonOption
from tongmai.cli.output import Output, run
from tongmai.cli.speech import both, example
from tongmai.kit import SystemClock
from tongmai.simulators import dingtalk, wecom
from tongmai.simulators.u8 import U8Server, demo_book
from tongmai.web import bind

_HOST = "127.0.0.1"


class Vendor(StrEnum):
    """Whose system."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    U8 = "u8"


def register(app: typer.Typer) -> None:
    app.command(
        "simulate",
        help=both("模拟企业微信、钉钉或用友 U8，供试用", "Simulate WeCom, DingTalk or Yonyou U8, to try things out"),
        epilog=example("tongmai simulate u8 --port 11433"),
    )(simulate)


def simulate(
    context: typer.Context,
    vendor: Annotated[Vendor, typer.Argument(help=both("哪一家", "Which vendor"))],
    port: Annotated[int, typer.Option(min=0, max=65535, help=both("端口；0 为任选", "Port; 0 picks one"))] = 0,
    json: JsonOption = False,
) -> None:
    works = {Vendor.WECOM: _wecom, Vendor.DINGTALK: _dingtalk, Vendor.U8: _u8}
    run(context, json, lambda out: works[vendor](out, port))


async def _u8(out: Output, port: int) -> None:
    async with U8Server(demo_book(), port=port, may_write=True) as server:
        told = {
            "host": _HOST, "port": server.port, "database": server.database, "user": server.user,
            "password": server.password,
        }  # fmt: skip
        _announce(out, told)
        await _stopped()


async def _wecom(out: Output, port: int) -> None:
    company = wecom.Company.sample(SystemClock())
    company.archive_notice_seconds = 15.0
    told = {
        "corp_id": company.corp_id, "agent_id": company.agent_id, "secret": company.secret,
        "archive_secret": company.archive_secret, "token": company.token,
        "encoding_aes_key": company.encoding_aes_key,
    }  # fmt: skip
    await _serve(out, wecom.app(company), port, told)


async def _dingtalk(out: Output, port: int) -> None:
    known = dingtalk.Organisation.sample(SystemClock())
    told = {
        "corp_id": known.corp_id, "app_key": known.app_key, "app_secret": known.app_secret, "token": known.token,
        "aes_key": known.aes_key,
    }  # fmt: skip
    await _serve(out, dingtalk.app(known), port, told)


async def _serve(out: Output, application: ASGIApp, port: int, told: Mapping[str, object]) -> None:
    listening = bind(_HOST, port)
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", access_log=False))
    _announce(out, {"address": f"http://{_HOST}:{listening.getsockname()[1]}", **told})
    await server.serve(sockets=[listening])


def _announce(out: Output, told: Mapping[str, object]) -> None:
    lines = [f"  {name}: {value}" for name, value in told.items()]
    out.result(told, out.say("模拟器已启动，按 Ctrl+C 停止", "The simulator runs; Ctrl+C stops it"), *lines)


async def _stopped() -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
