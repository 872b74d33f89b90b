"""One line of text: names, codes, addresses. Trimmed, composed (NFC), without control characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar
from unicodedata import is_normalized

import orjson
from pydantic import Field, JsonValue

from tongmai import formula
from tongmai.kit import Fault, Language, Text
from tongmai.model.field_type import Cell, FieldOptions, FieldType, Reading, Refused, refusal, shown
from tongmai.model.operators import BLANKNESS, EQUALITY, WORDS
from tongmai.model.reading import decimal_of_float, find_control_character, tidy_line, tidy_lines, write_number

_BREAKS = re.compile(r"[\n\t]+")


def _wrong_kind(value: object) -> Refused:
    """Something else than text was given where text is wanted."""
    return refusal(
        "text.not_text",
        f"应为文本，收到的是 {shown(value)}",
        f"text is expected, not {shown(value)}",
        '请用引号括起来，例如 "abc"',
        'give it as text, as in "abc"',
    )


def _control_character(position: int) -> Refused:
    return refusal(
        "text.control_character",
        f"第 {position + 1} 个字符是不可见的控制字符",
        f"character {position + 1} is an invisible control character",
        "请删除该字符；需要换行时请改用多行文本字段",
        "remove it; where line breaks are needed use a long text field",
    )


def too_long(length: int, limit: int) -> Refused:
    return refusal(
        "text.too_long",
        f"共 {length} 个字符，最多 {limit} 个",
        f"{length} characters, at most {limit} are allowed",
        "请缩短内容，或调大字段的长度上限",
        "shorten it, or raise the field's limit",
    )


def read_text(value: object, longest: int, *, lines: bool = False) -> str | None:
    """A given text as it is kept, of one line or of several; None where nothing is left of it. ``longest`` counts
    characters. Raises Refused."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong_kind(value)
    text = tidy_lines(value) if lines else tidy_line(value)
    position = find_control_character(text, lines=lines)
    if position is not None:
        raise _control_character(position)
    if len(text) > longest:
        raise too_long(len(text), longest)
    return text or None


def text_of_cell(cell: Cell, reading: Reading) -> str:
    """A spreadsheet's typed value as the text a person sees in the cell."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        number = decimal_of_float(cell, spreadsheet=True)
        if number is None:
            raise _wrong_kind(cell)
        whole = number.to_integral_value()
        return write_number(whole + 0 if number == whole else number)
    if isinstance(cell, int | Decimal):
        return write_number(Decimal(cell))
    if isinstance(cell, list):
        return ", ".join(each if isinstance(each, str) else _json_text(each) for each in cell)
    if isinstance(cell, dict):
        # A source's JSON where a text is wanted: not as this language would write it.
        return _json_text(cell)
    return str(cell)


def _json_text(value: object) -> str:
    return orjson.dumps(value, default=_of_json).decode()


def _of_json(value: object) -> float:
    """A number of JSON, which came with all its digits."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


class TextOptions(FieldOptions):
    """``max_length`` counts characters (code points)."""

    max_length: int = Field(500, ge=1, le=10_000)


class TextType(FieldType[TextOptions]):
    key: ClassVar = "text"
    label: ClassVar = Text("单行文本", "Text")
    Options: ClassVar = TextOptions

    def value_type(self, options: TextOptions) -> formula.Type:
        return formula.TEXT

    def column_type(self, options: TextOptions) -> str:
        return "text"

    def parse(self, value: object, options: TextOptions, reading: Reading) -> str | None:
        return read_text(value, options.max_length)

    def parse_typed_cell(self, cell: Cell, options: TextOptions, reading: Reading) -> object:
        return self.parse(text_of_cell(cell, reading), options, reading)

    def parse_column(
        self, cells: Sequence[Cell], options: TextOptions, reading: Reading
    ) -> tuple[list[object], dict[int, Fault]]:
        """Text seldom repeats, so that a plain cell is passed on instead of looked up."""
        limit = options.max_length
        values: list[object] = [None] * len(cells)
        faults: dict[int, Fault] = {}
        for index, cell in enumerate(cells):
            if type(cell) is str:
                text = cell.strip()
                if text.isprintable() and len(text) <= limit and (text.isascii() or is_normalized("NFC", text)):
                    values[index] = text or None
                    continue
            try:
                values[index] = self.parse_text(cell, options, reading)
            except Refused as refused:
                faults[index] = refused.faults[0]
        return values, faults

    def to_text(self, value: str, options: TextOptions, language: Language, reading: Reading = Reading()) -> str:
        return value

    def to_json_value(self, value: str) -> str:
        return value

    def json_schema(self, options: TextOptions) -> dict[str, JsonValue]:
        return {"type": "string", "maxLength": options.max_length}

    def operators(self, options: TextOptions) -> tuple[str, ...]:
        return (*WORDS, *EQUALITY, *BLANKNESS)

    def searched_text(self, value: str, options: TextOptions) -> str:
        return value

    def text_sql(self, column: str, options: TextOptions, reading: Reading) -> str:
        return column

    def from_text_sql(self, text: str, options: TextOptions, reading: Reading) -> str:
        return single_line_sql(text)

    def from_text(self, text: str, options: TextOptions, reading: Reading) -> object:
        return single_line(text)

    def within_sql(self, column: str, options: TextOptions) -> str:
        return f"char_length({column}) <= {options.max_length}"

    def is_within(self, value: Any, options: TextOptions) -> bool:
        return len(value) <= options.max_length


def single_line_sql(text: str) -> str:
    """Stored text as one line: breaks and tabs become a blank, the ends are trimmed."""
    return rf"nullif(btrim(regexp_replace({text}, '[\n\t]+', ' ', 'g')), '')"


def single_line(text: str) -> str | None:
    return _BREAKS.sub(" ", text).strip(" ") or None
