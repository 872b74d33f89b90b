"""Access tokens that vendors give for two hours, kept from one opening of a source to the next.

A source is opened for every call-back, sign-in and message, and vendors block who asks for a token each time. The key
tells application and secret apart, so that a secret that was changed is tried at once.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

_MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class AccessToken:
    """Good ``until`` then, as far as is known here."""

    text: str
    until: datetime


@dataclass
class KeptToken:
    """The token of one application; who asks at once waits for one fetch."""

    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    _token: AccessToken | None = field(default=None, init=False, repr=False)

    async def get(self, now: datetime, fetch: Callable[[], Awaitable[AccessToken]]) -> AccessToken:
        """The token that is kept, or a fresh one. What ``fetch`` raises is kept by nobody."""
        async with self._lock:
            if self._token is None or now >= self._token.until:
                self._token = await fetch()
            return self._token

    async def forget(self, token: AccessToken) -> None:
        """Only the token that failed: another call may have renewed it already."""
        async with self._lock:
            if self._token is token:
                self._token = None


class AccessTokens:
    """For all applications of one process and event loop."""

    def __init__(self) -> None:
        self._kept: dict[str, KeptToken] = {}

    def of(self, *told: str) -> KeptToken:
        """Of the application that address, name and secret tell; the secret itself is not kept."""
        key = hashlib.sha256("\n".join(told).encode()).hexdigest()
        if key not in self._kept:
            while len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = KeptToken()
        return self._kept[key]
