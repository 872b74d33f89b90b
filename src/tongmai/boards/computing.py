"""A board's widgets worked out for the one who opens it: all through the gateway and the segments, under his policies.

Each widget answers by itself: one that is not for him to see, or that asks for what is gone, says so in its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from pydantic import JsonValue

from tongmai.access import Actor
from tongmai.kit import Fault, NotFound, TongmaiError
from tongmai.metrics import Metrics, SegmentReader
from tongmai.model import BoardDef, Catalogue, ChartWidget, FigureWidget, LightsWidget, ListWidget, TextWidget, Widget
from tongmai.records import Gateway
from tongmai.store import Workspace

# A board asks many questions at once: so many of them at a time leave the others their connections.
_AT_ONCE = 4
_WITHOUT = "value"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A widget with what it shows, or why it shows nothing. ``found`` is JSON."""

    widget: Widget
    found: JsonValue = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawnBoard:
    board: BoardDef
    widgets: tuple[Drawn, ...]


class Boards:
    """The boards of a workspace's catalogue."""

    def __init__(self, gateway: Gateway, metrics: Metrics) -> None:
        self._gateway = gateway
        self._segments = SegmentReader(metrics)

    async def draw(self, actor: Actor, workspace: Workspace, catalogue: Catalogue, key: str) -> DrawnBoard:
        """Works out every widget. Raises ``NotFound`` for a board that is not there."""
        board = catalogue.board_by_key.get(key)
        if board is None:
            raise NotFound.of("board.unknown", f"没有看板“{key[:60]}”", f"There is no board “{key[:60]}”")
        turn = asyncio.Semaphore(_AT_ONCE)

        async def one(widget: Widget) -> Drawn:
            async with turn:
                try:
                    return Drawn(widget, await self._show(actor, workspace, widget))
                except TongmaiError as refused:
                    return Drawn(widget, faults=tuple(refused.faults))

        return DrawnBoard(board, tuple(await asyncio.gather(*(one(each) for each in board.widgets))))

    async def _show(self, actor: Actor, workspace: Workspace, widget: Widget) -> JsonValue:
        match widget:
            case FigureWidget():
                rows = await self._query(actor, workspace, _figure(widget))
                return rows[0].get(_WITHOUT) if rows else None
            case ChartWidget():
                return [dict(row) for row in await self._query(actor, workspace, _chart(widget))]
            case LightsWidget():
                segment, counts = await self._segments.counts(actor, workspace, widget.segment)
                return [{"key": each.key, "colour": each.colour, "n": counts[each.key]} for each in segment.classes]
            case ListWidget():
                page: JsonValue = orjson.loads(
                    await self._gateway.list(
                        actor,
                        workspace,
                        widget.object,
                        filter=widget.filter,
                        sort=widget.sort,
                        fields=widget.fields or None,
                        limit=widget.limit,
                    )
                )
                return page
            case TextWidget():
                return None

    async def _query(
        self, actor: Actor, workspace: Workspace, query: Mapping[str, object]
    ) -> list[dict[str, JsonValue]]:
        answer = orjson.loads(await self._gateway.query(actor, workspace, query))
        rows: list[dict[str, JsonValue]] = answer["rows"]
        return rows


def _figure(widget: FigureWidget) -> dict[str, object]:
    return {"object": widget.object, "filter": widget.filter, "measures": {_WITHOUT: widget.measure}}


def _chart(widget: ChartWidget) -> dict[str, object]:
    return {
        "object": widget.object,
        "filter": widget.filter,
        "group_by": list(widget.group_by),
        "measures": dict(widget.measures),
        "sort": widget.sort,
        "limit": widget.limit,
    }
