"""Segments kept up and replayed: who moved when and why. Whoever evaluates holds the object's row of ``_metric_state``.

Invariant (tested): a replay of past moments over the history gives the moves the live run made at those moments.
"""

# ruff: noqa: S608 - names come from quote_ident and checked definitions, values are bound

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from tongmai.kit import NotFound
from tongmai.metrics.computing import Metrics, tell_measured
from tongmai.metrics.deciding import past_query, present_query
from tongmai.metrics.transitions import Candidate, Membership, Move, decide
from tongmai.metrics.windows import Era
from tongmai.model import Catalogue, SegmentDef
from tongmai.store import Record, Workspace, WriteTx


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What one evaluation of a segment did."""

    segment: str
    moves: int
    as_of: datetime


class Segments:
    """Over the metrics of one process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def evaluate(self, workspace: Workspace, as_of: datetime | None = None) -> list[Evaluated]:
        """Brings every segment to what its table says of the present values. Refresh the metrics first."""
        catalogue = await self._metrics.catalogues.newest(workspace)
        era = self._metrics.era(workspace, catalogue, as_of)
        return [await self._evaluate(workspace, catalogue, each, era) for each in catalogue.segments]

    async def replay(
        self, workspace: Workspace, segment: SegmentDef, moments: Sequence[datetime], catalogue: Catalogue | None = None
    ) -> list[Move]:
        """The moves that the segment, live or a draft, would have made at each of the moments, from an empty start.

        Reads the rows as they were; writes nothing.
        """
        catalogue = catalogue or await self._metrics.catalogues.newest(workspace)
        asked = past_query(workspace, catalogue, segment)
        members: dict[UUID, Membership] = {}
        found: list[Move] = []
        for moment in moments:
            era = self._metrics.era(workspace, catalogue, moment)
            async with self._metrics.database.read() as tx:
                rows = await tx.fetch(asked.sql, *asked.arguments(era))
            for candidate in _candidates(rows):
                move = decide(segment, members.get(candidate.record_id), candidate, moment)
                if move is not None:
                    found.append(move)
                    _remember(members, move)
        return found

    async def _evaluate(self, workspace: Workspace, catalogue: Catalogue, segment: SegmentDef, era: Era) -> Evaluated:
        asked = present_query(workspace, catalogue, segment)
        async with self._metrics.database.write() as tx:
            await _hold(tx, workspace, segment.object)
            rows = await tx.fetch(asked.sql, *asked.arguments(era))
            members = {row["id"]: Membership(row["class"], row["since"]) for row in rows if row["class"] is not None}
            due = (decide(segment, members.get(each.record_id), each, era.as_of) for each in _candidates(rows))
            moves = [move for move in due if move is not None]
            await _write(tx, workspace, segment, moves, catalogue.version)
            if moves:
                await tell_measured(tx, workspace, segment.object)
        return Evaluated(segment.key, len(moves), era.as_of)


def find_segment(catalogue: Catalogue, key: str) -> SegmentDef:
    """Raises ``NotFound``."""
    found = catalogue.segment_by_key.get(key)
    if found is None:
        raise unknown_segment(key)
    return found


def unknown_segment(key: str) -> NotFound:
    """What is said of a segment that is not there, and of one that is hidden."""
    shown = key[:60]
    return NotFound.of("segment.unknown", f"没有分层“{shown}”", f"there is no segment “{shown}”", field="segment")


def _candidates(rows: Iterable[Record]) -> Iterator[Candidate]:
    for row in sorted(rows, key=lambda each: each["id"]):
        yield Candidate(
            row["id"], row["wanted"], orjson.loads(row["leaves"]), orjson.loads(row["seen"]), row["deleted"]
        )


def _remember(members: dict[UUID, Membership], move: Move) -> None:
    if move.to_class is None:
        members.pop(move.record_id, None)
    else:
        members[move.record_id] = Membership(move.to_class, move.at)


async def _hold(tx: WriteTx, workspace: Workspace, object_key: str) -> None:
    table = f"{workspace.quoted_schema}._metric_state"
    await tx.execute(f"INSERT INTO {table} (object) VALUES ($1) ON CONFLICT DO NOTHING", object_key)
    await tx.fetch_value(f"SELECT object FROM {table} WHERE object = $1 FOR UPDATE", object_key)


async def _write(tx: WriteTx, workspace: Workspace, segment: SegmentDef, moves: Sequence[Move], version: int) -> None:
    schema = workspace.quoted_schema
    listed = orjson.dumps(
        [
            {"id": str(each.record_id), "from": each.from_class, "to": each.to_class, "reason": each.reason}
            for each in moves
        ]
    ).decode()
    given = 'jsonb_to_recordset($2::jsonb) AS g(id uuid, "from" text, "to" text, reason jsonb)'
    if moves:
        at = moves[0].at
        await tx.execute(
            f"INSERT INTO {schema}._segment_move (segment, record_id, at, from_class, to_class, reason, version)"
            f' SELECT $1, g.id, $3, g."from", g."to", g.reason, $4 FROM {given} ORDER BY g.id',
            segment.key, listed, at, version,
        )  # fmt: skip
        await tx.execute(
            f"INSERT INTO {schema}._segment_member (segment, record_id, class, since, reason, version)"
            f' SELECT $1, g.id, g."to", $3, g.reason, $4 FROM {given} WHERE g."to" IS NOT NULL'
            " ON CONFLICT (segment, record_id) DO UPDATE SET class = excluded.class, since = excluded.since,"
            " reason = excluded.reason, version = excluded.version",
            segment.key, listed, at, version,
        )  # fmt: skip
        await tx.execute(
            f"DELETE FROM {schema}._segment_member AS m USING {given}"
            ' WHERE m.segment = $1 AND m.record_id = g.id AND g."to" IS NULL',
            segment.key, listed,
        )  # fmt: skip
