"""A workspace with a small tree of teams and its people, and an ``Identity`` whose hashes cost next to nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from tongmai.access import SystemActor
from tongmai.identity import Hasher, Identity, Origin
from tongmai.kit import FixedClock, Settings, new_id
from tongmai.model import Catalogue
from tongmai.schema import begin_catalogue
from tongmai.store import Database, Workspace

SYSTEM = SystemActor("test")
PASSWORD = "correct horse battery"
OFFICE = Origin("203.0.113.7", "Mozilla/5.0 (test)")


@dataclass
class Company:
    """The workspace and ways to put teams, people and accounts into it."""

    database: Database
    workspace: Workspace
    clock: FixedClock
    identity: Identity
    catalogue: Catalogue

    async def team(self, name: str, parent: UUID | None = None) -> UUID:
        made = new_id(self.clock)
        async with self.database.write() as tx:
            await tx.execute(
                f"INSERT INTO {self.workspace.quoted_schema}.team (id, name, parent, created_at, changed_at)"
                " VALUES ($1, $2, $3, $4, $4)",
                made,
                name,
                parent,
                self.clock.now(),
            )
        return made

    async def person(
        self, name: str, team: UUID | None = None, roles: tuple[str, ...] = (), *, active: bool | None = True
    ) -> UUID:
        made = new_id(self.clock)
        async with self.database.write() as tx:
            await tx.execute(
                f"INSERT INTO {self.workspace.quoted_schema}.person"
                " (id, name, team, roles, active, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $6)",
                made,
                name,
                team,
                list(roles),
                active,
                self.clock.now(),
            )
        return made

    async def change(self, table: str, record: UUID, column: str, value: object) -> None:
        async with self.database.write() as tx:
            await tx.execute(
                f"UPDATE {self.workspace.quoted_schema}.{table} SET {column} = $2 WHERE id = $1", record, value
            )

    async def account(self, login: str, roles: tuple[str, ...] = (), password: str | None = PASSWORD) -> UUID:
        """A person with an account; the person's id."""
        person = await self.person(login, roles=roles)
        await self.identity.create_account(
            SYSTEM, self.workspace, self.catalogue, person_id=person, login=login, password=password
        )
        return person

    async def audited(self, kind: str) -> list[str]:
        """The details of the audit entries of a kind, by time, as JSON texts."""
        async with self.database.read() as tx:
            rows = await tx.fetch(
                "SELECT detail FROM tongmai.audit WHERE kind = $1 AND at >= $2 ORDER BY at, id",
                kind,
                self.workspace.created_at,
            )
        return [row["detail"] for row in rows]


@pytest.fixture(scope="session")
def hasher() -> Hasher:
    return Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def identity(database: Database, settings: Settings, clock: FixedClock, hasher: Hasher) -> Identity:
    """Remembers nothing, so that each look is at the database."""
    return Identity(database, settings, clock, hasher, remember_s=0)


@pytest.fixture
async def company(
    database: Database, workspace: Workspace, clock: FixedClock, identity: Identity
) -> AsyncIterator[Company]:
    """The tests' logins and places are counted per database: what earlier tests left is cleared."""
    async with database.write() as tx:
        catalogue = await begin_catalogue(tx, workspace, clock)
        await tx.execute("TRUNCATE tongmai.sign_in_attempt, tongmai.audit")
    yield Company(database, workspace, clock, identity, catalogue)
    async with database.write() as tx:
        await tx.execute("DELETE FROM tongmai.account")
