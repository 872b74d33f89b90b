"""What every call of the gateway stands on: the database, the catalogues, and what was compiled before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from tongmai.access import AnyActor, Policies
from tongmai.kit import Clock, Invalid, NotFound, Settings, Unavailable
from tongmai.model import Catalogue
from tongmai.records.place import Place
from tongmai.records.statement import Kept
from tongmai.records.structure import Structure
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace

Result = TypeVar("Result")

BEHIND = "TM001"
_ATTEMPTS = 4
_KEPT_STRUCTURES = 256
# A table or column that is gone: the read was compiled for a catalogue that a change has just replaced.
_OUTDATED = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
# Refusals of a name that may have come with a change this process has not heard of yet.
_UNKNOWN_NAMES = frozenset({"field.unknown", "formula.unknown_field", "sort.unknown", "object.unknown"})


class Runtime:
    """One per process, for one event loop."""

    def __init__(self, database: Database, catalogues: CatalogueStore, clock: Clock, settings: Settings) -> None:
        self.database = database
        self.catalogues = catalogues
        self.clock = clock
        self.settings = settings
        self.kept = Kept()
        self._policies = Policies()
        self._structures: OrderedDict[int, Structure] = OrderedDict()

    async def place(self, actor: AnyActor, workspace: Workspace) -> Place:
        """The actor in the workspace as it is known to this process. Raises ``NotFound`` if it has no model."""
        catalogue = self.catalogues.peek(workspace) or await self.catalogues.get(workspace)
        return Place(workspace, self._structure(catalogue), actor, self._policies)

    async def with_present_catalogue(
        self, actor: AnyActor, workspace: Workspace, work: Callable[[Place], Awaitable[Result]]
    ) -> Result:
        """Runs ``work``; where the catalogue it worked by turns out to be outdated, again with the present one.

        So too, once, where ``work`` refused a name as unknown and the database has a newer catalogue.

        ``work`` must have done nothing that stays when it raises: the writers' transactions are rolled back whole.
        """
        for attempt in range(_ATTEMPTS):
            place = await self.place(actor, workspace)
            try:
                return await work(place)
            except (Invalid, NotFound) as refused:
                if attempt or not _is_of_unknown_names(refused) or not await self._is_behind(place):
                    raise
                continue
            except asyncpg.PostgresError as error:
                if not _is_outdated(error):
                    raise
                last = error
            version = place.structure.catalogue.version
            await self.catalogues.reload(workspace, version + 1 if attempt == 0 else None)
        raise Unavailable.of(
            "catalogue.changing",
            "模型正在修改，请稍后再试",
            "The model is being changed, please try again",
        ) from last

    async def _is_behind(self, place: Place) -> bool:
        """Whether there is a newer catalogue than the place's, which is then known."""
        newest = await self.catalogues.newest(place.workspace)
        return newest.version > place.structure.catalogue.version

    def _structure(self, catalogue: Catalogue) -> Structure:
        found = self._structures.get(id(catalogue))
        if found is None or found.catalogue is not catalogue:
            found = self._structures[id(catalogue)] = Structure(catalogue)
            if len(self._structures) > _KEPT_STRUCTURES:
                self._structures.popitem(last=False)
        return found


def _is_outdated(error: asyncpg.PostgresError) -> bool:
    return error.sqlstate == BEHIND or isinstance(error, _OUTDATED)


def _is_of_unknown_names(refused: Invalid | NotFound) -> bool:
    return any(fault.code in _UNKNOWN_NAMES for fault in refused.faults)
