"""Saved views through the door: one's own, shared ones, and what stays whose."""

from __future__ import annotations

from tests.web.company import SignIn

_BODY = {"kind": "list", "filter": "amount > 5", "columns": [{"field": "name", "width": 200}], "frozen": 1}


async def test_a_view_is_kept_and_only_its_maker_sees_it(sign_in: SignIn) -> None:
    anna, bert = await sign_in("anna"), await sign_in("bert")
    made = await anna.post("/api/views/customer", json={"label": "大单", "body": _BODY})
    assert made.status_code == 201
    assert made.json()["mine"]
    assert [each["label"] for each in (await anna.get("/api/views/customer")).json()["items"]] == ["大单"]
    assert (await bert.get("/api/views/customer")).json()["items"] == []
    assert (await bert.delete(f"/api/views/customer/{made.json()['id']}")).status_code == 404


async def test_who_builds_shares_a_view_and_nobody_else(sign_in: SignIn) -> None:
    anna, admin = await sign_in("anna"), await sign_in("admin")
    refused = await anna.post("/api/views/customer", json={"label": "全员", "shared": True, "body": _BODY})
    assert refused.status_code == 403
    made = (await admin.post("/api/views/customer", json={"label": "全员", "shared": True, "body": _BODY})).json()
    seen = (await anna.get("/api/views/customer")).json()["items"]
    assert [(each["label"], each["mine"], each["may_change"]) for each in seen] == [("全员", False, False)]
    changed = await anna.put(f"/api/views/customer/{made['id']}", json={"label": "我的", "body": _BODY})
    assert changed.status_code == 403


async def test_a_view_changed_meanwhile_is_not_overwritten(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    made = (await anna.post("/api/views/customer", json={"label": "a", "body": _BODY})).json()
    address = f"/api/views/customer/{made['id']}"
    first = await anna.put(address, json={"label": "b", "body": _BODY}, headers={"If-Match": '"1"'})
    assert first.json()["version"] == 2
    late = await anna.put(address, json={"label": "c", "body": _BODY}, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    assert (await anna.delete(address)).status_code == 204
    assert (await anna.get("/api/views/customer")).json()["items"] == []


async def test_a_view_that_makes_no_sense_is_refused_with_every_fault(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    body = {"kind": "globe", "columns": [{"field": "", "width": 1}]}
    answer = await anna.post("/api/views/customer", json={"label": "", "body": body})
    assert answer.status_code == 422
    assert {each["field"] for each in answer.json()["faults"]} == {
        "label",
        "body.kind",
        "body.columns.0.field",
        "body.columns.0.width",
    }
    assert (await anna.get("/api/views/no_such")).status_code == 404


async def test_characters_that_no_text_holds_are_refused(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    answer = await anna.post("/api/views/customer", json={"label": "a\x00b", "body": _BODY})
    assert answer.status_code in (400, 422)
    answer = await anna.post("/api/views/customer", json={"label": "a", "body": {**_BODY, "filter": "\x00"}})
    assert answer.status_code in (400, 422)
