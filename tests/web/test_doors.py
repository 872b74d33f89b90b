"""Every call of the API, whichever it is, keeps its door shut: to strangers, to other sites, to tokens that only read,
and to colleagues who ask for what is another's by its id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import httpx
from starlette.types import ASGIApp
from tests.web.company import Company, SignIn
from tests.web.test_transfer_api import work_off

from tongmai.web import Services
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


_MARK = "绝密甲公司"
# Enough to get past the shape of a body, so that what refuses is the right to what is named.
_BODIES: dict[str, object] = {
    "PATCH /api/records/{object}/{id}": {"name": "偷改"},
    "POST /api/records/{object}/{id}/undo": {"seq": 1},
    "PUT /api/views/{object}/{id}": {"label": "偷改", "body": {}},
    "PUT /api/accounts/{id}/password": {"password": "a-stolen-password"},
    "PATCH /api/accounts/{id}": {"disabled": True},
    "POST /api/tasks/{id}/skip": {"reason": "偷改"},
    "POST /api/tasks/{id}/snooze": {"for": "2d"},
    "POST /api/content/{id}/events": {"event": "opened"},
    "POST /api/captures/{id}/attach": {"object": "customer", "values": {"name": "偷改"}, "confirmed": ["name"]},
}


async def _hers(anna: httpx.AsyncClient, boss: httpx.AsyncClient, services: Services) -> dict[str, str]:
    """Things of Anna's and of her superior's: where each is to be looked at by its owner, and its id."""

    async def made(client: httpx.AsyncClient, path: str, **how: object) -> str:
        answer = await client.post(path, **how)  # type: ignore[arg-type]
        assert answer.is_success, f"{path}: {answer.text}"
        found = answer.json()
        return str(found.get("id") or found["record"]["id"])

    customer = await made(anna, "/api/records/customer", json={"name": _MARK})
    table = {"file": ("客户.csv", f"客户名称\n{_MARK}二\n".encode(), "text/csv")}
    content = {"headers": {"content-type": "text/plain"}, "content": _MARK.encode()}
    things = {
        f"/api/records/customer/{customer}": customer,
        "/api/tasks/{}": await made(anna, "/api/tasks", json={"title": _MARK}),
        "/api/files/{}": await made(anna, "/api/files?name=a.txt", **content),
        "/api/captures/{}": await made(anna, "/api/captures?name=a.txt", **content),
        "/api/jobs/{}": await made(boss, "/api/records/customer/import", files=table),
        "/api/views/customer#{}": await made(anna, "/api/views/customer", json={"label": _MARK, "body": {}}),
        "/api/tokens#{}": await made(anna, "/api/tokens", json={"name": _MARK, "scopes": ["read"]}),
        "/api/sessions#{}": (await anna.get("/api/sessions")).json()["items"][0]["id"],
    }
    await work_off(services)
    return {path.format(key): key for path, key in things.items()}


async def _seen(client: httpx.AsyncClient, path: str) -> object:
    """What the owner sees at a place: the thing itself, or its line of a list."""
    listed, _, key = path.partition("#")
    answer = await client.get(listed)
    assert answer.status_code == 200, f"{path}: {answer.text}"
    if not key:
        return answer.content
    return next(each for each in answer.json()["items"] if each["id"] == key)


async def test_a_colleague_neither_reads_nor_changes_what_he_names_by_its_id(
    sign_in: SignIn, services: Services, company: Company
) -> None:
    anna, boss, cleo = [await sign_in(who) for who in ("anna", "boss", "cleo")]
    things = await _hers(anna, boss, services)
    owners = {path: boss if path.startswith("/api/jobs") else anna for path in things}
    before = {path: await _seen(owners[path], path) for path in things}
    objects = ("customer", "opportunity", "task", "capture")
    named = {"record", "id", "entry", "push", "question", "merge"}
    for each in behind_doors():
        places = set(_PLACE.findall(each.path))
        if not places & named:
            continue
        body = _BODIES.get(f"{each.method} {each.path}", {})
        for key in things.values():
            for object_key in objects if "object" in places else ("customer",):
                where = address(each, object=object_key, metric="open_amount", person=company.people["anna"],
                                **dict.fromkeys(named, key))  # fmt: skip
                answer = await cleo.request(each.method, where, json=None if each.method == "GET" else body)
                # An empty list is what there is of a thing for who may not see it.
                told = answer.is_success and answer.text != '{"items":[]}'
                assert not told, f"{each.method} {where}: {answer.text}"
                assert _MARK not in answer.text, f"{each.method} {where}"
    assert {path: await _seen(owners[path], path) for path in things} == before
