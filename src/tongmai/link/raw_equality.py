"""Whether two raw values mean the same, however the systems between them wrote them down."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation

from pydantic import JsonValue


def means_the_same(one: JsonValue, other: JsonValue) -> bool:
    """1.50 and 1.5 do, one moment in two zones, nothing and an empty text, and a text with a CHAR column's blanks; and
    lists of the same members, in whatever order."""
    if isinstance(one, list) or isinstance(other, list):
        return sorted(_members(one)) == sorted(_members(other))
    first, second = _bare(one), _bare(other)
    if first == second:
        return True
    try:
        return Decimal(first) == Decimal(second)
    except InvalidOperation:
        moment = _moment(first)
        return moment is not None and moment == _moment(second)


def _members(value: JsonValue) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [bare for each in listed if (bare := _bare(each))]


def _moment(text: str) -> datetime | None:
    """A moment that tells its zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _bare(value: JsonValue) -> str:
    return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value).strip()
