"""The smallest place where call-backs land: what the hook's route does with a source, without a database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tongmai.kit import TongmaiError
from tongmai.link import HookCall, RawRow, Received, Receives


@dataclass
class Landing:
    """``rows`` by stream and key, the last one wins; ``asked`` counts the streams that call-backs want pulled."""

    source: Receives
    rows: dict[tuple[str, str], RawRow] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    failing: int = 0

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hook", self._hook, methods=["GET", "POST"])])

    def of(self, stream: str) -> list[RawRow]:
        return [row for (name, _), row in self.rows.items() if name == stream]

    async def take(self, received: Received) -> None:
        if received.once is not None and received.once in self.seen:
            return
        for stream, rows in received.rows.items():
            self.rows.update({(stream, row.key): row for row in rows})
        self.asked.update(received.pull)
        if received.once is not None:
            self.seen.add(received.once)

    async def _hook(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if self.failing:
            self.failing -= 1
            return Response(status_code=503)
        try:
            call = HookCall(request.method, dict(request.query_params), headers, await request.body())
            received = await self.source.receive(call)
        except TongmaiError as error:
            self.refused.append(error.faults[0].code)
            return Response(status_code=error.status)
        await self.take(received)
        return Response(received.answer.body, received.answer.status, media_type=received.answer.media_type)
