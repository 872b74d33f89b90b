"""From three interviews to fields (S0-39): over HTTP, as who may design, with undo."""

from __future__ import annotations

from tests.web.company import SignIn


async def test_from_answers_to_fields_and_back(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    missing = await admin.get("/api/interviews/customer")
    assert missing.status_code == 404
    assert missing.json()["faults"][0]["way_out"] == "Install it under Apps first"
    assert (await admin.post("/api/apps/interviews/install", json={})).status_code == 200
    said = [
        {"teller": "林销售", "never_noted": "谁拍板我知道，懒得记客户的开票习惯", "looked_up": "怕报错交期的时候"},
        {"teller": "陈销售", "least_wanted": "晚上补日报"},
    ]
    for each in said:
        made = await admin.post("/api/records/interview", json=each)
        assert made.status_code == 201, made.text
    silent = await admin.post("/api/records/interview", json={"teller": "不说话的人"})
    assert silent.status_code == 422
    draft = (await admin.get("/api/interviews/customer")).json()
    assert draft["tellers"] == 2
    assert [each["text"] for each in draft["questions"]][2] == "When do you look something up of your own accord?"
    new = {each["label"]: each for each in draft["fields"] if each["is_new"]}
    assert {"Who decides", "Delivery date", "开票习惯"} <= set(new)
    assert new["Delivery date"]["looked_up"]
    assert new["Who decides"]["said"] == [
        {"who": "林销售", "question": "never_noted", "clause": "谁拍板我知道", "word": "谁拍板"}
    ]
    assert [(each["said"]["who"], "日报" in each["reason"]) for each in draft["unused"]] == [("陈销售", True)]
    keys = [new["Who decides"]["key"], new["Delivery date"]["key"]]
    change = (await admin.post("/api/interviews/customer/actions", json={"keys": keys})).json()
    done = await admin.post("/api/model/changes", json=change)
    assert done.status_code in (200, 201), done.text
    again = (await admin.get("/api/interviews/customer")).json()
    assert {each["key"] for each in again["fields"] if not each["is_new"]} >= set(keys)
    undone = await admin.post(f"/api/model/changes/{done.json()['id']}/undo")
    assert undone.status_code == 201, undone.text
    back = (await admin.get("/api/interviews/customer")).json()
    assert {each["key"] for each in back["fields"] if each["is_new"]} >= set(keys)
    assert (await admin.delete("/api/apps/interviews")).status_code == 200


async def test_drafts_are_for_who_may_design(sign_in: SignIn) -> None:
    anna, admin = await sign_in("anna"), await sign_in("admin")
    assert (await anna.get("/api/interviews/customer")).status_code == 403
    assert (await anna.post("/api/interviews/customer/actions", json={"keys": ["x"]})).status_code == 403
    assert (await admin.get("/api/interviews/nothing")).status_code == 404
    sent = await admin.post("/api/files", files={"file": ("a.txt", b"no voice", "text/plain")})
    refused = await admin.post("/api/interviews/hear", json={"file": sent.json()["id"]})
    assert refused.status_code == 422
    assert refused.json()["faults"][0]["code"] in ("interview.no_recording", "speech.none")
