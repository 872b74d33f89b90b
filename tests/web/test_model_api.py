"""The metadata through the door: who sees what of it, changed live, previewed, taken back."""

from __future__ import annotations

import asyncio

import httpx
from starlette.types import ASGIApp
from tests.web.company import Company, SignIn

from tongmai.identity import Hasher
from tongmai.kit import FixedClock, Settings
from tongmai.store import Database
from tongmai.web import assemble, create_app


def adding(key: str, **more: object) -> dict[str, object]:
    field = {"key": key, "type": "text", "label": {"zh": key, "en": key}, **more}
    return {"actions": [{"action": "add_field", "object": "customer", "field": field}]}


async def test_a_sales_person_sees_what_concerns_them(sign_in: SignIn) -> None:
    anna, admin = await sign_in("anna"), await sign_in("admin")
    hers = (await anna.get("/api/model")).json()
    all_ = (await admin.get("/api/model")).json()
    customer = next(each for each in hers["objects"] if each["key"] == "customer")
    assert customer["may"] == {
        "read": True, "create": True, "update": True, "delete": False, "purge": False, "export": False,
        "import": False,
    }  # fmt: skip
    assert hers["roles"] == []
    assert "validations" not in customer
    # She sees her team's customers and changes her own; the administrator changes all that there are.
    assert customer["partly"] == ["update"]
    assert all(each["partly"] == [] for each in all_["objects"])
    assert {role["key"] for role in all_["roles"]} == {"administrator", "sales", "supervisor"}


async def test_a_field_no_role_shows_is_not_even_named(sign_in: SignIn) -> None:
    admin, anna = await sign_in("admin"), await sign_in("anna")
    assert (await admin.post("/api/model/changes", json=adding("margin_secret"))).status_code == 201
    role = next(each for each in (await admin.get("/api/model")).json()["roles"] if each["key"] == "sales")
    for grant in role["grants"]:
        if grant["object"] == "customer":
            grant["field_access"] = {"margin_secret": "none"}
    change = {"actions": [{"action": "change_role", "after": role}]}
    assert (await admin.post("/api/model/changes", json=change)).status_code == 201
    for path in ("/api/model", "/api/openapi.json", "/api/records/customer"):
        assert "margin_secret" not in (await anna.get(path)).text
    checked = await anna.get("/api/formula/check", params={"object": "customer", "text": "margin_secre = 'x'"})
    assert "margin_secret" not in checked.text
    filtered = await anna.get("/api/records/customer", params={"filter": "margin_secret = 'x'"})
    assert filtered.status_code == 422 or filtered.json()["items"] == []
    assert "margin_secret" in (await admin.get("/api/openapi.json")).text


async def test_the_roles_of_people_are_told_by_their_names(sign_in: SignIn) -> None:
    for login in ("anna", "admin"):
        model = (await (await sign_in(login)).get("/api/model")).json()
        person = next(each for each in model["objects"] if each["key"] == "person")
        options = next(each for each in person["fields"] if each["key"] == "roles")["options"]
        assert options["source"] == "roles"
        assert {each["key"] for each in options["choices"]} == {"administrator", "sales", "supervisor"}
        assert all(each["label"]["zh"] and each["label"]["en"] for each in options["choices"])


async def test_an_unchanged_model_costs_no_answer(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    tag = (await anna.get("/api/model")).headers["etag"]
    assert (await anna.get("/api/model", headers={"if-none-match": tag})).status_code == 304


async def test_a_field_is_previewed_added_used_and_taken_back(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    preview = await admin.post("/api/model/changes", params={"preview": "true"}, json=adding("nickname"))
    assert preview.status_code == 200
    assert preview.json()["faults"] == []
    assert "nickname" not in (await admin.get("/api/model")).text
    applied = (await admin.post("/api/model/changes", json=adding("nickname"))).json()
    made = await admin.post("/api/records/customer", json={"name": "甲", "nickname": "小甲"})
    assert made.status_code == 201
    (newest, *_) = (await admin.get("/api/model/changes")).json()["items"]
    assert newest["id"] == applied["id"]
    assert (await admin.post(f"/api/model/changes/{applied['id']}/undo")).status_code == 201
    assert "nickname" not in (await admin.get("/api/model")).text
    again = await admin.post(f"/api/model/changes/{applied['id']}/undo")
    assert again.status_code == 409


async def test_the_description_types_every_object(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    described = (await anna.get("/api/openapi.json")).json()
    assert "/api/records/customer/{id}" in described["paths"]
    schemas = described["components"]["schemas"]
    assert schemas["customer"]["properties"]["name"]["title"] == "Name"
    assert schemas["customer_create"]["required"] == ["name"]
    assert "days_silent" not in schemas["customer_create"]["properties"]
    assert "/api/records/customer" in described["paths"]


async def test_a_field_added_in_one_process_is_usable_in_another(
    sign_in: SignIn, app: ASGIApp, settings: Settings, clock: FixedClock, hasher: Hasher, company: Company
) -> None:
    """The other process is a second set of services with a database connection of its own."""
    admin = await sign_in("admin")
    elsewhere = await Database.open(settings, clock)
    other = assemble(settings, clock, elsewhere, hasher)
    await other.catalogues.start()
    transport = httpx.ASGITransport(create_app(other))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://tongmai.test", cookies=dict(admin.cookies), headers=dict(admin.headers)
    ) as there:
        assert (await there.get("/api/records/customer")).status_code == 200
        told = asyncio.Event()
        forget = other.catalogues.on_change(lambda _key, _catalogue: told.set())
        assert (await admin.post("/api/model/changes", json=adding("nickname"))).status_code == 201
        await asyncio.wait_for(told.wait(), 10)
        forget()
        assert "nickname" in (await there.get("/api/model")).text
        made = await there.post("/api/records/customer", json={"name": "甲", "nickname": "小甲"})
        assert made.status_code == 201, made.text
    await other.catalogues.close()
    await elsewhere.close()


async def test_a_process_that_has_not_heard_of_a_change_knows_its_names_when_asked(
    sign_in: SignIn, settings: Settings, clock: FixedClock, hasher: Hasher
) -> None:
    """The other process does not listen, as if the news were still on the way."""
    admin = await sign_in("admin")
    elsewhere = await Database.open(settings, clock)
    transport = httpx.ASGITransport(create_app(assemble(settings, clock, elsewhere, hasher)))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://tongmai.test", cookies=dict(admin.cookies), headers=dict(admin.headers)
    ) as there:
        check = {"object": "customer", "text": "nickname = 'x'"}
        assert (await there.get("/api/formula/check", params=check)).json()["ok"] is False
        assert (await admin.post("/api/model/changes", json=adding("nickname"))).status_code == 201
        assert (await there.get("/api/formula/check", params=check)).json()["ok"] is True
        visit = {"key": "visit", "label": {"zh": "拜访", "en": "Visit"}, "fields": []}
        change = {"actions": [{"action": "add_object", "object": visit}]}
        assert (await there.get("/api/records/visit")).status_code == 404
        added = await admin.post("/api/model/changes", json=change)
        assert added.status_code == 201, added.text
        assert (await there.get("/api/records/visit")).status_code == 200
        assert (await there.get("/api/records/absent")).status_code == 404
    await elsewhere.close()


async def test_a_character_that_cannot_be_kept_is_refused_with_its_place(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    refused = await admin.post("/api/model/changes", json=adding("note", description={"zh": "一\x00", "en": "x"}))
    assert refused.status_code == 422
    (fault,) = refused.json()["faults"]
    assert (fault["code"], fault["field"].rpartition(".field.")[2]) == ("document.nul", "description.zh")
