"""The way back: what a person changed here goes to the source, where the mapping says so (S3-20).

Changes are heard of from the sealed feed, noted with the place reached in one transaction, and delivered by the
source's ``push``. A source that was changed meanwhile answers with a conflict: both values are kept for a person.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.kit import Clock, Conflict, Fault, Invalid, NotFound, Text, TongmaiError, new_id
from tongmai.link.faults import SourceAway
from tongmai.link.mapping import CompiledMapping
from tongmai.link.mapping.decisions import look_again
from tongmai.link.opening import Sources
from tongmai.link.pushed_values import PushedValues
from tongmai.link.raw import RawRows
from tongmai.link.runs import Runs, faults_json
from tongmai.link.source import Pushed, Pushes, PushRow
from tongmai.model import Catalogue, MappingDef
from tongmai.records import FeedEvent, Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Record, Workspace, WriteTx

_PAGE = 500
_MOST_ATTEMPTS = 8
_AT_ONCE = 50


@dataclass(slots=True)
class PushCounts:
    heard: int = 0
    done: int = 0
    conflicts: int = 0
    failed: int = 0
    again: int = 0


@dataclass(frozen=True, slots=True)
class _Heard:
    """A person's change of a record, as the feed tells it."""

    epoch: int
    seq: int
    object: str
    record: UUID
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PushState:
    """A change on its way back. ``detail`` holds what the source has (``theirs``) or why it failed."""

    id: UUID
    mapping: str
    key: str
    record: UUID
    changed: Mapping[str, Any]
    before: Mapping[str, Any]
    state: str
    attempts: int
    detail: Mapping[str, Any] | None
    at: datetime


