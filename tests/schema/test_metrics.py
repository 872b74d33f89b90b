"""Metrics in the database: their columns come and go with their definitions, while what they measure stays."""

from __future__ import annotations

import pytest

from tongmai.kit import Invalid, Text
from tongmai.model import (
    AddMetric,
    Changeset,
    DaysSince,
    Last,
    MetricDef,
    PreviousPeriod,
    RemoveField,
    RemoveMetric,
    Rolling,
    Sum,
)

from .company import Company, field


def recency(**more: object) -> MetricDef:
    parts = {"key": "recency", "label": "最近", "object": "person", "source": "person", "measure": DaysSince()}
    return MetricDef.model_validate({**parts, **more})


async def columns(company: Company) -> set[str]:
    rows = await company.fetch(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
        company.schema("_metric_person"),
    )
    return {str(name) for (name,) in rows}


async def test_a_metric_brings_its_columns_and_takes_them_with_it(company: Company) -> None:
    await company.apply(AddMetric(metric=recency()))
    assert {"record_id", "as_of", "version", "recency", "recency__why", "recency__at"} <= await columns(company)
    newest = MetricDef(
        key="newest", label=Text("最新", "Newest"), object="person", source="person",
        measure=Last(value="name"), gives="text",
    )  # fmt: skip
    await company.apply(AddMetric(metric=newest))
    assert {"recency", "newest__t", "newest__why"} <= await columns(company)
    await company.apply(RemoveMetric(metric="recency"))
    assert "recency" not in await columns(company) and "newest__t" in await columns(company)
    await company.apply(RemoveMetric(metric="newest"))
    assert await columns(company) == set()


async def test_the_undo_of_a_removal_brings_the_columns_back(company: Company) -> None:
    await company.apply(AddMetric(metric=recency()))
    gone = await company.apply(RemoveMetric(metric="recency"))
    await company.undo(gone)
    assert "recency__at" in await columns(company)


async def test_removing_a_field_that_a_metric_uses_names_the_metric(company: Company) -> None:
    await company.add_field("person", field("bonus", "number"))
    total = MetricDef(
        key="bonuses", label=Text("奖金", "Bonuses"), object="person", source="person", measure=Sum(value="bonus"),
        window=Rolling(days=7), comparison=PreviousPeriod(),
    )  # fmt: skip
    await company.apply(AddMetric(metric=total))
    removal = Changeset(actions=(RemoveField(object="person", field="bonus"),))
    preview = await company.preview(*removal.actions)
    assert [(use.field, use.by) for use in preview.uses] == [("bonus", "person.bonuses")]
    assert preview.faults[0].field == "person.bonuses.measure.value"
    with pytest.raises(Invalid):
        await company.apply(*removal.actions)
