"""What of a source's rows can be stored, and in which form: the body as JSON, and its version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast

import orjson
from pydantic import JsonValue

from tongmai.kit import Fault, Text
from tongmai.link.source import RawRow, SetAside

_LARGEST_BODY = 1024 * 1024


class ReadyRow(NamedTuple):
    """``body`` is JSON with its names in order; ``version`` tells it from others."""

    key: str
    version: bytes
    body: bytes
    deleted: bool
    at: datetime | None


def version_of(body: bytes, deleted: bool) -> bytes:
    """16 bytes that tell versions apart."""
    return hashlib.blake2b(body, digest_size=16, key=b"deleted" if deleted else b"").digest()


def ready_rows(rows: Sequence[RawRow]) -> tuple[list[ReadyRow], tuple[SetAside, ...]]:
    """The rows that can be stored, and the others with their faults. Of a key that comes twice the last one counts."""
    ready: dict[str, ReadyRow] = {}
    set_aside = []
    for row in rows:
        try:
            body = orjson.dumps(row.body, option=orjson.OPT_SORT_KEYS)
            key = row.key
            if b"\\u0000" in body or "\x00" in key:
                body = orjson.dumps(_without_nul(cast("JsonValue", row.body)), option=orjson.OPT_SORT_KEYS)
                key = key.replace("\x00", "")
            key.encode()
        except (TypeError, ValueError, RecursionError):
            set_aside.append(SetAside(_shown(row.key), (_UNREADABLE,)))
            continue
        if not key or len(key) > 500:
            set_aside.append(SetAside(_shown(key), (_BAD_KEY,)))
        elif len(body) > _LARGEST_BODY:
            set_aside.append(SetAside(key, (_TOO_LARGE,)))
        else:
            # Anew at the end: of two versions the later one is stored, at its place.
            ready.pop(key, None)
            ready[key] = ReadyRow(key, version_of(body, row.deleted), body, row.deleted, row.at)
    return list(ready.values()), tuple(set_aside)


def together(
    parts: Sequence[tuple[Sequence[ReadyRow], Sequence[SetAside]]],
) -> tuple[list[ReadyRow], tuple[SetAside, ...]]:
    """What ``ready_rows`` gave for rows that follow one another, as if they had been given at once."""
    aside = tuple(each for _, aside in parts for each in aside)
    ready = [row for rows, _ in parts for row in rows]
    if len({row.key for row in ready}) == len(ready):
        return ready, aside
    last: dict[str, ReadyRow] = {}
    for row in ready:
        last.pop(row.key, None)
        last[row.key] = row
    return list(last.values()), aside


def _shown(key: str) -> str:
    return key.encode("utf-8", "replace").decode().replace("\x00", "")[:200] or "?"


def _without_nul(value: JsonValue) -> JsonValue:
    """PostgreSQL's texts cannot hold the NUL character, and nobody has ever meant one."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_without_nul(each) for each in value]
    if isinstance(value, Mapping):
        return {name.replace("\x00", ""): _without_nul(each) for name, each in value.items()}
    return value


_UNREADABLE = Fault("raw.unreadable", Text("这一行含有不能保存的内容", "The row holds what cannot be stored"))
_BAD_KEY = Fault("raw.bad_key", Text("这一行没有可用的键", "The row has no usable key"))
_TOO_LARGE = Fault("raw.too_large", Text("这一行超过 1 MB", "The row is larger than 1 MB"))
