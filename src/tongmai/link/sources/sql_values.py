"""What a database driver gives, as raw rows and cursors keep it: JSON, and exactly what can be asked with again."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import JsonValue

# Before it stands what means "no date": 0001-01-01 is .NET's, 1899-12-30 OLE's, 1900-01-01 SQL Server's for ''.
_FIRST_YEAR = 1901
_MOMENT = "moment:"


def plain(value: Any, zone: ZoneInfo) -> JsonValue:
    """A driver's value as JSON: decimals as text, moments as ISO 8601 in the workspace's zone, bytes as base64. The
    first year of all is how programs write that there is no date."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, date) and value.year == 1:
        return None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(each, zone) for each in value]
    if isinstance(value, dict):
        return {str(name): plain(each, zone) for name, each in value.items()}
    return str(value)


def key_of(row: Mapping[str, Any], names: Sequence[str], zone: ZoneInfo) -> str:
    """What tells a row from all others of its stream."""
    return "|".join(str(plain(row.get(name), zone)).strip() for name in names)


def changed_at(value: object, zone: ZoneInfo) -> datetime | None:
    """The moment that a time-stamp tells; None for a rowversion, and for what stands where there is no date."""
    found = _moment(value)
    if found is None or not _FIRST_YEAR <= found.year < 9999:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def kept(value: Any, zone: ZoneInfo) -> JsonValue:
    """A key's or time-stamp's value as it stands in a cursor: exactly as the database has it."""
    if isinstance(value, datetime):
        return f"{_MOMENT}{value.isoformat()}"
    if isinstance(value, bytes):
        return f"bytes:{base64.b64encode(value).decode()}"
    if isinstance(value, Decimal):
        return f"number:{value}"
    return plain(value, zone)


def bound(value: JsonValue) -> Any:
    """A cursor's value as the driver wants it."""
    if isinstance(value, str) and value.startswith(_MOMENT):
        return datetime.fromisoformat(value.removeprefix(_MOMENT))
    if isinstance(value, str) and value.startswith("bytes:"):
        return base64.b64decode(value.removeprefix("bytes:"))
    if isinstance(value, str) and value.startswith("number:"):
        return Decimal(value.removeprefix("number:"))
    return value


def stepped_back(value: JsonValue, overlap: timedelta) -> JsonValue:
    """A cursor's moment so much earlier, written as it was; anything else as it is."""
    found = _moment(bound(value))
    if found is None or found - datetime.min.replace(tzinfo=found.tzinfo) <= overlap:
        return value
    if isinstance(value, str) and not value.startswith(_MOMENT):
        return (found - overlap).isoformat(sep=value[10:11] or " ")
    return f"{_MOMENT}{(found - overlap).isoformat()}"


def _moment(value: object) -> datetime | None:
    """A moment, also one that the database keeps as text."""
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and len(value) > 10 else None
    except ValueError:
        return None
