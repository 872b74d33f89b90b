"""The parts of Microsoft's Tabular Data Stream (MS-TDS) that an SQL Server client needs to sign in and to read.

Numbers are little-endian, texts UTF-16LE. Section numbers are those of [MS-TDS].
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

# Packet types (2.2.3.1.1).
BATCH, RPC, REPLY, ATTENTION, LOGIN, PRELOGIN = 0x01, 0x03, 0x04, 0x06, 0x10, 0x12
_VERSION_72 = 0x72000000
_DONE_ERROR, _DONE_COUNT, _DONE_ATTENTION = 0x2, 0x10, 0x20
_NO_LENGTH = 0xFFFF
_LONGEST_TEXT = 4000
_EPOCH = date(1900, 1, 1)
# Chinese_PRC_CI_AS: LCID 2052, flags, sort id 0.
_COLLATION = b"\x04\x08\xd0\x00\x00"

ColumnKind = Literal["text", "integer", "float", "decimal", "moment", "bytes", "bit"]


class WireError(Exception):
    """The client sent what is no TDS of ours."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who signs in (2.2.6.4). ``version`` is the TDS version the client speaks."""

    version: int
    user: str
    password: str
    database: str


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: ColumnKind
    scale: int = 0


def read_login(body: bytes) -> Login:
    """The LOGIN7 message. Raises ``WireError``."""
    if len(body) < 94:
        raise WireError("LOGIN7 is too short")
    (version,) = struct.unpack_from("<I", body, 4)

    def text(at: int) -> bytes:
        offset, length = struct.unpack_from("<HH", body, at)
        return body[offset : offset + 2 * length]

    # The password's bytes are XORed with 0xA5 and their nibbles swapped.
    hidden = bytes((b ^ 0xA5) for b in text(44))
    password = bytes(((b << 4) & 0xF0) | (b >> 4) for b in hidden)
    return Login(version, *(part.decode("utf-16-le", "replace") for part in (text(40), password, text(68))))


def read_batch(body: bytes, version: int) -> str:
    """The text of an SQL batch; since 7.2 headers stand before it."""
    if version >= _VERSION_72:
        if len(body) < 4:
            raise WireError("a batch without headers")
        (headers,) = struct.unpack_from("<I", body)
        body = body[headers:]
    return body.decode("utf-16-le", "replace")


def prelogin_reply() -> bytes:
    """Options VERSION, ENCRYPTION (2: not supported), INSTOPT, THREADID, MARS (2.2.6.5)."""
    options = [(0, b"\x10\x00\x10\x00\x00\x00"), (1, b"\x02"), (2, b"\x00"), (3, b""), (4, b"\x00")]
    at = 5 * len(options) + 1
    head, content = b"", b""
    for token, value in options:
        head += struct.pack(">BHH", token, at + len(content), len(value))
        content += value
    return head + b"\xff" + content


