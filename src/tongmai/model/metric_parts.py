"""Which metrics a metric is made of: what a ratio names and what a derived metric's formula reads."""

from __future__ import annotations

from tongmai import formula
from tongmai.kit import Invalid
from tongmai.model.definitions import Catalogue
from tongmai.model.metric_definitions import Derived, MetricDef, Ratio
from tongmai.model.scope import ObjectScope


def metric_parts(catalogue: Catalogue, metric: MetricDef, scope: ObjectScope | None = None) -> tuple[str, ...]:
    """The keys of the metrics of its object that the metric stands on directly, in the order of the text.

    ``scope`` is that of the object with metrics and without segments. A formula that does not parse stands on nothing.
    """
    if isinstance(metric.measure, Ratio):
        return (metric.measure.numerator, metric.measure.denominator)
    if not isinstance(metric.measure, Derived):
        return ()
    try:
        scope = scope or ObjectScope(catalogue, metric.object, segments=False)
        tree = formula.parse(metric.measure.formula, scope).tree
    except (Invalid, KeyError):
        return ()
    return metrics_in(catalogue, metric.object, tree)


def metrics_in(catalogue: Catalogue, object_key: str, tree: formula.Tree) -> tuple[str, ...]:
    """The metrics of an object whose values, or what they are compared with, a tree over it reads."""
    found: dict[str, None] = {}
    for node in formula.walk(tree):
        if isinstance(node, formula.FieldRef) and len(node.path) == 1:
            key = node.path[0].removesuffix("__base")
            metric = catalogue.metric_by_key.get(key)
            if metric is not None and metric.object == object_key:
                found[key] = None
    return tuple(found)
