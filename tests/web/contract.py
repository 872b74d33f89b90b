"""The description of the API as a contract: every JSON answer of a test is held against its schema."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import httpx
import jsonschema_rs
from pydantic import JsonValue

# Refusals that any call may meet before it is known which call it is.
_BEFORE = frozenset({404, 405, 413, 415})


class BrokenContract(AssertionError):
    """An answer that is not what the description says."""


@dataclass(frozen=True)
class _Described:
    """A call of the description: its address as a pattern, and its answers by status."""

    pattern: re.Pattern[str]
    responses: dict[str, Any]


class Contract:
    """Holds answers against a description of the API."""

    def __init__(self, described: dict[str, Any]) -> None:
        self._components = described["components"]
        self._calls: dict[str, list[_Described]] = {}
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
        # Of two addresses that fit, the one with fewer parameters is meant.
        for path, methods in sorted(described["paths"].items(), key=lambda each: each[0].count("{")):
            pattern = re.compile(re.sub(r"\{[a-z_]+\}", "[^/]+", path))
            for method, entry in methods.items():
                self._calls.setdefault(method.upper(), []).append(_Described(pattern, entry["responses"]))

    async def hold(self, response: httpx.Response) -> None:
        """For httpx's event hooks. Raises ``BrokenContract`` where an answer is not as it is described."""
        method, path = response.request.method, response.request.url.path
        media_type = response.headers.get("content-type", "").partition(";")[0]
        call = next((each for each in self._calls.get(method, []) if each.pattern.fullmatch(path)), None)
        if call is None or media_type not in ("application/json", "application/problem+json"):
            return
        told = call.responses.get(str(response.status_code))
        if told is None and response.status_code in _BEFORE:
            return
        content = await response.aread()
        faults = self.faults(json.loads(content), told, media_type)
        if faults:
            said = content[:500].decode(errors="replace")
            raise BrokenContract(f"{method} {path} → {response.status_code}: {'; '.join(faults)}\n{said}")

    def faults(self, answer: JsonValue, told: dict[str, Any] | None, media_type: str) -> list[str]:
        """What is wrong with the answer by what was ``told`` of its status."""
        if told is None:
            return ["the status is not described"]
        if "$ref" in told:
            told = self._components["responses"][told["$ref"].rpartition("/")[2]]
        schema = told.get("content", {}).get(media_type, {}).get("schema")
        if schema is None:
            return [f"{media_type} is not described"]
        found = self._validator(schema).iter_errors(answer)
        return [f"{'/'.join(map(str, each.instance_path))}: {each.message[:300]}" for each in found][:5]

    def _validator(self, schema: JsonValue) -> jsonschema_rs.Draft202012Validator:
        key = json.dumps(schema)
        if key not in self._validators:
            whole = {"$ref": "#/answer", "answer": schema, "components": self._components}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole)
        return self._validators[key]
