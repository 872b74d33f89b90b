"""The ledger of consent over HTTP (AMB-31): how each pair stands, who may see it, what is taken out."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import httpx
import pytest
from tests.web.company import Company, SignIn

from tongmai.link import RawRow
from tongmai.link.wecom import ConsentEntry, ConsentLedger
from tongmai.model import AddMapping, AddSource, Changeset, MappingDef, SourceDef
from tongmai.web import Services

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MAPPINGS: tuple[dict[str, Any], ...] = (
    {"key": "people", "label": "人员", "source": "wecom", "stream": "members", "object": "person",
     "columns": [{"path": "name"}], "fields": [{"field": "name", "value": "name"}], "match": ["name"],
     "creates": False},
    {"key": "contacts", "label": "客户", "source": "wecom", "stream": "customers", "object": "customer",
     "columns": [{"path": "corp_name"}], "fields": [{"field": "name", "value": "corp_name"}], "match": ["name"]},
)  # fmt: skip


def entry(day: int, customer: str, answer: Any, *, member: str = "zhang", room: str = "") -> ConsentEntry:
    return ConsentEntry(START + timedelta(days=day), customer, "" if room else member, room, answer, "question")


async def put(services: Services, company: Company, stream: str, rows: Iterable[RawRow]) -> None:
    async with services.database.write() as tx:
        await services.links.raw.put(tx, company.workspace, "wecom", stream, list(rows))


async def tell(services: Services, company: Company, *entries: ConsentEntry) -> None:
    await put(services, company, "consents", (RawRow(each.key, each.document(), each.at) for each in entries))


@pytest.fixture
async def archive(services: Services, company: Company) -> None:
    """Anna is ``zhang``, Bert ``li``. wm1 agreed and took it back, wm2 agreed to one and was not asked by the other."""
    options = {"corp_id": "ww1", "archive": "http", "archive_url": "https://archive.example"}
    source = SourceDef.model_validate({"key": "wecom", "kind": "wecom", "label": "企业微信", "options": options})
    made = (AddMapping(mapping=MappingDef.model_validate(each)) for each in MAPPINGS)
    await services.editor.apply(company.workspace, Changeset(actions=(AddSource(source=source), *made)), None)
    followed = {"wm1": ["zhang"], "wm2": ["zhang", "li"], "wm3": []}
    await put(services, company, "members", (RawRow(key, {"name": name}) for key, name in (("zhang", "Anna"),)))
    await put(
        services, company, "customers",
        (RawRow(key, {"corp_name": f"=客户{key}", "follow_user": [{"userid": each} for each in by]})
         for key, by in followed.items()),
    )  # fmt: skip
    await tell(
        services, company,
        entry(0, "wm1", "agree"), entry(9, "wm1", "disagree"), entry(3, "wm2", "agree"),
        entry(5, "wm3", "disagree", room="wrROOM"),
    )  # fmt: skip
    said = {"kind": "agree", "customer": "wm2", "member": "zhang", "room": "", "at": entry(3, "", "agree").at}
    body = {**said, "at": entry(3, "", "agree").at.isoformat()}
    await put(services, company, "messages", [RawRow("m1", body, START)])
    await services.links.mapper.advance(company.workspace)


async def ledger(client: httpx.AsyncClient, **query: Any) -> Any:
    answer = await client.get("/api/consents", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def states(page: Any) -> list[tuple[str, str, str]]:
    return [(each["customer_id"], each["member_id"] or each["room"], each["state"]) for each in page["items"]]


async def customer(client: httpx.AsyncClient, name: str) -> str:
    found = (await client.get("/api/records/customer", params={"filter": f"name = '{name}'"})).json()
    id_: str = found["items"][0]["id"]
    return id_


@pytest.mark.usefixtures("archive")
async def test_each_pair_stands_with_since_when_and_all_that_was_told(sign_in: SignIn) -> None:
    page = await ledger(await sign_in("admin"))
    assert states(page) == [
        ("wm1", "zhang", "withdrawn"), ("wm3", "wrROOM", "refused"), ("wm2", "zhang", "agreed"),
        ("wm2", "li", "unanswered"),
    ]  # fmt: skip
    assert page["counts"] == {"agreed": 1, "withdrawn": 1, "refused": 1, "unanswered": 1}
    assert (page["customer_object"], page["next_cursor"]) == ("customer", None)
    withdrawn, _, agreed, silent = page["items"]
    assert [(each["answer"], each["by"]) for each in withdrawn["told"]] == [
        ("agree", "question"), ("disagree", "question"),
    ]  # fmt: skip
    assert datetime.fromisoformat(withdrawn["since"]) == START + timedelta(days=9)
    # The same word by two ways is one.
    assert [each["by"] for each in agreed["told"]] == ["archive"]
    assert (silent["since"], silent["told"], silent["member"]) == (None, [], None)
    assert (withdrawn["customer"]["label"], withdrawn["member"]["label"]) == ("=客户wm1", "Anna")


@pytest.mark.usefixtures("archive")
async def test_the_ledger_is_narrowed_and_read_page_by_page(sign_in: SignIn, company: Company) -> None:
    admin = await sign_in("admin")
    whole = states(await ledger(admin))
    walked, cursor = [], None
    while True:
        page = await ledger(admin, limit=1, **({"cursor": cursor} if cursor else {}))
        walked += states(page)
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert walked == whole
    assert states(await ledger(admin, state="refused")) == [("wm3", "wrROOM", "refused")]
    assert [each[0] for each in states(await ledger(admin, person=company.people["anna"]))] == ["wm1", "wm2"]
    assert states(await ledger(admin, person=company.people["bert"])) == []
    of_one = await ledger(admin, customer=await customer(admin, "=客户wm2"))
    assert states(of_one) == [("wm2", "zhang", "agreed"), ("wm2", "li", "unanswered")]
    assert of_one["counts"] == {"agreed": 1, "withdrawn": 0, "refused": 0, "unanswered": 1}
    for bad in ({"cursor": "no"}, {"cursor": "WzFd"}, {"state": "maybe"}, {"person": "me"}, {"limit": "0"}):
        assert (await admin.get("/api/consents", params=bad)).status_code == 422
    assert (await admin.get("/api/consents", params={"customer": company.people["anna"]})).status_code == 404


@pytest.mark.usefixtures("archive")
async def test_who_does_not_manage_the_audit_sees_no_ledger_but_of_his_own_customer(
    sign_in: SignIn, company: Company
) -> None:
    admin, anna, cleo = await sign_in("admin"), await sign_in("anna"), await sign_in("cleo")
    for path in ("/api/consents", "/api/consents/export"):
        assert (await anna.get(path)).status_code == 403
    mine = await customer(admin, "=客户wm2")
    given = await admin.patch(f"/api/records/customer/{mine}", json={"owner": company.people["anna"]})
    assert given.status_code == 200, given.text
    shown = (await anna.get(f"/api/records/customer/{mine}/consent")).json()
    assert shown["kept"] == "some"
    assert {(each["member_id"], each["state"]) for each in shown["items"]} == {
        ("zhang", "agreed"), ("li", "unanswered"),
    }  # fmt: skip
    assert (await cleo.get(f"/api/records/customer/{mine}/consent")).status_code == 404
    other = (await anna.post("/api/records/customer", json={"name": "不在企业微信"})).json()["record"]["id"]
    assert (await anna.get(f"/api/records/customer/{other}/consent")).json() == {"kept": None, "items": []}


@pytest.mark.usefixtures("archive")
async def test_the_export_has_a_line_a_word_harms_no_spreadsheet_and_is_told_to_the_audit(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    answer = await admin.get("/api/consents/export", params={"state": "withdrawn"})
    assert answer.text.startswith("\ufeff")
    head, *lines = csv.reader(StringIO(answer.text.removeprefix("\ufeff")))
    assert head[:3] == ["Source", "Customer's id", "Customer"]
    assert [(line[2], line[6], line[9]) for line in lines] == [
        ("'=客户wm1", "withdrawn", "agrees"), ("'=客户wm1", "withdrawn", "disagrees"),
    ]  # fmt: skip
    assert lines[0][7] == (START + timedelta(days=9, hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    (told,) = (await admin.get("/api/audit", params={"kind": "consents_exported"})).json()["items"]
    assert told["detail"]["rows"] == 1


@pytest.mark.usefixtures("archive")
async def test_of_merged_customers_both_contacts_are_shown(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    kept, merged = await customer(admin, "=客户wm1"), await customer(admin, "=客户wm2")
    assert (await admin.post(f"/api/records/customer/{kept}/merge", json={"merged": merged})).status_code == 201
    shown = (await admin.get(f"/api/records/customer/{kept}/consent")).json()
    assert {each["customer_id"] for each in shown["items"]} == {"wm1", "wm2"}


@pytest.mark.usefixtures("archive")
async def test_what_is_shown_is_what_the_keeping_of_texts_goes_by(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    """Words in any order, twice, two in one second: the page says kept exactly where a text of now would be."""
    dice = random.Random(5)
    said = [
        entry(dice.randrange(4), f"wx{dice.randrange(12)}", dice.choice(("agree", "disagree")))
        for _ in range(60)
    ]  # fmt: skip
    await tell(services, company, *said)
    known = ConsentLedger.of(said)
    page = await ledger(await sign_in("admin"), limit=200)
    shown = {each["customer_id"]: each for each in page["items"] if each["customer_id"].startswith("wx")}
    assert set(shown) == {each.customer for each in said}
    for name, each in shown.items():
        since = None if each["since"] is None else datetime.fromisoformat(each["since"])
        assert (each["state"] == "agreed") == known.allows(name, "zhang", START + timedelta(days=30))
        if each["state"] == "agreed" and since is not None:
            assert known.allows(name, "zhang", since)
            assert not known.allows(name, "zhang", since - timedelta(seconds=1))
