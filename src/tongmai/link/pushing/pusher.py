"""The room's door to the way back: hears the feed, delivers, tells what is on its way."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from tongmai.kit import Clock
from tongmai.link.opening import Sources
from tongmai.link.pushing.change import PushCounts, PushState
from tongmai.link.pushing.delivering import Delivering
from tongmai.link.pushing.hearing import Hearing
from tongmai.link.pushing.settling import Settling
from tongmai.link.pushing.telling import Telling
from tongmai.link.pushing.values import PushedValues
from tongmai.link.raw import RawRows
from tongmai.link.runs import Runs
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace


class Pusher:
    """For all workspaces."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        clock: Clock,
        gateway: Gateway,
        sources: Sources,
        raw: RawRows,
        runs: Runs,
        telling: Telling | None = None,
    ) -> None:
        """Without ``telling`` nobody is told of what did not get there."""
        self._database = database
        self._catalogues = catalogues
        values = PushedValues(clock, raw, gateway)
        self._hearing = Hearing(database, clock, gateway, sources, raw, values, telling)
        self._delivering = Delivering(database, clock, sources, runs, telling)
        self._settling = Settling(database, clock, gateway, raw, values)

    async def advance(self, workspace: Workspace) -> PushCounts:
        """Hears the feed to its end and delivers what is due."""
        counts = PushCounts()
        catalogue = await self._catalogues.get(workspace)
        if any(each.push for mapping in catalogue.mappings for each in mapping.fields):
            counts.heard = await self._hearing.advance(workspace, catalogue)
            await self._delivering.advance(workspace, counts)
        return counts

    async def latest(self, workspace: Workspace, source: str, limit: int) -> Sequence[PushState]:
        """Changes on their way back, the latest first."""
        async with self._database.read() as tx:
            rows = await tx.fetch(
                "SELECT id, mapping, key, record_id, changed, before, state, attempts, detail, at"
                f" FROM {workspace.quoted_schema}._push WHERE source = $1 ORDER BY at DESC, id DESC LIMIT $2",
                source,
                limit,
            )
        return [PushState.of(row) for row in rows]

    async def resolve(self, workspace: Workspace, push: UUID, keep: Literal["ours", "theirs"]) -> None:
        """Settles a conflict or a failure, as ``Settling`` tells."""
        await self._settling.resolve(workspace, await self._catalogues.get(workspace), push, keep)
