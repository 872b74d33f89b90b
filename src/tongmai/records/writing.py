"""What all writes share: values every write statement takes, running it, and reading its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from tongmai.kit import Conflict, Denied, Invalid, NotFound, Text, TongmaiError, TooLarge
from tongmai.model import RecordRules
from tongmai.records.collisions import find_others
from tongmai.records.locked import LOCKED, locked_refusal
from tongmai.records.place import Place
from tongmai.records.preparing import rules_for
from tongmai.records.refusals import of_database, refusal
from tongmai.records.runtime import Runtime
from tongmai.records.selection import Selection, choose
from tongmai.records.statement import Statement
from tongmai.records.written import FieldHint, WrittenRecord, merge_lookups
from tongmai.store import Record, WriteTx

MOST_AT_ONCE = 1000
_DEADLOCK_TRIES = 4
_FIRST_PAUSE_S = 0.005


class Pen:
    """Runs write statements for a place: in the caller's transaction, or in one of its own."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def rules(self, place: Place, object_key: str) -> RecordRules:
        key = ("rules", place.workspace.id, place.structure.catalogue.version, object_key)
        return self._runtime.kept.get(key, lambda: rules_for(place, object_key))

    def selection(self, place: Place, object_key: str) -> Selection:
        return self._runtime.kept.get(
            ("selection", place.key, object_key, None, False), lambda: choose(place, object_key, None)
        )

    def given(self, place: Place, now: datetime, cause: str | None) -> dict[str, object]:
        """Values that every write statement takes."""
        actor = place.actor
        version = place.structure.catalogue.version
        return place.given(now) | {"catalogue": version, "at": now, "actor": actor.id, "via": actor.via, "cause": cause}

    async def run(
        self, place: Place, object_key: str, statement: Statement, given: dict[str, object], tx: WriteTx | None
    ) -> list[Record]:
        """The statement's rows. Raises what the database's own constraints refused as faults of ours."""
        arguments = statement.arguments(given)
        try:
            if tx is not None:
                return await tx.fetch(statement.sql, *arguments)
            return await self._run_alone(statement.sql, arguments)
        except asyncpg.IntegrityConstraintViolationError as error:
            raise of_database(place, object_key, error) from error
        except asyncpg.DataError as error:
            raise Invalid.of(
                "value.out_of_range",
                "某个值超出范围，没有写入",
                "A value is out of range; nothing was written",
                way_out=Text("请检查数值和日期的大小", "Check the size of numbers and dates"),
            ) from error

    async def refuse(
        self,
        place: Place,
        object_key: str,
        action: str,
        values: Sequence[Mapping[str, object]],
        rows: Sequence[Record],
        *,
        many: bool,
    ) -> None:
        """Raises what the codes of a write statement's rows stand for, if there are any. ``extra["others"]`` tells
        the records that have the unique values already, as far as the actor may see them."""
        numbered = [(number if many else None, row) for number, row in enumerate(rows, 1)]
        found = [(number, code) for number, row in numbered for code in row["codes"]]
        if not found:
            return
        rest = [(number, code) for number, code in found if code != LOCKED]
        error: TongmaiError | None = refusal(place, object_key, action, rest) if rest else None
        if error is None or (len(rest) < len(found) and not isinstance(error, Denied | NotFound)):
            raise await locked_refusal(self._runtime, place, numbered)
        if isinstance(error, Conflict | Invalid):
            now = self._runtime.clock.now()
            others = await find_others(self._runtime, place, object_key, now, values, rows)
            if others:
                error.extra["others"] = others
        raise error

    async def _run_alone(self, sql: str, arguments: Sequence[object]) -> list[Record]:
        pause = _FIRST_PAUSE_S
        for _ in range(_DEADLOCK_TRIES - 1):
            try:
                return await self._runtime.database.write_once(sql, *arguments)
            except asyncpg.DeadlockDetectedError:
                await asyncio.sleep(pause)
                pause *= 3
        return await self._runtime.database.write_once(sql, *arguments)


def written_record(place: Place, object_key: str, row: Record, version: int, *, changed: bool) -> WrittenRecord:
    fields = place.structure.fields(object_key)
    hints = []
    for key in row["hints"] or ():
        hint = fields[key].hint
        if hint is not None:
            hints.append(FieldHint(key, hint.message))
    return WrittenRecord(row["id"], version, changed, row["item"], tuple(hints), merge_lookups(row["lookups"]))


def check_count(given: Sequence[object]) -> None:
    """Raises ``Invalid`` for none and ``TooLarge`` for more than a thousand."""
    if not given:
        raise Invalid.of(
            "bulk.empty", "没有给出记录", "No record was given", way_out=Text("请至少给一条", "Give one at least")
        )
    if len(given) > MOST_AT_ONCE:
        raise TooLarge.of(
            "bulk.too_many",
            f"一次最多 {MOST_AT_ONCE} 条，收到 {len(given)} 条",
            f"At most {MOST_AT_ONCE} records at once, not {len(given)}",
            way_out=Text("请分批写入，或用导入", "Write them in several goes, or import them"),
        )
