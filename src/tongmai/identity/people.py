"""From a person's id to the actor: the person, the team's tree below, and all who are in it, in one statement."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from tongmai.access import Actor, Person
from tongmai.kit import Language
from tongmai.store import ReadTx, Workspace, WriteTx

_ACTIVE = "active IS NOT FALSE AND deleted_at IS NULL"
# UNION, not UNION ALL: a tree that was made a ring by hand must not turn for ever. People who left and teams that
# were deleted count on, because their records and members would otherwise fall out of everyone's sight.
_LOAD = """
WITH RECURSIVE me AS (
    SELECT id, name, team, roles, active IS NOT FALSE AND deleted_at IS NULL AS active
    FROM {schema}.person WHERE id = $1
), below AS (
    SELECT team AS id FROM me WHERE team IS NOT NULL
    UNION
    SELECT team.id FROM {schema}.team JOIN below ON team.parent = below.id
)
SELECT me.id, me.name, me.team, me.roles, me.active,
    ARRAY(SELECT id FROM below) AS teams,
    ARRAY(SELECT person.id FROM {schema}.person WHERE person.team = me.team) AS people,
    ARRAY(SELECT person.id FROM {schema}.person JOIN below ON person.team = below.id) AS subtree
FROM me
"""


async def load_person(tx: ReadTx, workspace: Workspace, person_id: UUID) -> Person | None:
    """The person as scopes need it, or None if there is none. Deleted people are inactive."""
    row = await tx.fetch_row(_LOAD.format(schema=workspace.quoted_schema), person_id)
    if row is None:
        return None
    return Person(
        id=row["id"],
        name=row["name"] or "",
        team=row["team"],
        roles=tuple(row["roles"] or ()),
        teams=tuple(row["teams"]),
        people=tuple(row["people"]),
        subtree=tuple(row["subtree"]),
        active=row["active"],
    )


async def active_of(tx: ReadTx, workspace: Workspace, people: Collection[UUID]) -> set[UUID]:
    """Those of ``people`` who are there and active."""
    sql = f"SELECT id FROM {workspace.quoted_schema}.person WHERE id = ANY($1) AND {_ACTIVE}"  # noqa: S608
    return {row["id"] for row in await tx.fetch(sql, list(people))}


async def hold_active(tx: WriteTx, workspace: Workspace, person_id: UUID) -> bool:
    """Whether the person is there and active, and stays so to the end of the transaction: whoever deactivates waits."""
    sql = f"SELECT id FROM {workspace.quoted_schema}.person WHERE id = $1 AND {_ACTIVE} FOR SHARE"  # noqa: S608
    return await tx.fetch_value(sql, person_id) is not None


async def load_actor(
    tx: ReadTx,
    workspace: Workspace,
    person_id: UUID,
    *,
    via: str = "session",
    scopes: frozenset[str] | None = None,
    language: Language = "zh",
) -> Actor | None:
    """The actor, or None if the person is not there or not active."""
    person = await load_person(tx, workspace, person_id)
    return Actor(person, via, scopes, language) if person is not None and person.active else None
