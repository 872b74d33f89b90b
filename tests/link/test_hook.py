"""Web hook in: genuine calls are stored before they are answered, forged, old and repeated ones do nothing."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import orjson
import pytest

from tongmai.kit import Denied, Invalid, NotFound, TooLarge
from tongmai.link import HookCall

from .desk import Desk

SECRET = "s3cret"
SOURCE: dict[str, Any] = {
    "key": "shop", "label": "商城", "kind": "hook",
    "options": {"streams": {"customers": {"key": ["id"], "when": ["type", "customer"]}, "rest": {"key": ["id"]}},
                "max_bytes": 2048},
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "key": "shop_customers", "label": "客户", "source": "shop", "stream": "customers", "object": "customer",
    "columns": [{"path": "id"}, {"path": "who.name"}],
    "fields": [{"field": "code", "value": "id"}, {"field": "name", "value": "[who.name]"}], "match": ["code"],
}  # fmt: skip


@pytest.fixture
async def shop(desk: Desk) -> Desk:
    await desk.define(SOURCE, MAPPING)
    await desk.secret("shop", secret=SECRET)
    return desk


def call(desk: Desk, *rows: dict[str, Any], secret: str = SECRET, late: int = 0) -> HookCall:
    body = orjson.dumps(list(rows))
    stamp = str(int((desk.clock.now() - timedelta(seconds=late)).timestamp()))
    signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"x-tongmai-timestamp": stamp, "x-tongmai-signature": signature}
    return HookCall("POST", {}, headers, body, "203.0.113.9")


ANNA = {"type": "customer", "id": "K1", "who": {"name": "华东机械"}}


async def send(desk: Desk, given: HookCall) -> Any:
    return await desk.links.receiver.receive(desk.workspace, "shop", given)


async def test_what_is_sent_is_stored_when_it_is_answered_and_mapped_at_once(shop: Desk) -> None:
    answer = await send(shop, call(shop, ANNA, {"id": 5, "x": 1}))

    assert (answer.status, answer.body) == (202, b'{"received":2}')
    assert await shop.count("_raw") == 2
    await shop.links.mapper.advance(shop.workspace)
    assert await shop.records("customer", "code", "name") == [("K1", "华东机械")]


async def test_the_same_call_again_is_answered_and_does_nothing(shop: Desk) -> None:
    given = call(shop, ANNA)
    await send(shop, given)
    await shop.links.mapper.advance(shop.workspace)
    history = await shop.count("_history")

    answer = await send(shop, given)
    await shop.links.mapper.advance(shop.workspace)

    assert answer.status == 202
    assert await shop.count("_history") == history


@pytest.mark.parametrize("late", [301, -301])
async def test_a_call_outside_the_window_is_refused(shop: Desk, late: int) -> None:
    with pytest.raises(Denied):
        await send(shop, call(shop, ANNA, late=late))
    assert await shop.count("_raw") == 0


async def test_a_forged_call_is_refused_and_seen_on_the_sources_page(shop: Desk) -> None:
    with pytest.raises(Denied):
        await send(shop, call(shop, ANNA, secret="guessed"))

    assert await shop.count("_raw") == 0
    assert await shop.refusals("shop") == {"hook.refused": ["hook.refused"]}


async def test_a_changed_body_or_stamp_is_refused(shop: Desk) -> None:
    genuine = call(shop, ANNA)
    headers = {**genuine.headers, "x-tongmai-timestamp": str(int(genuine.headers["x-tongmai-timestamp"]) + 1)}
    for forged in (
        HookCall("POST", {}, genuine.headers, genuine.body.replace(b"K1", b"K2")),
        HookCall("POST", {}, headers, genuine.body),
        HookCall("POST", {}, {}, genuine.body),
    ):
        with pytest.raises(Denied):
            await send(shop, forged)


async def test_too_large_too_deep_and_keyless_bodies_are_refused(shop: Desk) -> None:
    with pytest.raises(TooLarge):
        await send(shop, call(shop, {"id": "x" * 3000}))
    deep: Any = 1
    for _ in range(60):
        deep = [deep]
    with pytest.raises(Invalid):
        await send(shop, call(shop, {"id": 1, "deep": deep}))
    with pytest.raises(Invalid):
        await send(shop, call(shop, {"name": "no id"}))


async def test_a_source_that_takes_no_calls_has_no_hook(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.links.receiver.receive(desk.workspace, "nope", HookCall("POST", {}, {}, b""))
