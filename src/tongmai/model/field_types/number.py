"""A decimal number, exact: at most 20 digits before the point and 10 behind it, as all engines can hold.

The base of money and percent, which differ in how they are written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import Field, JsonValue, model_validator

from tongmai import formula
from tongmai.kit import Fault, Language, Text
from tongmai.model.basis import Label
from tongmai.model.document import unsuitable
from tongmai.model.field_type import Cell, FieldOptions, FieldType, Reading, Refused, refusal, shown
from tongmai.model.operators import BLANKNESS, EQUALITY, ORDER
from tongmai.model.reading import decimal_of_float, read_number, write_number

WHOLE_DIGITS = 20
MOST_PLACES = 10
LIMIT = Decimal(10) ** WHOLE_DIGITS
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_UNITS = tuple(Decimal(1).scaleb(-places) for places in range(MOST_PLACES + 3))

# What from_text_sql understands: the separators and signs of money are dropped, nothing is guessed.
_DROPPED = ",，￥¥$€ "
_READABLE = "[+-]?[0-9]{1,20}([.][0-9]{1,10})?"
_READ = re.compile(_READABLE)
_DROP = str.maketrans("", "", _DROPPED)


class BoundedOptions(FieldOptions):
    """``minimum`` and ``maximum`` are themselves allowed. ``total`` is what lists and groups show of many values:
    amounts add up, prices have a mean, limits and versions have neither. Untold, money is added up and nothing else.
    """

    minimum: Decimal | None = Field(None, gt=-LIMIT, lt=LIMIT)
    maximum: Decimal | None = Field(None, gt=-LIMIT, lt=LIMIT)
    total: Literal["sum", "average", "none"] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> BoundedOptions:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise unsuitable("最小值大于最大值", "minimum is above maximum")
        return self

    @property
    def places(self) -> int:
        return MOST_PLACES


class NumberOptions(BoundedOptions):
    """``decimals`` is the number of places behind the point; without it up to 10 are kept as given."""

    decimals: int | None = Field(None, ge=0, le=MOST_PLACES)
    unit: Label | None = None

    @property
    def places(self) -> int:
        return MOST_PLACES if self.decimals is None else self.decimals


B = TypeVar("B", bound=BoundedOptions)


def not_a_number(value: object) -> Refused:
    return refusal(
        "number.unreadable",
        f"“{shown(value)}”不是数字",
        f"“{shown(value)}” is not a number",
        "请写成 1234.5、1,234.5 或 1.2万",
        "write it as 1234.5 or 1,234.5",
    )


def bounded(value: Decimal, options: BoundedOptions) -> Decimal:
    """The value with its places, if it keeps the limits. Raises ``Refused``."""
    if not -LIMIT < value < LIMIT:
        raise refusal(
            "number.too_large",
            f"整数部分最多 {WHOLE_DIGITS} 位",
            f"at most {WHOLE_DIGITS} digits before the point are kept",
            "请检查单位，或改用较大的单位（如万元）",
            "check the unit, or use a larger one",
        )
    places = options.places
    exact = value.quantize(_UNITS[places], context=_EXACT)
    if exact != value:
        raise refusal(
            "number.too_many_decimals",
            f"最多 {places} 位小数，收到的是 {shown(write_number(value))}",
            f"at most {places} decimal places, not {shown(write_number(value))}",
            f"请四舍五入到 {places} 位小数，或调大字段的小数位数",
            f"round it to {places} places, or allow the field more",
        )
    if (options.minimum is not None and value < options.minimum) or (
        options.maximum is not None and value > options.maximum
    ):
        raise out_of_bounds(options)
    return exact or abs(exact)


def out_of_bounds(options: BoundedOptions) -> Refused:
    low, high = options.minimum, options.maximum
    zh = f"应介于 {low} 和 {high} 之间" if low is not None and high is not None else ""
    en = f"must lie between {low} and {high}"
    if high is None:
        zh, en = f"不能小于 {low}", f"must be at least {low}"
    elif low is None:
        zh, en = f"不能大于 {high}", f"must be at most {high}"
    return refusal(
        "number.out_of_bounds", zh, en, "请改正数值，或调整字段的上下限", "correct it, or change the field's bounds"
    )


class NumericType(FieldType[B], Generic[B]):
    """What number, money and percent share."""

    def value_type(self, options: B) -> formula.Type:
        return formula.NUMBER

    def column_type(self, options: B) -> str:
        return "numeric"

    def parse(self, value: object, options: B, reading: Reading) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, str):
            return self.read(value, options) if value.strip() else None
        if type(value) is int:
            number = Decimal(value) if -LIMIT < value < LIMIT else LIMIT
        elif isinstance(value, float):
            found = decimal_of_float(value)
            if found is None:
                raise not_a_number(value)
            number = found
        elif isinstance(value, Decimal) and value.is_finite():
            number = value
        else:
            raise not_a_number(value)
        return self.canonical(number, options)

    def read(self, text: str, options: B) -> Decimal:
        number = read_number(text.strip())
        if number is None:
            raise not_a_number(text)
        return self.canonical(number, options)

    def canonical(self, number: Decimal, options: B) -> Decimal:
        return bounded(number, options)

    def from_formula(self, value: object, options: B, reading: Reading) -> object:
        """A computed number is rounded to the field's places: nobody typed the others."""
        if isinstance(value, Decimal) and -LIMIT < value < LIMIT:
            value = value.quantize(_UNITS[options.places], context=_EXACT)
        return self.parse(value, options, reading)

    def parse_typed_cell(self, cell: Cell, options: B, reading: Reading) -> object:
        if isinstance(cell, float):
            number = decimal_of_float(cell, spreadsheet=True)
            if number is None:
                raise not_a_number(cell)
            return self.canonical(number, options)
        return self.parse(cell, options, reading)

    def parse_column(
        self, cells: Sequence[Cell], options: B, reading: Reading
    ) -> tuple[list[object], dict[int, Fault]]:
        """Numbers that are written as they will be held need no more than a look at the bounds."""
        is_canonical = self.canonical_form(options).fullmatch
        low, high = options.minimum, options.maximum
        values: list[object] = [None] * len(cells)
        rest: list[int] = []
        for index, cell in enumerate(cells):
            if type(cell) is str and is_canonical(cell):
                number = Decimal(cell)
                if (low is None or number >= low) and (high is None or number <= high):
                    values[index] = number
                    continue
            if cell is not None:
                rest.append(index)
        others, found = super().parse_column([cells[index] for index in rest], options, reading)
        for index, value in zip(rest, others, strict=True):
            values[index] = value
        return values, {rest[at]: fault for at, fault in found.items()}

    def canonical_form(self, options: B) -> re.Pattern[str]:
        """Texts that are the canonical value as they stand: all the field's places, no sign of zero."""
        return _fixed_form(options.places)

    def to_text(self, value: Decimal, options: B, language: Language, reading: Reading = Reading()) -> str:
        return write_number(value)

    def to_json_value(self, value: Decimal) -> Decimal:
        return value

    def json_schema(self, options: B) -> dict[str, JsonValue]:
        schema: dict[str, JsonValue] = {"type": "number"}
        if options.minimum is not None:
            schema["minimum"] = float(options.minimum)
        if options.maximum is not None:
            schema["maximum"] = float(options.maximum)
        return schema

    def operators(self, options: B) -> tuple[str, ...]:
        return (*EQUALITY, *ORDER, *BLANKNESS)

    def text_sql(self, column: str, options: B, reading: Reading) -> str:
        return f"({column})::text"

    def text_form(self, value: Decimal, options: B, reading: Reading) -> str:
        return write_number(value)

    def from_text_sql(self, text: str, options: B, reading: Reading) -> str:
        bare = f"translate({text}, '{_DROPPED}', '')"
        return f"CASE WHEN {bare} ~ '^{_READABLE}$' THEN {bare}::numeric END"

    def from_text(self, text: str, options: B, reading: Reading) -> object:
        return plain_decimal(text)

    def within_sql(self, column: str, options: B) -> str:
        conditions = [f"abs({column}) < {LIMIT}", f"{column} = round({column}, {options.places})"]
        if options.minimum is not None:
            conditions.append(f"{column} >= {options.minimum:f}")
        if options.maximum is not None:
            conditions.append(f"{column} <= {options.maximum:f}")
        return " AND ".join(conditions)

    def is_within(self, value: Any, options: B) -> bool:
        try:
            bounded(value, options)
        except Refused:
            return False
        return True


