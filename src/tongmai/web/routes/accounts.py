"""Sign-ins of the people of a workspace: who has one, make one, set a password, switch it off and on."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.access import require_manage
from tongmai.kit import Text
from tongmai.web.answers import document, nothing
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation
from tongmai.web.shapes import items_of
from tongmai.web.shapes.identity import AccountLine, AccountMade


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountWanted(_Body):
    """``person`` is a record of the object person."""

    person: UUID
    login: str = Field(max_length=320)
    password: str | None = Field(None, max_length=1024)


class PasswordSet(_Body):
    password: str = Field(max_length=1024)


class AccountSwitch(_Body):
    disabled: bool


async def list_accounts(call: Call) -> Response:
    require_manage(call.actor, await call.catalogue(), "people")
    members = await call.services.identity.list_members(call.workspace)
    return document(
        {
            "items": [
                {
                    "person": str(each.person_id),
                    "login": each.login,
                    "has_password": each.has_password,
                    "has_oidc": each.has_oidc,
                    "disabled_at": each.disabled_at and each.disabled_at.isoformat(),
                    "created_at": each.created_at.isoformat(),
                }
                for each in members
            ]
        }
    )


async def make_account(call: Call) -> Response:
    given = await call.body(AccountWanted)
    await call.services.identity.create_account(
        call.actor,
        call.workspace,
        await call.catalogue(),
        person_id=given.person,
        login=given.login,
        password=given.password,
    )
    return document({"person": str(given.person), "login": given.login}, status=201)


async def set_password(call: Call) -> Response:
    given = await call.body(PasswordSet)
    await call.services.identity.set_password(
        call.actor, call.workspace, await call.catalogue(), call.id(), given.password
    )
    return nothing()


async def switch_account(call: Call) -> Response:
    given = await call.body(AccountSwitch)
    await call.services.identity.switch_account(
        call.actor, call.workspace, await call.catalogue(), call.id(), disabled=given.disabled
    )
    return nothing()


_DONE = {204: Answer(Text("完成", "Done"))}
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/accounts",
        list_accounts,
        "accounts",
        Text("登录账号", "Sign-ins"),
        answers={200: Answer(Text("账号", "Sign-ins"), items_of(AccountLine))},
    ),
    Operation(
        "POST",
        "/api/accounts",
        make_account,
        "accounts",
        Text("为人员新建账号", "Make a sign-in for a person"),
        takes=AccountWanted,
        answers={201: Answer(Text("已新建", "Made"), AccountMade)},
        problems=(404, 409, 413, 415),
    ),
    Operation(
        "PUT",
        "/api/accounts/{id}/password",
        set_password,
        "accounts",
        Text("重设他人密码", "Set someone's password"),
        takes=PasswordSet,
        answers=_DONE,
        problems=(404, 413, 415),
    ),
    Operation(
        "PATCH",
        "/api/accounts/{id}",
        switch_account,
        "accounts",
        Text("停用或启用账号", "Switch a sign-in off or on"),
        takes=AccountSwitch,
        answers=_DONE,
        problems=(404, 413, 415),
    ),
)
