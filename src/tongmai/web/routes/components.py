"""Components: what can be fitted onto an object, what it would ask, and the change that fits it (S0-38)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response
from typing_extensions import TypedDict

from tongmai.access import require_manage
from tongmai.kit import Text
from tongmai.market import Ask, Component, built_in_components, fields_for, find_component, fit, suggested
from tongmai.model import Catalogue, Changeset, no_object
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation, Parameter
from tongmai.web.shapes import items_of

Given = Annotated[str, Field(max_length=40)] | int | None


class Answers(BaseModel):
    """By the key of what was asked: keys of the model, and whole numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answers: Annotated[dict[Annotated[str, Field(max_length=40)], Given], Field(max_length=30)]


class Asked(TypedDict):
    """A question. ``fields`` are the keys that can answer it, for the object that was named, the likely ones first."""

    key: str
    kind: str
    label: str
    optional: bool
    least: int
    most: int
    fields: list[str]
    suggested: str | int | None


class OfferedComponent(TypedDict):
    """A component and what it asks; with an object, also what would suit."""

    key: str
    label: str
    description: str | None
    icon: str | None
    asks: list[Asked]


async def list_components(call: Call) -> Response:
    catalogue = await _catalogue(call)
    key = call.query.get("object")
    if key is not None and key not in catalogue.object_by_key:
        raise no_object(key)
    return document({"items": [_offered(call, catalogue, each, key) for each in built_in_components()]})


async def fit_component(call: Call) -> Response:
    """Gives the actions; ``POST /api/model/changes`` previews them, and puts them into force."""
    catalogue = await _catalogue(call)
    component = find_component(call.part("component"))
    asked = await call.body(Answers)
    return document(fit(component, catalogue, asked.answers).model_dump(mode="json", by_alias=True))


async def _catalogue(call: Call) -> Catalogue:
    catalogue = await call.catalogue()
    require_manage(call.actor, catalogue, "model")
    return catalogue


def _offered(call: Call, catalogue: Catalogue, component: Component, object_key: str | None) -> OfferedComponent:
    guess = {} if object_key is None else suggested(component, catalogue, object_key)
    return {
        "key": component.key,
        "label": component.label.say(call.language),
        "description": component.description.say(call.language) if component.description else None,
        "icon": component.icon,
        "asks": [_asked(call, catalogue, each, object_key, guess.get(each.key)) for each in component.asks],
    }


def _asked(call: Call, catalogue: Catalogue, ask: Ask, object_key: str | None, guess: object) -> Asked:
    fields = [] if object_key is None else fields_for(ask, catalogue.object_by_key[object_key])
    return {
        "key": ask.key,
        "kind": ask.kind,
        "label": ask.label.say(call.language),
        "optional": ask.optional,
        "least": ask.least,
        "most": ask.most,
        "fields": [each.key for each in fields],
        "suggested": guess if isinstance(guess, str | int) else None,
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/components",
        list_components,
        "apps",
        Text("可以装到对象上的组件", "Components that can be fitted onto an object"),
        parameters=(Parameter("object", Text("给这个对象的建议", "Suggestions for this object"), longest=40),),
        answers={200: Answer(Text("组件", "Components"), items_of(OfferedComponent))},
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/components/{component}/actions",
        fit_component,
        "apps",
        Text("按回答生成模型变更", "The change of the model that the answers give"),
        takes=Answers,
        answers={200: Answer(Text("变更", "The change"), Changeset)},
        problems=(404,),
    ),
)
