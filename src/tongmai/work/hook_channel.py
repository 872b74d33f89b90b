"""Web hooks: JSON to an address outside, and never to one inside.

A rule's author gives the address, so the program must not become his way into the network it stands in: the name is
resolved once, every address must be a public one, and the connection goes to that very address (a name that points
elsewhere a moment later changes nothing). Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
from typing import ClassVar

import httpx
import orjson

from tongmai.kit import Settings, Unavailable, reached_address
from tongmai.work.channels import HOOK, Message, Undeliverable

_TIMEOUT_S = 15.0
_MOST_BYTES = 256 * 1024
# Answers that tell to come again later.
_LATER = frozenset({408, 425, 429})


class HookChannel:
    """Sends the body as the rule gave it. ``Idempotency-Key`` is the same at each attempt; with a secret there is an
    ``X-Tongmai-Signature: sha256=<HMAC of the body>``."""

    key: ClassVar[str] = HOOK

    def __init__(self, *, allow_private: bool = False, secret: str | None = None) -> None:
        self._allow_private = allow_private
        self._secret = secret

    @staticmethod
    def from_settings(settings: Settings) -> HookChannel:
        secret = settings.hook_secret
        return HookChannel(
            allow_private=settings.hook_private, secret=None if secret is None else secret.get_secret_value()
        )

    async def send(self, message: Message) -> None:
        """Raises ``Undeliverable`` for an address that may not be called and for what the receiver refuses for good,
        ``Unavailable`` where it may do later."""
        body = orjson.dumps(message.content.get("body", {}))
        if len(body) > _MOST_BYTES:
            raise Undeliverable.of("hook.too_large", "内容过大", "The body is too large")
        url = self._read(str(message.content.get("url", "")))
        address = await self._address(url)
        headers = {
            "content-type": "application/json",
            "host": url.netloc.decode("ascii"),
            "idempotency-key": str(message.id),
            "user-agent": "Tongmai",
        }
        if self._secret is not None:
            signature = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
            headers["x-tongmai-signature"] = f"sha256={signature}"
        # trust_env: a proxy of the environment would resolve the name by itself.
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            try:
                # What it answers is not read: it may be without end.
                async with client.stream(
                    "POST",
                    url.copy_with(host=address),
                    content=body,
                    headers=headers,
                    extensions={"sni_hostname": url.raw_host.decode("ascii")},
                ) as answer:
                    status = answer.status_code
            except httpx.HTTPError as error:
                raise _later(f"{type(error).__name__}: {error}") from error
        _check(status)

    def _read(self, given: str) -> httpx.URL:
        try:
            url = httpx.URL(given)
        except httpx.InvalidURL:
            raise _forbidden("地址无效", "The address cannot be read") from None
        if url.scheme not in ("https", "http") or not url.host or url.userinfo:
            raise _forbidden("地址无效", "The address cannot be called")
        if url.scheme == "http" and not self._allow_private:
            raise _forbidden("只允许 https 地址", "Only https is allowed")
        return url

    async def _address(self, url: httpx.URL) -> str:
        """The one address that will be connected to."""
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise _later(f"{url.host}: {error}") from error
        addresses = [str(each[4][0]) for each in found]
        if not self._allow_private and not all(is_public(each) for each in addresses):
            raise _forbidden(
                "地址指向内部网络，不允许调用", "The address lies in an inner network and may not be called"
            )
        return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address is of the open internet: not private, loopback, link-local, shared, reserved, multicast,
    and not one of these inside an IPv6 address (mapped, 6to4, Teredo, NAT64)."""
    found = reached_address(address)
    return found is not None and found.is_global and not found.is_multicast


def _check(status: int) -> None:
    if 200 <= status < 300:
        return
    if status in _LATER or status >= 500:
        raise _later(f"HTTP {status}")
    raise Undeliverable.of("hook.refused", f"对方拒绝：HTTP {status}", f"The receiver refused it: HTTP {status}")


def _later(why: str) -> Unavailable:
    return Unavailable.of("hook.unavailable", f"对方暂时不可用：{why}", f"The receiver is not available: {why}")


def _forbidden(zh: str, en: str) -> Undeliverable:
    return Undeliverable.of("hook.forbidden", zh, en, field="url")
