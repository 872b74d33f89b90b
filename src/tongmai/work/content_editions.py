"""Editions of packs that were published otherwise than from the library: brought by an app or an import, or by hand.

What a pack said is kept as soon as it is seen, so that the next edition does not write over the first.
"""

from __future__ import annotations

from datetime import datetime

from tongmai.model import CONTENT
from tongmai.store import Workspace, WriteTx
from tongmai.work.runtime import Runtime


async def keep_editions(runtime: Runtime, workspace: Workspace) -> int:
    """Keeps the present edition of each published pack that lacks it; how many. Several processes may do so at once."""
    if not await runtime.has_object(workspace, CONTENT):
        return 0
    async with runtime.database.read() as tx:
        if not await tx.fetch_value(f"SELECT EXISTS (SELECT {_missing(workspace)})"):
            return 0
    async with runtime.database.write() as tx:
        return await keep_missing_editions(tx, workspace, runtime.now())


async def keep_missing_editions(tx: WriteTx, workspace: Workspace, now: datetime) -> int:
    """The same within a transaction that is about to write the next edition over the present one."""
    return await tx.execute(
        f"INSERT INTO {workspace.quoted_schema}._content_edition"
        " (content, edition, title, body, files, must_read, published_at)"
        " SELECT c.id, coalesce(c.edition, 0)::integer, c.title, c.body, c.files, c.must_read IS TRUE,"
        f" coalesce(c.published_at, $1) {_missing(workspace)} ON CONFLICT DO NOTHING",
        now,
    )


def _missing(workspace: Workspace) -> str:
    schema = workspace.quoted_schema
    return (
        f"FROM {schema}.{CONTENT} AS c WHERE c.state = 'published' AND c.deleted_at IS NULL AND NOT EXISTS (SELECT"
        f" FROM {schema}._content_edition AS e WHERE e.content = c.id AND e.edition = coalesce(c.edition, 0)::integer)"
    )
