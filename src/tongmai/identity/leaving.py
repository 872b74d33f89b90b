"""Access ends with the person: who is made inactive, deleted or purged loses sessions and tokens for good.

Being inactive refuses them already; ending them is for the day the person comes back, when nothing that was handed
out before may work again.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tongmai.access import AnyActor
from tongmai.identity.audit import write_audit
from tongmai.identity.memory import CHANNEL
from tongmai.identity.people import active_of
from tongmai.store import ReadTx, Workspace, WriteTx


async def end_access_of_gone(tx: WriteTx, workspace: Workspace, now: datetime, actor: AnyActor) -> None:
    """To be called where people were written, in the same transaction: sessions and tokens of this workspace whose
    people are not active are ended, with an entry in the audit log each.

    Platform tables and the workspace's own are asked apart, so that they may lie on different servers. The writer holds
    the people's rows, and who opens a session or makes a token shares them (``hold_active``): neither slips by.
    """
    holders = await _holders(tx, workspace, now)
    gone = holders.keys() - await active_of(tx, workspace, holders)
    for person in sorted(gone):
        account = holders[person]
        sessions = await tx.execute(
            "DELETE FROM tongmai.session WHERE account_id = $1 AND workspace_id = $2", account, workspace.id
        )
        tokens = await tx.execute(
            "UPDATE tongmai.token SET revoked_at = $3"
            " WHERE account_id = $1 AND workspace_id = $2 AND revoked_at IS NULL",
            account,
            workspace.id,
            now,
        )
        detail = {"account": account, "person": person, "via": actor.via, "sessions": sessions, "tokens": tokens}
        await write_audit(tx, now, "access_ended", workspace_id=workspace.id, actor=actor.id, detail=detail)
        await tx.notify(CHANNEL, str(account))


async def _holders(tx: ReadTx, workspace: Workspace, now: datetime) -> dict[UUID, UUID]:
    """The accounts with a session or a token of the workspace that holds, by person."""
    rows = await tx.fetch(
        """
        SELECT m.person_id, m.account_id FROM tongmai.membership AS m WHERE m.workspace_id = $1 AND (
            EXISTS (SELECT FROM tongmai.session AS s WHERE s.account_id = m.account_id AND s.workspace_id = $1)
            OR EXISTS (SELECT FROM tongmai.token AS t WHERE t.account_id = m.account_id AND t.workspace_id = $1
                AND t.revoked_at IS NULL AND t.expires_at > $2))
        """,
        workspace.id,
        now,
    )
    return {row["person_id"]: row["account_id"] for row in rows}
