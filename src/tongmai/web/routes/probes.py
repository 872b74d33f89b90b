"""Probes for whoever runs the program: is it alive, can it answer, what does it do."""

from __future__ import annotations

import asyncio
from hmac import compare_digest
from ipaddress import ip_address

from starlette.responses import Response

from tongmai.access import require_manage
from tongmai.kit import Text, Unavailable
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.figures import CONTENT_TYPE
from tongmai.web.operation import Answer, Operation

_PATIENCE_S = 2.0
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


async def healthz(call: Call) -> Response:
    """The process answers. Says nothing of the database, so that an orchestrator does not kill what only waits."""
    return document({"status": "ok"})


async def readyz(call: Call) -> Response:
    if call.services.stopping.is_set():
        raise Unavailable.of("stopping", "服务正在停止", "The service is stopping")
    try:
        async with asyncio.timeout(_PATIENCE_S), call.services.database.read() as tx:
            await tx.fetch_value("SELECT 1")
    except TimeoutError:
        raise Unavailable.of("database.slow", "数据库没有及时应答", "The database does not answer in time") from None
    return document({"status": "ready"})


async def metrics(call: Call) -> Response:
    """For the networks of the settings (this machine), for who shows the token of the settings, and for who administers
    the jobs of a workspace (by token: scope ``admin``)."""
    if not (_is_near(call) or _shows_token(call)):
        await call.authenticate()
        require_manage(call.actor, await call.catalogue(), "jobs")
    return Response(call.services.figures.exposition(), media_type=CONTENT_TYPE)


def _is_near(call: Call) -> bool:
    # Behind a proxy every request comes from where the proxy is; it is known by what a proxy adds.
    if call.ip is None or any(name in call.request.headers for name in _FORWARDED):
        return False
    try:
        address = ip_address(call.ip)
    except ValueError:
        return False
    return any(address in network for network in call.services.settings.metrics_from)


def _shows_token(call: Call) -> bool:
    wanted = call.services.settings.metrics_token
    if wanted is None:
        return False
    shown = call.request.headers.get("authorization", "")
    return compare_digest(shown.encode(), f"Bearer {wanted.get_secret_value()}".encode())


_STATUS = {"type": "object", "properties": {"status": {"type": "string"}}}
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/healthz",
        healthz,
        "probes",
        Text("进程存活", "Is the process alive"),
        access="open",
        answers={200: Answer(Text("存活", "It is"), _STATUS)},
    ),
    Operation(
        "GET",
        "/readyz",
        readyz,
        "probes",
        Text("能否服务", "Can it serve"),
        access="open",
        answers={200: Answer(Text("可以", "It can"), _STATUS)},
    ),
    Operation(
        "GET",
        "/metrics",
        metrics,
        "probes",
        Text("Prometheus 指标", "Figures for Prometheus"),
        access="open",
        answers={200: Answer(Text("指标", "Figures"), None, ("text/plain",))},
        problems=(401, 403),
    ),
)
