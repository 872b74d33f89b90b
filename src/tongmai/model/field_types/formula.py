"""A live formula: no column, the expression is put in wherever the field is used, so that it is never out of date."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field, JsonValue

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.field_type import FieldOptions, FieldType, Reading, refusal
from tongmai.model.operators import BLANKNESS


class FormulaOptions(FieldOptions):
    """``text`` is the formula."""

    text: str = Field(min_length=1, max_length=10_000)


class FormulaType(FieldType[FormulaOptions]):
    """The type of its value is known only in its object's scope: ``ObjectScope`` tells it."""

    key: ClassVar = "formula"
    label: ClassVar = Text("公式", "Formula")
    Options: ClassVar = FormulaOptions
    index_methods: ClassVar = ()
    writable: ClassVar = False
    can_be_unique: ClassVar = False

    def value_type(self, options: FormulaOptions) -> formula.Type:
        return formula.NULL

    def column_type(self, options: FormulaOptions) -> None:
        return None

    def parse(self, value: object, options: FormulaOptions, reading: Reading) -> object:
        raise refusal(
            "formula.read_only",
            "公式字段由系统计算，不能填写",
            "a formula field is computed and cannot be written",
            "请修改公式引用的字段",
            "change the fields it refers to",
        )

    def to_text(self, value: Any, options: FormulaOptions, language: Language, reading: Reading = Reading()) -> str:
        return str(value)

    def to_json_value(self, value: Any) -> object:
        return value

    def json_schema(self, options: FormulaOptions) -> dict[str, JsonValue]:
        return {"readOnly": True}

    def operators(self, options: FormulaOptions) -> tuple[str, ...]:
        return BLANKNESS
