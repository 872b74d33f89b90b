"""Web hook in: any program sends JSON, signed with a shared secret, and it is ours.

Signature: ``X-Tongmai-Signature: hex(HMAC-SHA256(secret, timestamp + "." + body))`` with ``X-Tongmai-Timestamp`` in
seconds since 1970. A call that is older or newer than the window is refused, the same call a second time does nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Annotated, cast

import orjson
from pydantic import Field, JsonValue

from tongmai.kit import Clock, Denied, Fault, Invalid, Text, TooLarge
from tongmai.link.source import (
    Asked,
    Body,
    Health,
    HookAnswer,
    HookCall,
    RawRow,
    Received,
    SourceContext,
    SourceKind,
    SourceOptions,
    Stream,
)

SECRET = "secret"  # noqa: S105 - the name of a secret, not one
_MOST_ROWS = 1_000
_MOST_DEPTH = 40


class HookStream(SourceOptions):
    """``when`` tells which rows are of this stream: a path and its value (``["type", "order"]``); without it all that
    no stream before took. ``key`` are the paths that tell a row from all others."""

    key: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)]
    when: tuple[str, str] | None = None


class HookOptions(SourceOptions):
    """``rows`` is the path of the list in the body, where it is not the body itself."""

    streams: Annotated[dict[str, HookStream], Field(min_length=1, max_length=50)]
    rows: Annotated[str, Field(max_length=200)] | None = None
    window_s: Annotated[int, Field(ge=30, le=3_600)] = 300
    max_bytes: Annotated[int, Field(ge=1_024, le=8 * 1024 * 1024)] = 1024 * 1024


class HookSource:
    """Implements ``Source`` and ``Receives``."""

    def __init__(self, options: HookOptions, secret: str, clock: Clock) -> None:
        self._options = options
        self._secret = secret.encode()
        self._clock = clock

    async def test(self) -> Health:
        return Health(True, Text("可以接收", "Ready to receive"))

    async def close(self) -> None:
        return None

    async def receive(self, call: HookCall) -> Received:
        if call.method != "POST":
            raise Invalid.of("hook.method", "只接受 POST", "POST only")
        if len(call.body) > self._options.max_bytes:
            raise TooLarge.of("hook.too_large", "内容过大", "The body is too large")
        signature = self._verified(call)
        rows = self._rows(call.body)
        sorted_rows: dict[str, list[RawRow]] = {}
        for number, row in enumerate(rows, 1):
            stream, key = self._place(row, number)
            sorted_rows.setdefault(stream, []).append(RawRow(key, row))
        answer = HookAnswer(202, orjson.dumps({"received": len(rows)}), "application/json")
        return Received(answer, {key: tuple(each) for key, each in sorted_rows.items()}, once=signature)

    def _verified(self, call: HookCall) -> str:
        """The signature, if it is right and of now. One refusal for all reasons: a forger learns nothing."""
        stamp = call.headers.get("x-tongmai-timestamp", "")
        given = call.headers.get("x-tongmai-signature", "").lower().removeprefix("sha256=")
        wanted = hmac.new(self._secret, stamp.encode() + b"." + call.body, hashlib.sha256).hexdigest()
        is_genuine = hmac.compare_digest(given.encode(), wanted.encode())
        is_number = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12
        age = abs(self._clock.now().timestamp() - int(stamp)) if is_number else None
        if not is_genuine or age is None or age > self._options.window_s:
            raise Denied.of(
                "hook.refused",
                "签名不正确或已过期",
                "The signature is wrong or too old",
                way_out=Text("请核对密钥与发送方的时钟", "Check the secret and the sender's clock"),
            )
        return wanted

    def _rows(self, content: bytes) -> list[Body]:
        try:
            found: JsonValue = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise Invalid.of("hook.not_json", "内容不是 JSON", "The body is no JSON") from None
        if _depth(found) > _MOST_DEPTH:
            raise Invalid.of("hook.too_deep", "JSON 嵌套过深", "The JSON is nested too deep")
        if self._options.rows is not None and isinstance(found, dict):
            found = at_path(found, self._options.rows)
        rows = found if isinstance(found, list) else [found]
        if len(rows) > _MOST_ROWS or not all(isinstance(row, dict) for row in rows):
            raise Invalid.of(
                "hook.not_rows", f"应为至多 {_MOST_ROWS} 个 JSON 对象", f"At most {_MOST_ROWS} JSON objects are taken"
            )
        return cast("list[Body]", rows)

    def _place(self, row: Body, number: int) -> tuple[str, str]:
        for name, stream in self._options.streams.items():
            if stream.when is not None and str(at_path(row, stream.when[0])) != stream.when[1]:
                continue
            parts = [at_path(row, path) for path in stream.key]
            if any(part is None or isinstance(part, dict | list) for part in parts):
                listed = ", ".join(stream.key)
                text = Text(f"第 {number} 条缺少键 {listed}", f"Object {number} has no key {listed}")
                raise Invalid((Fault("hook.no_key", text, row=number),))
            return name, "|".join(map(str, parts))
        text = Text(f"第 {number} 条不属于任何数据流", f"Object {number} is of no stream")
        raise Invalid((Fault("hook.no_stream", text, row=number),))


def at_path(row: Body, path: str) -> JsonValue:
    found: JsonValue = cast("JsonValue", row)
    for step in path.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(step)
    return found


def _depth(found: JsonValue) -> int:
    level: list[JsonValue] = [found]
    depth = 0
    while level and depth <= _MOST_DEPTH:
        depth += 1
        inner: list[JsonValue] = []
        for each in level:
            inner.extend(each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
        level = inner
    return depth


def _streams(options: SourceOptions) -> tuple[Stream, ...]:
    assert isinstance(options, HookOptions)
    return tuple(Stream(key, Text.same(key), told=True) for key in options.streams)


def _open(context: SourceContext) -> HookSource:
    options = HookOptions.model_validate(context.definition.options)
    return HookSource(options, context.secrets[SECRET], context.clock)


_FORM: Mapping[str, Asked] = {
    "streams": Asked(Text("数据流", "Streams"), Text("一种数据一个数据流", "A stream for each sort of object")),
    "streams.key": Asked(
        Text("键", "Key"), Text("认定一条数据的字段路径", "The paths that tell one object from others")
    ),
    "streams.when": Asked(
        Text("条件", "When"),
        Text("字段路径与值两项，如 type、order；不填则收下其余全部", "A path and its value; all others without any"),
    ),
    "rows": Asked(
        Text("列表所在路径", "Path of the list"), Text("内容本身是列表时不填", "None if the body is the list")
    ),
    "window_s": Asked(Text("时钟误差（秒）", "Clock's difference (seconds)")),
    "max_bytes": Asked(Text("内容上限（字节）", "Largest body (bytes)")),
}

KIND = SourceKind(
    key="hook",
    label=Text("Web 回调", "Web hook"),
    options=HookOptions,
    secrets={SECRET: Text("签名密钥", "the signing secret")},
    streams=_streams,
    open=_open,
    form=_FORM,
    receives=True,
)
