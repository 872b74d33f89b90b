"""Installations of their own for tests that break the machine under them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from tests.faults.program import Program, Site, eventually, servers_in

from tongmai.access import SystemActor
from tongmai.cli.quickstart import starter_model
from tongmai.cli.users import add_person
from tongmai.kit import Settings, SystemClock, Text
from tongmai.market import merge
from tongmai.model import diff
from tongmai.schema import create_workspace
from tongmai.store import EmbeddedServer
from tongmai.web import Services, open_services

Start = Callable[..., Program]
_ACTOR = SystemActor("test")


@pytest.fixture(scope="session")
async def prepared(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """An installation with the starter's objects and an administrator's token, stopped; only ever copied."""
    data_dir = tmp_path_factory.mktemp("prepared") / "var"
    async with open_services(Settings(data_dir=data_dir), SystemClock(), "command") as services:
        return Site(data_dir, await _set_up(services))


@pytest.fixture
def site(prepared: Site, tmp_path: Path) -> Iterator[Site]:
    """The test's own installation, ready to be started."""
    data_dir = tmp_path / "var"
    shutil.copytree(prepared.data_dir, data_dir, symlinks=True)
    yield Site(data_dir, prepared.token)
    assert eventually(lambda: not servers_in(data_dir)), "the test left a database server behind"


@pytest.fixture
def start(site: Site, tmp_path: Path) -> Iterator[Start]:
    """``start("serve")`` gives a running program, ended when the test ends."""
    yield from starter(site, tmp_path)


@pytest.fixture
async def shared_server(prepared: Site, tmp_path: Path) -> AsyncIterator[EmbeddedServer]:
    """A database server that belongs to none of the programs under test."""
    home = tmp_path / "postgres"
    shutil.copytree(prepared.data_dir / "postgres", home, symlinks=True)
    server = await EmbeddedServer.start(home)
    yield server
    await server.stop()


@pytest.fixture
def start_beside(prepared: Site, shared_server: EmbeddedServer, tmp_path: Path) -> Iterator[Start]:
    """``start_beside("api")`` gives a program that has its database from ``shared_server``."""
    yield from starter(Site(tmp_path / "var", prepared.token, shared_server.dsn()), tmp_path)


def starter(site: Site, tmp_path: Path) -> Iterator[Start]:
    started: list[Program] = []

    def start_(command: str, **settings: str) -> Program:
        log = tmp_path / f"{command}_{len(started)}.log"
        program = Program(site, command, log, TONGMAI_LOG_LEVEL="warning", **settings)
        started.append(program)
        return program.wait_until_started()

    yield start_
    for program in started:
        program.dispose()


async def _set_up(services: Services) -> str:
    workspace = await create_workspace(
        services.database, services.catalogues, services.clock, "acme", Text("甲公司", "Acme")
    )
    catalogue = await services.catalogues.get(workspace)
    await services.editor.apply(workspace, diff(catalogue, merge(catalogue, starter_model())), None)
    person = await add_person(
        services, workspace,
        login="admin", password="correct-horse-battery", name="Admin", roles=["administrator"],
    )  # fmt: skip
    _, token = await services.identity.make_token(
        _ACTOR, workspace, await services.catalogues.get(workspace),
        name="faults", scopes=("read", "write", "model", "admin"), person_id=person,
    )  # fmt: skip
    return token
