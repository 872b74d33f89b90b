"""Record ids: UUID version 7 (RFC 9562), so that ids sort by the moment of their making and indexes stay dense."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from uuid import UUID

from tongmai.kit.clock import Clock

_lock = threading.Lock()
_last_stamp = 0
# In stamps of 1/4096 millisecond.
_A_SECOND = 4096 * 1000


def new_id(clock: Clock) -> UUID:
    """A new id for the present moment. Ids made in one process strictly increase, also within one millisecond."""
    return new_id_at(clock.now())


def new_id_at(moment: datetime) -> UUID:
    """A new id for a moment.

    The 48-bit milliseconds are followed by 12 bits of the millisecond's fraction, which serve as the counter of
    RFC 9562 section 6.2 method 3; where two ids would fall on one stamp the later one takes the next.
    """
    global _last_stamp
    micros = int(moment.timestamp() * 1_000_000)
    millis, rest = divmod(micros, 1000)
    stamp = (millis << 12) | (rest * 4096 // 1000)
    with _lock:
        # Within a second of the last one an id takes the next stamp, so that ids of "now" increase. A moment farther
        # back (a test's clock, an import of the past) begins a row of its own.
        if _last_stamp - _A_SECOND < stamp <= _last_stamp:
            stamp = _last_stamp + 1
        _last_stamp = stamp
    random = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    value = ((stamp >> 12) & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | random
    return UUID(int=value)
