"""Signing in as a member of WeCom or DingTalk."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from tongmai.kit import Text, TongmaiError
from tongmai.link import no_entrance
from tongmai.store import Workspace, find_workspace
from tongmai.web.call import Call
from tongmai.web.operation import YES_NO, Answer, Operation, Parameter
from tongmai.web.problems import not_signed_in
from tongmai.web.routes.sign_in_ways import returning

_MINUTES = 10


def _cookie(call: Call) -> str:
    return f"{call.services.doorkeeper.cookie}-member"


@returning(_cookie)
async def start_member_sign_in(call: Call) -> Response:
    workspace, services = await _workspace(call), call.services
    back = _back(call)
    started = await services.identity.member_sign_in.start(
        redirect_uri=back, return_to=call.query.get("return_to", "/"), workspace=_place(call)
    )
    address = await services.links.entrance.address(
        workspace, call.part("source"), redirect_uri=back, state=started.state, inside=_is_inside(call)
    )
    answer = RedirectResponse(address, status_code=303)
    answer.set_cookie(
        _cookie(call),
        started.cookie,
        max_age=_MINUTES * 60,
        path="/",
        secure=services.doorkeeper.is_https,
        httponly=True,
        # The vendor sends the browser back from another site.
        samesite="lax",
    )
    return answer


@returning(_cookie)
async def finish_member_sign_in(call: Call) -> Response:
    workspace, services, keeper = await _workspace(call), call.services, call.services.doorkeeper
    kept = call.request.cookies.get(_cookie(call))
    code = call.query.get("code") or call.query.get("authCode", "")
    if not kept or len(kept) > 4096 or not code:
        raise not_signed_in()
    sign_in, entrance, source = services.identity.member_sign_in, services.links.entrance, call.part("source")
    return_to = await sign_in.check(kept, call.query.get("state", ""), redirect_uri=_back(call), workspace=_place(call))
    arrived = await entrance.arrive(workspace, source, code)
    try:
        signed_in = await sign_in.enter(
            workspace,
            arrived.person,
            call.origin,
            by=arrived.by,
            language=call.language,
            previous=keeper.session_secret(call.request),
        )
    except TongmaiError as error:
        await entrance.tell(workspace, source, error, member=arrived.userid)
        raise
    answer = RedirectResponse(return_to, status_code=303)
    answer.delete_cookie(_cookie(call), path="/", secure=keeper.is_https, httponly=True, samesite="lax")
    keeper.give(answer, signed_in)
    return answer


async def _workspace(call: Call) -> Workspace:
    """The workspace, if the program's operator lets members of this source sign in: who configures a source says who
    its members are, and must not thereby become anybody he likes."""
    allowed = {each.strip() for each in call.services.settings.sign_in_sources.split(",")}
    if _place(call) not in allowed:
        raise no_entrance()
    async with call.services.database.read() as tx:
        found = await find_workspace(tx, call.part("workspace"))
    if found is None:
        raise no_entrance()
    return found


def _place(call: Call) -> str:
    """What the cookie is bound to beside the browser."""
    return f"{call.part('workspace')}/{call.part('source')}"


def _back(call: Call) -> str:
    settings = call.services.settings
    own = (settings.public_url or str(call.request.base_url)).rstrip("/")
    return f"{own}/api/sign-in/{_place(call)}/back"


def _is_inside(call: Call) -> bool:
    """Whether WeCom's own browser asks, which knows its member; any other is shown a code to scan."""
    return call.yes("inside", "wxwork/" in call.request.headers.get("user-agent", "").lower())


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/sign-in/{workspace}/{source}",
        start_member_sign_in,
        "session",
        Text("企业微信、钉钉登录：前往", "Sign in with WeCom or DingTalk"),
        access="open",
        parameters=(
            Parameter("return_to", Text("登录后前往的路径", "Where to go on to"), longest=2000),
            Parameter(
                "inside",
                Text("在企业微信内（不填则看浏览器）", "Inside WeCom; left out, the browser tells"),
                YES_NO,
            ),
        ),
        answers={303: Answer(Text("前往登录", "On to the vendor"))},
        problems=(404,),
    ),
    Operation(
        "GET",
        "/api/sign-in/{workspace}/{source}/back",
        finish_member_sign_in,
        "session",
        Text("企业微信、钉钉登录：返回", "Back from WeCom or DingTalk"),
        access="open",
        answers={303: Answer(Text("已登录", "Signed in"))},
        problems=(401, 403, 404),
        any_query=True,
    ),
)
