"""Text of many lines: notes, minutes, descriptions. Of the control characters only line feeds and tabs may stand."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, JsonValue

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.field_type import Cell, FieldOptions, FieldType, Reading
from tongmai.model.field_types.text import read_text, text_of_cell
from tongmai.model.operators import BLANKNESS, WORDS


class LongTextOptions(FieldOptions):
    """``max_length`` counts characters; ``format`` tells a screen how to show them."""

    max_length: int = Field(50_000, ge=1, le=1_000_000)
    format: Literal["plain", "markdown"] = "plain"


class LongTextType(FieldType[LongTextOptions]):
    key: ClassVar = "long_text"
    label: ClassVar = Text("多行文本", "Long text")
    Options: ClassVar = LongTextOptions
    # A B-tree entry holds at most a third of a page; search has its own index.
    index_methods: ClassVar = ()
    can_be_unique: ClassVar = False

    def value_type(self, options: LongTextOptions) -> formula.Type:
        return formula.TEXT

    def column_type(self, options: LongTextOptions) -> str:
        return "text"

    def parse(self, value: object, options: LongTextOptions, reading: Reading) -> str | None:
        return read_text(value, options.max_length, lines=True)

    def parse_typed_cell(self, cell: Cell, options: LongTextOptions, reading: Reading) -> object:
        return self.parse(text_of_cell(cell, reading), options, reading)

    def to_text(self, value: str, options: LongTextOptions, language: Language, reading: Reading = Reading()) -> str:
        return value

    def to_json_value(self, value: str) -> str:
        return value

    def json_schema(self, options: LongTextOptions) -> dict[str, JsonValue]:
        return {"type": "string", "maxLength": options.max_length}

    def operators(self, options: LongTextOptions) -> tuple[str, ...]:
        return (*WORDS, *BLANKNESS)

    def searched_text(self, value: str, options: LongTextOptions) -> str:
        return value

    def text_sql(self, column: str, options: LongTextOptions, reading: Reading) -> str:
        return column

    def from_text_sql(self, text: str, options: LongTextOptions, reading: Reading) -> str:
        return text

    def from_text(self, text: str, options: LongTextOptions, reading: Reading) -> object:
        return text

    def within_sql(self, column: str, options: LongTextOptions) -> str:
        return f"char_length({column}) <= {options.max_length}"

    def is_within(self, value: Any, options: LongTextOptions) -> bool:
        return len(value) <= options.max_length
