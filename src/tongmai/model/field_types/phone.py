"""A telephone number, held in E.164 (+8613800138000), with an extension as RFC 3966 writes it (+8657188888888;ext=801).

Mainland China's mobiles, land lines and service numbers without a country code, any other with one (S2-23).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar, Literal
from unicodedata import normalize

import phonenumbers
from pydantic import Field, JsonValue

from tongmai import formula
from tongmai.kit import Fault, Language, Text
from tongmai.model.field_type import Cell, FieldOptions, FieldType, Reading, Refused, refusal, shown
from tongmai.model.field_types.text import text_of_cell
from tongmai.model.operators import BLANKNESS, EQUALITY, WORDS

# New mobile prefixes come into use before any library knows them, so that the form alone decides.
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_NEVER = re.compile("(?!)")
_MOBILE_E164 = re.compile(r"\+861[3-9][0-9]{9}")
_SEPARATORS = re.compile(r"[\s\-‐-―().·]+")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|;ext=|#)\s*:?\s*([0-9]{1,6})$", re.IGNORECASE)


class PhoneOptions(FieldOptions):
    """``region`` is meant where no country code is given; ``kind`` may ask for mobiles only."""

    region: str = Field("CN", pattern=r"^[A-Z]{2}$")
    kind: Literal["any", "mobile"] = "any"


def not_a_phone(value: object, options: PhoneOptions) -> Refused:
    if options.kind == "mobile":
        way = (
            "请写 11 位手机号，例如 13800138000；境外号码以 +国家码 开头",
            "write 11 digits, or + and the country code",
        )
        return refusal(
            "phone.not_a_mobile", f"“{shown(value)}”不是手机号", f"“{shown(value)}” is no mobile number", *way
        )
    return refusal(
        "phone.unreadable",
        f"“{shown(value)}”不是有效的电话号码",
        f"“{shown(value)}” is not a valid telephone number",
        "请写手机号 13800138000、座机 0571-88888888，境外号码以 +国家码 开头",
        "write a number such as 13800138000 or 0571-88888888; abroad begin with + and the country code",
    )


class PhoneType(FieldType[PhoneOptions]):
    key: ClassVar = "phone"
    label: ClassVar = Text("电话", "Phone")
    Options: ClassVar = PhoneOptions

    def value_type(self, options: PhoneOptions) -> formula.Type:
        return formula.TEXT

    def column_type(self, options: PhoneOptions) -> str:
        return "text"

    def parse(self, value: object, options: PhoneOptions, reading: Reading) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise not_a_phone(value, options)
        text = value.strip()
        if not text:
            return None
        if len(text) == 11 and options.region == "CN" and _MOBILE.fullmatch(text):
            return "+86" + text
        if len(text) > 60:
            raise not_a_phone(value, options)
        return self._read(normalize("NFKC", text), value, options)

    def _read(self, text: str, given: str, options: PhoneOptions) -> str:
        behind = _EXTENSION.search(text)
        extension = f";ext={behind[1]}" if behind else ""
        digits = _SEPARATORS.sub("", text[: behind.start()] if behind else text)
        if digits.startswith("00"):
            digits = "+" + digits[2:]
        if options.region == "CN" and _MOBILE.fullmatch(digits.removeprefix("86")):
            digits = "+86" + digits.removeprefix("86")
        if _MOBILE_E164.fullmatch(digits):
            return digits + extension
        # Only digits: phonenumbers would read the letters of 1-800-FLOWERS too, which people mistype.
        if not re.fullmatch(r"\+?[0-9]{3,17}", digits):
            raise not_a_phone(given, options)
        try:
            number = phonenumbers.parse(digits, options.region)
        except phonenumbers.NumberParseException:
            raise not_a_phone(given, options) from None
        if not phonenumbers.is_valid_number(number):
            raise not_a_phone(given, options)
        if options.kind == "mobile" and phonenumbers.number_type(number) not in _MOBILE_KINDS:
            raise not_a_phone(given, options)
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) + extension

    def parse_column(
        self, cells: Sequence[Cell], options: PhoneOptions, reading: Reading
    ) -> tuple[list[object], dict[int, Fault]]:
        """Numbers seldom repeat: a mobile written as most people write it needs one look at its form."""
        is_mobile = _MOBILE.fullmatch if options.region == "CN" else _NEVER.fullmatch
        values: list[object] = [None] * len(cells)
        rest: list[int] = []
        for index, cell in enumerate(cells):
            if type(cell) is str and is_mobile(cell):
                values[index] = "+86" + cell
            elif cell is not None:
                rest.append(index)
        others, wrong = super().parse_column([cells[index] for index in rest], options, reading)
        for index, value in zip(rest, others, strict=True):
            values[index] = value
        return values, {rest[at]: fault for at, fault in wrong.items()}

    def parse_typed_cell(self, cell: Cell, options: PhoneOptions, reading: Reading) -> object:
        return self.parse(text_of_cell(cell, reading), options, reading)

    def to_text(self, value: str, options: PhoneOptions, language: Language, reading: Reading = Reading()) -> str:
        number, _, extension = value.partition(";ext=")
        if options.region == "CN" and _MOBILE_E164.fullmatch(number):
            written = number[3:]
        else:
            parsed = phonenumbers.parse(number, None)
            own = phonenumbers.region_code_for_number(parsed) == options.region
            form = phonenumbers.PhoneNumberFormat
            written = str(phonenumbers.format_number(parsed, form.NATIONAL if own else form.INTERNATIONAL))
        if extension:
            written += f"转{extension}" if language == "zh" else f" ext {extension}"
        return written

    def to_json_value(self, value: str) -> str:
        return value

    def json_schema(self, options: PhoneOptions) -> dict[str, JsonValue]:
        return {"type": "string", "maxLength": 60, "description": "E.164, or as people write it"}

    def operators(self, options: PhoneOptions) -> tuple[str, ...]:
        return (*EQUALITY, *WORDS, *BLANKNESS)

    def searched_text(self, value: str, options: PhoneOptions) -> str:
        number, _, extension = value.removeprefix("+").partition(";ext=")
        # A land line is searched for with its trunk prefix: 0571-88888888.
        national = " 0" + number[2:] if number.startswith("86") and number[2:3] != "1" else ""
        return f"{number}{national} {extension}"

    def text_sql(self, column: str, options: PhoneOptions, reading: Reading) -> str:
        return f"regexp_replace({column}, '^[+]86(1[3-9][0-9]{{9}})', '\\1')"

    def text_form(self, value: Any, options: PhoneOptions, reading: Reading) -> str:
        return re.sub(r"^\+86(1[3-9][0-9]{9})", r"\1", value)

    def from_text_sql(self, text: str, options: PhoneOptions, reading: Reading) -> str:
        bare = f"translate({text}, ' -()', '')"
        home = "1[3-9][0-9]{9}" if options.region == "CN" else "(?!)"
        return (
            f"CASE WHEN {bare} ~ '^([+]?86)?{home}$' THEN '+86' || right({bare}, 11) "
            f"WHEN {bare} ~ '^[+](?!86)[1-9][0-9]{{7,14}}$' THEN {bare} END"
        )

    def from_text(self, text: str, options: PhoneOptions, reading: Reading) -> object:
        bare = text.translate(_DROP)
        if options.region == "CN" and re.fullmatch(r"(\+?86)?1[3-9][0-9]{9}", bare):
            return "+86" + bare[-11:]
        return bare if re.fullmatch(r"\+(?!86)[1-9][0-9]{7,14}", bare) else None


_DROP = str.maketrans("", "", " -()")
_MOBILE_KINDS = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
