"""Answers of the API as bytes; rows are never turned into Python objects on the way."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from pydantic import BaseModel
from starlette.responses import Response

from tongmai.kit import Language
from tongmai.records import Written, WrittenRecord

_JSON = "application/json"


def json_answer(body: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON that is already bytes."""
    return Response(body, status, headers, _JSON)


def document(
    found: BaseModel | Mapping[str, object], *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A small document of ours as JSON."""
    if isinstance(found, BaseModel):
        return json_answer(found.model_dump_json(by_alias=True).encode(), status=status, headers=headers)
    return json_answer(orjson.dumps(found, default=str), status=status, headers=headers)


def nothing() -> Response:
    return Response(status_code=204)


def written(done: Written, language: Language, *, status: int = 200) -> Response:
    """What a write did: one document, or ``{"items": […]}`` for many. One record's version is its ``ETag``."""
    documents = [_written_one(each, language) for each in done.records]
    if done.is_list:
        return json_answer(b'{"items":[' + b",".join(documents) + b"]}", status=status)
    return json_answer(documents[0], status=status, headers={"etag": f'"{done.one.version}"'})


def _written_one(each: WrittenRecord, language: Language) -> bytes:
    head = f'{{"id":"{each.id}","version":{each.version},"changed":{"true" if each.changed else "false"},'
    return head.encode() + each.answer(language)[1:]
