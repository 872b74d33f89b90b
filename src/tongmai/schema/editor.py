"""The one way in which a workspace's structure changes: previewed, applied while others work, undone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog

from tongmai.kit import Clock, Fault, Invalid, NotFound, Settings, Text, TongmaiError, Unavailable, new_id
from tongmai.model import Changeset, Choice, invert
from tongmai.schema.catalogues import CatalogueStore
from tongmai.schema.journal import Change, Work, busy, has_unfinished, list_changes, read_change, record_work
from tongmai.schema.losses import count_duplicates, count_losses
from tongmai.schema.names import Schema
from tongmai.schema.physical import Physical, read_physical
from tongmai.schema.preview import Preview, preview_steps
from tongmai.schema.proposal import Proposal, duplicate_faults, propose
from tongmai.schema.recovery import finish_leftovers
from tongmai.schema.retirement import Expired, expire_retired, has_expired, kept_by
from tongmai.schema.runner import OnProgress, Runner
from tongmai.schema.session import Patience, Session, open_session
from tongmai.schema.steps import Retired
from tongmai.schema.suggestions import suggest_choices
from tongmai.schema.undoing import check_undo
from tongmai.schema.usage import touched_fields, uses_of
from tongmai.store import Database, Workspace, list_workspaces

RETENTION = timedelta(days=30)
# A second editor waits so long for the first: most changes take less.
_WAIT_FOR_OTHER_S = 3.0

_log = structlog.get_logger(__name__)


# The connection broke, or the server went away, in the middle of a change.
_LOST = (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.InterfaceError, OSError)
_MACHINE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


@dataclass(frozen=True, slots=True)
class Applied:
    """A change in force. ``tidied`` is False if steps after the switch (an index, search words) are still to be done;
    the next change or start does them."""

    id: UUID
    version: int
    tidied: bool = True


class SchemaEditor:
    """Changes the structure of workspaces. Stateless: any number of them may exist, in any number of processes."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        clock: Clock,
        settings: Settings,
        *,
        retention: timedelta = RETENTION,
        attempts: int = 24,
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._clock = clock
        self._retention = retention
        self._patience = Patience(settings.lock_timeout_ms, attempts)

    async def preview(self, workspace: Workspace, changeset: Changeset, *, with_rider: bool = False) -> Preview:
        """What ``apply`` would do; nothing is changed."""
        return await self._preview(workspace, changeset, frozenset(), may_be_empty=with_rider)

    async def preview_undo(self, workspace: Workspace, change_id: UUID) -> Preview:
        """What ``undo`` would do; nothing is changed."""
        change, kept = await self._to_undo(workspace, change_id)
        return await self._preview(workspace, change.inverse, kept, may_be_empty=not change.changeset)

    async def apply(
        self,
        workspace: Workspace,
        changeset: Changeset,
        actor_id: UUID | None,
        *,
        on_progress: OnProgress | None = None,
        rider: str | None = None,
    ) -> Applied:
        """Puts a changeset in force while others go on reading and writing.

        ``rider`` is a JSON document kept with the change (``take_rider``); with one, the changeset may be empty.
        Raises ``Invalid`` with all faults (nothing was changed), ``Conflict`` while another change is under way,
        ``Unavailable`` if a lock was not to be had in time (what was begun is taken back). If the caller is cancelled,
        the process killed or the connection lost, the next change or ``resume`` carries on.
        """
        async with self._editing(workspace) as session:
            return await self._change_to(session, changeset, actor_id, on_progress, rider=rider)

    async def undo(
        self,
        workspace: Workspace,
        change_id: UUID,
        actor_id: UUID | None,
        *,
        on_progress: OnProgress | None = None,
        rider: str | None = None,
    ) -> Applied:
        """Takes a change back, as a change of its own: retired columns and tables come back with what they held.

        Values written since to a field whose type is changed back are converted. Raises ``Invalid`` with reasons where
        later changes need this one, ``Conflict`` where it is undone already or its data is past retention.
        """
        async with self._editing(workspace) as session:
            change, kept = await self._to_undo(workspace, change_id)
            return await self._change_to(session, change.inverse, actor_id, on_progress, kept, change_id, rider)

    async def suggest_choices(self, workspace: Workspace, object_key: str, field_key: str) -> tuple[Choice, ...]:
        """Options under which every word that a text field holds now would be kept if it became a choice.

        Raises ``NotFound`` for a field that is not there or holds no text, ``Invalid`` for too many different words.
        """
        catalogue = await self._catalogues.newest(workspace)
        async with self._database.read() as tx:
            return await suggest_choices(tx, Schema(workspace.schema), catalogue, object_key, field_key)

    async def history(self, workspace: Workspace, limit: int = 100) -> list[Change]:
        """The latest changes, newest first."""
        async with self._database.read() as tx:
            return await list_changes(tx, Schema(workspace.schema), limit)

    async def resume(self) -> int:
        """Finishes or takes back what killed processes left half done, in all workspaces; how many changes.

        A workspace that another process is changing just now is left to it.
        """
        done = 0
        async with self._database.read() as tx:
            workspaces = [each for each in await list_workspaces(tx) if await has_unfinished(tx, Schema(each.schema))]
        for workspace in workspaces:
            async with open_session(self._database, workspace, self._patience) as session:
                if await session.take_editor_lock(within_s=_WAIT_FOR_OTHER_S):
                    done += await finish_leftovers(session, self._clock, self._retention)
        return done

    async def expire_retired(self) -> Expired:
        """Drops the columns and tables whose retention date has passed, in all workspaces."""
        found, now = Expired(), self._clock.now()
        async with self._database.read() as tx:
            workspaces = [each for each in await list_workspaces(tx) if await has_expired(tx, Schema(each.schema), now)]
        for workspace in workspaces:
            async with open_session(self._database, workspace, self._patience) as session:
                if await session.take_editor_lock():
                    found += await expire_retired(session, now)
        return found

    @asynccontextmanager
    async def _editing(self, workspace: Workspace) -> AsyncIterator[Session]:
        """A session that alone may change the workspace, after what others left half done was finished."""
        async with open_session(self._database, workspace, self._patience) as session:
            if not await session.take_editor_lock(within_s=_WAIT_FOR_OTHER_S):
                raise await busy(session)
            try:
                await finish_leftovers(session, self._clock, self._retention)
                yield session
            except _LOST as error:
                raise _connection_lost() from error

    async def _change_to(
        self,
        session: Session,
        changeset: Changeset,
        actor_id: UUID | None,
        on_progress: OnProgress | None,
        kept: frozenset[Retired] = frozenset(),
        undoes: UUID | None = None,
        rider: str | None = None,
    ) -> Applied:
        proposal, physical = await self._propose(session.workspace, changeset, kept, may_be_empty=rider is not None)
        faults = proposal.faults or await _duplicates(session, proposal, physical)
        if faults:
            raise Invalid(faults)
        work = Work(new_id(self._clock), proposal.steps, proposal.target.catalogue, undoes, rider=rider)
        inverse = invert(proposal.before, proposal.changeset)
        await record_work(session, work, proposal.changeset, inverse, actor_id, self._clock.now())
        return await self._run(session, work, on_progress)

    async def _run(self, session: Session, work: Work, on_progress: OnProgress | None) -> Applied:
        runner = Runner(session, work, self._clock, self._retention, on_progress)
        try:
            await runner.run_to_switch()
        except Exception as error:
            await runner.roll_back(error)
            raise
        self._catalogues.put(session.workspace, work.catalogue)
        try:
            await runner.tidy()
        except (TongmaiError, *_MACHINE) as error:
            # The change is in force; only its last touches wait.
            _log.warning("schema.tidy_later", workspace=session.workspace.key, change=str(work.id), reason=str(error))
            return Applied(work.id, work.catalogue.version, tidied=False)
        return Applied(work.id, work.catalogue.version)

    async def _preview(
        self, workspace: Workspace, changeset: Changeset, kept: frozenset[Retired], *, may_be_empty: bool
    ) -> Preview:
        proposal, physical = await self._propose(workspace, changeset, kept, may_be_empty=may_be_empty)
        uses = uses_of(proposal.before, touched_fields(proposal.before, proposal.target.catalogue))
        if proposal.faults:
            return Preview(proposal.before.version, proposal.faults, (), (), uses)
        schema = Schema(workspace.schema)
        async with self._database.read() as tx:
            losses = await count_losses(tx, schema, proposal.before, proposal.target, physical)
        return Preview(
            proposal.before.version,
            duplicate_faults(losses),
            preview_steps(proposal.steps, physical),
            losses,
            uses,
        )

    async def _propose(
        self, workspace: Workspace, changeset: Changeset, kept: frozenset[Retired], *, may_be_empty: bool
    ) -> tuple[Proposal, Physical]:
        """Against the newest catalogue, which the one in memory need not be."""
        before = await self._catalogues.newest(workspace)
        async with self._database.read() as tx:
            physical = await read_physical(tx, workspace.schema)
        proposal = await asyncio.to_thread(
            propose, workspace, before, changeset, physical, self._clock, kept, may_be_empty=may_be_empty
        )
        return proposal, physical

    async def _to_undo(self, workspace: Workspace, change_id: UUID) -> tuple[Change, frozenset[Retired]]:
        """The change and what is kept for its undo. Raises ``NotFound``, ``Conflict``."""
        schema = Schema(workspace.schema)
        async with self._database.read() as tx:
            change = await read_change(tx, schema, change_id)
            if change is None:
                raise NotFound.of("change.unknown", "没有这项结构变更", "there is no such structural change")
            kept = await kept_by(tx, schema, change_id)
        check_undo(change, kept)
        return change, kept


async def _duplicates(session: Session, proposal: Proposal, physical: Physical) -> tuple[Fault, ...]:
    """On the change's own connection, which may take as long as a large table needs."""
    found = await count_duplicates(session, session.schema, proposal.before, proposal.target, physical)
    return duplicate_faults(found)


def _connection_lost() -> Unavailable:
    return Unavailable.of(
        "change.connection_lost",
        "与数据库的连接中断，结构变更没有完成",
        "the connection to the database was lost in the middle of the change",
        way_out=Text(
            "稍后再试；未完成的部分会先自动完成或撤回",
            "try again in a moment; what is half done will be finished or taken back first",
        ),
    )
