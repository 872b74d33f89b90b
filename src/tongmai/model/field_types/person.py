"""A person of the workspace: a relation to the built-in object ``person``."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import JsonValue

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.field_type import FieldOptions, FieldType, Reading
from tongmai.model.field_types.relation import read_id
from tongmai.model.operators import BLANKNESS, EQUALITY

P = TypeVar("P", bound=FieldOptions)


class BuiltinReference(FieldType[P]):
    """A relation to one record of a built-in object."""

    target_object: ClassVar[str]

    def target(self, options: P) -> str:
        return self.target_object

    def value_type(self, options: P) -> formula.Type:
        return formula.reference(self.target_object)

    def column_type(self, options: P) -> str:
        return "uuid"

    def parse(self, value: object, options: P, reading: Reading) -> UUID | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        return read_id(value)

    def to_text(self, value: Any, options: P, language: Language, reading: Reading = Reading()) -> str:
        return str(value)

    def to_json_value(self, value: Any) -> object:
        return str(value)

    def json_schema(self, options: P) -> dict[str, JsonValue]:
        return {"type": "string", "format": "uuid"}

    def operators(self, options: P) -> tuple[str, ...]:
        return (*EQUALITY, *BLANKNESS)


class PersonOptions(FieldOptions):
    """Persons need none."""


class PersonType(BuiltinReference[PersonOptions]):
    key: ClassVar = "person"
    label: ClassVar = Text("人员", "Person")
    Options: ClassVar = PersonOptions
    target_object: ClassVar = "person"

    def operators(self, options: PersonOptions) -> tuple[str, ...]:
        return ("is_me", *EQUALITY, *BLANKNESS)
