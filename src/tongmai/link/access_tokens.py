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
class _Place:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: AccessToken | None = None


class AccessTokens:
    """For all applications of one process; who asks at once waits for one fetch."""

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}

    async def get(self, key: str, now: datetime, fetch: Callable[[], Awaitable[AccessToken]]) -> AccessToken:
        """The token that is kept, or a fresh one. What ``fetch`` raises is kept by nobody."""
        place = self._place(key)
        async with place.lock:
            if place.token is None or now >= place.token.until:
                place.token = await fetch()
            return place.token

    async def forget(self, key: str, token: AccessToken) -> None:
        """Only the token that failed: another call may have renewed it already."""
        place = self._place(key)
        async with place.lock:
            if place.token is token:
                place.token = None

    def _place(self, key: str) -> _Place:
        if key not in self._places:
            while len(self._places) >= _MOST_KEPT:
                self._places.pop(next(iter(self._places)))
            self._places[key] = _Place()
        return self._places[key]


def token_key(*told: str) -> str:
    """A key that gives nothing away of the secret among what is told."""
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
