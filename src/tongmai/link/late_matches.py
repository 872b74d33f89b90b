"""What a source's row means may come to be known later: a customer is entered after his contact came, a colleague after
his chats. Whoever waits is looked at again, without anybody being asked (S0-23).

A question to a person is answered by the record that now bears what was asked for. A row of a mapping that makes no
records of its own, and found none, is taken by the one it finds now.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

import orjson

from tongmai.access import SystemActor
from tongmai.kit import Clock
from tongmai.link.looking_again import look_again
from tongmai.link.mapping.decisions import Decisions
from tongmai.link.mapping.matching import records_matched
from tongmai.link.mapping.own_codes import records_called
from tongmai.link.members import persons_of
from tongmai.link.raw import RawRows, StoredRow
from tongmai.link.raw_shelves import OF_STREAM
from tongmai.model import PERSON, FieldMap, MappingDef
from tongmai.records import Place
from tongmai.records.transfer import Loader
from tongmai.store import Database, Record, Workspace, WriteTx

_EVERY = timedelta(seconds=20)
_SOON = timedelta(seconds=2)
_PAGE = 2000
# A workspace's mapping.
_Scan: TypeAlias = tuple[UUID, str]
# How far a mapping has got in its stream, and by which definition.
_Reached: TypeAlias = tuple[int, bytes]


class LateMatches:
    """For all workspaces; a page of what waits at a time, in turn. Done twice at once it does the same."""

    def __init__(self, database: Database, clock: Clock, loader: Loader, decisions: Decisions, raw: RawRows) -> None:
        self._database = database
        self._clock = clock
        self._loader = loader
        self._decisions = decisions
        self._raw = raw
        self._due: dict[UUID, datetime] = {}
        self._asked: dict[UUID, UUID] = {}
        # Where each mapping's rows were left; how far it had got when all its rows were found to be records.
        self._left: dict[_Scan, int] = {}
        self._done: dict[_Scan, _Reached] = {}

    async def advance(self, workspace: Workspace) -> int:
        """How many rows are looked at again; nothing is done before it is due."""
        now = self._clock.now()
        if now < self._due.get(workspace.id, now):
            return 0
        found = await self.look(workspace)
        # What was found is often what others wait for.
        self._due[workspace.id] = now + (_SOON if found else _EVERY)
        return found

    async def look(self, workspace: Workspace) -> int:
        """As ``advance``, at once."""

        async def work(place: Place) -> int:
            async with self._database.write() as tx:
                found = await self._answer(tx, place)
                for mapping in place.structure.catalogue.mappings:
                    if mapping.enabled and mapping.match and not mapping.creates:
                        found += await self._match(tx, place, mapping)
            return found

        return await self._loader.in_place(SystemActor("source"), workspace, work)

    async def _answer(self, tx: WriteTx, place: Place) -> int:
        """Open questions whose text leads to one record now."""
        asked: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in await self._open(tx, place.workspace):
            asked[row["mapping"], row["field"]].append(row["given"])
        count = 0
        for (key, field), texts in asked.items():
            mapping = place.structure.catalogue.mapping_by_key.get(key)
            each = next((one for one in mapping.fields if one.field == field), None) if mapping else None
            target = None if mapping is None else place.structure.bound(mapping.object, field).target
            if mapping is None or each is None or target is None:
                continue
            sure = await self._sure(tx, place, mapping, each, target, texts)
            for text, record in sure.items():
                count += await self._decisions.settle(
                    tx, place.workspace, mapping, field, target, text, record, by=None
                )
        return count

    async def _sure(
        self, tx: WriteTx, place: Place, mapping: MappingDef, each: FieldMap, target: str, texts: Sequence[str]
    ) -> dict[str, UUID]:
        """Those that are the code of one record, or a member who is a person."""
        sure: dict[str, UUID] = {}
        for by in each.by:
            left = [text for text in texts if text not in sure]
            found = await self._loader.find(tx, place, target, (by,), [(text,) for text in left])
            sure |= {text: ids[0] for text, ids in zip(left, found, strict=True) if len(ids) == 1}
        left = [text for text in texts if text not in sure]
        if each.by and left:
            sure |= await records_called(tx, place, self._loader, self._raw, mapping, each, target, left)
        if target == PERSON:
            left = [text for text in texts if text not in sure]
            sure |= await persons_of(tx, place.workspace, place.structure.catalogue, mapping.source, left)
        return sure

    async def _open(self, tx: WriteTx, workspace: Workspace) -> list[Record]:
        rows = await tx.fetch(
            f"SELECT id, mapping, field, given FROM {workspace.quoted_schema}._match_queue"
            " WHERE state = 'open' AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2",
            self._asked.get(workspace.id), _PAGE,
        )  # fmt: skip
        if len(rows) == _PAGE:
            self._asked[workspace.id] = rows[-1]["id"]
        else:
            self._asked.pop(workspace.id, None)
        return rows

    async def _match(self, tx: WriteTx, place: Place, mapping: MappingDef) -> int:
        """Rows that found no record, and find one now."""
        scan = (place.workspace.id, mapping.key)
        reached = await self._reached(tx, place, mapping)
        if reached is None or self._done.get(scan) == reached:
            return 0
        after = self._left.get(scan, 0)
        rows = await self._unmatched(tx, place, mapping, after, reached[0])
        if rows:
            self._left[scan] = rows[-1].seq if len(rows) == _PAGE else 0
        elif after:
            self._left[scan] = 0
        else:
            self._done[scan] = reached
        found = await records_matched(tx, place, self._loader, mapping, rows, self._clock.now())
        keys = [key for key, ids in found.items() if len(ids) == 1]
        return await look_again(tx, place.workspace, self._raw, mapping.key, mapping.source, mapping.stream, keys)

    async def _reached(self, tx: WriteTx, place: Place, mapping: MappingDef) -> _Reached | None:
        """None for a mapping that has not begun. What came since is not mapped yet, and may find no record either."""
        row = await tx.fetch_row(
            f"SELECT seq, fingerprint FROM {place.schema}._mapping_state WHERE mapping = $1", mapping.key
        )
        return None if row is None else (row["seq"], row["fingerprint"])

    async def _unmatched(
        self, tx: WriteTx, place: Place, mapping: MappingDef, after: int, until: int
    ) -> list[StoredRow]:
        """Only of what is: what happened is judged when it came."""
        schema = place.schema
        rows = await tx.fetch(
            f"SELECT seq, key, version, body, deleted, at FROM {schema}._raw AS r"
            f" WHERE {OF_STREAM.format(schema=schema)} AND r.shelf = 'standing' AND NOT r.deleted AND r.seq > $4"
            f" AND NOT EXISTS (SELECT FROM {schema}._lineage AS l WHERE l.mapping = $3 AND l.key = r.key)"
            " AND r.seq <= $5 ORDER BY r.seq LIMIT $6",
            mapping.source, mapping.stream, mapping.key, after, until, _PAGE,
        )  # fmt: skip
        return [StoredRow(row[0], row[1], row[2], orjson.loads(row[3]), row[4], row[5]) for row in rows]
