"""What a formula gives for one record: asked through the gateway, so that nobody learns more than they may see."""

from __future__ import annotations

from uuid import UUID

import orjson

from tongmai.access import Actor
from tongmai.formula import Kind, Type
from tongmai.kit import Invalid
from tongmai.records import Gateway, Query
from tongmai.store import Workspace

_SINGLE = frozenset({Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.DATETIME, Kind.DURATION})


async def value_for(
    gateway: Gateway, actor: Actor, workspace: Workspace, object_key: str, record: UUID, text: str, kind: Type
) -> object:
    """The value as JSON, None where there is none; a yes or no as such.

    Raises ``NotFound`` for a record that the actor does not see, ``Invalid`` where the value is no single one.
    """
    await gateway.get(actor, workspace, object_key, record)
    measures: tuple[dict[str, str], ...]
    if kind.kind is Kind.BOOLEAN:
        measures = (
            {"name": "yes", "function": "count", "where": text},
            {"name": "no", "function": "count", "where": f"NOT ({text})"},
        )
    elif kind.kind in _SINGLE:
        measures = ({"name": "value", "function": "min", "of": text},)
    elif kind.kind is Kind.CHOICE:
        measures = ({"name": "value", "function": "min", "of": f"TEXT({text})"},)
    else:
        name = kind.name()
        raise Invalid.of(
            "formula.not_shown", f"{name.zh}不能单独显示", f"A {name.en} cannot be shown by itself", field="text"
        )
    asked = Query.model_validate({"object": object_key, "filter": f"id = '{record}'", "measures": measures})
    rows = orjson.loads(await gateway.query(actor, workspace, asked))["rows"]
    found: dict[str, object] = rows[0] if rows else {}
    if kind.kind is Kind.BOOLEAN:
        return True if found.get("yes") else False if found.get("no") else None
    return found.get("value")
