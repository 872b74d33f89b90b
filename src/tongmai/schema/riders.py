"""What rides with a change: a document of the room that made the change, kept with it until that room has done what it
says. So a change of the model and what belongs to it come into force together, whoever is killed between.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from uuid import UUID

from tongmai.store import ReadTx, Workspace, WriteTx


async def waiting_riders(tx: ReadTx, workspace: Workspace) -> list[UUID]:
    """The changes in force whose riders are not done, in the order in which they came into force."""
    rows = await tx.fetch(
        f"SELECT id FROM {workspace.quoted_schema}._change"
        " WHERE rider IS NOT NULL AND state IN ('applied', 'undone') ORDER BY version"
    )
    return [row["id"] for row in rows]


async def take_rider(tx: WriteTx, workspace: Workspace, change: UUID) -> str | None:
    """The rider as JSON, to be done in this transaction; None if another was quicker, who has it done by now."""
    found: str | None = await tx.fetch_value(
        f"UPDATE {workspace.quoted_schema}._change SET rider = NULL WHERE id = $1 AND rider IS NOT NULL"
        " RETURNING old.rider::text",
        change,
    )
    return found
