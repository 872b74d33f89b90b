"""What every room stands on: ids, clock, working calendar, texts in two languages, typed errors, settings.

Invariants: nothing here does I/O except reading settings from the environment, and ``clock`` is the only place in
the product that asks the machine what time it is (law 4).
"""

from tongmai.kit.addresses import reached_address
from tongmai.kit.calendar import CalendarRangeError, WorkingCalendar
from tongmai.kit.clock import Clock, FixedClock, SystemClock
from tongmai.kit.errors import (
    Conflict,
    Denied,
    Fault,
    Internal,
    Invalid,
    NotFound,
    NotSignedIn,
    StaleVersion,
    TongmaiError,
    TooLarge,
    TooMany,
    Unavailable,
)
from tongmai.kit.exact import exact_number
from tongmai.kit.ids import new_id, new_id_at
from tongmai.kit.script import simplified
from tongmai.kit.settings import Settings
from tongmai.kit.sharing import in_turns
from tongmai.kit.text import Language, Text
from tongmai.kit.waiting import end, set_within

__all__ = [
    "CalendarRangeError",
    "Clock",
    "Conflict",
    "Denied",
    "Fault",
    "FixedClock",
    "Internal",
    "Invalid",
    "Language",
    "NotFound",
    "NotSignedIn",
    "Settings",
    "StaleVersion",
    "SystemClock",
    "Text",
    "TongmaiError",
    "TooLarge",
    "TooMany",
    "Unavailable",
    "WorkingCalendar",
    "end",
    "exact_number",
    "in_turns",
    "new_id",
    "new_id_at",
    "reached_address",
    "set_within",
    "simplified",
]
