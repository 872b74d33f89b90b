"""tongmai app: install, upgrade, export and remove apps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from tongmai.cli.models import confirm, preview_lines
from tongmai.cli.opening import opened_in
from tongmai.cli.options import JsonOption, WorkspaceOption, YesOption
from tongmai.cli.output import Output, run
from tongmai.cli.speech import both, example
from tongmai.kit import NotFound
from tongmai.market import (
    Address,
    AppPackage,
    MarketPlan,
    Shares,
    Side,
    address_text,
    built_in_apps,
    kind_of,
    read_address,
    read_package,
    write_package,
)

app = typer.Typer(help=both("应用", "Apps"), no_args_is_help=True)
_AppArgument = Annotated[str, typer.Argument(help=both("应用名、文件夹或应用包", "Name, folder or package of an app"))]
_KeyArgument = Annotated[str, typer.Argument(help=both("应用名", "The app's key"))]
_ScenarioOption = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        help=both(
            "只装这个场景需要的（可多次）；以后再加", "Only what this scenario needs (may repeat); more can follow"
        ),
    ),
]
_TheirsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--theirs",
        metavar="'field customer.level'",
        help=both("两边都改了的，这一项用应用的（可多次）", "Where both changed it, take the app's (may repeat)"),
    ),
]
_PreviewOption = Annotated[bool, typer.Option("--preview", help=both("只预览", "Only show what it would do"))]


@app.command(
    "list", help=both("已安装和可安装的应用", "Installed and offered apps"), epilog=example("tongmai app list")
)
def list_(context: typer.Context, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            installed = await services.market.list(place)
        there = {each.key: each.version for each in installed}
        offered = [read_package(folder).info for _, folder in built_in_apps()]
        rows = [
            {"key": each.key, "label": each.label.say(out.language), "version": each.version,
             "installed": there.get(each.key)}
            for each in offered
        ]  # fmt: skip
        rows += [
            {"key": each.key, "label": each.label.say(out.language), "version": None, "installed": each.version}
            for each in installed
            if each.key not in {one.key for one in offered}
        ]
        out.result({"items": rows}, *(f"{row['key']:20} {row['label']}  {row['installed'] or '—'}" for row in rows))

    run(context, json, work)


@app.command(
    help=both("安装或升级：保留自己的改动", "Install or upgrade: your own changes stay"),
    epilog=example(
        "tongmai app install sales --yes",
        "tongmai app install sales --scenario collections --preview",
        "tongmai app install ./my-app --preview",
    ),
)
def install(
    context: typer.Context,
    source: _AppArgument,
    scenario: _ScenarioOption = None,
    theirs: _TheirsOption = None,
    workspace: WorkspaceOption = None,
    preview: _PreviewOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        package = _package(source)
        choices: dict[Address, Side] = {read_address(each): "theirs" for each in theirs or ()}
        async with opened_in(workspace) as (services, place):
            chosen = await services.market.narrow(place, package, scenario) if scenario else package
            plan = await services.market.plan(place, chosen, choices)
            if not preview:
                confirm(out, _lines(out, plan, choices), yes=yes)
                await services.market.install(place, chosen, choices=choices)
        label = package.info.label.say(out.language)
        done = out.say(f"{label} {package.info.version} 已安装", f"{label} {package.info.version} installed")
        _tell(out, plan, *(_lines(out, plan, choices) if preview else (done,)))

    run(context, json, work)


@app.command(
    help=both("应用的场景：从最痛的一个开始", "An app's scenarios: begin with the worst pain"),
    epilog=example("tongmai app scenarios sales"),
)
def scenarios(
    context: typer.Context, source: _AppArgument, workspace: WorkspaceOption = None, json: JsonOption = False
) -> None:
    async def work(out: Output) -> None:
        package = _package(source)
        async with opened_in(workspace) as (services, place):
            alone = await services.market.scenarios(place, package)
        rows = [
            {
                "key": each.scenario.key,
                "label": each.scenario.label.say(out.language),
                "pain": each.scenario.pain.say(out.language),
                "sources": [one.key for one in each.package.model.sources],
                "brings": {kind: {"count": count, "of": of} for kind, (count, of) in each.shares.items()},
                "installed": each.is_there,
            }
            for each in alone
        ]
        lines = [
            f"{each.scenario.key:16} {each.scenario.label.say(out.language)}  {_share_line(out, each.shares)}"
            for each in alone
        ]
        out.result({"items": rows}, *lines)

    run(context, json, work)


@app.command(
    help=both("移除应用：恰好移除它带来的", "Remove an app: exactly what it brought"),
    epilog=example("tongmai app remove sales --preview"),
)
def remove(
    context: typer.Context,
    key: _KeyArgument,
    workspace: WorkspaceOption = None,
    preview: _PreviewOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            plan = await services.market.plan_removal(place, key)
            if not preview:
                confirm(out, _lines(out, plan), yes=yes)
                await services.market.remove(place, key)
        _tell(out, plan, *(_lines(out, plan) if preview else (out.say(f"{key} 已移除", f"{key} removed"),)))

    run(context, json, work)


@app.command(
    help=both("把自己搭建的内容导出为应用包", "Export what was built here as a package"),
    epilog=example("tongmai app export acme acme.zip"),
)
def export(
    context: typer.Context,
    key: _KeyArgument,
    file: Annotated[Path, typer.Argument(help=both("写到哪里", "Where to write it"))],
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            package = await services.market.export(place, key)
        content = write_package(package)
        file.write_bytes(content)
        info = package.info
        lines = [out.say(f"已写入 {file}（{info.version} 版）", f"Written to {file} (version {info.version})")]
        if info.requires:
            needs = ", ".join(info.requires)
            lines.append(out.say(f"安装前需要：{needs}", f"It needs: {needs}"))
        document = {"file": str(file), "bytes": len(content), "version": info.version, "requires": list(info.requires)}
        out.result(document, *lines)

    run(context, json, work)


def _share_line(out: Output, shares: Shares) -> str:
    """`2/28 objects, 9/242 fields, 1/4 sources`."""
    words = {"object": ("个对象", "objects"), "field": ("个字段", "fields"), "source": ("个数据源", "sources")}
    counted = [(*shares[kind], *word) for kind, word in words.items() if kind in shares]
    return ", ".join(out.say(f"{count}/{of} {zh}", f"{count}/{of} {en}") for count, of, zh, en in counted)


def _package(source: str) -> AppPackage:
    for name, folder in built_in_apps():
        if name == source:
            return read_package(folder)
    path = Path(source)
    if not path.exists():
        raise NotFound.of("app.unknown", f"没有应用“{source}”", f"There is no app “{source}”")
    return read_package(path)


def _lines(out: Output, plan: MarketPlan, choices: Mapping[Address, Side] | None = None) -> list[str]:
    comes = Counter(kind_of(each).say(out.language) for each in plan.added)
    lines = [out.say(f"新增 {kind} {count}", f"adds {count} {kind}") for kind, count in comes.items()]
    lines += preview_lines(plan.preview, out.language)
    lines += [
        out.say(f"保留你的改动：{address_text(each)}", f"yours stays: {address_text(each)}") for each in plan.kept
    ]
    lines += [_conflict_line(out, each.address, (choices or {}).get(each.address, "mine")) for each in plan.conflicts]
    lines += [out.say(f"会一并失去：{address_text(each)}", f"goes with it: {address_text(each)}") for each in plan.lost]
    return lines


def _conflict_line(out: Output, address: Address, side: Side) -> str:
    at = address_text(address)
    if side == "theirs":
        return out.say(f"两边都改了，用应用的：{at}", f"both changed, the app's is taken: {at}")
    return out.say(
        f"两边都改了，保留你的：{at}（要用应用的：--theirs '{at}'）",
        f"both changed, yours stays: {at} (to take the app's: --theirs '{at}')",
    )


def _tell(out: Output, plan: MarketPlan, *lines: str) -> None:
    document = {
        "preview": plan.preview.document(out.language),
        "conflicts": [address_text(each.address) for each in plan.conflicts],
        "kept": [address_text(each) for each in plan.kept],
        "lost": [address_text(each) for each in plan.lost],
    }
    out.result(document, *lines)
