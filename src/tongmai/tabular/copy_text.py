"""Columns of canonical values as PostgreSQL's COPY text: worked column by column, because a column has one type.

COPY in text form is the cheapest way in from Python: a row is a join of texts, and the server reads numbers and dates
itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import add
from typing import TypeAlias

import orjson

NULL = r"\N"
BETWEEN = ","
# The first byte of an id's second half: two bits say which variant of UUID it is.
_VARIANT = bytes(0x80 | byte & 0x3F for byte in range(256))
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_SPECIAL = ("\\", "\t", "\n", "\r")

Encoder: TypeAlias = Callable[[Sequence[object]], list[str]]


def encoder_for(column_type: str) -> Encoder:
    """How values of a column of this PostgreSQL type are written."""
    return _ENCODERS[column_type.partition("(")[0]]


def escape(text: str) -> str:
    return text.translate(_ESCAPES)


def _texts(values: Sequence[object]) -> list[str]:
    found = [NULL if value is None else value for value in values]
    joined = "".join(found)  # type: ignore[arg-type]
    if any(mark in joined for mark in _SPECIAL):
        return [NULL if value is None else str(value).translate(_ESCAPES) for value in values]
    return found  # type: ignore[return-value]


def _plain(values: Sequence[object]) -> list[str]:
    return [NULL if value is None else str(value) for value in values]


def _numbers(values: Sequence[object]) -> list[str]:
    return [NULL if value is None else _number(value) for value in values]


def _number(value: object) -> str:
    if isinstance(value, timedelta):
        value = Decimal(value.days * 86400 + value.seconds) + Decimal(value.microseconds) / 1_000_000
    return str(value)


def _dates(values: Sequence[object]) -> list[str]:
    return [value.isoformat() if isinstance(value, date) else NULL for value in values]


def _booleans(values: Sequence[object]) -> list[str]:
    return [NULL if value is None else ("t" if value else "f") for value in values]


def _arrays(values: Sequence[object]) -> list[str]:
    return [NULL if value is None else escape(array_literal(map(str, value))) for value in values]  # type: ignore[call-overload]


def _documents(values: Sequence[object]) -> list[str]:
    return [NULL if value is None else escape(orjson.dumps(value, default=_as_json).decode()) for value in values]


def _as_json(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


def array_literal(items: Iterable[str]) -> str:
    """A PostgreSQL array of texts as text; every item is quoted, so that nothing in it means anything."""
    return "{" + ",".join(['"' + item.replace("\\", r"\\").replace('"', r"\"") + '"' for item in items]) + "}"


def token_literals(rows: Iterable[str]) -> list[str]:
    """Search tokens, joined by ``BETWEEN``, as a field of COPY text a row. They are one to three letters and digits, of
    which an array needs none to be quoted (``NULL`` has four)."""
    return [f"{{{tokens}}}" for tokens in rows]


_ENCODERS: dict[str, Encoder] = {
    "text": _texts,
    "numeric": _numbers,
    "bigint": _plain,
    "integer": _plain,
    "double precision": _plain,
    "boolean": _booleans,
    "date": _dates,
    "timestamptz": _dates,
    "uuid": _plain,
    "text[]": _arrays,
    "uuid[]": _arrays,
    "jsonb": _documents,
}


def bulk_ids(moment: datetime, count: int) -> list[str]:
    """New record ids as texts, strictly increasing (as ``kit.new_id`` makes one; here for thousands at a time).

    The stamp is 48 bits of milliseconds and 12 bits of its fraction, counted up from the moment; the rest is random.
    """
    stamp = (int(moment.timestamp() * 1_000_000) << 12) // 1000
    stamps = range(stamp, stamp + count)
    heads = b"".join([((head >> 12) << 16 | 0x7000 | head & 0xFFF).to_bytes(8, "big") for head in stamps])
    tails = bytearray(os.urandom(8 * count))
    tails[::8] = tails[::8].translate(_VARIANT)
    return list(map(add, _hex_words(heads), _hex_words(tails)))


def _hex_words(content: bytes | bytearray) -> list[str]:
    return content.hex(" ", 8).split(" ") if content else []
