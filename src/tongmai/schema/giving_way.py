"""Whoever writes for long, one transaction after another, lets a structural change through between them.

A change asks for its locks for half a second at a time, so that people at work hardly notice. An import of many rows
always has a transaction under way that lasts longer: without this the change would wait until the import's end, or give
up.
"""

from __future__ import annotations

import asyncio

from tongmai.store import Database, Workspace, WorkspaceLock

_LOOK_AGAIN_S = 0.05
# A change that waits for something else must not stop the import for good.
_LONGEST_S = 10.0


async def give_way(database: Database, workspace: Workspace, *, longest_s: float = _LONGEST_S) -> None:
    """Waits while a structural change of the workspace asks for locks it was refused. Call it outside transactions."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + longest_s
    while True:
        if not await _is_asked(database, workspace) or clock() >= deadline:
            return
        await asyncio.sleep(_LOOK_AGAIN_S)


async def _is_asked(database: Database, workspace: Workspace) -> bool:
    async with database.read() as tx:
        found: bool = await tx.fetch_value(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND classid::bigint = $1::bigint & 4294967295 AND objid::bigint = $2::bigint & 4294967295)",
            workspace.lock_class,
            WorkspaceLock.ASKING,
        )
    return found
