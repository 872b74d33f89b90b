"""Sends call-backs as the vendor does: signed and encrypted, tried again up to three times where no answer comes."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Literal

import httpx

from tongmai.simulators.wecom.company import Company, Json
from tongmai.simulators.wecom.envelope import encrypt, sign, xml

Manner = Literal["straight", "twice", "held"]
_ARCHIVED: Json = {"Event": "msgaudit_notify"}


@dataclass
class Notifier:
    """``manner``: ``twice`` sends each call-back a second time, ``held`` keeps them until ``release`` sends them in the
    reverse order. ``answers`` holds the status of each attempt."""

    company: Company
    http: httpx.AsyncClient
    url: str = ""
    manner: Manner = "straight"
    answers: list[int] = field(default_factory=list)
    _held: list[str] = field(default_factory=list)
    _told_at: float = float("-inf")
    _telling: asyncio.Task[None] | None = None

    async def verify(self) -> tuple[int, str]:
        """The check of the address when it is saved: whether it gives back the echo."""
        echo = str(secrets.randbelow(10**19))
        encrypted = encrypt(self.company.encoding_aes_key, echo, self.company.corp_id)
        response = await self.http.get(self.url, params={**self._query(encrypted), "echostr": encrypted})
        return response.status_code, "ok" if response.text == echo else "mismatch"

    async def notify(self, values: Json) -> None:
        head: Json = {
            "ToUserName": self.company.corp_id,
            "FromUserName": "sys",
            "CreateTime": self.company.now(),
            "MsgType": "event",
            "AgentID": self.company.agent_id,
        }
        text = xml(head | values)
        if not self.url:
            return
        if self.manner == "held":
            self._held.append(text)
            return
        for _ in range(2 if self.manner == "twice" else 1):
            await self._post(text)

    async def archived(self) -> None:
        """Tells that there are messages; what comes too soon after is told once, when it is time."""
        least = self.company.archive_notice_seconds
        if not least:
            await self.notify(_ARCHIVED)
        elif self._telling is None or self._telling.done():
            wait = self._told_at + least - time.monotonic()
            self._telling = asyncio.create_task(self._tell_later(max(0.0, wait)))

    async def _tell_later(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._told_at = time.monotonic()
        await self.notify(_ARCHIVED)

    async def release(self) -> int:
        held, self._held = self._held, []
        for text in reversed(held):
            await self._post(text)
        return len(held)

    async def _post(self, text: str) -> None:
        for _ in range(3):
            encrypted = encrypt(self.company.encoding_aes_key, text, self.company.corp_id)
            body = xml({"ToUserName": self.company.corp_id, "AgentID": self.company.agent_id, "Encrypt": encrypted})
            try:
                response = await self.http.post(
                    self.url, params=self._query(encrypted), content=body, headers={"content-type": "text/xml"}
                )
                status = response.status_code
            except httpx.HTTPError:
                status = 0
            self.answers.append(status)
            if status == 200:
                return

    def _query(self, encrypted: str) -> dict[str, str]:
        timestamp, nonce = str(self.company.now()), str(secrets.randbelow(10**10))
        signature = sign(self.company.token, timestamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}
