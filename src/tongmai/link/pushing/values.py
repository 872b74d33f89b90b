"""What a changed value is called in the source it goes back to: a relation by the source's own code, else as it is.

The same ways by which a pull finds a related record, walked backwards: what the source itself called the record, then
what a person said its text means, then the record's own code or name.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.kit import Clock, Fault, Invalid, NotFound, Text, new_id
from tongmai.link.mapping import CompiledMapping
from tongmai.link.raw import RawRows
from tongmai.model import Catalogue, FieldMap, MappingDef, ObjectScope
from tongmai.records import Gateway
from tongmai.store import Workspace, WriteTx


@dataclass(frozen=True, slots=True)
class Naming:
    """Within which transaction, and for which mapping."""

    tx: WriteTx
    workspace: Workspace
    catalogue: Catalogue
    mapping: MappingDef


class PushedValues:
    """For all workspaces."""

    def __init__(self, clock: Clock, raw: RawRows, gateway: Gateway) -> None:
        self._clock = clock
        self._raw = raw
        self._gateway = gateway

    async def of(self, naming: Naming, each: FieldMap, value: JsonValue) -> JsonValue:
        """The value for the source. Raises ``Invalid`` for a related record that the source has no name for."""
        target = ObjectScope(naming.catalogue, naming.mapping.object, metrics=False).bound(each.field).target
        if target is None or value is None:
            return value
        ids = [UUID(str(one)) for one in (value if isinstance(value, list) else [value])]
        codes: list[JsonValue] = [await self._code(naming, each, target, one) for one in ids]
        return codes if isinstance(value, list) else codes[0]

    async def _code(self, naming: Naming, each: FieldMap, target: str, record: UUID) -> JsonValue:
        told = await self._told_by_source(naming, each.by, target, record)
        if told is not None:
            # Ours may bear another code by now: what comes back must mean the same record.
            await self._remember(naming, each, target, str(told), record)
        else:
            told = await naming.tx.fetch_value(
                f"SELECT given FROM {naming.workspace.quoted_schema}._match_queue WHERE mapping = $1 AND field = $2"
                " AND record_id = $3 AND state = 'matched' ORDER BY decided_at DESC LIMIT 1",
                naming.mapping.key, each.field, record,
            )  # fmt: skip
        if told is None:
            told = await self._own_code(naming.workspace, each.by, target, record)
        if told is None:
            raise Invalid((_nameless(naming.catalogue, target, each),))
        return told

    async def _told_by_source(self, naming: Naming, by: Sequence[str], target: str, record: UUID) -> JsonValue:
        """What the raw row that the related record came from has where our ``by`` fields are filled from."""
        source = naming.mapping.source
        mappings = {one.key: one for one in naming.catalogue.mappings if (one.source, one.object) == (source, target)}
        rows = await naming.tx.fetch(
            f"SELECT mapping, key FROM {naming.workspace.quoted_schema}._lineage WHERE record_id = $1"
            " AND mapping = ANY($2) ORDER BY mapping, key",
            record,
            list(mappings),
        )
        for field in by:
            for row in rows:
                origin = mappings[row["mapping"]]
                filled = origin.by_field.get(field)
                if filled is None:
                    continue
                compiled = CompiledMapping(origin)
                paths = compiled.paths_of(filled)
                stored = await self._raw.bodies(naming.tx, naming.workspace, source, origin.stream, [row["key"]])
                if compiled.is_plain(filled) and row["key"] in stored and not stored[row["key"]].deleted:
                    found = compiled.value_at(stored[row["key"]].body, paths[0])
                    if found not in (None, ""):
                        return found
        return None

    async def _remember(self, naming: Naming, each: FieldMap, target: str, code: str, record: UUID) -> None:
        await naming.tx.execute(
            f"INSERT INTO {naming.workspace.quoted_schema}._match_queue"
            " (id, mapping, field, object, given, candidates, state, record_id, decided_at, at)"
            " VALUES ($1, $2, $3, $4, $5, '[]', 'matched', $6, $7, $7) ON CONFLICT (mapping, field, given) DO NOTHING",
            new_id(self._clock), naming.mapping.key, each.field, target, code, record, self._clock.now(),
        )  # fmt: skip

    async def _own_code(self, workspace: Workspace, by: Sequence[str], target: str, record: UUID) -> JsonValue:
        try:
            document = orjson.loads(await self._gateway.get(SystemActor("source"), workspace, target, record))
        except NotFound:
            return None
        return next((document[field] for field in by if document.get(field) not in (None, "")), None)


def _nameless(catalogue: Catalogue, target: str, each: FieldMap) -> Fault:
    definition = catalogue.object_by_key[target]
    listed = "、".join(definition.by_key[key].label.zh for key in each.by if key in definition.by_key) or "编号"
    return Fault(
        "push.no_code",
        Text(
            f"关联的{definition.label.zh}在来源系统里没有编号，无法回写",
            f"The source has no name for the related record of “{definition.label.en}”",
        ),
        Text(f"请先填写它的{listed}", "Give it the code or name that the source knows"),
        each.field,
    )
