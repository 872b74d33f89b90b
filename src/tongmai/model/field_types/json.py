"""Any JSON value, for what has no shape of its own: at most 64 kB and 20 levels deep."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import JsonValue

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.field_type import Cell, FieldOptions, FieldType, Reading, Refused, refusal, shown
from tongmai.model.operators import BLANKNESS

MOST_BYTES = 65_536
DEEPEST = 20


class JsonOptions(FieldOptions):
    """JSON fields need none."""


class JsonType(FieldType[JsonOptions]):
    key: ClassVar = "json"
    label: ClassVar = Text("JSON", "JSON")
    Options: ClassVar = JsonOptions
    index_methods: ClassVar = ("gin",)
    can_be_unique: ClassVar = False

    def value_type(self, options: JsonOptions) -> formula.Type:
        return formula.JSON

    def column_type(self, options: JsonOptions) -> str:
        return "jsonb"

    def parse(self, value: object, options: JsonOptions, reading: Reading) -> object:
        """JSON's own null is a blank. A text is a JSON string here; only a cell's text is read as JSON."""
        if value is None:
            return None
        _check(value, 1)
        try:
            size = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
        except (TypeError, ValueError):
            raise _unreadable(value) from None
        if size > MOST_BYTES:
            raise refusal(
                "json.too_large",
                f"共 {size} 字节，最多 {MOST_BYTES} 字节",
                f"{size} bytes, at most {MOST_BYTES} are allowed",
                "请把内容放进附件",
                "put the content into a file",
            )
        return value

    def parse_text(self, cell: Cell, options: JsonOptions, reading: Reading) -> object:
        if cell is None or not isinstance(cell, str):
            return self.parse(cell, options, reading)
        if not cell.strip():
            return None
        if len(cell) > 2 * MOST_BYTES:
            raise _unreadable(cell)
        try:
            value = json.loads(cell)
        except (ValueError, RecursionError):
            raise _unreadable(cell) from None
        return self.parse(value, options, reading)

    def to_text(self, value: Any, options: JsonOptions, language: Language, reading: Reading = Reading()) -> str:
        return json.dumps(value, ensure_ascii=False)

    def to_json_value(self, value: Any) -> object:
        return value

    def json_schema(self, options: JsonOptions) -> dict[str, JsonValue]:
        return {}

    def operators(self, options: JsonOptions) -> tuple[str, ...]:
        return BLANKNESS


def _unreadable(value: object) -> Refused:
    return refusal(
        "json.unreadable",
        f"“{shown(value)}”不是 JSON",
        f"“{shown(value)}” is not JSON",
        "请检查引号、逗号和括号",
        "check quotes, commas and brackets",
    )


def _check(value: object, depth: int) -> None:
    """Refuses what jsonb cannot hold (NUL, lone surrogates, NaN) and what is too deep."""
    if depth > DEEPEST:
        raise refusal(
            "json.too_deep",
            f"嵌套超过 {DEEPEST} 层",
            f"nested more than {DEEPEST} levels deep",
            "请减少嵌套",
            "nest it less deeply",
        )
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise refusal(
                "json.control_character",
                "文本中有数据库不能保存的字符（NUL 或单个代理码）",
                "a text holds NUL or a lone surrogate, which cannot be stored",
                "请删除该字符",
                "remove it",
            )
    elif isinstance(value, dict):
        for name, each in value.items():
            _check(name, depth)
            _check(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, depth + 1)
    elif (isinstance(value, float) and not math.isfinite(value)) or isinstance(value, Decimal):
        raise _unreadable(value)
