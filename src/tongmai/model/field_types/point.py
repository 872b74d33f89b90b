"""A place on the earth: ``{"lat": 30.27, "lng": 120.15}`` in degrees (WGS 84), to seven places: about a centimetre."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import JsonValue

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.field_type import FieldOptions, FieldType, Reading, Refused, refusal, shown
from tongmai.model.operators import BLANKNESS

_PLACES = 7
_PAIR = re.compile(r"\s*(-?[0-9]{1,3}(?:\.[0-9]{1,15})?)\s*[,，]\s*(-?[0-9]{1,3}(?:\.[0-9]{1,15})?)\s*")


def not_a_point(value: object) -> Refused:
    return refusal(
        "point.unreadable",
        f"“{shown(value)}”不是位置",
        f"“{shown(value)}” is not a place",
        "请写成 30.27,120.15（纬度,经度）；纬度 -90 到 90，经度 -180 到 180",
        'write it as 30.27,120.15 or {"lat": 30.27, "lng": 120.15}; lat within ±90, lng within ±180',
    )


class PointOptions(FieldOptions):
    """Points need none."""


class PointType(FieldType[PointOptions]):
    key: ClassVar = "point"
    label: ClassVar = Text("位置", "Place")
    Options: ClassVar = PointOptions
    index_methods: ClassVar = ()
    can_be_unique: ClassVar = False

    def value_type(self, options: PointOptions) -> formula.Type:
        return formula.POINT

    def column_type(self, options: PointOptions) -> str:
        return "jsonb"

    def parse(self, value: object, options: PointOptions, reading: Reading) -> dict[str, float] | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, str):
            pair = _PAIR.fullmatch(value)
            if pair is None:
                raise not_a_point(value)
            return _checked(float(pair[1]), float(pair[2]), value)
        if not isinstance(value, dict) or set(value) != {"lat", "lng"}:
            raise not_a_point(value)
        return _checked(value["lat"], value["lng"], value)

    def to_text(
        self, value: dict[str, float], options: PointOptions, language: Language, reading: Reading = Reading()
    ) -> str:
        return f"{_written(value['lat'])},{_written(value['lng'])}"

    def to_json_value(self, value: dict[str, float]) -> object:
        return value

    def json_schema(self, options: PointOptions) -> dict[str, JsonValue]:
        return {
            "type": "object",
            "properties": {
                "lat": {"type": "number", "minimum": -90, "maximum": 90},
                "lng": {"type": "number", "minimum": -180, "maximum": 180},
            },
            "required": ["lat", "lng"],
            "additionalProperties": False,
        }

    def operators(self, options: PointOptions) -> tuple[str, ...]:
        return BLANKNESS

    def text_sql(self, column: str, options: PointOptions, reading: Reading) -> str:
        lat, lng = (f"trim_scale(({column} ->> '{name}')::numeric)::text" for name in ("lat", "lng"))
        return f"{lat} || ',' || {lng}"

    def from_text_sql(self, text: str, options: PointOptions, reading: Reading) -> str:
        lat, lng = (f"round(btrim(split_part({text}, ',', {n}))::numeric, {_PLACES})" for n in (1, 2))
        number = "-?[0-9]{1,3}([.][0-9]{1,7})?"
        return (
            f"CASE WHEN {text} ~ '^ *{number} *, *{number} *$' THEN CASE WHEN abs({lat}) <= 90 AND abs({lng}) <= 180 "
            f"THEN jsonb_build_object('lat', {lat}, 'lng', {lng}) END END"
        )

    def from_text(self, text: str, options: PointOptions, reading: Reading) -> object:
        number = "-?[0-9]{1,3}([.][0-9]{1,7})?"
        if not re.fullmatch(f" *{number} *, *{number} *", text):
            return None
        try:
            return self.parse(text, options, reading)
        except Refused:
            return None


def _checked(lat: Any, lng: Any, given: object) -> dict[str, float]:
    numbers = []
    for degrees, most in ((lat, 90), (lng, 180)):
        if isinstance(degrees, bool) or not isinstance(degrees, int | float | Decimal) or not -most <= degrees <= most:
            raise not_a_point(given)
        # Adding zero turns -0.0 into 0.0.
        numbers.append(round(float(degrees), _PLACES) + 0.0)
    return {"lat": numbers[0], "lng": numbers[1]}


def _written(degrees: float) -> str:
    return f"{Decimal(repr(degrees)).normalize():f}"
