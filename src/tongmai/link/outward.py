"""The way of sources over HTTP: to whatever system the company has, but never to what only this machine may ask.

A source's address is the word of who changes the model. The company's own systems stand in its inner network, so
inner addresses are allowed; those that give a machine its own credentials (link-local: a cloud's metadata service) and
those that are no one's are not.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx

from tongmai.kit import Invalid, Text, reached_address

# Metadata services that do not stand at a link-local address: AWS's over IPv6, Alibaba Cloud's, Oracle Cloud's.
_METADATA = frozenset({"fd00:ec2::254", "100.100.100.200", "192.0.0.192"})
LONGEST_ANSWER = 32 * 1024 * 1024
# For a whole answer: one that comes a letter at a time is never late by what is waited for the next.
LONGEST_WAIT_S = 300.0
# What told how the answer came, and no longer holds when it is unpacked.
_OF_THE_WAY = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class OutwardTransport(httpx.AsyncHTTPTransport):
    """Resolves the name once, looks at every address, and connects to the first: a name that points elsewhere a moment
    later changes nothing."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises ``Invalid`` for a forbidden address, ``httpx.ConnectError`` for a name that is not known."""
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpx.ConnectError(f"{url.host}: {error}", request=request) from error
        addresses = [str(each[4][0]) for each in found]
        if not all(map(is_reachable, addresses)):
            raise Invalid.of(
                "source.address_forbidden",
                "地址指向本机的内部服务，不允许访问",
                "The address leads to a service of this machine's own and may not be asked",
                way_out=Text("请填写业务系统的地址", "Give the address of the system itself"),
            )
        extensions = {**request.extensions, "sni_hostname": url.raw_host.decode("ascii")}
        there = httpx.Request(
            request.method,
            url.copy_with(host=addresses[0]),
            headers=request.headers,
            stream=request.stream,
            extensions=extensions,
        )
        return await super().handle_async_request(there)


async def answer_within(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    longest: int = LONGEST_ANSWER,
    seconds: float = LONGEST_WAIT_S,
    **given: Any,
) -> httpx.Response:
    """The answer to a request, read no further than ``longest`` bytes, however small it was packed, and no longer than
    ``seconds``. Raises ``httpx.ReadError`` or ``ReadTimeout`` for a longer one, and what ``http.stream``, which
    ``given`` is handed to, raises."""
    try:
        async with asyncio.timeout(seconds), http.stream(method, url, **given) as answer:
            content = bytearray()
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > longest:
                    raise httpx.ReadError(f"the answer is longer than {longest} bytes", request=answer.request)
    except TimeoutError:
        raise httpx.ReadTimeout(f"the answer takes more than {seconds:g} seconds") from None
    plain = [(name, value) for name, value in answer.headers.multi_items() if name not in _OF_THE_WAY]
    return httpx.Response(answer.status_code, headers=plain, content=bytes(content), request=answer.request)


def is_reachable(address: str) -> bool:
    """Whether sources may ask an IP address: neither link-local nor a metadata service, multicast or unspecified, also
    not as one of these inside an IPv6 address."""
    found = reached_address(address)
    if found is None:
        return False
    return not (found.is_link_local or found.is_multicast or found.is_unspecified or str(found) in _METADATA)
