"""What pydantic found wrong with a body, in the product's own words and both languages."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tongmai.kit import Fault, Text

# By pydantic's error type: what it means to the caller. `{…}` are filled from the error's context.
_WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("缺少此项", "is missing"),
    "extra_forbidden": ("没有这一项", "is not known here"),
    "string_type": ("应为文字", "must be a text"),
    "string_too_long": ("最多 {max_length} 个字符", "must have at most {max_length} characters"),
    "string_too_short": ("至少 {min_length} 个字符", "must have at least {min_length} characters"),
    "string_pattern_mismatch": ("格式不符：{pattern}", "does not match {pattern}"),
    "bool_type": ("应为 true 或 false", "must be true or false"),
    "bool_parsing": ("应为 true 或 false", "must be true or false"),
    "int_type": ("应为整数", "must be a whole number"),
    "int_parsing": ("应为整数", "must be a whole number"),
    "int_from_float": ("应为整数", "must be a whole number"),
    "decimal_type": ("应为数字", "must be a number"),
    "dict_type": ("应为对象", "must be an object"),
    "model_type": ("应为对象", "must be an object"),
    "model_attributes_type": ("应为对象", "must be an object"),
    "list_type": ("应为列表", "must be a list"),
    "tuple_type": ("应为列表", "must be a list"),
    "frozen_set_type": ("应为列表", "must be a list"),
    "too_short": ("至少 {min_length} 项", "must have at least {min_length} items"),
    "too_long": ("最多 {max_length} 项", "must have at most {max_length} items"),
    "greater_than_equal": ("不得小于 {ge}", "must not be below {ge}"),
    "less_than_equal": ("不得大于 {le}", "must not be above {le}"),
    "literal_error": ("应为 {expected} 之一", "must be one of {expected}"),
    "uuid_parsing": ("不是有效的编号", "is not an id"),
    "uuid_type": ("不是有效的编号", "is not an id"),
    "datetime_from_date_parsing": ("不是有效的时间", "is not a moment"),
    "datetime_parsing": ("不是有效的时间", "is not a moment"),
    "timezone_aware": ("须带时区", "needs a time zone"),
    "union_tag_invalid": ("类型应为 {expected_tags} 之一", "the type must be one of {expected_tags}"),
    "union_tag_not_found": ("缺少类型 {discriminator}", "the type {discriminator} is missing"),
}


def faults_of(error: ValidationError) -> tuple[Fault, ...]:
    """All of them, each at its dotted place (``grants.0.object``)."""
    return tuple(_fault(detail) for detail in error.errors(include_url=False, include_input=False)[:100])


def _fault(detail: ErrorDetails) -> Fault:
    place = ".".join(str(part) for part in detail["loc"])[:300] or None
    words = _WORDS.get(detail["type"])
    if words is None:
        return Fault(f"body.{detail['type']}", Text(f"不符合要求（{detail['msg']}）", detail["msg"]), field=place)
    context = {name: str(value)[:200] for name, value in detail.get("ctx", {}).items()}
    zh, en = (sentence.format_map(_Given(context)) for sentence in words)
    return Fault(f"body.{detail['type']}", Text(zh, en), field=place)


class _Given(dict[str, str]):
    """A context in which an absent name stays as it is written."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"
