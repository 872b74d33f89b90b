"""Call-backs: verified by their source, stored before they are answered, taken once."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from tongmai.kit import Clock, Conflict, NotFound, TongmaiError, Unavailable
from tongmai.link.opening import Sources
from tongmai.link.pulling import ask_for_pull
from tongmai.link.raw import RawRows
from tongmai.link.refused_calls import RefusedCalls
from tongmai.link.runs import Runs
from tongmai.link.source import HookAnswer, HookCall, Received, Receives
from tongmai.link.watching import tell_of_news
from tongmai.store import Database, Workspace, WriteTx

_KEPT = timedelta(days=7)
_PASSING_KEPT = timedelta(days=90)
_HOUSEKEEPING = timedelta(hours=1)
_REFUSALS_KEPT = timedelta(days=30)


class Receiver:
    """Takes call-backs for all workspaces."""

    def __init__(self, database: Database, clock: Clock, sources: Sources, raw: RawRows, runs: Runs) -> None:
        self._database = database
        self._clock = clock
        self._sources = sources
        self._raw = raw
        self._runs = runs
        self._refused = RefusedCalls(clock)
        self._months_kept: dict[UUID, datetime] = {}

    async def receive(self, workspace: Workspace, source: str, call: HookCall) -> HookAnswer:
        """The answer, once everything the call brought is stored.

        Raises ``NotFound`` for a source that takes no call-backs, ``Denied`` for a call that is forged or too old,
        ``Invalid`` for one that cannot be read. What was refused stands among the source's refusals.
        """
        known = await self._sources.known(workspace, source)
        if not known.definition.enabled:
            raise _no_hook()
        try:
            async with self._sources.opened(workspace, known) as opened:
                if not isinstance(opened, Receives):
                    raise _no_hook()
                received = await opened.receive(call)
        except (NotFound, Conflict):
            raise
        except TongmaiError as error:
            await self._note(workspace, source, call, error)
            raise
        await self.take(workspace, source, received)
        return received.answer

    async def refuse(self, workspace: Workspace, source: str, call: HookCall, error: TongmaiError) -> None:
        """Notes a call that was not read at all, where there is such an address. Raises ``NotFound`` where not."""
        known = await self._sources.known(workspace, source)
        if not known.definition.enabled or not known.kind.receives:
            raise _no_hook()
        await self._note(workspace, source, call, error)

    async def take(self, workspace: Workspace, source: str, received: Received) -> bool:
        """Stores what a call brought; whether it is the first time. In one transaction."""
        async with self._database.write() as tx:
            schema, now = workspace.quoted_schema, self._clock.now()
            if received.once is not None:
                first = await tx.execute(
                    f"INSERT INTO {schema}._source_once (source, key, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                    source, received.once[:200], now,
                )  # fmt: skip
                if first == 0:
                    return False
            counts: dict[str, int] = {}
            known = await self._sources.known(workspace, source)
            for stream in sorted(received.rows):
                put = await self._raw.put(
                    tx, workspace, source, stream, received.rows[stream], shelf=known.shelf(stream)
                )
                await self._runs.refuse(tx, workspace, source, stream, put.set_aside)
                for name, number in (("new", put.new), ("changed", put.changed), ("same", put.same)):
                    counts[name] = counts.get(name, 0) + number
                counts["refused"] = counts.get("refused", 0) + len(put.set_aside)
            if counts.get("new") or counts.get("changed"):
                await self._raw.announce(tx, workspace)
            await self._fetch(tx, workspace, source, received.pull)
        return True

    async def _fetch(self, tx: WriteTx, workspace: Workspace, source: str, streams: tuple[str, ...]) -> None:
        """Streams with news: what is watched is looked at now, the others are pulled by a job."""
        if not streams:
            return
        watched = (await self._sources.known(workspace, source)).watched
        if any(each in watched for each in streams):
            await tell_of_news(tx, workspace, source)
        left = [each for each in streams if each not in watched]
        if left:
            await ask_for_pull(tx, self._clock, workspace, source, left)

    async def sweep(self, workspace: Workspace) -> None:
        """Forgets the keys of old calls, which are refused by their time-stamp, what passes, and old runs."""
        now = self._clock.now()
        async with self._database.write() as tx:
            await tx.execute(f"DELETE FROM {workspace.quoted_schema}._source_once WHERE at < $1", now - _KEPT)
            await self._runs.sweep(tx, workspace)
            await self._refused.forget(tx, workspace, now - _REFUSALS_KEPT)
        if now - self._months_kept.get(workspace.id, now - _HOUSEKEEPING) >= _HOUSEKEEPING:
            # Readers may hold the months just now: the next sweep will do.
            with suppress(Unavailable):
                async with self._database.write() as tx:
                    await self._raw.keep_months(tx, workspace, now - _PASSING_KEPT)
                self._months_kept[workspace.id] = now

    async def _note(self, workspace: Workspace, source: str, call: HookCall, error: TongmaiError) -> None:
        announced = call.headers.get("content-length", "")
        is_told = not call.body and announced.isascii() and announced.isdigit() and len(announced) < 19
        size = int(announced) if is_told else len(call.body)
        seen = {"method": call.method, "ip": call.ip, "bytes": size}
        async with self._database.write() as tx:
            await self._refused.note(tx, workspace, source, "_call", error, seen)


def _no_hook() -> NotFound:
    return NotFound.of("source.no_hook", "没有这个回调地址", "There is no such hook")
