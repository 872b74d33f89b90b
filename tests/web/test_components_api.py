"""A component over HTTP: asked about an object, fitted, previewed, in force, and taken back (S0-38)."""

from __future__ import annotations

from typing import Any

from tests.web.company import SignIn

BILL: dict[str, Any] = {
    "key": "bill", "label": {"zh": "账单", "en": "Bill"}, "title": "number",
    "fields": [
        {"key": "number", "type": "text", "label": {"zh": "编号", "en": "Number"}},
        {"key": "due_on", "type": "date", "label": {"zh": "约定回款日", "en": "Due on"}},
        {"key": "paid_on", "type": "date", "label": {"zh": "实际回款日", "en": "Paid on"}},
    ],
}  # fmt: skip


async def test_the_overdue_component_is_on_an_object_in_three_calls(sign_in: SignIn) -> None:
    admin, anna = await sign_in("admin"), await sign_in("anna")
    made = await admin.post("/api/model/changes", json={"actions": [{"action": "add_object", "object": BILL}]})
    assert made.status_code in (200, 201), made.text
    assert (await anna.get("/api/components?object=bill")).status_code == 403
    assert (await admin.get("/api/components?object=gone")).status_code == 404
    items = (await admin.get("/api/components?object=bill")).json()["items"]
    (overdue,) = (each for each in items if each["key"] == "overdue")
    guess = {each["key"]: each["suggested"] for each in overdue["asks"]}
    assert (guess["due"], guess["paid"], guess["red_days"]) == ("due_on", "paid_on", 5)

    refused = await admin.post("/api/components/overdue/actions", json={"answers": {**guess, "due": "number"}})
    assert refused.status_code == 422 and refused.json()["faults"][0]["field"] == "due"
    change = (await admin.post("/api/components/overdue/actions", json={"answers": guess})).json()
    preview = await admin.post("/api/model/changes?preview=true", json=change)
    assert preview.json()["faults"] == []
    applied = await admin.post("/api/model/changes", json=change)
    assert applied.status_code in (200, 201), applied.text

    bill = await admin.post("/api/records/bill", json={"number": "B1", "due_on": "2020-01-01"})
    assert bill.json()["record"]["overdue_days"] > 2_000
    assert (await admin.post(f"/api/model/changes/{applied.json()['id']}/undo")).status_code in (200, 201)
    assert "overdue_days" not in (await admin.get(f"/api/records/bill/{bill.json()['record']['id']}")).json()
