"""The ways to sign in beside a password, for the page of sign-in; and the way back to it for who was refused."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from tongmai.kit import Text, TongmaiError
from tongmai.store import find_workspace
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation
from tongmai.web.shapes import items_of
from tongmai.web.shapes.identity import SignInWay

_Vendor: TypeAlias = Literal["wecom", "dingtalk"]
# The kinds of sources whose members can sign in.
_VENDORS: dict[str, _Vendor] = {"wecom": "wecom", "dingtalk": "dingtalk"}


def returning(
    cookie: Callable[[Call], str],
) -> Callable[[Callable[[Call], Awaitable[Response]]], Callable[[Call], Awaitable[Response]]]:
    """A person whom a provider does not let in sees the page of sign-in again, with the code of the reason and on to
    the page that was asked for; a program gets the problem document. ``cookie`` names what was sealed at the start."""

    def around(handler: Callable[[Call], Awaitable[Response]]) -> Callable[[Call], Awaitable[Response]]:
        @functools.wraps(handler)
        async def handle(call: Call) -> Response:
            try:
                return await handler(call)
            except TongmaiError as error:
                if "text/html" not in call.request.headers.get("accept", ""):
                    raise
                told = {"refused": error.faults[0].code if error.faults else error.code}
                kept = call.request.cookies.get(cookie(call), "")
                path = await call.services.identity.member_sign_in.asked_for(kept, call.query.get("return_to"))
                if path != "/":
                    told["from"] = path
                return RedirectResponse(f"/sign-in?{urlencode(told)}", status_code=303)

        return handle

    return around


async def list_ways(call: Call) -> Response:
    """Only what the operator allows and a workspace has. Names no workspace or source by its label: nobody is signed
    in yet."""
    services = call.services
    found = [SignInWay(kind="oidc", address="/api/oidc/start", place="")] if services.identity.has_oidc else []
    for place in filter(None, (each.strip() for each in services.settings.sign_in_sources.split(","))):
        key, _, source = place.partition("/")
        async with services.database.read() as tx:
            workspace = await find_workspace(tx, key)
        if workspace is None:
            continue
        catalogue = await services.catalogues.get(workspace)
        kinds = (_VENDORS.get(each.kind) for each in catalogue.sources if each.key == source)
        found += [
            SignInWay(kind=kind, address=f"/api/sign-in/{place}", place=place) for kind in kinds if kind is not None
        ]
    return document({"items": found})


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/sign-in-ways",
        list_ways,
        "session",
        Text("除密码外的登录方式", "Ways to sign in beside a password"),
        access="open",
        answers={200: Answer(Text("登录方式", "Ways to sign in"), items_of(SignInWay))},
    ),
)
