"""Records: list, get, make, change, delete, and many at once. Rows pass through as the bytes PostgreSQL made."""

from __future__ import annotations

import re
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.responses import Response

from tongmai.kit import Fault, Invalid, Text
from tongmai.records import Operation as Change
from tongmai.web.answers import json_answer, nothing, written
from tongmai.web.body import Json
from tongmai.web.call import Call
from tongmai.web.operation import MOMENT, YES_NO, Answer, Limit, Operation, Parameter
from tongmai.web.shapes import items_of, page_of
from tongmai.web.shapes.recording import LookedUp, WriteHint

_LIMIT = Limit(50, most=500, about=Text("每页条数", "Page size"))
MOST_ROWS = 1_000
_VERSION = re.compile(r'(?:W/)?"(\d{1,9})"')
_KEY = re.compile(r"[\x21-\x7e]{1,200}")

_RECORD = {"$object": "record"}
_FIELDS = Parameter(
    "fields",
    Text(
        "要返回的字段，逗号分隔；列表默认不含 created_by 与 changed_by",
        "Fields to answer with, separated by commas; a list has created_by and changed_by only where asked for",
    ),
)
_AS_OF = Parameter("as_of", Text("查看该时刻的内容", "Show what was there at that moment"), MOMENT, 40)
FILTER = Parameter("filter", Text("公式，如 金额 > 1000 且 阶段 = '谈判'", "A formula, like amount > 1000"))
SORT = Parameter("sort", Text("排序字段，前加 - 为倒序", "Fields to sort by, with - for descending"), longest=300)
SEARCH = Parameter("search", Text("文字搜索，支持拼音首字母", "Text to search for"), longest=200)
IF_MATCH = Parameter("If-Match", Text('读到的版本，如 "3"', 'The version that was read, like "3"'))
_IDEMPOTENCY = Parameter(
    "Idempotency-Key", Text("同一键的重复请求只写一次", "Requests with the same key write only once")
)
_PAGE = page_of(_RECORD)
WRITTEN = {
    "type": "object",
    "required": ["id", "version", "changed", "record", "hints", "lookups"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "version": {"type": "integer"},
        "changed": {"type": "boolean"},
        "record": _RECORD,
        "hints": {"type": "array", "items": WriteHint},
        "lookups": {"type": "object", "additionalProperties": {"anyOf": [LookedUp, {"type": "null"}]}},
    },
}


