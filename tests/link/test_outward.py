"""Where the addresses of sources may lead: into the company's network, not to a machine's own credentials."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import suppress

import httpx
import pytest

from tongmai.kit import Invalid
from tongmai.link.faults import SourceAway
from tongmai.link.outward import OutwardTransport, answer_within, is_reachable
from tongmai.link.sources.calendar_server import CalendarServer


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
        "2002:a9fe:a9fe::1",
        "64:ff9b::a9fe:a9fe",
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


async def test_an_answer_packed_small_is_read_no_further_than_it_may_be_long() -> None:
    packed = {"/small": gzip.compress(b"x" * 1_000), "/bomb": gzip.compress(bytes(4 * 1024 * 1024))}
    read = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        # Of the bomb more is promised than ever comes: who would read it all would wait.
        length = len(packed[path]) + (1_000_000 if path == "/bomb" else 0)
        head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n"
        writer.write(head.encode() + packed[path])
        await writer.drain()
        if path == "/bomb":
            await read.wait()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, httpx.AsyncClient(transport=OutwardTransport()) as client:
        found = await answer_within(client, "GET", f"{address}/small", longest=1_000)
        assert (found.status_code, found.content) == (200, b"x" * 1_000)
        with pytest.raises(httpx.ReadError, match="longer than"):
            await asyncio.wait_for(answer_within(client, "GET", f"{address}/bomb", longest=100_000), 20)
        read.set()


async def test_an_answer_that_comes_a_letter_at_a_time_is_waited_for_no_longer_than_said() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, httpx.AsyncClient(transport=OutwardTransport(), timeout=5) as client:
        with pytest.raises(httpx.ReadTimeout, match="more than"):
            await asyncio.wait_for(answer_within(client, "GET", address, seconds=0.3), 20)
        with pytest.raises(SourceAway):
            await asyncio.wait_for(CalendarServer(address, None, None, client, seconds=0.3).file(), 20)
