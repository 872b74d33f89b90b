"""A number the platform gives each new record, by a pattern such as ``SO-{YYYY}{MM}-{0000}``.

The counter may begin anew each year, month or day of the workspace's zone; ``records`` keeps the counters.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field, JsonValue, field_validator, model_validator

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.document import unsuitable
from tongmai.model.field_type import Cell, FieldOptions, FieldType, Reading
from tongmai.model.field_types.text import read_text, single_line, single_line_sql, text_of_cell
from tongmai.model.operators import BLANKNESS, EQUALITY, ORDER, WORDS

LONGEST_NUMBER = 80
_PART = re.compile(r"\{(YYYY|YY|MM|DD|0{1,12})\}")
_PERIOD = {"none": "", "year": "年", "month": "月", "day": "天"}
_NEEDED = {"none": (), "year": ("Y",), "month": ("Y", "M"), "day": ("Y", "M", "D")}


class AutoNumberOptions(FieldOptions):
    """``reset`` must be told apart by the pattern's own date parts, or numbers would repeat.

    ``editable`` lets a person or an import give a number of their own (old order numbers).
    """

    pattern: str = Field("{000000}", min_length=3, max_length=60)
    reset: Literal["none", "year", "month", "day"] = "none"
    start: int = Field(1, ge=0, le=10**12)
    editable: bool = False

    @field_validator("pattern")
    @classmethod
    def _well_formed(cls, pattern: str) -> str:
        counters = [part for part in _PART.findall(pattern) if part.startswith("0")]
        rest = _PART.sub("", pattern)
        if len(counters) != 1 or "{" in rest or "}" in rest:
            raise unsuitable(
                "编号规则里有且只有一个流水号 {0000}，其余只能是 {YYYY}、{YY}、{MM}、{DD} 和文字",
                "a pattern has exactly one counter {0000} and else only {YYYY}, {YY}, {MM}, {DD} and text",
            )
        if pattern != pattern.strip() or not rest.isprintable():
            raise unsuitable(
                "编号规则首尾不能有空格，也不能有控制字符", "a pattern has no outer blanks and no control characters"
            )
        return pattern

    @model_validator(mode="after")
    def _tells_periods_apart(self) -> AutoNumberOptions:
        parts = {part[0] for part in _PART.findall(self.pattern)}
        if not parts.issuperset(_NEEDED[self.reset]):
            raise unsuitable(
                f"流水号每{_PERIOD[self.reset]}重新开始，编号规则里就要有相应的日期",
                f"a counter that begins anew each {self.reset} needs that date in the pattern",
            )
        return self

    def period(self, day: date) -> str:
        """The period whose counter a record of this (local) day takes: '', '2026', '2026-11' or '2026-11-02'."""
        return day.isoformat()[: {"none": 0, "year": 4, "month": 7, "day": 10}[self.reset]]

    def number(self, count: int, day: date) -> str:
        """The finished number. A count that outgrows its zeros is written in full."""

        def fill(part: re.Match[str]) -> str:
            name = part[1]
            if name.startswith("0"):
                return f"{count:0{len(name)}d}"
            return {"YYYY": f"{day.year:04}", "YY": f"{day.year % 100:02}", "MM": f"{day.month:02}"}.get(
                name, f"{day.day:02}"
            )

        return _PART.sub(fill, self.pattern)


class AutoNumberType(FieldType[AutoNumberOptions]):
    key: ClassVar = "auto_number"
    label: ClassVar = Text("自动编号", "Auto number")
    Options: ClassVar = AutoNumberOptions

    def value_type(self, options: AutoNumberOptions) -> formula.Type:
        return formula.TEXT

    def column_type(self, options: AutoNumberOptions) -> str:
        return "text"

    def parse(self, value: object, options: AutoNumberOptions, reading: Reading) -> str | None:
        return read_text(value, LONGEST_NUMBER)

    def parse_typed_cell(self, cell: Cell, options: AutoNumberOptions, reading: Reading) -> object:
        return self.parse(text_of_cell(cell, reading), options, reading)

    def to_text(self, value: str, options: AutoNumberOptions, language: Language, reading: Reading = Reading()) -> str:
        return value

    def to_json_value(self, value: str) -> str:
        return value

    def json_schema(self, options: AutoNumberOptions) -> dict[str, JsonValue]:
        return {"type": "string", "maxLength": LONGEST_NUMBER, "readOnly": not options.editable}

    def operators(self, options: AutoNumberOptions) -> tuple[str, ...]:
        return (*EQUALITY, *WORDS, *ORDER, *BLANKNESS)

    def searched_text(self, value: str, options: AutoNumberOptions) -> str:
        return value

    def text_sql(self, column: str, options: AutoNumberOptions, reading: Reading) -> str:
        return column

    def from_text_sql(self, text: str, options: AutoNumberOptions, reading: Reading) -> str:
        return single_line_sql(text)

    def from_text(self, text: str, options: AutoNumberOptions, reading: Reading) -> object:
        return single_line(text)

    def within_sql(self, column: str, options: AutoNumberOptions) -> str:
        return f"char_length({column}) <= {LONGEST_NUMBER}"

    def is_within(self, value: Any, options: AutoNumberOptions) -> bool:
        return len(value) <= LONGEST_NUMBER
