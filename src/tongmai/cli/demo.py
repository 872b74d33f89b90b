"""tongmai demo: loads a demo company, and scores what the product found against its hidden truth."""

from __future__ import annotations

import shutil
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
import uvloop

from tongmai.cli.demo_score import score_lines
from tongmai.cli.opening import opened, read_settings
from tongmai.cli.options import JsonOption
from tongmai.cli.output import Output, run
from tongmai.cli.passwords import make_password
from tongmai.cli.sign_ins import SignIn, keep_passwords, kept_sign_ins, sign_in_lines
from tongmai.cli.speech import both, example
from tongmai.cli.users import add_person
from tongmai.demo import (
    MOST_STORES,
    ZONE,
    AddPerson,
    Chain,
    DemoCompany,
    Findings,
    SalesCompany,
    StoreCompany,
    World,
)
from tongmai.kit import Clock, Conflict, FixedClock, NotFound, Settings, SystemClock, Text
from tongmai.store import Workspace, drop_workspace, find_workspace, list_workspaces
from tongmai.web import Services, open_services

SEED = 20_261
COMPANIES: tuple[type[DemoCompany], ...] = (SalesCompany, StoreCompany)


class App(StrEnum):
    """Whose demo company it is."""

    SALES = "sales"
    STORE = "store"


_DAYS = {App.SALES: 730, App.STORE: 180}
SeedOption = Annotated[int, typer.Option(min=0, help=both("随机种子：同样的种子给出同一家公司", "Same seed, same one"))]
ScoreOption = Annotated[bool, typer.Option("--score", help=both("对照隐藏真相评分", "Score against the hidden truth"))]
AppOption = Annotated[
    App, typer.Option("--app", help=both("哪个应用：sales 医械经销商，store 连锁门店", "Which app: sales, or store"))
]
CustomersOption = Annotated[int, typer.Option(min=23, max=20_000, help=both("客户数", "How many customers"))]
StoresOption = Annotated[int, typer.Option(min=16, max=MOST_STORES, help=both("门店数", "How many stores"))]
DaysOption = Annotated[
    int | None,
    typer.Option(min=120, max=730, help=both("历史天数（默认 730，门店 180）", "Days of trade (730; of stores 180)")),
]


def register(app: typer.Typer) -> None:
    app.command(
        "demo",
        help=both(
            "装载演示公司（1,863 家客户、24 个月，约一两分钟；--app store：40 家门店、6 个月），或评分",
            "Load the demo company (1,863 customers, 24 months; a minute or two; --app store: 40 stores, 6 months), or"
            " score it",
        ),
        epilog=example("tongmai demo", "tongmai demo --app store", "tongmai demo --score"),
    )(demo)


