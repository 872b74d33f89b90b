"""A board's widgets worked out for the one who opens it: all through the gateway and the segments, under his policies.

Each widget answers by itself: one that is not for him to see, or that asks for what is gone, says so in its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import Actor, manages
from tongmai.boards.association import fitted
from tongmai.boards.record_values import RecordValues
from tongmai.kit import Fault, NotFound, Text, TongmaiError
from tongmai.metrics import Metrics, SegmentReader
from tongmai.model import (
    AssociationWidget,
    BoardDef,
    Catalogue,
    ChartWidget,
    FigureWidget,
    LightsWidget,
    ListWidget,
    StepsWidget,
    TextWidget,
    Widget,
)
from tongmai.records import Gateway
from tongmai.store import Workspace

# A board asks many questions at once: so many of them at a time leave the others their connections.
_AT_ONCE = 4
_WITHOUT = "value"
# So many records of an association are looked at.
_MOST_POINTS, _POINTS_A_PAGE = 2_000, 500
_NEEDS_RECORD = Fault(
    "board.needs_record",
    Text("这是记录页上的面板，打开一条记录查看", "This is a panel on a record's page: open a record to see it"),
)


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

    def offered(self, actor: Actor, catalogue: Catalogue) -> tuple[BoardDef, ...]:
        """The pages that are for the actor; who may build is shown all boards, panels of records too."""
        if manages(actor, catalogue, "model"):
            return catalogue.boards
        return tuple(each for each in catalogue.boards if each.record is None and _is_for(each, actor))

    async def draw(self, actor: Actor, workspace: Workspace, catalogue: Catalogue, key: str) -> DrawnBoard:
        """Works out every widget; those of a record's panel say that they need a record.

        Raises ``NotFound`` for a board that is not there, or not for the actor: its formulas name fields that he may
        not know of.
        """
        board = next((each for each in self.offered(actor, catalogue) if each.key == key), None)
        if board is None:
            raise NotFound.of(
                "board.unknown",
                f"没有看板“{key[:60]}”",
                f"There is no board “{key[:60]}”",
                way_out=Text("请从看板列表中重新选择", "Choose one from the list of boards"),
            )
        if board.record is not None:
            return DrawnBoard(board, tuple(Drawn(each, faults=(_NEEDS_RECORD,)) for each in board.widgets))
        return await self._draw(actor, workspace, board, None, asyncio.Semaphore(_AT_ONCE))

    async def panels(
        self,
        actor: Actor,
        workspace: Workspace,
        catalogue: Catalogue,
        object_key: str,
        record_id: UUID,
        place: str | None = None,
    ) -> tuple[DrawnBoard, ...]:
        """The panels of a record, those at one ``place`` of its page or all, each widget asked about this record.

        Raises ``NotFound`` for a record that is not for the actor to see.
        """
        boards = tuple(
            each
            for each in catalogue.boards
            if each.record == object_key and place in (None, each.place) and _is_for(each, actor)
        )
        if not boards:
            return ()
        widgets = [widget for each in boards for widget in each.widgets]
        values = await RecordValues.read(self._gateway, actor, workspace, object_key, record_id, widgets)
        turn = asyncio.Semaphore(_AT_ONCE)
        drawn = [self._draw(actor, workspace, each, values, turn) for each in boards]
        return tuple(await asyncio.gather(*drawn))

    async def draw_widget(
        self, actor: Actor, workspace: Workspace, widget: Widget, about: tuple[str, UUID] | None = None
    ) -> Drawn:
        """A widget that is in no board yet, as its designer sees it; one of a panel ``about`` a record (its object and
        id), without which what asks of one says so."""
        try:
            values = None
            if about is not None:
                values = await RecordValues.read(self._gateway, actor, workspace, *about, [widget])
            return await self._drawn(actor, workspace, widget, values)
        except TongmaiError as refused:
            return Drawn(widget, faults=tuple(refused.faults))

    async def _draw(
        self,
        actor: Actor,
        workspace: Workspace,
        board: BoardDef,
        values: RecordValues | None,
        turn: asyncio.Semaphore,
    ) -> DrawnBoard:
        async def one(widget: Widget) -> Drawn:
            async with turn:
                return await self._drawn(actor, workspace, widget, values)

        return DrawnBoard(board, tuple(await asyncio.gather(*(one(each) for each in board.widgets))))

    async def _drawn(self, actor: Actor, workspace: Workspace, given: Widget, values: RecordValues | None) -> Drawn:
        widget = given if values is None else values.bound(given)
        if values is not None and isinstance(widget, LightsWidget):
            # On a record's page it is the record's own class that shows, with its reason: its figures are there.
            return Drawn(widget)
        try:
            return Drawn(widget, await self._show(actor, workspace, widget))
        except TongmaiError as refused:
            return Drawn(widget, faults=tuple(refused.faults))

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
            case StepsWidget():
                (reached,) = await self._query(actor, workspace, _steps(widget)) or ({},)
                return [{"key": each.key, "n": reached.get(each.key) or 0} for each in widget.steps]
            case AssociationWidget():
                return await self._association(actor, workspace, widget)
            case ListWidget():
                page: JsonValue = orjson.loads(
                    await self._gateway.list(
                        actor,
                        workspace,
                        widget.object,
                        filter=widget.filter,
                        sort=widget.sort,
                        fields=_fields(widget),
                        limit=widget.limit,
                    )
                )
                return page
            case TextWidget():
                return None

    async def _association(self, actor: Actor, workspace: Workspace, widget: AssociationWidget) -> JsonValue:
        """The records that have both figures, so many as are looked at, with their fit; ``cut`` if there are more."""
        both = f"[{widget.x}] IS NOT BLANK AND [{widget.y}] IS NOT BLANK"
        condition = both if widget.filter is None else f"({widget.filter}) AND {both}"
        rows: list[dict[str, JsonValue]] = []
        cursor: str | None = None
        while len(rows) < _MOST_POINTS:
            page = orjson.loads(
                await self._gateway.list(
                    actor, workspace, widget.object, filter=condition, fields=(widget.x, widget.y),
                    limit=_POINTS_A_PAGE, cursor=cursor, count=False,
                )
            )  # fmt: skip
            rows += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        figures = [(_figure_of(each[widget.x]), _figure_of(each[widget.y])) for each in rows]
        fit = fitted(figures)
        points: list[JsonValue] = [
            {"id": each["id"], "x": x, "y": y} for each, (x, y) in zip(rows, figures, strict=True)
        ]
        line: JsonValue = None if fit is None else {**fit.document()}
        return {"points": points, "fit": line, "cut": cursor is not None}

    async def _query(
        self, actor: Actor, workspace: Workspace, query: Mapping[str, object]
    ) -> list[dict[str, JsonValue]]:
        answer = orjson.loads(await self._gateway.query(actor, workspace, query))
        rows: list[dict[str, JsonValue]] = answer["rows"]
        return rows


def _figure_of(value: JsonValue) -> float:
    return float(str(value))


def _is_for(board: BoardDef, actor: Actor) -> bool:
    return not board.roles or not actor.roles.isdisjoint(board.roles)


def _figure(widget: FigureWidget) -> dict[str, object]:
    return {"object": widget.object, "filter": widget.filter, "measures": {_WITHOUT: widget.measure}}


def _steps(widget: StepsWidget) -> dict[str, object]:
    """All steps of one look at the rows."""
    counts = {each.key: "count" if each.when is None else f"sum(IF({each.when}, 1, 0))" for each in widget.steps}
    return {"object": widget.object, "filter": widget.filter, "measures": counts}


def _fields(widget: ListWidget) -> tuple[str, ...] | None:
    """Those it shows, the moment that a timeline puts a row at, and whom its actions are about. None: all."""
    if not widget.fields:
        return None
    orders = (each.strip().removeprefix("-") for each in (widget.sort or "").split(","))
    own = (each for each in orders if each and "." not in each)
    needed = (*widget.fields, *own, *(each.of for each in widget.actions if each.of))
    return tuple(dict.fromkeys(needed))


def _chart(widget: ChartWidget) -> dict[str, object]:
    return {
        "object": widget.object,
        "filter": widget.filter,
        "group_by": list(widget.group_by),
        "measures": dict(widget.measures),
        "sort": widget.sort,
        "limit": widget.limit,
    }
