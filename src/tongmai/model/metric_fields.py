"""Metrics and segments as fields of their object: shown, filtered, grouped, used in formulas, written by nobody.

A segment is two fields: the class a record is in (a choice with the classes' labels and colours) and since when.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from tongmai.kit import Text
from tongmai.model.definitions import Catalogue, FieldDef
from tongmai.model.metric_definitions import (
    DaysSince,
    MetricDef,
    NoComparison,
    PreviousPeriod,
    Rate,
    SamePeriodLastYear,
    SegmentDef,
    Share,
    ValueKind,
)

BASE_SUFFIX = "__base"
WHY_SUFFIX = "__why"
PART_SUFFIX = "__part"
BASE_PART_SUFFIX = "__basepart"
AT_SUFFIX = "__at"
SINCE_SUFFIX = "__since"

# The companion table's own columns; no metric may be called so.
COMPANION_COLUMNS: dict[str, str] = {
    "record_id": "uuid PRIMARY KEY",
    "computed_at": "timestamptz NOT NULL",
    "as_of": "timestamptz NOT NULL",
    "epoch": "bigint NOT NULL",
    "version": "bigint NOT NULL",
}

# The physical column tells the type, so that a metric which becomes a date never reads a number's column.
_COLUMN_SUFFIX: dict[ValueKind, str] = {"number": "", "duration": "", "text": "__t", "date": "__d", "datetime": "__m"}
_COLUMN_TYPE: dict[ValueKind, str] = {
    "number": "numeric",
    "duration": "numeric",
    "text": "text",
    "date": "date",
    "datetime": "timestamptz",
}


class ComputedField(FieldDef):
    """A field that the product works out and keeps beside the record."""


class MetricField(ComputedField):
    """A metric's value, or what it is compared with, as a field. Its column is in the object's companion table."""

    metric: str
    is_base: bool = False


class SegmentField(ComputedField):
    """The class of a record in a segment, or since when. Its column is in ``_segment_member``."""

    segment: str
    is_since: bool = False


def companion_table(object_key: str) -> str:
    """The table of an object's metric values: one row a record, made and altered by ``schema``."""
    return f"_metric_{object_key}"


def metric_column(metric: MetricDef) -> str:
    return metric.key + _COLUMN_SUFFIX[metric.value_kind]


def metric_column_type(metric: MetricDef) -> str:
    """The PostgreSQL type of the value's column."""
    return _COLUMN_TYPE[metric.value_kind]


def companion_columns(metric: MetricDef) -> dict[str, str]:
    """The columns a metric has in its companion table with their types.

    ``__why`` tells why there is no value; ``__part``, ``__basepart`` and ``__at`` hold what a value is worked out from
    that changes with the day or with other records.
    """
    kind = metric_column_type(metric)
    found = {metric_column(metric): kind, metric.key + WHY_SUFFIX: "text"}
    if has_base(metric):
        found[metric.key + BASE_SUFFIX] = kind
    if isinstance(metric.measure, Rate | Share):
        found[metric.key + PART_SUFFIX] = "numeric"
    if isinstance(metric.measure, Rate) and isinstance(metric.comparison, PreviousPeriod | SamePeriodLastYear):
        found[metric.key + BASE_PART_SUFFIX] = "numeric"
    if isinstance(metric.measure, DaysSince):
        found[metric.key + AT_SUFFIX] = "timestamptz"
    return found


def has_base(metric: MetricDef) -> bool:
    return not isinstance(metric.comparison, NoComparison)


def metric_fields(catalogue: Catalogue, object_key: str) -> tuple[MetricField, ...]:
    """The fields that the catalogue's metrics add to an object, in their order."""
    return tuple(field for metric in catalogue.metrics if metric.object == object_key for field in _fields(metric))


def segment_fields(catalogue: Catalogue, object_key: str) -> tuple[SegmentField, ...]:
    """The fields that the catalogue's segments add to an object, in their order."""
    return tuple(
        field for segment in catalogue.segments if segment.object == object_key for field in _segment_fields(segment)
    )


def computed_fields(catalogue: Catalogue, object_key: str) -> tuple[ComputedField, ...]:
    """All that an object has beside what people fill in: its metrics, then its segments."""
    return (*metric_fields(catalogue, object_key), *segment_fields(catalogue, object_key))


def _segment_fields(segment: SegmentDef) -> Iterator[SegmentField]:
    choices: list[JsonValue] = [
        {"key": each.key, "label": {"zh": each.label.zh, "en": each.label.en}, "color": each.colour}
        for each in segment.classes
    ]
    yield SegmentField(
        key=segment.key,
        type="choice",
        label=segment.label,
        description=segment.description,
        options={"choices": choices},
        column="class",
        segment=segment.key,
    )
    yield SegmentField(
        key=segment.key + SINCE_SUFFIX,
        type="datetime",
        label=Text(f"{segment.label.zh}（自）", f"{segment.label.en} (since)"),
        column="since",
        segment=segment.key,
        is_since=True,
    )


def _fields(metric: MetricDef) -> Iterator[MetricField]:
    options: dict[str, JsonValue] = {}
    if metric.value_kind == "number":
        options["decimals"] = metric.decimals
        if metric.unit is not None:
            options["unit"] = {"zh": metric.unit.zh, "en": metric.unit.en}
    kind = metric.value_kind
    yield MetricField(
        key=metric.key,
        type=kind,
        label=metric.label,
        description=metric.description,
        options=options,
        column=metric_column(metric),
        metric=metric.key,
    )
    if has_base(metric):
        yield MetricField(
            key=metric.key + BASE_SUFFIX,
            type=kind,
            label=Text(f"{metric.label.zh}（对比）", f"{metric.label.en} (compared)"),
            options=options,
            column=metric.key + BASE_SUFFIX,
            metric=metric.key,
            is_base=True,
        )
