"""Finding out what metrics and segments read: once a catalogue, when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterable

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
from tongmai.model.reads import Reads
from tongmai.model.scope import ObjectScope


class ReadPaths:
    """Of one catalogue's metrics and segments. Not for use by several threads at once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._scopes: dict[tuple[str, bool], ObjectScope] = {}

    def of(self, key: str) -> Reads | None:
        """What the metric or segment is worked out from; None where a formula of it does not parse."""
        kept = self._catalogue.reads
        if key not in kept:
            metric = self._catalogue.metric_by_key.get(key)
            kept[key] = (
                self._of_segment(self._catalogue.segment_by_key[key]) if metric is None else self._of_metric(metric)
            )
        return kept[key]

    def _of_metric(self, metric: MetricDef) -> Reads | None:
        of_rows, of_record = _formulas(metric)
        try:
            rows = self._paths(metric.source, of_rows, with_metrics=False)
            record = self._paths(metric.object, of_record)
        except (Invalid, KeyError):
            return None
        repeats = metric.gives == "text" and isinstance(metric.measure, Last | Minimum | Maximum)
        return Reads(metric.source, rows, record | _named(metric), repeats)

    def _of_segment(self, segment: SegmentDef) -> Reads | None:
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
