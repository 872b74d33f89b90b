"""A token bucket an actor, in memory: a runaway script slows itself down and nobody else.

Generous by intent: a person never meets it. Sign-in has its own, stricter throttle in ``identity``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from tongmai.kit import Text, TooMany


@dataclass(frozen=True, slots=True)
class Rate:
    """``per_second`` requests sustained, ``burst`` at once."""

    per_second: float = 2_000.0
    burst: float = 6_000.0


class RateLimit:
    """Buckets by actor; those that are full again are forgotten, so that memory follows the number of active people."""

    def __init__(self, rate: Rate, tick: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._tick = tick
        self._buckets: dict[str, tuple[float, float]] = {}
        self._swept_at = tick()

    def take(self, who: str) -> None:
        """Takes one token. Raises TooMany with the seconds to wait."""
        now = self._tick()
        left, at = self._buckets.get(who, (self._rate.burst, now))
        left = min(self._rate.burst, left + (now - at) * self._rate.per_second)
        if left < 1.0:
            self._buckets[who] = (left, now)
            raise TooMany.of(
                "rate.requests",
                "请求太快了",
                "Requests come too quickly",
                way_out=Text("请稍等再试", "Please wait a moment and try again"),
                extra={"retry_after": max(1, round((1.0 - left) / self._rate.per_second))},
            )
        self._buckets[who] = (left - 1.0, now)
        if now - self._swept_at > 60.0:
            self._sweep(now)

    def remembered(self) -> int:
        """How many actors it keeps a bucket for."""
        return len(self._buckets)

    def _sweep(self, now: float) -> None:
        fill = self._rate.burst / self._rate.per_second
        self._buckets = {who: bucket for who, bucket in self._buckets.items() if now - bucket[1] < fill}
        self._swept_at = now
