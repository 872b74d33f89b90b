"""A load client that costs little: raw sockets, keep-alive, no HTTP library. Run as its own process.

``python bench/load_client.py HOST PORT REQUESTS_FILE CLIENTS SECONDS`` where the file holds one JSON document:
``{"requests": [base64 of a whole HTTP/1.1 request, …]}``. Each client takes the requests in turn. Prints one JSON line:
``{"answers": n, "refused": n, "seconds": s, "p50_ms": …, "p99_ms": …}``.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import cast

import uvloop


class Client(asyncio.Protocol):
    """One connection: sends a request, waits for its whole answer, sends the next."""

    def __init__(self, requests: Iterator[bytes], until: float) -> None:
        self._requests = requests
        self._until = until
        self._left = -1
        self._head = b""
        self._sent_at = 0.0
        self.latencies: list[float] = []
        self.refused = 0
        self.first_refusal = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not subclasses of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def _next(self) -> None:
        self._sent_at = perf_counter()
        if self._sent_at >= self._until:
            self._transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self._head, self._left = b"", -1
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._head[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 : head.find(b"\r", at) if b"\r" in head[at:] else None])
            if not self._head.startswith(b"HTTP/1.1 2"):
                self.refused += 1
                self.first_refusal = self.first_refusal or self._head
            self._left = length - (len(self._head) - end - 4)
        else:
            self._left -= len(data)
        if self._left <= 0:
            self.latencies.append(perf_counter() - self._sent_at)
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("closed by the server"))


async def load(host: str, port: int, requests: list[bytes], clients: int, seconds: float) -> dict[str, float | str]:
    started = perf_counter()
    turn = itertools.cycle(requests)
    loop = asyncio.get_running_loop()
    opened = [
        (await loop.create_connection(lambda: Client(turn, started + seconds), host, port))[1] for _ in range(clients)
    ]
    await asyncio.gather(*(client.done for client in opened))
    took = perf_counter() - started
    latencies = sorted(itertools.chain.from_iterable(client.latencies for client in opened))
    return {
        "answers": len(latencies),
        "refused": sum(client.refused for client in opened),
        "first_refusal": max((client.first_refusal for client in opened), key=len).decode(errors="replace"),
        "seconds": took,
        "p50_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[int(len(latencies) * 0.99)] * 1000,
    }


def main() -> None:
    host, port, file, clients, seconds = sys.argv[1:]
    requests = [base64.b64decode(each) for each in json.loads(Path(file).read_text())["requests"]]
    print(json.dumps(uvloop.run(load(host, int(port), requests, int(clients), float(seconds)))))


if __name__ == "__main__":
    main()