class OneOfMany(BaseModel):
    """``id`` is needed for all but a creation; ``version`` is the one that was read, if that matters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["create", "update", "delete", "restore"]
    values: dict[str, JsonValue] = Field(default_factory=dict)
    id: UUID | None = None
    version: int | None = Field(None, ge=1, le=2**31 - 1)


class ManyWanted(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    operations: tuple[OneOfMany, ...] = Field(min_length=1, max_length=MOST_ROWS)


async def list_records(call: Call) -> Response:
    query = call.query
    return json_answer(
        await call.services.gateway.list(
            call.actor,
            call.workspace,
            call.part("object"),
            filter=query.get("filter"),
            sort=query.get("sort"),
            fields=call.names("fields"),
            limit=_LIMIT.asked(call),
            cursor=query.get("cursor"),
            as_of=call.moment("as_of"),
            search=query.get("search"),
            count=call.yes("count", True),
        )
    )


async def get_record(call: Call) -> Response:
    return json_answer(
        await call.services.gateway.get(
            call.actor,
            call.workspace,
            call.part("object"),
            call.id(),
            as_of=call.moment("as_of"),
            fields=call.names("fields"),
        )
    )


async def create_record(call: Call) -> Response:
    given = await call.json()
    values: Any = _rows(given) if isinstance(given, list) else _values(given)
    made = await call.services.gateway.create(
        call.actor, call.workspace, call.part("object"), values, idempotency_key=idempotency_key(call)
    )
    return written(made, call.language, status=201)


async def change_record(call: Call) -> Response:
    changed = await call.services.gateway.update(
        call.actor,
        call.workspace,
        call.part("object"),
        call.id(),
        _values(await call.json()),
        expected_version=expected_version(call),
    )
    return written(changed, call.language)


async def delete_record(call: Call) -> Response:
    await call.services.gateway.delete(
        call.actor, call.workspace, call.part("object"), call.id(), expected_version=expected_version(call)
    )
    return nothing()


async def upsert_record(call: Call) -> Response:
    field = call.query.get("key")
    if not field:
        raise Invalid(
            (
                Fault(
                    "upsert.key",
                    Text("缺少参数 key", "The parameter key is missing"),
                    Text("用 ?key=字段 指明按哪个唯一字段匹配", "Name the unique field to match by with ?key=field"),
                    "key",
                ),
            )
        )
    made = await call.services.gateway.upsert(
        call.actor, call.workspace, call.part("object"), field, _values(await call.json())
    )
    return written(made, call.language)


async def write_many(call: Call) -> Response:
    """Creations, changes, deletions and restorations together, all or nothing."""
    given = await call.body(ManyWanted)
    operations = [Change(each.kind, each.values, each.id, each.version) for each in given.operations]
    return written(
        await call.services.gateway.bulk(call.actor, call.workspace, call.part("object"), operations), call.language
    )


def expected_version(call: Call) -> int | None:
    """From ``If-Match``. Raises Invalid for what is no version; ``*`` means any."""
    given = call.request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return None
    found = _VERSION.fullmatch(given.strip())
    if found is None:
        text = Text('If-Match 应为带引号的版本号，如 "3"', 'If-Match must be a quoted version, like "3"')
        raise Invalid((Fault("version.malformed", text, field="If-Match"),))
    return int(found[1])


def idempotency_key(call: Call) -> str | None:
    """From the header. Raises Invalid for a key longer than 200 or with other than visible ASCII characters."""
    given = call.request.headers.get("idempotency-key")
    if given is not None and not _KEY.fullmatch(given):
        text = Text("Idempotency-Key 须为 1 至 200 个可见 ASCII 字符", "Idempotency-Key: 1 to 200 visible characters")
        raise Invalid((Fault("idempotency.malformed", text, field="Idempotency-Key"),))
    return given


def _values(given: Json) -> dict[str, Any]:
    if not isinstance(given, dict):
        text = Text("应为一个对象：字段 → 值", "must be an object: field → value")
        raise Invalid((Fault("body.not_object", text),))
    return given


def _rows(given: list[Any]) -> list[dict[str, Any]]:
    if not 1 <= len(given) <= MOST_ROWS:
        raise Invalid(
            (
                Fault(
                    "bulk.size",
                    Text(f"一次可写 1 至 {MOST_ROWS} 条，收到 {len(given)} 条", f"1 to {MOST_ROWS} records at once"),
                    Text("更多请用导入", "Import more than that as a file"),
                ),
            )
        )
    text = Text("应为一个对象：字段 → 值", "must be an object: field → value")
    faults = [
        Fault("body.not_object", text, row=row) for row, each in enumerate(given, 1) if not isinstance(each, dict)
    ]
    if faults:
        raise Invalid(tuple(faults[:100]))
    return given


_MANY = items_of(WRITTEN)
_LIST = Operation(
    "GET",
    "/api/records/{object}",
    list_records,
    "records",
    Text("列出", "List"),
    parameters=(
        FILTER,
        SORT,
        _FIELDS,
        SEARCH,
        _LIMIT.parameter,
        Parameter("cursor", Text("上一页给出的游标", "The cursor of the page before")),
        Parameter("count", Text("是否计数", "Whether to count"), YES_NO, 5),
        _AS_OF,
    ),
    answers={200: Answer(Text("一页", "A page"), _PAGE)},
    problems=(404,),
)
_ROW = {"$object": "create"}
OPERATIONS: tuple[Operation, ...] = (
    _LIST,
    Operation(
        "GET",
        "/api/records/{object}/{id}",
        get_record,
        "records",
        Text("查看一条", "Get one"),
        parameters=(_FIELDS, _AS_OF),
        answers={200: Answer(Text("记录", "The record"), _RECORD)},
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/records/{object}",
        create_record,
        "records",
        Text("新建一条或多条（数组，要么全部成功）", "Make one, or many at once (an array: all or nothing)"),
        headers=(_IDEMPOTENCY,),
        takes={"anyOf": [_ROW, {"type": "array", "items": _ROW, "minItems": 1, "maxItems": MOST_ROWS}]},
        answers={201: Answer(Text("已新建", "Made"), {"anyOf": [WRITTEN, _MANY]})},
        problems=(404, 409, 413, 415),
    ),
    Operation(
        "PUT",
        "/api/records/{object}",
        upsert_record,
        "records",
        Text("按唯一字段新建或更新", "Make or change by a unique field"),
        parameters=(Parameter("key", Text("用于匹配的唯一字段", "The unique field to match by"), longest=40),),
        takes={"$object": "change"},
        answers={200: Answer(Text("已写入", "Written"), WRITTEN)},
        problems=(404, 409, 413, 415),
    ),
    Operation(
        "PATCH",
        "/api/records/{object}/{id}",
        change_record,
        "records",
        Text("修改给出的字段", "Change the fields given"),
        headers=(IF_MATCH,),
        takes={"$object": "change"},
        answers={200: Answer(Text("已修改", "Changed"), WRITTEN)},
        problems=(404, 409, 412, 413, 415),
    ),
    Operation(
        "DELETE",
        "/api/records/{object}/{id}",
        delete_record,
        "records",
        Text("删除（可恢复）", "Delete (can be restored)"),
        headers=(IF_MATCH,),
        answers={204: Answer(Text("已删除", "Deleted"))},
        problems=(404, 409, 412),
    ),
    Operation(
        "POST",
        "/api/records/{object}/bulk",
        write_many,
        "records",
        Text("批量增删改（要么全部成功）", "Make, change, delete many together: all or nothing"),
        takes=ManyWanted,
        answers={200: Answer(Text("已写入", "Written"), _MANY)},
        problems=(404, 409, 412, 413, 415),
    ),
)
