"""Rows that a mapping has applied are looked at again, because what they mean has changed and they have not."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence

from tongmai.link.raw import RawRows
from tongmai.store import Workspace, WriteTx


async def hold_still(tx: WriteTx, workspace: Workspace, mappings: Sequence[str]) -> None:
    """Waits until nobody writes a page of these mappings, and lets nobody until the transaction ends. Whoever changes
    what rows say without a new version calls it first: a page under way has read them, and tells nobody yet."""
    # The mark of a mapping's very first page is not to be seen yet: who makes the same waits for it.
    await tx.execute(
        f"INSERT INTO {workspace.quoted_schema}._mapping_state (mapping, fingerprint)"
        " SELECT mapping, '' FROM unnest($1::text[]) AS mapping ORDER BY mapping ON CONFLICT DO NOTHING",
        list(mappings),
    )
    await tx.fetch(
        f"SELECT mapping FROM {workspace.quoted_schema}._mapping_state WHERE mapping = ANY($1)"
        " ORDER BY mapping FOR UPDATE",
        list(mappings),
    )


async def apply_again(tx: WriteTx, workspace: Workspace, mappings: Sequence[str], keys: Sequence[str]) -> None:
    """Has mappings take these rows when they next come by, though their version was applied before."""
    await tx.execute(
        f"UPDATE {workspace.quoted_schema}._lineage SET version = '' WHERE mapping = ANY($1) AND key = ANY($2)",
        list(mappings),
        list(keys),
    )


async def look_again(
    tx: WriteTx, workspace: Workspace, raw: RawRows, mapping: str, source: str, stream: str, keys: Sequence[str]
) -> int:
    """Lets a mapping take rows as if they had just come, though their version was applied before."""
    if not keys:
        return 0
    await apply_again(tx, workspace, [mapping], keys)
    touched = await raw.touch(tx, workspace, source, stream, keys)
    await raw.announce(tx, workspace)
    return touched
