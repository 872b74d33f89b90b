"""The description of the API: complete, typed, true of every answer, and the file and client made from it fresh."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.company import SignIn
from tests.web.contract import BrokenContract, Contract

from tongmai.kit import Text
from tongmai.web.description import description
from tongmai.web.openapi import describe_api
from tongmai.web.operation import Answer, Operation
from tongmai.web.routes import all_operations
from tongmai.web.routes.probes import healthz

_ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return description([], "en")


def test_every_reference_resolves(described: dict[str, Any]) -> None:
    known = {
        f"#/components/{part}/{name}" for part in ("schemas", "responses") for name in described["components"][part]
    }
    assert set(_references(described)) <= known


def test_every_answer_with_json_says_what_is_in_it(described: dict[str, Any]) -> None:
    """Only a kind's own material (options, a job's result) is left open, never a whole answer."""
    untyped = [
        (path, method, status)
        for path, method, status, schema in _answers(described)
        if not {"$ref", "properties", "anyOf"} & schema.keys() and path != "/api/openapi.json"
    ]
    assert untyped == []


def test_every_list_types_its_items(described: dict[str, Any]) -> None:
    untyped = [
        (path, method)
        for path, method, _, schema in _answers(described)
        if "items" in schema.get("properties", {}) and "$ref" not in json.dumps(schema["properties"]["items"])
    ]
    assert untyped == []


def test_every_call_says_how_it_refuses(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for entry in methods.values():
            assert entry["responses"]["422"] == {"$ref": "#/components/responses/Problem"}, path
    refused = described["components"]["responses"]["Problem"]["content"]["application/problem+json"]
    assert refused == {"schema": {"$ref": "#/components/schemas/Problem"}}


def test_calls_have_names_of_their_own(described: dict[str, Any]) -> None:
    names = [entry["operationId"] for methods in described["paths"].values() for entry in methods.values()]
    assert len(names) == len(set(names)) == len(all_operations())


def test_two_types_of_one_name_do_not_hide_each_other() -> None:
    """A name that two modules share is told apart, or a client would be typed by the wrong one."""
    schemas = description([], "en")["components"]["schemas"]
    assert [name for name in schemas if "__" in name] == []


def test_an_answer_that_is_not_as_described_is_found() -> None:
    operation = Operation(
        "GET", "/api/one", healthz, "x", Text.same("x"),
        answers={200: Answer(Text.same("x"), {"type": "object", "required": ["a"], "properties": {"a": {}}})},
    )  # fmt: skip
    contract = Contract(describe_api([operation], [], "1", "en"))
    told = describe_api([operation], [], "1", "en")["paths"]["/api/one"]["get"]["responses"]["200"]  # type: ignore[index,call-overload]
    assert contract.faults({"a": 1}, told, "application/json") == []
    assert contract.faults({"b": 1}, told, "application/json") != []
    assert contract.faults({"a": 1}, None, "application/json") != []
    assert issubclass(BrokenContract, AssertionError)


async def test_records_are_as_their_object_says(sign_in: SignIn) -> None:
    """With the objects in it, the description types each by its own fields."""
    admin = await sign_in("admin")
    made = await admin.post("/api/records/customer", json={"name": "绍兴诊所"})
    assert made.status_code == 201
    own = Contract((await admin.get("/api/openapi.json")).json())
    for path in ("/api/records/customer", f"/api/records/customer/{made.json()['id']}", "/api/records/person"):
        await own.hold(await admin.get(path))


def _answers(described: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, entry in methods.items():
            for status, answer in entry["responses"].items():
                found = answer.get("content", {}).get("application/json")
                if found is not None:
                    yield path, method, status, found["schema"]


def _references(given: object) -> Iterator[str]:
    if isinstance(given, dict):
        if "$ref" in given:
            yield given["$ref"]
        for each in given.values():
            yield from _references(each)
    elif isinstance(given, list):
        for each in given:
            yield from _references(each)
