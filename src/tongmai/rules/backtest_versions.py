"""The rows of the replica as they were known at each step of a back-test, in a session of DuckDB.

Most rows of a company never change once they are there. Those come from the replica, each from the step on by which it
had been entered; the few that were changed since the first step come from PostgreSQL, in all the versions that the
steps can see, by the same way as every read of the past.
"""

# ruff: noqa: S608 - names come from quote_ident, texts are ours, values are bound

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Protocol
from uuid import UUID

import duckdb
import orjson

from tongmai.formula import Dialect
from tongmai.metrics import Binder, own_reader
from tongmai.records import past_record
from tongmai.replica import Manifest, Replica, ReplicaReader
from tongmai.rules.backtest_classes import classes_at
from tongmai.rules.backtest_scene import Ground, TooMuchHistory
from tongmai.store import Database, Record, quote_ident

# Beyond so many versions of changed records PostgreSQL might as well do all of it.
MOST_VERSIONS = 400_000
_AT_ONCE = 5_000
_STEPS = "bt_steps"


class _Shape(Protocol):
    """A column's type in PostgreSQL and in the files."""

    @property
    def stored(self) -> str: ...

    @property
    def held(self) -> str: ...


@dataclass(frozen=True)
class StepTables:
    """Implements ``metrics.Tables``: rows as of the step ``$step``. ``used`` collects the objects that are read,
    ``classed`` the segments."""

    reader: ReplicaReader
    binder: Binder
    used: set[str]
    classed: set[str]
    dialect: Dialect = "duckdb"

    def rows(self, object_key: str) -> str:
        self.used.add(object_key)
        return self._at_step(rows_at(object_key))

    def join(self, object_key: str, alias: str, link: str) -> str:
        return f"LEFT JOIN {self.rows(object_key)} AS {alias} ON {alias}.id = {link}"

    def history(self) -> str:
        as_of = self.binder("as_of", "timestamptz")
        return f'(SELECT * FROM ({self.reader.history()}) AS x WHERE x."at" <= {as_of})'

    def members(self, segment: str, alias: str, link: str) -> str:
        self.classed.add(segment)
        return f"LEFT JOIN {self._at_step(classes_at(segment))} AS {alias} ON {alias}.record_id = {link}"

    def keys_of(self, document: str) -> str:
        return f"CROSS JOIN LATERAL (SELECT unnest(json_keys({document})) AS key) AS k"

    def _at_step(self, table: str) -> str:
        step = self.binder("step", "integer")
        return f"(SELECT * FROM {table} WHERE _from <= {step} AND {step} < _until)"


def rows_at(object_key: str) -> str:
    return quote_ident(f"bt_rows_{object_key}")


