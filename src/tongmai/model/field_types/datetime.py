"""An instant, held in UTC and shown in the workspace's zone, from 1900 to 2200."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import ClassVar

from pydantic import JsonValue

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.field_type import Cell, FieldOptions, FieldType, Reading, Refused, refusal, shown
from tongmai.model.field_types.date import PLAIN_DAY, day_in_range, day_sql
from tongmai.model.operators import BLANKNESS, MOMENTS
from tongmai.model.reading import FIRST_DAY, LAST_DAY, moment_of_serial, read_moment, write_moment
from tongmai.model.sql_text import literal

# The spellings that SQL reads too: a day, and a time behind it without an offset.
_PLAIN = re.compile(rf"(?P<day>{PLAIN_DAY})( (?P<time>[0-9]{{1,2}}:[0-9]{{2}}(:[0-9]{{2}}([.][0-9]{{1,6}})?)?))?")


def not_a_moment(value: object) -> Refused:
    return refusal(
        "datetime.unreadable",
        f"“{shown(value)}”不是日期时间",
        f"“{shown(value)}” is not a date-time",
        "请写成 2026-11-02 08:05、2026年11月2日 8:05 或 2026-11-02T08:05:00+08:00",
        "write it as 2026-11-02 08:05 or 2026-11-02T08:05:00+08:00",
    )


class DateTimeOptions(FieldOptions):
    """Date-times need none: the zone is the workspace's."""


class DateTimeType(FieldType[DateTimeOptions]):
    key: ClassVar = "datetime"
    label: ClassVar = Text("日期时间", "Date and time")
    Options: ClassVar = DateTimeOptions

    def value_type(self, options: DateTimeOptions) -> formula.Type:
        return formula.DATETIME

    def column_type(self, options: DateTimeOptions) -> str:
        return "timestamptz"

    def parse(self, value: object, options: DateTimeOptions, reading: Reading) -> datetime | None:
        if isinstance(value, str):
            moment = read_moment(value, reading.zone)
            if moment is None:
                if not value.strip():
                    return None
                raise not_a_moment(value)
        elif value is None:
            return None
        elif isinstance(value, datetime):
            aware = value if value.tzinfo is not None else value.replace(tzinfo=reading.zone)
            try:
                moment = aware.astimezone(UTC)
            except OverflowError:
                raise not_a_moment(value) from None
        else:
            raise not_a_moment(value)
        day_in_range(moment.date())
        return moment

    def parse_typed_cell(self, cell: Cell, options: DateTimeOptions, reading: Reading) -> object:
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            moment = moment_of_serial(cell, reading.zone)
            if moment is None:
                raise not_a_moment(cell)
            return self.parse(moment, options, reading)
        if isinstance(cell, date) and not isinstance(cell, datetime):
            return self.parse(cell.isoformat(), options, reading)
        return self.parse(cell, options, reading)

    def to_text(
        self, value: datetime, options: DateTimeOptions, language: Language, reading: Reading = Reading()
    ) -> str:
        return write_moment(value, reading.zone)

    def to_json_value(self, value: datetime) -> str:
        written = value.astimezone(UTC).replace(tzinfo=None).isoformat()
        return (written.rstrip("0") if "." in written else written) + "+00:00"

    def json_schema(self, options: DateTimeOptions) -> dict[str, JsonValue]:
        return {"type": "string", "format": "date-time"}

    def operators(self, options: DateTimeOptions) -> tuple[str, ...]:
        return (*MOMENTS, *BLANKNESS)

    def text_sql(self, column: str, options: DateTimeOptions, reading: Reading) -> str:
        local = f"({column} AT TIME ZONE {literal(reading.zone.key)})"
        # Without the fraction if there is none, as write_moment does.
        return f"to_char({local}, 'YYYY-MM-DD HH24:MI:SS') || rtrim(rtrim(to_char({local}, '.US'), '0'), '.')"

    def text_form(self, value: datetime, options: DateTimeOptions, reading: Reading) -> str:
        local = value.astimezone(reading.zone).replace(tzinfo=None).isoformat(sep=" ")
        return local.rstrip("0") if "." in local else local

    def from_text_sql(self, text: str, options: DateTimeOptions, reading: Reading) -> str:
        bare = f"replace(btrim({text}), 'T', ' ')"
        day = day_sql(f"split_part({bare}, ' ', 1)")
        clock = f"coalesce(nullif(split_part({bare}, ' ', 2), ''), '0:00')"
        return (
            f"CASE WHEN {bare} ~ '^{_SQL_PLAIN}$' AND pg_input_is_valid({clock}, 'time') AND {clock} !~ '^24|:60' "
            f"THEN (({day}) + {clock}::time) AT TIME ZONE {literal(reading.zone.key)} END"
        )

    def from_text(self, text: str, options: DateTimeOptions, reading: Reading) -> object:
        bare = text.strip(" ").replace("T", " ")
        moment = read_moment(bare, reading.zone) if _PLAIN.fullmatch(bare) else None
        return moment if moment is not None and self.is_within(moment, options) else None

    def within_sql(self, column: str, options: DateTimeOptions) -> str:
        return f"({column} AT TIME ZONE 'UTC')::date BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}'"

    def is_within(self, value: datetime, options: DateTimeOptions) -> bool:
        return FIRST_DAY <= value.astimezone(UTC).date() <= LAST_DAY


_SQL_PLAIN = _PLAIN.pattern.replace("?P<day>", "").replace("?P<time>", "")
