"""Boards: which there are, and one with all its widgets worked out for the caller."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from tongmai.access import require_manage
from tongmai.boards import Drawn, DrawnBoard
from tongmai.kit import Language, Text
from tongmai.model import Catalogue, Key, ListWidget, Widget
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation, Parameter
from tongmai.web.shapes import items_of
from tongmai.web.shapes.recording import BoardDrawn, BoardName, WidgetDrawn

_NAMED = {"key", "label", "description", "record", "place", "roles"}
_PLACES = ("top", "beside", "timeline")
_PLACE = Parameter("place", Text("只要这个位置的", "Those at this place only"), {"enum": list(_PLACES)})


async def list_boards(call: Call) -> Response:
    boards = call.services.boards.offered(call.actor, await call.catalogue())
    return document({"items": [each.model_dump(mode="json", include=_NAMED) for each in boards]})


async def draw_board(call: Call) -> Response:
    """Filters and formulas of a widget are shown with it: whoever opens the rows behind a figure asks by them."""
    catalogue = await call.catalogue()
    drawn = await call.services.boards.draw(call.actor, call.workspace, catalogue, call.part("board"))
    return document(_drawn(drawn, catalogue, call.language))


async def draw_panels(call: Call) -> Response:
    """Each panel's filters are filled in with the record, so that its rows open like those of a board."""
    place = call.one_of("place", _PLACES)
    catalogue = await call.catalogue()
    found = await call.services.boards.panels(
        call.actor, call.workspace, catalogue, call.part("object"), call.id(), place
    )
    return document({"items": [_drawn(each, catalogue, call.language) for each in found]})


class SubjectWanted(BaseModel):
    """A record: its object and its id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    object: Key
    id: UUID


class WidgetWanted(BaseModel):
    """A widget as it stands in the designer; of a panel, with the record that it is tried on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    widget: Widget
    about: SubjectWanted | None = None


async def draw_widget(call: Call) -> Response:
    """Nothing is kept: each widget of a board that is being made is worked out for its designer."""
    require_manage(call.actor, await call.catalogue(), "model")
    wanted = await call.body(WidgetWanted)
    about = None if wanted.about is None else (wanted.about.object, wanted.about.id)
    drawn = await call.services.boards.draw_widget(call.actor, call.workspace, wanted.widget, about)
    return document(_widget(drawn, call.language))


def _drawn(drawn: DrawnBoard, catalogue: Catalogue, language: Language) -> dict[str, object]:
    """``asked`` names the roles that the rows' actions ask for help."""
    lists = [each.widget for each in drawn.widgets if isinstance(each.widget, ListWidget)]
    roles = dict.fromkeys(role for each in lists for action in each.actions for role in action.roles)
    return {
        "board": drawn.board.model_dump(mode="json", include=_NAMED),
        "asked": [{"key": each, "label": catalogue.role_by_key[each].label.say(language)} for each in roles],
        "widgets": [_widget(each, language) for each in drawn.widgets],
    }


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
                items_of(BoardName),
            )
        },
    ),
    Operation(
        "GET",
        "/api/boards/{board}",
        draw_board,
        "boards",
        Text("计算一张看板", "Work out a board"),
        answers={200: Answer(Text("看板及其数据", "The board with its figures"), BoardDrawn)},
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/boards/preview",
        draw_widget,
        "boards",
        Text("计算一个尚未保存的组件", "Work out a widget that is not kept yet"),
        takes=WidgetWanted,
        answers={200: Answer(Text("组件及其数据", "The widget with its figures"), WidgetDrawn)},
        problems=(413, 415),
        asks=True,
    ),
    Operation(
        "GET",
        "/api/records/{object}/{id}/panels",
        draw_panels,
        "boards",
        Text("一条记录页上的面板及其数据", "The panels on a record's page, worked out for this record"),
        parameters=(_PLACE,),
        answers={
            200: Answer(
                Text("面板", "The panels"),
                items_of(BoardDrawn),
            )
        },
        problems=(404,),
    ),
)
