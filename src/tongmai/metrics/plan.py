"""The metrics of an object read for computing: formulas parsed, rows of one source and path together for one pass."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from tongmai.formula import FieldRef, Kind, Param, Path, Tree, parse, walk
from tongmai.model import (
    Benchmark,
    Catalogue,
    DaysSince,
    Derived,
    Duration,
    MetricDef,
    ObjectScope,
    PreviousPeriod,
    Rate,
    Ratio,
    SamePeriodLastYear,
    Share,
    TeamMean,
    UpdateRate,
    metrics_in,
)


@dataclass(frozen=True)
class Measured:
    """A metric that is measured over rows. The trees are over the source; which there are depends on the measure."""

    metric: MetricDef
    at: Tree
    where: Tree | None = None
    value: Tree | None = None
    start: Tree | None = None
    end: Tree | None = None

    @property
    def trees(self) -> Iterator[Tree]:
        yield from (tree for tree in (self.at, self.where, self.value, self.start, self.end) if tree is not None)

    @property
    def has_past(self) -> bool:
        """Whether the same is measured over an earlier window too."""
        return isinstance(self.metric.comparison, PreviousPeriod | SamePeriodLastYear)


@dataclass(frozen=True)
class Group:
    """The metrics over one source by one path: one pass over its rows."""

    source: str
    hops: Path
    measured: tuple[Measured, ...]

    @property
    def read_paths(self) -> frozenset[Path]:
        """All field paths of the source that matter: those of formulas, and the way to the object."""
        formulas = (path for each in self.measured for tree in each.trees for path in paths(tree))
        return frozenset((*formulas, *(self.hops[: n + 1] for n in range(len(self.hops)))))


@dataclass(frozen=True)
class MetricPlan:
    """All metrics of one object. ``composed`` ones (ratios, derived) are in the order in which they build on one
    another; ``formulas`` has the trees of the derived ones, over the object with its metrics."""

    catalogue: Catalogue
    object: str
    metrics: tuple[MetricDef, ...]
    groups: tuple[Group, ...]
    update_rates: tuple[MetricDef, ...]
    composed: tuple[MetricDef, ...]
    benchmarks: tuple[tuple[MetricDef, Tree], ...]
    formulas: Mapping[str, Tree]

    @property
    def signature(self) -> str:
        """Changes with whatever a value depends on beside rows and the moment: definitions, formulas, columns."""
        told = repr((self.groups, self.update_rates, self.composed, self.benchmarks, self.formulas))
        columns = repr(
            [(each.key, field.key, field.column) for each in self.catalogue.objects for field in each.fields]
        )
        return hashlib.sha256(f"{told}{columns}".encode()).hexdigest()

    @property
    def is_global(self) -> bool:
        """Whether a value depends on other records of the object: shares and means."""
        return any(isinstance(each.measure, Share) or isinstance(each.comparison, TeamMean) for each in self.metrics)

    @property
    def reads_teams(self) -> bool:
        """Whether a value depends on the team of a record's owner."""
        return any(
            isinstance(each.comparison, TeamMean) or (isinstance(each.measure, Share) and each.measure.of == "team")
            for each in self.metrics
        )

    @property
    def is_daily(self) -> bool:
        """Whether derived values change at midnight although no row does."""
        return any(isinstance(each.measure, DaysSince | Rate) for each in self.metrics) or self._asks("today")

    @property
    def is_momentary(self) -> bool:
        """Whether derived values change with every moment."""
        return self._asks("now")

    def _asks(self, name: str) -> bool:
        nodes = (node for tree in self.formulas.values() for node in walk(tree))
        return any(isinstance(node, Param) and node.name == name for node in nodes)

    @property
    def own_trees(self) -> Iterator[Tree]:
        """Formulas over the records themselves."""
        yield from (tree for _, tree in self.benchmarks)
        yield from self.formulas.values()

    @property
    def reads_today(self) -> bool:
        """Whether rows count by a formula that asks for the day: then midnight changes what is measured."""
        trees = [tree for group in self.groups for each in group.measured for tree in each.trees]
        trees += [tree for _, tree in self.benchmarks]
        return any(isinstance(node, Param) for tree in trees for node in walk(tree))

    @property
    def objects(self) -> frozenset[str]:
        """All objects whose changes can change a value."""
        found = {self.object}
        for group in self.groups:
            found.add(group.source)
            for path in group.read_paths:
                found.update(owners(self.catalogue, group.source, path))
        for tree in self.own_trees:
            for path in paths(tree):
                found.update(owners(self.catalogue, self.object, path))
        return frozenset(found)


