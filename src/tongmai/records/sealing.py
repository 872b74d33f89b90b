"""The sealer: closes epochs of the history into chained blocks, tells the listeners, and keeps the partitions
coming.

Locks, in this order: ``WorkspaceLock.SEALER`` held by the one sealer at work; then ``(lock_class, epoch)`` exclusively,
which waits for every writer of that epoch. Writers hold the epoch's lock shared, so once it is had, no row of it can
come any more and all that came are visible.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tongmai.kit import Clock, Settings, Unavailable
from tongmai.records.merkle import NO_BLOCK, block_hash, merkle_root
from tongmai.store import Database, Workspace, WorkspaceLock, WriteTx, coming_months, make_history_partition

FEED_CHANNEL = "tongmai_feed"

# As in the layout: an advisory lock's second half has 31 bits.
_EPOCH_MASK = 1073741823
_HOUSEKEEPING = timedelta(hours=1)
_KEEP_ANSWERS = timedelta(days=1)


class Sealer:
    """Seals one workspace's history. Any number of them may run, in any number of processes: one works at a time."""

    def __init__(self, database: Database, workspace: Workspace, clock: Clock, settings: Settings) -> None:
        self._database = database
        self._workspace = workspace
        self._schema = workspace.quoted_schema
        self._clock = clock
        self._pause = settings.seal_interval_ms / 1000
        self._anchor_file = settings.anchor_file
        self._kept_house: datetime | None = None

    async def run(self) -> None:
        """Seals until cancelled. A fault of the machine is waited out."""
        while True:
            try:
                await self.seal_once()
                await self._keep_house()
            except Unavailable:
                await asyncio.sleep(self._pause * 5)
            await asyncio.sleep(self._pause)

    async def seal_once(self) -> int:
        """Seals all that was committed up to now; the number of blocks made.

        Killed at any point it leaves a state from which the next call goes on: an opened epoch without a block is
        sealed by whoever comes next.
        """
        epochs = await self._epochs_to_seal()
        sealed: list[tuple[int, bytes]] = []
        for epoch in epochs:
            async with self._database.write() as tx:
                if not await self._is_at_work(tx):
                    break
                hash_ = await self._seal(tx, epoch)
            if hash_ is not None:
                sealed.append((epoch, hash_))
        if sealed and self._anchor_file is not None:
            await asyncio.to_thread(_anchor, self._anchor_file, self._workspace.key, sealed)
        return len(sealed)

    async def _epochs_to_seal(self) -> Sequence[int]:
        """Epochs without a block, oldest first. Opens the next epoch if the present one has rows."""
        async with self._database.write() as tx:
            # The newest entry by the index: asked whether the epoch has any, the planner would take it that one row in
            # so many has, and go through all the history to find that none does.
            row = await tx.fetch_row(
                f"""
                SELECT feed.epoch, (SELECT coalesce(max(epoch), 0) FROM {self._schema}._block) AS sealed,
                       (SELECT epoch FROM {self._schema}._history ORDER BY epoch DESC, seq DESC LIMIT 1) AS newest
                FROM {self._schema}._feed AS feed
                """  # noqa: S608
            )
            if row is None or not await self._is_at_work(tx):
                return ()
            epoch = row["epoch"]
            if row["newest"] == epoch:
                # Only if it still is the present one: another sealer may have been quicker.
                await tx.execute(
                    f"UPDATE {self._schema}._feed SET epoch = epoch + 1 WHERE epoch = $1",  # noqa: S608
                    epoch,
                )
                epoch += 1
        return range(row["sealed"] + 1, epoch)

    async def _is_at_work(self, tx: WriteTx) -> bool:
        found: bool = await tx.fetch_value(
            "SELECT pg_try_advisory_xact_lock($1, $2)", self._workspace.lock_class, WorkspaceLock.SEALER
        )
        return found

    async def _seal(self, tx: WriteTx, epoch: int) -> bytes | None:
        """The new block's hash; None for an epoch without rows, or one that was sealed meanwhile."""
        await tx.fetch_value("SELECT pg_advisory_xact_lock($1, $2)", self._workspace.lock_class, epoch & _EPOCH_MASK)
        previous = await tx.fetch_row(
            f"SELECT epoch, hash FROM {self._schema}._block ORDER BY epoch DESC LIMIT 1"  # noqa: S608
        )
        if previous is not None and previous["epoch"] >= epoch:
            return None
        rows = await tx.fetch(
            f"SELECT seq, hash FROM {self._schema}._history WHERE epoch = $1 ORDER BY seq",  # noqa: S608
            epoch,
        )
        if not rows:
            return None
        before = NO_BLOCK if previous is None else previous["hash"]
        root = merkle_root([row["hash"] for row in rows])
        first, last = rows[0]["seq"], rows[-1]["seq"]
        hash_ = block_hash(before, epoch, len(rows), first, last, root)
        await tx.execute(
            f"""
            INSERT INTO {self._schema}._block (epoch, rows, first_seq, last_seq, root, previous, hash, sealed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,  # noqa: S608
            epoch, len(rows), first, last, root, before, hash_, self._clock.now(),
        )  # fmt: skip
        await tx.notify(FEED_CHANNEL, f"{self._workspace.key}:{epoch}")
        return hash_

    async def _keep_house(self) -> None:
        now = self._clock.now()
        if self._kept_house is not None and now - self._kept_house < _HOUSEKEEPING:
            return
        await self.make_partitions()
        async with self._database.write() as tx:
            await tx.execute(
                f"DELETE FROM {self._schema}._idempotency WHERE at < $1",  # noqa: S608
                now - _KEEP_ANSWERS,
            )
        self._kept_house = now

    async def make_partitions(self) -> None:
        """History partitions for this month and the next two, where the default one has no row of that month yet.

        Rows that lie in the default partition stay there: moving them would lock writers out.
        """
        for month in coming_months(self._clock.now()):
            async with self._database.write() as tx:
                if not await self._is_at_work(tx):
                    return  # another process is the sealer just now, and does this too
                # With writers about, the lock on the default partition may not be had at once: next hour will do.
                await tx.execute("SET LOCAL lock_timeout = '200ms'")
                await make_history_partition(tx, self._schema, month)


def _anchor(file: Path, key: str, sealed: Sequence[tuple[int, bytes]]) -> None:
    """Adds the blocks' hashes to the file outside, and to the disk: what they say cannot be unsaid in the database."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="ascii") as out:
        out.writelines(f"{key} {epoch} {hash_.hex()}\n" for epoch, hash_ in sealed)
        out.flush()
        os.fsync(out.fileno())
