"""Rules and signals over HTTP: made by a change of the model, seen at work, explained; signals seen and dismissed."""

from __future__ import annotations

from typing import Any

from tests.web.company import Company, SignIn
from tests.web.test_records_api import made

from tongmai.records import Sealer
from tongmai.web import Services

RULE: dict[str, Any] = {
    "key": "big_customer",
    "label": {"zh": "大客户", "en": "Big customer"},
    "object": "customer",
    "when": {"kind": "becomes"},
    "if": "name = 'Big' AND owner = owner",
    "then": [
        {"kind": "signal", "signal": "big", "gap": "customer", "level": "red", "title": "{name}"},
        {"kind": "lock", "reason": {"zh": "冻结", "en": "frozen"}, "until": "released"},
        {"kind": "push", "content": "nothing_published"},
    ],
}


async def defined(admin: Any) -> None:
    answer = await admin.post("/api/model/changes", json={"actions": [{"action": "add_rule", "rule": RULE}]})
    assert answer.status_code in (200, 201), answer.text


async def hide(admin: Any, role: str, field: str | None, of: str = "customer") -> None:
    """Takes a field of an object from a role, or gives all back."""
    model = (await admin.get("/api/model")).json()
    (found,) = (each for each in model["roles"] if each["key"] == role)
    for grant in found["grants"]:
        if grant["object"] == of:
            grant["field_access"] = {} if field is None else {field: "none"}
    answer = await admin.post("/api/model/changes", json={"actions": [{"action": "change_role", "after": found}]})
    assert answer.status_code in (200, 201), answer.text


async def worked(services: Services, company: Company) -> None:
    await Sealer(services.database, company.workspace, services.clock, services.settings).seal_once()
    await services.rules.engine.advance(company.workspace)
    await services.rules.outbox.work_off(company.workspace)


async def test_a_rule_is_followed_from_its_making_to_the_signal(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    admin, anna, cleo = await sign_in("admin"), await sign_in("anna"), await sign_in("cleo")
    await defined(admin)
    big, small = [await made(anna, "customer", name=name) for name in ("Big", "Small")]
    await worked(services, company)

    listed = (await admin.get("/api/rules")).json()["items"]
    standing = next(each for each in listed if each["rule"] == "big_customer")
    assert (standing["rule"], standing["firings"], standing["open_episodes"], standing["dead"]) == (
        "big_customer", 1, 1, 1,
    )  # fmt: skip
    assert (await anna.get("/api/rules")).status_code == 403
    (fired,) = (await admin.get("/api/rules/big_customer/log")).json()["items"]
    assert (fired["id"], fired["label"], fired["seen"]["name"]) == (big["id"], "Big", "Big")
    assert [each["state"] for each in fired["actions"]] == ["done", "done", "dead"]
    assert (await admin.get("/api/rules/nothing/log")).status_code == 404

    explained = (await anna.post("/api/rules/big_customer/explain", json={"record": small["id"]})).json()
    assert (explained["holds"], [each["holds"] for each in explained["parts"]]) == (False, [False, True])
    assert explained["seen"]["name"] == "Small"
    hidden = await cleo.post("/api/rules/big_customer/explain", json={"record": small["id"]})
    assert hidden.status_code == 404
    # One that reads what she may not see does not tell her by its verdict.
    await hide(admin, "sales", "name")
    unseen = await anna.post("/api/rules/big_customer/explain", json={"record": big["id"]})
    assert (unseen.status_code, unseen.json()["faults"][0]["code"]) == (403, "rule.reads_hidden")
    assert "Big" not in unseen.text
    assert (await admin.post("/api/rules/big_customer/explain", json={"record": big["id"]})).json()["holds"] is True
    await hide(admin, "sales", None)

    (dead,) = (await admin.get("/api/rules/dead")).json()["items"]
    assert dead["action"] == "push" and "nothing_published" in dead["error"]
    assert (await admin.post(f"/api/rules/dead/{dead['key']}/run")).status_code == 204
    assert (await admin.post(f"/api/rules/dead/{dead['key']}/run")).status_code == 404

    refused = await anna.patch(f"/api/records/customer/{big['id']}", json={"name": "Bigger"})
    assert refused.status_code == 409
    assert refused.json()["faults"][0]["code"] == "record.locked" and "frozen" in refused.json()["detail"]
    (lock,) = (await admin.get("/api/rules/locks")).json()["items"]
    boss = await sign_in("boss")
    of_record = f"/api/records/customer/{big['id']}/locks"
    # Whom the lock is to hold back sees why, and does not open it; who is above may.
    told = (await anna.get(of_record)).json()
    assert ([each["reason"] for each in told["items"]], told["may_release"]) == (["frozen"], False)
    assert (await anna.post(f"/api/rules/locks/{lock['key']}/release", json={})).status_code == 403
    assert (await boss.get(of_record)).json()["may_release"] is True
    assert (await cleo.get(of_record)).status_code == 404
    assert (await anna.get(f"/api/records/customer/{small['id']}/locks")).json() == {
        "items": [], "may_release": False,
    }  # fmt: skip
    assert (await cleo.post(f"/api/rules/locks/{lock['key']}/release", json={})).status_code in (403, 404)
    assert (await boss.post(f"/api/rules/locks/{lock['key']}/release", json={"note": "ok"})).status_code == 204
    assert (await anna.patch(f"/api/records/customer/{big['id']}", json={"name": "Bigger"})).status_code == 200


async def test_people_see_their_signals_and_say_what_became_of_them(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    admin, anna, cleo = await sign_in("admin"), await sign_in("anna"), await sign_in("cleo")
    await defined(admin)
    await made(anna, "customer", name="Big")
    await worked(services, company)
    (signal,) = (await anna.get("/api/signals", params={"level": "red"})).json()["items"]
    assert (signal["title"], signal["state"], signal["gap"]) == ("Big", "new", "customer")
    assert (await anna.get("/api/signals", params={"gap": "strategy"})).json()["items"] == []
    assert (await anna.get("/api/signals", params={"level": "purple"})).status_code == 422
    assert (await cleo.get("/api/signals")).json()["items"] == []
    assert (await cleo.post(f"/api/signals/{signal['id']}/seen")).status_code == 404
    assert (await anna.post(f"/api/signals/{signal['id']}/seen")).json()["state"] == "seen"
    assert (await anna.post(f"/api/signals/{signal['id']}/dismiss", json={})).status_code == 422
    dismissed = await anna.post(f"/api/signals/{signal['id']}/dismiss", json={"reason": "known"})
    assert (dismissed.json()["state"], dismissed.json()["reason"]) == ("dismissed", "known")
    assert (await anna.post(f"/api/signals/{signal['id']}/act", json={})).status_code == 409
    assert (await anna.get("/api/signals")).json()["items"] == []
    assert len((await anna.get("/api/signals", params={"state": "dismissed"})).json()["items"]) == 1
