"""Which metrics formulas read, with all that those are made of. What nobody reads need not be worked out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tongmai.formula import FieldRef, Path, Tree, parse, walk
from tongmai.model import Becomes, Catalogue, FieldDef, MetricField, ObjectScope, RuleDef, metric_parts, wants_of


def metrics_of(catalogue: Catalogue, object_key: str, trees: Iterable[Tree]) -> frozenset[str]:
    """The keys of the metrics that trees over an object read."""
    scope = ObjectScope(catalogue, object_key)
    found = {
        field.metric
        for path in paths_of(trees)
        for _, field in steps_of_path(scope, path)
        if isinstance(field, MetricField)
    }
    waiting = list(found)
    while waiting:
        parts = set(metric_parts(catalogue, catalogue.metric_by_key[waiting.pop()])) - found
        found |= parts
        waiting += parts
    return frozenset(found)


def trees_of(catalogue: Catalogue, rule: RuleDef, scope: ObjectScope) -> Iterator[Tree]:
    """The trees of a rule's conditions and of what its actions want to know."""
    for text in (rule.if_, rule.when.leave_when if isinstance(rule.when, Becomes) else None):
        if text is not None:
            yield parse(text, scope).tree
    yield from (tree for _, tree in wants_of(catalogue, rule, scope))


def paths_of(trees: Iterable[Tree]) -> set[Path]:
    return {node.path for tree in trees for node in walk(tree) if isinstance(node, FieldRef)}


def steps_of_path(scope: ObjectScope, path: Path) -> Iterator[tuple[str, FieldDef]]:
    """Each field of a path with the object it is of."""
    at: ObjectScope | None = scope
    for key in path:
        if at is None:
            return
        yield at.object_key, at.bound(key).definition
        at = at.through(key)
