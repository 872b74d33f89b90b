"""Reading request bodies within limits: bytes as they arrive (also chunked), JSON by depth, duplicates and numbers.

A number with a point becomes a ``Decimal`` so that money arrives as it was typed. A name given twice in one object is
refused rather than decided by chance.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable
from typing import NoReturn

import orjson
from starlette.requests import Request

from tongmai.kit import Text, TooLarge, exact_number
from tongmai.web.problems import Malformed, UnsupportedMediaType

# JSON as it comes: None, bool, int, Decimal, str, list, dict.
Json = object
MAX_DEPTH = 50


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body. Raises TooLarge as soon as more than ``limit`` bytes are announced or have come."""
    check_announced_size(request, limit)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large(limit)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def stream_body(request: Request, limit: int) -> AsyncGenerator[bytes]:
    """The body part by part, for uploads that never stand in memory."""
    check_announced_size(request, limit)
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large(limit)
        if part:
            yield part


def check_announced_size(request: Request, limit: int) -> None:
    announced = request.headers.get("content-length")
    if announced is not None and announced.isdigit() and int(announced) > limit:
        raise too_large(limit)


def too_large(limit: int) -> TooLarge:
    size = f"{limit / 1024 / 1024:.0f} MB" if limit >= 1024 * 1024 else f"{limit} B"
    return TooLarge.of(
        "body.too_large",
        f"请求内容超过上限 {size}",
        f"The request is larger than {size}",
        way_out=Text("请分批提交，或用文件上传", "Send it in parts, or upload it as a file"),
        extra={"limit": limit},
    )


async def read_json(request: Request, limit: int) -> Json:
    """The body as JSON. Raises UnsupportedMediaType, TooLarge or Malformed."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        # Also what keeps a foreign page's form from ever being read as a command (a form cannot send this type).
        raise UnsupportedMediaType.of(
            "body.media_type",
            "请求内容须为 application/json",
            "The body must be application/json",
            way_out=Text("请设置 Content-Type: application/json", "Set Content-Type: application/json"),
        )
    return parse_json(await read_body(request, limit))


def parse_json(body: bytes) -> Json:
    """JSON with at most 50 levels, no name twice, no NaN, no half characters. Raises Malformed."""
    if not body.strip():
        raise Malformed.of("json.empty", "请求内容为空", "The body is empty")
    try:
        text = body.decode("utf-8")
        found: Json = json.loads(
            text, parse_float=exact_number, parse_constant=_refuse_constant, object_pairs_hook=_object_of
        )
        if b"\\u" in body:
            # Python lets half of a surrogate pair through, PostgreSQL does not; orjson refuses it at little cost.
            orjson.loads(body)
    except Malformed:
        raise
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError as error:
        raise Malformed.of(
            "json.encoding", f"第 {error.start} 个字节不是 UTF-8", f"Byte {error.start} is not UTF-8"
        ) from None
    except json.JSONDecodeError as error:
        raise Malformed.of(
            "json.syntax",
            f"JSON 在第 {error.lineno} 行第 {error.colno} 个字符处有误",
            f"The JSON is wrong at line {error.lineno}, character {error.colno}: {error.msg}",
        ) from None
    except ValueError:
        raise Malformed.of(
            "json.syntax", "JSON 中有无法读取的数字或字符", "A number or character is unreadable"
        ) from None
    _check_depth(found)
    return found


def _object_of(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = _first_twice(name for name, _ in pairs)[:100]
        raise Malformed.of(
            "json.duplicate", f"名称“{twice}”在同一对象中出现两次", f"The name '{twice}' is given twice", field=twice
        )
    return found


def _first_twice(names: Iterable[str]) -> str:
    """One pass: a body of half a million names comes from who has not signed in."""
    seen: set[str] = set()
    return next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def _refuse_constant(word: str) -> NoReturn:
    raise Malformed.of("json.number", f"JSON 不允许 {word}", f"JSON does not allow {word}")


def _check_depth(found: Json) -> None:
    level: list[Json] = [found]
    for _ in range(MAX_DEPTH):
        inner: list[Json] = []
        for each in level:
            if isinstance(each, dict):
                inner.extend(value for value in each.values() if isinstance(value, (dict, list)))
            elif isinstance(each, list):
                inner.extend(value for value in each if isinstance(value, (dict, list)))
        if not inner:
            return
        level = inner
    raise _too_deep()


def _too_deep() -> Malformed:
    return Malformed.of(
        "json.depth", f"JSON 嵌套超过 {MAX_DEPTH} 层", f"The JSON is nested deeper than {MAX_DEPTH} levels"
    )
