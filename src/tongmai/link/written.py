"""A record's value as it is written: the gateway answers a relation as ``{"id", "label"}`` and takes its id."""

from __future__ import annotations

from typing import cast

from pydantic import JsonValue


def written(answered: object) -> JsonValue:
    """An answered value ready for the gateway; lists by their items."""
    if isinstance(answered, list):
        return [written(each) for each in answered]
    if isinstance(answered, dict) and "id" in answered and "label" in answered:
        return cast("JsonValue", answered["id"])
    return cast("JsonValue", answered)
