"""The types of bodies and answers as component schemas, each under one name, whatever calls share them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias, cast

from pydantic import BaseModel, JsonValue, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import DataclassField, ModelField, TypedDictField
from typing_extensions import is_typeddict

from tongmai.web.operation import Operation, Without
from tongmai.web.shapes import ShownFault

# What is sent to the API, where defaults may be left out, or what it answers, where they stand.
Side: TypeAlias = Literal["validation", "serialization"]
_Key: TypeAlias = tuple[type, Side]
_REFERENCE = "#/components/schemas/{model}"


class _OnTheWire(GenerateJsonSchema):
    """Without pydantic's titles, which repeat the names; and what has a default is always there in an answer."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def field_is_required(self, field: ModelField | DataclassField | TypedDictField, total: bool) -> bool:
        if self.mode == "serialization" and field["type"] != "typed-dict-field":
            return True
        return super().field_is_required(field, total)


@dataclass(frozen=True, slots=True)
class Components:
    """Schemas by name, and for each type the reference to its own."""

    definitions: Mapping[str, JsonValue]
    references: Mapping[_Key, JsonValue]

    @classmethod
    def of(cls, operations: Sequence[Operation]) -> Components:
        """Of all types that the operations name. They are the same for every language and every caller."""
        named = dict.fromkeys(each for operation in operations for each in _named_by(operation))
        return _components((*named, (ShownFault, "serialization")))

    def schema(self, given: object, side: Side) -> JsonValue:
        """A schema in which types stand anywhere, with references in their place."""
        if isinstance(given, Without):
            return self._without(given, side)
        if _is_shape(given):
            return self.references[cast(type, given), side]
        if isinstance(given, Mapping):
            return {str(name): self.schema(each, side) for name, each in given.items()}
        if isinstance(given, list | tuple):
            return [self.schema(each, side) for each in given]
        return cast(JsonValue, given)

    def _without(self, given: Without, side: Side) -> JsonValue:
        reference = cast(dict[str, str], self.references[given.shape, side])
        whole = cast(dict[str, JsonValue], self.definitions[reference["$ref"].rpartition("/")[2]])
        properties = cast(dict[str, JsonValue], whole["properties"])
        needed = cast(list[JsonValue], whole.get("required", []))
        return {
            **whole,
            "properties": {name: each for name, each in properties.items() if name not in given.names},
            "required": [name for name in needed if name not in given.names],
        }


@lru_cache(maxsize=4)
def _components(keys: tuple[_Key, ...]) -> Components:
    inputs = [(key, key[1], _adapter(key[0])) for key in keys]
    references, whole = TypeAdapter.json_schemas(
        inputs, by_alias=True, ref_template=_REFERENCE, schema_generator=_OnTheWire
    )
    definitions: dict[str, JsonValue] = whole.get("$defs", {})
    return Components(definitions, {key: cast(JsonValue, references[key, key[1]]) for key in keys})


def _adapter(shape: type) -> TypeAdapter[object]:
    return TypeAdapter(shape)


def _named_by(operation: Operation) -> Iterator[_Key]:
    for shape in _shapes_in(operation.takes):
        yield shape, "validation"
    for answer in operation.answers.values():
        for shape in _shapes_in(answer.schema):
            yield shape, "serialization"


def _shapes_in(given: object) -> Iterator[type]:
    if isinstance(given, Without):
        yield given.shape
    elif _is_shape(given):
        yield cast(type, given)
    elif isinstance(given, Mapping):
        for each in given.values():
            yield from _shapes_in(each)
    elif isinstance(given, list | tuple):
        for each in given:
            yield from _shapes_in(each)


def _is_shape(given: object) -> bool:
    return is_typeddict(given) or (isinstance(given, type) and issubclass(given, BaseModel))
