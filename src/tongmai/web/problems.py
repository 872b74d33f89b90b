"""Every refusal as a problem document (RFC 9457), the framework's own included.

Invariants: the body is always ``application/problem+json`` in the reader's language and carries the request id; what
went wrong inside is written to the log with its traceback and never to the answer.
"""

from __future__ import annotations

from typing import Any

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from tongmai.kit import (
    Denied,
    Fault,
    Internal,
    Invalid,
    Language,
    NotFound,
    NotSignedIn,
    Text,
    TongmaiError,
    TooLarge,
    TooMany,
    Unavailable,
)
from tongmai.web.language import preferred_language

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger("tongmai.web")


class MethodNotAllowed(TongmaiError):
    """The address exists but not for this method; the ``Allow`` header names those it has."""

    status = 405
    code = "method_not_allowed"
    title = Text("此地址不支持该方法", "This address does not support the method")


class UnsupportedMediaType(TongmaiError):
    status = 415
    code = "unsupported_media_type"
    title = Text("不支持的内容类型", "Unsupported media type")


class Malformed(TongmaiError):
    """The request cannot be read at all (not JSON, a torn form): 400, where ``Invalid`` is read but wrong."""

    status = 400
    code = "malformed"
    title = Text("无法读取请求", "The request cannot be read")


class WrongHost(TongmaiError):
    """The ``Host`` header names another site (a re-bound name, a stray proxy)."""

    status = 421
    code = "wrong_host"
    title = Text("请求的主机名不属于本系统", "The host name is not of this system")


_BY_STATUS: dict[int, type[TongmaiError]] = {
    400: Malformed,
    401: NotSignedIn,
    403: Denied,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedMediaType,
    422: Invalid,
    429: TooMany,
    503: Unavailable,
}


def language_of(request: Request) -> Language:
    return preferred_language(request.headers.get("accept-language"))


def problem_response(error: TongmaiError, language: Language, request_id: str | None) -> Response:
    """The document with what HTTP itself wants beside it: ``Retry-After``, ``Allow``, ``WWW-Authenticate``."""
    document: dict[str, Any] = error.problem(language)
    if request_id is not None:
        document["request_id"] = request_id
    headers: dict[str, str] = {"cache-control": "no-store"}
    retry_after = error.extra.get("retry_after")
    if retry_after is not None:
        headers["retry-after"] = str(max(1, int(retry_after)))
    elif isinstance(error, Unavailable):
        headers["retry-after"] = "1"
    if isinstance(error, NotSignedIn):
        headers["www-authenticate"] = 'Bearer realm="tongmai"'
    if isinstance(error, MethodNotAllowed):
        headers["allow"] = ", ".join(error.extra.get("allow", ()))
    return Response(orjson.dumps(document, default=str), error.status, headers, MEDIA_TYPE)


def not_signed_in() -> NotSignedIn:
    return NotSignedIn(
        (
            Fault(
                "not_signed_in",
                Text("请先登录", "Please sign in"),
                Text("登录，或使用 Authorization: Bearer 令牌", "Sign in, or send Authorization: Bearer with a token"),
            ),
        )
    )


async def answer_refusal(request: Request, error: Exception) -> Response:
    """For errors of ours."""
    assert isinstance(error, TongmaiError)
    if error.status >= 500:
        _log.error("refused", code=error.code, request_id=_id_of(request), exc_info=error)
    return problem_response(error, language_of(request), _id_of(request))


async def answer_http_exception(request: Request, error: Exception) -> Response:
    """For the framework's own exceptions: an unknown address, a wrong method, a form it cannot read."""
    assert isinstance(error, HTTPException)
    kind = _BY_STATUS.get(error.status_code, Internal if error.status_code >= 500 else Malformed)
    fault = Fault(kind.code, kind.title)
    if kind is NotFound:
        fault = Fault(
            "not_found.address",
            Text("没有这个地址", "There is no such address"),
            Text("所有地址见 /api/openapi.json", "All addresses are listed in /api/openapi.json"),
        )
    allow = (error.headers or {}).get("Allow")
    extra = {"allow": sorted(allow.split(", "))} if allow else {}
    return problem_response(kind((fault,), extra), language_of(request), _id_of(request))


async def answer_unexpected(request: Request, error: Exception) -> Response:
    """For what nobody foresaw: the reader gets the request id, the log the traceback."""
    if isinstance(error, ClientDisconnect):
        return Response(status_code=499)
    request_id = _id_of(request)
    _log.error("unexpected", request_id=request_id, path=request.url.path, exc_info=error)
    fault = Fault(
        "internal",
        Text("系统内部出错，已记录", "Something failed inside; it has been logged"),
        Text(f"请把编号 {request_id} 告诉管理员", f"Please give the number {request_id} to your administrator"),
    )
    return problem_response(Internal((fault,)), language_of(request), request_id)


def _id_of(request: Request) -> str | None:
    found = request.scope.get("tongmai.request_id")
    return found if isinstance(found, str) else None
