"""S0-59: help is asked with what bears the request out, which goes with the task to who is asked."""

from __future__ import annotations

from tests.web.company import Company, SignIn


async def test_files_go_with_a_request_and_only_ones_own_can(sign_in: SignIn, company: Company) -> None:
    admin, bert = await sign_in("admin"), await sign_in("bert")
    sent = await admin.post("/api/files", files={"file": ("proof.txt", b"the customer's own words", "text/plain")})
    assert sent.status_code == 201, sent.text
    file = sent.json()["id"]
    wanted = {"title": "请核对价格", "to": company.people["bert"], "files": [file]}
    made = await admin.post("/api/tasks", json=wanted)
    assert made.status_code == 201, made.text
    task = (await bert.get(f"/api/records/task/{made.json()['id']}")).json()
    assert task["files"] == [file]
    assert task["asked_by"]["id"] == company.people["admin"]
    assert (await bert.get(f"/api/files/{file}")).content == b"the customer's own words"
    other = await bert.post("/api/files", files={"file": ("mine.txt", b"of bert", "text/plain")})
    foreign = other.json()["id"]
    refused = await admin.post("/api/tasks", json={**wanted, "files": [foreign]})
    assert refused.status_code == 404
