"""Values of metrics and what they were made of."""

from __future__ import annotations

from starlette.responses import Response

from tongmai.kit import Text
from tongmai.metrics import Bounds, MetricExplanation, MetricReader, Standing, Value
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation
from tongmai.web.shapes.measuring import MetricExplained, MetricsShown


async def metric_values(call: Call) -> Response:
    reader = _reader(call)
    object_key = call.part("object")
    found = await reader.values(call.actor, call.workspace, object_key, call.id("record"))
    standing = await reader.standing(call.workspace, object_key)
    return document({"items": [_value(call, each) for each in found], **_standing(call, standing)})


async def explain_metric(call: Call) -> Response:
    found = await _reader(call).explain(
        call.actor, call.workspace, call.part("object"), call.id("record"), call.part("metric")
    )
    return document(_explanation(call, found))


def _reader(call: Call) -> MetricReader:
    return MetricReader(call.services.metrics, call.services.gateway)


def _value(call: Call, each: Value) -> dict[str, object]:
    metric = each.metric
    return {
        "metric": metric.key,
        "label": metric.label.say(call.language),
        "value": each.value,
        "base": each.base,
        "why": None if each.why is None else each.why.say(call.language),
        "kind": metric.value_kind,
        "unit": None if metric.unit is None else metric.unit.say(call.language),
        "purpose": metric.purpose,
    }


def _standing(call: Call, each: Standing) -> dict[str, object]:
    return {
        "as_of": None if each.as_of is None else each.as_of.isoformat(),
        "computed_at": None if each.computed_at is None else each.computed_at.isoformat(),
        "epoch": each.epoch,
        "version": each.version,
        "engine": each.engine.name,
        "engine_why": None if each.engine.why is None else each.engine.why.say(call.language),
    }


def _explanation(call: Call, found: MetricExplanation) -> dict[str, object]:
    metric = found.value.metric
    return {
        **_value(call, found.value),
        **_standing(call, found.standing),
        "words": found.words.say(call.language),
        "definition": metric.model_dump(mode="json"),
        "window": _window(found.window),
        "compared": None if found.compared is None else _window(found.compared),
        "rows": list(found.rows),
        "count": found.count,
        "hidden": found.hidden,
        "inputs": [
            {"label": each.label.say(call.language), "value": each.shown, "kind": each.kind} for each in found.inputs
        ],
        "parts": [_explanation(call, each) for each in found.parts],
    }


def _window(bounds: Bounds) -> dict[str, object]:
    return {"start": None if bounds.start is None else bounds.start.isoformat(), "end": bounds.end.isoformat()}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/metrics/{object}/{record}",
        metric_values,
        "metrics",
        Text("一条记录的全部指标", "All metrics of a record"),
        answers={200: Answer(Text("指标值，或没有值的原因", "Values, or why there is none"), MetricsShown)},
        problems=(404,),
    ),
    Operation(
        "GET",
        "/api/metrics/{object}/{record}/{metric}/explain",
        explain_metric,
        "metrics",
        Text("一个指标值的由来", "What a metric's value was made of"),
        answers={
            200: Answer(Text("公式、窗口、背后的记录", "The formula, the window, the rows behind"), MetricExplained)
        },
        problems=(404,),
    ),
)