class Pusher:
    """Hears and delivers, for all workspaces."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        clock: Clock,
        gateway: Gateway,
        sources: Sources,
        raw: RawRows,
        runs: Runs,
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._clock = clock
        self._gateway = gateway
        self._sources = sources
        self._raw = raw
        self._runs = runs
        self._values = PushedValues(clock, raw, gateway)

    async def advance(self, workspace: Workspace) -> PushCounts:
        """Hears the feed to its end and delivers what is due."""
        counts = PushCounts()
        catalogue = await self._catalogues.get(workspace)
        if any(each.push for mapping in catalogue.mappings for each in mapping.fields):
            counts.heard = await self._hear(workspace, catalogue)
            await self._deliver(workspace, counts)
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
        return [_state(row) for row in rows]

    async def resolve(self, workspace: Workspace, push: UUID, keep: Literal["ours", "theirs"]) -> None:
        """Settles a conflict: ours is sent again over what the source has now; with theirs the row is mapped anew.

        Raises ``NotFound``, and ``Conflict`` for what is no conflict (any more).
        """
        schema = workspace.quoted_schema
        async with self._database.write() as tx:
            row = await tx.fetch_row(
                f"SELECT source, stream, mapping, key, state, changed, detail FROM {schema}._push WHERE id = $1"
                " FOR UPDATE",
                push,
            )
            if row is None:
                raise NotFound.of("push.unknown", "没有这条回写", "There is no such change")
            if row["state"] != "conflict":
                raise Conflict.of("push.no_conflict", "这条回写没有冲突", "This change is in no conflict")
            if keep == "theirs":
                await tx.execute(f"UPDATE {schema}._push SET state = 'failed' WHERE id = $1", push)
                await look_again(tx, workspace, self._raw, row["mapping"], row["source"], row["stream"], [row["key"]])
                return
            theirs = orjson.loads(row["detail"])["theirs"]
            before = {path: theirs.get(path) for path in orjson.loads(row["changed"])}
            await tx.execute(
                f"UPDATE {schema}._push SET state = 'waiting', attempts = 0, run_after = $2, before = $3::text::jsonb"
                " WHERE id = $1",
                push, self._clock.now(), orjson.dumps(before).decode(),
            )  # fmt: skip

    async def _hear(self, workspace: Workspace, catalogue: Catalogue) -> int:
        pushing: dict[str, list[MappingDef]] = {}
        for mapping in catalogue.mappings:
            if mapping.enabled and any(each.push for each in mapping.fields):
                pushing.setdefault(mapping.object, []).append(mapping)
        heard = 0
        while True:
            place = await self._place(workspace)
            page = await self._gateway.feed(SystemActor("source"), workspace, after=place, limit=_PAGE)
            changes = [each for each in map(_heard, page) if each is not None and each.object in pushing]
            async with self._database.write() as tx:
                for change in changes:
                    for mapping in pushing[change.object]:
                        heard += await self._note(tx, workspace, catalogue, mapping, change)
                await tx.execute(
                    f"UPDATE {workspace.quoted_schema}._push_state SET epoch = $1, seq = $2"
                    " WHERE (epoch, seq) < ($1, $2)",
                    page.last.epoch,
                    page.last.seq,
                )
            if page.is_complete:
                return heard

    async def _place(self, workspace: Workspace) -> tuple[int, int]:
        """How far the feed was read. Whoever begins to push begins with what changes from now on."""
        schema = workspace.quoted_schema
        async with self._database.read() as tx:
            row = await tx.fetch_row(f"SELECT epoch, seq FROM {schema}._push_state")
        if row is not None:
            return row["epoch"], row["seq"]
        head = await self._gateway.feed_place(workspace)
        async with self._database.write() as tx:
            await tx.execute(
                f"INSERT INTO {schema}._push_state (epoch, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                head.epoch,
                head.seq,
            )
        return head

    async def _note(
        self, tx: WriteTx, workspace: Workspace, catalogue: Catalogue, mapping: MappingDef, change: _Heard
    ) -> int:
        """Notes the change for each raw row that the record came from. What the source has no name for is noted as
        failed with its reason, and nothing of the change is sent."""
        pushed = [each for each in mapping.fields if each.push and each.field in change.after]
        if not pushed:
            return 0
        values: dict[str, JsonValue] = {}
        faults: list[Fault] = []
        for each in pushed:
            assert each.push is not None
            try:
                given = change.after[each.field]
                values[each.push] = await self._values.of(tx, workspace, catalogue, mapping, each, given)
            except Invalid as nameless:
                values[each.push] = None
                faults += nameless.faults
        schema = workspace.quoted_schema
        rows = await tx.fetch(
            f"SELECT key FROM {schema}._lineage WHERE mapping = $1 AND record_id = $2", mapping.key, change.record
        )
        keys = [row["key"] for row in rows]
        bodies = await self._raw.bodies(tx, workspace, mapping.source, mapping.stream, keys)
        compiled = CompiledMapping(mapping)
        noted = 0
        for key, row in bodies.items():
            before = {path: compiled.value_at(row.body, path) for path in values}
            if values == before and not faults:
                continue
            noted += await tx.execute(
                f"INSERT INTO {schema}._push (id, source, stream, mapping, key, record_id, changed, before, state,"
                " run_after, epoch, seq, at, detail) VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8::text::jsonb,"
                " $12, $9, $10, $11, $9, $13::text::jsonb) ON CONFLICT DO NOTHING",
                new_id(self._clock), mapping.source, mapping.stream, mapping.key, key, change.record,
                orjson.dumps(values).decode(), orjson.dumps(before).decode(), self._clock.now(), change.epoch,
                change.seq, "failed" if faults else "waiting", _told(faults),
            )  # fmt: skip
        return noted

    async def _deliver(self, workspace: Workspace, counts: PushCounts) -> None:
        async with self._database.read() as tx:
            rows = await tx.fetch(
                f"SELECT id, source, stream, key, changed, before, attempts FROM {workspace.quoted_schema}._push"
                " WHERE state = 'waiting' AND run_after <= $1 ORDER BY epoch, seq LIMIT $2",
                self._clock.now(),
                _AT_ONCE,
            )
        by_source: dict[str, list[Record]] = {}
        for row in rows:
            by_source.setdefault(row["source"], []).append(row)
        for source, waiting in by_source.items():
            await self._deliver_to(workspace, source, waiting, counts)

    async def _deliver_to(
        self, workspace: Workspace, source: str, waiting: Sequence[Record], counts: PushCounts
    ) -> None:
        async with self._database.write() as tx:
            run_id = await self._runs.begin(tx, workspace, source, "push")
        try:
            known = await self._sources.known(workspace, source)
            async with self._sources.opened(workspace, known) as opened:
                for row in waiting:
                    pushed = await self._push(opened, row)
                    await self._settle(workspace, row, pushed, counts)
        except TongmaiError as error:
            for row in waiting:
                await self._settle(workspace, row, error, counts)
        async with self._database.write() as tx:
            told = {"done": counts.done, "conflicts": counts.conflicts, "failed": counts.failed, "again": counts.again}
            await self._runs.count(tx, workspace, run_id, told)
            await self._runs.end(tx, workspace, run_id)

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
        state, detail, pause = "failed", "{}", timedelta(0)
        if isinstance(pushed, Pushed):
            state = {"done": "done", "conflict": "conflict", "refused": "failed"}[pushed.outcome]
            text = None if pushed.text is None else [pushed.text.zh, pushed.text.en]
            detail = orjson.dumps({"theirs": dict(pushed.theirs), "text": text}).decode()
        else:
            faults = pushed.faults or (Fault("source.failed", pushed.title),)
            detail = _told(faults) or "{}"
            if isinstance(pushed, SourceAway) and attempts < _MOST_ATTEMPTS:
                state, pause = "waiting", timedelta(seconds=2.0**attempts)
        async with self._database.write() as tx:
            settled = await tx.execute(
                f"UPDATE {workspace.quoted_schema}._push SET state = $2, attempts = $3, detail = $4::text::jsonb,"
                " run_after = $5 WHERE id = $1 AND state = 'waiting' AND attempts = $6",
                row["id"], state, attempts, detail, self._clock.now() + pause, row["attempts"],
            )  # fmt: skip
        if settled:
            name = {"done": "done", "conflict": "conflicts", "failed": "failed", "waiting": "again"}[state]
            setattr(counts, name, getattr(counts, name) + 1)


def _told(faults: Sequence[Fault]) -> str | None:
    return orjson.dumps({"faults": orjson.loads(faults_json(faults))}).decode() if faults else None


def _state(row: Record) -> PushState:
    return PushState(
        row["id"], row["mapping"], row["key"], row["record_id"], orjson.loads(row["changed"]),
        orjson.loads(row["before"]), row["state"], row["attempts"],
        None if row["detail"] is None else orjson.loads(row["detail"]), row["at"],
    )  # fmt: skip


def _heard(event: FeedEvent) -> _Heard | None:
    """An update by a person; what a source or a rule of ours wrote is not sent back."""
    told = orjson.loads(event.body)
    if told["action"] != "update" or told.get("actor") is None:
        return None
    if (told.get("cause") or "").startswith("source:"):
        return None
    return _Heard(event.epoch, event.seq, event.object, event.id, told["before"] or {}, told["after"] or {})
