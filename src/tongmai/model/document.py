"""Documents a person wrote (YAML, JSON, a request body) as definitions, and their faults in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from tongmai.kit import Fault, Invalid, Text

M = TypeVar("M", bound=BaseModel)

_OURS = "unsuitable"
_NOT_ADDRESS = ("not_address", "应为完整的网址", "must be a whole address")
_NOT_DATE = ("not_date", "应为日期，例如 2026-11-02", "must be a date such as 2026-11-02")
_NOT_MOMENT = (
    "not_moment",
    "应为时间，例如 2026-11-02T08:30:00+08:00",
    "must be a moment such as 2026-11-02T08:30:00+08:00",
)
_NOT_TIME = ("not_time", "应为一天里的时间，例如 08:30", "must be a time of day such as 08:30")
_NOT_SPAN = ("not_span", "应为时长，例如 PT8H", "must be a span such as PT8H")

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
        "没有“{tag}”这一种，可用：{expected_tags}",
        "there is no “{tag}” here: use {expected_tags}",
    ),
    "union_tag_not_found": ("no_action", "缺少 {discriminator}", "{discriminator} is missing"),
    "set_type": ("not_list", "应为列表", "must be a list"),
    "model_attributes_type": ("not_mapping", "应为“名称: 值”的结构", "must be a mapping of names to values"),
    "mapping_type": ("not_mapping", "应为“名称: 值”的结构", "must be a mapping of names to values"),
    "none_required": ("not_blank", "应为空", "must be blank"),
    "string_unicode": ("not_text", "文本里有不成字符的内容", "the text holds what is no character"),
    "float_type": ("not_number", "应为数字", "must be a number"),
    "float_parsing": ("not_number", "应为数字", "must be a number"),
    "finite_number": ("not_number", "应为有限的数字", "must be a finite number"),
    "int_parsing_size": ("too_large", "数字太大", "the number is too large"),
    "multiple_of": ("not_multiple", "应为 {multiple_of} 的倍数", "must be a multiple of {multiple_of}"),
    "decimal_max_digits": ("too_large", "最多 {max_digits} 位数字", "must have at most {max_digits} digits"),
    "decimal_max_places": ("too_many", "最多 {decimal_places} 位小数", "must have at most {decimal_places} decimals"),
    "decimal_whole_digits": (
        "too_large",
        "整数部分最多 {whole_digits} 位",
        "at most {whole_digits} digits before the point",
    ),
    "uuid_type": ("not_id", "应为记录的 id", "must be a record's id"),
    "uuid_parsing": ("not_id", "应为记录的 id", "must be a record's id"),
    "url_type": _NOT_ADDRESS,
    "url_parsing": _NOT_ADDRESS,
    "url_syntax_violation": _NOT_ADDRESS,
    "url_scheme": _NOT_ADDRESS,
    "url_too_long": (
        "too_long",
        "网址最多 {max_length} 个字符",
        "at most {max_length} characters",
    ),
    "date_type": _NOT_DATE,
    "date_parsing": _NOT_DATE,
    "date_from_datetime_parsing": _NOT_DATE,
    "date_from_datetime_inexact": _NOT_DATE,
    "datetime_type": _NOT_MOMENT,
    "datetime_parsing": _NOT_MOMENT,
    "datetime_object_invalid": _NOT_MOMENT,
    "datetime_from_date_parsing": _NOT_MOMENT,
    "timezone_aware": (
        "no_zone",
        "请写明时区，例如 2026-11-02T08:30:00+08:00",
        "give the zone, as in 2026-11-02T08:30:00+08:00",
    ),
    "time_type": _NOT_TIME,
    "time_parsing": _NOT_TIME,
    "time_delta_type": _NOT_SPAN,
    "time_delta_parsing": _NOT_SPAN,
    "json_invalid": ("not_json", "不是有效的 JSON", "is no JSON"),
    "json_type": ("not_json", "不是有效的 JSON", "is no JSON"),
    "recursion_loop": ("too_deep", "嵌套过深", "nests too deep"),
    "recursion_depth_exceeded": ("too_deep", "嵌套过深", "nests too deep"),
    "invalid_key": ("invalid", "名称应为文本", "names must be text"),
    # What only our own code raises: see ``unsuitable``.
    _OURS: ("invalid", "{zh}", "{en}"),
}
# Of these pydantic tells the choices in English.
_MOST_FAULTS = 200
_CHOICES = ("literal_error", "enum")


def unsuitable(zh: str, en: str) -> PydanticCustomError:
    """What a validator raises that finds values which do not go together."""
    return PydanticCustomError(_OURS, "{en}", {"zh": zh, "en": en})


def read_document(model: type[M], document: object) -> M:
    """The checked value. Raises ``Invalid`` with every fault, its ``field`` the dotted path in the document.

    No text in it holds a NUL character: PostgreSQL keeps none.
    """
    nuls = tuple(_nuls(document, ()))
    if nuls:
        raise Invalid(nuls)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise Invalid(faults_of(error)) from None


def _nuls(document: object, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(document, str):
        if "\x00" in document:
            yield Fault("document.nul", Text("含有空字符", "Contains a NUL character"), field=dotted(path))
    elif isinstance(document, Mapping):
        for name, value in document.items():
            yield from _nuls(name, path)
            yield from _nuls(value, (*path, str(name)))
    elif isinstance(document, list | tuple):
        for place, value in enumerate(document):
            yield from _nuls(value, (*path, place))


def faults_of(error: ValidationError, prefix: str = "") -> tuple[Fault, ...]:
    """pydantic's errors as our faults. Of very many the first: the answer to a body of a few bytes a name would be
    many times the body."""
    found = error.errors(include_url=False, include_input=False)
    told = tuple(_fault(each, prefix) for each in found[:_MOST_FAULTS])
    more = len(found) - len(told)
    return (*told, Fault("document.more", Text(f"另有 {more} 处错误", f"There are {more} more"))) if more else told


def _fault(each: ErrorDetails, prefix: str) -> Fault:
    path = dotted([*([prefix] if prefix else []), *each["loc"]])
    said = _SAID.get(each["type"])
    if said is None:
        return Fault(f"document.{each['type']}", Text("内容不符合要求", each["msg"]), field=path)
    code, zh, en = said
    context: dict[str, Any] = dict(each.get("ctx", {}))
    chinese = (
        {**context, "expected": str(context["expected"]).replace(" or ", "、").replace(", ", "、")}
        if (each["type"] in _CHOICES)
        else context
    )
    return Fault(f"document.{code}", Text(zh.format(**chinese), en.format(**context)), field=path)


def dotted(parts: Sequence[str | int]) -> str:
    """objects.3.fields.0.key"""
    return ".".join(map(str, parts))
