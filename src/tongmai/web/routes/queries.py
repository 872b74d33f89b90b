"""Questions over many records: group and aggregate, and search across objects, under the same policies as a list."""

from __future__ import annotations

from starlette.responses import Response

from tongmai.kit import Text
from tongmai.records import Query
from tongmai.web.answers import json_answer
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Limit, Operation, Parameter
from tongmai.web.routes.records import SEARCH
from tongmai.web.shapes import items_of
from tongmai.web.shapes.recording import Aggregated, SearchHit

_LIMIT = Limit(20, most=100)


async def query(call: Call) -> Response:
    return json_answer(await call.services.gateway.query(call.actor, call.workspace, await call.body(Query)))


async def search(call: Call) -> Response:
    return json_answer(
        await call.services.gateway.search(
            call.actor,
            call.workspace,
            call.query.get("q", ""),
            objects=call.names("objects"),
            limit=_LIMIT.asked(call),
        )
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/api/query",
        query,
        "queries",
        Text("分组汇总", "Group and aggregate"),
        takes=Query,
        answers={200: Answer(Text("分组", "The groups"), Aggregated)},
        problems=(404, 413, 415),
        asks=True,
    ),
    Operation(
        "GET",
        "/api/search",
        search,
        "queries",
        Text("跨对象搜索", "Search across objects"),
        parameters=(
            Parameter("q", SEARCH.about, longest=200),
            Parameter("objects", Text("只搜这些对象，逗号分隔", "Only these objects, separated by commas")),
            _LIMIT.parameter,
        ),
        answers={200: Answer(Text("找到的记录", "The records found"), items_of(SearchHit))},
        problems=(404,),
    ),
)
