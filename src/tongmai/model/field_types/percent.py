"""A share, held as a fraction: 35 % is 0.35. A number is the fraction itself; text may carry the sign."""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import ClassVar

from pydantic import Field

from tongmai.kit import Language, Text
from tongmai.model.field_type import Reading, refusal, shown
from tongmai.model.field_types.number import MOST_PLACES, BoundedOptions, NumericType, not_a_number
from tongmai.model.reading import read_percent, write_number

_EXACT = Context(prec=60)
# What from_text_sql understands: with a sign any percentage, without one a fraction up to 1.
_READ = re.compile(r"[+-]?[0-9]{1,18}([.][0-9]{1,8})?%|[+-]?(0|1|0?[.][0-9]{1,10}|1[.]0{1,10})")
_NEVER = re.compile("(?!)")


class PercentOptions(BoundedOptions):
    """``decimals`` counts places of the percentage (1 allows 35.5 %); bounds are fractions."""

    decimals: int = Field(2, ge=0, le=MOST_PLACES - 2)

    @property
    def places(self) -> int:
        return self.decimals + 2


class PercentType(NumericType[PercentOptions]):
    key: ClassVar = "percent"
    label: ClassVar = Text("百分比", "Percent")
    Options: ClassVar = PercentOptions

    def read(self, text: str, options: PercentOptions) -> Decimal:
        found = read_percent(text)
        if found is None:
            raise not_a_number(text)
        fraction, signed = found
        if not signed and abs(fraction) > 1:
            raise refusal(
                "percent.ambiguous",
                f"“{shown(text)}”没有百分号，无法判断是 {shown(text)}% 还是 {shown(text)} 倍",
                f"“{shown(text)}” has no percent sign: it could mean {shown(text)} % or {shown(text)} times",
                "请写成 35% 或 0.35",
                "write 35% or 0.35",
            )
        return self.canonical(fraction, options)

    def canonical_form(self, options: PercentOptions) -> re.Pattern[str]:
        """None is: a bare number above 1 has to be asked about."""
        return _NEVER

    def to_text(self, value: Decimal, options: PercentOptions, language: Language, reading: Reading = Reading()) -> str:
        percentage = value.scaleb(2, _EXACT)
        short = percentage.normalize(_EXACT)
        return f"{write_number(short)}%"

    def text_sql(self, column: str, options: PercentOptions, reading: Reading) -> str:
        return f"trim_scale({column} * 100)::text || '%'"

    def text_form(self, value: Decimal, options: PercentOptions, reading: Reading) -> str:
        return self.to_text(value, options, "zh", reading)

    def from_text_sql(self, text: str, options: PercentOptions, reading: Reading) -> str:
        bare = f"translate({text}, '％ ', '%')"
        return (
            f"CASE WHEN {bare} ~ '^[+-]?[0-9]{{1,18}}([.][0-9]{{1,8}})?%$' THEN rtrim({bare}, '%')::numeric / 100 "
            f"WHEN {bare} ~ '^[+-]?(0|1|0?[.][0-9]{{1,10}}|1[.]0{{1,10}})$' THEN {bare}::numeric END"
        )

    def from_text(self, text: str, options: PercentOptions, reading: Reading) -> object:
        bare = text.replace("％", "%").replace(" ", "")
        found = read_percent(bare) if _READ.fullmatch(bare) else None
        return None if found is None else found[0]
