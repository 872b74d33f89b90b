"""Relations of many records pointed anew, by the system: also those that the person cannot see must not be left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from tongmai.access import SystemActor
from tongmai.records import Gateway, Operation
from tongmai.records.transfer import Reference
from tongmai.store import Workspace, WriteTx

_AT_ONCE = 500
_Changes = dict[UUID, dict[str, Any]]


async def point(
    gateway: Gateway,
    tx: WriteTx,
    workspace: Workspace,
    references: Sequence[Reference],
    before: UUID,
    after: UUID,
    cause: str,
) -> None:
    """Writes ``after`` wherever the references name ``before``. Raises what a change of their records raises."""
    system = SystemActor("merge")
    for object_key, changes in _by_object(references, before, after).items():
        for some in _portions(list(changes.items())):
            operations = [Operation("update", values, id_) for id_, values in some]
            await gateway.bulk(system, workspace, object_key, operations, cause=cause, tx=tx)


def _by_object(references: Sequence[Reference], before: UUID, after: UUID) -> dict[str, _Changes]:
    found: dict[str, _Changes] = {}
    for each in references:
        found.setdefault(each.object, {}).setdefault(each.record, {})[each.field] = each.pointed(before, after)
    return found


def _portions(items: list[tuple[UUID, dict[str, Any]]]) -> Iterator[list[tuple[UUID, dict[str, Any]]]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
