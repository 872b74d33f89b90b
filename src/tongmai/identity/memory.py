"""A short memory for what each request asks for again: bounded, and never older than a moment."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

# Where processes tell one another of which account nothing remembered holds any longer.
CHANNEL = "tongmai_identity"
_KEPT = 10_000


class Memory(Generic[K, V]):
    """Remembers values for ``seconds`` of machine time; zero remembers nothing. For one event loop."""

    def __init__(self, seconds: float, kept: int = _KEPT) -> None:
        self._seconds = seconds
        self._kept = kept
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._generation = 0

    @property
    def generation(self) -> int:
        """Grows whenever something is forgotten. Who reads a value from the database takes it before and hands it to
        ``keep``, so that a value read before a change is not remembered after it."""
        return self._generation

    def recall(self, key: K) -> V | None:
        entry = self._entries.get(key)
        if entry is None or entry[0] < _now():
            return None
        return entry[1]

    def keep(self, key: K, value: V, generation: int) -> None:
        if self._seconds <= 0 or generation != self._generation:
            return
        self._entries[key] = (_now() + self._seconds, value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._kept:
            self._entries.popitem(last=False)

    def forget(self, which: Callable[[V], bool] | None = None) -> None:
        """Forgets those that fulfil ``which``, or all."""
        self._generation += 1
        if which is None:
            self._entries.clear()
            return
        for key in [key for key, (_, value) in self._entries.items() if which(value)]:
            del self._entries[key]


def _now() -> float:
    # Not the product's clock: this is about staleness between processes, which stands outside the business's time.
    return asyncio.get_running_loop().time()
