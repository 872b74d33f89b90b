"""The API's own description: the general part for anybody, with the caller's objects for whoever is signed in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import orjson
from starlette.responses import Response

from tongmai import __version__
from tongmai.kit import Language, NotSignedIn, Text
from tongmai.model import Catalogue, ObjectDef
from tongmai.web.answers import json_answer
from tongmai.web.call import Call
from tongmai.web.openapi import ObjectSchemas, describe_api
from tongmai.web.operation import Answer, Operation

_KEPT = 64


def describing(operations: Sequence[Operation]) -> Operation:
    """The operation that describes ``operations`` and itself."""
    kept = _Descriptions()

    async def describe(call: Call) -> Response:
        try:
            await call.authenticate()
        except NotSignedIn:
            return json_answer(kept.of((call.language,), None, [], (*operations, this), call.language))
        catalogue = await call.catalogue()
        objects = call.services.visible.objects(call.actor, catalogue)
        slot = (call.language, id(catalogue), call.actor.roles, call.actor.scopes)
        return json_answer(kept.of(slot, catalogue, objects, (*operations, this), call.language))

    this = Operation(
        "GET",
        "/api/openapi.json",
        describe,
        "probes",
        Text("接口说明（登录后含自己的对象）", "This description (with your objects once you are signed in)"),
        access="open",
        answers={200: Answer(Text("OpenAPI 3.1", "OpenAPI 3.1"), {"type": "object"})},
    )
    return this


class _Descriptions:
    """Descriptions that were made, the least recently used out first."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[object, ...], tuple[Catalogue | None, bytes]] = OrderedDict()

    def of(
        self,
        slot: tuple[object, ...],
        catalogue: Catalogue | None,
        objects: Sequence[ObjectDef],
        operations: Sequence[Operation],
        language: Language,
    ) -> bytes:
        entry = self._entries.get(slot)
        # An id alone may have been given to another catalogue once the first was gone.
        if entry is None or entry[0] is not catalogue:
            schemas = [ObjectSchemas.of(each, language) for each in objects]
            entry = (catalogue, orjson.dumps(describe_api(operations, schemas, __version__, language)))
            self._entries[slot] = entry
            if len(self._entries) > _KEPT:
                self._entries.popitem(last=False)
        self._entries.move_to_end(slot)
        return entry[1]
