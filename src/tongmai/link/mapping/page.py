"""One page of raw rows written: found again or by key, resolved, guarded from overwriting people, loaded.

Everything happens in the caller's transaction.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple, cast
from uuid import UUID

from tongmai.access import SystemActor
from tongmai.kit import Fault, Text, TongmaiError
from tongmai.link.identity.merged import ComingRow, fields_kept_by_merges, find_or_merged
from tongmai.link.identity.name_list import NameList
from tongmai.link.mapping.compiled import CompiledMapping, Value, Worked
from tongmai.link.mapping.guarding import unsettled_fields
from tongmai.link.mapping.relations import Relations, Resolved
from tongmai.link.raw import StoredRow
from tongmai.link.raw_shelves import OF_STREAM
from tongmai.model import FieldMap
from tongmai.records import Gateway, Place
from tongmai.records.transfer import LoadColumn, Loaded, Loader
from tongmai.store import WriteTx

_Cells = tuple[Value, ...]
_LINEAGE = ("mapping", "key", "object", "record_id", "version", "run_id", "at", "mapped_at")


@dataclass(slots=True)
class PageOutcome:
    """What became of a page; ``refused`` holds the faults of rows by key. ``skipped``: known versions, and rows that
    the mapping leaves out. ``waiting``: taken, with a relation still to be confirmed by a person."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    deleted: int = 0
    waiting: int = 0
    refused: dict[str, list[Fault]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    is_last: bool = True


class _Line(NamedTuple):
    """A row on its way: its values, and the record it is already known to be."""

    row: StoredRow
    cells: _Cells
    record: UUID | None = None


class Page:
    """Writes one page of one mapping."""

    def __init__(
        self,
        tx: WriteTx,
        place: Place,
        compiled: CompiledMapping,
        run_id: UUID,
        loader: Loader,
        gateway: Gateway,
        relations: Relations,
        names: dict[tuple[str, str], NameList],
        now: datetime,
    ) -> None:
        self._tx = tx
        self._place = place
        self._compiled = compiled
        self._mapping = compiled.mapping
        self._run_id = run_id
        self._loader = loader
        self._gateway = gateway
        self._relations = relations
        self._names = names
        self._now = now
        self._cause = f"source:{self._mapping.source}:{self._mapping.stream}:{run_id}"
        self._known: dict[str, UUID] = {}
        self._versions: Mapping[str, bytes] = {}
        self._resolved: set[str] = set()
        self._nobody: dict[tuple[str, str], str] = {}
        self._parts = 0
        self._outcome = PageOutcome()
        self._done: list[tuple[StoredRow, UUID]] = []

    async def fresh(self, rows: Sequence[StoredRow], versions: Mapping[str, bytes]) -> list[StoredRow]:
        """The rows whose version was not applied yet."""
        applied = await self.known(rows, versions)
        fresh = [row for row in rows if applied.get(row.key) != self._versions[row.key]]
        self._outcome.skipped += len(rows) - len(fresh)
        return fresh

    async def known(self, rows: Sequence[StoredRow], versions: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Looks up which records the rows became; the versions that were applied, by key."""
        if not rows:
            return {}
        found = await self._tx.fetch(
            f"SELECT key, record_id, version FROM {self._place.schema}._lineage WHERE mapping = $1 AND key = ANY($2)",
            self._mapping.key,
            [row.key for row in rows],
        )
        self._known = {row["key"]: row["record_id"] for row in found}
        self._versions = versions
        return {row["key"]: row["version"] for row in found}

    async def write(self, fresh: Sequence[StoredRow], worked: Worked) -> PageOutcome:
        """Writes what ``worked`` holds, and deletes what the source has no more."""
        outcome = self._outcome
        outcome.refused.update(worked.faults)
        outcome.absent = worked.absent
        gone = [row for row in fresh if row.deleted]
        outcome.skipped += len(fresh) - len(gone) - len(worked.rows) - len(worked.faults)
        columns = list(worked.columns)
        waits: dict[str, set[UUID]] = {}
        for index, each in enumerate(self._mapping.fields):
            columns[index] = self._rounded(each, columns[index])
            columns[index] = await self._resolve(each, columns[index], worked.rows, waits)
        lines = [_Line(row, cells) for row, cells in zip(worked.rows, zip(*columns, strict=True), strict=True)]
        lines = await self._found(lines)
        await self._update([line for line in lines if line.record is not None])
        await self._insert([line for line in lines if line.record is None])
        await self._delete(gone)
        await self._wait(waits)
        return outcome

    def _rounded(self, each: FieldMap, values: Sequence[Value]) -> Sequence[Value]:
        """Numbers to the places of their field: what a source computes has more, and is meant all the same."""
        options = self._place.structure.bound(self._mapping.object, each.field).options
        places = getattr(options, "places", None)
        if not isinstance(places, int):
            return values
        step = Decimal(1).scaleb(-places)
        return [_round(value, step) for value in values]

    async def _resolve(
        self, each: FieldMap, values: Sequence[Value], rows: Sequence[StoredRow], waits: dict[str, set[UUID]]
    ) -> Sequence[Value]:
        """Puts ids in place of what a relation's column says."""
        target = self._place.structure.bound(self._mapping.object, each.field).target
        if target is None or not (each.by or each.like):
            return values
        self._resolved.add(each.field)
        texts = [None if value is None else str(value).strip() for value in values]
        given = list(dict.fromkeys(text for text in texts if text))
        if not given:
            return [None] * len(values)
        resolved = await self._relations.resolve(self._tx, self._place, self._mapping, each, target, given, self._names)
        await self._make_missing(each, target, resolved)
        if resolved.waiting:
            for row, text in zip(rows, texts, strict=True):
                if text in resolved.waiting:
                    self._nobody[row.key, each.field] = text
                    waits.setdefault(row.key, set()).add(resolved.waiting[text])
        return [resolved.ids.get(text) if text else None for text in texts]

    async def _make_missing(self, each: FieldMap, target: str, resolved: Resolved) -> None:
        """Makes related records that have nothing but the text they were called by."""
        if not resolved.missing:
            return
        name = each.like or each.by[-1]
        self._parts += 1
        made = await self._loader.insert(
            self._tx, self._place, target, [LoadColumn(name)], [(text,) for text in resolved.missing], self._cause,
            part=self._parts,
        )  # fmt: skip
        resolved.ids.update({resolved.missing[index]: id_ for index, id_ in made.ids.items()})
        self._names.pop((target, name), None)

    # Which record a row is

    async def _found(self, lines: list[_Line]) -> list[_Line]:
        """Each line with its record, where there is one. Rows of records in the bin are refused."""
        known = {line.row.key: self._known[line.row.key] for line in lines if line.row.key in self._known}
        alive = await self._loader.alive(self._tx, self._place, self._mapping.object, sorted(set(known.values())))
        found: list[_Line] = []
        fresh: list[_Line] = []
        for line in lines:
            record = known.get(line.row.key)
            if record is None:
                fresh.append(line)
            elif record in alive:
                found.append(_Line(line.row, line.cells, record))
            else:
                self._outcome.refused[line.row.key] = [_GONE]
        return found + await self._matched(fresh)

    async def _matched(self, lines: list[_Line]) -> list[_Line]:
        keys = self._mapping.match
        if not keys or not lines:
            return lines
        places = [self._index(key) for key in keys]
        given = [tuple(line.cells[place] for place in places) for line in lines]
        ids = await find_or_merged(
            self._tx, self._place, self._loader, self._mapping.object, keys, cast("list[tuple[str, ...]]", given)
        )
        found = []
        for line, these in zip(lines, ids, strict=True):
            if len(these) > 1:
                self._outcome.refused[line.row.key] = [_SEVERAL]
            elif these or self._mapping.creates:
                found.append(_Line(line.row, line.cells, these[0] if these else None))
            else:
                self._outcome.skipped += 1
        return found

    def _index(self, key: str) -> int:
        return next(index for index, each in enumerate(self._mapping.fields) if each.field == key)

    # Writing

    async def _update(self, lines: list[_Line]) -> None:
        """Changes records, each row without the fields in which a person wins. Of rows that mean one record, one after
        the other."""
        while lines:
            now: dict[UUID, _Line] = {}
            later = []
            for line in lines:
                assert line.record is not None
                if line.record in now:
                    later.append(line)
                else:
                    now[line.record] = line
            for kept, group in (await self._by_what_is_kept(list(now.values()))).items():
                await self._update_group(kept, group)
            lines = later

    async def _by_what_is_kept(self, lines: Sequence[_Line]) -> Mapping[frozenset[str], list[_Line]]:
        """The lines by the fields that are left as they are."""
        guarded = [each for each in self._mapping.fields if each.wins != "source"]
        ids = [line.record for line in lines if line.record is not None]
        hand: Mapping[UUID, Mapping[str, datetime]] = {}
        if guarded:
            keys = [each.field for each in guarded]
            hand = await self._loader.changed_by_hand(self._tx, self._place, ids, keys)
        pushed = await self._on_their_way([line.row.key for line in lines])
        coming = [ComingRow(line.row.key, line.record, line.cells) for line in lines if line.record is not None]
        merged = await fields_kept_by_merges(self._tx, self._place, self._mapping, coming)
        groups: dict[frozenset[str], list[_Line]] = {}
        for line in lines:
            assert line.record is not None
            changed = hand.get(line.record, {})
            kept = {
                each.field
                for each in guarded
                if each.field in changed
                and (each.wins == "person" or (line.row.at is not None and changed[each.field] >= line.row.at))
            }
            kept |= pushed.get(line.row.key, set()) | merged.get(line.row.key, set())
            groups.setdefault(frozenset(kept), []).append(line)
        return groups

    async def _on_their_way(self, keys: Sequence[str]) -> Mapping[str, set[str]]:
        """Fields whose change by a person has not reached the source: it does not know of it yet."""
        paths = {each.push: each.field for each in self._mapping.fields if each.push is not None}
        if not paths:
            return {}
        return await unsettled_fields(self._tx, self._place.schema, self._mapping.key, keys, paths)

    async def _update_group(self, kept: frozenset[str], lines: Sequence[_Line]) -> None:
        places = [index for index, each in enumerate(self._mapping.fields) if each.field not in kept]
        if not places:
            self._outcome.unchanged += len(lines)
            self._done += [(line.row, line.record) for line in lines if line.record is not None]
            return
        columns = [self._column(self._mapping.fields[place].field) for place in places]
        rows = [tuple(line.cells[place] for place in places) for line in lines]
        ids = [line.record for line in lines if line.record is not None]
        self._parts += 1
        loaded = await self._loader.update(
            self._tx, self._place, self._mapping.object, columns, ids, cast("list[tuple[str, ...]]", rows), self._cause,
            part=self._parts,
        )  # fmt: skip
        self._account(lines, loaded)

    async def _insert(self, lines: list[_Line]) -> None:
        """Makes records. Of rows that would make one and the same, the first makes it and the others change it; where
        it is refused, the next one makes it."""
        columns = [self._column(each.field) for each in self._mapping.fields]
        while lines:
            first, later = self._first_of_each(lines)
            rows = cast("list[tuple[str, ...]]", [line.cells for line in first])
            self._parts += 1
            loaded = await self._loader.insert(
                self._tx, self._place, self._mapping.object, columns, rows, self._cause, part=self._parts
            )
            self._account(first, loaded)
            again = await self._matched(later)
            await self._update([line for line in again if line.record is not None])
            lines = [line for line in again if line.record is None]

    def _first_of_each(self, lines: Sequence[_Line]) -> tuple[list[_Line], list[_Line]]:
        """The first row of each record to be made, and the others."""
        places = [self._index(key) for key in self._mapping.match]
        first: list[_Line] = []
        later: list[_Line] = []
        seen: set[tuple[str, ...]] = set()
        for line in lines:
            key = tuple(str(line.cells[place]).strip() for place in places)
            is_blank = any(line.cells[place] is None for place in places)
            if places and not is_blank and key in seen:
                later.append(line)
            else:
                seen.add(key)
                first.append(line)
        return first, later

    def _column(self, key: str) -> LoadColumn:
        return LoadColumn(key, resolved=key in self._resolved)

    def _account(self, lines: Sequence[_Line], loaded: Loaded) -> None:
        self._outcome.inserted += loaded.inserted
        self._outcome.updated += loaded.updated
        self._outcome.unchanged += loaded.unchanged
        for index, faults in loaded.refused.items():
            key = lines[index].row.key
            self._outcome.refused[key] = [self._told(key, fault) for fault in faults]
        self._done += [(lines[index].row, id_) for index, id_ in loaded.ids.items()]

    def _told(self, key: str, fault: Fault) -> Fault:
        """A required relation is not left out by the source: whom it names is no record yet."""
        given = self._nobody.get((key, fault.field or ""))
        if fault.code != "field.required" or given is None:
            return fault
        said = Text(f"还没有对应的记录：{given}", f"No record is this yet: {given}")
        return Fault("mapping.nobody_yet", said, _LATER, fault.field)

    async def _delete(self, gone: Sequence[StoredRow]) -> None:
        """Records whose rows the source has no more go into the bin, where the mapping says so."""
        held = set() if self._mapping.on_delete == "keep" else await self._held_by_others(gone)
        for row in gone:
            record = self._known.get(row.key)
            if record is None or record in held or self._mapping.on_delete == "keep":
                self._outcome.skipped += 1
                continue
            try:
                await self._gateway.delete(
                    SystemActor("source"), self._place.workspace, self._mapping.object, record, cause=self._cause,
                    tx=self._tx,
                )  # fmt: skip
                self._outcome.deleted += 1
                self._done.append((row, record))
            except TongmaiError as error:
                self._outcome.refused[row.key] = list(error.faults)

    async def _held_by_others(self, gone: Sequence[StoredRow]) -> set[UUID]:
        """The records of these rows that another row of the stream became as well, and is there still: of two contacts
        of a company one, of two codes that were merged one."""
        records = {self._known[row.key] for row in gone if row.key in self._known}
        if not records:
            return set()
        schema, mapping = self._place.schema, self._mapping
        rows = await self._tx.fetch(
            "SELECT g.id FROM unnest($4::uuid[]) AS g(id) WHERE EXISTS ("
            f" SELECT FROM {schema}._lineage AS l CROSS JOIN LATERAL (SELECT FROM {schema}._raw"
            f"  WHERE {OF_STREAM.format(schema=schema)} AND key = l.key AND NOT deleted) AS r"
            " WHERE l.record_id = g.id AND l.mapping = $3)",
            mapping.source, mapping.stream, mapping.key, list(records),
        )  # fmt: skip
        return {row["id"] for row in rows}

    def _version_of(self, row: StoredRow) -> bytes:
        return self._versions.get(row.key) or self._compiled.version_of(row)

    async def keep_lineage(self) -> None:
        """Which record each row became. Nobody else makes lineage of this mapping while its mark is held, but for the
        few lines of chats that a person links: rows that had none get it by COPY."""
        new = [each for each in self._done if each[0].key not in self._known]
        if new:
            await self._tx.copy_records(self._place.workspace.schema, "_lineage", _LINEAGE, map(self._line_of, new))
        known = [each for each in self._done if each[0].key in self._known]
        if known:
            await self._tx.execute(
                f"INSERT INTO {self._place.schema}._lineage ({', '.join(_LINEAGE)})"
                " SELECT $1, g.key, $2, g.id, g.version, $3, g.at, $4"
                " FROM unnest($5::text[], $6::uuid[], $7::bytea[], $8::timestamptz[]) AS g(key, id, version, at)"
                " ON CONFLICT (mapping, key) DO UPDATE SET record_id = excluded.record_id, version = excluded.version,"
                " run_id = excluded.run_id, at = excluded.at, mapped_at = excluded.mapped_at",
                self._mapping.key, self._mapping.object, self._run_id, self._now,
                [row.key for row, _ in known], [id_ for _, id_ in known],
                [self._version_of(row) for row, _ in known], [row.at for row, _ in known],
            )  # fmt: skip

    def _line_of(self, done: tuple[StoredRow, UUID]) -> tuple[object, ...]:
        row, record = done
        mapping, version = self._mapping, self._version_of(row)
        return mapping.key, row.key, mapping.object, record, version, self._run_id, row.at, self._now

    async def _wait(self, waits: Mapping[str, set[UUID]]) -> None:
        """Notes which rows wait for which decisions."""
        if waits:
            pairs = [(queue, key) for key, queues in waits.items() for queue in sorted(queues)]
            await self._tx.execute(
                f"INSERT INTO {self._place.schema}._match_wait (queue_id, key)"
                " SELECT * FROM unnest($1::uuid[], $2::text[]) ON CONFLICT DO NOTHING",
                [queue for queue, _ in pairs],
                [key for _, key in pairs],
            )
        self._outcome.waiting += len(waits)


def _round(value: Value, step: Decimal) -> Value:
    """Half away from zero. What is no plain number is left for the field to read, or to refuse."""
    if value is None or isinstance(value, bool | int) or not isinstance(value, Decimal | float | str):
        return value
    text = str(value)
    if "." not in text:
        return value
    try:
        rounded = Decimal(text).quantize(step, ROUND_HALF_UP)
    except InvalidOperation:
        return value
    return rounded


_LATER = Text(
    "录入后自动进来，也可以在“待确认”里指定", "It comes in once the record is there, or choose one under “To decide”"
)
_GONE = Fault(
    "mapping.record_gone",
    Text("这条记录在本系统中已被删除", "The record was deleted here"),
    Text("请从回收站恢复，或保持忽略", "Restore it from the bin, or leave it so"),
)
_SEVERAL = Fault(
    "mapping.several",
    Text("有多条记录符合匹配字段", "Several records have these values"),
    Text("请先合并重复的记录", "Merge the duplicates first"),
)
