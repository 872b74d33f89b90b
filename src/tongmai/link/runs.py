"""The log of what each source did, and what of its rows could not be taken."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.kit import Clock, Fault, Text, TongmaiError, new_id
from tongmai.link.source import SetAside
from tongmai.store import ReadTx, Record, Workspace, WriteTx

RunKind: TypeAlias = Literal["pull", "receive", "map", "push"]
_MOST_FAULTS = 20
_MANY = 200
_GATHERED = timedelta(hours=1)
_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as people see it. ``counts`` by word (``new``, ``changed``, ``same``, ``refused``, …)."""

    id: UUID
    source: str
    kind: RunKind
    state: Literal["running", "done", "failed"]
    started_at: datetime
    finished_at: datetime | None
    job_id: UUID | None
    counts: Mapping[str, JsonValue]
    error: Mapping[str, JsonValue] | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not in, and why. ``mapping`` is empty where the source itself could not read it."""

    source: str
    stream: str
    mapping: str
    key: str
    faults: tuple[Fault, ...]
    body: JsonValue
    at: datetime


class Runs:
    """Writes and reads the log of all workspaces."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def begin(
        self,
        tx: WriteTx,
        workspace: Workspace,
        source: str,
        kind: RunKind,
        job_id: UUID | None = None,
        *,
        gathers: bool = False,
    ) -> UUID:
        """A new run; of a job that is tried again, the run it had. ``gathers``: an hour's work is one run, because what
        call-backs bring is mapped many times a second."""
        schema = workspace.quoted_schema
        if gathers:
            recent: UUID | None = await tx.fetch_value(
                f"SELECT id FROM {schema}._source_run WHERE source = $1 AND kind = $2 AND started_at > $3"
                " AND job_id IS NULL ORDER BY started_at DESC LIMIT 1",
                source, kind, self._clock.now() - _GATHERED,
            )  # fmt: skip
            if recent is not None:
                return recent
        if job_id is not None:
            known: UUID | None = await tx.fetch_value(f"SELECT id FROM {schema}._source_run WHERE job_id = $1", job_id)
            if known is not None:
                await tx.execute(f"UPDATE {schema}._source_run SET state = 'running' WHERE id = $1", known)
                return known
        run_id = new_id(self._clock)
        await tx.execute(
            f"INSERT INTO {schema}._source_run (id, source, kind, state, started_at, job_id)"
            " VALUES ($1, $2, $3, 'running', $4, $5)",
            run_id, source, kind, self._clock.now(), job_id,
        )  # fmt: skip
        return run_id

    async def sweep(self, tx: WriteTx, workspace: Workspace) -> int:
        """Forgets old runs; how many."""
        return await tx.execute(
            f"DELETE FROM {workspace.quoted_schema}._source_run WHERE started_at < $1 AND state <> 'running'",
            self._clock.now() - _KEPT,
        )

    async def count(self, tx: WriteTx, workspace: Workspace, run_id: UUID, counts: Mapping[str, int]) -> None:
        """Adds to the run's counts."""
        added = {name: number for name, number in counts.items() if number}
        if added:
            await tx.execute(
                f"UPDATE {workspace.quoted_schema}._source_run AS r SET counts = r.counts || ("
                " SELECT jsonb_object_agg(a.key, coalesce((r.counts ->> a.key)::bigint, 0) + a.value::bigint)"
                " FROM jsonb_each_text($2::text::jsonb) AS a) WHERE r.id = $1",
                run_id,
                orjson.dumps(added).decode(),
            )

    async def end(self, tx: WriteTx, workspace: Workspace, run_id: UUID, error: TongmaiError | None = None) -> None:
        await tx.execute(
            f"UPDATE {workspace.quoted_schema}._source_run SET state = $2, finished_at = $3, error = $4::text::jsonb"
            " WHERE id = $1",
            run_id,
            "done" if error is None else "failed",
            self._clock.now(),
            None if error is None else faults_json(error.faults),
        )

    async def refuse(
        self,
        tx: WriteTx,
        workspace: Workspace,
        source: str,
        stream: str,
        rows: Sequence[SetAside],
        *,
        mapping: str = "",
        run_id: UUID | None = None,
    ) -> None:
        """Keeps rows that are set aside, in place of what was said of them before."""
        if not rows:
            return
        bodies = [None if row.body is None else orjson.dumps(row.body).decode() for row in rows]
        await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}._refusal"
            " (source, stream, mapping, key, run_id, faults, body, at)"
            " SELECT DISTINCT ON (g.key) $1, $2, $3, g.key, $4, g.faults::jsonb, g.body::jsonb, $5"
            " FROM unnest($6::text[], $7::text[], $8::text[]) AS g(key, faults, body)"
            " ON CONFLICT (source, stream, mapping, key) DO UPDATE"
            " SET run_id = excluded.run_id, faults = excluded.faults, body = excluded.body, at = excluded.at",
            source, stream, mapping, run_id, self._clock.now(),
            [row.key for row in rows], [faults_json(row.faults) for row in rows], bodies,
        )  # fmt: skip

    async def accept(
        self, tx: WriteTx, workspace: Workspace, source: str, stream: str, keys: Sequence[str], *, mapping: str = ""
    ) -> None:
        """Forgets the refusals of rows that are in now."""
        table, of_stream = f"{workspace.quoted_schema}._refusal", "source = $1 AND stream = $2 AND mapping = $3"
        if len(keys) > _MANY:
            # Thousands of keys cost more to send than it does to see that nothing was refused.
            is_any = f"SELECT EXISTS (SELECT FROM {table} WHERE {of_stream})"
            if not await tx.fetch_value(is_any, source, stream, mapping):
                return
        await tx.execute(
            f"DELETE FROM {table} WHERE {of_stream} AND key = ANY($4)", source, stream, mapping, list(keys)
        )

    async def forget(self, tx: WriteTx, workspace: Workspace, source: str, stream: str, names: Sequence[str]) -> None:
        """Forgets what was set aside of things that are read from their start, and of their rows."""
        if names:
            await tx.execute(
                f"DELETE FROM {workspace.quoted_schema}._refusal WHERE source = $1 AND stream = $2 AND mapping = ''"
                " AND (key = ANY($3) OR regexp_replace(key, ':[0-9]+$', '') = ANY($3))",
                source, stream, list(names),
            )  # fmt: skip

    async def latest(self, tx: ReadTx, workspace: Workspace, source: str, limit: int) -> list[Run]:
        """The runs of a source, newest first."""
        rows = await tx.fetch(
            f"SELECT id, source, kind, state, started_at, finished_at, job_id, counts, error"
            f" FROM {workspace.quoted_schema}._source_run WHERE source = $1 ORDER BY started_at DESC, id DESC LIMIT $2",
            source,
            limit,
        )
        return [_run(row) for row in rows]

    async def refusals(
        self, tx: ReadTx, workspace: Workspace, source: str, limit: int, after: str | None = None
    ) -> list[Refusal]:
        """Rows set aside, by their keys: so many, and those more that have the last one's key in other streams and
        mappings, so that a page goes on behind a key. ``after`` is the key that the last page ended with."""
        rows = await tx.fetch(
            "SELECT * FROM (SELECT source, stream, mapping, key, faults, body, at"
            f" FROM {workspace.quoted_schema}._refusal WHERE source = $1 AND ($3::text IS NULL OR key > $3)"
            " ORDER BY key FETCH FIRST ($2::bigint) ROWS WITH TIES) AS r ORDER BY key, stream, mapping",
            source,
            limit,
            after,
        )
        return [
            Refusal(
                row["source"], row["stream"], row["mapping"], row["key"], read_faults(row["faults"]),
                None if row["body"] is None else orjson.loads(row["body"]), row["at"],
            )
            for row in rows
        ]  # fmt: skip


def faults_json(faults: Sequence[Fault]) -> str:
    """Faults as they are kept: in both languages."""
    found = []
    for fault in faults[:_MOST_FAULTS]:
        way = fault.way_out
        found.append(
            {
                "code": fault.code,
                "text": [fault.text.zh, fault.text.en],
                "way_out": None if way is None else [way.zh, way.en],
                "field": fault.field,
            }
        )
    return orjson.dumps(found).decode().replace("\\u0000", "")


def read_faults(kept: str) -> tuple[Fault, ...]:
    return tuple(
        Fault(
            each["code"],
            Text(*each["text"]),
            None if each["way_out"] is None else Text(*each["way_out"]),
            each["field"],
        )
        for each in orjson.loads(kept)
    )


def _run(row: Record) -> Run:
    parsed = {name: None if row[name] is None else orjson.loads(row[name]) for name in ("counts", "error")}
    return Run(**{**dict(row), **parsed})
