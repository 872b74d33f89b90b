"""A metric's definition and reasons in words, for people."""

from __future__ import annotations

from tongmai.formula import parse, to_text
from tongmai.kit import Text
from tongmai.metrics.aggregates import BLANK_VALUES, DIVISION_BY_ZERO, NO_INPUT, NO_ROWS, NO_TEAM, NOT_BEGUN
from tongmai.model import Catalogue, Derived, Duration, MetricDef, ObjectScope, Percentile, Rate, Ratio, UpdateRate

_REASONS = {
    NO_ROWS: Text("窗口内没有可统计的记录", "there is nothing to measure in the window"),
    BLANK_VALUES: Text("窗口内的记录都没有填写该值", "the rows in the window have no such value"),
    DIVISION_BY_ZERO: Text("除数为 0", "the divisor is 0"),
    NOT_BEGUN: Text("窗口尚未开始", "the window has not begun"),
    NO_INPUT: Text("公式所用的值为空", "a value that the formula uses is blank"),
    NO_TEAM: Text("负责人不属于任何团队", "the owner is in no team"),
}
_MEASURES = {
    "count": Text("条数", "the number of"),
    "sum": Text("合计", "the sum of"),
    "min": Text("最小值", "the smallest"),
    "max": Text("最大值", "the largest"),
    "average": Text("平均值", "the average of"),
    "distinct": Text("不同值的个数", "the number of different"),
    "last": Text("最近一次的值", "the latest"),
    "percentile": Text("百分位数", "the percentile of"),
    "rate": Text("频率", "the rate of"),
    "days_since": Text("距今天数", "days since the last"),
    "share": Text("占比", "the share of"),
    "duration": Text("用时", "the time from"),
    "update_rate": Text("更新率", "the share of updated fields"),
    "ratio": Text("比率", "the ratio of"),
    "formula": Text("公式", "the formula"),
}
_PER = {
    "day": Text("每天", "daily: "),
    "week": Text("每周", "weekly: "),
    "month": Text("每月（30 天）", "monthly (30 days): "),
}
_STATISTICS = {
    "average": Text("平均", "average: "),
    "median": Text("中位", "median: "),
    "min": Text("最短", "shortest: "),
    "max": Text("最长", "longest: "),
    "sum": Text("合计", "in all: "),
}


def reason_text(code: str | None) -> Text | None:
    """Why there is no value."""
    return None if code is None else _REASONS.get(code, Text.same(code))


def describe(catalogue: Catalogue, metric: MetricDef) -> Text:
    """What is worked out, in one sentence of each language, with fields by their labels."""
    measure, said = metric.measure, _MEASURES[metric.measure.kind]
    if isinstance(measure, Ratio):
        top, bottom = (catalogue.metric_by_key[key].label for key in (measure.numerator, measure.denominator))
        return Text(f"“{top.zh}” ÷ “{bottom.zh}”", f"“{top.en}” divided by “{bottom.en}”")
    if isinstance(measure, Derived):
        formula = _spelt(catalogue, metric.object, measure.formula)
        return Text(f"公式 {formula.zh}", f"the formula {formula.en}")
    if isinstance(measure, UpdateRate):
        labels = [ObjectScope(catalogue, metric.object).bound(key).definition.label for key in measure.fields]
        return Text(
            f"窗口内改动过的字段占比：{'、'.join(each.zh for each in labels)}",
            f"the share of these fields changed: {', '.join(each.en for each in labels)}",
        )
    source = catalogue.object_by_key[metric.source].label
    what, how, at = _measured(catalogue, metric), _way(metric), _spelt(catalogue, metric.source, metric.at)
    where = Text("", "")
    if metric.where is not None:
        condition = _spelt(catalogue, metric.source, metric.where)
        where = Text(f"，满足 {condition.zh}", f" where {condition.en}")
    return Text(
        f"“{source.zh}”{what.zh}的{how.zh}{said.zh}，按{at.zh}计时{where.zh}",
        f"{how.en}{said.en}{what.en and what.en + ' of'} “{source.en}”, timed by {at.en}{where.en}",
    )


def _measured(catalogue: Catalogue, metric: MetricDef) -> Text:
    """Which values of a row."""
    measure = metric.measure
    if isinstance(measure, Duration):
        start, end = (_spelt(catalogue, metric.source, each) for each in (measure.start, measure.end))
        return Text(f"从{start.zh}到{end.zh}", f" {start.en} to {end.en}")
    value = getattr(measure, "value", None)
    if value is None:
        return Text("", "")
    found = _spelt(catalogue, metric.source, value)
    return Text(f"中{found.zh}", f" {found.en}")


def _way(metric: MetricDef) -> Text:
    """What stands before the measure's name."""
    match metric.measure:
        case Rate(per=per):
            return _PER[per]
        case Duration(statistic=statistic):
            return _STATISTICS[statistic]
        case Percentile(p=p):
            percent = f"{p * 100:f}".rstrip("0").rstrip(".")
            return Text(f"第 {percent} ", f"{percent} % ")
    return Text("", "")


def _spelt(catalogue: Catalogue, object_key: str, formula: str) -> Text:
    scope = ObjectScope(catalogue, object_key)
    tree = parse(formula, scope).tree
    return Text(to_text(tree, scope, "zh"), to_text(tree, scope, "en"))
