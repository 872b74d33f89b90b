"""Who was in which class of a segment at each step of a back-test, brought from PostgreSQL into a session of DuckDB.

The moves that the live segment made are the past: a draft of a segment is tried by its own decision table instead.
"""

# ruff: noqa: S608 - names come from quote_ident, texts are ours, values are bound

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

import duckdb
import orjson

from tongmai.rules.backtest_scene import Ground, TooMuchHistory
from tongmai.store import Database, quote_ident

# So many stays of records in classes are worth bringing over.
MOST_STAYS = 400_000
# Record, class and since when, and the steps from and until which it stands.
_Stay: TypeAlias = tuple[str, str, str, int, int]


def classes_at(segment: str) -> str:
    """The table of a segment's classes, with the steps ``_from`` and ``_until``."""
    return quote_ident(f"bt_classes_{segment}")


class StepClasses:
    """Makes the tables of the segments that conditions read, for the steps at ``moments``."""

    def __init__(
        self, database: Database, ground: Ground, session: duckdb.DuckDBPyConnection, moments: Sequence[datetime]
    ) -> None:
        self._database = database
        self._ground = ground
        self._session = session
        self._moments = moments

    async def make(self, segments: Iterable[str]) -> None:
        """Raises ``TooMuchHistory``, ``duckdb.Error``."""
        for segment in sorted(segments):
            stays = await (self._of_today(segment) if self._ground.basis == "today" else self._as_known(segment))
            if len(stays) > MOST_STAYS:
                raise TooMuchHistory(segment)
            await asyncio.to_thread(self._keep, segment, [each for each in stays if each[3] < each[4]])

    async def _of_today(self, segment: str) -> list[_Stay]:
        async with self._database.snapshot() as tx:
            rows = await tx.fetch(
                "SELECT record_id::text, class, since::text"
                f" FROM {self._ground.workspace.quoted_schema}._segment_member WHERE segment = $1 LIMIT $2",
                segment, MOST_STAYS + 1,
            )  # fmt: skip
        return [(record_id, name, since, 0, len(self._moments)) for record_id, name, since in rows]

    async def _as_known(self, segment: str) -> list[_Stay]:
        async with self._database.snapshot() as tx:
            await tx.fetch_value("SELECT set_config('statement_timeout', '0', true)")
            rows = await tx.fetch(
                "SELECT x.record_id::text, x.to_class, x.at::text, x.at, x.left_at FROM (SELECT m.record_id,"
                " m.to_class, m.at, lead(m.at) OVER (PARTITION BY m.record_id ORDER BY m.id) AS left_at"
                f" FROM {self._ground.workspace.quoted_schema}._segment_move AS m WHERE m.segment = $1) AS x"
                " WHERE x.to_class IS NOT NULL AND x.at <= $3 AND (x.left_at IS NULL OR x.left_at > $2) LIMIT $4",
                segment, self._moments[0], self._moments[-1], MOST_STAYS + 1,
            )  # fmt: skip
        end = len(self._moments)
        return [
            (record_id, name, since, self._step_of(at), end if left_at is None else self._step_of(left_at))
            for record_id, name, since, at, left_at in rows
        ]

    def _step_of(self, at: datetime) -> int:
        """The first step that sees what happened then."""
        return bisect_left(self._moments, at)

    def _keep(self, segment: str, stays: Sequence[_Stay]) -> None:
        document = orjson.dumps([[*each[:3], str(each[3]), str(each[4])] for each in stays]).decode()
        self._session.execute(
            f"CREATE OR REPLACE TEMP TABLE {classes_at(segment)} AS SELECT CAST(r[1] AS UUID) AS record_id,"
            " r[2] AS class, CAST(r[3] AS TIMESTAMPTZ) AS since, CAST(r[4] AS INTEGER) AS _from,"
            " CAST(r[5] AS INTEGER) AS _until FROM (SELECT unnest(from_json($1, '[[\"VARCHAR\"]]')) AS r)",
            [document],
        )
