"""The Stream gateway: hands out tickets, keeps web sockets, sends frames until they are acknowledged."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tongmai.kit import set_within
from tongmai.simulators.dingtalk.organisation import Json, Organisation

_AGAIN_S = 1.0
_TRIES = 20


@dataclass
class Gateway:
    """``acknowledged`` holds message ids in the order of their acknowledgements; ``twice`` sends each frame twice."""

    organisation: Organisation
    twice: bool = False
    acknowledged: list[str] = field(default_factory=list)
    _sockets: list[WebSocket] = field(default_factory=list)
    _waiting: dict[str, asyncio.Event] = field(default_factory=dict)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/v1.0/gateway/connections/open", self._open, methods=["POST"]),
            WebSocketRoute("/stream", self._serve),
        ]

    @property
    def connections(self) -> int:
        return len(self._sockets)

    async def send(self, kind: str, topic: str, headers: Json, data: Json) -> str:
        """Sends a frame and waits until somebody acknowledged it; the message id. Unacknowledged ones come again."""
        identity = f"frame-{secrets.token_hex(8)}"
        frame = {
            "specVersion": "1.0",
            "type": kind,
            "headers": {
                "appId": "simulated",
                "connectionId": "simulated",
                "contentType": "application/json",
                "messageId": identity,
                "time": str(self.organisation.milliseconds()),
                "topic": topic,
                **headers,
            },
            "data": json.dumps(data, ensure_ascii=False),
        }
        done = self._waiting[identity] = asyncio.Event()
        for _ in range(_TRIES):
            for socket in self._sockets[:1]:
                for _ in range(2 if self.twice else 1):
                    await socket.send_text(json.dumps(frame, ensure_ascii=False))
            if await set_within(done, _AGAIN_S):
                break
        self._waiting.pop(identity, None)
        return identity

    async def disconnect(self) -> int:
        """Asks all to come again by a new connection, as the vendor does before it restarts; how many."""
        sockets, self._sockets = self._sockets, []
        frame = {
            "specVersion": "1.0",
            "type": "SYSTEM",
            "headers": {"messageId": secrets.token_hex(8), "topic": "disconnect", "contentType": "application/json"},
            "data": "{}",
        }
        for socket in sockets:
            await socket.send_text(json.dumps(frame))
        return len(sockets)

    async def drop(self) -> int:
        """Breaks all connections without a word."""
        sockets, self._sockets = self._sockets, []
        for socket in sockets:
            await socket.close(1011)
        return len(sockets)

    async def _open(self, request: Request) -> Response:
        given = json.loads(await request.body())
        org = self.organisation
        if (given.get("clientId"), given.get("clientSecret")) != (org.app_key, org.app_secret):
            return JSONResponse({"code": "authFailed", "message": "鉴权失败"}, 401)
        ticket = secrets.token_urlsafe(16)
        org.tickets.add(ticket)
        endpoint = str(request.base_url).replace("http", "ws", 1).rstrip("/") + "/stream"
        return JSONResponse({"endpoint": endpoint, "ticket": ticket})

    async def _serve(self, socket: WebSocket) -> None:
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self.organisation.tickets:
            await socket.close(4401)
            return
        self.organisation.tickets.discard(ticket)
        await socket.accept()
        self._sockets.append(socket)
        try:
            while True:
                answer = json.loads(await socket.receive_text())
                identity = answer.get("headers", {}).get("messageId", "")
                if answer.get("code") == 200:
                    self.acknowledged.append(identity)
                    if identity in self._waiting:
                        self._waiting[identity].set()
        except (WebSocketDisconnect, RuntimeError):
            # The second is what a socket raises that was closed from this side.
            pass
        finally:
            if socket in self._sockets:
                self._sockets.remove(socket)
