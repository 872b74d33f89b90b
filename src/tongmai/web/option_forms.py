"""The options of a kind of source as a form in the caller's language: its JSON schema with names, leads and choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue

from tongmai.kit import Language
from tongmai.link import Asked, SourceKind

Schema = dict[str, JsonValue]


def option_form(kind: SourceKind, language: Language) -> Schema:
    """What stands under ``$defs`` is put in its place; ``choices`` are names of values by value."""
    whole = cast("Schema", kind.options.model_json_schema())
    parts = cast("Mapping[str, Schema]", whole.pop("$defs", {}))
    return _named(whole, "", kind.form, parts, language)


def _named(
    given: Schema, place: str, form: Mapping[str, Asked], parts: Mapping[str, Schema], language: Language
) -> Schema:
    """A schema with all that is below it. Lists and dictionaries of options have the place of what holds them."""
    schema = {**given, **parts.get(str(given.get("$ref", "")).rpartition("/")[2], {})}
    # Classes are described for who reads the code.
    for word in ("$ref", "description", "title"):
        schema.pop(word, None)
    asked = form.get(place)
    if asked is not None:
        schema["title"] = asked.label.say(language)
        if asked.lead is not None:
            schema["description"] = asked.lead.say(language)
        if asked.choices:
            schema["choices"] = {value: name.say(language) for value, name in asked.choices.items()}
    inner = schema.get("properties")
    if isinstance(inner, dict):
        start = f"{place}." if place else ""
        schema["properties"] = {
            name: _named(cast("Schema", each), f"{start}{name}", form, parts, language) for name, each in inner.items()
        }
    each = schema.get("additionalProperties")
    if isinstance(each, dict):
        schema["additionalProperties"] = {**_named(each, place, form, parts, language), "title": None}
    return schema
