"""An e-mail address by RFC 5321/6531, not looked up, lower-cased: no provider met in practice tells A from a."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from pydantic import JsonValue

from tongmai import formula
from tongmai.kit import Fault, Language, Text
from tongmai.model.field_type import Cell, FieldOptions, FieldType, Reading, Refused, refusal, shown
from tongmai.model.field_types.text import text_of_cell
from tongmai.model.operators import BLANKNESS, EQUALITY, WORDS

# What is surely right and most common; everything else goes the full way.
_FORM = r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?P<top>[a-z]{2,24})"
_PLAIN = re.compile(_FORM, re.IGNORECASE | re.ASCII)
_LOWER_PLAIN = re.compile(_FORM)
_LONGEST_PLAIN = 60

# RFC 5321: 64 for the local part, 255 for the domain.
_LONGEST = 320


def _not_an_address(value: object) -> Refused:
    return refusal(
        "email.unreadable",
        f"“{shown(value)}”不是有效的邮箱地址",
        f"“{shown(value)}” is not a valid e-mail address",
        "请写成 name@company.com",
        "write it as name@company.com",
    )


class EmailOptions(FieldOptions):
    """E-mail addresses need none."""


class EmailType(FieldType[EmailOptions]):
    key: ClassVar = "email"
    label: ClassVar = Text("邮箱", "E-mail")
    Options: ClassVar = EmailOptions

    def value_type(self, options: EmailOptions) -> formula.Type:
        return formula.TEXT

    def column_type(self, options: EmailOptions) -> str:
        return "text"

    def parse(self, value: object, options: EmailOptions, reading: Reading) -> str | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        text = value.strip() if isinstance(value, str) else ""
        found = _PLAIN.fullmatch(text) if len(text) <= _LONGEST_PLAIN else None
        if found is not None and found["top"].lower() not in SPECIAL_USE_DOMAIN_NAMES:
            return text.lower()
        if len(text) > _LONGEST:
            raise _not_an_address(text)
        try:
            checked = validate_email(text, check_deliverability=False)
        except EmailNotValidError:
            raise _not_an_address(value) from None
        return checked.normalized.lower()

    def parse_column(
        self, cells: Sequence[Cell], options: EmailOptions, reading: Reading
    ) -> tuple[list[object], dict[int, Fault]]:
        """Addresses seldom repeat: one that is written as it will be held is passed on instead of looked up."""
        is_plain = _LOWER_PLAIN.fullmatch
        values: list[object] = [None] * len(cells)
        rest: list[int] = []
        for index, cell in enumerate(cells):
            if type(cell) is str and len(cell) <= _LONGEST_PLAIN:
                found = is_plain(cell)
                if found is not None and found[1] not in SPECIAL_USE_DOMAIN_NAMES:
                    values[index] = cell
                    continue
            if cell is not None:
                rest.append(index)
        others, wrong = super().parse_column([cells[index] for index in rest], options, reading)
        for index, value in zip(rest, others, strict=True):
            values[index] = value
        return values, {rest[at]: fault for at, fault in wrong.items()}

    def parse_typed_cell(self, cell: Cell, options: EmailOptions, reading: Reading) -> object:
        return self.parse(text_of_cell(cell, reading), options, reading)

    def to_text(self, value: str, options: EmailOptions, language: Language, reading: Reading = Reading()) -> str:
        return value

    def to_json_value(self, value: str) -> str:
        return value

    def json_schema(self, options: EmailOptions) -> dict[str, JsonValue]:
        return {"type": "string", "format": "email"}

    def operators(self, options: EmailOptions) -> tuple[str, ...]:
        return (*EQUALITY, *WORDS, *BLANKNESS)

    def searched_text(self, value: str, options: EmailOptions) -> str:
        return value

    def text_sql(self, column: str, options: EmailOptions, reading: Reading) -> str:
        return column

    def from_text_sql(self, text: str, options: EmailOptions, reading: Reading) -> str:
        return rf"CASE WHEN length({text}) <= 60 AND btrim({text}) ~ '^{_SQL_PLAIN}$' THEN lower(btrim({text})) END"

    def from_text(self, text: str, options: EmailOptions, reading: Reading) -> object:
        bare = text.strip(" ")
        return bare.lower() if len(text) <= 60 and re.fullmatch(_SQL_PLAIN, bare) else None


_SQL_PLAIN = "[A-Za-z0-9]+([._+-][A-Za-z0-9]+)*@([A-Za-z0-9]+(-[A-Za-z0-9]+)*[.])+[A-Za-z]{2,24}"
