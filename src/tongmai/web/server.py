"""Listening: the socket before anything else, uvicorn on uvloop and httptools, and a stop that loses nobody's request.

On SIGTERM or SIGINT: no new connections, event streams end (their readers come back elsewhere with Last-Event-ID),
requests under way get ten seconds, then the services close from the outside in.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from tongmai.kit import Settings, Text, Unavailable

GRACE_S = 10


def bind(host: str, port: int) -> socket.socket:
    """The listening socket. Raises Unavailable if the address is taken or not ours, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        where = f"{host}:{port}"
        raise Unavailable.of(
            "server.address",
            f"无法在 {where} 上监听：{error.strerror}",
            f"Cannot listen on {where}: {error.strerror}",
            way_out=Text("请换一个端口；--port 0 任选一个空着的", "Choose another port; --port 0 picks a free one"),
        ) from error
    listening.setblocking(False)
    return listening


def address_of(listening: socket.socket, settings: Settings) -> str:
    """What a person types into the browser."""
    if settings.public_url:
        return settings.public_url
    host, port = listening.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


async def serve(app: ASGIApp, listening: socket.socket, *, before_stop: Callable[[], None]) -> None:
    """Answers until a signal comes. ``before_stop`` ends what would otherwise keep connections open."""
    config = uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=GRACE_S,
        # Only a proxy on this machine may say whom it speaks for.
        forwarded_allow_ips="127.0.0.1,::1",
    )
    await _Server(config, before_stop).serve(sockets=[listening])


class _Server(uvicorn.Server):
    """uvicorn, but a signal only asks it to stop: the services around it have to close in order."""

    def __init__(self, config: uvicorn.Config, before_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_stop = before_stop

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._asked_to_stop)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _asked_to_stop(self) -> None:
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._before_stop()
        await super().shutdown(sockets)
