"""Stream mode: DingTalk keeps a web socket to us and sends events and card presses through it, no address needed.

Frames and handlers are the vendor's own library's (``dingtalk-stream``); the connection is ours, because the library's
blocks the event loop, never gives up its address and looks its own host up on the Internet. A frame is acknowledged
after its rows are stored; one that is not acknowledged comes again.
Page: open.dingtalk.com/document/orgapp/stream.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
import orjson
import websockets
from dingtalk_stream import (  # type: ignore[import-untyped]
    AckMessage,
    CallbackHandler,
    CallbackMessage,
    Credential,
    DingTalkStreamClient,
    EventHandler,
)
from dingtalk_stream.frames import EventMessage  # type: ignore[import-untyped]
from pydantic import JsonValue, SecretStr

from tongmai.kit import Invalid, Text
from tongmai.link.dingtalk.events import CARD_TOPIC, EventRows
from tongmai.link.faults import away
from tongmai.link.outward import answer_within
from tongmai.link.source import HookAnswer, Received
from tongmai.link.vendors.json_objects import JsonObject, text_of

Take = Callable[[Received], Awaitable[None]]
_LARGEST_FRAME = 4 * 1024 * 1024
_AT_ONCE = 16
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StreamConnection:
    """One connection; ``run`` ends when the vendor asks for another one, and raises ``SourceAway`` when it breaks."""

    http: httpx.AsyncClient
    app_key: str
    app_secret: SecretStr
    api_url: str
    rows: EventRows

    async def run(self, take: Take) -> None:
        client = _client(self.app_key, self.app_secret, self.rows, take)
        try:
            address = await self._address()
            async with websockets.connect(address, max_size=_LARGEST_FRAME, open_timeout=10) as socket:
                client.websocket = socket
                await _until_disconnected(client, socket)
        except (OSError, websockets.WebSocketException, httpx.HTTPError, TimeoutError) as error:
            raise away(
                "钉钉 Stream 连接中断",
                "DingTalk's stream broke off",
                code="dingtalk.stream",
                way_out=Text("会自动重连", "It is opened again by itself"),
            ) from error

    async def _address(self) -> str:
        wanted: dict[str, JsonValue] = {
            "clientId": self.app_key,
            "clientSecret": self.app_secret.get_secret_value(),
            "subscriptions": [{"type": "EVENT", "topic": "*"}, {"type": "CALLBACK", "topic": CARD_TOPIC}],
            "ua": "tongmai",
        }
        response = await answer_within(
            self.http, "POST", f"{self.api_url}/v1.0/gateway/connections/open",
            content=orjson.dumps(wanted),
            headers={"content-type": "application/json", "accept": "application/json"},
        )  # fmt: skip
        given = _document(response)
        if response.is_client_error:
            raise _refused(text_of(given, "message") or text_of(given, "code") or str(response.status_code))
        response.raise_for_status()
        endpoint, ticket = text_of(given, "endpoint"), text_of(given, "ticket")
        if not endpoint or not ticket:
            raise _refused("endpoint, ticket")
        return f"{endpoint}?{urlencode({'ticket': ticket})}"


def _document(response: httpx.Response) -> JsonObject:
    try:
        found = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _refused(said: str) -> Invalid:
    return Invalid.of(
        "dingtalk.stream_refused",
        f"钉钉没有给出 Stream 连接：{said[:200]}",
        f"DingTalk gave no stream connection: {said[:200]}",
        way_out=Text(
            "请核对 AppKey 和 AppSecret，以及应用是否开通 Stream 模式",
            "Check AppKey and AppSecret, and that the application has stream mode",
        ),
    )


async def _until_disconnected(client: DingTalkStreamClient, socket: websockets.ClientConnection) -> None:
    """Some frames at once; a frame whose handling fails is not acknowledged, and comes again."""
    places = asyncio.Semaphore(_AT_ONCE)
    broken: websockets.ConnectionClosedError | None = None
    async with asyncio.TaskGroup() as tasks:
        try:
            async for text in socket:
                await places.acquire()
                task = tasks.create_task(_routed(client, socket, text))
                task.add_done_callback(lambda _: places.release())
        except websockets.ConnectionClosedError as error:
            # Raised here it would come out of the group in a group of its own.
            broken = error
    if broken is not None:
        raise broken


async def _routed(client: DingTalkStreamClient, socket: websockets.ClientConnection, text: str | bytes) -> None:
    try:
        frame = json.loads(text)
        if await client.route_message(frame) == client.TAG_DISCONNECT:
            await socket.close()
    except websockets.WebSocketException:
        return
    except Exception:
        _log.exception("a frame of DingTalk's stream was not taken; it comes again")


class _Events(EventHandler):  # type: ignore[misc]
    def __init__(self, rows: EventRows, take: Take) -> None:
        super().__init__()
        self._rows = rows
        self._take = take

    async def process(self, event: EventMessage) -> tuple[int, str]:
        head = event.headers
        data: JsonObject = event.data if isinstance(event.data, dict) else {}
        rows, pull = await self._rows.event(head.event_type or "", head.event_id or "", head.event_born_time, data)
        await self._take(
            Received(HookAnswer(), rows, once=f"event:{head.event_id}" if head.event_id else None, pull=pull)
        )
        return AckMessage.STATUS_OK, "OK"


class _Cards(CallbackHandler):  # type: ignore[misc]
    def __init__(self, rows: EventRows, take: Take) -> None:
        super().__init__()
        self._rows = rows
        self._take = take

    async def process(self, message: CallbackMessage) -> tuple[int, object]:
        data: JsonObject = message.data if isinstance(message.data, dict) else {}
        await self._take(Received(HookAnswer(), self._rows.press(data), once=f"card:{message.headers.message_id}"))
        return AckMessage.STATUS_OK, {}


def _client(app_key: str, app_secret: SecretStr, rows: EventRows, take: Take) -> DingTalkStreamClient:
    client = DingTalkStreamClient(Credential(app_key, app_secret.get_secret_value()), _log)
    client.register_all_event_handler(_Events(rows, take))
    client.register_callback_handler(CARD_TOPIC, _Cards(rows, take))
    return client
