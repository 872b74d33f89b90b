"""What metrics and segments read, as paths: of the rows they measure, and of the record that they are fields of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tongmai import formula
from tongmai.formula import Path
from tongmai.kit import Invalid
from tongmai.model.definitions import Catalogue
from tongmai.model.metric_definitions import (
    Benchmark,
    Derived,
    Last,
    Maximum,
    MetricDef,
    Minimum,
    Ratio,
    SegmentDef,
    UpdateRate,
)
from tongmai.model.scope import ObjectScope


@dataclass(frozen=True, slots=True)
class Reads:
    """``rows``: paths from the object ``source``, with no metrics in them. ``record``: from the object itself.

    ``repeats`` tells that the value is the words of one row, not a figure of several.
    """

    source: str
    rows: frozenset[Path]
    record: frozenset[Path]
    repeats: bool = False


class ReadPaths:
    """Of one catalogue's metrics and segments. Not for use by several threads at once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._scopes: dict[tuple[str, bool], ObjectScope] = {}

    def of_metric(self, metric: MetricDef) -> Reads | None:
        """What it is worked out from; None where a formula of it does not parse."""
        of_rows, of_record = _formulas(metric)
        try:
            rows = self._paths(metric.source, of_rows, with_metrics=False)
            record = self._paths(metric.object, of_record)
        except (Invalid, KeyError):
            return None
        repeats = metric.gives == "text" and isinstance(metric.measure, Last | Minimum | Maximum)
        return Reads(metric.source, rows, record | _named(metric), repeats)

    def of_segment(self, segment: SegmentDef) -> Reads | None:
        """What it decides by; None where a formula of it does not parse."""
        texts = [text for each in segment.classes for text in (each.when, each.leave_when) if text is not None]
        try:
            return Reads(segment.object, frozenset(), self._paths(segment.object, texts))
        except (Invalid, KeyError):
            return None

    def _paths(self, object_key: str, texts: Iterable[str], *, with_metrics: bool = True) -> frozenset[Path]:
        scope = self._scopes.get((object_key, with_metrics))
        if scope is None:
            scope = ObjectScope(self._catalogue, object_key, metrics=with_metrics, segments=False)
            self._scopes[(object_key, with_metrics)] = scope
        return frozenset[Path]().union(*(formula.parse(text, scope).paths for text in texts))


def _formulas(metric: MetricDef) -> tuple[list[str], list[str]]:
    """Those over the rows, then those over the record."""
    measure = metric.measure
    of_record = [metric.comparison.value] if isinstance(metric.comparison, Benchmark) else []
    if isinstance(measure, Derived):
        return [], [measure.formula, *of_record]
    given = (metric.where, *(getattr(measure, name, None) for name in ("value", "start", "end")))
    return [metric.at, *(text for text in given if text is not None)], of_record


def _named(metric: MetricDef) -> frozenset[Path]:
    """Fields of the record that are named without a formula."""
    measure = metric.measure
    if isinstance(measure, Ratio):
        return frozenset({(measure.numerator,), (measure.denominator,)})
    return frozenset((key,) for key in measure.fields) if isinstance(measure, UpdateRate) else frozenset()
