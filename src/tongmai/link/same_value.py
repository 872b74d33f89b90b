"""Whether two raw values mean the same, however the systems between them wrote them down."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from pydantic import JsonValue


def means_the_same(one: JsonValue, other: JsonValue) -> bool:
    """1.50 and 1.5 do, nothing and an empty text, and a text with the trailing blanks of a CHAR column."""
    first, second = _bare(one), _bare(other)
    if first == second:
        return True
    try:
        return Decimal(first) == Decimal(second)
    except InvalidOperation:
        return False


def _bare(value: JsonValue) -> str:
    return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value).strip()
