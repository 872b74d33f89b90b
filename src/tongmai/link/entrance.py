"""The entrance of a source's members: where their browser is sent, and which person the code that comes back means.

Who stands at the door is told whether to try again or whom to ask; why, an administrator reads on the source's page:
what the vendor holds against the application, which member is nobody here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from tongmai.kit import NotFound, TongmaiError
from tongmai.link.faults import away
from tongmai.link.members import SignsIn, person_of
from tongmai.link.opening import Sources
from tongmai.link.refused_calls import RefusedCalls
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace

# Somebody waits before an empty page: a vendor that asks for patience is not given it.
_WAITS_S = 10.0
SPENT_CODE = "sign_in.code"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A member as his source names him, and who he is here; ``by`` is the source's kind."""

    by: str
    userid: str
    person: UUID | None


@dataclass(frozen=True, slots=True)
class Entrance:
    """For all workspaces."""

    database: Database
    catalogues: CatalogueStore
    sources: Sources
    refused: RefusedCalls

    async def address(self, workspace: Workspace, source: str, *, redirect_uri: str, state: str, inside: bool) -> str:
        """Where the browser goes; ``inside``: it is the vendor's own. Raises ``NotFound`` for a source that signs
        nobody in, ``Invalid`` for one that lacks its secrets."""
        known = await self.sources.known(workspace, source)
        async with self.sources.opened(workspace, known) as opened:
            if not isinstance(opened, SignsIn):
                raise no_entrance()
            return opened.sign_in_address(redirect_uri=redirect_uri, state=state, inside=inside)

    async def arrive(self, workspace: Workspace, source: str, code: str) -> Arrived:
        """Who the code means. Raises ``NotSignedIn`` for a spent code and for outsiders, ``SourceAway`` for what
        passes, ``Invalid`` where the vendor refuses the application; told on the source's page, but for spent codes."""
        known = await self.sources.known(workspace, source)
        try:
            async with self.sources.opened(workspace, known) as opened:
                if not isinstance(opened, SignsIn):
                    raise no_entrance()
                userid = await _within_patience(opened, code)
        except NotFound:
            raise
        except TongmaiError as error:
            await self.tell(workspace, source, error)
            raise
        catalogue = await self.catalogues.get(workspace)
        async with self.database.read() as tx:
            person = await person_of(tx, workspace, catalogue, source, userid)
        return Arrived(known.definition.kind, userid, person)

    async def tell(self, workspace: Workspace, source: str, error: TongmaiError, *, member: str | None = None) -> None:
        """Notes on the source's page why somebody was not let in."""
        if any(each.code == SPENT_CODE for each in error.faults):
            return
        async with self.database.write() as tx:
            await self.refused.note(tx, workspace, source, "_sign_in", error, {"member": member})


async def _within_patience(source: SignsIn, code: str) -> str:
    try:
        async with asyncio.timeout(_WAITS_S):
            return await source.member_of_code(code)
    except TimeoutError as error:
        raise away("对方迟迟没有应答", "The vendor takes too long to answer", code="sign_in.slow") from error


def no_entrance() -> NotFound:
    return NotFound.of("sign_in.no_source", "没有这个登录入口", "There is no such way to sign in")
