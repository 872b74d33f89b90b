"""tongmai user: people and their sign-ins."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer
from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.cli.opening import opened_in
from tongmai.cli.options import JsonOption, WorkspaceOption
from tongmai.cli.output import Output, run
from tongmai.cli.passwords import read_password
from tongmai.cli.speech import both, example
from tongmai.identity import Member
from tongmai.kit import Fault, Invalid, NotFound, Text
from tongmai.model import Catalogue
from tongmai.store import Workspace
from tongmai.web import Services

app = typer.Typer(help=both("人员和登录账号", "People and their sign-ins"), no_args_is_help=True)
_ACTOR = SystemActor("command line")

LoginArgument = Annotated[str, typer.Argument(help=both("登录账号", "Login"))]
StdinOption = Annotated[bool, typer.Option("--password-stdin", help=both("从标准输入读密码", "Read it from stdin"))]


@app.command(
    help=both("新增人员及其账号", "Add a person with a sign-in"),
    epilog=example("tongmai user add wang@example.com --name 王芳 --role administrator"),
)
def add(
    context: typer.Context,
    login: LoginArgument,
    name: Annotated[str | None, typer.Option(help=both("姓名", "Name"))] = None,
    role: Annotated[list[str] | None, typer.Option(help=both("角色的键，可多次", "Role key, repeatable"))] = None,
    team: Annotated[str | None, typer.Option(help=both("团队名称或编号", "Name or id of the team"))] = None,
    workspace: WorkspaceOption = None,
    password_stdin: StdinOption = False,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        password = read_password(out, from_stdin=password_stdin)
        async with opened_in(workspace) as (services, place):
            person = await add_person(
                services, place, login=login, password=password, name=name or login, roles=role or [], team=team
            )
        line = out.say(f"已新增 {login}（工作区 {place.key}）", f"Added {login} to workspace {place.key}")
        out.result({"person": str(person), "login": login, "workspace": place.key}, line)

    run(context, json, work)


@app.command(
    help=both("重设密码（其会话和令牌随之失效）", "Set a password; ends the sessions and tokens"),
    epilog=example("tongmai user password wang@example.com"),
)
def password(
    context: typer.Context,
    login: LoginArgument,
    workspace: WorkspaceOption = None,
    password_stdin: StdinOption = False,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        given = read_password(out, from_stdin=password_stdin)
        async with opened_in(workspace) as (services, place):
            member = await _member(services, place, login)
            catalogue = await services.catalogues.get(place)
            await services.identity.set_password(_ACTOR, place, catalogue, member.person_id, given)
        out.result({"login": login}, out.say(f"已重设 {login} 的密码", f"The password of {login} is set"))

    run(context, json, work)


@app.command(
    help=both("新建访问令牌（只显示一次）", "Make a token, shown once"),
    epilog=example("tongmai user token wang@example.com --name 报表 --scope read --days 30"),
)
def token(
    context: typer.Context,
    login: LoginArgument,
    name: Annotated[str, typer.Option(help=both("令牌名称", "Name of the token"))],
    scope: Annotated[list[str], typer.Option(help=both("read、write:customer 等，可多次", "read, write:customer, …"))],
    days: Annotated[int, typer.Option(min=1, max=366, help=both("有效天数", "Days it holds"))] = 90,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            member = await _member(services, place, login)
            made, secret = await services.identity.make_token(
                _ACTOR,
                place,
                await services.catalogues.get(place),
                name=name,
                scopes=tuple(scope),
                expires_at=services.clock.now() + timedelta(days=days),
                person_id=member.person_id,
            )
        out.note("令牌只显示这一次：", "The token is shown this once:")
        out.result({"token": secret, "id": str(made.id), "expires_at": made.expires_at.isoformat()}, secret)

    run(context, json, work)


@app.command("list", help=both("列出账号", "List the sign-ins"), epilog=example("tongmai user list -w acme"))
def list_(context: typer.Context, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    async def work(out: Output) -> None:
        async with opened_in(workspace) as (services, place):
            members = await services.identity.list_members(place)
            people = await _people(services, place)
            roles = (await services.catalogues.get(place)).role_by_key
        documents, rows = [], []
        for each in members:
            person = people.get(str(each.person_id), {})
            held = [str(role) for role in person.get("roles") or ()]
            team = (person.get("team") or {}).get("label")
            left = person.get("active") is False
            documents.append(
                {
                    "login": each.login,
                    "person": str(each.person_id),
                    "name": person.get("name"),
                    "roles": held,
                    "team": team,
                    "has_password": each.has_password,
                    "has_oidc": each.has_oidc,
                    "disabled": each.disabled_at is not None,
                    "active": not left,
                }
            )
            labels = [roles[role].label.say(out.language) if role in roles else role for role in held]
            state = _state(each, has_left=left).say(out.language)
            rows.append((each.login, person.get("name") or "", "、".join(labels), team or "", state))
        columns = (
            out.say("账号", "login"), out.say("姓名", "name"), out.say("角色", "roles"),
            out.say("团队", "team"), out.say("状态", "state"),
        )  # fmt: skip
        out.table({"items": documents}, columns, rows, Text("还没有账号", "There is no sign-in yet"))

    run(context, json, work)


def _state(member: Member, *, has_left: bool) -> Text:
    """What keeps somebody from signing in, if anything does."""
    if member.disabled_at is not None:
        return Text("已停用", "disabled")
    if has_left:
        return Text("人员已停用", "person inactive")
    if not (member.has_password or member.has_oidc):
        return Text("尚无密码", "no password yet")
    return Text("可登录", "active")


async def _people(services: Services, workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Name, roles, team and activity of everybody, by id."""
    found: dict[str, dict[str, Any]] = {}
    cursor: str | None = None
    while True:
        fields = ("name", "roles", "team", "active")
        page = orjson.loads(
            await services.gateway.list(_ACTOR, workspace, "person", limit=500, cursor=cursor, fields=fields)
        )
        found |= {each["id"]: each for each in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def add_person(
    services: Services,
    workspace: Workspace,
    *,
    login: str,
    password: str,
    name: str,
    roles: list[str],
    team: str | None = None,
) -> UUID:
    """A person with an account. Raises Invalid for unknown roles or teams and for a weak password."""
    catalogue = await services.catalogues.get(workspace)
    _require_roles(catalogue, roles)
    values: dict[str, JsonValue] = {"name": name, "roles": [*roles]}
    if team is not None:
        values["team"] = str(await _team(services, workspace, team))
    made = await services.gateway.create(_ACTOR, workspace, "person", values)
    person = made.one.id
    try:
        await services.identity.create_account(
            _ACTOR, workspace, catalogue, person_id=person, login=login, password=password
        )
    except Exception:
        # Without a sign-in the person was not wanted: nothing is left half done.
        await services.gateway.delete(_ACTOR, workspace, "person", person)
        raise
    return person


async def _team(services: Services, workspace: Workspace, name: str) -> UUID:
    page = orjson.loads(await services.gateway.list(_ACTOR, workspace, "team", limit=500, fields=("name",)))
    for each in page["items"]:
        if name in (each["name"], each["id"]):
            return UUID(each["id"])
    raise NotFound.of(
        "team.unknown",
        f"没有团队“{name}”",
        f"There is no team “{name}”",
        field="team",
        way_out=Text("请先建立团队", "Make the team first"),
    )


def _require_roles(catalogue: Catalogue, roles: list[str]) -> None:
    known = "、".join(catalogue.role_by_key)
    faults = [
        Fault(
            "role.unknown",
            Text(f"没有角色“{each}”", f"There is no role “{each}”"),
            Text(f"可用：{known}", f"There are: {known}"),
            "role",
        )
        for each in roles
        if each not in catalogue.role_by_key
    ]
    if faults:
        raise Invalid(tuple(faults))


async def _member(services: Services, workspace: Workspace, login: str) -> Member:
    for each in await services.identity.list_members(workspace):
        if each.login.lower() == login.lower():
            return each
    raise NotFound.of(
        "account.unknown",
        f"没有账号 {login}",
        f"There is no sign-in {login}",
        field="login",
        way_out=Text("用 user list 查看账号", "See them by user list"),
    )
