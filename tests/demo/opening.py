"""A demo company's workspace in a database of its own, and how a test reads what came in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
import psycopg
from pydantic import SecretStr

from tongmai.access import AnyActor, SystemActor
from tongmai.cli.users import add_person
from tongmai.identity import load_actor
from tongmai.kit import FixedClock, Settings
from tongmai.store import Workspace
from tongmai.web import Services, open_services

SYSTEM = SystemActor("test")
PASSWORD = "Kestrel-meadow-42"


@dataclass(frozen=True)
class Company:
    """After its load."""

    services: Services
    workspace: Workspace

    async def records(self, object_key: str, condition: str = "TRUE", actor: AnyActor = SYSTEM) -> list[dict[str, Any]]:
        page = await self.services.gateway.list(actor, self.workspace, object_key, filter=condition, limit=500)
        found: list[dict[str, Any]] = orjson.loads(page)["items"]
        return found

    async def count(self, object_key: str, condition: str = "TRUE") -> int:
        query = {"object": object_key, "measures": {"n": "count()"}, "filter": condition}
        rows = orjson.loads(await self.services.gateway.query(SYSTEM, self.workspace, query))["rows"]
        return int(rows[0]["n"])

    async def actor(self, name: str) -> AnyActor:
        (person,) = await self.records("person", f"[name] = '{name}'")
        async with self.services.database.read() as tx:
            actor = await load_actor(tx, self.workspace, UUID(person["id"]))
        assert actor is not None
        return actor

    async def nothing_waits_or_was_refused(self) -> bool:
        async with self.services.database.read() as tx:
            schema = self.workspace.quoted_schema
            refused = await tx.fetch_value(f"SELECT count(*) FROM {schema}._refusal")
            waiting = await tx.fetch_value(f"SELECT count(*) FROM {schema}._match_queue")
        return (refused, waiting) == (0, 0)


@asynccontextmanager
async def services_of_its_own(dsn: str, name: str, folder: Path, clock: FixedClock) -> AsyncIterator[Services]:
    """Over a new database ``name``, gone at the end."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    address = urlsplit(dsn)._replace(path=f"/{name}").geturl()
    settings = Settings(database_url=SecretStr(address), data_dir=folder)
    async with open_services(settings, clock, "command") as services:
        yield services
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def adding(services: Services) -> Any:
    """People with sign-ins, as the command line adds them."""

    def to(workspace: Workspace) -> Any:
        async def add(login: str, name: str, role: str, team: str) -> UUID:
            return await add_person(
                services, workspace, login=login, password=PASSWORD, name=name, roles=[role], team=team
            )

        return add

    return to
