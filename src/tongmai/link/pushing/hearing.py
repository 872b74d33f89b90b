"""Hears what people changed from the sealed feed, and notes it for each row of a source that the record came from."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.kit import Clock, Fault, Invalid, new_id
from tongmai.link.identity.merged import fields_told_to_merged_rows
from tongmai.link.mapping import CompiledMapping
from tongmai.link.mapping.guarding import unsettled_fields
from tongmai.link.opening import Sources
from tongmai.link.pushing.change import told
from tongmai.link.pushing.manner import in_their_manner
from tongmai.link.pushing.telling import Telling
from tongmai.link.pushing.values import Naming, PushedValues
from tongmai.link.raw import RawRows
from tongmai.model import Catalogue, MappingDef
from tongmai.records import FeedEvent, Gateway
from tongmai.store import Database, Workspace

_PAGE = 500


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
class _Noted:
    """What goes to the source by its path, and what it has no name for: then nothing of the change is sent."""

    values: Mapping[str, JsonValue]
    faults: tuple[Fault, ...]

    def of_fields(self, mapping: MappingDef, fields: Collection[str]) -> _Noted:
        paths = {each.push for each in mapping.fields if each.field in fields}
        return _Noted({path: value for path, value in self.values.items() if path in paths}, self.faults)


class Hearing:
    """For all workspaces."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        gateway: Gateway,
        sources: Sources,
        raw: RawRows,
        values: PushedValues,
        telling: Telling | None,
    ) -> None:
        self._telling = telling
        self._database = database
        self._clock = clock
        self._gateway = gateway
        self._sources = sources
        self._raw = raw
        self._values = values

    async def advance(self, workspace: Workspace, catalogue: Catalogue) -> int:
        """Hears the feed to its end; how many changes are to go back."""
        pushing: dict[str, list[MappingDef]] = {}
        for mapping in catalogue.mappings:
            if mapping.enabled and self._sources.pushed(catalogue, mapping):
                pushing.setdefault(mapping.object, []).append(mapping)
        if not pushing:
            await self._rest(workspace)
            return 0
        heard = 0
        while True:
            place = await self._place(workspace)
            page = await self._gateway.feed(SystemActor("source"), workspace, after=place, limit=_PAGE)
            changes = [each for each in map(_heard, page) if each is not None and each.object in pushing]
            async with self._database.write() as tx:
                for change in changes:
                    for mapping in pushing[change.object]:
                        heard += await self._note(Naming(tx, workspace, catalogue, mapping), change)
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

    async def _rest(self, workspace: Workspace) -> None:
        """Nothing goes back: whoever opens it later does not mean what was changed before."""
        schema = workspace.quoted_schema
        async with self._database.read() as tx:
            was_heard = await tx.fetch_value(f"SELECT EXISTS (SELECT FROM {schema}._push_state)")
        if was_heard:
            async with self._database.write() as tx:
                await tx.execute(f"DELETE FROM {schema}._push_state")

    async def _note(self, naming: Naming, change: _Heard) -> int:
        """Notes the change for each raw row that the record came from."""
        mapping, schema = naming.mapping, naming.workspace.quoted_schema
        noted = await self._named(naming, change)
        if not noted.values:
            return 0
        rows = await naming.tx.fetch(
            f"SELECT key FROM {schema}._lineage WHERE mapping = $1 AND record_id = $2", mapping.key, change.record
        )
        keys = [row["key"] for row in rows]
        bodies = await self._raw.bodies(naming.tx, naming.workspace, mapping.source, mapping.stream, keys)
        guarded = await unsettled_fields(naming.tx, schema, mapping.key, keys, {path: path for path in noted.values})
        compiled, going_with = CompiledMapping(mapping), self._going_with(naming, noted)
        told_to_merged = await fields_told_to_merged_rows(naming.tx, schema, mapping, change.record)
        written = 0
        for key, row in bodies.items():
            its = noted.of_fields(mapping, told_to_merged[key]) if key in told_to_merged else noted
            if not its.values:
                continue
            before = {path: compiled.value_at(row.body, path) for path in its.values}
            told_there = _Noted(in_their_manner(naming, its.values, before), its.faults)
            is_there = told_there.values == before and not its.faults
            # Taken back to what the source has: nothing to send, but what was on its way before is settled by it.
            if not is_there or key in guarded:
                state = "failed" if its.faults else "done" if is_there else "waiting"
                whose = {path: compiled.value_at(row.body, path) for path in going_with}
                written += await self._keep(naming, change, key, told_there, whose | before, state)
        return written

    def _going_with(self, naming: Naming, noted: _Noted) -> set[str]:
        """The paths that tell the source whose values these are."""
        definition = naming.catalogue.source_by_key.get(naming.mapping.source)
        kind = None if definition is None else self._sources.kinds.get(definition.kind)
        if kind is None:
            return set()
        return {each for path in noted.values for each in kind.pushed_with(naming.mapping.stream, path)}

    async def _keep(
        self, naming: Naming, change: _Heard, key: str, noted: _Noted, before: Mapping[str, JsonValue], state: str
    ) -> int:
        mapping, push = naming.mapping, new_id(self._clock)
        written = await naming.tx.execute(
            f"INSERT INTO {naming.workspace.quoted_schema}._push (id, source, stream, mapping, key, record_id, changed,"
            " before, state, run_after, epoch, seq, at, detail) VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb,"
            " $8::text::jsonb, $9, $10, $11, $12, $10, $13::text::jsonb) ON CONFLICT DO NOTHING",
            push, mapping.source, mapping.stream, mapping.key, key, change.record,
            orjson.dumps(noted.values).decode(), orjson.dumps(before).decode(), state, self._clock.now(),
            change.epoch, change.seq, told(noted.faults),
        )  # fmt: skip
        if written and state == "failed" and self._telling is not None:
            await self._telling.tell(naming.tx, naming.workspace, push)
        return written

    async def _named(self, naming: Naming, change: _Heard) -> _Noted:
        values: dict[str, JsonValue] = {}
        faults: list[Fault] = []
        takes = partial(self._sources.takes, naming.catalogue, naming.mapping)
        for each in naming.mapping.fields:
            if each.push is None or each.field not in change.after or not takes(each.push):
                continue
            try:
                values[each.push] = await self._values.of(naming, each, change.after[each.field])
            except Invalid as nameless:
                values[each.push] = None
                faults += nameless.faults
        return _Noted(values, tuple(faults))


def _heard(event: FeedEvent) -> _Heard | None:
    """An update by a person; what a source or a rule of ours wrote is not sent back, nor what was filled from a merged
    record: the source has it there already."""
    body = orjson.loads(event.body)
    if body["action"] != "update" or body.get("actor") is None:
        return None
    if (body.get("cause") or "").startswith(("source:", "merge:", "unmerge:")):
        return None
    return _Heard(event.epoch, event.seq, event.object, event.id, body["before"] or {}, body["after"] or {})
