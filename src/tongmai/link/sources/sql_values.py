"""What a database driver gives, as raw rows and cursors keep it: JSON, and exactly what can be asked with again."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import JsonValue
from sqlalchemy import CursorResult
from sqlalchemy.engine import Dialect

from tongmai.link.sources.sql_moments import NoMoment

# Before it stands what means "no date": 0001-01-01 is .NET's, 1899-12-30 OLE's, 1900-01-01 SQL Server's for ''.
_FIRST_YEAR = 1901
_MOMENT = "moment:"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def rows_of(result: CursorResult[Any]) -> list[dict[str, Any]]:
    """The rows by their columns' names."""
    names, kinds = [*map(str, result.keys())], kinds_of(result)
    found: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in result]
    if result.dialect.name in ("mysql", "mariadb"):
        readers = {name: _MYSQL[kind] for name, kind in kinds.items() if kind in _MYSQL}
        for row in found:
            for name, read in readers.items():
                row[name] = read(row[name])
    return found


def kinds_of(result: CursorResult[Any]) -> dict[str, object]:
    """The driver's numbers for the columns' types, by their names in the statement; to be asked before its rows."""
    description = result.cursor.description if result.cursor is not None else ()
    return {name: each[1] for name, each in zip(map(str, result.keys()), description, strict=True)}


def is_moment(kind: object, dialect: Dialect) -> bool:
    """Whether a column holds moments that are to be given as such."""
    if dialect.name in ("postgresql", "sqlite"):
        return False
    return bool(kind == dialect.loaded_dbapi.DATETIME)


def zone_of(kind: object, dialect: Dialect) -> tzinfo | None:
    """The zone that a column's moments are told in; None where they have none."""
    return UTC if dialect.name in ("mysql", "mariadb") and _MYSQL.get(kind) is _in_utc else None


def _bits(value: Any) -> Any:
    return int.from_bytes(value, "big") if isinstance(value, bytes) else value


def _clock(value: Any) -> Any:
    """A TIME, which may be a time of day and may be 838 hours, as it is written there."""
    if not isinstance(value, timedelta):
        return value
    sign, of = ("-", -value) if value < timedelta(0) else ("", value)
    seconds, fraction = divmod(of // timedelta(microseconds=1), 1_000_000)
    text = f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{fraction:06}".rstrip("0") if fraction else text


def _day(value: Any) -> Any:
    return NoMoment(value) if isinstance(value, str) else value


def _in_utc(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else _day(value)


# By the protocol's numbers of types: TIMESTAMP (told in the session's zone), DATE, TIME, DATETIME, BIT.
_MYSQL: Mapping[object, Callable[[Any], Any]] = {7: _in_utc, 10: _day, 11: _clock, 12: _day, 16: _bits}


def plain(value: Any, zone: ZoneInfo) -> JsonValue:
    """A driver's value as JSON: decimals as text, moments as ISO 8601 in the workspace's zone, bytes as base64. The
    first year of all is how programs write that there is no date; what is no number and no moment is nothing."""
    if isinstance(value, NoMoment):
        return None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else None
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
    found = moment_of(value)
    if found is None or not _FIRST_YEAR <= found.year < 9999:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def kept(value: Any, zone: ZoneInfo) -> JsonValue:
    """A key's or time-stamp's value as it stands in a cursor: exactly as the database has it."""
    if isinstance(value, NoMoment):
        return str(value)
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
    found = moment_of(bound(value)) if not is_day(value) else datetime.fromisoformat(str(value))
    if found is None or found - datetime.min.replace(tzinfo=found.tzinfo) <= overlap:
        return value
    earlier = found - overlap
    if is_day(value):
        return earlier.date().isoformat()
    if isinstance(value, str) and not value.startswith(_MOMENT):
        # To the second: SQL Server's DATETIME takes no more than three digits behind it.
        return earlier.isoformat(sep=value[10:11] or " ", timespec="seconds")
    return f"{_MOMENT}{earlier.isoformat()}"


def is_day(value: JsonValue) -> bool:
    """Whether a cursor's value is a date without a time: rows come to it all day."""
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


def moment_of(value: object) -> datetime | None:
    """A moment, also one that the database keeps as text."""
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and len(value) > 10 else None
    except ValueError:
        return None
