"""Calls DingTalk's server APIs, the present one (``api.dingtalk.com/v1.0``) and the older (``oapi``), by one token.

The present one answers a fault with an HTTP status and ``{"code", "message"}``, the older with 200 and ``errcode``.
Pages: open.dingtalk.com/document/orgapp/obtain-the-access-token-of-an-internal-app and /server-api-error-codes-1.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

import httpx
import orjson
from pydantic import JsonValue, SecretStr

from tongmai.kit import Clock, Fault, Invalid, Text, TongmaiError
from tongmai.link.access_tokens import AccessToken, AccessTokens, KeptToken
from tongmai.link.faults import SourceAway, away, unreachable
from tongmai.link.outward import answer_within
from tongmai.link.vendors.json_objects import JsonObject, text_of

API_URL = "https://api.dingtalk.com"
OLD_API_URL = "https://oapi.dingtalk.com"

Verdict = Literal["done", "token", "limited", "busy", "refused"]
_TOKEN_CODES = {"InvalidAuthentication", "Forbidden.AccessDenied.AccessTokenExpired", "40014", "42001", "40001"}
_LIMIT_CODES = {
    "Throttling",
    "Throttling.Api",
    "Throttling.User",
    "Forbidden.AccessDenied.QpsLimitForApi",
    "88",
    "90018",
}
_BUSY_CODES = {"-1", "ServiceUnavailable", "systemError", "unknownError"}
_EARLY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: JsonObject

    @property
    def code(self) -> str:
        """Empty where all is well."""
        if "errcode" in self.body:
            code = self.body["errcode"]
            return "" if code == 0 else str(code)
        return "" if self.status < 400 else str(self.body.get("code") or self.status)


@dataclass
class DingTalkClient:
    """One application of one organisation. ``pause`` waits some seconds: tests give one that does not."""

    http: httpx.AsyncClient
    clock: Clock
    app_key: str
    app_secret: SecretStr
    api_url: str = API_URL
    old_api_url: str = OLD_API_URL
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    attempts: int = 5
    tokens: AccessTokens = field(default_factory=AccessTokens, repr=False)

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> JsonObject:
        return await self._call("GET", path, params or {}, None)

    async def post(self, path: str, body: Mapping[str, JsonValue]) -> JsonObject:
        return await self._call("POST", path, {}, body)

    async def put(
        self, path: str, body: Mapping[str, JsonValue], params: Mapping[str, str] | None = None
    ) -> JsonObject:
        return await self._call("PUT", path, params or {}, body)

    async def old(self, path: str, body: Mapping[str, JsonValue]) -> JsonObject:
        """A call of the older API (``/topapi/…``)."""
        return await self._call("POST", path, {}, body, old=True)

    async def user_token(self, code: str) -> str:
        """The token that a person's sign-in code stands for. Raises ``Invalid`` for a code that is not good."""
        answer = await self._send(
            "POST",
            f"{self.api_url}/v1.0/oauth2/userAccessToken",
            {},
            {
                "clientId": self.app_key,
                "clientSecret": self.app_secret.get_secret_value(),
                "code": code,
                "grantType": "authorization_code",
            },
        )
        if answer is None:
            raise _exhausted("busy")
        if answer.code:
            raise _refused("/v1.0/oauth2/userAccessToken", answer)
        return text_of(answer.body, "accessToken")

    async def as_user(self, path: str, user_token: str) -> JsonObject:
        """A ``GET`` in the name of a person who signed in."""
        answer = await self._send("GET", self.api_url + path, {"x-acs-dingtalk-access-token": user_token}, None)
        if answer is None:
            raise _exhausted("busy")
        if answer.code:
            raise _refused(path, answer)
        return answer.body

    async def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        body: Mapping[str, JsonValue] | None,
        *,
        old: bool = False,
    ) -> JsonObject:
        renewed = False
        for attempt in range(1, self.attempts + 1):
            token = await self._kept.get(self.clock.now(), self._fetch_token)
            if old:
                url, headers, query = self.old_api_url + path, {}, {**params, "access_token": token.text}
            else:
                url, headers, query = self.api_url + path, {"x-acs-dingtalk-access-token": token.text}, {**params}
            answer = await self._send(method, url, headers, body, query)
            verdict = _verdict(answer)
            if verdict == "done":
                return answer.body if answer else {}
            if verdict == "token" and not renewed:
                renewed = True
                await self._kept.forget(token)
            elif verdict in ("limited", "busy"):
                if attempt == self.attempts:
                    raise _exhausted(verdict)
                await self.pause(min(60.0, (5.0 if verdict == "limited" else 0.5) * 2 ** (attempt - 1)))
            else:
                raise _refused(path, answer)
        raise _exhausted("busy")

    @property
    def _kept(self) -> KeptToken:
        return self.tokens.of(self.api_url, self.app_key, self.app_secret.get_secret_value())

    async def _fetch_token(self) -> AccessToken:
        path = "/v1.0/oauth2/accessToken"
        given: JsonObject = {"appKey": self.app_key, "appSecret": self.app_secret.get_secret_value()}
        for attempt in range(1, self.attempts + 1):
            asked = self.clock.now()
            answer = await self._send("POST", self.api_url + path, {}, given)
            verdict = _verdict(answer)
            if answer is not None and verdict == "done":
                lasts = answer.body.get("expireIn")
                seconds = timedelta(seconds=float(lasts) if isinstance(lasts, (int, float)) else 7200.0)
                return AccessToken(text_of(answer.body, "accessToken"), asked + max(seconds - _EARLY, seconds / 2))
            if verdict not in ("limited", "busy"):
                raise _refused(path, answer)
            if attempt < self.attempts:
                await self.pause(0.5 * 2 ** (attempt - 1))
        raise _exhausted("busy")

    async def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Mapping[str, JsonValue] | None,
        params: Mapping[str, str] | None = None,
    ) -> _Answer | None:
        """The answer, or None for a fault of the line or the vendor's machine that may pass."""
        content = None if body is None else orjson.dumps(body)
        kind = {} if body is None else {"content-type": "application/json; charset=utf-8"}
        try:
            response = await answer_within(
                self.http, method, url, params=params or {}, content=content, headers={**headers, **kind},
            )  # fmt: skip
        except httpx.HTTPError:
            return None
        if response.status_code >= 500:
            return None
        try:
            found = orjson.loads(response.content or b"{}")
        except orjson.JSONDecodeError:
            return None
        return _Answer(response.status_code, found) if isinstance(found, dict) else None


