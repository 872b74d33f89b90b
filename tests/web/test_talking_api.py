"""Light entry and the side-bar of a chat over HTTP (S2-19, S2-20, S2-52): who may, what is answered, odd input."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.web.company import Company, SignIn

from tongmai.access import SystemActor
from tongmai.link import RawRow
from tongmai.model import (
    AddMapping,
    AddObject,
    AddSource,
    ChangeRole,
    Changeset,
    Grant,
    MappingDef,
    ObjectDef,
    SourceDef,
)
from tongmai.web import Services

SYSTEM = SystemActor("test")
FOLLOW_UP: dict[str, Any] = {
    "key": "follow_up", "label": {"zh": "跟进", "en": "Follow-up"},
    "fields": [
        {"key": "opportunity", "type": "relation", "label": "商机", "options": {"target": "opportunity"}},
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
        {"key": "note", "type": "long_text", "label": "补充"},
    ],
    "light_entry": {
        "label": "进展", "about": "opportunity", "asks": ["note"], "fills": {"customer": "[customer]"},
        "presets": [
            {"key": "asked", "label": "需求确认", "when": "[stage] = 'lead'",
             "moves": [{"field": "stage", "value": "'qualified'"}]},
        ],
    },
}  # fmt: skip
CONTACT = {"external_userid": "wm1", "name": "王工", "corp_name": "宏达机械", "follow_user": [{"userid": "zhangsan"}]}


@pytest.fixture
async def chat(services: Services, company: Company) -> None:
    """Anna is ``zhangsan`` of the source, who follows its contact ``wm1``."""
    catalogue = await services.catalogues.get(company.workspace)
    sales = catalogue.role_by_key["sales"]
    grants = (*sales.grants, Grant(object="follow_up", read="own", create=True))
    mappings = (
        {"key": "people", "label": "人员", "source": "wecom", "stream": "members", "object": "person",
         "columns": [{"path": "name"}], "fields": [{"field": "name", "value": "name"}], "match": ["name"],
         "creates": False},
        {"key": "contacts", "label": "客户", "source": "wecom", "stream": "customers", "object": "customer",
         "columns": [{"path": "corp_name"}], "fields": [{"field": "name", "value": "corp_name", "wins": "person"}],
         "creates": False, "match": ["name"]},
    )  # fmt: skip
    options = {"corp_id": "ww1"}
    source = SourceDef.model_validate({"key": "wecom", "kind": "wecom", "label": "企业微信", "options": options})
    actions = (
        AddObject(object=ObjectDef.model_validate(FOLLOW_UP)),
        ChangeRole(before=sales, after=sales.replace(grants=grants)),
        AddSource(source=source),
        *(AddMapping(mapping=MappingDef.model_validate(each)) for each in mappings),
    )
    await services.editor.apply(company.workspace, Changeset(actions=actions), None)
    async with services.database.write() as tx:
        for stream, row in (("members", RawRow("zhangsan", {"name": "Anna"})), ("customers", RawRow("wm1", CONTACT))):
            await services.links.raw.put(tx, company.workspace, "wecom", stream, [row])
    await services.links.mapper.advance(company.workspace)


async def customer(client: httpx.AsyncClient, name: str = "宏达机械有限公司") -> str:
    made: str = (await client.post("/api/records/customer", json={"name": name})).json()["record"]["id"]
    return made


@pytest.mark.usefixtures("chat")
async def test_the_chats_customer_is_found_linked_written_about_and_unlinked(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    mine = await customer(anna)

    (before,) = (await anna.get("/api/side-bar/wecom/customer", params={"external_user_id": "wm1"})).json()["items"]
    link = {"external_user_id": "wm1", "record": mine}
    linked = await anna.post("/api/side-bar/wecom/link", json=link)
    captured = await anna.post("/api/side-bar/wecom/capture", json={"external_user_id": "wm1", "note": "要样品"})
    unlinked = await anna.delete("/api/side-bar/wecom/link/wm1")
    (after,) = (await anna.get("/api/side-bar/wecom/customer", params={"external_user_id": "wm1"})).json()["items"]

    assert (before["record"], [each["id"] for each in before["candidates"]]) == (None, [mine])
    assert before["candidates"][0]["reasons"] == ["the same name, but for the legal form"]
    assert linked.json()["record"] == {"object": "customer", "id": mine, "label": "宏达机械有限公司", "by_person": True}
    assert captured.status_code == 201, captured.text
    made = (await anna.get(f"/api/records/follow_up/{captured.json()['record']}")).json()
    assert (made["customer"]["id"], made["note"]) == (mine, "要样品")
    assert (unlinked.status_code, after["record"]) == (204, None)


@pytest.mark.usefixtures("chat")
async def test_a_colleague_who_does_not_follow_is_refused_and_each_look_is_told(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    anna, bert, admin = await sign_in("anna"), await sign_in("bert"), await sign_in("admin")
    for each in (anna, bert, admin):
        await each.get("/api/side-bar/wecom/customer", params={"external_user_id": "wm1"})
    refused = await bert.post(
        "/api/side-bar/wecom/link", json={"external_user_id": "wm1", "record": await customer(bert, "别家")}
    )

    assert refused.status_code == 403, refused.text
    async with services.database.read() as tx:
        rows = await tx.fetch(
            "SELECT kind, actor FROM tongmai.audit WHERE workspace_id = $1 AND kind LIKE 'chat.%' ORDER BY at, id",
            company.workspace.id,
        )
    told = [(row["kind"], row["actor"]) for row in rows]
    assert told.count(("chat.looked", UUID(company.people["anna"]))) == 1
    assert told.count(("chat.refused", UUID(company.people["bert"]))) == 2
    assert told.count(("chat.refused", UUID(company.people["admin"]))) == 1


@pytest.mark.usefixtures("chat")
async def test_one_tap_is_offered_written_repeated_and_undone(sign_in: SignIn) -> None:
    anna, cleo = await sign_in("anna"), await sign_in("cleo")
    about = await customer(anna)
    deal = (await anna.post("/api/records/opportunity", json={"name": "泵", "customer": about})).json()["record"]["id"]

    (offer,) = (await anna.get("/api/light-entry", params={"near": about})).json()["items"]
    tap = {"object": "follow_up", "about": deal, "values": {"note": "周三"}, "seconds": 8}
    first = await anna.post("/api/light-entry/asked", json=tap)
    second = await anna.post("/api/light-entry/asked", json=tap)
    strange = await cleo.post("/api/light-entry/asked", json=tap)
    undone = await anna.post(f"/api/light-entry/{first.json()['id']}/undo", json={})

    assert [each["id"] for each in offer["subjects"]] == [deal]
    assert [each["key"] for each in offer["presets"]] == ["asked"]
    assert (first.status_code, second.status_code, strange.status_code) == (201, 200, 404)
    assert first.json()["moved"] == [{"field": "stage", "before": "lead", "after": "qualified"}]
    assert (second.json()["is_repeated"], second.json()["record"]) == (True, first.json()["record"])
    assert undone.json() == {"restored": ["stage"], "kept": []}
    assert (await anna.get(f"/api/records/opportunity/{deal}")).json()["stage"] == "lead"


@pytest.mark.usefixtures("chat")
async def test_presets_are_told_without_their_formulas_to_who_cannot_change_them(sign_in: SignIn) -> None:
    anna, admin = await sign_in("anna"), await sign_in("admin")
    seen = {each["key"]: each for each in (await anna.get("/api/model")).json()["objects"]}
    whole = {each["key"]: each for each in (await admin.get("/api/model")).json()["objects"]}
    assert "light_entry" not in seen["follow_up"]
    assert whole["follow_up"]["light_entry"]["presets"][0]["when"] == "[stage] = 'lead'"


@pytest.mark.usefixtures("chat")
async def test_odd_input_is_refused_not_failed_on(sign_in: SignIn, company: Company) -> None:
    anna, some = await sign_in("anna"), str(company.workspace.id)
    odd = [
        await anna.get("/api/side-bar/wecom/customer"),
        await anna.get("/api/side-bar/wecom/customer", params={"external_user_id": "a'b"}),
        await anna.get("/api/side-bar/wecom/customer", params={"chat_id": "wr-unknown"}),
        await anna.get("/api/side-bar/nothing/customer", params={"external_user_id": "wm1"}),
        await anna.post("/api/side-bar/wecom/link", json={"external_user_id": "wm1", "record": some}),
        await anna.delete("/api/side-bar/wecom/link/%00"),
        await anna.post("/api/side-bar/wecom/capture", json={"external_user_id": "wm1"}),
        await anna.post("/api/side-bar/wecom/capture", json={"external_user_id": "wm1", "files": [some]}),
        await anna.post("/api/light-entry/asked", json={"object": "follow_up", "about": some}),
        await anna.post("/api/light-entry/asked", json={"object": "customer", "about": some}),
        await anna.post("/api/light-entry/asked", json={"object": "follow_up", "about": some, "values": {"note": {}}}),
        await anna.post("/api/light-entry/asked", json={"object": "follow_up", "about": some, "seconds": "NaN"}),
        await anna.post(f"/api/light-entry/{some}/undo", json={}),
        await anna.get("/api/light-entry", params={"near": "x' OR TRUE"}),
    ]
    assert [(n, each.status_code, each.text) for n, each in enumerate(odd) if not 400 <= each.status_code < 500] == []
