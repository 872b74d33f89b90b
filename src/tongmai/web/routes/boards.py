"""Boards: which there are, and one with all its widgets worked out for the caller."""

from __future__ import annotations

from starlette.responses import Response

from tongmai.boards import Drawn
from tongmai.kit import Language, Text
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, JsonSchema, Operation

_BOARD: JsonSchema = {
    "type": "object",
    "required": ["key", "label"],
    "properties": {"key": {"type": "string"}, "label": {"type": "object"}, "description": {}},
}
_DRAWN: JsonSchema = {
    "type": "object",
    "required": ["board", "widgets"],
    "properties": {
        "board": _BOARD,
        "widgets": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["widget", "found", "faults"],
                "properties": {"widget": {"type": "object"}, "found": {}, "faults": {"type": "array"}},
            },
        },
    },
}


async def list_boards(call: Call) -> Response:
    catalogue = await call.catalogue()
    items = [each.model_dump(mode="json", include={"key", "label", "description"}) for each in catalogue.boards]
    return document({"items": items})


async def draw_board(call: Call) -> Response:
    """Filters and formulas of a widget are shown with it: whoever opens the rows behind a figure asks by them."""
    drawn = await call.services.boards.draw(call.actor, call.workspace, await call.catalogue(), call.part("board"))
    return document(
        {
            "board": drawn.board.model_dump(mode="json", include={"key", "label", "description"}),
            "widgets": [_widget(each, call.language) for each in drawn.widgets],
        }
    )


def _widget(drawn: Drawn, language: Language) -> dict[str, object]:
    return {
        "widget": drawn.widget.model_dump(mode="json"),
        "found": drawn.found,
        "faults": [each.document(language) for each in drawn.faults],
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/boards",
        list_boards,
        "boards",
        Text("看板列表", "The boards"),
        answers={
            200: Answer(
                Text("看板", "The boards"),
                {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": _BOARD}}},
            )
        },
    ),
    Operation(
        "GET",
        "/api/boards/{board}",
        draw_board,
        "boards",
        Text("计算一张看板", "Work out a board"),
        answers={200: Answer(Text("看板及其数据", "The board with its figures"), _DRAWN)},
        problems=(404,),
    ),
)
