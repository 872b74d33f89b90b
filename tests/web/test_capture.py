"""Capture over HTTP: a file becomes values with their places, a person confirms what is unsure, one call attaches (S0-28)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.types import ASGIApp
from tests.papers import docx, pdf, xlsx
from tests.web.company import Company, SignIn

from tongmai.model import AddObject, ChangeRole, Changeset, ObjectDef
from tongmai.scan import abilities
from tongmai.store import JobWorker
from tongmai.web import Services

CONTRACT: dict[str, Any] = {
    "key": "contract", "label": {"zh": "合同", "en": "Contract"}, "title": "number",
    "fields": [
        {"key": "number", "type": "text", "label": {"zh": "合同编号", "en": "Number"}, "required": True},
        {"key": "customer", "type": "relation", "label": {"zh": "客户", "en": "Customer"}, "required": True,
         "options": {"target": "customer"}},
        {"key": "amount", "type": "money", "label": {"zh": "合同金额", "en": "Amount"}},
        {"key": "sign_date", "type": "date", "label": {"zh": "签订日", "en": "Signed on"}},
        {"key": "scans", "type": "file", "label": {"zh": "扫描件", "en": "Scans"}},
    ],
}  # fmt: skip
HOSPITAL = "杭州市第一人民医院"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
async def anna(sign_in: SignIn, services: Services, company: Company) -> httpx.AsyncClient:
    """A salesperson who may make contracts and has the hospital among her customers."""
    catalogue = await services.catalogues.get(company.workspace)
    sales = next(each for each in catalogue.roles if each.key == "sales")
    grant = {"object": "contract", "read": "own", "create": True, "update": "own", "fields": "write"}
    changed = type(sales).model_validate({**sales.model_dump(by_alias=True), "grants": [
        *(each.model_dump(by_alias=True) for each in sales.grants), grant]})  # fmt: skip
    actions = (
        AddObject(object=ObjectDef.model_validate(CONTRACT)),
        ChangeRole(before=sales, after=changed),
    )
    await services.editor.apply(company.workspace, Changeset(actions=actions), None)
    client = await sign_in("anna")
    made = await client.post("/api/records/customer", json={"name": HOSPITAL})
    assert made.status_code == 201, made.text
    client.headers["x-customer"] = made.json()["id"]
    return client


async def capture(
    client: httpx.AsyncClient, services: Services, name: str, content: bytes, **on: str
) -> dict[str, Any]:
    """Sends a file, lets the job run, gives what was found."""
    answer = await client.post("/api/captures", files={"file": (name, content)}, params=on)
    assert answer.status_code == 201, answer.text
    await JobWorker(services.database, services.job_handlers(), services.clock).run_until_idle()
    job = (await client.get(f"/api/jobs/{answer.json()['job']}")).json()
    assert job["state"] == "done", job
    return (await client.get(f"/api/captures/{answer.json()['id']}")).json()


def values(found: dict[str, Any]) -> dict[str, str]:
    return {each["field"]: each["value"] for each in reversed(found["values"])}


async def test_a_quotation_in_word_is_found_matched_and_attached_in_one_click(
    anna: httpx.AsyncClient, services: Services
) -> None:
    found = await capture(anna, services, "报价.docx", docx())
    assert (found["state"], found["kind"]) == ("found", "quotation")
    said = values(found)
    assert (said["number"], said["date"], said["amount"]) == ("QT-2026-0117", "2026-10-28", "128000.00")
    customer = next(each for each in found["values"] if each["field"] == "customer")
    assert (customer["record"], customer["label"]) == (anna.headers["x-customer"], HOSPITAL)
    assert customer["is_sure"]

    proposal = (await anna.get(f"/api/captures/{found['id']}/proposal/contract")).json()
    proposed = {each["field"]: each["value"] for each in proposal["values"]}
    assert proposed == {
        "number": "QT-2026-0117", "customer": anna.headers["x-customer"], "amount": "128000.00",
        "sign_date": "2026-10-28",
    }  # fmt: skip
    assert proposal["is_sure"]
    done = await anna.post(f"/api/captures/{found['id']}/attach", json={"object": "contract", "values": proposed})
    assert done.status_code == 200, done.text
    contract = (await anna.get(f"/api/records/contract/{done.json()['record']}")).json()
    assert contract["amount"] == 128000
    assert contract["customer"]["label"] == HOSPITAL
    original = await anna.get(f"/api/files/{contract['scans'][0]}")
    assert original.content == docx()
    history = (await anna.get(f"/api/records/contract/{contract['id']}/history")).json()["items"]
    assert history[0]["cause"] == f"capture:{found['id']}"
    assert (await anna.get(f"/api/captures/{found['id']}")).json()["target"]["id"] == contract["id"]
    again = await anna.post(f"/api/captures/{found['id']}/attach", json={"object": "contract", "values": proposed})
    assert again.status_code == 409


async def test_a_field_that_is_not_hers_is_neither_named_nor_proposed(
    anna: httpx.AsyncClient, services: Services, company: Company
) -> None:
    catalogue = await services.catalogues.get(company.workspace)
    sales = next(each for each in catalogue.roles if each.key == "sales")
    hidden = [
        {**each.model_dump(by_alias=True), "field_access": {"amount": "none", "scans": "read"}}
        if each.object == "contract" else each.model_dump(by_alias=True)
        for each in sales.grants
    ]  # fmt: skip
    changed = type(sales).model_validate({**sales.model_dump(by_alias=True), "grants": hidden})
    secret = {"key": "payroll", "label": "工资", "title": "name", "fields": [
        {"key": "name", "type": "text", "label": "名称"}, {"key": "pay", "type": "money", "label": "工资"}]}  # fmt: skip
    actions = (ChangeRole(before=sales, after=changed), AddObject(object=ObjectDef.model_validate(secret)))
    await services.editor.apply(company.workspace, Changeset(actions=actions), None)
    found = await capture(anna, services, "报价.docx", docx())
    proposal = await anna.get(f"/api/captures/{found['id']}/proposal/contract")
    assert {each["field"] for each in proposal.json()["values"]} == {"number", "customer", "sign_date"}
    assert proposal.json()["file_field"] is None
    assert (await anna.get(f"/api/captures/{found['id']}/proposal/payroll")).status_code == 404
    given = {each["field"]: each["value"] for each in proposal.json()["values"]}
    done = await anna.post(f"/api/captures/{found['id']}/attach", json={"object": "contract", "values": given})
    assert done.status_code == 200, done.text


async def test_what_is_unsure_is_written_only_when_a_person_confirmed_it(
    anna: httpx.AsyncClient, services: Services
) -> None:
    paper = (
        ("采购合同",),
        ("合同编号：HT-9",),
        ("甲方：" + HOSPITAL,),
        ("合同金额：12.8万元（大写：壹拾贰万陆仟元整）",),
    )
    found = await capture(anna, services, "合同.xlsx", xlsx(paper))
    amount = next(each for each in found["values"] if each["field"] == "amount")
    assert (amount["value"], amount["is_sure"], amount["cell"]) == ("126000.00", False, "A4")
    proposal = (await anna.get(f"/api/captures/{found['id']}/proposal/contract")).json()
    given = {each["field"]: each["value"] for each in proposal["values"]}
    address = f"/api/captures/{found['id']}/attach"

    refused = await anna.post(address, json={"object": "contract", "values": given})
    assert refused.status_code == 422
    faults = refused.json()["faults"]
    assert "amount" in {each["field"] for each in faults if each["code"] == "capture.unconfirmed"}
    assert (await anna.get("/api/records/contract")).json()["count"] == 0
    other = {**given, "amount": "128000"}
    unsure = [each["field"] for each in faults if each["field"] != "amount"]
    done = await anna.post(address, json={"object": "contract", "values": other, "confirmed": unsure})
    assert done.status_code == 200, done.text


async def test_a_file_dropped_on_a_customer_is_attached_without_naming_it(
    anna: httpx.AsyncClient, services: Services
) -> None:
    paper = pdf([(60, 780, "Quotation"), (60, 740, "Quotation No: Q-77"), (60, 700, "Total: CNY 5,600.00")])
    customer = anna.headers["x-customer"]
    found = await capture(anna, services, "offer.pdf", paper, object="customer", record=customer)
    assert found["subject"] == {"object": "customer", "id": customer, "title": HOSPITAL}
    assert found["pages"][0]["by"] == "text"
    picture = await anna.get(f"/api/files/{found['pages'][0]['picture']}")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    amount = next(each for each in found["values"] if each["field"] == "amount")
    assert 0.15 < amount["box"]["top"] < amount["box"]["bottom"] < 0.19
    proposal = (await anna.get(f"/api/captures/{found['id']}/proposal/contract")).json()
    assert next(each for each in proposal["values"] if each["field"] == "customer")["value"] == customer
    done = await anna.post(f"/api/captures/{found['id']}/attach", json={"object": "customer", "record": customer})
    assert done.json() == {"object": "customer", "record": customer, "title": HOSPITAL}
    listed = (await anna.get("/api/captures", params={"on": customer})).json()["items"]
    assert [(each["id"], each["state"]) for each in listed] == [(found["id"], "attached")]


async def test_a_paper_of_another_customer_than_the_pages_is_not_attached_unseen(
    anna: httpx.AsyncClient, services: Services
) -> None:
    paper = (("采购合同",), ("合同编号：HT-2026-9",), ("甲方：苏州康复医院",))
    customer = anna.headers["x-customer"]
    found = await capture(anna, services, "合同.docx", docx(paper), object="customer", record=customer)
    proposal = (await anna.get(f"/api/captures/{found['id']}/proposal/contract")).json()
    owner = next(each for each in proposal["values"] if each["field"] == "customer")
    assert (owner["value"], owner["is_sure"], proposal["is_sure"]) == (customer, False, False)
    assert "苏州康复医院" in owner["reason"]


async def test_nobody_else_sees_or_attaches_a_capture(
    anna: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    found = await capture(anna, services, "报价.docx", docx())
    cleo = await sign_in("cleo")
    address = f"/api/captures/{found['id']}"
    assert (await cleo.get(address)).status_code == 404
    assert (await cleo.get(f"/api/files/{found['file']}")).status_code == 404
    assert (await cleo.post(f"{address}/attach", json={"object": "customer"})).status_code == 404
    assert (await cleo.post(f"{address}/dismiss")).status_code == 404
    answer = await cleo.post(
        "/api/captures", files={"file": ("a.docx", docx())},
        params={"object": "customer", "record": anna.headers["x-customer"]},
    )  # fmt: skip
    assert answer.status_code == 404


async def test_a_token_that_may_only_read_captures_nothing_and_moves_no_capture(
    anna: httpx.AsyncClient, services: Services, app: ASGIApp
) -> None:
    """Not even its own person's: a token's scopes only take away."""
    found = await capture(anna, services, "报价.docx", docx())
    made = await anna.post("/api/tokens", json={"name": "report", "scopes": ["read"], "days": 1})
    reading = {"authorization": f"Bearer {made.json()['token']}"}
    address = f"/api/captures/{found['id']}"
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://tongmai.test", headers=reading) as program:
        assert (await program.get(address)).status_code == 200
        sent = await program.post("/api/captures", files={"file": ("a.docx", docx())})
        attached = await program.post(f"{address}/attach", json={"object": "customer"})
        dismissed = await program.post(f"{address}/dismiss")
    assert [each.status_code for each in (sent, attached, dismissed)] == [403, 403, 403]
    assert (await anna.get(address)).json()["state"] == "found"


async def test_a_customer_that_is_not_hers_to_see_is_not_told(
    anna: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    cleo = await sign_in("cleo")
    found = await capture(cleo, services, "报价.docx", docx())
    customer = next(each for each in found["values"] if each["field"] == "customer")
    assert (customer["value"], customer["record"], customer["label"]) == (HOSPITAL, None, None)


async def test_a_damaged_file_is_set_aside_with_the_reason(anna: httpx.AsyncClient, services: Services) -> None:
    found = await capture(anna, services, "broken.pdf", b"%PDF-1.7\nnothing of a PDF")
    assert found["state"] == "refused"
    assert "damaged" in found["reason"]
    refused = await anna.post(f"/api/captures/{found['id']}/attach", json={"object": "customer"})
    assert refused.status_code == 409
    dismissed = await anna.post(f"/api/captures/{found['id']}/dismiss")
    assert dismissed.json()["state"] == "dismissed"


async def test_what_nothing_here_reads_is_refused_at_once(anna: httpx.AsyncClient) -> None:
    refused = await anna.post("/api/captures", files={"file": ("a.zip", b"PK\x05\x06" + bytes(18))})
    assert refused.status_code == 422
    assert refused.json()["faults"][0]["code"] == "capture.type"
    silk = await anna.post("/api/captures", files={"file": ("voice.amr", b"\x02#!SILK_V3\x0c\x00")})
    assert silk.json()["faults"][0]["code"] == "capture.silk"
    none = await anna.post(
        "/api/captures", files={"file": ("a.docx", docx())}, params={"object": "customer", "record": str(uuid4())}
    )
    assert none.status_code == 404


async def test_odd_input_is_refused_and_never_breaks_anything(anna: httpx.AsyncClient, services: Services) -> None:
    found = await capture(anna, services, "报价.docx", docx())
    address = f"/api/captures/{found['id']}"
    bodies: list[Any] = [
        {}, [], {"object": 5}, {"object": "nope"}, {"object": "person"}, {"object": "contract", "record": "x"},
        {"object": "contract", "values": {"nofield": 1}}, {"object": "contract", "values": {"amount": "abc"}},
        {"object": "contract", "values": {"scans": "x"}}, {"object": "contract", "values": {"scans": [{"id": "zz"}]}},
        {"object": "contract", "record": str(uuid4())}, {"object": "contract", "confirmed": [1]},
        {"object": "contract", "values": {"number": "\x00"}}, {"object": "contract", "more": 1},
    ]  # fmt: skip
    for body in bodies:
        answer = await anna.post(f"{address}/attach", json=body)
        assert answer.status_code in (400, 404, 422), (body, answer.status_code, answer.text)
    for object_key in ("nope", "person", "_file", "capture", "%20"):
        assert (await anna.get(f"{address}/proposal/{object_key}")).status_code == 404
    assert (await anna.get("/api/captures", params={"on": "x"})).status_code == 422
    assert (await anna.get("/api/captures/x")).status_code == 422
    assert (await anna.get(f"/api/captures/{uuid4()}")).status_code == 404
    assert (await anna.get("/api/records/contract")).json()["count"] == 0
    assert (await anna.get(address)).json()["state"] == "found"


async def test_half_a_place_is_refused(anna: httpx.AsyncClient) -> None:
    refused = await anna.post("/api/captures", files={"file": ("a.docx", docx())}, params={"object": "customer"})
    assert refused.status_code == 422
    assert refused.json()["faults"][0]["field"] == "record"


async def test_it_is_said_what_can_be_read_here(anna: httpx.AsyncClient) -> None:
    said = (await anna.get("/api/capture-abilities")).json()
    assert said["ocr"] == abilities().ocr
    assert said["speech"] == ("here" if abilities().speech else "none")
