"""What a back-test reads: which metrics, and which stored fields of which objects. The rest is left where it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tongmai.formula import Path, Tree, parse
from tongmai.metrics import plan_metrics
from tongmai.model import (
    PERSON,
    Catalogue,
    ComputedField,
    ObjectScope,
)
from tongmai.rules.backtest_scene import Ground
from tongmai.rules.measures import metrics_of, paths_of, steps_of_path, trees_of

# What every statement may read of a row.
_ALWAYS = ("id", "owner", "created_at", "deleted_at")


def reduced(ground: Ground) -> Catalogue:
    """The catalogue without the metrics that nothing here reads: those would be worked out for nothing."""
    needed = metrics_read(ground)
    return ground.catalogue.model_copy(
        update={"metrics": tuple(each for each in ground.catalogue.metrics if each.key in needed)}
    )


def metrics_read(ground: Ground) -> frozenset[str]:
    """The keys of all metrics that conditions, people and segments read, with those they are made of."""
    trees = _trees(ground, ObjectScope(ground.catalogue, ground.object))
    return metrics_of(ground.catalogue, ground.object, trees)


def fields_read(ground: Ground) -> frozenset[tuple[str, str]]:
    """Every field (object, key), metrics included, that what is tried names or leads through."""
    scope = ObjectScope(ground.catalogue, ground.object)
    return frozenset(
        (owner, field.key) for path in paths_of(_trees(ground, scope)) for owner, field in steps_of_path(scope, path)
    )


def columns_read(ground: Ground, catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """The columns of each object that statements over the (reduced) catalogue read."""
    scope = ObjectScope(catalogue, ground.object)
    found: dict[str, set[str]] = {}
    _add(found, scope, paths_of(_trees(ground, scope)))
    for key in dict.fromkeys(metric.object for metric in catalogue.metrics):
        plan = plan_metrics(catalogue, key)
        _add(found, ObjectScope(catalogue, key), paths_of(plan.own_trees))
        for group in plan.groups:
            _add(found, ObjectScope(catalogue, group.source), group.read_paths)
        if plan.reads_teams:
            found.setdefault(PERSON, set()).add(ObjectScope(catalogue, PERSON).bound("team").definition.column_name)
    return {key: frozenset((*names, *_ALWAYS)) for key, names in found.items()}


def _add(found: dict[str, set[str]], scope: ObjectScope, paths: Iterable[Path]) -> None:
    for path in paths:
        for owner, field in steps_of_path(scope, path):
            found.setdefault(owner, set())
            if not isinstance(field, ComputedField):
                found[owner].add(field.column_name)


def _trees(ground: Ground, scope: ObjectScope) -> Iterator[Tree]:
    for rule in ground.conditions.values():
        yield from trees_of(ground.catalogue, rule, scope)
    for segment in ground.segments.values():
        for row in segment.classes:
            yield from (parse(text, scope).tree for text in (row.when, row.leave_when) if text is not None)
