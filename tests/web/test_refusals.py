"""Whatever is sent, the answer is a problem document with a status below 500."""

from __future__ import annotations

import httpx
import pytest
from tests.web.company import SignIn

NOWHERE = "00000000-0000-7000-8000-000000000000"


def assert_problem(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, object] = answer.json()
    assert found["status"] == status
    assert found["detail"]
    assert found["request_id"] == answer.headers["x-request-id"]
    return found


async def test_a_stranger_gets_nothing_but_the_general_description(stranger: httpx.AsyncClient) -> None:
    for path in ("/api/me", "/api/model", "/api/records/customer", "/api/stream", "/api/jobs", "/api/search?q=x"):
        assert_problem(await stranger.get(path), 401)
    description = (await stranger.get("/api/openapi.json")).json()
    assert "/api/records/{object}" in description["paths"]
    assert "customer" not in description["components"]["schemas"]


async def test_the_refusal_speaks_the_readers_language(stranger: httpx.AsyncClient) -> None:
    english = await stranger.get("/api/me")
    chinese = await stranger.get("/api/me", headers={"accept-language": "zh-CN"})
    assert english.json()["title"] == "Please sign in"
    assert chinese.json()["title"] == "请先登录"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nowhere", 404),
        ("PUT", "/api/me", 405),
        ("GET", "/api/records/nothing", 404),
        ("GET", f"/api/records/nothing/{NOWHERE}", 404),
        ("GET", f"/api/records/customer/{NOWHERE}", 404),
        ("GET", "/api/records/customer/not-an-id", 422),
        ("GET", "/api/records/customer/%00", 422),
        ("GET", "/api/records/customer?limit=0", 422),
        ("GET", "/api/records/customer?limit=501", 422),
        ("GET", "/api/records/customer?limit=ten", 422),
        ("GET", "/api/records/customer?limit=99999999999999", 422),
        ("GET", "/api/records/customer?filtr=1", 422),
        ("GET", "/api/records/customer?filter=1&filter=2", 422),
        ("GET", "/api/records/customer?filter=%00", 422),
        ("GET", "/api/records/customer?cursor=nonsense", 422),
        ("GET", "/api/records/customer?as_of=yesterday", 422),
        ("GET", "/api/records/customer?as_of=2026-01-01", 422),
        ("GET", "/api/records/customer?sort=nothing", 422),
        ("GET", "/api/records/customer?fields=nothing", 422),
        ("GET", "/api/records/customer?count=maybe", 422),
        ("GET", f"/api/jobs/{NOWHERE}", 404),
        ("GET", f"/api/files/{NOWHERE}", 404),
        ("GET", "/api/access/explain?action=fly", 422),
        ("POST", f"/api/model/changes/{NOWHERE}/undo", 404),
    ],
)
async def test_addresses_and_parameters(sign_in: SignIn, method: str, path: str, status: int) -> None:
    admin = await sign_in("admin")
    assert_problem(await admin.request(method, path), status)


async def test_a_mistyped_parameter_is_refused_with_a_suggestion(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    found = assert_problem(await admin.get("/api/records/customer?filtr=1"), 422)
    assert "filter" in str(found["faults"])


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[" * 60 + b"]" * 60, "application/json", 400),
        (b'{"name": 1, "name": 2}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b"[]", "application/json", 422),
        (b"7", "application/json", 422),
        (b"null", "application/json", 422),
        (b'"x"', "application/json", 422),
        (b'{"name": {"a": 1}}', "application/json", 422),
        (b'{"name": "x", "website": 1e400}', "application/json", 422),
        (rb'{"name": "a\u0000b"}', "application/json", 422),
        (b'{"name": "' + b"x" * 100_000 + b'"}', "application/json", 422),
    ],
)
async def test_bodies(sign_in: SignIn, body: bytes, media_type: str, status: int) -> None:
    admin = await sign_in("admin")
    answer = await admin.post("/api/records/customer", content=body, headers={"content-type": media_type})
    assert_problem(answer, status)


async def test_a_body_over_the_limit_is_refused_also_without_a_length(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    limit = 8 * 1024 * 1024

    async def chunks():
        for _ in range(9):
            yield b" " * (1024 * 1024)

    headers = {"content-type": "application/json"}
    announced = await admin.post("/api/records/customer", content=b" " * (limit + 1), headers=headers)
    assert_problem(announced, 413)
    assert_problem(await admin.post("/api/records/customer", content=chunks(), headers=headers), 413)


async def test_who_has_not_signed_in_sends_no_more_than_that_takes(stranger: httpx.AsyncClient) -> None:
    names = ",".join(f'"name_{each}":0' for each in range(10_000))
    large = await stranger.post("/api/session", content="{" + names + "}", headers={"content-type": "application/json"})
    assert_problem(large, 413)


async def test_many_mistyped_parameters_are_answered_shortly(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    answer = await admin.get("/api/records/customer?" + "&".join(f"filte{each}=1" for each in range(2_000)))
    assert_problem(answer, 422)
    assert len(answer.json()["faults"]) == 20


@pytest.mark.parametrize("version", ["1", '"x"', '"-1"', '"99999999999"', "W/1"])
async def test_a_malformed_version(sign_in: SignIn, version: str) -> None:
    admin = await sign_in("admin")
    answer = await admin.patch(f"/api/records/customer/{NOWHERE}", json={"name": "x"}, headers={"if-match": version})
    assert_problem(answer, 422)


async def test_a_malformed_idempotency_key(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    headers = {"idempotency-key": "x" * 201}
    assert_problem(await admin.post("/api/records/customer", json={"name": "x"}, headers=headers), 422)


async def test_a_bad_model_change_lists_every_fault(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    change = {
        "actions": [
            {"action": "add_field", "object": "customer", "field": {"key": "Bad Key", "type": "text", "label": "x"}},
            {"action": "fly"},
        ]
    }
    found = assert_problem(await admin.post("/api/model/changes", json=change), 422)
    assert len(found["faults"]) >= 2  # type: ignore[arg-type]
