"""Tasks over HTTP: the list with countdown and form, done where it stands, and the refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from tests.web.company import Company, SignIn
from tests.web.test_records_api import made

from tongmai.kit import FixedClock, Text
from tongmai.model import Span
from tongmai.web import Services
from tongmai.work import NewTask, Subject


async def _visit(services: Services, company: Company, anna: httpx.AsyncClient) -> tuple[str, dict[str, Any]]:
    """A task of anna's to fill in the phone of a customer of hers."""
    customer = await made(anna, "customer", name="仁和医院")
    new = NewTask(
        Text.same("48 小时内介入"), UUID(company.people["anna"]), Span(amount=48), kind="red_visit",
        subject=Subject("customer", UUID(customer["id"]), "仁和医院"), form=("phone",),
    )  # fmt: skip
    task = await services.work.tasks.make(company.workspace, new, key=f"red:{customer['id']}")
    return str(task), customer


async def test_a_task_is_listed_with_its_countdown_and_done_where_it_stands(
    sign_in: SignIn, services: Services, company: Company, clock: FixedClock
) -> None:
    """S0-19."""
    anna = await sign_in("anna")
    task, customer = await _visit(services, company, anna)
    clock.advance(timedelta(hours=1))
    (found,) = (await anna.get("/api/tasks")).json()["items"]
    assert (found["left_s"], found["is_overdue"], found["state"]) == (47 * 3600, False, "open")
    assert found["subject"] == {"object": "customer", "id": customer["id"], "label": "仁和医院"}
    assert [(each["field"], "value" in each) for each in found["form"]] == [("phone", False)]
    one = (await anna.get(f"/api/tasks/{task}")).json()
    assert one["form"][0]["value"] is None

    refused = await anna.post(f"/api/tasks/{task}/done", json={})
    assert (refused.status_code, refused.json()["faults"][0]["code"]) == (422, "task.form_missing")
    done = await anna.post(f"/api/tasks/{task}/done", json={"values": {"phone": "13800138000"}, "note": "已联系"})
    assert (done.status_code, done.json()["state"]["key"] if isinstance(done.json()["state"], dict) else
            done.json()["state"]) == (200, "done")  # fmt: skip
    assert "13800138000" in (await anna.get(f"/api/records/customer/{customer['id']}")).json()["phone"]
    assert (await anna.get("/api/tasks")).json()["items"] == []
    again = await anna.post(f"/api/tasks/{task}/done", json={"values": {"phone": "13800138000"}})
    assert again.status_code == 409


async def test_a_task_is_nobody_elses(sign_in: SignIn, services: Services, company: Company) -> None:
    anna, bert = await sign_in("anna"), await sign_in("bert")
    task, _ = await _visit(services, company, anna)
    assert (await bert.get("/api/tasks")).json()["items"] == []
    for path, body in (("done", {}), ("skip", {"reason": "x"}), ("cancel", {})):
        assert (await bert.post(f"/api/tasks/{task}/{path}", json=body)).status_code == 404
    assert (await bert.get(f"/api/tasks/{task}")).status_code == 404
    # The list of records says the same: each reads his own.
    listed = (await anna.get("/api/records/task")).json()["items"]
    assert [each["id"] for each in listed] == [task]
    assert (await bert.get("/api/records/task")).json()["items"] == []
    assert (await anna.patch(f"/api/records/task/{task}", json={"state": "done"})).status_code == 403


async def test_skip_snooze_reopen_and_delegate(
    sign_in: SignIn, services: Services, company: Company, clock: FixedClock
) -> None:
    """S0-53."""
    anna = await sign_in("anna")
    task, _ = await _visit(services, company, anna)
    assert (await anna.post(f"/api/tasks/{task}/skip", json={"reason": " "})).status_code == 422
    assert (await anna.post(f"/api/tasks/{task}/skip", json={"reason": "客户住院"})).status_code == 200
    assert (await anna.post(f"/api/tasks/{task}/reopen", json={})).status_code == 200
    assert (await anna.post(f"/api/tasks/{task}/snooze", json={})).status_code == 422
    assert (
        await anna.post(f"/api/tasks/{task}/snooze", json={"for": {"amount": 2, "unit": "hours"}})
    ).status_code == 200
    assert (await anna.get("/api/tasks")).json()["items"] == []
    clock.advance(timedelta(hours=2))
    assert len((await anna.get("/api/tasks")).json()["items"]) == 1
    stranger = await anna.post(f"/api/tasks/{task}/delegate", json={"to": company.people["cleo"]})
    assert (stranger.status_code, stranger.json()["faults"][0]["field"]) == (422, "to")
    handed = await anna.post(f"/api/tasks/{task}/delegate", json={"to": company.people["admin"], "reason": "出差"})
    assert handed.status_code == 204
    admin = await sign_in("admin")
    assert [each["id"] for each in (await admin.get("/api/tasks")).json()["items"]] == [task]


async def test_one_makes_tasks_for_oneself_and_with_the_right_for_others(sign_in: SignIn, company: Company) -> None:
    anna, admin = await sign_in("anna"), await sign_in("admin")
    customer = await made(anna, "customer", name="仁和医院")
    wanted = {
        "title": "寄资料",
        "about": {"object": "customer", "id": customer["id"]},
        "due": {"amount": 1, "unit": "days"},
    }
    first = await anna.post("/api/tasks", json=wanted, headers={"idempotency-key": "a"})
    again = await anna.post("/api/tasks", json=wanted, headers={"idempotency-key": "a"})
    assert (first.status_code, first.json()) == (201, again.json())
    (mine,) = (await anna.get("/api/tasks")).json()["items"]
    assert (mine["title"], mine["subject"]["label"]) == ("寄资料", "仁和医院")
    assert (await anna.post("/api/tasks", json={"title": "x", "to": company.people["bert"]})).status_code == 403
    given = await admin.post("/api/tasks", json={"title": "补录", "to": company.people["bert"]})
    assert given.status_code == 201
    bert = await sign_in("bert")
    assert [each["title"] for each in (await bert.get("/api/tasks")).json()["items"]] == ["补录"]
    assert [each["title"] for each in (await bert.get("/api/notices")).json()["items"]] == ["补录"]
    missing = {"title": "x", "about": {"object": "customer", "id": company.people["anna"]}}
    assert (await anna.post("/api/tasks", json=missing)).status_code == 404
