"""A field with its type and checked options at hand: what every room works with, made once a catalogue version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from tongmai.kit import Fault, Invalid, Language, Text
from tongmai.model.definitions import Catalogue, FieldDef
from tongmai.model.document import faults_of
from tongmai.model.field_type import AnyFieldType, Cell, FieldOptions, Reading
from tongmai.model.field_types import FIELD_TYPES, Choice, ChoiceOptions
from tongmai.model.search import joined_tokens, search_tokens


@dataclass(frozen=True, slots=True)
class BoundField:
    """``definition`` with the type and the options it names."""

    definition: FieldDef
    type: AnyFieldType
    options: FieldOptions

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def target(self) -> str | None:
        """The object a relation, person or team leads to."""
        return self.type.target(self.options)

    @property
    def is_many(self) -> bool:
        return self.type.is_many(self.options)

    @property
    def operators(self) -> tuple[str, ...]:
        """The filter operators that are offered for it."""
        return self.type.operators(self.options)

    @property
    def column_type(self) -> str | None:
        return self.type.column_type(self.options)

    def parse(self, value: object, reading: Reading) -> object:
        return self.type.parse(value, self.options, reading)

    def parse_text(self, cell: Cell, reading: Reading) -> object:
        return self.type.parse_text(cell, self.options, reading)

    def parse_column(self, cells: Sequence[Cell], reading: Reading) -> tuple[list[object], dict[int, Fault]]:
        return self.type.parse_column(cells, self.options, reading)

    def to_text(self, value: object, language: Language, reading: Reading) -> str:
        """The text of a value; a blank is the empty text."""
        return "" if value is None else self.type.to_text(value, self.options, language, reading)

    def to_json_value(self, value: object) -> object:
        return None if value is None else self.type.to_json_value(value)

    def search_tokens(self, value: object) -> frozenset[str]:
        return search_tokens(self._searched_text(value))

    def joined_tokens(self, values: Sequence[object], between: str) -> list[str]:
        """The search tokens of each value, as one text with ``between`` between them (``model.search``)."""
        return joined_tokens(list(map(self._searched_text, values)), between)

    def _searched_text(self, value: object) -> str:
        return "" if value is None else self.type.searched_text(value, self.options)


def bind_field(field: FieldDef, catalogue: Catalogue | None = None) -> BoundField:
    """The field with its type. A choice whose ``source`` is ``roles`` gets the catalogue's roles as its options.

    Raises ``Invalid`` with all faults of the type's name and options.
    """
    kind = FIELD_TYPES.get(field.type)
    if kind is None:
        raise Invalid(
            (
                Fault(
                    "field.unknown_type",
                    Text(f"没有字段类型“{field.type}”", f"there is no field type “{field.type}”"),
                    Text("可用类型：" + "、".join(FIELD_TYPES), "use one of: " + ", ".join(FIELD_TYPES)),
                    "type",
                ),
            )
        )
    try:
        options = kind.options(field.options)
        if catalogue is not None and isinstance(options, ChoiceOptions) and options.source == "roles":
            roles = tuple(Choice(key=role.key, label=role.label) for role in catalogue.roles)
            # Not model_copy: it would keep the lookup tables of the choices before. Two roles may share a name.
            options = type(options).model_validate({**dict(options), "choices": roles})
    except ValidationError as error:
        raise Invalid(faults_of(error, "options")) from None
    return BoundField(field, kind, options)
