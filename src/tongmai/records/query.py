"""The request to group and aggregate, as it comes over the wire."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, field_validator

MOST_GROUPS = 5
MOST_MEASURES = 20
MOST_ROWS = 10_000

NAME = r"^[a-z][a-z0-9_]{0,39}$"

Bucket = Literal["day", "week", "month", "quarter", "year"]
Function = Literal["count", "count_distinct", "sum", "avg", "min", "max", "median"]
EngineWish = Literal["auto", "postgresql", "duckdb"]
_MEASURE = re.compile(r"([a-z_]{1,20})\((.*)\)", re.DOTALL)


class Group(BaseModel):
    """A field, or a path through relations, to group by; dates and moments by a ``bucket`` in the workspace's zone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str = Field(min_length=1, max_length=400)
    bucket: Bucket | None = None
    name: str | None = Field(None, pattern=NAME)


class Measure(BaseModel):
    """A function over a formula (``count`` needs none), of the records for which ``where`` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=NAME)
    function: Function
    of: str | None = Field(None, max_length=10_000)
    where: str | None = Field(None, max_length=10_000)


class Query(BaseModel):
    """What to group and count. ``having`` is a formula over the names of groups and measures; ``sort`` names them.

    A group may be written ``"stage"`` or ``"created_at:month"``, the measures as ``{"total": "sum(amount)"}``.

    The answer is of this moment unless ``at_least`` (an epoch of the feed) or ``max_age_s`` says what will do: then
    figures from the columnar replica may be so old. ``engine`` insists on one; ``explain`` tells which ran and why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    object: str
    group_by: tuple[Group, ...] = Field((), max_length=MOST_GROUPS)
    measures: tuple[Measure, ...] = Field((), max_length=MOST_MEASURES)
    filter: str | None = None
    as_of: AwareDatetime | None = None
    having: str | None = None
    sort: str | None = Field(None, max_length=1000)
    limit: int = Field(1000, ge=1, le=MOST_ROWS)
    engine: EngineWish = "auto"
    at_least: int | None = Field(None, ge=0, le=2**62)
    max_age_s: float | None = Field(None, ge=0, le=86_400)
    explain: bool = False

    @field_validator("group_by", mode="before")
    @classmethod
    def _read_groups(cls, given: JsonValue) -> JsonValue | list[JsonValue]:
        return [_read_group(each) for each in given] if isinstance(given, list | tuple) else given

    @field_validator("measures", mode="before")
    @classmethod
    def _read_measures(cls, given: JsonValue) -> JsonValue | list[JsonValue]:
        if isinstance(given, dict):
            return [_read_measure(name, each) for name, each in given.items()]
        return given


def _read_group(given: JsonValue) -> JsonValue:
    if not isinstance(given, str):
        return given
    field, colon, bucket = given.rpartition(":")
    return {"field": field, "bucket": bucket} if colon else {"field": given}


def _read_measure(name: str, given: JsonValue) -> JsonValue:
    if isinstance(given, dict):
        return {"name": name, **given}
    found = _MEASURE.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is None:
        return {"name": name, "function": given}
    return {"name": name, "function": found[1], "of": found[2].strip() or None}
