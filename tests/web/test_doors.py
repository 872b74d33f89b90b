"""Every call of the API, whichever it is, keeps its door shut: to strangers, to other sites, to tokens that only read,
and to colleagues who ask for what is another's by its id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import httpx
from starlette.types import ASGIApp
from tests.web.company import SignIn

from tongmai.web.operation import Operation
from tongmai.web.routes import all_operations

# Who adds one here says with it why anybody may call it: they sign somebody in, check a vendor's signature, or tell
# nothing of any company (the figures are shut by themselves: tests of the probes).
_OPEN = {
    "POST /api/session", "GET /api/oidc/start", "GET /api/oidc/callback", "GET /api/sign-in-ways",
    "GET /api/sign-in/{workspace}/{source}", "GET /api/sign-in/{workspace}/{source}/back",
    "POST /api/hooks/{source}", "GET /api/hooks/{source}",
    "POST /api/hooks/{workspace}/{source}", "GET /api/hooks/{workspace}/{source}",
    "GET /healthz", "GET /readyz", "GET /metrics", "GET /api/openapi.json",
}  # fmt: skip
_PLACE = re.compile(r"\{(\w+)[^}]*\}")


def behind_doors() -> Iterator[Operation]:
    return (each for each in all_operations() if each.access != "open")


def address(operation: Operation, **known: str) -> str:
    return _PLACE.sub(lambda place: known.get(place[1], str(uuid4())), operation.path)


def test_what_anybody_may_call_is_listed_by_name() -> None:
    assert {f"{each.method} {each.path}" for each in all_operations() if each.access == "open"} == _OPEN


async def test_a_stranger_is_asked_to_sign_in_whatever_he_calls(stranger: httpx.AsyncClient) -> None:
    for each in behind_doors():
        answer = await stranger.request(each.method, address(each, object="customer"), json={})
        assert answer.status_code == 401, f"{each.method} {each.path}: {answer.text}"


async def test_a_cookie_alone_and_another_site_change_nothing_whatever_they_call(sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    token = admin.headers.pop("x-csrf-token")
    for headers, code in (
        ({}, "session.csrf"),
        ({"x-csrf-token": token, "sec-fetch-site": "cross-site"}, "session.foreign_site"),
    ):
        for each in behind_doors():
            if each.method == "GET":
                continue
            answer = await admin.request(each.method, address(each, object="customer"), json={}, headers=headers)
            assert answer.status_code == 403, f"{each.method} {each.path}: {answer.text}"
            assert [fault["code"] for fault in answer.json()["faults"]] == [code], each.path


async def test_a_token_that_reads_changes_nothing_whatever_it_calls(sign_in: SignIn, app: ASGIApp) -> None:
    admin = await sign_in("admin")
    made = (await admin.post("/api/tokens", json={"name": "reader", "scopes": ["read"]})).json()
    headers = {"authorization": f"Bearer {made['token']}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://tongmai.test", headers=headers) as program:
        for each in behind_doors():
            if each.changes:
                answer = await program.request(each.method, address(each, object="customer"), json={})
                assert answer.status_code == 403, f"{each.method} {each.path}: {answer.text}"
