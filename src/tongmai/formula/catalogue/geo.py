"""Places. A point is ``{"lat": …, "lng": …}`` in degrees, WGS 84."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from tongmai.formula.catalogue.entry import Function, takes
from tongmai.formula.numbers import from_float

EARTH_RADIUS_KM = 6371.0088
"""Mean radius, IUGG."""

Point: TypeAlias = Mapping[str, float]


def distance_km(start: Point, end: Point) -> Decimal | None:
    """Great-circle distance by the haversine formula, to the metre."""
    x1, y1, x2, y2 = (math.radians(float(point[axis])) for point in (start, end) for axis in ("lng", "lat"))
    part = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    distance = from_float(2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(part))))
    return None if distance is None else distance.quantize(Decimal("0.001"))


FUNCTIONS = (
    Function(
        "DISTANCE_KM",
        ("距离公里", "距离"),
        "geo",
        takes("point start", "point end"),
        "number",
        zh="两个位置之间的球面距离（公里，精确到米）。",
        en="The great-circle distance between two points in kilometres, to the metre.",
        example="DISTANCE_KM([place], [place])",
        shows="0",
        python=distance_km,
        sql=lambda writer, call: writer.distance(*(writer.value(arg) for arg in call.args), radius=EARTH_RADIUS_KM),
        cost=10,
    ),
    Function(
        "LONGITUDE",
        ("经度",),
        "geo",
        takes("point value"),
        "number",
        zh="位置的经度。",
        en="The longitude of a point in degrees.",
        example="LONGITUDE([place])",
        shows="121.47",
        python=lambda point: from_float(float(point["lng"])),
        sql=lambda writer, call: writer.coordinate(writer.value(call.args[0]), "lng"),
    ),
    Function(
        "LATITUDE",
        ("纬度",),
        "geo",
        takes("point value"),
        "number",
        zh="位置的纬度。",
        en="The latitude of a point in degrees.",
        example="LATITUDE([place])",
        shows="31.23",
        python=lambda point: from_float(float(point["lat"])),
        sql=lambda writer, call: writer.coordinate(writer.value(call.args[0]), "lat"),
    ),
)
