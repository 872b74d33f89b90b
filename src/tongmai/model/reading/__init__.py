"""How people write numbers, moments, durations and texts, and how we read them. Knows nothing of fields.

A function here gives ``None`` for what it cannot read: the field type knows what to say about it.
"""

from tongmai.model.reading.durations import read_duration, write_duration
from tongmai.model.reading.moments import (
    FIRST_DAY,
    LAST_DAY,
    date_of_serial,
    moment_of_serial,
    read_date,
    read_moment,
    write_moment,
)
from tongmai.model.reading.numbers import decimal_of_float, read_number, read_percent, write_number
from tongmai.model.reading.texts import LONGEST_WORD, find_control_character, tidy_line, tidy_lines

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "LONGEST_WORD",
    "date_of_serial",
    "decimal_of_float",
    "find_control_character",
    "moment_of_serial",
    "read_date",
    "read_duration",
    "read_moment",
    "read_number",
    "read_percent",
    "tidy_line",
    "tidy_lines",
    "write_duration",
    "write_moment",
    "write_number",
]
