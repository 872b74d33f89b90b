"""Yes or no, or not answered."""

from __future__ import annotations

from typing import ClassVar
from unicodedata import normalize

from pydantic import JsonValue

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.field_type import Cell, FieldOptions, FieldType, Reading, refusal, shown
from tongmai.model.operators import BLANKNESS
from tongmai.model.reading import LONGEST_WORD

_YES = frozenset(["是", "y", "yes", "1", "true", "t", "真", "有", "√", "✓", "✔", "对"])
_NO = frozenset(["否", "n", "no", "0", "false", "f", "假", "无", "×", "✗", "✘", "错", "x"])
_WORDS = {**dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}


class BooleanOptions(FieldOptions):
    """Yes/no fields need none."""


class BooleanType(FieldType[BooleanOptions]):
    key: ClassVar = "boolean"
    label: ClassVar = Text("是/否", "Yes/no")
    Options: ClassVar = BooleanOptions
    can_be_unique: ClassVar = False

    def value_type(self, options: BooleanOptions) -> formula.Type:
        return formula.BOOLEAN

    def column_type(self, options: BooleanOptions) -> str:
        return "boolean"

    def parse(self, value: object, options: BooleanOptions, reading: Reading) -> bool | None:
        if value is None or value is True or value is False:
            return value
        if isinstance(value, str) and (len(value) <= LONGEST_WORD or not value.strip()):
            word = normalize("NFKC", value).strip().casefold()
            if not word:
                return None
            found = _WORDS.get(word)
            if found is not None:
                return found
        raise refusal(
            "boolean.unreadable",
            f"“{shown(value)}”不是是或否",
            f"“{shown(value)}” is neither yes nor no",
            "请写 是/否、Y/N、true/false 或 1/0",
            "write yes/no, Y/N, true/false or 1/0",
        )

    def parse_typed_cell(self, cell: Cell, options: BooleanOptions, reading: Reading) -> object:
        if isinstance(cell, float | int) and not isinstance(cell, bool) and cell in (0, 1):
            return cell == 1
        return self.parse(cell, options, reading)

    def to_text(self, value: bool, options: BooleanOptions, language: Language, reading: Reading = Reading()) -> str:
        if language == "zh":
            return "是" if value else "否"
        return "yes" if value else "no"

    def to_json_value(self, value: bool) -> bool:
        return value

    def json_schema(self, options: BooleanOptions) -> dict[str, JsonValue]:
        return {"type": "boolean"}

    def operators(self, options: BooleanOptions) -> tuple[str, ...]:
        return ("is_true", "is_false", *BLANKNESS)

    def text_sql(self, column: str, options: BooleanOptions, reading: Reading) -> str:
        return f"CASE WHEN {column} THEN '是' WHEN NOT {column} THEN '否' END"

    def from_text_sql(self, text: str, options: BooleanOptions, reading: Reading) -> str:
        word = f"lower(btrim({text}))"
        return f"CASE WHEN {word} IN ({_listed(_YES)}) THEN TRUE WHEN {word} IN ({_listed(_NO)}) THEN FALSE END"

    def from_text(self, text: str, options: BooleanOptions, reading: Reading) -> object:
        return _WORDS.get(text.strip(" ").lower())


def _listed(words: frozenset[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))
