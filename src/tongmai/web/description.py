"""The description of the API outside a request: for the command line and for whoever generates a client."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import JsonValue

from tongmai import __version__
from tongmai.kit import Language
from tongmai.model import ObjectDef
from tongmai.web.openapi import ObjectSchemas, describe_api
from tongmai.web.routes import all_operations


def description(objects: Iterable[ObjectDef], language: Language) -> dict[str, JsonValue]:
    """The OpenAPI document with the given objects; without any only the general part."""
    schemas = [ObjectSchemas.of(each, language) for each in objects]
    return describe_api(all_operations(), schemas, __version__, language)
