"""Imports of people: roles are handed out only by who may, and an administrator is always left.

There are few people and much depends on them, so that each is looked at by itself.
"""

# ruff: noqa: S608 - names come from quote_ident

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tongmai.access import check_role_assignment
from tongmai.kit import Conflict, Fault
from tongmai.records.people import guard_people
from tongmai.records.transfer.plan import ImportPlan
from tongmai.store import Record, WriteTx

# The code that keeps such a row from being written; its faults are told directly.
GUARDED = "guard:roles"


async def refuse_roles(tx: WriteTx, plan: ImportPlan) -> dict[int, list[Fault]]:
    """The candidates whose roles are not the actor's to give or take, by row, with the faults; marked as faulty."""
    new, place = plan.tables.new, plan.place
    rows = await tx.fetch(
        f"SELECT s._row, s._found, s.id, s.roles, s.active, o.roles AS old_roles, o.active AS old_active"
        f" FROM {new} AS s LEFT JOIN {place.table(plan.object_key)} AS o ON s._found AND o.id = s.id"
        f" WHERE NOT EXISTS (SELECT FROM {plan.tables.fault} AS f WHERE f._row = s._row) ORDER BY s._row"
    )
    refused: dict[int, list[Fault]] = {}
    patches: list[tuple[int, UUID, Mapping[str, object]]] = []
    for row in rows:
        faults = check_role_assignment(
            place.actor, place.structure.catalogue, row["old_roles"] or (), row["roles"] or ()
        )
        if faults:
            refused[row["_row"]] = list(faults)
        elif row["_found"] and _differs(row):
            patches.append((row["_row"], row["id"], {"roles": row["roles"], "active": row["active"]}))
    if patches:
        refused |= await _guard(tx, plan, patches)
    if refused:
        await tx.execute(
            f"INSERT INTO {plan.tables.fault} (_row, codes) SELECT x, ARRAY[$2::text] FROM unnest($1::bigint[]) AS x",
            list(refused),
            GUARDED,
        )
    return refused


async def _guard(
    tx: WriteTx, plan: ImportPlan, patches: list[tuple[int, UUID, Mapping[str, object]]]
) -> dict[int, list[Fault]]:
    """Where all together would leave no administrator, those that take one away are refused."""
    try:
        await guard_people(tx, plan.place, [(id, values) for _, id, values in patches])
    except Conflict as error:
        return {row: list(error.faults) for row, _, _ in patches}
    return {}


def _differs(row: Record) -> bool:
    return (row["roles"], row["active"]) != (row["old_roles"], row["old_active"])