@lru_cache(maxsize=64)
def _fixed_form(places: int) -> re.Pattern[str]:
    return re.compile(rf"[0-9]{{1,{WHOLE_DIGITS}}}" + (rf"\.[0-9]{{{places}}}" if places else ""))


# Without trailing zeros.
_FREE_FORM = re.compile(rf"[0-9]{{1,{WHOLE_DIGITS}}}(?:\.[0-9]{{0,{MOST_PLACES - 1}}}[1-9])?")


def plain_decimal(text: str) -> Decimal | None:
    """What the SQL reads: digits with separators and money signs left out."""
    bare = text.translate(_DROP)
    return Decimal(bare) if _READ.fullmatch(bare) else None


class NumberType(NumericType[NumberOptions]):
    key: ClassVar = "number"
    label: ClassVar = Text("数字", "Number")
    Options: ClassVar = NumberOptions

    def canonical_form(self, options: NumberOptions) -> re.Pattern[str]:
        return _FREE_FORM if options.decimals is None else super().canonical_form(options)

    def canonical(self, number: Decimal, options: NumberOptions) -> Decimal:
        exact = bounded(number, options)
        if options.decimals is not None:
            return exact
        # As given, but for an exponent or needless places: equal numbers are written alike.
        exact = exact.normalize(_EXACT)
        return exact.quantize(_UNITS[0], context=_EXACT) if exact.as_tuple().exponent > 0 else exact  # type: ignore[operator]
