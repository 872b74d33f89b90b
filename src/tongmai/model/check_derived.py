"""Whether what is made of metrics can be worked out: formulas over the record, no circles, no tower of levels, a cost
that one pass can bear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tongmai import formula
from tongmai.formula import Kind
from tongmai.kit import Fault, Invalid
from tongmai.model.definitions import Catalogue
from tongmai.model.fault_at import Place, fault
from tongmai.model.metric_definitions import (
    Always,
    Derived,
    Distinct,
    Duration,
    Last,
    MetricDef,
    NoComparison,
    Percentile,
    Ratio,
    Share,
    UpdateRate,
)
from tongmai.model.metric_parts import metric_parts
from tongmai.model.scope import ObjectScope

# So many levels of metrics over metrics are worked out.
DEEPEST_METRICS = 8
# What one pass over all rows of an object's sources may cost; a count in a window costs one.
MOST_COST = 600


def check_derived(
    catalogue: Catalogue, scopes: Mapping[str, ObjectScope], kinds: Mapping[str, frozenset[Kind]]
) -> Iterator[Fault]:
    """``scopes`` are with metrics, without segments; ``kinds`` says which formulas give a value of a kind."""
    for metric in catalogue.metrics:
        if isinstance(metric.measure, Derived):
            yield from _check_formula(catalogue, metric, metric.measure, scopes[metric.object], kinds)
    yield from _check_circles(catalogue, scopes)
    yield from _check_cost(catalogue)


def _check_formula(
    catalogue: Catalogue,
    metric: MetricDef,
    measure: Derived,
    scope: ObjectScope,
    kinds: Mapping[str, frozenset[Kind]],
) -> Iterator[Fault]:
    place = Place(metric.object) / metric.key / "measure" / "formula"
    try:
        parsed = formula.parse(measure.formula, scope)
    except Invalid as invalid:
        yield from (each.at_field(str(place)) for each in invalid.faults)
        return
    if parsed.type.kind not in kinds[metric.value_kind]:
        wanted = "、".join(sorted(formula.Type(kind).name().zh for kind in kinds[metric.value_kind]))
        yield fault(
            "metric.unfit_value",
            place,
            f"应为{wanted}，实际是{parsed.type.name().zh}",
            f"must be {' or '.join(sorted(kind.value for kind in kinds[metric.value_kind]))},"
            f" not {parsed.type.name().en}",
            "如果要的就是这种值，请设置 gives",
            "set `gives` if that is the kind of value you want",
        )
    for node in formula.walk(parsed.tree):
        if isinstance(node, formula.Param) and node.name not in ("now", "today"):
            yield fault(
                "metric.personal",
                place,
                f"指标公式不能用 {node.name.upper()}()：指标对所有人应有同一含义",
                f"a metric cannot use {node.name.upper()}(): it means the same for everybody",
            )
        if isinstance(node, formula.FieldRef) and len(node.path) > 1 and _is_metric_elsewhere(catalogue, metric, node):
            yield fault(
                "metric.metric_elsewhere",
                place,
                f"“{'.'.join(node.path)}”是其他对象的指标",
                f"“{'.'.join(node.path)}” is a metric of another object",
                "只能引用同一对象的指标",
                "only metrics of the object itself can be used",
            )


def _is_metric_elsewhere(catalogue: Catalogue, metric: MetricDef, node: formula.FieldRef) -> bool:
    scope: ObjectScope | None = ObjectScope(catalogue, metric.object, segments=False)
    for key in node.path[:-1]:
        scope = None if scope is None else scope.through(key)
    return scope is not None and hasattr(scope.bound(node.path[-1]).definition, "metric")


def _check_circles(catalogue: Catalogue, scopes: Mapping[str, ObjectScope]) -> Iterator[Fault]:
    parts = {each.key: metric_parts(catalogue, each, scopes[each.object]) for each in catalogue.metrics}
    depths: dict[str, int] = {}
    for metric in catalogue.metrics:
        place = Place(metric.object) / metric.key / "measure"
        way = _circle(metric.key, parts, (), depths)
        if way:
            shown = " → ".join(way)
            yield fault(
                "metric.circle",
                place,
                f"指标循环引用：{shown}",
                f"the metrics go in a circle: {shown}",
                "请让其中一个指标不再引用下一个",
                "let one of them no longer refer to the next",
            )
        elif depths[metric.key] > DEEPEST_METRICS:
            yield fault(
                "metric.too_many_levels",
                place,
                f"指标嵌套超过 {DEEPEST_METRICS} 层",
                f"metrics nest more than {DEEPEST_METRICS} levels deep",
                "请合并一些指标",
                "merge some of the metrics",
            )


def _circle(
    key: str, parts: Mapping[str, Sequence[str]], way: tuple[str, ...], depths: dict[str, int]
) -> tuple[str, ...] | None:
    """The way from a metric back to one on it. ``depths`` gets the levels below each metric that leads into none."""
    if key in way:
        return (*way[way.index(key) :], key)
    if key not in depths:
        for part in parts.get(key, ()):
            found = _circle(part, parts, (*way, key), depths)
            if found:
                return found
        depths[key] = 1 + max((depths[part] for part in parts.get(key, ())), default=-1)
    return None


def _check_cost(catalogue: Catalogue) -> Iterator[Fault]:
    """Refuses the metric with which an object's become too much for one pass, and names the dearest."""
    spent: dict[str, int] = {}
    told: set[str] = set()
    for metric in catalogue.metrics:
        spent[metric.object] = spent.get(metric.object, 0) + metric_cost(metric)
        if spent[metric.object] > MOST_COST and metric.object not in told:
            told.add(metric.object)
            own = [each for each in catalogue.metrics if each.object == metric.object]
            dearest = "、".join(each.key for each in sorted(own, key=metric_cost, reverse=True)[:3])
            yield fault(
                "metric.too_costly",
                Place(metric.object) / metric.key,
                f"该对象的指标计算量为 {spent[metric.object]}，超过上限 {MOST_COST}，最大的是 {dearest}",
                f"the object's metrics cost {spent[metric.object]}, more than {MOST_COST}; the dearest are {dearest}",
                "请给没有起点的窗口设定起点，或去掉不再需要的指标",
                "give windows that begin nowhere a beginning, or remove metrics that are not needed",
            )


def metric_cost(metric: MetricDef) -> int:
    """Of one pass: what sorts or keeps values costs more, windows that begin nowhere and comparisons cost double."""
    measure = metric.measure
    if isinstance(measure, Ratio | Derived):
        return 1
    keeps = isinstance(measure, Distinct | Percentile | Last) or (
        isinstance(measure, Duration) and measure.statistic == "median"
    )
    cost = 4 if keeps or isinstance(measure, UpdateRate) else 2 if isinstance(measure, Share) else 1
    cost *= 2 if isinstance(metric.window, Always) else 1
    cost *= 1 if isinstance(metric.comparison, NoComparison) else 2
    return cost + max(len(metric.hops) - 1, 0)
