"""Which voice messages are to be heard: gathered from the raw rows, taken one at a time under a lease.

Whoever takes one makes it due again after the lease; who dies with it is thereby late, and another takes it.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tongmai.kit import Clock
from tongmai.link.raw import RawRows
from tongmai.link.voices.ear import Heard
from tongmai.store import ReadTx, Workspace, WriteTx

MESSAGES = "messages"
_LEASE = timedelta(minutes=10)
_PAUSES = tuple(timedelta(minutes=each) for each in (1, 5, 30, 120, 360, 720))


@dataclass(frozen=True, slots=True)
class Taken:
    """``tries`` counts this one."""

    key: str
    tries: int


@dataclass(frozen=True, slots=True)
class VoiceCounts:
    waiting: int = 0
    heard: int = 0
    refused: int = 0


class VoiceQueue:
    """Of all workspaces; in the caller's transactions."""

    def __init__(self, clock: Clock, raw: RawRows) -> None:
        self._clock = clock
        self._raw = raw

    async def gather(self, tx: WriteTx, workspace: Workspace, source: str) -> int:
        """Takes in what came since the last time; how many. Only what was kept has a text, be it empty."""
        schema, mark = workspace.quoted_schema, f"_voices:{source}"
        await tx.execute(
            f"INSERT INTO {schema}._mapping_state (mapping, seq, fingerprint) VALUES ($1, 0, '')"
            " ON CONFLICT DO NOTHING",
            mark,
        )
        after: int = await tx.fetch_value(
            f"SELECT seq FROM {schema}._mapping_state WHERE mapping = $1 FOR UPDATE", mark
        )
        last = await self._raw.last_seq(tx, workspace, source, MESSAGES)
        if last <= after:
            return 0
        count = await tx.execute(
            f"INSERT INTO {schema}._voice (source, key, said_at, next_at) SELECT source, key, at, $5"
            f" FROM {schema}._raw WHERE source = $1 AND stream = $2 AND seq > $3 AND seq <= $4"
            " AND body->>'kind' = 'voice' AND body ? 'text' AND NOT body ? 'heard' AND NOT deleted"
            " ON CONFLICT DO NOTHING",
            source, MESSAGES, after, last, self._clock.now(),
        )  # fmt: skip
        await tx.execute(f"UPDATE {schema}._mapping_state SET seq = $2 WHERE mapping = $1", mark, last)
        return count

    async def take(self, tx: WriteTx, workspace: Workspace, source: str) -> Taken | None:
        """The latest that is due: what was said today is wanted before what lay for years."""
        schema, now = workspace.quoted_schema, self._clock.now()
        row = await tx.fetch_row(
            f"UPDATE {schema}._voice v SET next_at = $3, tries = tries + 1 FROM"
            f" (SELECT key FROM {schema}._voice WHERE source = $1 AND state = 'waiting' AND next_at <= $2"
            "   ORDER BY said_at DESC, key LIMIT 1 FOR UPDATE SKIP LOCKED) due"
            " WHERE v.source = $1 AND v.key = due.key RETURNING v.key, v.tries",
            source, now, now + _LEASE,
        )  # fmt: skip
        return None if row is None else Taken(row["key"], row["tries"])

    async def heard(self, tx: WriteTx, workspace: Workspace, source: str, key: str, heard: Heard) -> None:
        await tx.execute(
            f"UPDATE {workspace.quoted_schema}._voice SET state = 'heard', heard_by = $3, certainty = $4"
            " WHERE source = $1 AND key = $2",
            source, key, heard.by, heard.certainty,
        )  # fmt: skip

    async def drop(self, tx: WriteTx, workspace: Workspace, source: str, key: str) -> None:
        """For a message that is no longer there to be heard."""
        await tx.execute(
            f"DELETE FROM {workspace.quoted_schema}._voice WHERE source = $1 AND key = $2", source, key
        )  # fmt: skip

    async def refuse(self, tx: WriteTx, workspace: Workspace, source: str, key: str) -> None:
        await tx.execute(
            f"UPDATE {workspace.quoted_schema}._voice SET state = 'refused' WHERE source = $1 AND key = $2",
            source, key,
        )  # fmt: skip

    async def put_off(self, tx: WriteTx, workspace: Workspace, source: str, taken: Taken) -> bool:
        """To be tried again, each time later; False where it was tried often enough."""
        if taken.tries > len(_PAUSES):
            return False
        await tx.execute(
            f"UPDATE {workspace.quoted_schema}._voice SET next_at = $3 WHERE source = $1 AND key = $2",
            source, taken.key, self._clock.now() + _PAUSES[taken.tries - 1],
        )  # fmt: skip
        return True

    async def counts(self, tx: ReadTx, workspace: Workspace, source: str) -> VoiceCounts:
        rows = await tx.fetch(
            f"SELECT state, count(*) FROM {workspace.quoted_schema}._voice WHERE source = $1 GROUP BY state", source
        )
        return VoiceCounts(**{row[0]: row[1] for row in rows})
