"""Who leaves loses what was handed out to him for good, on every way a person is written, also where he comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest
from starlette.types import ASGIApp
from tests.web.company import PASSWORD, Company, SignIn
from tests.web.test_transfer_api import work_off

from tongmai.access import SystemActor
from tongmai.store import WriteTx
from tongmai.web import Services

Leave = Callable[[httpx.AsyncClient, Services, str, bool], Awaitable[None]]


async def _changed(admin: httpx.AsyncClient, services: Services, person: str, leaves: bool) -> None:
    answer = await admin.patch(f"/api/records/person/{person}", json={"active": not leaves})
    assert answer.status_code == 200, answer.text


async def _binned(admin: httpx.AsyncClient, services: Services, person: str, leaves: bool) -> None:
    path = f"/api/records/person/{person}"
    answer = await (admin.delete(path) if leaves else admin.post(f"{path}/restore"))
    assert answer.is_success, answer.text


async def _imported(admin: httpx.AsyncClient, services: Services, person: str, leaves: bool) -> None:
    files = {"file": ("people.csv", f"id,active\n{person},{'no' if leaves else 'yes'}\n".encode(), "text/csv")}
    kept = (await admin.post("/api/records/person/import", params={"preview": "true"}, files=files)).json()["file"]
    columns = [{"column": each, "field": each} for each in ("id", "active")]
    wanted = {"file": kept, "mode": "update", "key": ["id"], "columns": columns}
    answer = await admin.post("/api/records/person/import", json=wanted)
    assert answer.status_code == 202, answer.text
    await work_off(services)
    job = (await admin.get(f"/api/jobs/{answer.json()['id']}")).json()
    assert (job["result"]["updated"], job["result"]["refused"]) == (1, 0), job


@pytest.mark.parametrize("leave", [_changed, _binned, _imported])
async def test_sessions_and_tokens_of_who_left_stay_ended_when_the_person_is_back(
    sign_in: SignIn, app: ASGIApp, company: Company, services: Services, leave: Leave
) -> None:
    await services.identity.start()
    admin, anna, bert = await sign_in("admin"), await sign_in("anna"), await sign_in("bert")
    made = await anna.post("/api/tokens", json={"name": "sync", "scopes": ["read"]})
    bearer = {"authorization": f"Bearer {made.json()['token']}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tongmai.test") as program:
        assert (await program.get("/api/me", headers=bearer)).status_code == 200
        for leaves in (True, False):
            await leave(admin, services, company.people["anna"], leaves)
            await _until_refused(anna)
            assert (await program.get("/api/me", headers=bearer)).status_code == 401
    assert (await bert.get("/api/me")).status_code == 200
    again = await sign_in("anna")
    assert (await again.get("/api/tokens")).json()["items"] == []
    (noted,) = (await admin.get("/api/audit", params={"kind": "access_ended"})).json()["items"]
    assert (noted["detail"]["sessions"], noted["detail"]["tokens"]) == (1, 1)
    assert noted["detail"]["person"] == company.people["anna"]
    await services.identity.stop()


async def test_a_role_lost_ends_no_session_but_what_it_allowed(sign_in: SignIn, company: Company) -> None:
    admin, boss = await sign_in("admin"), await sign_in("boss")
    assert (await boss.get("/api/records/customer/export")).status_code == 200
    await admin.patch(f"/api/records/person/{company.people['boss']}", json={"roles": ["sales"]})
    assert (await boss.get("/api/me")).json()["roles"] == ["sales"]
    assert (await boss.get("/api/records/customer/export")).status_code == 403


async def test_a_sign_in_under_way_while_the_person_leaves_is_refused(
    stranger: httpx.AsyncClient, company: Company, services: Services
) -> None:
    anna = UUID(company.people["anna"])
    credentials = {"login": company.login("anna"), "password": PASSWORD}
    async with services.database.write() as tx:
        await services.gateway.update(SystemActor("test"), company.workspace, "person", anna, {"active": False}, tx=tx)
        signing_in = asyncio.create_task(stranger.post("/api/session", json=credentials))
        async with asyncio.timeout(30):
            while not (await _is_waited_for(services, tx) or signing_in.done()):
                pass
    answer = await signing_in
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (403, "sign_in.inactive")
    await services.gateway.update(SystemActor("test"), company.workspace, "person", anna, {"active": True})
    assert (await stranger.get("/api/me")).status_code == 401


async def _until_refused(client: httpx.AsyncClient) -> None:
    """What a job did is told to all processes by the database."""
    async with asyncio.timeout(30):
        while (await client.get("/api/me")).status_code != 401:
            pass


async def _is_waited_for(services: Services, tx: WriteTx) -> bool:
    holder = await tx.fetch_value("SELECT pg_backend_pid()")
    # Asked from outside: a transaction sees others' doings as they were when it first asked.
    async with services.database.read() as outside:
        waits = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid)))"
        return bool(await outside.fetch_value(waits, holder))
