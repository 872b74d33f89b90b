"""Files, imports and exports through the door."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from tests.web.company import SignIn

from tongmai.store import JobWorker
from tongmai.web import Services

CSV = "客户名称,客户等级,行业\n甲公司,A 重点,零售\n乙公司,B 一般,\n,C 潜在,\n丙公司,不存在,\n"


async def work_off(services: Services) -> None:
    await JobWorker(services.database, services.job_handlers(), services.clock).run_until_idle()


async def imported(client: httpx.AsyncClient, services: Services, text: str = CSV) -> dict[str, object]:
    files = {"file": ("客户.csv", text.encode(), "text/csv")}
    answer = await client.post("/api/records/customer/import", files=files)
    assert answer.status_code == 202, answer.text
    await work_off(services)
    found: dict[str, object] = (await client.get(f"/api/jobs/{answer.json()['id']}")).json()
    return found


async def test_an_import_is_previewed_without_writing(sign_in: SignIn, services: Services) -> None:
    boss = await sign_in("boss")
    files = {"file": ("客户.csv", CSV.encode("gb18030"), "text/csv")}
    answer = await boss.post("/api/records/customer/import", params={"preview": "true"}, files=files)
    assert answer.status_code == 200, answer.text
    preview = answer.json()
    assert [each["field"] for each in preview["columns"]] == ["name", "level", "industry"]
    assert (preview["inserted"], preview["refused"]) == (2, 2)
    assert (await boss.get("/api/records/customer")).json()["count"] == 0
    started = await boss.post("/api/records/customer/import", json={"file": preview["file"], "mode": "insert"})
    assert started.status_code == 202
    await work_off(services)
    assert (await boss.get("/api/records/customer")).json()["count"] == 2


async def test_every_row_is_accounted_for_and_the_refused_come_back_with_reasons(
    sign_in: SignIn, services: Services
) -> None:
    boss = await sign_in("boss")
    job = await imported(boss, services)
    assert job["state"] == "done"
    result = job["result"]
    assert isinstance(result, dict)
    assert (result["read"], result["inserted"], result["refused"]) == (4, 2, 2)
    refused = await boss.get(f"/api/jobs/{job['id']}/refused")
    assert refused.status_code == 200
    assert "丙公司" in refused.text
    assert "attachment" in refused.headers["content-disposition"]


async def test_an_import_is_taken_back_as_a_whole(sign_in: SignIn, services: Services) -> None:
    boss = await sign_in("boss")
    job = await imported(boss, services)
    undo = await boss.post(f"/api/jobs/{job['id']}/undo")
    assert undo.status_code == 202, undo.text
    await work_off(services)
    assert (await boss.get("/api/records/customer")).json()["count"] == 0


async def test_another_persons_job_is_not_there(sign_in: SignIn, services: Services) -> None:
    boss, anna = await sign_in("boss"), await sign_in("anna")
    job = await imported(boss, services)
    for path in ("", "/refused", "/file"):
        assert (await anna.get(f"/api/jobs/{job['id']}{path}")).status_code == 404
    assert (await anna.post(f"/api/jobs/{job['id']}/cancel")).status_code == 404
    assert (await anna.post(f"/api/jobs/{job['id']}/undo")).status_code in (403, 404)
    assert (await anna.get("/api/jobs")).json()["items"] == []


async def test_who_may_not_import_or_export_does_not(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    files = {"file": ("a.csv", CSV.encode(), "text/csv")}
    assert (await anna.post("/api/records/customer/import", files=files)).status_code == 403
    # Nor does the program read a file for her: neither what is in it nor what is wrong with it is told.
    for content in (CSV, "谁也不认识的列\n1\n", "PK\x03\x04 torn", "{"):
        unread = {"file": ("a.csv", content.encode(), "text/csv")}
        for preview in ("true", "false"):
            asked = await anna.post("/api/records/customer/import", params={"preview": preview}, files=unread)
            assert (asked.status_code, asked.json()["faults"][0]["code"]) == (403, "access.import")
    assert (await anna.get("/api/records/customer/export")).status_code == 403
    assert (await anna.post("/api/records/customer/export", json={})).status_code == 403


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {"content-type": "multipart/form-data"}, 400),
        (b"", {"content-type": "multipart/form-data; boundary=x"}, 422),
        (b"--x\r\nbroken", {"content-type": "multipart/form-data; boundary=x"}, 422),
        (b"broken", {"content-type": "multipart/form-data; boundary=x"}, 400),
        (b"{}", {"content-type": "application/json"}, 422),
        (b"[]", {"content-type": "application/json"}, 422),
        (b'{"file": "x"}', {"content-type": "application/json"}, 422),
        (b'{"file": "00000000-0000-7000-8000-000000000000"}', {"content-type": "application/json"}, 404),
    ],
)
async def test_a_torn_request_is_refused(sign_in: SignIn, body: bytes, headers: dict[str, str], status: int) -> None:
    boss = await sign_in("boss")
    answer = await boss.post("/api/records/customer/import", content=body, headers=headers)
    assert answer.status_code == status, answer.text


async def test_an_export_holds_what_its_reader_sees_and_no_formula(sign_in: SignIn) -> None:
    boss, cleo = await sign_in("boss"), await sign_in("cleo")
    await boss.post("/api/records/customer", json=[{"name": "=1+1"}, {"name": "乙", "level": "a"}])
    await cleo.post("/api/records/customer", json={"name": "南方机密"})
    answer = await boss.get("/api/records/customer/export", params={"fields": "name,level", "sort": "name"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    text = answer.content.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("Name,Level")
    assert "'=1+1" in text
    assert "南方机密" not in text
    lines = await boss.get("/api/records/customer/export", params={"format": "jsonl", "filter": "level = 'a'"})
    assert [json.loads(line)["name"] for line in lines.text.splitlines()] == ["乙"]


async def test_an_empty_parameter_is_as_good_as_none(sign_in: SignIn) -> None:
    boss = await sign_in("boss")
    await boss.post("/api/records/customer", json={"name": "甲"})
    answer = await boss.get("/api/records/customer/export", params={"fields": "", "search": "", "filter": ""})
    assert answer.status_code == 200
    assert "甲" in answer.text


async def test_an_export_as_a_job_gives_a_file(sign_in: SignIn, services: Services) -> None:
    boss = await sign_in("boss")
    await boss.post("/api/records/customer", json={"name": "甲"})
    started = await boss.post("/api/records/customer/export", json={"format": "xlsx"})
    assert started.status_code == 202, started.text
    await work_off(services)
    file = await boss.get(f"/api/jobs/{started.json()['id']}/file")
    assert file.status_code == 200
    assert file.content[:2] == b"PK"


async def test_a_file_is_seen_by_its_uploader_alone_until_a_record_takes_it(sign_in: SignIn) -> None:
    admin, anna = await sign_in("admin"), await sign_in("anna")
    field = {"key": "contract", "type": "file", "label": {"zh": "合同", "en": "Contract"}}
    change = {"actions": [{"action": "add_field", "object": "customer", "field": field}]}
    assert (await admin.post("/api/model/changes", json=change)).status_code == 201
    uploaded = await anna.post("/api/files", files={"file": ("../../etc/合同.txt", b"hello", "text/plain")})
    assert uploaded.status_code == 201
    assert uploaded.json()["name"] == "合同.txt"
    path = f"/api/files/{uploaded.json()['id']}"
    bert, cleo = await sign_in("bert"), await sign_in("cleo")
    assert (await bert.get(path)).status_code == 404
    await anna.post("/api/records/customer", json={"name": "甲", "contract": [uploaded.json()["id"]]})
    assert (await bert.get(path)).content == b"hello"
    assert (await cleo.get(path)).status_code == 404
    answer = await anna.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert (await anna.get(path, headers={"if-none-match": answer.headers["etag"]})).status_code == 304


@pytest.mark.parametrize("content", [b"<html><script>alert(1)</script>", b"<svg onload='alert(1)'/>"])
async def test_a_page_that_was_uploaded_is_a_download(sign_in: SignIn, content: bytes) -> None:
    anna = await sign_in("anna")
    uploaded = await anna.post("/api/files", files={"file": ("x.html", content, "text/html")})
    answer = await anna.get(f"/api/files/{uploaded.json()['id']}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_of_a_persons_exports_the_latest_are_kept(
    sign_in: SignIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongmai.records.files._MOST_EXPORTS", 2)
    boss, admin = await sign_in("boss"), await sign_in("admin")
    await boss.post("/api/records/customer", json={"name": "甲"})

    async def exported(client: httpx.AsyncClient) -> str:
        asked = await client.post("/api/records/customer/export", json={"format": "csv"})
        assert asked.status_code == 202, asked.text
        await work_off(services)
        return str((await client.get(f"/api/jobs/{asked.json()['id']}")).json()["result"]["file"])

    others = await exported(admin)
    files = [await exported(boss) for _ in range(3)]
    assert [(await boss.get(f"/api/files/{each}")).status_code for each in files] == [404, 200, 200]
    assert (await admin.get(f"/api/files/{others}")).status_code == 200
    # The last one is there however large it is.
    monkeypatch.setattr("tongmai.records.files._LARGEST_EXPORTS", 0)
    files.append(await exported(boss))
    assert [(await boss.get(f"/api/files/{each}")).status_code for each in files[1:]] == [404, 404, 200]


async def test_nobody_has_any_number_of_exports_waiting(sign_in: SignIn, services: Services) -> None:
    boss, admin = await sign_in("boss"), await sign_in("admin")
    ask: dict[str, Any] = {"url": "/api/records/customer/export", "json": {"format": "csv"}}
    assert {(await boss.post(**ask)).status_code for _ in range(20)} == {202}
    refused = await boss.post(**ask)
    assert (refused.status_code, refused.json()["faults"][0]["code"]) == (429, "export.too_many_waiting")
    assert (await admin.post(**ask)).status_code == 202
    await work_off(services)
    assert (await boss.post(**ask)).status_code == 202
