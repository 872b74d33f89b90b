"""Metrics as fields of their object: shown, filtered, sorted and used in formulas like any other, written by nobody."""

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
    Share,
    ValueKind,
)

BASE_SUFFIX = "__base"
WHY_SUFFIX = "__why"
PART_SUFFIX = "__part"
BASE_PART_SUFFIX = "__basepart"
AT_SUFFIX = "__at"

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


class MetricField(FieldDef):
    """A metric's value, or what it is compared with, as a field. Its column is in the object's companion table."""

    metric: str
    is_base: bool = False


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
