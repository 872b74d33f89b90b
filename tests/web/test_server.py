"""The program as it runs: a process of its own, a real socket, signals."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.web.company import Running

from tongmai.kit import Settings

pytestmark = pytest.mark.slow


async def ended(server: Running) -> tuple[int, str]:
    code = await asyncio.wait_for(server.process.wait(), 30)
    return code, server.log.read_text(encoding="utf-8")


async def test_it_answers_over_a_real_socket_and_stops_when_asked(server: Running, token: str) -> None:
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=server.address, headers=headers) as client:
        assert (await client.get("/readyz")).status_code == 200
        made = await client.post("/api/records/customer", json={"name": "真实"})
        assert made.status_code == 201
        assert (await client.get("/api/records/customer")).json()["count"] == 1
        assert "tongmai_http_request_seconds_count" in (await client.get("/metrics")).text
        forwarded = {"x-forwarded-for": "203.0.113.9", "authorization": ""}
        assert (await client.get("/metrics", headers=forwarded)).status_code == 401
    server.process.send_signal(signal.SIGTERM)
    code, log = await ended(server)
    assert code == 0
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    requests = [line for line in lines if line.get("event") == "request"]
    assert {"/api/records/{object}", "/readyz"} <= {line["route"] for line in requests}
    assert token not in log
    assert "真实" not in log


async def test_a_stop_ends_streams_and_lets_requests_finish(server: Running, token: str) -> None:
    headers = {"authorization": f"Bearer {token}"}
    async with (
        httpx.AsyncClient(base_url=server.address, headers=headers, timeout=30) as client,
        client.stream("GET", "/api/stream") as stream,
    ):
        lines = stream.aiter_lines()
        while "event: open" not in await anext(lines):
            pass

        async def slow_body() -> AsyncIterator[bytes]:
            yield b'{"name": "'
            server.process.send_signal(signal.SIGTERM)
            while "stopping" not in await anext(lines):
                pass
            yield '迟到但完整"}'.encode()

        posted = await client.post(
            "/api/records/customer", content=slow_body(), headers={"content-type": "application/json"}
        )
        assert posted.status_code == 201
    code, _ = await ended(server)
    assert code == 0


async def test_a_reader_that_takes_nothing_delays_nobody(server: Running, token: str) -> None:
    request = f"GET /api/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(request)
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=server.address, headers=headers, timeout=10) as client:
            rows = [{"name": f"客户{n}" * 20} for n in range(500)]
            for _ in range(4):
                assert (await client.post("/api/records/customer", json=rows)).status_code == 201
            assert (await client.get("/api/records/customer")).status_code == 200
    server.process.send_signal(signal.SIGTERM)
    assert (await ended(server))[0] == 0


@pytest.mark.parametrize("words", [("api",), ("simulate", "wecom")])
async def test_a_port_that_is_taken_is_said_in_one_sentence(
    settings: Settings, tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert settings.database_url is not None
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = {
            **os.environ,
            "LANG": "en_GB.UTF-8",
            "TONGMAI_DATABASE_URL": settings.database_url.get_secret_value(),
            "TONGMAI_DATA_DIR": str(tmp_path),
        }
        command = ("-c", "from tongmai.cli import main; main()", *words, "--port", str(taken.getsockname()[1]))
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, env=environment, stderr=asyncio.subprocess.PIPE
        )
        _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 3
    assert b"Cannot listen on" in said
    assert b"Traceback" not in said
