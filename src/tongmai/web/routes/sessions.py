"""Signing in and out, who I am, my sessions, my password, my tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.access import AREAS, manages
from tongmai.identity import SignedIn, csrf_for
from tongmai.kit import Text
from tongmai.web.answers import document, nothing
from tongmai.web.call import Call
from tongmai.web.doorkeeper import refuse_foreign_site
from tongmai.web.operation import Answer, Operation
from tongmai.web.problems import not_signed_in
from tongmai.web.shapes import Caption, items_of
from tongmai.web.shapes.identity import SessionLine, TokenLine, TokenMade


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SignIn(_Body):
    login: str = Field(max_length=320)
    password: str = Field(max_length=1024)
    workspace: str | None = Field(None, max_length=40)


class SessionGiven(_Body):
    """``csrf_token`` goes into the header ``X-CSRF-Token`` of every request that changes something."""

    csrf_token: str
    expires_at: datetime
    workspace: str
    workspaces: tuple[str, ...] = ()


class PasswordChange(_Body):
    current: str = Field(max_length=1024)
    new: str = Field(max_length=1024)


class WorkspaceChosen(_Body):
    workspace: str = Field(max_length=40)


class TokenWanted(_Body):
    name: str = Field(max_length=100)
    scopes: tuple[str, ...] = Field(max_length=100)
    days: int = Field(90, ge=1, le=366)


class PersonShown(_Body):
    id: UUID
    name: str


class WorkspaceShown(_Body):
    key: str
    label: Caption
    zone: str
    currency: str


class Me(_Body):
    person: PersonShown
    login: str
    workspace: WorkspaceShown
    roles: list[str]
    manages: list[str]
    via: str
    scopes: list[str] | None


async def sign_in(call: Call) -> Response:
    refuse_foreign_site(call.request)
    given = await call.body(SignIn)
    services = call.services
    try:
        signed_in = await services.identity.sign_in(
            given.login,
            given.password,
            call.origin,
            workspace=given.workspace,
            language=call.language,
            previous=services.doorkeeper.session_secret(call.request),
        )
    except Exception:
        services.figures.sign_ins.labels("refused").inc()
        raise
    services.figures.sign_ins.labels("done").inc()
    return _enter(call, signed_in, status=201)


async def read_session(call: Call) -> Response:
    """The CSRF token again, for a page that has lost it. A foreign page cannot read the answer."""
    presence = call.signed_in
    secret = call.services.doorkeeper.session_secret(call.request)
    if presence.session is None or secret is None:
        raise not_signed_in()
    given = SessionGiven(
        csrf_token=csrf_for(secret), expires_at=presence.session.expires_at, workspace=presence.workspace.key
    )
    return document(given)


async def sign_out(call: Call) -> Response:
    secret = call.services.doorkeeper.session_secret(call.request)
    if secret is not None and call.signed_in.session is not None:
        await call.services.identity.sign_out(secret)
    answer = nothing()
    call.services.doorkeeper.take_back(answer)
    return answer


async def read_me(call: Call) -> Response:
    presence, actor = call.signed_in, call.actor
    workspace = presence.workspace
    catalogue = await call.catalogue()
    return document(
        Me(
            person=PersonShown(id=actor.id, name=actor.person.name),
            login=presence.login,
            workspace=WorkspaceShown(
                key=workspace.key,
                label={"zh": workspace.label.zh, "en": workspace.label.en},
                zone=workspace.zone,
                currency=workspace.currency,
            ),
            roles=sorted(actor.roles),
            manages=sorted(area for area in AREAS if manages(actor, catalogue, area)),
            via=actor.via,
            scopes=None if actor.scopes is None else sorted(actor.scopes),
        )
    )


async def list_sessions(call: Call) -> Response:
    present = call.signed_in.session
    lines = await call.services.identity.list_sessions(call.signed_in)
    return document(
        {
            "items": [
                {
                    "id": str(line.id),
                    "created_at": line.created_at.isoformat(),
                    "seen_at": line.seen_at.isoformat(),
                    "expires_at": line.expires_at.isoformat(),
                    "ip": line.ip,
                    "agent": line.agent,
                    "present": present is not None and present.id == line.id,
                }
                for line in lines
            ]
        }
    )


async def end_session(call: Call) -> Response:
    await call.services.identity.end_session(call.signed_in, call.id())
    return nothing()


async def change_password(call: Call) -> Response:
    given = await call.body(PasswordChange)
    signed_in = await call.services.identity.change_password(call.signed_in, given.current, given.new, call.origin)
    return _enter(call, signed_in)


async def switch_workspace(call: Call) -> Response:
    given = await call.body(WorkspaceChosen)
    secret = call.services.doorkeeper.session_secret(call.request) or ""
    signed_in = await call.services.identity.switch_workspace(call.signed_in, secret, given.workspace, call.origin)
    return _enter(call, signed_in)


async def list_tokens(call: Call) -> Response:
    tokens = await call.services.identity.list_own_tokens(call.signed_in)
    return document(
        {
            "items": [
                {
                    "id": str(token.id),
                    "prefix": token.prefix,
                    "name": token.name,
                    "scopes": list(token.scopes),
                    "created_at": token.created_at.isoformat(),
                    "expires_at": token.expires_at.isoformat(),
                    "seen_at": token.seen_at and token.seen_at.isoformat(),
                }
                for token in tokens
            ]
        }
    )


async def make_token(call: Call) -> Response:
    given = await call.body(TokenWanted)
    token, secret = await call.services.identity.make_token(
        call.actor,
        call.workspace,
        await call.catalogue(),
        name=given.name,
        scopes=given.scopes,
        expires_at=call.services.clock.now() + timedelta(days=given.days),
    )
    shown = {"id": str(token.id), "name": token.name, "expires_at": token.expires_at.isoformat(), "token": secret}
    return document(shown, status=201)


async def revoke_token(call: Call) -> Response:
    await call.services.identity.revoke_token(call.actor, call.workspace, await call.catalogue(), call.id())
    return nothing()


def _enter(call: Call, signed_in: SignedIn, *, status: int = 200) -> Response:
    answer = document(
        SessionGiven(
            csrf_token=signed_in.csrf_token,
            expires_at=signed_in.expires_at,
            workspace=signed_in.workspace.key,
            workspaces=signed_in.workspaces,
        ),
        status=status,
    )
    call.services.doorkeeper.give(answer, signed_in)
    return answer


_GONE = {204: Answer(Text("完成", "Done"))}
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/api/session",
        sign_in,
        "session",
        Text("登录", "Sign in"),
        access="open",
        takes=SignIn,
        answers={201: Answer(Text("已登录", "Signed in"), SessionGiven)},
        problems=(401, 403, 413, 415),
    ),
    Operation(
        "GET",
        "/api/session",
        read_session,
        "session",
        Text("当前会话", "The present session"),
        answers={200: Answer(Text("会话", "The session"), SessionGiven)},
    ),
    Operation("DELETE", "/api/session", sign_out, "session", Text("退出", "Sign out"), answers=_GONE),
    Operation(
        "GET", "/api/me", read_me, "session", Text("我是谁", "Who I am"), answers={200: Answer(Text("我", "Me"), Me)}
    ),
    Operation(
        "GET",
        "/api/sessions",
        list_sessions,
        "session",
        Text("我的会话", "My sessions"),
        answers={200: Answer(Text("会话", "Sessions"), items_of(SessionLine))},
    ),
    Operation(
        "DELETE",
        "/api/sessions/{id}",
        end_session,
        "session",
        Text("结束一个会话", "End a session"),
        answers=_GONE,
        problems=(404,),
    ),
    Operation(
        "PUT",
        "/api/password",
        change_password,
        "session",
        Text("修改密码（其他会话随之结束）", "Change the password (ends all other sessions)"),
        takes=PasswordChange,
        answers={200: Answer(Text("新会话", "A new session"), SessionGiven)},
        problems=(413, 415),
    ),
    Operation(
        "POST",
        "/api/session/workspace",
        switch_workspace,
        "session",
        Text("切换工作区", "Change over to another workspace"),
        takes=WorkspaceChosen,
        answers={200: Answer(Text("新会话", "A new session"), SessionGiven)},
        problems=(413, 415),
    ),
    Operation(
        "GET",
        "/api/tokens",
        list_tokens,
        "session",
        Text("我的令牌", "My tokens"),
        answers={200: Answer(Text("令牌", "Tokens"), items_of(TokenLine))},
    ),
    Operation(
        "POST",
        "/api/tokens",
        make_token,
        "session",
        Text("新建令牌（只显示一次）", "Make a token (shown once)"),
        takes=TokenWanted,
        answers={201: Answer(Text("令牌", "The token"), TokenMade)},
        problems=(409, 413, 415),
    ),
    Operation(
        "DELETE",
        "/api/tokens/{id}",
        revoke_token,
        "session",
        Text("吊销令牌", "Revoke a token"),
        answers=_GONE,
        problems=(404,),
    ),
)
