"""The signature that a page in WeCom's side-bar needs before it may ask who the chat is with (JS-SDK).

Pages: developer.work.weixin.qq.com/document/path/90506 (signature), 94313 (``agentConfig``). A ticket lasts two hours
and is fetched for the corporation (``config``) and for the application (``agentConfig``) apart.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from tongmai.kit import Invalid
from tongmai.link.vendors.json_objects import text_of
from tongmai.link.wecom.client import WeComClient

TicketKind = Literal["corp", "agent"]
_EARLY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class PageSignature:
    """What the page hands to ``wx.config`` or ``wx.agentConfig``; ``timestamp`` in seconds of the epoch."""

    corp_id: str
    timestamp: int
    nonce: str
    signature: str


@dataclass
class SidebarSignatures:
    client: WeComClient
    _tickets: dict[TicketKind, tuple[str, datetime]] = field(default_factory=dict, init=False, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    async def sign(self, url: str, kind: TicketKind) -> PageSignature:
        """For the page's own address without what follows ``#``. Raises ``Invalid`` for another kind of address."""
        page = url.split("#", 1)[0]
        if urlsplit(page).scheme not in ("https", "http") or not urlsplit(page).netloc:
            raise Invalid.of("sidebar.url", "应为完整的网页地址", "The full address of a page is needed", field="url")
        ticket, nonce = await self._ticket(kind), secrets.token_hex(8)
        timestamp = int(self.client.clock.now().timestamp())
        return PageSignature(self.client.corp_id, timestamp, nonce, page_signature(ticket, nonce, timestamp, page))

    async def _ticket(self, kind: TicketKind) -> str:
        async with self._lock:
            kept = self._tickets.get(kind)
            now = self.client.clock.now()
            if kept is None or now >= kept[1]:
                if kind == "corp":
                    answer = await self.client.get("/cgi-bin/get_jsapi_ticket")
                else:
                    answer = await self.client.get("/cgi-bin/ticket/get", {"type": "agent_config"})
                lasts = timedelta(seconds=float(text_of(answer, "expires_in") or 7200))
                kept = (text_of(answer, "ticket"), now + max(lasts - _EARLY, lasts / 2))
                self._tickets[kind] = kept
            return kept[0]


def page_signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """40 hexadecimal digits over the four texts in the vendor's order."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
