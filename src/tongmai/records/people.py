"""Guards around people: who may hand out roles, and that an administrator is always left."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from tongmai.access import check_role_assignment, loses_administrator, require_administrator_left
from tongmai.kit import Denied
from tongmai.model import ADMINISTRATOR, PERSON, TEAM
from tongmai.records.place import Place
from tongmai.store import WriteTx

_DECIDING = frozenset({"roles", "active", "deleted_at"})


def is_about_people(object_key: str) -> bool:
    """Whether a write may change what actors are: who remembers actors must then forget them."""
    return object_key in {PERSON, TEAM}


def needs_guard(object_key: str, rows: Sequence[Mapping[str, object]]) -> bool:
    return object_key == PERSON and any(not _DECIDING.isdisjoint(row) for row in rows)


def guard_new_people(place: Place, rows: Sequence[Mapping[str, object]]) -> None:
    """Raises ``Denied`` where the roles of a new person are not the actor's to give."""
    faults = [
        fault
        for row in rows
        for fault in check_role_assignment(place.actor, place.structure.catalogue, (), _roles(row.get("roles")))
    ]
    if faults:
        raise Denied(tuple(faults))


async def guard_people(tx: WriteTx, place: Place, patches: Sequence[tuple[UUID, Mapping[str, object]]]) -> None:
    """Before people are changed, deleted or purged: raises ``Denied`` for roles that are not the actor's to give or
    take, ``Conflict`` if no administrator would be left.

    ``patches`` hold the new values by field; a deletion sets ``deleted_at``. Locks, after the epoch's: the people
    concerned and, where an administrator goes, all administrators, so that two cannot go at once.
    """
    catalogue = place.structure.catalogue
    await tx.fetch_value(f"SELECT {place.schema}._open_change($1)", catalogue.version)
    wanted = dict(patches)
    people = await tx.fetch(
        f"SELECT id, roles, active, deleted_at FROM {place.table(PERSON)}"
        " WHERE id = ANY($1) OR ($2 = ANY(roles) AND active IS NOT FALSE AND deleted_at IS NULL)"
        " ORDER BY id FOR UPDATE",
        list(wanted),
        ADMINISTRATOR,
    )
    faults = []
    leaving: set[UUID] = set()
    for row in people:
        patch = wanted.get(row["id"])
        if patch is None:
            continue
        before = _roles(row["roles"])
        after = _roles(patch["roles"]) if "roles" in patch else before
        faults.extend(check_role_assignment(place.actor, catalogue, before, after))
        was_active = row["active"] is not False and row["deleted_at"] is None
        stays = patch.get("active", row["active"]) is not False and patch.get("deleted_at", row["deleted_at"]) is None
        if was_active and loses_administrator(catalogue, before, after, stays_active=stays):
            leaving.add(row["id"])
    if faults:
        raise Denied(tuple(faults))
    if leaving:
        left = [
            row["id"]
            for row in people
            if ADMINISTRATOR in _roles(row["roles"]) and row["active"] is not False and row["deleted_at"] is None
        ]
        require_administrator_left(len(set(left) - leaving))


def _roles(given: object) -> tuple[str, ...]:
    return tuple(given) if isinstance(given, list | tuple) else ()
