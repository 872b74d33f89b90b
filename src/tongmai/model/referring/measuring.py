"""What metrics and segments name."""

from __future__ import annotations

from tongmai.model.metric_definitions import (
    Average,
    Benchmark,
    Derived,
    Distinct,
    Duration,
    Last,
    Maximum,
    MetricDef,
    Minimum,
    Percentile,
    Ratio,
    SegmentDef,
    Share,
    Sum,
    UpdateRate,
)
from tongmai.model.referring.names import Names
from tongmai.model.referring.ruling import name_actions


def name_metric(names: Names, metric: MetricDef) -> None:
    names.object(metric.object)
    names.object(metric.source)
    _name_hops(names, metric)
    if not isinstance(metric.measure, Ratio | Derived):
        names.formula(metric.source, metric.where)
        names.formula(metric.source, metric.at)
    _name_measure(names, metric)
    if isinstance(metric.comparison, Benchmark):
        names.formula(metric.object, metric.comparison.value)


def name_segment(names: Names, segment: SegmentDef) -> None:
    names.object(segment.object)
    for each in segment.classes:
        names.formula(segment.object, each.when)
        names.formula(segment.object, each.leave_when)
        name_actions(names, segment.object, each.on_entry)


def _name_hops(names: Names, metric: MetricDef) -> None:
    scope = names.scope(metric.source)
    for hop in metric.hops:
        if scope is None:
            return
        names.field(scope.object_key, hop)
        scope = scope.through(hop)


def _name_measure(names: Names, metric: MetricDef) -> None:
    match metric.measure:
        case Ratio(numerator=numerator, denominator=denominator):
            names.add("metric", numerator)
            names.add("metric", denominator)
        case Derived(formula=text):
            names.formula(metric.object, text)
        case UpdateRate(fields=keys):
            for key in keys:
                names.field(metric.source, key)
        case Duration(start=start, end=end):
            names.formula(metric.source, start)
            names.formula(metric.source, end)
        case Sum() | Minimum() | Maximum() | Average() | Distinct() | Last() | Percentile() | Share():
            names.formula(metric.source, metric.measure.value)
        case _:
            return
