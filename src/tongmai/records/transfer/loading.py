"""Rows from memory go the way of an import: for sources, whose rows are neither a file nor asked for by a person.

Nothing here commits: the caller keeps where it stands in the same transaction. Only the system loads.
"""

# ruff: noqa: S608 - names come from quote_ident, values are bound

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

# The driver's own, a uuid.UUID that is made eight times as quickly.
from asyncpg.pgproto.pgproto import UUID as QuickUUID  # noqa: N811
from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.kit import Fault, in_turns
from tongmai.model import Reading
from tongmai.records.place import Place
from tongmai.records.runtime import Runtime
from tongmai.records.transfer.chunk import write_chunk
from tongmai.records.transfer.mapping import ID, MappedColumn, natural_matches
from tongmai.records.transfer.plan import ImportPlan, compile_plan
from tongmai.records.transfer.request import ImportRequest
from tongmai.records.transfer.tables import ChunkTables
from tongmai.store import Workspace, WriteTx, quote_ident
from tongmai.tabular import Batch, Cell, ChunkParser, ParsedChunk, joined

Result = TypeVar("Result")
_NO_FILE = UUID(int=0)
# Who takes a merge back types nothing: what comes next from the record's own source is right.
_COUNTS_AS_HAND = "h.actor IS NOT NULL AND coalesce(h.cause, '') !~ '^(source|unmerge):'"


@dataclass(frozen=True, slots=True)
class LoadColumn:
    """A field that the rows fill. ``resolved``: a relation whose cells already are ids of live records."""

    field: str
    resolved: bool = False


@dataclass(slots=True)
class Loaded:
    """What became of the rows, by their index: ``ids`` of those that are in, ``refused`` of the others."""

    ids: dict[int, UUID] = field(default_factory=dict)
    refused: dict[int, list[Fault]] = field(default_factory=dict)
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """A record's field that points to another record; ``ids`` is its whole value where it points to several."""

    object: str
    field: str
    record: UUID
    ids: tuple[UUID, ...] | None = None

    def pointed(self, before: UUID, after: UUID) -> str | list[str]:
        """The value that points to ``after`` instead of ``before``."""
        if self.ids is None:
            return str(after)
        return list(dict.fromkeys(str(after if each == before else each) for each in self.ids))


