"""Editions of packs that were published otherwise than from the library: brought by an app or an import, or by hand.

What a pack said is kept as soon as it is seen, so that the next edition does not write over the first.
"""

from __future__ import annotations

from tongmai.model import CONTENT
from tongmai.store import Workspace
from tongmai.work.runtime import Runtime


async def keep_editions(runtime: Runtime, workspace: Workspace) -> int:
    """Keeps the present edition of each published pack that lacks it; how many. Several processes may do so at once."""
    if not await runtime.has_object(workspace, CONTENT):
        return 0
    schema = workspace.quoted_schema
    missing = (
        f"FROM {schema}.{CONTENT} AS c WHERE c.state = 'published' AND c.deleted_at IS NULL AND NOT EXISTS (SELECT"
        f" FROM {schema}._content_edition AS e WHERE e.content = c.id AND e.edition = coalesce(c.edition, 0)::integer)"
    )
    async with runtime.database.read() as tx:
        if not await tx.fetch_value(f"SELECT EXISTS (SELECT {missing})"):
            return 0
    async with runtime.database.write() as tx:
        return await tx.execute(
            f"INSERT INTO {schema}._content_edition (content, edition, title, body, files, must_read, published_at)"
            " SELECT c.id, coalesce(c.edition, 0)::integer, c.title, c.body, c.files, c.must_read IS TRUE,"
            f" coalesce(c.published_at, $1) {missing} ON CONFLICT DO NOTHING",
            runtime.now(),
        )