def _verdict(answer: _Answer | None) -> Verdict:
    if answer is None:
        return "busy"
    code = answer.code
    if not code:
        return "done"
    if code in _TOKEN_CODES or answer.status == 401:
        return "token"
    if code in _LIMIT_CODES or answer.status == 429:
        return "limited"
    return "busy" if code in _BUSY_CODES else "refused"


def _refused(path: str, answer: _Answer | None) -> TongmaiError:
    """The vendor's own refusal with its code and words (which hold no secret of ours)."""
    code = "" if answer is None else answer.code
    words = "" if answer is None else str(answer.body.get("message") or answer.body.get("errmsg") or "")[:300]
    return Invalid(
        (
            Fault(
                "dingtalk.refused",
                Text(f"钉钉拒绝了 {path}：{code} {words}", f"DingTalk refused {path}: {code} {words}"),
                _WAYS_OUT.get(code),
            ),
        ),
        {"vendor_code": code},
    )


def _exhausted(verdict: Verdict) -> SourceAway:
    if verdict == "limited":
        return away(
            "钉钉接口调用超过频率限制，稍后自动继续",
            "DingTalk's rate limit is reached; it goes on later by itself",
            code="dingtalk.limited",
            after=timedelta(seconds=60),
        )
    return unreachable("钉钉", "DingTalk", code="dingtalk.unreachable")


_WAYS_OUT = {
    "invalidClientIdOrSecret": Text("请核对应用的 AppKey 与 AppSecret", "Check the application's AppKey and AppSecret"),
    "Forbidden.AccessDenied.AccessTokenPermissionDenied": Text(
        "请在开发者后台为应用申请该接口权限", "Ask for this API's permission in the developers' console"
    ),
    "60011": Text("请把人员加入应用的可使用范围", "Put the person into the application's range"),
}
