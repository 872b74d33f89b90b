"""Odd input to the calls of work: refused with a reason, never an inner fault."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.company import Company, SignIn

NOBODY = "00000000-0000-7000-8000-000000000000"
FIRST, LAST = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"
ODD: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/tasks", {"title": "a\x00b"}),
    ("POST", "/api/tasks", {"title": "   "}),
    ("POST", "/api/tasks", {"title": "x", "detail": "a\x00"}),
    ("POST", "/api/tasks", {"title": "x", "due": FIRST}),
    ("POST", "/api/tasks", {"title": "x", "due": LAST}),
    ("POST", "/api/tasks", {"title": "x", "due": "2026-11-02T09:00:00"}),
    ("POST", "/api/tasks", {"title": "x", "due": {"amount": 10_001, "unit": "days"}}),
    ("POST", "/api/tasks", {"title": "x", "to": NOBODY}),
    ("POST", "/api/tasks", {"title": "x", "form": ["a\x00"]}),
    ("POST", "/api/tasks", {"title": "x", "about": {"object": "nothing", "id": NOBODY}}),
    ("POST", "/api/tasks", {"title": "x", "about": {"object": "customer", "id": NOBODY}}),
    ("POST", "/api/tasks/TASK/done", {"values": {"a\x00": 1}}),
    ("POST", "/api/tasks/TASK/done", {"note": "a\x00"}),
    ("POST", "/api/tasks/TASK/skip", {"reason": "a\x00"}),
    ("POST", "/api/tasks/TASK/skip", {"reason": "x" * 1_001}),
    ("POST", "/api/tasks/TASK/snooze", {"until": FIRST}),
    ("POST", "/api/tasks/TASK/snooze", {"until": LAST}),
    ("POST", "/api/tasks/TASK/snooze", {"for": {"amount": 10_000, "unit": "working_days"}}),
    ("POST", "/api/tasks/TASK/delegate", {"to": NOBODY}),
    ("POST", "/api/tasks/TASK/reopen", {"due": LAST}),
    ("POST", f"/api/tasks/{NOBODY}/done", {}),
    ("POST", "/api/tasks/x/done", {}),
    ("POST", "/api/me/absences", {"from_at": FIRST, "to_at": LAST}),
    ("POST", "/api/me/absences", {"from_at": "2026-11-02T09:00:00Z", "to_at": "2026-11-03T09:00:00Z", "reason": "\x00"}),
    ("POST", "/api/me/absences", {"from_at": "2026-11-02T09:00:00Z", "to_at": "2026-11-03T09:00:00Z", "stand_in": NOBODY}),
    ("DELETE", f"/api/me/absences/{NOBODY}", {}),
    ("PUT", "/api/me/preferences", {"channels": {"a\x00": "off"}}),
    ("POST", "/api/notices/seen", {"ids": ["x"]}),
    ("GET", f"/api/notices?cursor={FIRST.replace('+', '%2B')}~{NOBODY}", {}),
    ("GET", "/api/notices?cursor=~", {}),
    ("GET", "/api/deliveries?before=x", {}),
    ("POST", f"/api/deliveries/{NOBODY}/run-again", {}),
    ("POST", f"/api/content/{NOBODY}/publish", {}),
    ("POST", f"/api/content/{NOBODY}/events", {"event": "opened", "about": {"object": "a\x00", "id": NOBODY}}),
    ("POST", f"/api/content/{NOBODY}/events", {"event": "opened"}),
    ("GET", f"/api/content/for/nothing/{NOBODY}", {}),
    ("GET", f"/api/content/{NOBODY}/readers", {}),
]  # fmt: skip


@pytest.mark.filterwarnings("default")
async def test_odd_input_is_refused_with_a_reason(sign_in: SignIn, company: Company) -> None:
    admin = await sign_in("admin")
    task = (await admin.post("/api/tasks", json={"title": "补录"})).json()["id"]
    wrong = []
    for method, path, body in ODD:
        given = {"json": body} if method in ("POST", "PUT") else {}
        answer = await admin.request(method, path.replace("TASK", task), **given)
        if not 400 <= answer.status_code < 500 or not answer.json()["detail"]:
            wrong.append((method, path, body, answer.status_code, answer.text[:300]))
    assert wrong == []
    assert (await admin.get(f"/api/tasks/{task}")).json()["state"] == "open"
