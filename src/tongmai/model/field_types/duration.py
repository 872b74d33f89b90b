"""A length of time, held as decimal seconds in every engine. A JSON number counts seconds; text names its units."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, ClassVar, Literal

from pydantic import JsonValue

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.field_type import Cell, FieldOptions, FieldType, Reading, Refused, refusal, shown
from tongmai.model.operators import BLANKNESS, EQUALITY, ORDER
from tongmai.model.reading import decimal_of_float, read_duration, write_duration, write_number

_LONGEST = Decimal(200 * 366 * 86_400)
_MICRO = Decimal("0.000001")
_MILLI = Decimal("0.001")
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


def not_a_duration(value: object) -> Refused:
    return refusal(
        "duration.unreadable",
        f"“{shown(value)}”不是时长",
        f"“{shown(value)}” is not a duration",
        "请写成 3天4小时、90分钟 或 1:30:00；JSON 数字表示秒",
        "write it as 3d 4h, 90min or 1:30:00; a JSON number counts seconds",
    )


class DurationOptions(FieldOptions):
    """``unit`` is the one a screen shows first."""

    unit: Literal["day", "hour", "minute", "second"] = "hour"


class DurationType(FieldType[DurationOptions]):
    key: ClassVar = "duration"
    label: ClassVar = Text("时长", "Duration")
    Options: ClassVar = DurationOptions

    def value_type(self, options: DurationOptions) -> formula.Type:
        return formula.DURATION

    def column_type(self, options: DurationOptions) -> str:
        return "numeric"

    def parse(self, value: object, options: DurationOptions, reading: Reading) -> Decimal | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        seconds: Decimal | None = None
        if isinstance(value, str):
            seconds = read_duration(value)
        elif isinstance(value, timedelta):
            seconds = Decimal(value.days * 86_400 + value.seconds) + value.microseconds * _MICRO
        elif isinstance(value, float):
            seconds = decimal_of_float(value)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool):
            seconds = Decimal(value)
        if seconds is None or not seconds.is_finite():
            raise not_a_duration(value)
        return self._canonical(seconds)

    def parse_typed_cell(self, cell: Cell, options: DurationOptions, reading: Reading) -> object:
        if isinstance(cell, float):
            # A spreadsheet counts days; it is exact to the millisecond.
            days = decimal_of_float(cell)
            if days is None or abs(days) > 10**6:
                raise not_a_duration(cell)
            return self._canonical((days * 86_400).quantize(_MILLI, context=_EXACT))
        if isinstance(cell, time):
            return self.parse(cell.isoformat(), options, reading)
        return self.parse(cell, options, reading)

    @staticmethod
    def _canonical(seconds: Decimal) -> Decimal:
        if abs(seconds) > _LONGEST:
            raise refusal(
                "duration.too_long", "时长不能超过 200 年", "at most 200 years are held", "请检查单位", "check the unit"
            )
        exact = seconds.quantize(_MICRO, context=_EXACT)
        if exact != seconds:
            raise refusal(
                "duration.too_fine", "时长最多精确到微秒", "microseconds are the finest", "请四舍五入", "round it"
            )
        return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact.normalize(_EXACT)

    def to_text(
        self, value: Decimal, options: DurationOptions, language: Language, reading: Reading = Reading()
    ) -> str:
        return write_duration(value, language)

    def to_json_value(self, value: Decimal) -> Decimal:
        return value

    def json_schema(self, options: DurationOptions) -> dict[str, JsonValue]:
        return {"type": "number", "description": "seconds"}

    def operators(self, options: DurationOptions) -> tuple[str, ...]:
        return (*EQUALITY, *ORDER, *BLANKNESS)

    def text_sql(self, column: str, options: DurationOptions, reading: Reading) -> str:
        return f"trim_scale({column})::text || '秒'"

    def text_form(self, value: Decimal, options: DurationOptions, reading: Reading) -> str:
        return write_number(value) + "秒"

    def within_sql(self, column: str, options: DurationOptions) -> str:
        return f"abs({column}) <= {_LONGEST} AND {column} = round({column}, 6)"

    def is_within(self, value: Any, options: DurationOptions) -> bool:
        try:
            self._canonical(value)
        except Refused:
            return False
        return True
