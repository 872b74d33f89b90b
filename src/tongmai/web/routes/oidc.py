"""Signing in through the company's own provider: away with a sealed cookie, back with a code, in with a session."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from tongmai.kit import Text
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation, Parameter
from tongmai.web.problems import not_signed_in
from tongmai.web.routes.sign_in_ways import returning

_CALLBACK = "/api/oidc/callback"
_MINUTES = 10
_ANSWERS = ("code", "state", "error", "error_description", "iss", "session_state", "scope")


def _cookie(call: Call) -> str:
    return call.services.doorkeeper.oidc_cookie


@returning(_cookie)
async def start_oidc(call: Call) -> Response:
    started = await call.services.identity.start_oidc(
        redirect_uri=_own_address(call) + _CALLBACK,
        return_to=call.query.get("return_to", "/"),
        workspace=call.query.get("workspace"),
    )
    answer = RedirectResponse(started.url, status_code=303)
    keeper = call.services.doorkeeper
    answer.set_cookie(
        keeper.oidc_cookie,
        started.cookie,
        max_age=_MINUTES * 60,
        path="/",
        secure=keeper.is_https,
        httponly=True,
        # The provider sends the browser back from another site.
        samesite="lax",
    )
    return answer


@returning(_cookie)
async def finish_oidc(call: Call) -> Response:
    keeper = call.services.doorkeeper
    kept = call.request.cookies.get(keeper.oidc_cookie)
    if not kept or len(kept) > 4096:
        raise not_signed_in()
    signed_in, return_to = await call.services.identity.finish_oidc(
        kept, call.query, call.origin, language=call.language, previous=keeper.session_secret(call.request)
    )
    answer = RedirectResponse(_own_path(return_to), status_code=303)
    answer.delete_cookie(keeper.oidc_cookie, path="/", secure=keeper.is_https, httponly=True, samesite="lax")
    keeper.give(answer, signed_in)
    return answer


def _own_address(call: Call) -> str:
    settings = call.services.settings
    return (settings.public_url or str(call.request.base_url)).rstrip("/")


def _own_path(path: str) -> str:
    """A path of this site, whatever was asked for: a sign-in must not send people to another one."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own else "/"


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/oidc/start",
        start_oidc,
        "session",
        Text("统一登录：前往", "Sign in through the provider"),
        access="open",
        parameters=(
            Parameter("return_to", Text("登录后前往的路径", "Where to go on to"), longest=2000),
            Parameter("workspace", Text("工作区", "Workspace"), longest=40),
        ),
        answers={303: Answer(Text("前往统一登录", "On to the provider"))},
        problems=(404,),
    ),
    Operation(
        "GET",
        _CALLBACK,
        finish_oidc,
        "session",
        Text("统一登录：返回", "Back from the provider"),
        access="open",
        parameters=tuple(Parameter(name, Text("由统一登录给出", "Given by the provider")) for name in _ANSWERS),
        answers={303: Answer(Text("已登录", "Signed in"))},
        problems=(401, 403),
    ),
)
