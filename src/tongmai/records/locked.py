"""What rules have locked: a record, or some of its fields, that nobody may change until it is released."""

# ruff: noqa: S608 - the schema comes from quote_ident, values are bound

from __future__ import annotations

from collections.abc import Iterable

from tongmai.kit import Conflict, Fault, Text
from tongmai.records.place import Place
from tongmai.records.runtime import Runtime
from tongmai.records.statement import Parameters
from tongmai.records.verdicts import Check
from tongmai.store import Record

LOCKED = "locked"
# Rules set fields of records that they, or other rules, have locked.
_EXEMPT = "'system:rule'"


def lock_check(place: Place, record: str, changed: str | None, parameters: Parameters | None = None) -> Check:
    """That the record (SQL of its id) is locked or, with ``changed`` (SQL of a ``text[]``), one of these fields is.

    With ``parameters`` (the parameter ``via``) rules are let through.
    """
    fields = "" if changed is None else f" AND (cardinality(k.fields) = 0 OR k.fields && {changed})"
    held = (
        f"EXISTS (SELECT FROM {place.schema}._lock AS k WHERE k.record_id = {record} AND k.released_at IS NULL{fields})"
    )
    if parameters is None:
        return Check(LOCKED, held)
    return Check(LOCKED, f"{parameters.named('via', 'text')} <> {_EXEMPT} AND {held}")


async def locked_refusal(runtime: Runtime, place: Place, rows: Iterable[tuple[int | None, Record]]) -> Conflict:
    """The refusal with the reason of each lock. ``rows`` are of a write statement, numbered where there are many."""
    by_id = {row["id"]: number for number, row in rows if LOCKED in row["codes"]}
    async with runtime.database.read() as tx:
        found = await tx.fetch(
            f"SELECT record_id, rule, fields, reason_zh, reason_en FROM {place.schema}._lock"
            " WHERE record_id = ANY($1) AND released_at IS NULL ORDER BY locked_at",
            list(by_id),
        )
    faults = [_fault(row, by_id[row["record_id"]]) for row in found]
    return Conflict(tuple(faults) or (_released(),))


def _fault(row: Record, number: int | None) -> Fault:
    listed = ", ".join(row["fields"])
    which = (f"字段 {listed} 已锁定", f"{listed} is locked") if listed else ("记录已锁定", "the record is locked")
    return Fault(
        "record.locked",
        Text(f"{which[0]}：{row['reason_zh']}", f"{which[1]}: {row['reason_en']}"),
        Text("请等待条件解除，或由主管解除锁定", "wait until it ends, or ask a supervisor to release it"),
        rule=row["rule"],
        row=number,
    )


def _released() -> Fault:
    """The lock was released between the refusal and the look at its reason."""
    text = Text("记录刚才被锁定，现已解除", "the record was locked a moment ago and is not any more")
    return Fault("record.locked", text, Text("请重试", "try again"))
