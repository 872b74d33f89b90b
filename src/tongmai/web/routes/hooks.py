"""Call-backs of vendors: verified by their source, stored before they are answered."""

from __future__ import annotations

import re
from dataclasses import replace

from starlette.responses import Response

from tongmai.kit import NotFound, Text, TooLarge
from tongmai.link import HookCall
from tongmai.store import Workspace, find_workspace, list_workspaces
from tongmai.web.answers import nothing
from tongmai.web.body import read_body
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation
from tongmai.web.shapes.linking import HookTaken

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


async def receive_hook(call: Call) -> Response:
    return await _receive(call, await _only_workspace(call))


async def receive_workspace_hook(call: Call) -> Response:
    key = call.part("workspace")
    if not _KEY.fullmatch(key):
        raise _no_hook()
    async with call.services.database.read() as tx:
        workspace = await find_workspace(tx, key)
    if workspace is None:
        raise _no_hook()
    return await _receive(call, workspace)


async def verify_hook(call: Call) -> Response:
    return await receive_hook(call)


async def verify_workspace_hook(call: Call) -> Response:
    return await receive_workspace_hook(call)


async def _receive(call: Call, workspace: Workspace) -> Response:
    receiver, source = call.services.links.receiver, call.part("source")
    headers = {name.lower(): value for name, value in call.request.headers.items()}
    given = HookCall(call.request.method, call.query, headers, b"", call.ip)
    try:
        body = await read_body(call.request, call.services.settings.max_body_bytes)
    except TooLarge as error:
        await receiver.refuse(workspace, source, given, error)
        raise
    answer = await receiver.receive(workspace, source, replace(given, body=body))
    if not answer.body and answer.status == 204:
        return nothing()
    return Response(answer.body, answer.status, media_type=answer.media_type)


async def _only_workspace(call: Call) -> Workspace:
    """The short address is for installations with one workspace."""
    async with call.services.database.read() as tx:
        workspaces = await list_workspaces(tx)
    if len(workspaces) != 1:
        raise _no_hook()
    return workspaces[0]


def _no_hook() -> NotFound:
    return NotFound.of("source.no_hook", "没有这个回调地址", "There is no such hook")


_ANYTHING = {
    200: Answer(Text("来源约定的答复", "What the vendor expects"), media_types=("text/plain",)),
    202: Answer(Text("已收下", "Taken"), HookTaken),
    204: Answer(Text("已收下", "Taken")),
}
_TAKES = ("application/json", "application/xml", "text/xml", "text/plain", "application/octet-stream")
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST", "/api/hooks/{source}", receive_hook, "hooks",
        Text("接收回调（唯一的工作区）", "Take a call-back (of the only workspace)"),
        access="open", raw=_TAKES, answers=_ANYTHING, problems=(403, 404, 413), any_query=True,
    ),
    Operation(
        "GET", "/api/hooks/{source}", verify_hook, "hooks",
        Text("厂商验证回调地址", "A vendor verifies the address"),
        access="open", answers=_ANYTHING, problems=(403, 404), any_query=True,
    ),
    Operation(
        "POST", "/api/hooks/{workspace}/{source}", receive_workspace_hook, "hooks",
        Text("接收某个工作区的回调", "Take a call-back of a workspace"),
        access="open", raw=_TAKES, answers=_ANYTHING, problems=(403, 404, 413), any_query=True,
    ),
    Operation(
        "GET", "/api/hooks/{workspace}/{source}", verify_workspace_hook, "hooks",
        Text("厂商验证某个工作区的回调地址", "A vendor verifies the address of a workspace"),
        access="open", answers=_ANYTHING, problems=(403, 404), any_query=True,
    ),
)  # fmt: skip
