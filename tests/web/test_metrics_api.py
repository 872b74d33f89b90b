"""Metrics over HTTP: values with their reasons, what one was made of, and 404 for what there is not."""

from __future__ import annotations

from tests.web.company import Company, SignIn
from tests.web.test_records_api import made

from tongmai.metrics import Segments
from tongmai.model import AddMetric, AddSegment, ChangeRole, Changeset, MetricDef, SegmentDef
from tongmai.records import Sealer
from tongmai.web import Services

DEFINITIONS = (
    {"key": "deals", "label": {"zh": "商机数", "en": "Deals"}, "measure": {"kind": "count"}},
    {"key": "mean", "label": {"zh": "平均金额", "en": "Mean"}, "measure": {"kind": "average", "value": "amount"}},
)

SEGMENT = {
    "key": "activity", "label": "活跃", "object": "customer",
    "classes": [{"key": "busy", "label": "忙", "when": "deals > 0"}, {"key": "idle", "label": "闲"}],
}  # fmt: skip


async def test_values_and_their_making_are_told(sign_in: SignIn, services: Services, company: Company) -> None:
    parts = {"object": "customer", "source": "opportunity", "path": "customer"}
    metrics = tuple(AddMetric(metric=MetricDef.model_validate({**each, **parts})) for each in DEFINITIONS)
    await services.editor.apply(company.workspace, Changeset(actions=metrics), None)
    anna = await sign_in("anna")
    busy, quiet = [await made(anna, "customer", name=name) for name in ("忙", "闲")]
    await made(anna, "opportunity", name="大单", customer=busy["id"], amount=500)
    await Sealer(services.database, company.workspace, services.clock, services.settings).seal_once()
    await services.metrics.refresh(company.workspace)

    ours = {each["key"] for each in DEFINITIONS}
    shown = (await anna.get(f"/api/metrics/customer/{busy['id']}")).json()
    assert [(each["metric"], each["value"], each["why"]) for each in shown["items"] if each["metric"] in ours] == [
        ("deals", 1, None), ("mean", 500, None),
    ]  # fmt: skip
    items = (await anna.get(f"/api/metrics/customer/{quiet['id']}")).json()["items"]
    (none,) = (each for each in items if each["metric"] == "mean")
    assert (none["value"], none["why"]) == (None, "there is nothing to measure in the window")

    found = (await anna.get(f"/api/metrics/customer/{busy['id']}/mean/explain")).json()
    assert (found["count"], [row["amount"] for row in found["rows"]]) == (1, [500])
    assert found["as_of"] is not None and found["window"]["start"] is None
    kept = SegmentDef.model_validate(SEGMENT)
    await services.editor.apply(company.workspace, Changeset(actions=(AddSegment(segment=kept),)), None)
    await Segments(services.metrics).evaluate(company.workspace)
    segment = (await anna.get("/api/segments/activity", params={"class": "busy"})).json()
    assert {each["key"]: each["count"] for each in segment["classes"]} == {"busy": 1, "idle": 1}
    assert [(each["label"], each["reason"]["seen"]["deals"]) for each in segment["members"]] == [("忙", 1)]
    moves = (await anna.get("/api/segments/activity/moves")).json()["items"]
    assert {(each["label"], each["to"], each["reason"]["seen"]["deals"]) for each in moves} == {
        ("忙", "busy", 1), ("闲", "idle", 0),
    }  # fmt: skip
    missing = await anna.get(f"/api/metrics/customer/{busy['id']}/nothing/explain")
    assert missing.status_code == 404


