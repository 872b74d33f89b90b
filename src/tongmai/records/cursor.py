"""The cursor of a list: where the next page begins, as the sort keys of the last record shown.

It describes itself and is not signed: whatever it says only moves the beginning of the page. Policy and masks hold on
every page, and the keys it carries are values the actor was shown (masked ones where a mask holds).
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

import orjson

from tongmai.kit import Invalid, Text

_LONGEST = 20_000

KeyValue = Decimal | str | bool | date | datetime | UUID | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """``sort`` is the order it was made for; ``keys`` the sort keys of the last record, its id last.

    ``count`` and ``exact`` are the first page's, so that pages after it need not count again.
    """

    sort: str
    keys: tuple[object, ...]
    count: int | None
    exact: bool


def read_cursor(text: str, sort: str, key_types: Sequence[str]) -> tuple[Cursor, list[KeyValue]]:
    """The cursor and its keys as the driver wants them. ``key_types`` are PostgreSQL types, the id's last.

    Raises ``Invalid`` if it is torn or was made for another order.
    """
    cursor = _decode(text)
    if cursor.sort != sort:
        raise Invalid.of(
            "cursor.other_sort",
            "翻页位置属于另一种排序",
            "The cursor was made for another sort order",
            way_out=Text("更改排序后请从第一页读起", "After a change of order begin with the first page"),
            field="cursor",
        )
    if len(cursor.keys) != len(key_types):
        raise _torn()
    try:
        return cursor, [_value(key, type_) for key, type_ in zip(cursor.keys, key_types, strict=True)]
    except (ValueError, TypeError, InvalidOperation) as error:
        raise _torn() from error


def write_cursor(sort: str, keys: bytes, count: int | None, exact: bool) -> bytes:
    """The cursor as base64url. ``keys`` is a JSON array as PostgreSQL wrote it, so that no digit is lost."""
    document = b"[%s,%s,%s,%s]" % (orjson.dumps(sort), keys, orjson.dumps(count), orjson.dumps(exact))
    return urlsafe_b64encode(document).rstrip(b"=")


def _decode(text: str) -> Cursor:
    if len(text) > _LONGEST:
        raise _torn()
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        sort, keys, count, exact = json.loads(raw, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, binascii.Error, TypeError, RecursionError, InvalidOperation) as error:
        raise _torn() from error
    if not isinstance(sort, str) or not isinstance(keys, list) or not isinstance(exact, bool):
        raise _torn()
    if count is not None and not (isinstance(count, Decimal) and count == int(count) and 0 <= count < 1 << 62):
        raise _torn()
    return Cursor(sort, tuple(keys), None if count is None else int(count), exact)


def _value(key: object, type_: str) -> KeyValue:
    if key is None:
        return None
    if type_ == "numeric" and isinstance(key, Decimal) and key.is_finite() and abs(key.adjusted()) < 1000:
        return key
    if type_ == "boolean" and isinstance(key, bool):
        return key
    if not isinstance(key, str) or "\0" in key:
        raise ValueError
    if type_ == "text":
        key.encode()
        return key
    if type_ == "uuid":
        return UUID(key)
    if type_ == "date":
        return date.fromisoformat(key)
    if type_ == "timestamptz":
        moment = datetime.fromisoformat(key)
        if moment.tzinfo is None:
            raise ValueError
        return moment
    raise ValueError


def _torn() -> Invalid:
    error = Invalid.of(
        "cursor.unreadable",
        "翻页位置无法识别",
        "The cursor cannot be read",
        way_out=Text("原样传回上一页给出的 next_cursor", "Give back next_cursor exactly as it was given"),
        field="cursor",
    )
    assert isinstance(error, Invalid)
    return error
