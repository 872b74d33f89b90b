"""What is refused of metrics and segments, and where the fault is told."""

from __future__ import annotations

from typing import Any

import pytest

from tongmai.model import (
    Catalogue,
    MetricDef,
    ObjectDef,
    ObjectScope,
    SegmentDef,
    check_catalogue,
    metric_fields,
    starting_catalogue,
)

ORDER = {
    "key": "order", "label": "订单",
    "fields": [
        {"key": "buyer", "type": "person", "label": "买方"},
        {"key": "amount", "type": "money", "label": "金额"},
        {"key": "state", "type": "text", "label": "状态"},
        {"key": "big", "type": "formula", "label": "大单", "options": {"text": "amount > 100"}},
    ],
}  # fmt: skip


def metric(key: str = "m", **more: Any) -> MetricDef:
    parts = {
        "key": key,
        "label": key,
        "object": "person",
        "source": "order",
        "path": "buyer",
        "measure": {"kind": "count"},
    }
    return MetricDef.model_validate({**parts, **more})


def company(*metrics: MetricDef, segments: tuple[dict[str, Any], ...] = ()) -> Catalogue:
    start = starting_catalogue()
    return start.replace(
        objects=(*start.objects, ObjectDef.model_validate(ORDER)),
        metrics=metrics,
        segments=tuple(SegmentDef.model_validate(each) for each in segments),
    )


def told(catalogue: Catalogue) -> set[tuple[str, str | None]]:
    return {(fault.code, fault.field) for fault in check_catalogue(catalogue)}


def test_a_sound_metric_is_a_field_of_its_object() -> None:
    catalogue = company(metric(where="big AND state = 'x'", comparison={"kind": "team_mean"}))
    assert told(catalogue) == set()
    assert [field.key for field in metric_fields(catalogue, "person")] == ["m", "m__base"]
    assert ObjectScope(catalogue, "person").find("m") is not None
    assert ObjectScope(catalogue, "person", metrics=False).find("m") is None


RATIO = {"kind": "ratio", "numerator": "a", "denominator": "b"}


@pytest.mark.parametrize(
    ("parts", "code", "place"),
    [
        ({"object": "nothing"}, "metric.unknown_object", "nothing.m.object"),
        ({"path": "amount"}, "metric.unknown_path", "person.m.path"),
        ({"path": ""}, "metric.path_elsewhere", "person.m.path"),
        ({"where": "colour = 'x'"}, "formula.unknown_field", "person.m.where"),
        ({"at": "amount"}, "metric.unfit_value", "person.m.at"),
        ({"measure": {"kind": "sum", "value": "state"}}, "metric.unfit_value", "person.m.measure.value"),
        ({"measure": {"kind": "last", "value": "state"}}, "metric.unfit_value", "person.m.measure.value"),
        ({"where": "created_at < NOW()"}, "metric.personal", "person.m.where"),
        ({"measure": {"kind": "rate", "per": "week"}}, "metric.endless_window", "person.m.window"),
        ({"comparison": {"kind": "previous_period"}}, "metric.endless_window", "person.m.window"),
        ({"measure": RATIO}, "metric.unknown_metric", "person.m.measure.numerator"),
        ({"measure": {"kind": "update_rate", "fields": ["name"]}}, "metric.update_rate_source", "person.m.source"),
        ({"gives": "text"}, "metric.unfit_kind", "person.m.gives"),
        ({"key": "epoch"}, "metric.reserved", "person.epoch"),
        ({"key": "phone"}, "field.duplicate_name", "person.phone"),
    ],
)  # fmt: skip
def test_a_metric_is_refused_at_its_place(parts: dict[str, Any], code: str, place: str) -> None:
    assert (code, place) in told(company(metric(**parts)))


def test_ratios_in_a_circle_are_refused() -> None:
    one = metric("a", measure={"kind": "ratio", "numerator": "b", "denominator": "b"})
    other = metric("b", measure={"kind": "ratio", "numerator": "a", "denominator": "a"})
    assert ("metric.circle", "person.a.measure") in told(company(one, other))


def test_a_segment_is_refused_at_its_row() -> None:
    classes = [{"key": "a", "label": "甲"}, {"key": "b", "label": "乙", "when": "nothing > 1"}]
    segment = {"key": "s", "label": "分层", "object": "person", "classes": classes}
    assert told(company(segments=(segment,))) == {
        ("segment.unreachable", "segments.s.classes.a.when"),
        ("formula.unknown_field", "segments.s.classes.b.when"),
    }
