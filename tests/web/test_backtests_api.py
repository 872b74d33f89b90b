"""Back-tests over HTTP: the live rule, drafts and versions; results kept; nobody learns more than his policies show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from tests.web.company import Company, SignIn
from tests.web.test_records_api import made

from tongmai.records import Sealer
from tongmai.store import JobWorker
from tongmai.web import Services

RULE: dict[str, Any] = {
    "key": "big_customer", "label": {"zh": "大客户", "en": "Big customer"}, "object": "customer",
    "when": {"kind": "becomes"}, "if": "STARTS_WITH(name, 'Big')",
    "then": [{"kind": "task", "task": "call", "title": "{name}", "due": {"amount": 48}}],
}  # fmt: skip
SEGMENT: dict[str, Any] = {
    "key": "size", "label": "大小", "object": "customer",
    "classes": [{"key": "big", "label": "大", "when": "STARTS_WITH(name, 'Big')"}, {"key": "small", "label": "小"}],
}  # fmt: skip


@pytest.fixture
async def worker(services: Services) -> AsyncIterator[None]:
    """What ``tongmai worker`` runs beside the API."""
    found = JobWorker(services.database, services.job_handlers(), services.clock)
    task = asyncio.create_task(found.run())
    yield
    found.stop()
    await task


async def told(sign_in: SignIn, services: Services, company: Company) -> tuple[Any, Any, dict[str, str]]:
    """Anna's Big and Small of today; three days go by."""
    anna = await sign_in("anna")
    days = {"from": services.clock.now().date().isoformat()}
    for name in ("Big", "Small"):
        await made(anna, "customer", name=name)
    await Sealer(services.database, company.workspace, services.clock, services.settings).seal_once()
    services.clock.advance(timedelta(days=3))
    # Signed in anew: a session does not last for days.
    admin, anna = await sign_in("admin"), await sign_in("anna")
    return admin, anna, {**days, "to": services.clock.now().date().isoformat()}


async def test_a_draft_is_tried_and_its_result_is_kept(
    sign_in: SignIn, services: Services, company: Company, worker: None
) -> None:
    admin, _, days = await told(sign_in, services, company)
    answer = await admin.post("/api/backtests", json={**days, "rule": RULE})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["state"], found["result"]["hits"]) == ("done", 1)
    assert [each["label"] for each in found["result"]["sample"]] == ["Big"]
    assert found["result"]["workload"]["people"][0]["label"] is not None
    again = (await admin.get(f"/api/backtests/{found['id']}")).json()
    assert again["result"] == found["result"]
    # The job itself tells figures, no names and no values.
    job = (await admin.get(f"/api/jobs/{found['id']}")).json()
    assert job["result"]["hits"] == 1 and "sample" not in job["result"]


async def test_a_live_rule_and_a_segment_are_tried_beside_other_versions(
    sign_in: SignIn, services: Services, company: Company, worker: None
) -> None:
    admin, _, days = await told(sign_in, services, company)
    actions = [{"action": "add_rule", "rule": RULE}, {"action": "add_segment", "segment": SEGMENT}]
    answer = await admin.post("/api/model/changes", json={"actions": actions})
    assert answer.status_code in (200, 201), answer.text
    other = {**RULE, "if": "STARTS_WITH(name, 'S')"}
    answer = await admin.post("/api/rules/big_customer/backtest", json={**days, "against": other})
    compared = answer.json()["result"]["comparison"]
    assert (compared["only_first"], compared["only_second"], compared["both"]) == (1, 1, 0)
    assert [each["label"] for each in compared["records"]["only_second"]] == ["Small"]
    answer = await admin.post("/api/segments/size/backtest", json={**days, "classes": ["big"]})
    assert answer.json()["result"]["hits"] == 1
    assert (await admin.post("/api/rules/nothing/backtest", json=days)).status_code == 404


async def test_faults_are_told_before_there_is_a_job(
    sign_in: SignIn, services: Services, company: Company, worker: None
) -> None:
    admin, _, days = await told(sign_in, services, company)
    for body in (
        {**days, "rule": {**RULE, "if": "nothing > 1"}},
        {**days, "rule": RULE, "outcome": "name"},
        {"from": days["to"], "to": days["from"], "rule": RULE},
        {"from": days["to"], "to": (services.clock.now().date() + timedelta(days=2)).isoformat(), "rule": RULE},
        {**days},
    ):
        answer = await admin.post("/api/backtests", json=body)
        assert answer.status_code == 422, answer.text
        faults = [each["message"] for each in answer.json()["faults"]]
        assert faults and len(faults) == len(set(faults)), faults
    assert (await admin.get("/api/jobs")).json()["items"] == []


async def test_who_sees_only_his_own_records_tries_nothing_and_sees_no_result(
    sign_in: SignIn, services: Services, company: Company, worker: None
) -> None:
    admin, anna, days = await told(sign_in, services, company)
    assert (await anna.post("/api/backtests", json={**days, "rule": RULE})).status_code == 403
    found = (await admin.post("/api/backtests", json={**days, "rule": RULE})).json()
    assert (await anna.get(f"/api/backtests/{found['id']}")).status_code == 403


async def test_a_back_test_waits_for_a_worker_and_can_be_cancelled(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    admin, _, days = await told(sign_in, services, company)
    answer = await admin.post("/api/backtests?wait=0", json={**days, "rule": RULE})
    assert (answer.status_code, answer.json()["state"], answer.json()["result"]) == (202, "queued", None)
    # Three days, and the one before them; nothing of the rule asks for all rows on each of them.
    assert answer.json()["outlook"] == {"moments": 4, "day_by_day": []}
    stopped = await admin.post(f"/api/jobs/{answer.json()['id']}/cancel")
    assert stopped.json()["state"] == "cancelled"