class Tokens:
    """Writes the tokens of an answer for a client's version."""

    def __init__(self, version: int) -> None:
        self._version = version
        self._wide = version >= _VERSION_72

    def signed_in(self, database: str, packet_size: int) -> bytes:
        program = _b_text("Microsoft SQL Server")
        ack = b"\x01" + struct.pack(">I", self._version) + program + b"\x10\x00\x10\x00"
        return (
            self.database(database)
            + _env(7, bytes([len(_COLLATION)]) + _COLLATION + b"\x00")
            + b"\xad" + struct.pack("<H", len(ack)) + ack
            + _env(4, _b_text(str(packet_size)) + _b_text(str(packet_size)))
            + self.done()
        )  # fmt: skip

    def database(self, name: str) -> bytes:
        return _env(1, _b_text(name) + _b_text("master"))

    def error(self, number: int, message: str, severity: int = 16) -> bytes:
        """The ERROR token (2.2.7.10) and the end of the answer."""
        body = struct.pack("<IBB", number, 1, severity) + _us_text(message[:1000]) + _b_text("U8SIM") + _b_text("")
        body += struct.pack("<I" if self._wide else "<H", 1)
        return b"\xaa" + struct.pack("<H", len(body)) + body + self.done(failed=True)

    def columns(self, columns: Sequence[Column]) -> bytes:
        """COLMETADATA (2.2.7.4)."""
        found = b"\x81" + struct.pack("<H", len(columns))
        for each in columns:
            found += struct.pack("<IH" if self._wide else "<HH", 0, 0x09) + _TYPES[each.kind](each) + _b_text(each.name)
        return found

    def row(self, columns: Sequence[Column], values: Sequence[object]) -> bytes:
        parts = [b"\xd1"]
        for column, value in zip(columns, values, strict=True):
            parts.append(_null(column) if value is None else _VALUES[column.kind](column, value))
        return b"".join(parts)

    def done(self, rows: int | None = None, *, failed: bool = False, attention: bool = False) -> bytes:
        status = (_DONE_ERROR if failed else 0) | (_DONE_ATTENTION if attention else 0)
        status |= 0 if rows is None else _DONE_COUNT
        return struct.pack("<BHH" + ("Q" if self._wide else "I"), 0xFD, status, 0xC1, rows or 0)


def _env(kind: int, values: bytes) -> bytes:
    """ENVCHANGE (2.2.7.9)."""
    return b"\xe3" + struct.pack("<HB", len(values) + 1, kind) + values


def _b_text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode("utf-16-le")


def _us_text(text: str) -> bytes:
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")


_TYPES: dict[ColumnKind, Callable[[Column], bytes]] = {
    "text": lambda column: b"\xe7" + struct.pack("<H", 2 * _LONGEST_TEXT) + _COLLATION,
    "integer": lambda column: b"\x26\x08",
    "float": lambda column: b"\x6d\x08",
    "decimal": lambda column: b"\x6c\x11" + bytes([38, column.scale]),
    "moment": lambda column: b"\x6f\x08",
    "bytes": lambda column: b"\xa5" + struct.pack("<H", 8000),
    "bit": lambda column: b"\x68\x01",
}


def _null(column: Column) -> bytes:
    return struct.pack("<H", _NO_LENGTH) if column.kind in ("text", "bytes") else b"\x00"


def _text(column: Column, value: object) -> bytes:
    encoded = str(value)[:_LONGEST_TEXT].encode("utf-16-le")
    return struct.pack("<H", len(encoded)) + encoded


def _integer(column: Column, value: object) -> bytes:
    return b"\x08" + struct.pack("<q", int(str(value)))


def _float(column: Column, value: object) -> bytes:
    return b"\x08" + struct.pack("<d", float(str(value)))


def _decimal(column: Column, value: object) -> bytes:
    whole = int(Decimal(str(value)).scaleb(column.scale).to_integral_value())
    return b"\x11" + (b"\x00" if whole < 0 else b"\x01") + abs(whole).to_bytes(16, "little")


def _moment(column: Column, value: object) -> bytes:
    """Days since 1900 and three-hundredths of a second since midnight."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    since = moment - datetime.combine(moment.date(), datetime.min.time())
    ticks = round(since.total_seconds() * 300)
    return b"\x08" + struct.pack("<iI", (moment.date() - _EPOCH).days, ticks)


def _bytes(column: Column, value: object) -> bytes:
    content = value if isinstance(value, bytes) else str(value).encode()
    return struct.pack("<H", len(content)) + content


def _bit(column: Column, value: object) -> bytes:
    return b"\x01" + (b"\x01" if value else b"\x00")


_VALUES: dict[ColumnKind, Callable[[Column, object], bytes]] = {
    "text": _text, "integer": _integer, "float": _float, "decimal": _decimal, "moment": _moment, "bytes": _bytes,
    "bit": _bit,
}  # fmt: skip
