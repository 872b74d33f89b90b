"""What the vendor answers when a connection of the stream mode is asked for, and what the source's page says of it."""

from __future__ import annotations

from typing import cast

import httpx
import pytest
from pydantic import SecretStr

from tongmai.kit import Invalid
from tongmai.link import Received, SourceAway
from tongmai.link.dingtalk.events import EventRows
from tongmai.link.dingtalk.stream import StreamConnection


async def _take(received: Received) -> None:
    raise AssertionError(received)


async def _run(answer: httpx.Response) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as http:
        await StreamConnection(http, "key", SecretStr("secret"), "http://vendor", cast("EventRows", None)).run(_take)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(401, json={"code": "authFailed", "message": "鉴权失败"}), "鉴权失败"),
        (httpx.Response(403, json={"code": "noStream"}), "noStream"),
        (httpx.Response(200, json={"ticket": "t"}), "endpoint"),
        (httpx.Response(200, content=b"<html>"), "endpoint"),
        (httpx.Response(200, json=["endpoint"]), "endpoint"),
    ],
)
async def test_a_connection_that_is_not_given_is_told_with_the_vendors_words(answer: httpx.Response, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        await _run(answer)
    (fault,) = refused.value.faults
    assert fault.code == "dingtalk.stream_refused"
    assert said in fault.text.zh
    assert fault.way_out is not None


async def test_a_vendor_in_trouble_is_waited_for() -> None:
    with pytest.raises(SourceAway):
        await _run(httpx.Response(503, content=b"busy"))