class Loader:
    """Loads rows for the system, and finds the records that rows mean."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def in_place(
        self, actor: SystemActor, workspace: Workspace, work: Callable[[Place], Awaitable[Result]]
    ) -> Result:
        """Runs ``work``, which opens a transaction of its own, with the present catalogue; again if that changes."""
        return await self._runtime.with_present_catalogue(actor, workspace, work)

    async def insert(
        self,
        tx: WriteTx,
        place: Place,
        object_key: str,
        columns: Sequence[LoadColumn],
        rows: Sequence[Sequence[Cell]],
        cause: str,
        *,
        part: int,
    ) -> Loaded:
        """Makes a record of each row. ``part`` tells this call from the others in the transaction."""
        return await self._load(tx, place, object_key, "insert", columns, rows, cause, part)

    async def update(
        self,
        tx: WriteTx,
        place: Place,
        object_key: str,
        columns: Sequence[LoadColumn],
        ids: Sequence[UUID],
        rows: Sequence[Sequence[Cell]],
        cause: str,
        *,
        part: int,
    ) -> Loaded:
        """Changes the records named by ``ids`` (each once); a blank cell clears its field."""
        given = [(str(each), *row) for each, row in zip(ids, rows, strict=True)]
        loaded = await self._load(
            tx, place, object_key, "update", (LoadColumn(ID, resolved=True), *columns), given, cause, part
        )
        loaded.ids = {index: ids[index] for index in loaded.ids}
        return loaded

    async def find(
        self,
        tx: WriteTx,
        place: Place,
        object_key: str,
        keys: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        *,
        binned: Sequence[UUID] | None = None,
    ) -> list[tuple[UUID, ...]]:
        """The live records whose ``keys`` have a row's values, or of ``binned`` those that are in the bin; none where a
        value is blank or cannot be read."""
        if binned is not None:
            return await self._find_binned(tx, place, object_key, keys, rows, binned)
        columns, blank = self._typed(place, object_key, keys, rows)
        picked = [index for index in range(len(rows)) if index not in blank]
        if not picked:
            return [()] * len(rows)
        kinds = [place.structure.column_type(object_key, key) for key in keys]
        if kinds == ["text"]:
            texts = [None if index in blank else text for index, text in enumerate(columns[0])]
            return await self._find_texts(tx, place, object_key, keys[0], texts)
        names = [quote_ident(place.structure.fields(object_key)[key].column_name) for key in keys]
        unnest = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(kinds, 2))
        given = ", ".join(f"k{number}" for number in range(len(keys)))
        on = " AND ".join(f"t.{name} = g.k{number}" for number, name in enumerate(names))
        found = await tx.fetch(
            f"SELECT g.n, array_agg(t.id ORDER BY t.id) AS ids FROM unnest($1::integer[], {unnest}) AS g(n, {given})"
            f" JOIN {place.table(object_key)} AS t ON {on} AND t.deleted_at IS NULL GROUP BY g.n",
            picked,
            *([column[index] for index in picked] for column in columns),
        )
        by_row = {row["n"]: tuple(row["ids"]) for row in found}
        return [by_row.get(index, ()) for index in range(len(rows))]

    async def _find_texts(
        self, tx: WriteTx, place: Place, object_key: str, key: str, texts: Sequence[object]
    ) -> list[tuple[UUID, ...]]:
        """As ``find`` does, for one text: all in one walk along its index, if it has one."""
        name = quote_ident(place.structure.fields(object_key)[key].column_name)
        found = await tx.fetch(
            f"SELECT t.{name}, array_agg(t.id ORDER BY t.id) FROM {place.table(object_key)} AS t"
            f" WHERE t.{name} = ANY($1::text[]) AND t.deleted_at IS NULL GROUP BY t.{name}",
            list({text for text in texts if text is not None}),
        )
        by_text = {row[0]: tuple(row[1]) for row in found}
        return [by_text.get(text, ()) for text in texts]

    async def _find_binned(
        self,
        tx: WriteTx,
        place: Place,
        object_key: str,
        keys: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        binned: Sequence[UUID],
    ) -> list[tuple[UUID, ...]]:
        """As ``find`` does; what these few records have is read, and compared here."""
        columns, blank = self._typed(place, object_key, keys, rows)
        names = [quote_ident(place.structure.fields(object_key)[key].column_name) for key in keys]
        found = await tx.fetch(
            f"SELECT id, {', '.join(names)} FROM {place.table(object_key)}"
            " WHERE id = ANY($1) AND deleted_at IS NOT NULL ORDER BY id",
            list(binned),
        )
        by_values: dict[tuple[object, ...], list[UUID]] = {}
        for row in found:
            by_values.setdefault(tuple(row)[1:], []).append(row["id"])
        wanted = zip(*columns, strict=True)
        return [() if index in blank else tuple(by_values.get(each, ())) for index, each in enumerate(wanted)]

    async def alive(self, tx: WriteTx, place: Place, object_key: str, ids: Sequence[UUID]) -> set[UUID]:
        """Which of the records are there and not in the bin; they stay locked to the end of the transaction."""
        rows = await tx.fetch(
            f"SELECT id FROM {place.table(object_key)} WHERE id = ANY($1) AND deleted_at IS NULL"
            f" ORDER BY id FOR NO KEY UPDATE",
            list(ids),
        )
        return {row["id"] for row in rows}

    async def is_any_binned(self, tx: WriteTx, place: Place, object_key: str, ids: Sequence[UUID]) -> bool:
        """Whether any of the records is in the bin by now."""
        found: bool = await tx.fetch_value(
            f"SELECT EXISTS (SELECT FROM {place.table(object_key)} WHERE id = ANY($1) AND deleted_at IS NOT NULL)",
            list(ids),
        )
        return found

    async def texts(
        self, tx: WriteTx, place: Place, object_key: str, field_key: str, most: int
    ) -> list[tuple[UUID, str]]:
        """The texts of a field of all live records, at most so many: to compare names with."""
        column = quote_ident(place.structure.fields(object_key)[field_key].column_name)
        rows = await tx.fetch(
            f"SELECT id, {column}::text AS text FROM {place.table(object_key)}"
            f" WHERE deleted_at IS NULL AND {column} IS NOT NULL LIMIT $1",
            most,
        )
        return [(row["id"], row["text"]) for row in rows]

    async def named_like(
        self, tx: WriteTx, place: Place, object_key: str, field_key: str, wording: str, most: int
    ) -> list[tuple[UUID, str]] | None:
        """The texts of a field that share the most search tokens with a wording, by the search index; None where the
        field is not searchable and all of its texts have to be read."""
        bound = place.structure.bound(object_key, field_key)
        if not bound.definition.searchable:
            return None
        tokens = sorted(bound.search_tokens(wording))
        column = quote_ident(bound.definition.column_name)
        rows = await tx.fetch(
            f"SELECT id, {column}::text AS text FROM {place.table(object_key)} AS t"
            f" WHERE _search && $1::text[] AND deleted_at IS NULL AND {column} IS NOT NULL"
            " ORDER BY cardinality(ARRAY(SELECT unnest(t._search) INTERSECT SELECT unnest($1::text[]))) DESC, id"
            " LIMIT $2",
            tokens, most,
        )  # fmt: skip
        return [(row["id"], row["text"]) for row in rows]

    async def written(
        self, tx: WriteTx, place: Place, object_key: str, field_key: str, marks: str, wanted: Sequence[str], most: int
    ) -> list[tuple[UUID, str]]:
        """The texts of a field that are one of ``wanted`` in small letters and without their marks (a regular
        expression): compared in the database, so that no others leave it."""
        column = quote_ident(place.structure.fields(object_key)[field_key].column_name)
        rows = await tx.fetch(
            f"SELECT id, {column}::text AS text FROM {place.table(object_key)} WHERE deleted_at IS NULL"
            f" AND regexp_replace(lower(normalize({column}::text, NFKC)), $1, '', 'g') = ANY($2) LIMIT $3",
            marks, list(wanted), most,
        )  # fmt: skip
        return [(row["id"], row["text"]) for row in rows]

    async def referring(self, tx: WriteTx, place: Place, object_key: str, record: UUID) -> list[Reference]:
        """Every field of every live record that points to the record, those that name it as their subject too."""
        found: list[Reference] = []
        for definition in place.structure.catalogue.objects:
            for each in definition.fields:
                bound = place.structure.bound(definition.key, each.key)
                if bound.target != object_key or bound.column_type not in ("uuid", "uuid[]"):
                    continue
                column = quote_ident(each.column_name)
                condition = f"{column} @> ARRAY[$1::uuid]" if bound.is_many else f"{column} = $1"
                rows = await tx.fetch(
                    f"SELECT id, {column} AS value FROM {place.table(definition.key)}"
                    f" WHERE {condition} AND deleted_at IS NULL ORDER BY id",
                    record,
                )
                many = bound.is_many
                found += [
                    Reference(definition.key, each.key, row["id"], tuple(row["value"]) if many else None)
                    for row in rows
                ]
            if {"subject_object", "subject_id"} <= definition.by_key.keys():
                rows = await tx.fetch(
                    f"SELECT id FROM {place.table(definition.key)} WHERE subject_object = $1 AND subject_id = $2"
                    " AND deleted_at IS NULL ORDER BY id",
                    object_key,
                    str(record),
                )
                found += [Reference(definition.key, "subject_id", row["id"]) for row in rows]
        return found

    async def changed_by_hand(
        self, tx: WriteTx, place: Place, ids: Sequence[UUID], keys: Sequence[str]
    ) -> Mapping[UUID, Mapping[str, datetime]]:
        """When a person last changed each of the fields, where that was the last change of it."""
        rows = await tx.fetch(
            f"SELECT DISTINCT ON (h.record_id, k.key) h.record_id, k.key, h.at, {_COUNTS_AS_HAND} AS hand"
            f" FROM {place.schema}._history AS h CROSS JOIN unnest($2::text[]) AS k(key)"
            f" WHERE h.record_id = ANY($1) AND h.after ? k.key ORDER BY h.record_id, k.key, h.version DESC",
            list(ids),
            list(keys),
        )
        found: dict[UUID, dict[str, datetime]] = {}
        for row in rows:
            if row["hand"]:
                found.setdefault(row["record_id"], {})[row["key"]] = row["at"]
        return found

    async def written_since(
        self, tx: WriteTx, place: Place, record: UUID, cause: str, since: datetime
    ) -> dict[str, tuple[JsonValue, JsonValue]]:
        """What writers whose cause begins with ``cause`` changed of a record: each field as it was before the first of
        them, and as the last left it."""
        rows = await tx.fetch(
            f"SELECT before, after FROM {place.schema}._history WHERE record_id = $1 AND at >= $2"
            " AND starts_with(cause, $3) AND action = 'update' ORDER BY version",
            record, since, cause,
        )  # fmt: skip
        found: dict[str, tuple[JsonValue, JsonValue]] = {}
        for row in rows:
            before, after = orjson.loads(row["before"]), orjson.loads(row["after"])
            for key, value in after.items():
                found[key] = (found[key][0] if key in found else before.get(key), value)
        return found

    async def _load(
        self,
        tx: WriteTx,
        place: Place,
        object_key: str,
        mode: Literal["insert", "update"],
        columns: Sequence[LoadColumn],
        rows: Sequence[Sequence[Cell]],
        cause: str,
        part: int,
    ) -> Loaded:
        now = self._runtime.clock.now()
        plan = self._plan(place, object_key, mode, tuple(columns), cause, part)
        parser = ChunkParser(plan.specs, place.workspace.zone, now, in_memory=True)

        def parsed(part: Sequence[int]) -> ParsedChunk:
            return parser.parse(Batch([index + 1 for index in part], list(rows[part[0] : part[-1] + 1])))

        chunk = joined(await in_turns(range(len(rows)), parsed))
        outcome = await write_chunk(tx, self._runtime.database, plan, chunk, now)
        loaded = Loaded(inserted=outcome.inserted, updated=outcome.updated, unchanged=outcome.unchanged)
        loaded.refused = {number - 1: faults for number, faults in outcome.refused.items()}
        if mode == "insert":
            made = enumerate(map(QuickUUID, chunk.ids))
            loaded.ids = {index: id_ for index, id_ in made if index not in loaded.refused}
        else:
            loaded.ids = {index: _NO_FILE for index in range(len(rows)) if index not in loaded.refused}
        return loaded

    def _plan(
        self,
        place: Place,
        object_key: str,
        mode: Literal["insert", "update"],
        columns: tuple[LoadColumn, ...],
        cause: str,
        part: int,
    ) -> ImportPlan:
        """Compiled for each call: constant defaults and the cause belong to its moment."""
        request = ImportRequest(
            object=object_key, file=_NO_FILE, mode=mode, key=(ID,) if mode == "update" else (), blanks="clear"
        )
        mapped = tuple(_mapped(place, object_key, index, column) for index, column in enumerate(columns))
        tables = ChunkTables(f"_{part}_")
        return compile_plan(place, request, mapped, cause, self._runtime.clock.now(), tables=tables)

    def _typed(
        self, place: Place, object_key: str, keys: Sequence[str], rows: Sequence[Sequence[Cell]]
    ) -> tuple[list[list[object]], set[int]]:
        """The rows' values as columns of canonical values, and the rows in which one is blank or unreadable."""
        reading = Reading(ZoneInfo(place.workspace.zone))
        columns: list[list[object]] = []
        blank: set[int] = set()
        for position, key in enumerate(keys):
            cells = cast("list[str]", [row[position] for row in rows])
            values, wrong = place.structure.bound(object_key, key).parse_column(cells, reading)
            blank |= wrong.keys()
            blank |= {index for index, value in enumerate(values) if value is None}
            columns.append(values)
        return columns, blank


def _mapped(place: Place, object_key: str, index: int, column: LoadColumn) -> MappedColumn:
    bound = place.structure.bound(object_key, column.field)
    if column.resolved or bound.target is None:
        return MappedColumn(index, bound)
    return MappedColumn(index, bound, natural_matches(place, bound.target))
