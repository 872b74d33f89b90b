"""A metric's definition and reasons in words, for people."""

from __future__ import annotations

from tongmai.kit import Text
from tongmai.metrics.aggregates import BLANK_VALUES, DIVISION_BY_ZERO, NO_INPUT, NO_ROWS, NO_TEAM, NOT_BEGUN
from tongmai.model import Catalogue, Derived, Duration, MetricDef, Rate, Ratio, UpdateRate

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


def reason_text(code: str | None) -> Text | None:
    """Why there is no value."""
    return None if code is None else _REASONS.get(code, Text.same(code))


def describe(catalogue: Catalogue, metric: MetricDef) -> Text:
    """What is worked out, in one sentence of each language."""
    measure, said = metric.measure, _MEASURES[metric.measure.kind]
    if isinstance(measure, Ratio):
        top, bottom = (catalogue.metric_by_key[key].label for key in (measure.numerator, measure.denominator))
        return Text(f"“{top.zh}” ÷ “{bottom.zh}”", f"“{top.en}” divided by “{bottom.en}”")
    if isinstance(measure, Derived):
        return Text(f"公式 {measure.formula}", f"the formula {measure.formula}")
    source = catalogue.object_by_key[metric.source].label
    if isinstance(measure, UpdateRate):
        listed = "、".join(measure.fields)
        return Text(
            f"窗口内改动过的字段占比：{listed}", f"the share of these fields changed: {', '.join(measure.fields)}"
        )
    what = f" {measure.start} → {measure.end}" if isinstance(measure, Duration) else ""
    value = getattr(measure, "value", None)
    what = f" {value}" if value is not None else what
    per = f"/{measure.per}" if isinstance(measure, Rate) else ""
    where = ("", "") if metric.where is None else (f"，满足 {metric.where}", f" where {metric.where}")
    return Text(
        f"“{source.zh}”{what} 的{said.zh}{per}，按 {metric.at} 计时{where[0]}",
        f"{said.en}{what} of “{source.en}”{per}, timed by {metric.at}{where[1]}",
    )
