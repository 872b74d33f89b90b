"""A calendar day, without a zone, from 1900 to 2200."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any, ClassVar

from pydantic import JsonValue

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.field_type import Cell, FieldOptions, FieldType, Reading, Refused, refusal, shown
from tongmai.model.operators import BLANKNESS, EQUALITY, MOMENTS
from tongmai.model.reading import FIRST_DAY, LAST_DAY, date_of_serial, read_date


def not_a_date(value: object) -> Refused:
    return refusal(
        "date.unreadable",
        f"“{shown(value)}”不是日期",
        f"“{shown(value)}” is not a date",
        "请写成 2026-11-02、2026/11/2 或 2026年11月2日",
        "write it as 2026-11-02 or 2026/11/2",
    )


def day_in_range(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise refusal(
            "date.out_of_range",
            f"日期应在 {FIRST_DAY.year} 年到 {LAST_DAY.year} 年之间",
            f"the date must lie between {FIRST_DAY.year} and {LAST_DAY.year}",
            "请检查年份",
            "check the year",
        )
    return day


class DateOptions(FieldOptions):
    """Dates need none."""


class DateType(FieldType[DateOptions]):
    key: ClassVar = "date"
    label: ClassVar = Text("日期", "Date")
    Options: ClassVar = DateOptions

    def value_type(self, options: DateOptions) -> formula.Type:
        return formula.DATE

    def column_type(self, options: DateOptions) -> str:
        return "date"

    def parse(self, value: object, options: DateOptions, reading: Reading) -> date | None:
        if isinstance(value, str):
            day = read_date(value)
            if day is None:
                if not value.strip():
                    return None
                raise not_a_date(value)
            return day_in_range(day)
        if value is None:
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return day_in_range(value)
        raise not_a_date(value)

    def parse_typed_cell(self, cell: Cell, options: DateOptions, reading: Reading) -> object:
        day: object = cell
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            day = date_of_serial(cell)
        elif isinstance(cell, datetime):
            day = cell.date() if cell.timetz().replace(tzinfo=None) == time(0) else None
        if day is None:
            raise not_a_date(cell)
        return self.parse(day, options, reading)

    def to_text(self, value: date, options: DateOptions, language: Language, reading: Reading = Reading()) -> str:
        return value.isoformat()

    def to_json_value(self, value: date) -> str:
        return value.isoformat()

    def json_schema(self, options: DateOptions) -> dict[str, JsonValue]:
        return {"type": "string", "format": "date"}

    def operators(self, options: DateOptions) -> tuple[str, ...]:
        return (*EQUALITY, *MOMENTS, *BLANKNESS)

    def text_sql(self, column: str, options: DateOptions, reading: Reading) -> str:
        return f"to_char({column}, 'YYYY-MM-DD')"

    def from_text_sql(self, text: str, options: DateOptions, reading: Reading) -> str:
        return day_sql(f"btrim({text})")

    def from_text(self, text: str, options: DateOptions, reading: Reading) -> object:
        return self._within_years(read_date(text.strip(" ")) if is_plain_day(text.strip(" ")) else None)

    def within_sql(self, column: str, options: DateOptions) -> str:
        return f"{column} BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}'"

    def is_within(self, value: Any, options: DateOptions) -> bool:
        return self._within_years(value) is not None

    @staticmethod
    def _within_years(day: date | None) -> date | None:
        return day if day is not None and FIRST_DAY <= day <= LAST_DAY else None


# The spellings that SQL reads too: 2026-11-02, 2026/11/2, 2026.11.2, 2026年11月2日, 20261102.
PLAIN_DAY = (
    "([0-9]{4})(-[0-9]{1,2}-[0-9]{1,2}|/[0-9]{1,2}/[0-9]{1,2}|[.][0-9]{1,2}[.][0-9]{1,2}"
    "|年[0-9]{1,2}月[0-9]{1,2}日?|[0-9]{4})"
)
_PLAIN = re.compile(PLAIN_DAY)


def is_plain_day(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None


def day_sql(text: str) -> str:
    """SQL that reads a trimmed text as a day, or NULL: also for days that never were."""
    separated = rf"regexp_replace({text}, '[/.年月]', '-', 'g')"
    iso = rf"regexp_replace(rtrim({separated}, '日'), '^([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})$', '\1-\2-\3')"
    return f"CASE WHEN {text} ~ '^{PLAIN_DAY}$' AND pg_input_is_valid({iso}, 'date') THEN ({iso})::date END"
