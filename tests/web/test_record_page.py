"""What a record page asks for: the layout, formulas to work out while one types, classes with their reasons."""

from __future__ import annotations

from typing import Any

from tests.web.company import Company, SignIn
from tests.web.test_records_api import made

from tongmai.metrics import Segments
from tongmai.model import (
    AddField,
    AddSegment,
    ChangeObject,
    ChangeRole,
    Changeset,
    FieldDef,
    FormSection,
    ObjectTraits,
    SegmentDef,
)
from tongmai.web import Services

LEVEL = {
    "key": "level_of_address", "label": "资料", "object": "customer",
    "classes": [
        {"key": "known", "label": "齐全", "when": "address IS NOT BLANK", "colour": "green"},
        {"key": "unknown", "label": "缺失", "colour": "red"},
    ],
}  # fmt: skip


async def customer_seen_by(sign_in: SignIn, who: str) -> dict[str, Any]:
    model = (await (await sign_in(who)).get("/api/model")).json()
    found: dict[str, Any] = next(each for each in model["objects"] if each["key"] == "customer")
    return found


async def laid_out(services: Services, company: Company) -> None:
    """A field shown by the address, and a page of two sections; sales people may not see the phone."""
    catalogue = await services.catalogues.get(company.workspace)
    customer, sales = catalogue.object_by_key["customer"], catalogue.role_by_key["sales"]
    note = FieldDef.model_validate(
        {"key": "route", "type": "text", "label": "路线", "visible_when": "address IS NOT BLANK", "default": "address"}
    )
    secret = FieldDef.model_validate(
        {"key": "call_back", "type": "date", "label": "回电", "visible_when": "phone IS NOT BLANK"}
    )
    form = (
        FormSection.model_validate({"label": "联系", "fields": ["phone", "address", "route"]}),
        FormSection.model_validate({"label": "保密", "fields": ["call_back"]}),
    )
    hidden = tuple(
        grant.replace(field_access={"phone": "none", "call_back": "none"}) if grant.object == "customer" else grant
        for grant in sales.grants
    )
    actions = (
        AddField(object="customer", field=note),
        AddField(object="customer", field=secret),
        ChangeObject(object="customer", after=ObjectTraits.of(customer).replace(form=form)),
        ChangeRole(after=sales.replace(grants=hidden)),
    )
    await services.editor.apply(company.workspace, Changeset(actions=actions), None)


async def test_a_form_is_told_without_the_names_one_may_not_know(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    await laid_out(services, company)
    boss, anna = await customer_seen_by(sign_in, "admin"), await customer_seen_by(sign_in, "anna")
    assert [each["fields"] for each in boss["form"]] == [["phone", "address", "route"], ["call_back"]]
    assert [each["fields"] for each in anna["form"]] == [["address", "route"]]


async def test_only_formulas_over_readable_fields_go_out_as_trees(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    await laid_out(services, company)
    fields = {each["key"]: each for each in (await customer_seen_by(sign_in, "admin"))["fields"]}
    assert fields["call_back"]["live"]["visible_when"]["tree"]["k"] == "call"
    seen = {each["key"]: each for each in (await customer_seen_by(sign_in, "anna"))["fields"]}
    assert seen["route"]["live"]["visible_when"]["tree"]["a"][0] is not None
    assert (seen["route"]["visible_when"], seen["route"]["default"]) == (None, None)
    assert "call_back" not in seen


async def test_a_layout_that_names_no_field_is_refused(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    form = [{"label": "甲", "fields": ["nothing", "name", "name"]}]
    after = {"label": {"zh": "客户", "en": "Customer"}, "title": "name", "form": form}
    action = {"action": "change_object", "object": "customer", "after": after}
    answer = await admin.post("/api/model/changes", json={"actions": [action]})
    assert answer.status_code == 422
    assert {each["code"] for each in answer.json()["faults"]} == {"form.unknown_field", "form.repeated_field"}


async def test_a_record_tells_its_class_and_why(sign_in: SignIn, services: Services, company: Company) -> None:
    segment = AddSegment(segment=SegmentDef.model_validate(LEVEL))
    await services.editor.apply(company.workspace, Changeset(actions=(segment,)), None)
    anna, cleo = await sign_in("anna"), await sign_in("cleo")
    record = await made(anna, "customer", name="有址", address="人民路 1 号")
    await Segments(services.metrics).evaluate(company.workspace)
    found = {
        each["segment"]: (each["class"], each["colour"], each["reason"]["seen"])
        for each in (await anna.get(f"/api/records/customer/{record['id']}/segments")).json()["items"]
    }
    assert found["level_of_address"] == ("known", "green", {"address": "人民路 1 号"})
    # Who may not see the record learns nothing of its colour.
    assert (await cleo.get(f"/api/records/customer/{record['id']}/segments")).json()["items"] == []


async def test_who_manages_access_sees_what_a_person_sees(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    admin, anna, cleo = await sign_in("admin"), await sign_in("anna"), await sign_in("cleo")
    mine, theirs = await made(anna, "customer", name="北方"), await made(cleo, "customer", name="南方")
    address = f"/api/access/preview/{company.people['anna']}/customer"
    seen = {each["id"] for each in (await admin.get(address)).json()["items"]}
    assert mine["id"] in seen and theirs["id"] not in seen
    assert (await cleo.get(address)).status_code == 403
    async with services.database.read() as tx:
        kept = await tx.fetch("SELECT actor, detail::text AS detail FROM tongmai.audit WHERE kind = 'access_preview'")
    assert str(kept[-1]["actor"]) == company.people["admin"] and company.people["anna"] in kept[-1]["detail"]
