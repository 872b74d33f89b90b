"""Many operations at once, all or nothing, with the faults of every one of them told by its row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

import asyncpg

from tongmai.kit import (
    Conflict,
    Denied,
    Fault,
    Invalid,
    NotFound,
    StaleVersion,
    Text,
    TongmaiError,
    TooLarge,
    Unavailable,
)
from tongmai.records.changer import Changer, Patch
from tongmai.records.maker import Maker
from tongmai.records.place import Place
from tongmai.records.preparing import Values
from tongmai.records.writing import check_count
from tongmai.records.written import Written, WrittenRecord
from tongmai.store import WriteTx

Kind = Literal["create", "update", "delete", "restore"]
# Which refusal stands for several: what may not be known before what may not be done before what is wrong.
_WEIGHT: tuple[type[TongmaiError], ...] = (NotFound, Denied, StaleVersion, TooLarge, Conflict)


@dataclass(frozen=True)
class Operation:
    """``id`` is needed for all but a creation; ``version`` is the one the actor saw, if that matters."""

    kind: Kind
    values: Values = field(default_factory=dict)
    id: UUID | None = None
    version: int | None = None


class Bulk:
    def __init__(self, maker: Maker, changer: Changer) -> None:
        self._maker = maker
        self._changer = changer

    async def run(
        self, place: Place, object_key: str, operations: Sequence[Operation], *, cause: str | None, tx: WriteTx
    ) -> Written:
        """The records in the order of the operations. The caller rolls back on an error.

        Neighbours of a kind go into one statement, so that a thousand creations cost a few milliseconds.
        """
        check_count(operations)
        _refuse_without_id(operations)
        records: list[WrittenRecord] = []
        errors: list[TongmaiError] = []
        for start, group in _groups(operations):
            try:
                written = await self._run_group(place, object_key, group, cause, tx)
            except Unavailable:
                # The machine failed, not the request: what was found wrong before does not matter now.
                raise
            except TongmaiError as error:
                errors.append(_shifted(error, start))
                if isinstance(error.__cause__, asyncpg.PostgresError):
                    # The transaction is spoilt: nothing more can be found out in it.
                    break
                continue
            records.extend(written.records)
        if errors:
            raise _together(errors)
        return Written(tuple(records), is_list=True)

    async def _run_group(
        self, place: Place, object_key: str, group: Sequence[Operation], cause: str | None, tx: WriteTx
    ) -> Written:
        kind = group[0].kind
        if kind == "create":
            given = [each.values for each in group]
            return await self._maker.create(place, object_key, given, cause=cause, tx=tx, many=True)
        patches = [Patch(each.id, each.values, each.version) for each in group if each.id is not None]
        return await self._changer.change(place, object_key, kind, patches, cause=cause, tx=tx, many=True)


def _groups(operations: Sequence[Operation]) -> Iterator[tuple[int, list[Operation]]]:
    """Neighbours of a kind with the number of operations before them; no group holds an id twice."""
    start, group, ids = 0, list[Operation](), set[UUID]()
    for number, each in enumerate(operations):
        if group and (each.kind != group[0].kind or each.id in ids):
            yield start, group
            start, group, ids = number, [], set()
        group.append(each)
        if each.id is not None:
            ids.add(each.id)
    if group:
        yield start, group


def _refuse_without_id(operations: Sequence[Operation]) -> None:
    faults = [
        Fault("bulk.no_id", Text("缺少记录 id", "The record's id is missing"), field="id", row=number)
        for number, each in enumerate(operations, 1)
        if each.kind != "create" and each.id is None
    ]
    if faults:
        raise Invalid(tuple(faults))


def _shifted(error: TongmaiError, start: int) -> TongmaiError:
    faults = tuple(fault if fault.row is None else fault.at_row(fault.row + start) for fault in error.faults)
    shifted = type(error)(faults, error.extra)
    shifted.__cause__ = error.__cause__
    return shifted


def _together(errors: Sequence[TongmaiError]) -> TongmaiError:
    faults = tuple(fault for error in errors for fault in error.faults)
    extra = {key: value for error in errors for key, value in error.extra.items()}
    for kind in _WEIGHT:
        if any(isinstance(error, kind) for error in errors):
            return kind(faults, extra)
    return Invalid(faults, extra)
