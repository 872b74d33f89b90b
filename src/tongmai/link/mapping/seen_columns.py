"""What paths the rows of a stream have, and of what type, so that mappings are chosen and not typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from pydantic import JsonValue

from tongmai.link.source import Body

_DEEPEST = 3
_MOST = 300
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
# A code may be all digits; what has decimals is a number.
_NUMBER = re.compile(r"-?(0|[1-9]\d*)\.\d+")


def seen_columns(bodies: Iterable[Body]) -> dict[str, str]:
    """By path, the type of mappings' columns; what differs from row to row is text. Objects are gone into, lists are
    not."""
    found: dict[str, str | None] = {}
    for body in bodies:
        for path, value in _paths(body, "", 1):
            kind = _kind(value)
            known = found.get(path)
            if len(found) < _MOST or path in found:
                found[path] = kind if known is None else known if kind in (None, known) else "text"
    return {path: kind or "text" for path, kind in found.items()}


def _paths(body: Body, start: str, depth: int) -> Iterator[tuple[str, JsonValue]]:
    for name, value in body.items():
        path = f"{start}{name}"
        if isinstance(value, dict) and value and depth < _DEEPEST:
            yield from _paths(cast("Mapping[str, JsonValue]", value), f"{path}.", depth + 1)
        else:
            yield path, value


def _kind(value: JsonValue) -> str | None:
    """None for what tells nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, list | dict):
        return "json"
    if _MOMENT.match(value):
        return "datetime"
    return "date" if _DAY.fullmatch(value) else "number" if _NUMBER.fullmatch(value) else "text"
