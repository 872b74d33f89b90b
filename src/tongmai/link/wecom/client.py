"""Calls WeCom's server API: one access token for all calls, renewed when it ends, with patience where the vendor asks.

Global error codes: developer.work.weixin.qq.com/document/path/90313. A token that the vendor no longer knows is
renewed once; a rate limit and a busy vendor are waited for, a few times, then told as ``SourceAway``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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
from tongmai.link.vendors.json_objects import JsonObject, objects, text_of

BASE_URL = "https://qyapi.weixin.qq.com"
_TOKEN_ENDED = {40001, 40014, 42001}
_LIMITED = {45009, 45011, 45033}
_BUSY = {-1}
_WRONG_SECRET = {40001, 40091}
_EARLY = timedelta(minutes=5)
# What a corporation's applications are known by.
SECRETS = {
    "secret": Text("应用 Secret", "The application's secret"),
    "archive_secret": Text("会话内容存档 Secret", "The message archive's secret"),
}


@dataclass
class WeComClient:
    """One corporation's application. ``secret_name`` is what its secret is called where it is typed in; ``pause`` waits
    some seconds: tests give one that does not."""

    http: httpx.AsyncClient
    clock: Clock
    corp_id: str
    secret: SecretStr
    base_url: str = BASE_URL
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    attempts: int = 5
    secret_name: Text = field(default_factory=lambda: SECRETS["secret"])
    tokens: AccessTokens = field(default_factory=AccessTokens, repr=False)

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> JsonObject:
        return await self._call("GET", path, params or {}, None)

    async def post(self, path: str, body: Mapping[str, JsonValue]) -> JsonObject:
        return await self._call("POST", path, {}, body)

    async def pages(self, path: str, body: Mapping[str, JsonValue], items: str) -> AsyncIterator[JsonObject]:
        """All items of a list that is handed out by ``cursor`` and ``next_cursor``."""
        cursor: JsonValue = ""
        while True:
            answer = await self.post(path, {**body, "cursor": cursor})
            for item in objects(answer.get(items)):
                yield item
            following = answer.get("next_cursor")
            if not following or following == cursor:
                return
            cursor = following

    async def sign_in(self) -> None:
        """Makes sure that there is a token. Raises what the vendor says of the secret."""
        await self._kept.get(self.clock.now(), self._fetch_token)

    async def _call(
        self, method: Literal["GET", "POST"], path: str, params: Mapping[str, str], body: Mapping[str, JsonValue] | None
    ) -> JsonObject:
        renewed = False
        for attempt in range(1, self.attempts + 1):
            token = await self._kept.get(self.clock.now(), self._fetch_token)
            answer = await self._send(method, path, {"access_token": token.text, **params}, body)
            code = None if answer is None else answer.get("errcode", 0)
            if answer is not None and code == 0:
                return answer
            if code in _TOKEN_ENDED and not renewed:
                renewed = True
                await self._kept.forget(token)
            elif answer is None or code in _BUSY or code in _LIMITED:
                if attempt == self.attempts:
                    raise _exhausted(code)
                await self.pause(min(60.0, (10.0 if code in _LIMITED else 0.5) * 2 ** (attempt - 1)))
            else:
                raise refused_by_vendor(path, answer)
        raise _exhausted(None)

    @property
    def _kept(self) -> KeptToken:
        return self.tokens.of(self.base_url, self.corp_id, self.secret.get_secret_value())

    async def _fetch_token(self) -> AccessToken:
        params = {"corpid": self.corp_id, "corpsecret": self.secret.get_secret_value()}
        for attempt in range(1, self.attempts + 1):
            asked = self.clock.now()
            answer = await self._send("GET", "/cgi-bin/gettoken", params, None)
            if answer is not None and answer.get("errcode", 0) == 0:
                lasts = answer.get("expires_in")
                seconds = timedelta(seconds=float(lasts) if isinstance(lasts, (int, float)) else 7200.0)
                return AccessToken(text_of(answer, "access_token"), asked + max(seconds - _EARLY, seconds / 2))
            if answer is not None and answer.get("errcode") not in _BUSY | _LIMITED:
                raise refused_by_vendor("/cgi-bin/gettoken", answer, self.secret_name)
            if attempt < self.attempts:
                await self.pause(0.5 * 2 ** (attempt - 1))
        raise _exhausted(None)

    async def _send(
        self, method: str, path: str, params: Mapping[str, str], body: Mapping[str, JsonValue] | None
    ) -> JsonObject | None:
        """The answer, or None for a fault of the line or the vendor's machine that may pass."""
        content = None if body is None else orjson.dumps(body)
        headers = {} if body is None else {"content-type": "application/json; charset=utf-8"}
        try:
            response = await answer_within(
                self.http, method, self.base_url + path, params=params, content=content, headers=headers,
            )  # fmt: skip
        except httpx.HTTPError:
            return None
        if response.status_code >= 500:
            return None
        try:
            found = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            return None
        return found if isinstance(found, dict) else None


def refused_by_vendor(path: str, answer: Mapping[str, JsonValue], secret: Text | None = None) -> TongmaiError:
    """The vendor's own refusal with its code and words (which hold no secret of ours). ``secret`` names the one that
    the call was made with."""
    code, message = answer.get("errcode"), str(answer.get("errmsg", ""))[:300]
    way_out = _WAYS_OUT.get(code if isinstance(code, int) else 0)
    if secret is not None and code in _WRONG_SECRET:
        way_out = Text(f"请在“凭据”里核对“{secret.zh}”", f"Check “{secret.en}” under “Secrets”")
    return Invalid(
        (
            Fault(
                "wecom.refused",
                Text(f"企业微信拒绝了 {path}：{code} {message}", f"WeCom refused {path}: {code} {message}"),
                way_out,
            ),
        ),
        {"vendor_code": code},
    )


def _exhausted(code: JsonValue) -> SourceAway:
    if code in _LIMITED:
        return away(
            f"企业微信接口调用超过频率限制（{code}），稍后自动继续",
            f"WeCom's rate limit is reached ({code}); it goes on later by itself",
            code="wecom.limited",
            after=timedelta(minutes=1),
        )
    return unreachable("企业微信", "WeCom", code="wecom.unreachable")


_WAYS_OUT = {
    40013: Text("请核对企业 ID", "Check the corp id"),
    40001: Text("请核对应用的 Secret", "Check the application's secret"),
    301002: Text("请核对 Secret 是不是这个应用的", "Check that the secret is this application's"),
    48002: Text("请在企业微信后台为应用开通此接口权限", "Grant the application this API in WeCom's console"),
    60011: Text("请把成员加入应用的可见范围", "Put the member into the application's visible range"),
    60020: Text("请把服务器 IP 加入应用的可信 IP", "Add the server's IP to the application's trusted ones"),
    84061: Text("该外部联系人与成员无好友关系", "The external contact does not follow this member"),
    40003: Text("成员已不在企业微信，请重新拉取客户", "The member is gone there; pull the customers again"),
    40096: Text("客户已被删除，请重新拉取客户", "The customer is gone there; pull the customers again"),
    40068: Text("标签已在企业微信删除，请重选", "The tag is gone there; choose another"),
}
