"""Credentials of sources: written by people, read by sources alone, sealed at rest."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping

from tongmai.kit import Clock, Settings
from tongmai.link.keyring import Keyring, Sealed, add_key, drop_old_keys
from tongmai.store import Database, ReadTx, Workspace, WriteTx, list_workspaces


class Secrets:
    """Holds no text longer than a call. The key ring is read when it is first needed, and again whenever another
    process may have changed it: before something is sealed, and for what it does not open."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._ring: Keyring | None = None

    async def put(self, tx: WriteTx, workspace: Workspace, source: str, given: Mapping[str, str | None]) -> None:
        """Sets secrets by name; None or an empty text removes one. Waits while keys are changed."""
        await tx.execute(f"LOCK TABLE {workspace.quoted_schema}._source_secret IN ROW EXCLUSIVE MODE")
        self._ring = None
        for name, text in given.items():
            if not text:
                await tx.execute(
                    f"DELETE FROM {workspace.quoted_schema}._source_secret WHERE source = $1 AND name = $2",
                    source,
                    name,
                )
            else:
                await self._write(
                    tx, workspace, source, name, self._keyring().seal(text, _about(workspace, source, name))
                )

    async def open(self, tx: ReadTx, workspace: Workspace, source: str) -> dict[str, str]:
        """All secrets of a source. Raises ``Invalid`` if the key they were sealed with is gone."""
        rows = await tx.fetch(
            f"SELECT name, key_id, nonce, sealed FROM {workspace.quoted_schema}._source_secret WHERE source = $1",
            source,
        )
        if any(not self._keyring().has(row["key_id"]) for row in rows):
            self._ring = None
        return {
            row["name"]: self._keyring().open(
                Sealed(row["key_id"], row["nonce"], row["sealed"]), _about(workspace, source, row["name"])
            )
            for row in rows
        }

    async def names(self, tx: ReadTx, workspace: Workspace, source: str) -> frozenset[str]:
        """Which secrets are set."""
        rows = await tx.fetch(f"SELECT name FROM {workspace.quoted_schema}._source_secret WHERE source = $1", source)
        return frozenset(row["name"] for row in rows)

    async def rotate(self, database: Database) -> int:
        """Makes a new key, seals every secret of every workspace anew and drops the old keys; how many secrets.

        Stopped half-way, both keys are on the ring and it can be begun again.
        """
        self._ring = add_key(self._settings)
        async with database.read() as tx:
            workspaces = await list_workspaces(tx)
        count = 0
        for workspace in workspaces:
            async with database.write() as tx:
                count += await self._reseal(tx, workspace)
        drop_old_keys(self._settings)
        return count

    async def _reseal(self, tx: WriteTx, workspace: Workspace) -> int:
        # What is being sealed with the old key is waited for; what comes after reads the new one.
        await tx.execute(f"LOCK TABLE {workspace.quoted_schema}._source_secret IN SHARE ROW EXCLUSIVE MODE")
        rows = await tx.fetch(
            f"SELECT source, name, key_id, nonce, sealed FROM {workspace.quoted_schema}._source_secret FOR UPDATE"
        )
        for row in rows:
            about = _about(workspace, row["source"], row["name"])
            text = self._keyring().open(Sealed(row["key_id"], row["nonce"], row["sealed"]), about)
            await self._write(tx, workspace, row["source"], row["name"], self._keyring().seal(text, about))
        return len(rows)

    async def _write(self, tx: WriteTx, workspace: Workspace, source: str, name: str, sealed: Sealed) -> None:
        await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}._source_secret (source, name, key_id, nonce, sealed, changed_at)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (source, name) DO UPDATE"
            " SET key_id = $3, nonce = $4, sealed = $5, changed_at = $6",
            source, name, sealed.key_id, sealed.nonce, sealed.content, self._clock.now(),
        )  # fmt: skip

    def _keyring(self) -> Keyring:
        if self._ring is None:
            self._ring = Keyring.of(self._settings)
        return self._ring


def _about(workspace: Workspace, source: str, name: str) -> str:
    return f"{workspace.id}\n{source}\n{name}"
