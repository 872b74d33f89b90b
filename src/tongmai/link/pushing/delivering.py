"""Sends what waits to its source, and keeps what the source answered.

Several processes do so at once: each takes a change for itself before it sends it. Who dies with one has it taken by
another after the lease; the source knows by the change's own key whether it had it already.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import orjson

from tongmai.kit import Clock, Fault, Text, TongmaiError
from tongmai.link.faults import SourceAway
from tongmai.link.opening import Sources
from tongmai.link.pushing.change import PushCounts, told
from tongmai.link.pushing.telling import Telling
from tongmai.link.raw_equality import means_the_same
from tongmai.link.runs import Runs
from tongmai.link.source import Pushed, Pushes, PushRow
from tongmai.store import Database, Record, Workspace

# A source may be away for a night's maintenance, or a weekend's: who changed the value has long gone home.
_TRIED_FOR = timedelta(days=3)
_LONGEST_PAUSE = timedelta(minutes=10)
_AT_ONCE = 50
# Longer than any source is asked for one change.
_LEASE = timedelta(minutes=5)
# A change upon a change is sent behind it, and once more with what the source has by now: the rest waits its turn.
_PASSES = 4


class Delivering:
    """For all workspaces."""

    def __init__(self, database: Database, clock: Clock, sources: Sources, runs: Runs, telling: Telling | None) -> None:
        self._telling = telling
        self._database = database
        self._clock = clock
        self._sources = sources
        self._runs = runs

    async def advance(self, workspace: Workspace, counts: PushCounts) -> None:
        """Delivers what is due."""
        for _ in range(_PASSES):
            by_source: dict[str, list[Record]] = {}
            for row in await self._due(workspace):
                by_source.setdefault(row["source"], []).append(row)
            for source, waiting in by_source.items():
                counts.include(await self._deliver_to(workspace, source, waiting))
            if not by_source:
                break

    async def _due(self, workspace: Workspace) -> list[Record]:
        """Changes of one row go one after the other: one that waits holds the later ones back, as it would be written
        over them once its pause is over."""
        table = f"{workspace.quoted_schema}._push"
        async with self._database.read() as tx:
            return await tx.fetch(
                f"SELECT id, source, stream, mapping, key, changed, before, attempts, at FROM {table} AS p"
                " WHERE state = 'waiting' AND run_after <= $1 AND NOT EXISTS"
                f" (SELECT FROM {table} AS earlier WHERE earlier.mapping = p.mapping AND earlier.key = p.key"
                "  AND earlier.state = 'waiting' AND (earlier.epoch, earlier.seq) < (p.epoch, p.seq))"
                " ORDER BY epoch, seq LIMIT $2",
                self._clock.now(),
                _AT_ONCE,
            )

    async def _deliver_to(self, workspace: Workspace, source: str, waiting: Sequence[Record]) -> PushCounts:
        """What became of the changes that wait for one source and nobody else is about, which is one run of it."""
        counts = PushCounts()
        taken: set[UUID] = set()
        run_id: UUID | None = None
        try:
            known = await self._sources.known(workspace, source)
            async with self._sources.opened(workspace, known) as opened:
                for row in waiting:
                    if not await self._take(workspace, row):
                        continue
                    taken.add(row["id"])
                    run_id = run_id or await self._begun(workspace, source)
                    pushed = await self._push(opened, row)
                    if isinstance(pushed, SourceAway):
                        # The others would find it away as well, one time-out after the other.
                        raise pushed
                    await self._settle(workspace, row, pushed, counts)
        except TongmaiError as error:
            for row in waiting:
                if row["id"] in taken or await self._take(workspace, row):
                    run_id = run_id or await self._begun(workspace, source)
                    await self._settle(workspace, row, error, counts)
        if run_id is not None:
            async with self._database.write() as tx:
                sent = {
                    "done": counts.done, "conflicts": counts.conflicts, "failed": counts.failed, "again": counts.again
                }  # fmt: skip
                await self._runs.count(tx, workspace, run_id, sent)
                await self._runs.end(tx, workspace, run_id)
        return counts

    async def _begun(self, workspace: Workspace, source: str) -> UUID:
        async with self._database.write() as tx:
            return await self._runs.begin(tx, workspace, source, "push")

    async def _take(self, workspace: Workspace, row: Record) -> bool:
        """Whether the change is ours to send: it waits still, and nobody else is about it."""
        now = self._clock.now()
        async with self._database.write() as tx:
            return bool(
                await tx.execute(
                    f"UPDATE {workspace.quoted_schema}._push SET run_after = $3"
                    " WHERE id = $1 AND state = 'waiting' AND attempts = $2 AND run_after <= $4",
                    row["id"], row["attempts"], now + _LEASE, now,
                )
            )  # fmt: skip

    async def _push(self, opened: object, row: Record) -> Pushed | TongmaiError:
        if not isinstance(opened, Pushes):
            return Pushed("refused", text=Text("这种数据源不能回写", "This kind of source takes no changes"))
        given = PushRow(
            row["stream"], row["key"], orjson.loads(row["changed"]), orjson.loads(row["before"]), str(row["id"])
        )
        try:
            return await opened.push(given)
        except TongmaiError as error:
            return error

    async def _settle(
        self, workspace: Workspace, row: Record, pushed: Pushed | TongmaiError, counts: PushCounts
    ) -> None:
        """Only a row that still waits is settled: a source that fails whole settles those before it already."""
        attempts = row["attempts"] + 1
        state, pause, before = "failed", timedelta(0), row["before"]
        if isinstance(pushed, Pushed) and await self._is_ours(workspace, row, pushed):
            expected = {**orjson.loads(row["before"]), **pushed.theirs}
            state, detail, before = "waiting", None, orjson.dumps(expected).decode()
        elif isinstance(pushed, Pushed):
            state = {"done": "done", "conflict": "conflict", "refused": "failed"}[pushed.outcome]
            why = () if pushed.text is None else (Fault(f"push.{pushed.outcome}", pushed.text),)
            detail = told(why, pushed.theirs)
        else:
            faults = pushed.faults or (Fault("source.failed", pushed.title),)
            detail = told(faults)
            if isinstance(pushed, SourceAway) and self._clock.now() - row["at"] < _TRIED_FOR:
                state, pause = "waiting", min(timedelta(seconds=2.0 ** min(attempts, 16)), _LONGEST_PAUSE)
        async with self._database.write() as tx:
            settled = await tx.execute(
                f"UPDATE {workspace.quoted_schema}._push SET state = $2, attempts = $3, detail = $4::text::jsonb,"
                " run_after = $5, before = $7::text::jsonb WHERE id = $1 AND state = 'waiting' AND attempts = $6",
                row["id"], state, attempts, detail, self._clock.now() + pause, row["attempts"], before,
            )  # fmt: skip
            if settled and self._telling is not None and state in ("conflict", "failed"):
                await self._telling.tell(tx, workspace, row["id"])
        if settled:
            counts.add(state)

    async def _is_ours(self, workspace: Workspace, row: Record, pushed: Pushed) -> bool:
        """Whether what the source has in place of what was expected is what we sent it last: no pull has told of it
        yet, and nobody there has changed anything."""
        if pushed.outcome != "conflict":
            return False
        async with self._database.read() as tx:
            sent = await tx.fetch(
                "SELECT DISTINCT ON (path) path, changed -> path AS value"
                f" FROM {workspace.quoted_schema}._push, jsonb_object_keys(changed) path"
                " WHERE mapping = $1 AND key = $2 AND state = 'done' ORDER BY path, epoch DESC, seq DESC",
                row["mapping"],
                row["key"],
            )
        ours = {each["path"]: orjson.loads(each["value"]) for each in sent}
        return all(
            path in ours and path in pushed.theirs and means_the_same(ours[path], pushed.theirs[path])
            for path in orjson.loads(row["changed"])
        )
