"""tongmai demo: loads the demo company, and scores what the product found against its hidden truth."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
import uvloop

from tongmai.cli.opening import opened, read_settings
from tongmai.cli.options import JsonOption
from tongmai.cli.output import Output, run
from tongmai.cli.passwords import make_password
from tongmai.cli.sign_ins import SignIn, keep_passwords, kept_sign_ins, sign_in_lines
from tongmai.cli.speech import both, example
from tongmai.cli.users import add_person
from tongmai.demo import (
    KEY,
    SIGN_INS,
    ZONE,
    AddPerson,
    Findings,
    Hits,
    Loading,
    Score,
    Scorer,
    Story,
    Truth,
    World,
    running,
)
from tongmai.kit import Clock, Conflict, FixedClock, NotFound, Settings, SystemClock, Text
from tongmai.store import Workspace, drop_workspace, find_workspace, list_workspaces
from tongmai.web import Services, open_services

SEED = 20_261
SeedOption = Annotated[int, typer.Option(min=0, help=both("随机种子：同样的种子给出同一家公司", "Same seed, same one"))]
ScoreOption = Annotated[bool, typer.Option("--score", help=both("对照隐藏真相评分", "Score against the hidden truth"))]
CustomersOption = Annotated[int, typer.Option(min=23, max=20_000, help=both("客户数", "How many customers"))]
DaysOption = Annotated[int, typer.Option(min=120, max=730, help=both("历史天数", "How many days of trade"))]


def register(app: typer.Typer) -> None:
    app.command(
        "demo",
        help=both(
            "装载演示公司（1,863 家客户、24 个月，约一两分钟），或评分",
            "Load the demo company (1,863 customers, 24 months; a minute or two), or score it",
        ),
        epilog=example("tongmai demo", "tongmai demo --score"),
    )(demo)


def demo(
    context: typer.Context,
    score: ScoreOption = False,
    seed: SeedOption = SEED,
    customers: CustomersOption = 1863,
    days: DaysOption = 730,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        settings = read_settings()
        if score:
            await _score(out, settings)
            return
        sign_ins = await load(out, settings, World(seed, _now(SystemClock()), customers, days))
        document = {"workspace": KEY, "sign_ins": [each.document() for each in sign_ins]}
        lines = [out.say("演示公司已装载，运行 tongmai serve", "The demo company is in; run tongmai serve")]
        out.result(document, *lines, *sign_in_lines(out, sign_ins))

    run(context, json, work, loop_factory=uvloop.new_event_loop)


async def load(out: Output, settings: Settings, world: World) -> tuple[SignIn, ...]:
    """Loads the company into a workspace of its own; one that a killed load left half done is begun anew.

    Raises ``Conflict`` where it is there already.
    """
    clock = FixedClock(world.end)
    async with open_services(settings, clock, "command") as services:
        async with services.database.read() as tx:
            there = await find_workspace(tx, KEY)
        if there is not None and _truth_file(settings).exists():
            raise Conflict.of(
                "demo.there",
                "演示公司已装载",
                "The demo company is there already",
                way_out=Text(f"先删除：tongmai workspace drop {KEY}", f"First: tongmai workspace drop {KEY}"),
            )
        return await _load(out, services, clock, world, there)


async def first_company(out: Output, settings: Settings) -> tuple[SignIn, ...]:
    """At the first start of a data folder the demo company is loaded; its sign-ins, then and at each later start. None
    where the folder holds other workspaces."""
    world = World(SEED, _now(SystemClock()))
    clock = FixedClock(world.end)
    async with open_services(settings, clock, "command") as services:
        async with services.database.read() as tx:
            known = {each.key: each for each in await list_workspaces(tx)}
        there = known.get(KEY)
        if there is not None and _truth_file(settings).exists():
            return kept_sign_ins(_passwords_file(settings), SIGN_INS)
        if known.keys() - {KEY}:
            return ()
        out.note(
            "首次启动：装载演示公司（1,863 家客户，24 个月的 U8、企业微信、钉钉数据），约一两分钟；"
            "只要小样例请用 quickstart --bare",
            "First start: the demo company is loaded (1,863 customers, 24 months of U8, WeCom and DingTalk), a minute"
            " or two; quickstart --bare makes a small example instead",
        )
        return await _load(out, services, clock, world, there)


async def _load(
    out: Output, services: Services, clock: FixedClock, world: World, half: Workspace | None
) -> tuple[SignIn, ...]:
    settings = services.settings
    if half is not None:
        async with services.database.write() as tx:
            await drop_workspace(tx, half)
    _truth_file(settings).unlink(missing_ok=True)
    archive = settings.data_dir / "inbox" / "demo-wecom"
    shutil.rmtree(archive, ignore_errors=True)
    # First the file: a load that is killed half-way must not leave accounts whose password nobody knows.
    passwords = {login: make_password() for login in SIGN_INS}
    keep_passwords(_passwords_file(settings), passwords)
    with out.progress("装载演示公司", "Loading the demo company") as advance:
        story = await asyncio.to_thread(Story.of, world)

        def tell(step: Text, done: int, total: int) -> None:
            advance(done, total)

        def adding(workspace: Workspace) -> AddPerson:
            async def add(login: str, name: str, role: str, team: str) -> UUID:
                return await add_person(
                    services, workspace, login=login, password=passwords[login], name=name, roles=[role], team=team
                )

            return add

        async with running(story, clock, archive) as systems:
            await Loading(services, clock, world, systems, adding, tell).run()
    # The last thing done is the mark of a load that is whole.
    Truth.of(story).write(_truth_file(settings))
    return kept_sign_ins(_passwords_file(settings), SIGN_INS)


async def _score(out: Output, settings: Settings) -> None:
    file = _truth_file(settings)
    async with opened("command", settings) as services:
        async with services.database.read() as tx:
            workspace = await find_workspace(tx, KEY)
        if workspace is None or not file.exists():
            raise NotFound.of(
                "demo.absent",
                "还没有装载演示公司",
                "The demo company is not loaded",
                way_out=Text("先运行 tongmai demo", "Run tongmai demo first"),
            )
        truth = Truth.read(file)
        found = await Scorer(Findings(services.database, services.gateway, workspace), truth).score()
    out.result(found.document(), *_lines(out, found))


def _lines(out: Output, found: Score) -> list[str]:
    signals = found.signals
    return [
        out.say("信号（植入 · 发现 · 查准率 · 查全率）", "Signals (planted, found, precision, recall)"),
        *(_hits_line(each) for each in signals),
        out.say(
            f"  没有存档同意而听不到的：{found.withheld}；换了说法的查全率 {_percent(found.veiled.recall)}",
            f"  not kept without consent: {found.withheld}; recall of veiled wordings {_percent(found.veiled.recall)}",
        ),
        out.say(
            f"健康度与“将停止采购”（近 120 天买过的客户，基准率 {_percent(found.base_rate)}）",
            f"Health against “will stop buying” (buyers of 120 days, base rate {_percent(found.base_rate)})",
        ),
        *(
            f"  {each.segment_class:14}{each.stopping:5} / {each.buyers:<5} {_percent(each.share):>6}"
            + (f"  × {each.lift:.2f}" if each.lift is not None else "")
            for each in found.classes
        ),
        out.say("月末冲单、补记拜访、迟付客户", "Month-end pushing, backdated visits, late payers"),
        *(_hits_line(each) for each in found.gaming),
        out.say("受阻原因、未达标参数前五、主推未上架", "Setbacks, top five unmet parameters, empty shelves"),
        *(_hits_line(each) for each in found.execution),
    ]


def _hits_line(each: Hits) -> str:
    return f"  {each.kind:18}{each.there:6}{each.found:6} {_percent(each.precision):>7} {_percent(each.recall):>7}"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.0%}"


def _now(clock: Clock) -> datetime:
    return clock.now().astimezone(ZoneInfo(ZONE)).replace(second=0, microsecond=0)


def _passwords_file(settings: Settings) -> Path:
    return settings.data_dir / "demo" / "sign-ins.json"


def _truth_file(settings: Settings) -> Path:
    return settings.data_dir / "demo" / "truth.json"
