"""Looks at watched records are in the audit log, on every way to them (S2-52)."""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp
from tests.web.company import Company, SignIn
from tests.web.test_stream import Listener

from tongmai.records import Sealer
from tongmai.web import Services

TALK: dict[str, Any] = {
    "key": "talk", "label": {"zh": "聊天", "en": "Talk"}, "title": "text", "watched": True,
    "fields": [
        {"key": "text", "type": "text", "label": {"zh": "内容", "en": "Text"}, "searchable": True},
        {"key": "mood", "type": "text", "label": {"zh": "语气", "en": "Mood"}},
    ],
}  # fmt: skip


async def test_every_way_to_a_watched_record_leaves_a_look(sign_in: SignIn, company: Company) -> None:
    admin, anna = await sign_in("admin"), await sign_in("anna")
    made = await admin.post("/api/model/changes", json={"actions": [{"action": "add_object", "object": TALK}]})
    assert made.status_code == 201, made.text
    talk = (await admin.post("/api/records/talk", json={"text": "急要一批", "mood": "急"})).json()["record"]["id"]
    plain = (await admin.post("/api/records/customer", json={"name": "甲"})).json()["record"]["id"]
    for path in (
        f"/api/records/talk/{talk}", "/api/records/talk", f"/api/records/talk/{talk}/history", "/api/search?q=急要",
        f"/api/records/customer/{plain}", "/api/records/customer",
    ):  # fmt: skip
        assert (await admin.get(path)).status_code == 200
    grouped = {"object": "talk", "group_by": ["mood"], "measures": {"n": "count"}}
    counted = {"object": "talk", "measures": {"n": "count"}}
    for query in (grouped, counted):
        assert (await admin.post("/api/query", json=query)).status_code == 200

    looks = (await admin.get("/api/audit?kind=look")).json()["items"]
    assert [each["detail"]["how"] for each in looks] == ["query", "search", "history", "list", "get"]
    assert {each["detail"]["object"] for each in looks} == {"talk"}
    assert {(each["actor"], each["name"]) for each in looks} == {(company.people["admin"], "Admin")}
    at_it = (await admin.get(f"/api/audit?kind=look&record={talk}")).json()["items"]
    assert [each["detail"]["how"] for each in at_it] == ["search", "history", "list", "get"]
    assert (await admin.get(f"/api/audit?record={plain}")).json()["items"] == []
    assert (await anna.get("/api/audit")).status_code == 403


async def test_no_way_round_the_log_leads_to_what_a_watched_record_says(
    sign_in: SignIn, company: Company, app: ASGIApp, services: Services
) -> None:
    admin = await sign_in("admin")
    await admin.post("/api/model/changes", json={"actions": [{"action": "add_object", "object": TALK}]})
    talk = (await admin.post("/api/records/talk", json={"text": "急要一批", "mood": "急"})).json()["record"]["id"]
    await Sealer(services.database, company.workspace, services.clock, services.settings).seal_once()
    # The stream from the very beginning tells that there is one, not what it says.
    async with Listener(app, admin, last_event_id="0:0") as listening:
        while (event := await listening.event()).data.get("object") != "talk":
            pass
    assert (event.data["id"], event.data["action"]) == (talk, "create")
    assert (event.data["before"], event.data["after"]) == (None, None)
    assert (await admin.get("/api/audit?kind=look")).json()["items"] == []
    # The least of one text is that text.
    least = {"object": "talk", "measures": [{"name": "t", "function": "min", "of": "text"}]}
    assert (await admin.post("/api/query", json=least)).json()["rows"] == [{"t": "急要一批"}]
    (look,) = (await admin.get("/api/audit?kind=look")).json()["items"]
    assert (look["detail"]["how"], look["detail"]["groups"]) == ("query", ["text"])
    # Who sees as another does has looked himself.
    assert (await admin.get(f"/api/access/preview/{company.people['admin']}/talk")).status_code == 200
    (look, _) = (await admin.get("/api/audit?kind=look")).json()["items"]
    assert look["detail"]["via"] == f"preview:{company.people['admin']}"


async def test_the_log_is_read_page_by_page_and_refuses_what_is_no_id(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    await sign_in("anna")
    first = (await admin.get("/api/audit?limit=1")).json()
    rest = (await admin.get(f"/api/audit?before={first['next_before']}")).json()
    assert len(first["items"]) == 1 and first["items"][0]["id"] not in {each["id"] for each in rest["items"]}
    assert {each["kind"] for each in rest["items"]} >= {"sign_in"}
    assert (await admin.get("/api/audit?actor=me")).status_code == 422


async def test_a_task_about_a_watched_record_does_not_tell_what_it_says(sign_in: SignIn, company: Company) -> None:
    admin = await sign_in("admin")
    await admin.post("/api/model/changes", json={"actions": [{"action": "add_object", "object": TALK}]})
    talk = (await admin.post("/api/records/talk", json={"text": "急要一批", "mood": "急"})).json()["record"]["id"]
    wanted = {"title": "回他", "about": {"object": "talk", "id": talk}, "to": company.people["bert"]}
    assert (await admin.post("/api/tasks", json=wanted)).status_code == 201
    bert = await sign_in("bert")
    (task,) = (await bert.get("/api/tasks")).json()["items"]
    assert task["subject"]["label"] == "Talk"
    assert "急要" not in (await bert.get("/api/notices")).text
