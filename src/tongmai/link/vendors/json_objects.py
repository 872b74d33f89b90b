"""What vendors answer: objects of JSON, in which nothing can be taken for granted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from pydantic import JsonValue

JsonObject: TypeAlias = dict[str, JsonValue]


def objects(value: JsonValue) -> list[JsonObject]:
    """The objects of a list; nothing for what is not a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text_of(item: Mapping[str, JsonValue], name: str) -> str:
    """A text or number of the vendor's as text; empty where there is none."""
    found = item.get(name)
    if type(found) is str:
        return found
    return str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else ""
