"""Signing in and out through the door: cookies, CSRF, tokens, and that none of them can be planted or outlived."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from starlette.types import ASGIApp
from tests.web.company import PASSWORD, Company, SignIn

from tongmai.kit import FixedClock


async def test_signing_in_gives_a_cookie_no_script_can_read(stranger: httpx.AsyncClient, company: Company) -> None:
    answer = await stranger.post("/api/session", json={"login": company.login("anna"), "password": PASSWORD})
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    me = await stranger.get("/api/me")
    assert me.json()["person"]["name"] == "Anna"
    assert me.json()["roles"] == ["sales"]
    assert me.json()["manages"] == []


async def test_a_wrong_password_and_an_unknown_login_are_refused_alike(
    stranger: httpx.AsyncClient, company: Company
) -> None:
    wrong = await stranger.post("/api/session", json={"login": company.login("anna"), "password": "wrong-password"})
    unknown = await stranger.post("/api/session", json={"login": "nobody", "password": "wrong-password"})
    assert wrong.status_code == unknown.status_code == 401
    assert {**wrong.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


async def test_guessing_is_slowed_down(stranger: httpx.AsyncClient, company: Company) -> None:
    for _ in range(5):
        await stranger.post("/api/session", json={"login": company.login("bert"), "password": "wrong-password"})
    answer = await stranger.post("/api/session", json={"login": company.login("bert"), "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_a_session_token_planted_beforehand_is_worth_nothing(
    stranger: httpx.AsyncClient, company: Company
) -> None:
    planted = {"cookie": f"tongmai={'A' * 43}"}
    credentials = {"login": company.login("anna"), "password": PASSWORD}
    answer = await stranger.post("/api/session", json=credentials, headers=planted)
    assert "A" * 43 not in answer.headers["set-cookie"]
    stranger.cookies.clear()
    assert (await stranger.get("/api/me", headers=planted)).status_code == 401


async def test_signing_out_ends_the_session_for_whoever_copied_the_cookie(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    copied = {"cookie": f"tongmai={anna.cookies['tongmai']}"}
    assert (await anna.delete("/api/session")).status_code == 204
    assert "tongmai" not in anna.cookies
    assert (await anna.get("/api/me", headers=copied)).status_code == 401


async def test_a_session_ends_when_it_is_not_used(sign_in: SignIn, clock: FixedClock) -> None:
    anna = await sign_in("anna")
    clock.advance(timedelta(hours=13))
    assert (await anna.get("/api/me")).status_code == 401


@pytest.mark.parametrize("token", [None, "", "wrong", "A" * 43])
async def test_a_cookie_alone_changes_nothing(sign_in: SignIn, token: str | None) -> None:
    anna = await sign_in("anna")
    anna.headers.pop("x-csrf-token")
    headers = {} if token is None else {"x-csrf-token": token}
    answer = await anna.post("/api/records/customer", json={"name": "x"}, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["faults"][0]["code"] == "session.csrf"
    assert (await anna.get("/api/records/customer")).json()["items"] == []


async def test_the_csrf_token_of_another_session_is_refused(sign_in: SignIn) -> None:
    anna, bert = await sign_in("anna"), await sign_in("bert")
    theirs = {"x-csrf-token": bert.headers["x-csrf-token"]}
    assert (await anna.post("/api/records/customer", json={"name": "x"}, headers=theirs)).status_code == 403


async def test_a_request_another_site_made_is_refused_whatever_it_carries(
    sign_in: SignIn, stranger: httpx.AsyncClient, company: Company
) -> None:
    anna = await sign_in("anna")
    foreign = {"sec-fetch-site": "cross-site"}
    assert (await anna.post("/api/records/customer", json={"name": "x"}, headers=foreign)).status_code == 403
    credentials = {"login": company.login("anna"), "password": PASSWORD}
    assert (await stranger.post("/api/session", json=credentials, headers=foreign)).status_code == 403


async def test_a_page_can_have_its_csrf_token_again(sign_in: SignIn) -> None:
    anna = await sign_in("anna")
    assert (await anna.get("/api/session")).json()["csrf_token"] == anna.headers["x-csrf-token"]


async def test_a_token_needs_no_csrf_and_does_no_more_than_its_scopes(sign_in: SignIn, app: ASGIApp) -> None:
    anna = await sign_in("anna")
    made = await anna.post("/api/tokens", json={"name": "report", "scopes": ["read"], "days": 1})
    assert made.status_code == 201
    secret = made.json()["token"]
    headers = {"authorization": f"Bearer {secret}", "accept-language": "en"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://tongmai.test", headers=headers) as program:
        assert (await program.get("/api/records/customer")).status_code == 200
        refused = await program.post("/api/records/customer", json={"name": "x"})
        assert refused.status_code == 403
        assert (await program.post("/api/tokens", json={"name": "more", "scopes": ["write"]})).status_code == 403
        (line,) = (await anna.get("/api/tokens")).json()["items"]
        assert secret not in str(line)
        assert (await anna.delete(f"/api/tokens/{line['id']}")).status_code == 204
        assert (await program.get("/api/records/customer")).status_code == 401


async def test_a_token_that_reads_changes_nothing_at_all(sign_in: SignIn, app: ASGIApp) -> None:
    """Not only no record: no session ended, no token revoked, no view kept, no file left behind."""
    anna = await sign_in("anna")
    made = (await anna.post("/api/tokens", json={"name": "t", "scopes": ["read", "read:customer"], "days": 1})).json()
    (session,) = (await anna.get("/api/sessions")).json()["items"]
    headers = {"authorization": f"Bearer {made['token']}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://tongmai.test", headers=headers
    ) as program:
        refused = [
            await program.delete(f"/api/sessions/{session['id']}"),
            await program.delete(f"/api/tokens/{made['id']}"),
            await program.post("/api/views/customer", json={"label": "x", "body": {}}),
            await program.post("/api/files?name=x.txt", content=b"x", headers={"content-type": "text/plain"}),
        ]
        asked = await program.post("/api/query", json={"object": "customer", "measures": {"n": "count()"}})
    assert {(answer.status_code, answer.json()["faults"][0]["code"]) for answer in refused} == {
        (403, "token.scope_needed")
    }
    assert asked.status_code == 200
    assert (await anna.get("/api/me")).status_code == 200


async def test_a_token_that_writes_ends_no_session(sign_in: SignIn, app: ASGIApp) -> None:
    anna = await sign_in("anna")
    made = (await anna.post("/api/tokens", json={"name": "t", "scopes": ["write"], "days": 1})).json()
    (session,) = (await anna.get("/api/sessions")).json()["items"]
    headers = {"authorization": f"Bearer {made['token']}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://tongmai.test", headers=headers
    ) as program:
        assert (await program.delete(f"/api/sessions/{session['id']}")).status_code == 403
    assert (await anna.get("/api/me")).status_code == 200


async def test_a_token_learns_nothing_of_sessions_and_tokens_and_ends_none_but_itself(
    sign_in: SignIn, app: ASGIApp
) -> None:
    """Whoever finds one in a script neither sees whence its person signs in nor takes other programs' away."""
    anna = await sign_in("anna")
    one, other = [
        (await anna.post("/api/tokens", json={"name": name, "scopes": ["write"], "days": 1})).json()
        for name in ("one", "other")
    ]
    headers = {"authorization": f"Bearer {one['token']}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://tongmai.test", headers=headers
    ) as program:
        for answer in (
            await program.get("/api/sessions"),
            await program.get("/api/tokens"),
            await program.delete(f"/api/tokens/{other['id']}"),
        ):
            assert (answer.status_code, answer.json()["faults"][0]["code"]) == (403, "session.needed")
        assert (await program.delete(f"/api/tokens/{one['id']}")).status_code == 204
        assert (await program.get("/api/me")).status_code == 401
    assert [each["id"] for each in (await anna.get("/api/tokens")).json()["items"]] == [other["id"]]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic YTpi", "Bearer tm_x", "Bearer " + "x" * 500])
async def test_a_malformed_authorization_is_refused_and_never_falls_back_to_the_cookie(
    sign_in: SignIn, header: str
) -> None:
    anna = await sign_in("anna")
    assert (await anna.get("/api/me", headers={"authorization": header})).status_code == 401


async def test_a_new_password_ends_every_other_session(sign_in: SignIn, company: Company) -> None:
    first, second = await sign_in("anna"), await sign_in("anna")
    answer = await first.put("/api/password", json={"current": PASSWORD, "new": "quite-another-secret"})
    assert answer.status_code == 200
    assert (await second.get("/api/me")).status_code == 401
    assert (await first.get("/api/me")).status_code == 200


async def test_one_sees_and_ends_ones_own_sessions_only(sign_in: SignIn) -> None:
    anna, bert = await sign_in("anna"), await sign_in("bert")
    (line,) = (await anna.get("/api/sessions")).json()["items"]
    assert line["present"] is True
    assert (await bert.delete(f"/api/sessions/{line['id']}")).status_code == 404
    assert (await anna.get("/api/me")).status_code == 200
