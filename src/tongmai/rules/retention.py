"""How long the live log and what was done are kept, so that rules stay as quick in the third year as today.

Nothing goes while somebody may come back to it: an episode that is open keeps its lines, an action that waits or runs
its line, and no row goes before the last attempt of a worker could have ended.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tongmai.kit import Settings
from tongmai.rules.outbox import LEASE, LONGEST_PAUSE, MOST_ATTEMPTS
from tongmai.store import Database, Workspace

# Until then the same action may be taken up again: all its attempts with their pauses and leases.
HORIZON = MOST_ATTEMPTS * (LONGEST_PAUSE + LEASE)
# So many rows in one transaction.
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Kept:
    """For how long: lines of the log with their episodes and dead letters, and actions that were done or dropped."""

    log: timedelta = timedelta(days=400)
    done: timedelta = timedelta(days=30)

    @classmethod
    def of(cls, settings: Settings) -> Kept:
        return cls(timedelta(days=settings.keep_rule_log_days), timedelta(days=settings.keep_done_actions_days))

    def log_before(self, now: datetime) -> datetime:
        return now - max(self.log, self.done, HORIZON)

    def done_before(self, now: datetime) -> datetime:
        return now - max(self.done, HORIZON)


async def clear_old(database: Database, workspace: Workspace, kept: Kept, now: datetime) -> int:
    """Removes what is past its time; how many rows. A dead letter stays as long as its line."""
    schema = workspace.quoted_schema
    log, done = kept.log_before(now), kept.done_before(now)
    of_open = (
        f"EXISTS (SELECT FROM {schema}._firing AS f JOIN {schema}._episode AS e ON e.id = f.episode"
        " WHERE f.id = t.firing AND e.ended_at IS NULL)"
    )
    held = f"EXISTS (SELECT FROM {schema}._lock AS l WHERE l.episode = t.id AND l.released_at IS NULL)"
    finished = "t.state IN ('done', 'dropped') AND coalesce(t.finished_at, t.next_at) < $1"
    removed = 0
    for table, key, condition, before in (
        (
            "_outbox",
            "key",
            f"{finished} AND NOT {of_open}",
            done,
        ),
        ("_outbox", "key", f"t.state = 'dead' AND t.finished_at < $1 AND NOT {of_open}", log),
        (
            "_firing",
            "id",
            f"t.logged_at < $1 AND NOT EXISTS (SELECT FROM {schema}._outbox AS b WHERE b.firing = t.id)"
            f" AND NOT EXISTS (SELECT FROM {schema}._episode AS e WHERE e.id = t.episode"
            " AND (e.ended_at IS NULL OR e.ended_at >= $1))",
            log,
        ),
        (
            "_episode",
            "id",
            f"t.ended_at < $1 AND NOT EXISTS (SELECT FROM {schema}._firing AS f WHERE f.episode = t.id) AND NOT {held}",
            log,
        ),
    ):
        removed += await _clear(database, f"{schema}.{table}", key, condition, before)
    return removed


async def _clear(database: Database, table: str, key: str, condition: str, before: datetime) -> int:
    """In short transactions: nobody waits long for a row."""
    removed = _AT_ONCE
    total = 0
    while removed == _AT_ONCE:
        async with database.write() as tx:
            removed = await tx.execute(
                f"DELETE FROM {table} WHERE {key} IN (SELECT t.{key} FROM {table} AS t WHERE {condition}"
                f" LIMIT {_AT_ONCE} FOR UPDATE OF t SKIP LOCKED)",
                before,
            )
        total += removed
    return total
