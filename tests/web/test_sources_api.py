"""Sources over HTTP: secrets go in and never come out, hooks are verified, values tell where they come from."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import httpx
import orjson
from tests.web.company import Company, SignIn

from tongmai.kit import Unavailable
from tongmai.model import (
    AddMapping,
    AddRole,
    AddSource,
    ChangeObject,
    Changeset,
    MappingDef,
    ObjectTraits,
    RoleDef,
    SourceDef,
)
from tongmai.web import Services

SOURCE: dict[str, Any] = {
    "key": "shop", "label": {"zh": "商城", "en": "Shop"}, "kind": "hook",
    "options": {"streams": {"customers": {"key": ["id"]}}},
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "key": "shop_customers", "label": "客户", "source": "shop", "stream": "customers", "object": "customer",
    "columns": [{"path": "id"}, {"path": "name"}],
    "fields": [{"field": "name", "value": "name"}],
}  # fmt: skip
SECRET = "a-shared-secret"


async def defined(services: Services, company: Company) -> None:
    actions = (
        AddSource(source=SourceDef.model_validate(SOURCE)),
        AddMapping(mapping=MappingDef.model_validate(MAPPING)),
    )
    await services.editor.apply(company.workspace, Changeset(actions=actions), None)


def signed(services: Services, body: bytes, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(services.clock.now().timestamp()))
    signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        "x-tongmai-timestamp": stamp, "x-tongmai-signature": signature, "content-type": "application/json",
    }  # fmt: skip


async def test_a_hook_becomes_a_record_whose_values_tell_where_they_come_from(
    sign_in: SignIn, stranger: httpx.AsyncClient, services: Services, company: Company
) -> None:
    await defined(services, company)
    admin = await sign_in("admin")
    assert (await admin.put("/api/sources/shop/secrets", json={"secrets": {"secret": SECRET}})).status_code == 204
    body = orjson.dumps({"id": "K1", "name": "华东机械"})
    address = f"/api/hooks/{company.workspace.key}/shop"

    answer = await stranger.post(address, content=body, headers=signed(services, body))
    forged = await stranger.post(address, content=body, headers=signed(services, body, "guessed"))
    await services.links.mapper.advance(company.workspace)

    assert (answer.status_code, answer.json()) == (202, {"received": 1})
    assert forged.status_code == 403
    found = (await admin.get("/api/records/customer", params={"filter": "name = '华东机械'"})).json()["items"]
    lineage = (await admin.get(f"/api/records/customer/{found[0]['id']}/lineage")).json()
    assert lineage["fields"]["name"]["words"].startswith("from Shop customers.name, ")
    assert lineage["rows"][0]["key"] == "K1"
    address = f"/api/records/customer/{found[0]['id']}"
    assert (await admin.patch(address, json={"name": "华东机械厂"})).status_code == 200
    changed = (await admin.get(f"{address}/lineage")).json()["fields"]["name"]
    assert (changed["kind"], changed["person"]) == ("person", (await admin.get("/api/me")).json()["person"]["id"])
    refusals = (await admin.get("/api/sources/shop/refusals")).json()["items"]
    assert [each["faults"][0]["code"] for each in refusals] == ["hook.refused"]


async def test_secrets_are_told_by_name_only(sign_in: SignIn, services: Services, company: Company) -> None:
    await defined(services, company)
    admin = await sign_in("admin")
    await admin.put("/api/sources/shop/secrets", json={"secrets": {"secret": SECRET}})

    shown = await admin.get("/api/sources/shop")
    wrong = await admin.put("/api/sources/shop/secrets", json={"secrets": {"pass": "x"}})

    assert shown.json()["secrets"] == {"secret": True}
    assert SECRET not in shown.text
    assert SECRET not in (await admin.get("/api/model")).text
    assert wrong.status_code == 422
    async with services.database.read() as tx:
        row = await tx.fetch_row(f"SELECT * FROM {company.workspace.quoted_schema}._source_secret")
    assert row is not None
    assert SECRET.encode() not in row["sealed"]


async def test_a_new_secret_takes_back_what_the_old_one_was_refused_for(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    await defined(services, company)
    admin = await sign_in("admin")
    wrong = Unavailable.of("shop.wrong_secret", "密钥不对", "The secret is wrong")
    async with services.database.write() as tx:
        await services.links.states.tell(tx, company.workspace, "shop", wrong)

    before = (await admin.get("/api/sources/shop")).json()
    await admin.put("/api/sources/shop/secrets", json={"secrets": {"secret": SECRET}})
    after = (await admin.get("/api/sources/shop")).json()

    assert (before["healthy"], len(before["faults"])) == (False, 1)
    # Nobody knows yet whether it is right.
    assert (after["healthy"], after["faults"]) == (None, [])


async def test_who_does_not_manage_the_model_sees_no_sources(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    await defined(services, company)
    anna = await sign_in("anna")

    for answer in (
        await anna.get("/api/sources"),
        await anna.get("/api/sources/shop/refusals"),
        await anna.post("/api/sources/shop/pull", json={}),
        await anna.put("/api/sources/shop/secrets", json={"secrets": {"secret": "x"}}),
        await anna.get("/api/mappings/questions"),
    ):
        assert answer.status_code == 403, answer.text


async def test_a_mapping_is_tried_without_a_trace(
    sign_in: SignIn, stranger: httpx.AsyncClient, services: Services, company: Company
) -> None:
    await defined(services, company)
    admin = await sign_in("admin")
    await admin.put("/api/sources/shop/secrets", json={"secrets": {"secret": SECRET}})
    body = orjson.dumps([{"id": "K1", "name": "华东机械"}, {"id": "K2"}])
    await stranger.post(f"/api/hooks/{company.workspace.key}/shop", content=body, headers=signed(services, body))
    draft = {**MAPPING, "key": "draft", "fields": [{"field": "name", "value": "TRIM(name)"}]}

    tried = (await admin.post("/api/mappings/trial", json={"mapping": draft})).json()
    wrong = await admin.post("/api/mappings/trial", json={"mapping": {**draft, "object": "nothing"}})

    assert (tried["inserted"], tried["refused"]) == (1, 1)
    assert [each["values"] for each in tried["samples"]][1] == {"name": "华东机械"}
    assert (await admin.get("/api/records/customer")).json()["items"] == []
    assert wrong.status_code == 422


async def test_a_trial_shows_talks_to_whom_their_records_show_them_and_tells_the_log(
    sign_in: SignIn, stranger: httpx.AsyncClient, services: Services, company: Company
) -> None:
    """Who builds need not read what customers say; by a mapping that refuses rows he could choose which he sees."""
    await defined(services, company)
    admin = await sign_in("admin")
    await admin.put("/api/sources/shop/secrets", json={"secrets": {"secret": SECRET}})
    body = orjson.dumps([{"id": "K1", "name": "绝密的话"}, {"id": "K2", "said": "绝密"}])
    await stranger.post(f"/api/hooks/{company.workspace.key}/shop", content=body, headers=signed(services, body))
    await services.links.mapper.advance(company.workspace)
    (customer,) = (
        each for each in (await services.catalogues.get(company.workspace)).objects if each.key == "customer"
    )
    watched = ObjectTraits.of(customer).model_copy(update={"watched": True})
    builder = {"key": "builder", "label": "搭建", "manages": ["model"], "grants": [{"object": "team", "read": "all"}]}
    actions = (ChangeObject(object="customer", after=watched), AddRole(role=RoleDef.model_validate(builder)))
    await services.editor.apply(company.workspace, Changeset(actions=actions), None)
    await admin.patch(f"/api/records/person/{company.people['bert']}", json={"roles": ["builder"]})
    bert = await sign_in("bert")
    # A draft that leads elsewhere, and quotes the value in its fault, gets round it no more than the mapping itself.
    elsewhere = {**MAPPING, "key": "draft", "object": "team", "fields": [{"field": "name", "value": "name"}]}
    for draft in (MAPPING, {**MAPPING, "key": "draft"}, elsewhere):
        tried = await bert.post("/api/mappings/trial", json={"mapping": draft})
        assert (tried.status_code, tried.json()["read"]) == (200, 2)
        assert "绝密" not in tried.text
        assert [each["faults"][0]["code"] for each in tried.json()["samples"]] == ["mapping.rows_hidden"]
    refused = await bert.get("/api/sources/shop/refusals")
    assert "绝密" not in refused.text
    assert [each["faults"][0]["code"] for each in refused.json()["items"]] == ["mapping.rows_hidden"]
    shown = await admin.post("/api/mappings/trial", json={"mapping": MAPPING})
    assert "绝密" in shown.text
    assert "绝密" in (await admin.get("/api/sources/shop/refusals")).text
    looks = (await admin.get("/api/audit", params={"kind": "look"})).json()["items"]
    assert [(each["actor"], each["detail"]["rows"]) for each in looks] == [
        (company.people["admin"], ["K2"]), (company.people["admin"], ["K2", "K1"]),
    ]  # fmt: skip


async def test_odd_names_and_values_are_refused_not_failed_on(
    sign_in: SignIn, stranger: httpx.AsyncClient, services: Services, company: Company
) -> None:
    await defined(services, company)
    admin = await sign_in("admin")
    odd = [
        await stranger.post("/api/hooks/%00/shop", content=b"{}"),
        await stranger.get("/api/hooks/%F0%9F%98%80/shop?x=%00&x=1"),
        await stranger.get(f"/api/hooks/{company.workspace.key}/shop", params={"msg_signature": "x"}),
        await admin.get("/api/sources/%00"),
        await admin.get("/api/sources/nothing/runs"),
        await admin.post("/api/sources/shop/pull", json={"streams": ["\x00", "nothing"]}),
        await admin.post("/api/mappings/trial", json={"mapping": {**MAPPING, "key": "odd", "stream": "\x00"}}),
        await admin.post("/api/mappings/trial", json={"mapping": {**MAPPING, "key": "odd", "columns": []}}),
        await admin.post(f"/api/mappings/questions/{company.workspace.id}", json={"record": None}),
        await admin.post(f"/api/pushes/{company.workspace.id}", json={"keep": "ours"}),
        await admin.post(f"/api/merges/{company.workspace.id}/undo"),
        await admin.get(f"/api/records/customer/{company.workspace.id}/duplicates"),
        await admin.get(f"/api/records/nothing/{company.workspace.id}/lineage"),
        await admin.post(
            f"/api/records/customer/{company.workspace.id}/merge", json={"merged": str(company.workspace.id)}
        ),
    ]

    assert [(n, each.text) for n, each in enumerate(odd) if not 400 <= each.status_code < 500] == []


async def test_duplicates_are_merged_and_taken_apart_over_http(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    made = [
        (await admin.post("/api/records/customer", json={"name": name})).json()["record"]["id"]
        for name in ("恒通商贸（上海）有限公司", "上海恒通商贸有限公司")
    ]

    found = (await admin.get(f"/api/records/customer/{made[0]}/duplicates")).json()["items"]
    merged = await admin.post(f"/api/records/customer/{made[0]}/merge", json={"merged": made[1]})
    alone = (await admin.get("/api/records/customer")).json()["count"]
    standing = (await admin.get(f"/api/records/customer/{made[0]}/merges")).json()["items"]
    undone = await admin.post(f"/api/merges/{merged.json()['merge']}/undo")

    assert [(each["id"], each["reasons"]) for each in found] == [(made[1], ["the same name, but for the legal form"])]
    assert (merged.status_code, alone, undone.status_code) == (201, 1, 204)
    assert [(each["id"], each["record"], each["label"]) for each in standing] == [
        (merged.json()["merge"], made[1], "上海恒通商贸有限公司")
    ]
    assert (await admin.get("/api/records/customer")).json()["count"] == 2


async def test_what_is_hidden_of_another_record_does_not_tell_that_it_is_the_same(
    sign_in: SignIn, company: Company
) -> None:
    """Else one would guess a colleague's customer's phone by writing it to one's own."""
    admin = await sign_in("admin")
    field = {"key": "mobile", "type": "phone", "label": {"zh": "手机", "en": "Mobile"}}
    roles = {each["key"]: each for each in (await admin.get("/api/model")).json()["roles"]}
    for grant in roles["sales"]["grants"]:
        if grant["object"] == "customer":
            grant["field_access"] = {"mobile": "none"}
    own = {
        "key": "own_mobile",
        "label": "本人客户的手机",
        "grants": [{"object": "customer", "read": "own", "update": "own"}],
    }
    actions = [
        {"action": "add_field", "object": "customer", "field": field},
        {"action": "change_role", "after": roles["sales"]},
        {"action": "add_role", "role": own},
    ]
    changed = await admin.post("/api/model/changes", json={"actions": actions})
    assert changed.status_code in (200, 201), changed.text
    given = await admin.patch(f"/api/records/person/{company.people['anna']}", json={"roles": ["sales", "own_mobile"]})
    assert given.status_code == 200, given.text
    anna = await sign_in("anna")
    mine, theirs = [
        (await admin.post(
            "/api/records/customer", json={"name": name, "mobile": "13800138000", "owner": company.people[who]}
        )).json()["id"]
        for name, who in (("甲", "anna"), ("完全另一个", "bert"))
    ]  # fmt: skip
    shown = [(await anna.get(f"/api/records/customer/{each}")).json() for each in (mine, theirs)]
    assert ["mobile" in each and each["mobile"] is not None for each in shown] == [True, False]
    assert (await anna.get(f"/api/records/customer/{mine}/duplicates")).json()["items"] == []
    (found,) = (await admin.get(f"/api/records/customer/{mine}/duplicates")).json()["items"]
    assert (found["id"], found["reasons"]) == (theirs, ["the same phone"])


