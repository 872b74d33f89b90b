"""Whether history grows so fast just now that a replica had better wait.

Rows of an import would be taken while they come in, and nobody could use what was taken, as it is behind at once.
"""

from __future__ import annotations

# Entries between two looks, a second apart: no number of people writes so many.
_MANY = 5000
# A page of an import may take some seconds.
_REST_S = 5.0
# Who asked for what is a few minutes old gets it though an import goes on for hours.
_LONGEST_S = 120.0


class Rush:
    """Of one workspace. Told the number of the newest entry at each look, it says whether to wait."""

    def __init__(self) -> None:
        self._seq: int | None = None
        self._began: float | None = None
        self._last = 0.0

    def goes_on(self, seq: int, now: float) -> bool:
        """``now`` in seconds of any clock that only goes on. After two minutes of waiting it says no once."""
        grown = 0 if self._seq is None else seq - self._seq
        self._seq = seq
        if grown >= _MANY:
            self._last = now
            if self._began is None:
                self._began = now
        if self._began is None:
            return False
        if now - self._last >= _REST_S or now - self._began >= _LONGEST_S:
            self._began = None
            return False
        return True