class Versions:
    """Makes the tables that ``StepTables`` reads: of each object the ``columns`` named for it; ``used`` are the objects
    that statements were made over, ``classed`` the segments, whose tables ``StepClasses`` makes.

    The manifest must stay leased while the session is used.
    """

    def __init__(
        self,
        database: Database,
        ground: Ground,
        replica: Replica,
        manifest: Manifest,
        session: duckdb.DuckDBPyConnection,
        moments: Sequence[datetime],
        columns: Mapping[str, frozenset[str]],
    ) -> None:
        self._wanted = columns
        self._database = database
        self._ground = ground
        self._manifest = manifest
        self._session = session
        self._moments = moments
        self._made: set[str] = set()
        self.used: set[str] = set()
        self.classed: set[str] = set()
        era = ground.era(moments[0])
        self.reader = own_reader(replica, manifest, ground.catalogue, era)

    def rows(self, object_key: str) -> str:
        """The table of an object's rows in all their versions, which counts as used."""
        self.used.add(object_key)
        return rows_at(object_key)

    async def make(self, objects: Iterable[str]) -> None:
        """Tables of these objects. Raises ``TooMuchHistory``, ``duckdb.Error``."""
        for key in sorted(set(objects) - self._made):
            self._made.add(key)
            if self._ground.basis == "today":
                await self._run(self._plain_rows(key))
                continue
            changed = await self._changed(key)
            await asyncio.to_thread(self._note_entries, key)
            await asyncio.to_thread(self._begin_versions, key, list(changed))
            for some in _batches(list(self._segments(changed)), _AT_ONCE):
                rows = await self._as_of(key, some)
                await asyncio.to_thread(self._add_versions, key, rows)
            await self._run(self._versioned_rows(key))

    async def _run(self, sql: str) -> None:
        await asyncio.to_thread(self._session.execute, sql)

    def _plain_rows(self, key: str) -> str:
        return (
            f"CREATE OR REPLACE TEMP TABLE {rows_at(key)} AS SELECT {self._listed(key)}, 0 AS _from,"
            f" {len(self._moments)} AS _until FROM ({self.reader.stored(key)}) AS s"
        )

    def _versioned_rows(self, key: str) -> str:
        until = len(self._moments)
        entered, versions = (quote_ident(f"bt_{name}_{key}") for name in ("entered", "versions"))
        return (
            f"CREATE OR REPLACE TEMP TABLE {rows_at(key)} AS SELECT {self._listed(key)}, coalesce(b.step, 0) AS _from,"
            f" {until} AS _until FROM ({self.reader.stored(key)}) AS s LEFT JOIN {entered} AS b ON b.id = s.id"
            f" WHERE coalesce(b.step, 0) < {until} AND s.id NOT IN (SELECT id FROM {quote_ident(f'bt_changed_{key}')})"
            f" UNION ALL SELECT {self._listed(key)}, s._from, s._until FROM {versions} AS s"
        )

    def _listed(self, key: str) -> str:
        return ", ".join(f"s.{quote_ident(name)}" for name in self._shapes(key))

    def _shapes(self, key: str) -> dict[str, _Shape]:
        """The columns that are read, as they stand in the files."""
        wanted = self._wanted.get(key, frozenset(("id", "deleted_at")))
        return {name: shape for name, shape in self._manifest.objects[key].columns.items() if name in wanted}

    def _note_entries(self, key: str) -> None:
        """From which step on records were there that were entered after the first."""
        session = self._session
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE {_STEPS} AS"
            " SELECT unnest($1::TIMESTAMPTZ[]) AS moment, unnest($2::INTEGER[]) AS step",
            [list(self._moments), list(range(len(self._moments)))],
        )
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE {quote_ident(f'bt_entered_{key}')} AS"
            f' SELECT h.id, coalesce(s.step + 1, 0) AS step FROM (SELECT record_id AS id, max("at") AS moment'
            f" FROM ({self.reader.history()}) WHERE object = $1 AND action = 'create' AND \"at\" > $2 GROUP BY 1) AS h"
            f" ASOF LEFT JOIN {_STEPS} AS s ON h.moment > s.moment",
            [key, self._moments[0]],
        )

    async def _changed(self, key: str) -> dict[UUID, list[datetime]]:
        """Records that were more than created since the first step, and the moments of all their entries."""
        schema = self._ground.workspace.quoted_schema
        async with self._database.snapshot() as tx:
            await tx.fetch_value("SELECT set_config('statement_timeout', '0', true)")
            rows = await tx.fetch(
                f"SELECT h.record_id, array_agg(h.at) AS moments FROM {schema}._history AS h WHERE h.record_id IN"
                f" (SELECT c.record_id FROM {schema}._history AS c WHERE c.object = $1 AND c.at > $2"
                " AND c.action <> 'create' LIMIT $3) AND h.at > $2 GROUP BY h.record_id",
                key, self._moments[0], MOST_VERSIONS + 1,
            )  # fmt: skip
        found = {row["record_id"]: row["moments"] for row in rows}
        if sum(len(each) + 1 for each in found.values()) > MOST_VERSIONS:
            raise TooMuchHistory(key)
        return found

    def _segments(self, changed: dict[UUID, list[datetime]]) -> Iterator[tuple[UUID, int, int]]:
        """For each record the stretches of steps in which it was the same."""
        last = len(self._moments)
        for record_id, moments in changed.items():
            turns = {bisect_left(self._moments, at) for at in moments}
            for start, end in pairwise(sorted({0, last, *(turn for turn in turns if turn < last)})):
                yield record_id, start, end

    async def _as_of(self, key: str, some: Sequence[tuple[UUID, int, int]]) -> list[Record]:
        ground = self._ground
        earlier = past_record(ground.workspace, ground.catalogue, key, "w.at", "w.id")
        shapes = self._shapes(key)
        values = ", ".join(_as_text(f"e.{quote_ident(name)}", shape.stored) for name, shape in shapes.items())
        sql = (
            f"SELECT w.start, w.until, ARRAY[{values}] AS row FROM"
            " unnest($1::uuid[], $2::integer[], $3::integer[], $4::timestamptz[]) AS w(id, start, until, at)"
            f" CROSS JOIN LATERAL {earlier} AS e"
        )
        ids, starts, ends = (list(each) for each in zip(*some, strict=True))
        async with self._database.snapshot() as tx:
            await tx.fetch_value("SELECT set_config('statement_timeout', '0', true)")
            return list(await tx.fetch(sql, ids, starts, ends, [self._moments[start] for start in starts]))

    def _begin_versions(self, key: str, changed: list[UUID]) -> None:
        shapes = self._shapes(key)
        held = ", ".join(f"{quote_ident(name)} {shape.held}" for name, shape in shapes.items())
        self._session.execute(
            f"CREATE OR REPLACE TEMP TABLE {quote_ident(f'bt_versions_{key}')} ({held}, _from INTEGER, _until INTEGER)"
        )
        self._session.execute(
            f"CREATE OR REPLACE TEMP TABLE {quote_ident(f'bt_changed_{key}')} AS SELECT unnest($1::UUID[]) AS id",
            [changed],
        )

    def _add_versions(self, key: str, rows: Sequence[Record]) -> None:
        """As one JSON text: a row at a time is a thousand times slower."""
        shapes = self._shapes(key)
        values = ", ".join(
            _from_text(f"r[{number}]", shape.stored, shape.held) for number, shape in enumerate(shapes.values(), 3)
        )
        document = orjson.dumps([[str(row["start"]), str(row["until"]), *row["row"]] for row in rows]).decode()
        self._session.execute(
            f"INSERT INTO {quote_ident(f'bt_versions_{key}')} SELECT {values}, r[1]::INTEGER, r[2]::INTEGER"
            " FROM (SELECT unnest(from_json($1, '[[\"VARCHAR\"]]')) AS r)",
            [document],
        )


def _as_text(column: str, stored: str) -> str:
    if stored.endswith("[]"):
        return f"to_json({column})::text"
    return f"trim_scale({column})::text" if stored == "numeric" else f"{column}::text"


def _from_text(value: str, stored: str, held: str) -> str:
    return f"CAST(CAST({value} AS JSON) AS {held})" if stored.endswith("[]") else f"CAST({value} AS {held})"


def _batches(items: Sequence[tuple[UUID, int, int]], size: int) -> Iterator[Sequence[tuple[UUID, int, int]]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