def plan_metrics(catalogue: Catalogue, object_key: str) -> MetricPlan:
    """Reads a catalogue without faults. Raises ``Invalid`` for a faulty one."""
    metrics = tuple(each for each in catalogue.metrics if each.object == object_key)
    grouped: dict[tuple[str, Path], list[Measured]] = {}
    scopes: dict[str, ObjectScope] = {}
    for metric in metrics:
        if isinstance(metric.measure, Ratio | UpdateRate | Derived):
            continue
        scope = scopes.setdefault(metric.source, ObjectScope(catalogue, metric.source, metrics=False))
        grouped.setdefault((metric.source, metric.hops), []).append(_measured(metric, scope))
    own = scopes.setdefault(object_key, ObjectScope(catalogue, object_key, metrics=False))
    measured = ObjectScope(catalogue, object_key, segments=False)
    formulas = {
        each.key: parse(each.measure.formula, measured).tree for each in metrics if isinstance(each.measure, Derived)
    }
    return MetricPlan(
        catalogue=catalogue,
        object=object_key,
        metrics=metrics,
        groups=tuple(Group(source, hops, tuple(found)) for (source, hops), found in grouped.items()),
        update_rates=tuple(each for each in metrics if isinstance(each.measure, UpdateRate)),
        composed=tuple(_in_order(catalogue, metrics, formulas)),
        benchmarks=tuple(
            (each, parse(each.comparison.value, own).tree) for each in metrics if isinstance(each.comparison, Benchmark)
        ),
        formulas=formulas,
    )


def _measured(metric: MetricDef, scope: ObjectScope) -> Measured:
    def tree(text: str) -> Tree:
        return parse(text, scope).tree

    measure = metric.measure
    where = None if metric.where is None else tree(metric.where)
    if isinstance(measure, Duration):
        return Measured(metric, tree(metric.at), where, start=tree(measure.start), end=tree(measure.end))
    value = getattr(measure, "value", None)
    return Measured(metric, tree(metric.at), where, value=None if value is None else tree(value))


def _in_order(catalogue: Catalogue, metrics: Iterable[MetricDef], formulas: Mapping[str, Tree]) -> Iterator[MetricDef]:
    """Each composed metric behind those it is made of. ``check_catalogue`` refused circles."""
    parts: dict[str, set[str]] = {}
    for each in metrics:
        if isinstance(each.measure, Ratio):
            parts[each.key] = {each.measure.numerator, each.measure.denominator}
        elif each.key in formulas:
            parts[each.key] = set(metrics_in(catalogue, each.object, formulas[each.key]))
    for level in TopologicalSorter(parts).static_order():
        if level in parts:
            yield catalogue.metric_by_key[level]


def paths(tree: Tree) -> frozenset[Path]:
    """The stored fields a tree reads."""
    return frozenset(node.path for node in walk(tree) if isinstance(node, FieldRef))


def owners(catalogue: Catalogue, object_key: str, path: Path) -> list[str]:
    """The objects that a path leads through and ends in, the first one aside."""
    found: list[str] = []
    at: str | None = object_key
    for key in path[:-1]:
        at = target_of(catalogue, at, key) if at is not None else None
        if at is not None:
            found.append(at)
    return found


def target_of(catalogue: Catalogue, object_key: str, field_key: str) -> str | None:
    """The object that a stored relation leads to."""
    symbol = ObjectScope(catalogue, object_key, metrics=False).symbol(field_key)
    return symbol.type.target if symbol.type.kind is Kind.REFERENCE else None
