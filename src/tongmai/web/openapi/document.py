"""The OpenAPI document: every operation once, record operations once an object with the object's own schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import cast

from pydantic import JsonValue

from tongmai.kit import Language, Text
from tongmai.web.openapi.components import Components, Side
from tongmai.web.openapi.objects import ObjectSchemas, Schema
from tongmai.web.operation import Answer, Operation, Parameter

_PART = re.compile(r"\{([a-z_]+)(?::[a-z]+)?\}")
_IDS = frozenset({"id", "session", "token", "job"})
_COMMON_PROBLEMS = (400, 422, 429, 500, 503)
_TITLE = Text("通脉接口", "Tongmai API")

_PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457. Every refusal of the API has this form; some carry more beside it (both versions of a "
    "conflict, seconds to wait).",
    "required": ["type", "title", "status", "code", "detail", "faults"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "faults": {"type": "array", "items": {"$ref": "#/components/schemas/ShownFault"}},
    },
}
_REFUSED: Schema = {
    "description": "A refusal",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
# What a record of any object looks like where it is not said which.
_ANY: dict[str, JsonValue] = {
    "FieldValue": {
        "description": "A value of any field. Decimals are numbers, moments and dates text.",
        "anyOf": [
            {"type": ["string", "number", "boolean", "null"]},
            {"type": "array", "items": {}},
            {"type": "object", "additionalProperties": True},
        ],
    },
    "AnyRecord": {
        "description": "A record: its fields by key.",
        "type": "object",
        "required": ["id", "version"],
        "properties": {"id": {"type": "string", "format": "uuid"}, "version": {"type": "integer"}},
        "additionalProperties": {"$ref": "#/components/schemas/FieldValue"},
    },
    "AnyValues": {
        "description": "Values to write, by the fields' keys.",
        "type": "object",
        "additionalProperties": {"$ref": "#/components/schemas/FieldValue"},
    },
}
_ANY_PART = {"record": "AnyRecord", "create": "AnyValues", "change": "AnyValues", "value": "FieldValue"}


def describe_api(
    operations: Sequence[Operation], objects: Iterable[ObjectSchemas], version: str, language: Language
) -> dict[str, JsonValue]:
    """``objects`` are those the caller may know of; without any only the general part is described."""
    known = sorted(objects, key=lambda each: each.key)
    writer = _Writer(Components.of(operations), known, language)
    for operation in operations:
        writer.add(operation)
    for each in known:
        writer.schemas.update(each.components())
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE.say(language), "version": version, "license": {"name": "Apache-2.0"}},
        "paths": cast(JsonValue, writer.paths),
        "components": {
            "schemas": dict(sorted(writer.schemas.items())),
            "responses": {"Problem": _REFUSED},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "tongmai"},
            },
        },
    }


class _Writer:
    """Collects paths and schemas while operations are added."""

    def __init__(self, components: Components, objects: Sequence[ObjectSchemas], language: Language) -> None:
        self.paths: dict[str, dict[str, JsonValue]] = {}
        self.schemas: dict[str, JsonValue] = {"Problem": _PROBLEM, **_ANY}
        for name, schema in components.definitions.items():
            self.schemas[name] = _placed(schema, None)
        self._components = components
        self._objects = objects
        self._language = language

    def add(self, operation: Operation) -> None:
        if operation.path.startswith("/api/records/{object}") and self._objects:
            for each in self._objects:
                self._write(operation, each)
        else:
            self._write(operation, None)

    def _write(self, operation: Operation, on: ObjectSchemas | None) -> None:
        path = re.sub(r":[a-z]+\}", "}", operation.path)
        if on is not None:
            path = path.replace("{object}", on.key)
        parts = [name for name in _PART.findall(operation.path) if on is None or name != "object"]
        entry: dict[str, JsonValue] = {
            "operationId": operation.name if on is None else f"{operation.name}_{on.key}",
            "tags": [operation.tag if on is None else on.label],
            "summary": operation.summary.say(self._language),
            "parameters": [
                *(_path_parameter(name) for name in parts),
                *(self._parameter(each, "query") for each in operation.parameters),
                *(self._parameter(each, "header") for each in operation.headers),
            ],
            "responses": self._responses(operation, on),
            "security": [] if operation.access == "open" else [{"token": []}, {"session": []}],
        }
        body = self._body(operation, on)
        if body is not None:
            entry["requestBody"] = body
        self.paths.setdefault(path, {})[operation.method.lower()] = entry

    def _parameter(self, each: Parameter, place: str) -> JsonValue:
        return {
            "name": each.name,
            "in": place,
            "required": False,
            "description": each.about.say(self._language),
            "schema": cast(JsonValue, each.schema),
        }

    def _body(self, operation: Operation, on: ObjectSchemas | None) -> JsonValue:
        content: dict[str, JsonValue] = {
            media_type: {"schema": {"type": "string", "contentMediaType": media_type}} for media_type in operation.raw
        }
        if operation.takes is not None:
            content["application/json"] = {"schema": self._schema(operation.takes, "validation", on)}
        return {"required": True, "content": content} if content else None

    def _responses(self, operation: Operation, on: ObjectSchemas | None) -> JsonValue:
        found: dict[str, JsonValue] = {
            str(status): self._answer(answer, on) for status, answer in sorted(operation.answers.items())
        }
        access = () if operation.access == "open" else (401, 403)
        for status in sorted({*_COMMON_PROBLEMS, *access, *operation.problems}):
            found[str(status)] = {"$ref": "#/components/responses/Problem"}
        return found

    def _answer(self, answer: Answer, on: ObjectSchemas | None) -> JsonValue:
        found: dict[str, JsonValue] = {"description": answer.about.say(self._language)}
        if answer.schema is not None:
            found["content"] = {
                kind: {"schema": self._schema(answer.schema, "serialization", on)} for kind in answer.media_types
            }
        elif answer.media_types != ("application/json",):
            found["content"] = {kind: {"schema": {"type": "string"}} for kind in answer.media_types}
        return found

    def _schema(self, given: object, side: Side, on: ObjectSchemas | None) -> JsonValue:
        return _placed(self._components.schema(given, side), on)


def _placed(schema: JsonValue, on: ObjectSchemas | None) -> JsonValue:
    """``{"$object": "record"}`` stands for the schema of the object in question, or any object where there is none."""
    if isinstance(schema, list):
        return [_placed(each, on) for each in schema]
    if not isinstance(schema, dict):
        return schema
    part = schema.get("$object")
    if part is None:
        return {name: _placed(each, on) for name, each in schema.items()}
    if on is None or part == "value":
        return {"$ref": f"#/components/schemas/{_ANY_PART[str(part)]}"}
    return {"$ref": "#/components/schemas/" + (on.key if part == "record" else f"{on.key}_{part}")}


def _path_parameter(name: str) -> JsonValue:
    schema: Schema = {"type": "string", "format": "uuid"} if name in _IDS else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}
