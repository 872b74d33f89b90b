"""Records through the door: the answers' form, versions, idempotency, who sees what, and every refusal in words."""

from __future__ import annotations

import asyncio

import httpx
from tests.web.company import Company, SignIn


async def made(client: httpx.AsyncClient, object_key: str, **values: object) -> dict[str, object]:
    answer = await client.post(f"/api/records/{object_key}", json=values)
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_a_record_is_made_read_changed_and_deleted(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    first = await made(anna, "customer", name="华为技术", level="a")
    assert first["version"] == 1
    place = f"/api/records/customer/{first['id']}"
    read = (await anna.get(place)).json()
    assert (read["name"], read["level"], read["owner"]["label"]) == ("华为技术", "a", "Anna")
    changed = await anna.patch(place, json={"level": "b"}, headers={"if-match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await anna.delete(place)).status_code in (204, 403)


async def test_the_list_pages_by_cursor_and_counts(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    rows = [{"name": f"客户{n}"} for n in range(5)]
    answer = await anna.post("/api/records/customer", json=rows)
    assert answer.status_code == 201
    assert len(answer.json()["items"]) == 5
    page = (await anna.get("/api/records/customer", params={"sort": "name", "limit": "2", "fields": "name"})).json()
    assert [each["name"] for each in page["items"]] == ["客户0", "客户1"]
    assert (page["count"], page["count_is_exact"]) == (5, True)
    rest = await anna.get("/api/records/customer", params={"sort": "name", "limit": "9", "cursor": page["next_cursor"]})
    assert [each["name"] for each in rest.json()["items"]] == ["客户2", "客户3", "客户4"]
    assert rest.json()["next_cursor"] is None


async def test_a_filter_is_a_formula_in_the_persons_words(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    customer = await made(anna, "customer", name="甲公司")
    for amount in (500, 1500):
        await made(anna, "opportunity", name=f"商机{amount}", customer=customer["id"], amount=amount)
    found = await anna.get("/api/records/opportunity", params={"filter": "[预计金额] > 1000 且 阶段 = '线索'"})
    assert [each["name"] for each in found.json()["items"]] == ["商机1500"]


async def test_a_wrong_formula_is_refused_with_its_place_and_a_suggestion(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    answer = await anna.get("/api/records/opportunity", params={"filter": "[预计金饿] > 1000"})
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert (fault["field"], fault["position"]) == ("filter", 0)
    assert "预计金额" in fault["message"] + fault.get("way_out", "")


async def test_every_fault_of_a_record_is_told_at_once_and_nothing_is_written(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    answer = await anna.post("/api/records/customer", json={"level": "zzz", "phone": "12", "colour": 1})
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.json()["faults"]} >= {"name", "level", "phone", "colour"}
    assert (await anna.get("/api/records/customer")).json()["items"] == []


async def test_one_bad_row_refuses_all_and_is_named(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    answer = await anna.post("/api/records/customer", json=[{"name": "好"}, {"level": "a"}, 7])
    assert answer.status_code == 422
    assert {fault["row"] for fault in answer.json()["faults"]} & {2, 3}
    assert (await anna.get("/api/records/customer")).json()["count"] == 0


async def test_a_stale_version_shows_both(sign_in: SignIn) -> None:
    boss = await sign_in("boss")
    first = await made(boss, "customer", name="原名")
    place = f"/api/records/customer/{first['id']}"
    await boss.patch(place, json={"name": "张的改法"})
    answer = await boss.patch(place, json={"name": "李的改法"}, headers={"if-match": '"1"'})
    assert answer.status_code == 412
    assert "张的改法" in answer.text
    assert "李的改法" in answer.text
    assert (await boss.get(place)).json()["name"] == "张的改法"


async def test_a_repeated_request_with_the_same_key_writes_once(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    headers = {"idempotency-key": "order-4711"}
    answers = await asyncio.gather(
        *(anna.post("/api/records/customer", json={"name": "一次"}, headers=headers) for _ in range(4))
    )
    assert {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert (await anna.get("/api/records/customer")).json()["count"] == 1
    other = await anna.post("/api/records/customer", json={"name": "另一个"}, headers=headers)
    assert other.status_code == 409


async def test_writing_by_a_unique_field_makes_or_changes(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    for name in ("初名", "新名"):
        answer = await anna.put("/api/records/customer", params={"key": "code"}, json={"code": "X-1", "name": name})
        assert answer.status_code == 200, answer.text
    page = (await anna.get("/api/records/customer", params={"fields": "name,code"})).json()
    assert [(each["code"], each["name"]) for each in page["items"]] == [("X-1", "新名")]


async def test_the_past_is_told_and_one_change_is_taken_back(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    first = await made(anna, "customer", name="第一")
    place = f"/api/records/customer/{first['id']}"
    await anna.patch(place, json={"name": "第二"})
    entries = (await anna.get(f"{place}/history")).json()["items"]
    assert [entry["action"] for entry in entries] == ["update", "create"]
    assert entries[0]["before"]["name"] == "第一"
    undone = await anna.post(f"{place}/undo", json={"seq": entries[0]["seq"]})
    assert undone.status_code == 200, undone.text
    assert (await anna.get(place)).json()["name"] == "第一"


async def test_a_deleted_record_comes_back_and_a_purged_one_does_not(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    first = await made(admin, "customer", name="来去")
    place = f"/api/records/customer/{first['id']}"
    assert (await admin.delete(place)).status_code == 204
    assert (await admin.get(place)).status_code == 404
    assert (await admin.post(f"{place}/restore")).status_code == 200
    assert (await admin.get(place)).json()["name"] == "来去"
    await admin.delete(place)
    assert (await admin.post(f"{place}/purge")).status_code == 204
    assert (await admin.post(f"{place}/restore")).status_code == 404


async def test_nobody_reaches_the_records_of_another_team(sign_in: SignIn, company: Company) -> None:
    cleo, anna = await sign_in("cleo"), await sign_in("anna")
    theirs = await made(cleo, "customer", name="南方机密")
    place = f"/api/records/customer/{theirs['id']}"
    assert (await anna.get(place)).status_code == 404
    assert (await anna.patch(place, json={"name": "x"})).status_code == 404
    assert (await anna.delete(place)).status_code in (403, 404)
    assert (await anna.get(f"{place}/history")).status_code == 404
    assert (await anna.post(f"{place}/restore")).status_code in (403, 404)
    assert (await anna.get("/api/records/customer")).json()["items"] == []
    assert (await anna.get("/api/records/customer", params={"search": "南方"})).json()["items"] == []
    assert "南方机密" not in (await anna.get("/api/search", params={"q": "南方"})).text
    grouped = await anna.post("/api/query", json={"object": "customer", "group_by": ["name"]})
    assert "南方机密" not in grouped.text
    assert (await cleo.get(place)).json()["name"] == "南方机密"


async def test_a_colleagues_record_is_seen_and_not_changed(sign_in: SignIn) -> None:
    anna, bert = await sign_in("anna"), await sign_in("bert")
    hers = await made(anna, "customer", name="安娜的客户")
    place = f"/api/records/customer/{hers['id']}"
    assert (await bert.get(place)).status_code == 200
    refused = await bert.patch(place, json={"name": "伯特的"})
    assert refused.status_code == 403
    assert refused.json()["faults"][0].get("rule")


async def test_sales_people_do_not_raise_themselves(sign_in: SignIn, company: Company) -> None:
    anna = await sign_in("anna")
    me = f"/api/records/person/{company.people['anna']}"
    assert (await anna.patch(me, json={"roles": ["administrator"]})).status_code == 403
    assert (await anna.get("/api/accounts")).status_code == 403
    boss_password = f"/api/accounts/{company.people['boss']}/password"
    assert (await anna.put(boss_password, json={"password": "taken-over-by-anna"})).status_code == 403
    change = {"actions": [{"action": "remove_object", "object": "customer"}]}
    assert (await anna.post("/api/model/changes", json=change)).status_code == 403
    assert (await anna.post("/api/model/changes?preview=true", json=change)).status_code == 403
    assert (await anna.get("/api/me")).json()["roles"] == ["sales"]


async def test_a_role_taken_away_holds_from_the_next_request(sign_in: SignIn, company: Company) -> None:
    admin, boss = await sign_in("admin"), await sign_in("boss")
    assert (await boss.get("/api/records/customer")).status_code == 200
    answer = await admin.patch(f"/api/records/person/{company.people['boss']}", json={"roles": []})
    assert answer.status_code == 200, answer.text
    assert (await boss.get("/api/records/customer")).status_code == 403


async def test_groups_and_sums_are_made_under_the_same_policies(sign_in: SignIn) -> None:
    anna, bert = await sign_in("anna"), await sign_in("bert")
    for client, amount in ((anna, 100), (anna, 200), (bert, 5000)):
        customer = await made(client, "customer", name=f"客户{amount}")
        await made(client, "opportunity", name=f"商机{amount}", customer=customer["id"], amount=amount)
    asked = {"object": "opportunity", "group_by": ["stage"], "measures": {"total": "sum(amount)"}}
    answer = await anna.post("/api/query", json=asked)
    assert answer.status_code == 200, answer.text
    assert "300" in answer.text
    assert "5300" not in answer.text
