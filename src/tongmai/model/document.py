"""Documents a person wrote (YAML, JSON, a request body) as definitions, and their faults in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tongmai.kit import Fault, Invalid, Text

M = TypeVar("M", bound=BaseModel)

# pydantic's error type → code, zh, en. `{…}` are the error's own context values.
_SAID: Mapping[str, tuple[str, str, str]] = {
    "missing": ("missing", "缺少必填项", "is missing"),
    "extra_forbidden": ("unknown", "没有这个名称的设置", "there is no setting of this name"),
    "string_pattern_mismatch": ("pattern", "格式不符合 {pattern}", "does not match {pattern}"),
    "string_type": ("not_text", "应为文本", "must be text"),
    "string_too_long": ("too_long", "最多 {max_length} 个字符", "must have at most {max_length} characters"),
    "string_too_short": ("too_short", "至少 {min_length} 个字符", "must have at least {min_length} characters"),
    "int_type": ("not_whole", "应为整数", "must be a whole number"),
    "int_parsing": ("not_whole", "应为整数", "must be a whole number"),
    "int_from_float": ("not_whole", "应为整数", "must be a whole number"),
    "decimal_type": ("not_number", "应为数字", "must be a number"),
    "decimal_parsing": ("not_number", "应为数字", "must be a number"),
    "bool_type": ("not_boolean", "应为 true 或 false", "must be true or false"),
    "bool_parsing": ("not_boolean", "应为 true 或 false", "must be true or false"),
    "greater_than_equal": ("too_small", "不能小于 {ge}", "must be at least {ge}"),
    "greater_than": ("too_small", "必须大于 {gt}", "must be greater than {gt}"),
    "less_than_equal": ("too_large", "不能大于 {le}", "must be at most {le}"),
    "less_than": ("too_large", "必须小于 {lt}", "must be less than {lt}"),
    "too_long": ("too_many", "最多 {max_length} 项，收到 {actual_length} 项", "must have at most {max_length} entries"),
    "too_short": ("too_few", "至少 {min_length} 项", "must have at least {min_length} entries"),
    "literal_error": ("not_allowed", "只能是 {expected}", "must be {expected}"),
    "enum": ("not_allowed", "只能是 {expected}", "must be {expected}"),
    "dict_type": ("not_mapping", "应为“名称: 值”的结构", "must be a mapping of names to values"),
    "model_type": ("not_mapping", "应为“名称: 值”的结构", "must be a mapping of names to values"),
    "dataclass_type": ("not_mapping", "应写 zh 和 en", "must give zh and en"),
    "tuple_type": ("not_list", "应为列表", "must be a list"),
    "list_type": ("not_list", "应为列表", "must be a list"),
    "frozen_set_type": ("not_list", "应为列表", "must be a list"),
    "union_tag_invalid": (
        "unknown_action",
        "没有操作“{tag}”，可用：{expected_tags}",
        "there is no action “{tag}”: use {expected_tags}",
    ),
    "union_tag_not_found": ("no_action", "缺少 {discriminator}", "{discriminator} is missing"),
    "value_error": ("invalid", "{error}", "{error}"),
}


def read_document(model: type[M], document: object) -> M:
    """The checked value. Raises ``Invalid`` with every fault, its ``field`` the dotted path in the document."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise Invalid(faults_of(error)) from None


def faults_of(error: ValidationError, prefix: str = "") -> tuple[Fault, ...]:
    """pydantic's errors as our faults."""
    return tuple(_fault(each, prefix) for each in error.errors(include_url=False, include_input=False))


def _fault(each: ErrorDetails, prefix: str) -> Fault:
    path = dotted([*([prefix] if prefix else []), *each["loc"]])
    said = _SAID.get(each["type"])
    if said is None:
        return Fault(f"document.{each['type']}", Text.same(each["msg"]), field=path)
    code, zh, en = said
    context: dict[str, Any] = dict(each.get("ctx", {}))
    return Fault(f"document.{code}", Text(zh.format(**context), en.format(**context)), field=path)


def dotted(parts: Sequence[str | int]) -> str:
    """objects.3.fields.0.key"""
    return ".".join(map(str, parts))
