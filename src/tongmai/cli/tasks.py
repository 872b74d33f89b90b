"""tongmai tasks: whose tasks are open, and closing one from the command line."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import orjson
import typer
from pydantic import JsonValue

from tongmai.access import Actor, SystemActor
from tongmai.cli.opening import opened_in
from tongmai.cli.options import JsonOption, WorkspaceOption
from tongmai.cli.output import Output, run
from tongmai.cli.speech import both, example
from tongmai.identity import load_actor
from tongmai.kit import Invalid, Language, NotFound, Text
from tongmai.model import TASK
from tongmai.store import Workspace
from tongmai.web import Services

app = typer.Typer(help=both("待办", "Tasks"), no_args_is_help=True)

TaskArgument = Annotated[str, typer.Argument(help=both("待办的 ID", "Id of the task"))]
AsOption = Annotated[
    str | None, typer.Option("--as", help=both("以谁的身份：账号", "As whom: a login; as the system if left out"))
]
_OPEN = 'state = "open"'
_OVERDUE = 'state = "open" AND due_at <= NOW()'
_MOST = 500


@app.command("list", help=both("列出待办", "List open tasks"), epilog=example("tongmai tasks list -w acme --overdue"))
def list_(
    context: typer.Context,
    overdue: Annotated[bool, typer.Option("--overdue", help=both("只列超时的", "Only those past their time"))] = False,
    as_: AsOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            actor = await _actor(services, place, as_, out.language)
            fields = ("title", "owner", "due_at", "subject", "state", "kind")
            page = await services.gateway.list(
                actor, place, TASK, filter=_OVERDUE if overdue else _OPEN, sort="due_at", fields=fields, limit=_MOST
            )
        items = orjson.loads(page)["items"]
        columns = (
            "ID", out.say("标题", "title"), out.say("负责人", "owner"), out.say("截止", "due"),
            out.say("关于", "about"),
        )  # fmt: skip
        rows = [
            (each["id"], each["title"], (each["owner"] or {}).get("label") or "", each["due_at"] or "",
             each["subject"] or "")
            for each in items
        ]  # fmt: skip
        out.table({"items": items}, columns, rows, Text("没有待办", "There is nothing to do"))

    run(context, json, work)


@app.command(
    help=both("完成一个待办", "Close a task as done"),
    epilog=example("tongmai tasks done 0197… --as wang@example.com --value phone=13800138000"),
)
def done(
    context: typer.Context,
    task: TaskArgument,
    value: Annotated[
        list[str] | None,
        typer.Option("--value", help=both("表单字段=值，可多次", "field=value, repeatable")),
    ] = None,
    note: Annotated[str | None, typer.Option(help=both("备注", "A remark"))] = None,
    as_: AsOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            actor = await _actor(services, place, as_, out.language)
            await services.work.tasks.done(actor, place, _id(task), _values(value or []), note)
        out.result({"id": task, "state": "done"}, out.say("已完成", "Done"))

    run(context, json, work)


@app.command(
    help=both("跳过一个待办，须写原因", "Skip a task, with a reason"),
    epilog=example("tongmai tasks skip 0197… --reason 客户住院 --as wang@example.com"),
)
def skip(
    context: typer.Context,
    task: TaskArgument,
    reason: Annotated[str, typer.Option(help=both("原因", "Why"))],
    as_: AsOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            actor = await _actor(services, place, as_, out.language)
            await services.work.tasks.skip(actor, place, _id(task), reason)
        out.result({"id": task, "state": "skipped"}, out.say("已跳过", "Skipped"))

    run(context, json, work)


async def _actor(
    services: Services, workspace: Workspace, login: str | None, language: Language
) -> Actor | SystemActor:
    """The person with the login, or the operator of this machine. Raises NotFound."""
    if login is None:
        return SystemActor("command line", language)
    members = await services.identity.list_members(workspace)
    person = next((each.person_id for each in members if each.login == login), None)
    if person is not None:
        async with services.database.read() as tx:
            found = await load_actor(tx, workspace, person, via="system:command line", language=language)
        if found is not None:
            return found
    raise NotFound.of("user.unknown", f"没有账号 {login}", f"There is no sign-in {login}", field="as")


def _id(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise Invalid.of("task.id", "不是待办的 ID", "This is not a task's id", field="task") from None


def _values(given: list[str]) -> dict[str, JsonValue]:
    """``field=value`` pairs. Raises Invalid for what is none."""
    found: dict[str, JsonValue] = {}
    for each in given:
        key, equals, value = each.partition("=")
        if not equals or not key:
            raise Invalid.of(
                "task.value",
                f"应为 字段=值：{each}",
                f"field=value is expected: {each}",
                field="value",
                way_out=Text("例如 result=done", "Like result=done"),
            )
        found[key] = value
    return found
