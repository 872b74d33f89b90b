"""Whose a record is that people do not write themselves: a task, a capture. Its state moves through this platform only,
which writes it as a system actor, so who may have it moved is asked here."""

from __future__ import annotations

from uuid import UUID

from tongmai.access import AnyActor, SystemActor, allows
from tongmai.records import Gateway
from tongmai.store import Workspace


async def may_move(
    gateway: Gateway, actor: AnyActor, workspace: Workspace, object_key: str, record: UUID, owner: str | None
) -> bool:
    """Whether the record is his own or a role of his lets him change it. A token's scopes limit both: one that may only
    read moves nothing, not even what is its person's own. ``owner`` is a person's id."""
    if isinstance(actor, SystemActor):
        return True
    if not allows(actor.scopes, object_key, "update"):
        return False
    if owner == str(actor.id):
        return True
    return (await gateway.explain(actor, workspace, object_key, record, "update")).allowed
