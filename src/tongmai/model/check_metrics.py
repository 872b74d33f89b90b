"""Whether metrics can be computed: what they name is there, their formulas parse, their windows end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tongmai import formula
from tongmai.formula import Kind
from tongmai.kit import Fault, Invalid
from tongmai.model.check_derived import check_derived
from tongmai.model.definitions import Catalogue
from tongmai.model.fault_at import Place, fault
from tongmai.model.metric_definitions import (
    Always,
    Average,
    Benchmark,
    DaysSince,
    Derived,
    Distinct,
    Duration,
    Last,
    Maximum,
    MetricDef,
    Minimum,
    Percentile,
    PreviousPeriod,
    Rate,
    Ratio,
    SamePeriodLastYear,
    Share,
    Since,
    Sum,
    UpdateRate,
)
from tongmai.model.metric_fields import COMPANION_COLUMNS
from tongmai.model.scope import ObjectScope

MOST_METRICS = 1000
MOST_METRICS_OF_OBJECT = 200
_NUMERIC = frozenset({Kind.NUMBER, Kind.DURATION})
_KINDS: Mapping[str, frozenset[Kind]] = {
    "number": frozenset({Kind.NUMBER}),
    "duration": frozenset({Kind.DURATION}),
    "text": frozenset({Kind.TEXT, Kind.CHOICE}),
    "date": frozenset({Kind.DATE}),
    "datetime": frozenset({Kind.DATETIME}),
}
_COUNTED = frozenset({Kind.LIST, Kind.JSON, Kind.POINT})


def metric_place(metric: MetricDef) -> Place:
    """``customer.recency``: where faults of a metric are told."""
    return Place(metric.object) / metric.key


def check_metric_structure(catalogue: Catalogue) -> Iterator[Fault]:
    """Faults that do not need formulas: objects, paths, keys, ratios, windows."""
    if len(catalogue.metrics) > MOST_METRICS:
        yield fault("catalogue.too_many", Place("metrics"), f"最多 {MOST_METRICS} 个", f"at most {MOST_METRICS}")
    seen: set[str] = set()
    of_object: dict[str, int] = {}
    for metric in catalogue.metrics:
        place = metric_place(metric)
        if metric.key in seen:
            yield fault("metric.duplicate_key", place, f"key “{metric.key}”重复", f"key “{metric.key}” repeats")
        if metric.key in COMPANION_COLUMNS:
            yield fault(
                "metric.reserved",
                place,
                f"“{metric.key}”是系统使用的名称",
                f"“{metric.key}” is a name the platform uses",
                "请换一个 key",
                "choose another key",
            )
        seen.add(metric.key)
        of_object[metric.object] = of_object.get(metric.object, 0) + 1
        if of_object[metric.object] == MOST_METRICS_OF_OBJECT + 1:
            yield fault(
                "metric.too_many",
                place,
                f"一个对象最多 {MOST_METRICS_OF_OBJECT} 个指标",
                f"an object has at most {MOST_METRICS_OF_OBJECT} metrics",
            )
        yield from _check_objects(catalogue, metric, place)
        yield from _check_window(metric, place)
        yield from _check_comparison(metric, place)
        yield from _check_gives(metric, place)
    yield from _check_ratios(catalogue)


def _check_objects(catalogue: Catalogue, metric: MetricDef, place: Place) -> Iterator[Fault]:
    for name in ("object", "source"):
        key = getattr(metric, name)
        if key not in catalogue.object_by_key:
            yield fault("metric.unknown_object", place / name, f"没有对象“{key}”", f"there is no object “{key}”")
            return
    at = metric.source
    for hop in metric.hops:
        target = relation_target(catalogue, at, hop)
        if target is None:
            yield fault(
                "metric.unknown_path",
                place / "path",
                f"“{at}”没有单一关联“{hop}”",
                f"“{at}” has no relation “{hop}” to one record",
                "路径由关联字段的 key 组成，用点号分开",
                "a path is made of the keys of relations, with dots between",
            )
            return
        at = target
    if at != metric.object:
        yield fault(
            "metric.path_elsewhere",
            place / "path",
            f"路径通向“{at}”，而不是“{metric.object}”",
            f"the path leads to “{at}”, not to “{metric.object}”",
            "请补全路径，最后一段应指向该对象",
            "complete the path so that its last step leads to the object",
        )
    if isinstance(metric.measure, UpdateRate) and (metric.source != metric.object or metric.path):
        yield fault(
            "metric.update_rate_source",
            place / "source",
            "更新率只能统计记录自身",
            "an update rate is about the record itself",
            "请把来源设为同一对象，路径留空",
            "name the object itself as the source, without a path",
        )
    if isinstance(metric.measure, Derived) and (metric.source != metric.object or metric.path or metric.where):
        yield fault(
            "metric.derived_source",
            place / "source",
            "由公式得出的指标只看记录自身的指标和字段",
            "a derived metric reads the metrics and fields of the record itself",
            "请把来源设为同一对象，路径和条件留空",
            "name the object itself as the source, without a path or a condition",
        )


def relation_target(catalogue: Catalogue, object_key: str, field_key: str) -> str | None:
    """The object that a stored relation to one record leads to, if there is such a field."""
    try:
        scope = ObjectScope(catalogue, object_key, metrics=False)
        bound = scope.bound(field_key)
    except (KeyError, Invalid):
        return None
    return None if bound.is_many or bound.column_type is None or field_key == "id" else bound.target


def _check_window(metric: MetricDef, place: Place) -> Iterator[Fault]:
    if isinstance(metric.measure, Rate) and isinstance(metric.window, Always):
        yield fault(
            "metric.endless_window",
            place / "window",
            "频率需要有起点的时间窗口",
            "a rate needs a window that begins somewhere",
            "例如 rolling: 28 天，或 since: 上线日期",
            "for example rolling with 28 days, or since a go-live",
        )
    if isinstance(metric.window, Since) and metric.window.date.year < 1970:
        yield fault("metric.early_window", place / "window.date", "日期过早", "the date is too early")


def _check_comparison(metric: MetricDef, place: Place) -> Iterator[Fault]:
    kind = metric.comparison
    if isinstance(kind, PreviousPeriod | SamePeriodLastYear):
        if isinstance(metric.window, Always | Since):
            yield fault(
                "metric.endless_window",
                place / "window",
                "没有终点的窗口没有上一期",
                "a window without an end has no period before it",
                "请改用滚动、自然周期或财务周期的窗口",
                "use a rolling, calendar or fiscal window",
            )
        if isinstance(metric.measure, Ratio | Share | DaysSince | UpdateRate | Derived):
            yield fault(
                "metric.unfit_comparison",
                place / "comparison",
                "该计算方式不能与以往时期对比",
                "this measure is not compared with earlier periods",
                "请对它的组成指标设置对比",
                "compare the metrics it is made of",
            )
    elif metric.comparison.kind != "none" and metric.value_kind not in ("number", "duration"):
        yield fault("metric.unfit_comparison", place / "comparison", "只有数值可以对比", "only numbers are compared")


def _check_gives(metric: MetricDef, place: Place) -> Iterator[Fault]:
    if isinstance(metric.measure, Last | Minimum | Maximum | Derived) or metric.gives == "number":
        return
    numeric = Sum | Average | Percentile
    if not (isinstance(metric.measure, numeric) and metric.gives == "duration") and not isinstance(
        metric.measure, Duration
    ):
        yield fault("metric.unfit_kind", place / "gives", "该计算方式的结果是数字", "this measure gives a number")


def _check_ratios(catalogue: Catalogue) -> Iterator[Fault]:
    for metric in catalogue.metrics:
        if not isinstance(metric.measure, Ratio):
            continue
        place = metric_place(metric)
        for name in ("numerator", "denominator"):
            key = getattr(metric.measure, name)
            part = catalogue.metric_by_key.get(key)
            if part is None or part.object != metric.object or part.value_kind not in ("number", "duration"):
                yield fault(
                    "metric.unknown_metric",
                    place / "measure" / name,
                    f"该对象没有数值指标“{key}”",
                    f"the object has no metric “{key}” with numbers",
                )


def check_metric_formulas(catalogue: Catalogue, scopes: Mapping[str, ObjectScope]) -> Iterator[Fault]:
    """Faults of the formulas of metrics whose structure is sound, of circles and of cost. ``scopes`` are without
    metrics."""
    for metric in catalogue.metrics:
        place = metric_place(metric)
        if isinstance(metric.measure, Derived):
            continue
        scope = scopes[metric.source]
        if metric.where is not None:
            yield from _faults(metric.where, scope, place / "where", frozenset({Kind.BOOLEAN}))
        if not isinstance(metric.measure, Ratio | UpdateRate):
            yield from _faults(metric.at, scope, place / "at", frozenset({Kind.DATE, Kind.DATETIME}))
        yield from _check_measure(metric, scope, place / "measure")
        if isinstance(metric.comparison, Benchmark):
            own = scopes[metric.object]
            yield from _faults(metric.comparison.value, own, place / "comparison.value", _KINDS[metric.value_kind])
    if catalogue.metrics:
        with_metrics = {key: ObjectScope(catalogue, key, segments=False) for key in scopes}
        yield from check_derived(catalogue, with_metrics, _KINDS)


def _check_measure(metric: MetricDef, scope: ObjectScope, place: Place) -> Iterator[Fault]:
    measure = metric.measure
    if isinstance(measure, Sum | Average | Percentile):
        yield from _faults(measure.value, scope, place / "value", _KINDS[metric.gives])
    elif isinstance(measure, Share):
        yield from _faults(measure.value, scope, place / "value", _NUMERIC)
    elif isinstance(measure, Minimum | Maximum | Last):
        yield from _faults(measure.value, scope, place / "value", _KINDS[metric.gives])
    elif isinstance(measure, Distinct):
        yield from _faults(measure.value, scope, place / "value", frozenset(Kind) - _COUNTED)
    elif isinstance(measure, Duration):
        for name in ("start", "end"):
            moments = frozenset({Kind.DATE, Kind.DATETIME})
            yield from _faults(getattr(measure, name), scope, place / name, moments)
    elif isinstance(measure, UpdateRate):
        known = {key for key in scope.names() if relation_or_stored(scope, key)}
        for key in measure.fields:
            if key not in known:
                yield fault("metric.unknown_field", place / "fields", f"没有字段“{key}”", f"there is no field “{key}”")


def relation_or_stored(scope: ObjectScope, key: str) -> bool:
    """Whether the key is that of a field with a column: what history tells changes of."""
    try:
        return scope.bound(key).column_type is not None
    except (KeyError, Invalid):
        return False


def _faults(text: str, scope: ObjectScope, place: Place, kinds: frozenset[Kind]) -> Iterator[Fault]:
    """Faults of a formula that must give one of ``kinds`` and may not ask who or what moment it is."""
    try:
        parsed = formula.parse(text, scope, expect=formula.BOOLEAN if kinds == {Kind.BOOLEAN} else None)
    except Invalid as invalid:
        yield from (each.at_field(str(place)) for each in invalid.faults)
        return
    if parsed.type.kind not in kinds:
        wanted = "、".join(sorted(formula.Type(kind).name().zh for kind in kinds))
        yield fault(
            "metric.unfit_value",
            place,
            f"应为{wanted}，实际是{parsed.type.name().zh}",
            f"must be {' or '.join(sorted(kind.value for kind in kinds))}, not {parsed.type.name().en}",
            "如果要的就是这种值，请设置 gives",
            "set `gives` if that is the kind of value you want",
        )
    for node in formula.walk(parsed.tree):
        if isinstance(node, formula.Param) and node.name != "today":
            yield fault(
                "metric.personal",
                place,
                f"指标公式不能用 {node.name.upper()}()：指标对所有人、所有时刻应有同一含义",
                f"a metric cannot use {node.name.upper()}(): it means the same for everybody at any moment",
                "请用时间窗口，或用 TODAY()",
                "use the window, or TODAY()",
            )
