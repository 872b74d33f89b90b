"""Formula injection: a cell that a spreadsheet program would run as a formula is written as text, and read back whole.

The guard is the apostrophe that spreadsheets themselves use (OWASP, "CSV Injection"). Numbers are left alone: -12.5 is
harmless and must stay a number. Chinese and Japanese spreadsheets take full-width signs for the narrow ones.
"""

from __future__ import annotations

import re

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?%?")
# The same two rules as patterns for PostgreSQL; E'' strings, because of tab and line ends.
DANGEROUS_SQL = r"E'^[=+\\-@\\t\\r\\n＝＋－＠]'"
NUMBER_SQL = r"E'^[+-]?[0-9]+(\\.[0-9]+)?%?$'"
_GUARDED = re.compile(r"'[=+\-@\t\r\n＝＋－＠]")


def guard(text: str) -> str:
    """The text as it may stand in a cell."""
    if text.startswith(_DANGEROUS) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def unguard(text: str) -> str:
    """The text as it was before ``guard``."""
    return text[1:] if _GUARDED.match(text) else text


def guard_sql(text: str) -> str:
    """``guard`` over an SQL text expression."""
    return f"CASE WHEN {text} ~ {DANGEROUS_SQL} AND {text} !~ {NUMBER_SQL} THEN '''' || {text} ELSE {text} END"


def holds_guarded(line: str) -> bool:
    """Whether a line may hold a guarded cell: a quick look before each cell is asked."""
    return _GUARDED.search(line) is not None
