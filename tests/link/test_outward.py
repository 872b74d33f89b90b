"""Where the addresses of sources may lead: into the company's network, not to a machine's own credentials."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tongmai.kit import Invalid
from tongmai.link.outward import OutwardTransport, is_reachable


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "10.1.2.3", "192.168.1.9", "127.0.0.1", "::1", "2001:4860::8888", "fd12::8"]
)
def test_systems_of_the_company_are_asked(address: str) -> None:
    assert is_reachable(address)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "fd00:ec2::254",
        "100.100.100.200",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "x",
    ],
)
def test_metadata_services_and_no_ones_addresses_are_not(address: str) -> None:
    assert not is_reachable(address)


async def test_a_request_goes_to_the_address_that_was_looked_at_with_its_own_name() -> None:
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, httpx.AsyncClient(transport=OutwardTransport()) as client:
        answered = await client.get(f"http://localhost:{port}/x")
    assert (answered.text, str(answered.url)) == ("ok", f"http://localhost:{port}/x")
    assert f"host: localhost:{port}".encode() in heard[0].lower()


async def test_a_forbidden_address_is_refused_before_anything_is_sent() -> None:
    async with httpx.AsyncClient(transport=OutwardTransport()) as client:
        for url in ("http://169.254.169.254/latest/meta-data/", "http://[::ffff:a9fe:a9fe]/", "http://2852039166/"):
            with pytest.raises(Invalid) as refused:
                await client.get(url)
            assert refused.value.faults[0].code == "source.address_forbidden"
        with pytest.raises(httpx.ConnectError):
            await client.get("http://no-such-name.invalid/")