def demo(
    context: typer.Context,
    app: AppOption = App.SALES,
    score: ScoreOption = False,
    seed: SeedOption = SEED,
    customers: CustomersOption = 1863,
    stores: StoresOption = 40,
    days: DaysOption = None,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        settings, now, length = read_settings(), _now(SystemClock()), days or _DAYS[app]
        company: DemoCompany = (
            SalesCompany(World(seed, now, customers, length))
            if app is App.SALES
            else StoreCompany(Chain(seed, now, stores, length))
        )
        if score:
            await _score(out, settings, company, app)
            return
        sign_ins = await load(out, settings, company)
        document = {"workspace": company.key, "sign_ins": [each.document() for each in sign_ins]}
        lines = [out.say("演示公司已装载，运行 tongmai serve", "The demo company is in; run tongmai serve")]
        out.result(document, *lines, *sign_in_lines(out, sign_ins))

    run(context, json, work, loop_factory=uvloop.new_event_loop)


async def load(out: Output, settings: Settings, company: DemoCompany) -> tuple[SignIn, ...]:
    """Loads the company into a workspace of its own; one that a killed load left half done is begun anew.

    Raises ``Conflict`` where it is there already.
    """
    clock, key = FixedClock(company.end), company.key
    async with open_services(settings, clock, "command") as services:
        async with services.database.read() as tx:
            there = await find_workspace(tx, key)
        if there is not None and _truth_file(settings, company).exists():
            raise Conflict.of(
                "demo.there",
                "演示公司已装载",
                "The demo company is there already",
                way_out=Text(f"先删除：tongmai workspace drop {key}", f"First: tongmai workspace drop {key}"),
            )
        return await _load(out, services, clock, company, there)


async def first_company(out: Output, settings: Settings) -> tuple[SignIn, ...]:
    """At the first start of a data folder the demo company is loaded; the sign-ins of those there, then and at each
    later start. None where the folder holds other workspaces alone."""
    company = SalesCompany(World(SEED, _now(SystemClock())))
    clock = FixedClock(company.end)
    async with open_services(settings, clock, "command") as services:
        async with services.database.read() as tx:
            known = {each.key: each for each in await list_workspaces(tx)}
        whole = [each for each in COMPANIES if each.key in known and _truth_file(settings, each).exists()]
        if whole:
            return tuple(one for each in whole for one in kept_sign_ins(_passwords_file(settings, each), each.sign_ins))
        if known.keys() - {company.key}:
            return ()
        out.note(
            "首次启动：装载演示公司（1,863 家客户，24 个月的 U8、企业微信、钉钉数据），约一两分钟；"
            "只要小样例请用 quickstart --bare",
            "First start: the demo company is loaded (1,863 customers, 24 months of U8, WeCom and DingTalk), a minute"
            " or two; quickstart --bare makes a small example instead",
        )
        return await _load(out, services, clock, company, known.get(company.key))


async def _load(
    out: Output, services: Services, clock: FixedClock, company: DemoCompany, half: Workspace | None
) -> tuple[SignIn, ...]:
    settings = services.settings
    if half is not None:
        async with services.database.write() as tx:
            await drop_workspace(tx, half)
    truth, kept = _truth_file(settings, company), _passwords_file(settings, company)
    truth.unlink(missing_ok=True)
    folder = settings.data_dir / "inbox" / f"demo-{company.mark}wecom"
    shutil.rmtree(folder, ignore_errors=True)
    # First the file: a load that is killed half-way must not leave accounts whose password nobody knows.
    passwords = {login: make_password() for login in company.sign_ins}
    keep_passwords(kept, passwords)
    with out.progress("装载演示公司", "Loading the demo company") as advance:

        def tell(step: Text, done: int, total: int) -> None:
            advance(done, total)

        def adding(workspace: Workspace) -> AddPerson:
            async def add(login: str, name: str, role: str, team: str) -> UUID:
                return await add_person(
                    services, workspace, login=login, password=passwords[login], name=name, roles=[role], team=team
                )

            return add

        await company.bring_in(services, clock, folder, truth, adding, tell)
    return kept_sign_ins(kept, company.sign_ins)


async def _score(out: Output, settings: Settings, company: DemoCompany, app: App) -> None:
    file = _truth_file(settings, company)
    async with opened("command", settings) as services:
        async with services.database.read() as tx:
            workspace = await find_workspace(tx, company.key)
        if workspace is None or not file.exists():
            command = "tongmai demo" if app is App.SALES else f"tongmai demo --app {app}"
            raise NotFound.of(
                "demo.absent",
                "还没有装载演示公司",
                "The demo company is not loaded",
                way_out=Text(f"先运行 {command}", f"Run {command} first"),
            )
        found = await company.score(Findings(services.database, services.gateway, workspace), file)
    out.result(found.document(), *score_lines(out, found))


def _now(clock: Clock) -> datetime:
    return clock.now().astimezone(ZoneInfo(ZONE)).replace(second=0, microsecond=0)


def _passwords_file(settings: Settings, company: DemoCompany | type[DemoCompany]) -> Path:
    return settings.data_dir / "demo" / f"{company.mark}sign-ins.json"


def _truth_file(settings: Settings, company: DemoCompany | type[DemoCompany]) -> Path:
    return settings.data_dir / "demo" / f"{company.mark}truth.json"
