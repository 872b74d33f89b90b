"""The outermost layer: a number for each request, the security headers, the access log, the timing.

Pure ASGI and one wrapper of ``send``: it costs some microseconds and holds nothing of a request's body. It also
answers what must be refused before anything else looks at it (a foreign host name).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from secrets import token_hex
from time import perf_counter

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tongmai.kit import Fault, Text
from tongmai.web.figures import Figures
from tongmai.web.problems import WrongHost, language_of, problem_response
from tongmai.web.security_headers import RawHeaders, SecurityHeaders

# A number given by a proxy is kept so that logs can be joined, but only one that cannot forge a log line.
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_access = structlog.get_logger("tongmai.access")


@dataclass(slots=True)
class _Exchange:
    """What the log and the figures want to know of one request."""

    status: int = 0
    sent: int = 0


class Front:
    """Wraps the application. ``hosts`` are the accepted host names, lower case and without port; None takes any."""

    def __init__(
        self, app: ASGIApp, *, headers: SecurityHeaders, figures: Figures, hosts: frozenset[str] | None
    ) -> None:
        self._app = app
        self._headers = headers
        self._figures = figures
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["tongmai.request_id"] = request_id
        exchange = _Exchange()
        extra = ((b"x-request-id", request_id.encode()), *self._headers.for_path(scope["path"]))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                message["headers"] = _joined(message.get("headers", ()), extra)
            elif message["type"] == "http.response.body":
                exchange.sent += len(message.get("body", b""))
            await send(message)

        self._figures.open_requests.inc()
        started = perf_counter()
        try:
            if self._is_foreign(scope):
                await _refuse_host(scope, receive, send_with_headers)
            else:
                await self._app(scope, receive, send_with_headers)
        except Exception:
            # Starlette raises what it has already answered and logged; what broke after the answer's head has gone
            # out can only be told by ending the connection, which uvicorn does on an exception.
            if exchange.status != 500:
                raise
        finally:
            self._figures.open_requests.dec()
            self._note(scope, exchange, perf_counter() - started, request_id)

    def _is_foreign(self, scope: Scope) -> bool:
        return self._hosts is not None and _host_name(scope) not in self._hosts

    def _note(self, scope: Scope, exchange: _Exchange, seconds: float, request_id: str) -> None:
        route = scope.get("tongmai.route", "other")
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._figures.observe(method, route, exchange.status, seconds)
        client = scope.get("client")
        _access.info(
            "request",
            method=method,
            route=route,
            path=scope["path"][:300],
            status=exchange.status,
            ms=round(seconds * 1000, 2),
            bytes=exchange.sent,
            actor=scope.get("tongmai.actor"),
            ip=client[0] if client else None,
            request_id=request_id,
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return str(value, "ascii")
    return token_hex(8)


def _joined(given: RawHeaders | list[tuple[bytes, bytes]], extra: RawHeaders) -> list[tuple[bytes, bytes]]:
    """The answer's own headers win: a download may be cached, a page may have a policy of its own."""
    own = {name for name, _ in given}
    return [*given, *(pair for pair in extra if pair[0] not in own)]


def _host_name(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"host":
            host: str = value.decode("latin-1").lower()
            return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
    return ""


async def _refuse_host(scope: Scope, receive: Receive, send: Send) -> None:
    fault = Fault(
        "host.foreign",
        Text("请求的主机名不属于本系统", "The host name of the request is not of this system"),
        Text("请用设置 TONGMAI_PUBLIC_URL 中的地址", "Use the address in the setting TONGMAI_PUBLIC_URL"),
    )
    request = Request(scope, receive)
    answer = problem_response(WrongHost((fault,)), language_of(request), scope["tongmai.request_id"])
    await answer(scope, receive, send)
