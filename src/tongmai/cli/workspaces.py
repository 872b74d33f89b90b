"""tongmai workspace: make, list, drop."""

from __future__ import annotations

from typing import Annotated

import typer

from tongmai.cli.opening import opened, opened_in
from tongmai.cli.options import JsonOption, WorkspaceArgument, YesOption
from tongmai.cli.output import Output, run
from tongmai.cli.speech import both, example
from tongmai.kit import Invalid, Text
from tongmai.schema import create_workspace
from tongmai.store import Workspace, drop_workspace, list_workspaces

app = typer.Typer(help=both("工作区：一家公司一个", "Workspaces: one for each company"), no_args_is_help=True)


@app.command(
    help=both("新建工作区", "Make a workspace"), epilog=example("tongmai workspace create acme --zh 甲公司 --en Acme")
)
def create(
    context: typer.Context,
    workspace: WorkspaceArgument,
    zh: Annotated[str | None, typer.Option(help=both("中文名称", "Name in Chinese"))] = None,
    en: Annotated[str | None, typer.Option(help=both("英文名称", "Name in English"))] = None,
    zone: Annotated[str, typer.Option(help=both("时区", "Time zone"))] = "Asia/Shanghai",
    currency: Annotated[str, typer.Option(help=both("货币", "Currency"))] = "CNY",
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        label = Text(zh or en or workspace, en or zh or workspace)
        async with opened() as services:
            made = await create_workspace(
                services.database, services.catalogues, services.clock, workspace, label, zone, currency=currency
            )
        way = f"tongmai user add LOGIN -w {made.key} --role administrator"
        line = out.say(f"已新建工作区 {made.key}。下一步：{way}", f"Workspace {made.key} made. Next: {way}")
        out.result(_document(made), line)

    run(context, json, work)


@app.command("list", help=both("列出工作区", "List the workspaces"), epilog=example("tongmai workspace list --json"))
def list_(context: typer.Context, json: JsonOption = False) -> None:
    async def work(out: Output) -> None:
        async with opened() as services, services.database.read() as tx:
            found = await list_workspaces(tx)
        columns = (out.say("键", "key"), out.say("名称", "name"), out.say("时区", "zone"))
        rows = [(each.key, each.label.say(out.language), each.zone) for each in found]
        documents = [_document(each) for each in found]
        out.table({"items": documents}, columns, rows, Text("还没有工作区", "There is no workspace yet"))

    run(context, json, work)


@app.command(
    help=both("删除工作区及其全部数据（不可恢复）", "Drop a workspace with all its data, for good"),
    epilog=example("tongmai backup acme.tongmai -w acme", "tongmai workspace drop acme"),
)
def drop(
    context: typer.Context, workspace: WorkspaceArgument, yes: YesOption = False, json: JsonOption = False
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            if not yes:
                _require_typed(out, workspace)
            async with services.database.write() as tx:
                await drop_workspace(tx, place)
            services.catalogues.forget(place)
        out.result(_document(place), out.say(f"已删除工作区 {workspace}", f"Workspace {workspace} dropped"))

    run(context, json, work)


def _require_typed(out: Output, key: str) -> None:
    """Whoever drops a company's data types its key, so that it is not the wrong one."""
    given = typer.prompt(out.say("请输入工作区的键以确认删除", "Type the workspace's key to drop it"), err=True)
    if given != key:
        raise Invalid.of(
            "workspace.not_confirmed",
            "键不一致，未删除",
            "That is another key: nothing was dropped",
            way_out=Text("请输入完整的键", "Type its whole key"),
        )


def _document(workspace: Workspace) -> dict[str, str]:
    return {
        "key": workspace.key,
        "label_zh": workspace.label.zh,
        "label_en": workspace.label.en,
        "zone": workspace.zone,
        "currency": workspace.currency,
        "created_at": workspace.created_at.isoformat(),
    }