async def test_the_form_of_a_source_has_a_name_for_every_option_in_both_languages(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    named: dict[str, list[str]] = {}
    for language in ("zh", "en"):
        answer = await admin.get("/api/source-kinds", headers={"accept-language": language})
        for kind in answer.json()["items"]:
            named[language] = named.get(language, []) + [title for _, title in titles(kind["options"], kind["key"])]
            assert [place for place, title in titles(kind["options"], kind["key"]) if not title] == []

    assert len(named["zh"]) == len(named["en"]) > 50
    assert {"用户名", "会话内容存档", "键列"} <= set(named["zh"])
    assert {"User", "Message archive", "Key columns"} <= set(named["en"])


def titles(schema: dict[str, Any], place: str) -> list[tuple[str, str | None]]:
    found = []
    for name, each in schema.get("properties", {}).items():
        here = f"{place}.{name}"
        found.append((here, each.get("title")))
        inner = each.get("additionalProperties")
        found += titles(inner, here) if isinstance(inner, dict) else []
    return found


async def test_a_body_beyond_the_limit_is_refused_before_it_is_read_and_told_of_on_the_sources_page(
    sign_in: SignIn, stranger: httpx.AsyncClient, services: Services, company: Company
) -> None:
    await defined(services, company)
    admin = await sign_in("admin")
    large = b"x" * (services.settings.max_body_bytes + 1)
    hooks = f"/api/hooks/{company.workspace.key}"

    answers = [await stranger.post(f"{hooks}/{name}", content=large) for name in ("shop", "shop", "guessed")]

    assert [each.status_code for each in answers] == [413, 413, 404]
    (row,) = (await admin.get("/api/sources/shop/refusals")).json()["items"]
    assert (row["key"], row["body"]["times"], row["body"]["bytes"]) == ("body.too_large", 2, len(large))


async def test_a_source_shows_where_it_is_called_back_and_which_columns_it_has(
    sign_in: SignIn, stranger: httpx.AsyncClient, services: Services, company: Company
) -> None:
    await defined(services, company)
    admin = await sign_in("admin")
    await admin.put("/api/sources/shop/secrets", json={"secrets": {"secret": SECRET}})
    hook = (await admin.get("/api/sources/shop")).json()["hook"]
    body = orjson.dumps({"id": "K2", "paid": "12.50", "at": "2026-11-02T08:00:00", "buyer": {"vip": True}, "tags": []})

    assert (await stranger.post(hook, content=body, headers=signed(services, body))).status_code == 202
    found = (await admin.get("/api/sources/shop/streams/customers/columns")).json()["items"]
    nothing = await admin.get("/api/sources/shop/streams/nothing/columns")

    assert hook.endswith(f"/api/hooks/{company.workspace.key}/shop")
    assert {each["path"]: each["type"] for each in found} == {
        "id": "text", "paid": "number", "at": "datetime", "buyer.vip": "boolean", "tags": "json",
    }  # fmt: skip
    assert nothing.status_code == 404


async def test_a_source_tells_which_fields_its_columns_seem_to_mean_and_how_sure_that_is(
    sign_in: SignIn, stranger: httpx.AsyncClient, services: Services, company: Company
) -> None:
    await defined(services, company)
    admin = await sign_in("admin")
    await admin.put("/api/sources/shop/secrets", json={"secrets": {"secret": SECRET}})
    hook = (await admin.get("/api/sources/shop")).json()["hook"]
    body = orjson.dumps({"id": "K2", "公司": {"全称": "春江机电"}, "手机": "13800138000", "tags": ["电话"]})

    assert (await stranger.post(hook, content=body, headers=signed(services, body))).status_code == 202
    guesses = "/api/sources/shop/streams/customers/guesses"
    found = {each["path"]: each for each in (await admin.get(f"{guesses}?object=customer")).json()["items"]}
    nothing = await admin.get(f"{guesses}?object=nothing")
    anna = await sign_in("anna")

    assert (found["公司.全称"]["field"], found["公司.全称"]["how"]) == ("name", "meaning")
    assert (found["手机"]["field"], found["手机"]["sure"]) == ("phone", 0.85)
    assert "tags" not in found
    assert nothing.status_code == 404
    assert (await anna.get(f"{guesses}?object=customer")).status_code == 403


async def test_a_source_that_lacks_what_its_kind_wants_is_refused_before_it_is_in_force(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    chinese = {"accept-language": "zh-CN"}
    source = {"key": "erp", "label": {"zh": "老系统", "en": "ERP"}, "kind": "sql", "options": {"streams": {"a": {}}}}
    add = {"actions": [{"action": "add_source", "source": source}]}

    for query in ("?preview=true", ""):
        refused = await admin.post(f"/api/model/changes{query}", json=add, headers=chinese)
        assert refused.status_code == 422
        assert [(each["field"], each["message"]) for each in refused.json()["faults"]] == [
            ("sources.erp.options.url", "数据库地址：缺少必填项"),
            ("sources.erp.options.streams.a.key", "“a”的键列：缺少必填项"),
        ]

    # Switched off it may wait for them, and says what it lacks under its own name.
    source["enabled"] = False
    assert (await admin.post("/api/model/changes", json=add)).status_code == 201
    shown = (await admin.get("/api/sources/erp", headers=chinese)).json()
    assert (shown["label"], shown["enabled"], len(shown["faults"])) == ("老系统", False, 2)


async def test_a_key_of_call_backs_that_can_be_none_is_refused_when_it_is_typed_in(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    wecom = {"key": "wecom", "label": "企业微信", "kind": "wecom", "options": {"corp_id": "ww1"}}
    action = AddSource(source=SourceDef.model_validate(wecom))
    await services.editor.apply(company.workspace, Changeset(actions=(action,)), None)
    admin = await sign_in("admin")
    short = await admin.put("/api/sources/wecom/secrets", json={"secrets": {"encoding_aes_key": "short"}})
    assert short.status_code == 422
    (fault,) = short.json()["faults"]
    assert (fault["code"], fault["field"]) == ("callback.aes_key", "encoding_aes_key")
    whole = await admin.put("/api/sources/wecom/secrets", json={"secrets": {"encoding_aes_key": "a" * 43}})
    assert whole.status_code == 204
