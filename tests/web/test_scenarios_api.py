"""Scenarios of apps over HTTP (S0-37): what each brings, asked for by who may design, and refused by name."""

from __future__ import annotations

from tests.web.company import SignIn


async def test_scenarios_tell_their_pain_their_figure_and_how_little_they_bring(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    found = {each["key"]: each for each in (await admin.get("/api/apps/sales/scenarios")).json()["items"]}
    collections = found["collections"]
    assert collections["proof"] == {
        "board": "overdue_board",
        "board_label": "Overdue",
        "widget": "late_amount",
        "label": "Overdue amount",
    }
    assert [each["key"] for each in collections["sources"]] == ["u8"]
    assert [each["key"] for each in collections["objects"]] == ["customer", "payment_plan"]
    shares = {each["kind"]: (each["count"], each["of"]) for each in collections["shares"]}
    assert shares["object"][0] == 2 < shares["object"][1]
    assert shares["field"][0] * 10 < shares["field"][1]
    assert not any(each["installed"] for each in found.values())
    offered = {each["key"]: each for each in (await admin.get("/api/apps")).json()["offered"]}
    assert offered["sales"]["scenarios"] == len(found)
    assert offered["starter"]["scenarios"] == 0


async def test_scenarios_are_for_who_may_design_and_of_apps_that_there_are(sign_in: SignIn) -> None:
    anna, admin = await sign_in("anna"), await sign_in("admin")
    assert (await anna.get("/api/apps/sales/scenarios")).status_code == 403
    assert (await admin.get("/api/apps/nothing/scenarios")).status_code == 404
    wanted = {"scenarios": ["collections", "nothing"]}
    refused = await admin.post("/api/apps/sales/install", params={"preview": "true"}, json=wanted)
    assert refused.status_code == 422
    assert [each["code"] for each in refused.json()["faults"]] == ["app.unknown_scenario"]
    assert (await admin.post("/api/apps/sales/install", json={"scenarios": []})).status_code == 422
