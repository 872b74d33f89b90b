"""A web address: http or https, with a host, without a name and password in it (they would be shown to everyone)."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, JsonValue

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.field_type import FieldOptions, FieldType, Reading, refusal, shown
from tongmai.model.field_types.text import too_long
from tongmai.model.operators import BLANKNESS, EQUALITY, WORDS
from tongmai.model.reading import tidy_line

# No blanks, controls, quotes, angle brackets or backslashes: browsers read those in ways of their own.
_UNSAFE = re.compile(r"[\s\x00-\x20\x7f-\x9f\"<>\\^`{|}\ud800-\udfff]")
_HOST = re.compile(r"(?:[\w](?:[\w-]{0,61}[\w])?\.)*[\w](?:[\w-]{0,61}[\w])?\.?|\[[0-9a-fA-F:.]+\]")


class UrlOptions(FieldOptions):
    max_length: int = Field(2048, ge=20, le=8192)


class UrlType(FieldType[UrlOptions]):
    key: ClassVar = "url"
    label: ClassVar = Text("网址", "Web address")
    Options: ClassVar = UrlOptions

    def value_type(self, options: UrlOptions) -> formula.Type:
        return formula.TEXT

    def column_type(self, options: UrlOptions) -> str:
        return "text"

    def parse(self, value: object, options: UrlOptions, reading: Reading) -> str | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        text = tidy_line(value) if isinstance(value, str) else ""
        if len(text) > options.max_length:
            raise too_long(len(text), options.max_length)
        if not is_web_address(text):
            raise refusal(
                "url.unreadable",
                f"“{shown(value)}”不是有效的网址",
                f"“{shown(value)}” is not a valid web address",
                "请写完整地址，以 https:// 或 http:// 开头，不含空格、用户名和密码",
                "write it in full, beginning with https:// or http://, without blanks, name or password",
            )
        return text

    def to_text(self, value: str, options: UrlOptions, language: Language, reading: Reading = Reading()) -> str:
        return value

    def to_json_value(self, value: str) -> str:
        return value

    def json_schema(self, options: UrlOptions) -> dict[str, JsonValue]:
        return {"type": "string", "format": "uri", "maxLength": options.max_length}

    def operators(self, options: UrlOptions) -> tuple[str, ...]:
        return (*EQUALITY, *WORDS, *BLANKNESS)

    def searched_text(self, value: str, options: UrlOptions) -> str:
        return value.split("://", 1)[-1]

    def text_sql(self, column: str, options: UrlOptions, reading: Reading) -> str:
        return column

    def from_text_sql(self, text: str, options: UrlOptions, reading: Reading) -> str:
        return f"CASE WHEN btrim({text}) ~ '^{_SQL_PLAIN}$' THEN btrim({text}) END"

    def from_text(self, text: str, options: UrlOptions, reading: Reading) -> object:
        bare = text.strip(" ")
        return bare if re.fullmatch(_SQL_PLAIN, bare) else None

    def within_sql(self, column: str, options: UrlOptions) -> str:
        return f"char_length({column}) <= {options.max_length}"

    def is_within(self, value: Any, options: UrlOptions) -> bool:
        return len(value) <= options.max_length


# What from_text_sql understands: ASCII only.
_SQL_PLAIN = (
    "https?://[A-Za-z0-9]([A-Za-z0-9-]{0,60}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,60}[A-Za-z0-9])?)*"
    "(:[0-9]{1,4})?([/?#][A-Za-z0-9/?#@!$&()*+,;=:._~%-]*)?"
)


def is_web_address(text: str) -> bool:
    if _UNSAFE.search(text):
        return False
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return False
    return _HOST.fullmatch(f"[{host}]" if ":" in host else host) is not None
