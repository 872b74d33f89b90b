"""A small company behind the real application: two teams, an administrator, a supervisor, three sales people."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.types import ASGIApp
from tests.web.company import PASSWORD, PEOPLE, Company, Running, SignIn
from tests.web.contract import Contract

from tongmai.access import SystemActor
from tongmai.cli.quickstart import starter_model
from tongmai.cli.users import add_person
from tongmai.identity import Hasher
from tongmai.kit import FixedClock, Settings, Text
from tongmai.market import merge
from tongmai.model import diff
from tongmai.schema import create_workspace
from tongmai.store import Database, drop_workspace
from tongmai.web import Services, assemble, create_app
from tongmai.web.description import description

SYSTEM = SystemActor("test")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def hasher() -> Hasher:
    """Argon2id at its cheapest: these tests sign in a hundred times."""
    return Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
async def services(
    settings: Settings, database: Database, clock: FixedClock, hasher: Hasher
) -> AsyncIterator[Services]:
    opened = assemble(settings, clock, database, hasher)
    await opened.catalogues.start()
    await opened.streams.start()
    yield opened
    await opened.streams.close()
    await opened.catalogues.close()


@pytest.fixture
async def company(services: Services) -> AsyncIterator[Company]:
    workspace = await create_workspace(
        services.database,
        services.catalogues,
        services.clock,
        f"web_{next(_numbers)}",
        Text("测试公司", "Test company"),
    )
    catalogue = await services.catalogues.get(workspace)
    await services.editor.apply(workspace, diff(catalogue, merge(catalogue, starter_model())), None)
    teams = {}
    for name in ("north", "south"):
        teams[name] = (await services.gateway.create(SYSTEM, workspace, "team", {"name": name})).one.id
    made = Company(workspace, {})
    for who, (role, team) in PEOPLE.items():
        person = await add_person(
            services,
            workspace,
            login=made.login(who),
            password=PASSWORD,
            name=who.title(),
            roles=[role],
            team=str(teams[team]),
        )
        made.people[who] = str(person)
    yield made
    services.catalogues.forget(workspace)
    async with services.database.write() as tx:
        await drop_workspace(tx, workspace)


@pytest.fixture
def app(services: Services, tmp_path: Path) -> ASGIApp:
    return create_app(services, ui=tmp_path)


@pytest.fixture(scope="session")
def contract() -> Contract:
    """What all clients of these tests hold every answer against."""
    return Contract(description([], "en"))


@pytest.fixture
async def stranger(app: ASGIApp, contract: Contract) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody: not signed in, reads English."""
    async with _client(app, contract) as client:
        yield client


@pytest.fixture
async def sign_in(app: ASGIApp, company: Company, contract: Contract) -> AsyncIterator[SignIn]:
    """``await sign_in("anna")`` gives a client with her session and CSRF header."""
    opened: list[httpx.AsyncClient] = []

    async def as_(who: str) -> httpx.AsyncClient:
        client = _client(app, contract)
        opened.append(client)
        answer = await client.post("/api/session", json={"login": company.login(who), "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        client.headers["x-csrf-token"] = answer.json()["csrf_token"]
        return client

    yield as_
    for client in opened:
        await client.aclose()


def _client(app: ASGIApp, contract: Contract) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=("127.0.0.1", 50_000)),
        base_url="http://tongmai.test",
        headers={"accept-language": "en"},
        event_hooks={"response": [contract.hold]},
    )


@pytest.fixture
async def server(settings: Settings, tmp_path: Path) -> AsyncIterator[Running]:
    """``tongmai serve`` on a free port over the test process's database."""
    assert settings.database_url is not None
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TONGMAI_")},
        "TONGMAI_DATABASE_URL": settings.database_url.get_secret_value(),
        "TONGMAI_DATA_DIR": str(tmp_path / "var"),
        "TONGMAI_LOG_LEVEL": "info",
    }
    command = (sys.executable, "-c", "from tongmai.cli import main; main()", "serve", "--port", "0", "--json")
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=out
        )
    assert process.stdout is not None
    announced = b""
    async with asyncio.timeout(60):
        while True:
            announced += await process.stdout.readline()
            with contextlib.suppress(json.JSONDecodeError):
                address = json.loads(announced)["address"]
                break
    yield Running(process, address, int(address.rpartition(":")[2]), log)
    if process.returncode is None:
        process.kill()
        await process.communicate()


@pytest.fixture
async def token(services: Services, company: Company) -> str:
    _, secret = await services.identity.make_token(
        SYSTEM,
        company.workspace,
        await services.catalogues.get(company.workspace),
        name="test",
        scopes=("read", "write"),
        person_id=UUID(company.people["admin"]),
    )
    return secret