async def test_who_may_not_see_a_metric_learns_nothing_of_it_by_asking(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    """Neither by its value, nor by filter, order, group or explanation; and of the rows behind another, hidden ones
    are counted and not shown."""
    parts = {"object": "customer", "source": "opportunity", "path": "customer"}
    metrics = tuple(AddMetric(metric=MetricDef.model_validate({**each, **parts})) for each in DEFINITIONS)
    await services.editor.apply(company.workspace, Changeset(actions=metrics), None)
    admin = await sign_in("admin")
    rich = await made(admin, "customer", name="Rich")
    await made(admin, "customer", name="Poor")
    await made(admin, "opportunity", name="大单", customer=rich["id"], amount=500)
    await Sealer(services.database, company.workspace, services.clock, services.settings).seal_once()
    await services.metrics.refresh(company.workspace)

    sales = (await services.catalogues.newest(company.workspace)).role_by_key["sales"]
    shown = {
        "customer": {"read": "all", "field_access": {"mean": "none"}},
        "opportunity": {"read": "own"},
    }
    grants = tuple(each.replace(**shown.get(each.object, {})) for each in sales.grants)
    change = ChangeRole(before=sales, after=sales.replace(grants=grants))
    await services.editor.apply(company.workspace, Changeset(actions=(change,)), None)
    anna = await sign_in("anna")
    listed = (await anna.get("/api/records/customer", params={"sort": "name"})).json()["items"]
    assert {"Rich", "Poor"} <= {each["name"] for each in listed} and all("mean" not in each for each in listed)
    for sort in ("mean", "-mean"):
        # Refused, or all alike to him: told apart by their ids alone.
        asked = (await anna.get("/api/records/customer", params={"sort": sort})).json()
        found = [each["id"] for each in asked.get("items", ())]
        assert found in (sorted(found), sorted(found, reverse=True)), asked
    filtered = (await anna.get("/api/records/customer", params={"filter": "mean > 100"})).json()
    assert filtered.get("items", []) == []
    hidden = await anna.get(f"/api/metrics/customer/{rich['id']}/mean/explain")
    assert hidden.status_code == 404
    found = (await anna.get(f"/api/metrics/customer/{rich['id']}/deals/explain")).json()
    assert (found["value"], found["count"], found["hidden"], found["rows"]) == (1, 1, 1, [])


async def test_who_may_not_see_a_segment_learns_no_class_of_anybody(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    """Whether it is hidden by its own key or for what it is decided by."""
    parts = {"object": "customer", "source": "opportunity", "path": "customer"}
    metrics = tuple(AddMetric(metric=MetricDef.model_validate({**each, **parts})) for each in DEFINITIONS)
    kept = AddSegment(segment=SegmentDef.model_validate(SEGMENT))
    await services.editor.apply(company.workspace, Changeset(actions=(*metrics, kept)), None)
    anna = await sign_in("anna")
    mine = await made(anna, "customer", name="忙")
    await Sealer(services.database, company.workspace, services.clock, services.settings).seal_once()
    await services.metrics.refresh(company.workspace)
    await Segments(services.metrics).evaluate(company.workspace)
    standing = f"/api/records/customer/{mine['id']}/segments"
    assert "activity" in {each["segment"] for each in (await anna.get(standing)).json()["items"]}
    for hidden in ("activity", "deals"):
        sales = (await services.catalogues.newest(company.workspace)).role_by_key["sales"]
        grants = tuple(
            each.replace(field_access={hidden: "none"}) if each.object == "customer" else each for each in sales.grants
        )
        change = ChangeRole(before=sales, after=sales.replace(grants=grants))
        await services.editor.apply(company.workspace, Changeset(actions=(change,)), None)
        assert "activity" not in {each["key"] for each in (await anna.get("/api/segments")).json()["items"]}
        assert "activity" not in {each["segment"] for each in (await anna.get(standing)).json()["items"]}
        for address in ("/api/segments/activity", "/api/segments/activity/moves"):
            assert (await anna.get(address)).status_code == 404
        assert "activity" not in (await anna.get(f"/api/records/customer/{mine['id']}")).json()


async def test_the_preview_of_removing_a_field_names_the_metrics_that_use_it(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    parts = {"object": "customer", "source": "opportunity", "path": "customer"}
    derived = {"key": "level_mean", "label": "分级均值", "object": "customer", "source": "customer",
               "measure": {"kind": "formula", "formula": "mean / LEN(name)"}}  # fmt: skip
    metrics = tuple(AddMetric(metric=MetricDef.model_validate({**each, **parts})) for each in DEFINITIONS)
    made_of = AddMetric(metric=MetricDef.model_validate(derived))
    await services.editor.apply(company.workspace, Changeset(actions=(*metrics, made_of)), None)
    admin = await sign_in("admin")
    for object_key, field, user in (
        ("opportunity", "amount", "customer.mean"), ("opportunity", "customer", "customer.deals"),
        ("customer", "name", "customer.level_mean"),
    ):  # fmt: skip
        asked = {"actions": [{"action": "remove_field", "object": object_key, "field": field}]}
        shown = (await admin.post("/api/model/changes", params={"preview": "true"}, json=asked)).json()
        assert user in {each["by"] for each in shown["uses"]}
        assert shown["faults"]
