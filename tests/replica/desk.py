"""A company with a replica beside it, and the two ways to ask it the same question."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.records.company import Company

from tongmai.access import AnyActor
from tongmai.kit import Settings
from tongmai.records import Gateway, Sealer
from tongmai.replica import Replica, ReplicaEngine


@dataclass
class Desk:
    """``gateway`` may ask the replica; the company's own never does."""

    company: Company
    settings: Settings
    replica: Replica
    gateway: Gateway

    @classmethod
    def at(cls, company: Company, settings: Settings, **options: Any) -> Desk:
        replica = Replica(company.database, company.workspace, company.clock, settings, **options)
        gateway = Gateway(company.database, company.catalogues, company.clock, settings)
        gateway.use_engine(ReplicaEngine(company.database, settings, lambda _: replica, fewest_rows=0))
        return cls(company, settings, replica, gateway)

    async def seal(self) -> None:
        await Sealer(self.company.database, self.company.workspace, self.company.clock, self.settings).seal_once()

    async def bring_up(self) -> None:
        await self.seal()
        assert await self.replica.advance() is not None

    async def ask(self, actor: AnyActor | None = None, **query: Any) -> dict[str, Any]:
        """The gateway's whole answer, numbers as decimals."""
        asked = await self.gateway.query(actor or self.company.system, self.company.workspace, query)
        return json.loads(asked, parse_float=Decimal, parse_int=Decimal)  # type: ignore[no-any-return]

    async def both(self, actor: AnyActor | None = None, **query: Any) -> tuple[list[Any], list[Any]]:
        """The rows of either engine, DuckDB's first."""
        duck = await self.ask(actor, **query, engine="duckdb")
        postgres = await self.ask(actor, **query, engine="postgresql")
        assert (duck["engine"], postgres["engine"]) == ("duckdb", "postgresql")
        assert duck["is_complete"] == postgres["is_complete"]
        return duck["rows"], postgres["rows"]
