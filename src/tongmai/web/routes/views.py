"""Saved views of an object's records."""

from __future__ import annotations

from starlette.responses import Response

from tongmai.boards import SavedView, ViewWanted
from tongmai.kit import Text
from tongmai.web.answers import document, nothing
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation
from tongmai.web.routes.records import IF_MATCH, expected_version
from tongmai.web.shapes import items_of
from tongmai.web.shapes.recording import SavedViewShown


async def list_views(call: Call) -> Response:
    catalogue = await call.catalogue()
    found = await call.services.views.list(call.actor, call.workspace, catalogue, call.part("object"))
    return document({"items": [_document(each) for each in found]})


async def save_view(call: Call) -> Response:
    wanted = await call.body(ViewWanted)
    catalogue = await call.catalogue()
    made = await call.services.views.save(call.actor, call.workspace, catalogue, call.part("object"), wanted)
    return document(_document(made), status=201)


async def change_view(call: Call) -> Response:
    wanted = await call.body(ViewWanted)
    catalogue = await call.catalogue()
    found = await call.services.views.change(
        call.actor, call.workspace, catalogue, call.id(), wanted, expected_version(call)
    )
    return document(_document(found))


async def remove_view(call: Call) -> Response:
    await call.services.views.remove(call.actor, call.workspace, await call.catalogue(), call.id())
    return nothing()


def _document(view: SavedView) -> dict[str, object]:
    return {
        "id": str(view.id),
        "object": view.object,
        "label": view.label,
        "shared": view.shared,
        "version": view.version,
        "body": view.body.model_dump(mode="json"),
        "mine": view.mine,
        "may_change": view.may_change,
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/views/{object}",
        list_views,
        "views",
        Text("我的和共享的视图", "My own and the shared views"),
        answers={200: Answer(Text("视图", "The views"), items_of(SavedViewShown))},
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/views/{object}",
        save_view,
        "views",
        Text("保存视图", "Save a view"),
        takes=ViewWanted,
        answers={201: Answer(Text("已保存", "Saved"), SavedViewShown)},
        problems=(404, 413, 415),
    ),
    Operation(
        "PUT",
        "/api/views/{object}/{id}",
        change_view,
        "views",
        Text("修改视图", "Change a view"),
        headers=(IF_MATCH,),
        takes=ViewWanted,
        answers={200: Answer(Text("已修改", "Changed"), SavedViewShown)},
        problems=(404, 412, 413, 415),
    ),
    Operation(
        "DELETE",
        "/api/views/{object}/{id}",
        remove_view,
        "views",
        Text("删除视图", "Remove a view"),
        answers={204: Answer(Text("已删除", "Removed"))},
        problems=(404,),
    ),
)
