"""Runs the steps of a change, counting in ``_change.step``, so that another process can go on where one was killed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeAlias

import asyncpg

from tongmai.kit import Clock, Fault, Invalid, Text
from tongmai.schema.catalogues import CHANNEL
from tongmai.schema.fill import fill_column
from tongmai.schema.journal import Work, failure_json
from tongmai.schema.search_refill import refill_search
from tongmai.schema.session import Session
from tongmai.schema.steps import BuildIndex, Check, Ddl, DropIndex, Fill, RefillSearch, Step, Switch
from tongmai.store import quote_ident


@dataclass(frozen=True, slots=True)
class Progress:
    """Step ``step`` of ``steps`` is under way; ``rows`` of it are done where it goes by rows."""

    step: int
    steps: int
    label: Text
    rows: int = 0


OnProgress: TypeAlias = Callable[[Progress], Awaitable[None]]


class Runner:
    """Runs the steps of one piece of work over a session that holds the editor lock."""

    def __init__(
        self, session: Session, work: Work, clock: Clock, retention: timedelta, on_progress: OnProgress | None = None
    ) -> None:
        self._session = session
        self._work = work
        self._clock = clock
        self._retention = retention
        self._on_progress = on_progress

    async def run_to_switch(self) -> None:
        """All steps up to the switch and the switch itself. An error leaves them to ``roll_back``."""
        await self._run(self._work.done, self._work.switch + 1)

    async def tidy(self) -> None:
        """The steps after the switch. An error leaves the rest to a later call; the change holds all the same."""
        await self._run(max(self._work.done, self._work.switch + 1), len(self._work.steps))

    async def roll_back(self, error: BaseException) -> None:
        """Takes back what the steps before the switch did, and notes the change as failed.

        The error is noted first: whoever finds the work half taken back goes on taking it back.
        """
        await self._session.execute(
            f"UPDATE {self._session.schema('_change')} SET error = coalesce(error, $2) WHERE id = $1",  # noqa: S608
            self._work.id,
            failure_json(error),
        )
        for step in reversed(self._work.steps[: self._work.switch]):
            if isinstance(step, BuildIndex):
                await self._drop_index(step.name)
            elif isinstance(step, Ddl) and step.undo:
                await self._session.under_locks(partial(self._all, step.undo), step.table, *step.targets)
        await self._session.execute(
            f"UPDATE {self._session.schema('_change')} SET state = 'failed', finished_at = $2, rider = NULL "  # noqa: S608
            "WHERE id = $1",
            self._work.id,
            self._clock.now(),
        )

    async def _run(self, first: int, last: int) -> None:
        for place in range(first, last):
            step = self._work.steps[place]
            await self._tell(place, step, 0)
            await self._step(place, step)

    async def _step(self, place: int, step: Step) -> None:
        async def with_count(sql: tuple[str, ...]) -> None:
            await self._all(sql)
            await self._count(place + 1)

        async def on_rows(rows: int) -> None:
            await self._tell(place, step, rows)

        match step:
            case Ddl():
                await self._session.under_locks(lambda: with_count(step.sql), step.table, *step.targets)
            case Check():
                await self._session.under_locks(lambda: with_count(step.sql), step.table)
            case Switch():
                await self._session.under_locks(lambda: self._switch(place, step))
            case BuildIndex():
                await self._build_index(step)
                await self._count(place + 1)
            case DropIndex():
                await self._drop_index(step.name)
                await self._count(place + 1)
            case Fill():
                await fill_column(self._session, step, on_rows)
                await self._count(place + 1)
            case RefillSearch():
                await refill_search(self._session, self._work.catalogue, step.object, on_rows)
                await self._count(place + 1)

    async def _all(self, statements: tuple[str, ...]) -> None:
        for statement in statements:
            await self._session.execute(statement)

    async def _count(self, done: int) -> None:
        await self._session.execute(
            f"UPDATE {self._session.schema('_change')} SET step = $2 WHERE id = $1",  # noqa: S608
            self._work.id,
            done,
        )

    async def _build_index(self, step: BuildIndex) -> None:
        """CONCURRENTLY waits for the transactions that are open: without a limit, for it holds nobody up meanwhile."""
        valid = await self._session.fetch_value(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", self._session.schema(step.name)
        )
        if valid:
            return
        if valid is False:
            await self._drop_index(step.name)
        unique = "UNIQUE " if step.unique else ""
        try:
            await self._session.execute(f"CREATE {unique}INDEX CONCURRENTLY {quote_ident(step.name)} {step.definition}")
        except asyncpg.UniqueViolationError as error:
            # Even an unfinished unique index refuses writes.
            await self._drop_index(step.name)
            raise Invalid((_became_ambiguous(step),)) from error

    async def _drop_index(self, name: str) -> None:
        await self._session.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self._session.schema(name)}")

    async def _switch(self, place: int, step: Switch) -> None:
        """From the commit on the new catalogue holds in all processes: a writer with the old one is refused (TM001)."""
        session, work, now = self._session, self._work, self._clock.now()
        await session.execute("SET LOCAL synchronous_commit TO DEFAULT")
        await session.hold_structure()
        await session.execute(
            f"INSERT INTO {session.schema('_catalogue')} (version, model, change_id, at) VALUES ($1, $2, $3, $4)",  # noqa: S608
            work.catalogue.version,
            work.catalogue.model_dump_json(by_alias=True),
            work.id,
            now,
        )
        await session.execute(
            f"UPDATE {session.schema('_feed')} SET catalogue_version = $1",  # noqa: S608
            work.catalogue.version,
        )
        await self._keep_and_retire(step)
        await session.execute(
            f"UPDATE {session.schema('_change')} SET state = 'undone' WHERE id = $1",  # noqa: S608
            work.undoes,
        )
        await session.execute(
            f"UPDATE {session.schema('_change')} SET state = 'applied', version = $2, step = $3, finished_at = $4 "  # noqa: S608
            "WHERE id = $1",
            work.id,
            work.catalogue.version,
            place + 1,
            now,
        )
        await session.execute("SELECT pg_notify($1, $2)", CHANNEL, f"{session.workspace.key}:{work.catalogue.version}")

    async def _keep_and_retire(self, step: Switch) -> None:
        """What comes back is no longer on its way out; what goes can be brought back for the retention time."""
        session, work, now = self._session, self._work, self._clock.now()
        for kept in step.restore:
            await session.execute(
                f"DELETE FROM {session.schema('_retired')} "  # noqa: S608
                "WHERE object = $1 AND column_name IS NOT DISTINCT FROM $2",
                kept.table,
                kept.column,
            )
        for gone in step.retire:
            await session.execute(
                f"INSERT INTO {session.schema('_retired')} (object, column_name, change_id, retire_at) "  # noqa: S608
                "VALUES ($1, $2, $3, $4)",
                gone.table,
                gone.column,
                work.id,
                now + self._retention,
            )

    async def _tell(self, place: int, step: Step, rows: int) -> None:
        if self._on_progress is not None:
            await self._on_progress(Progress(place + 1, len(self._work.steps), step.label, rows))


def _became_ambiguous(step: BuildIndex) -> Fault:
    return Fault(
        "unique.duplicates",
        Text(f"{step.label.zh}：已有重复的值", f"{step.label.en}: there are duplicates"),
        Text("先合并重复的记录", "merge the duplicates first"),
    )
