"""Removing a record for good: its row goes, the values in its history go, the hashes stay."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from tongmai.formula import TRUE
from tongmai.identity import end_access_of_gone
from tongmai.kit import Conflict, Fault, Text
from tongmai.model import PERSON
from tongmai.records.entry import entry_sql, key_literal
from tongmai.records.frame import Frame
from tongmai.records.idempotency import forget_answers
from tongmai.records.people import guard_people
from tongmai.records.place import Place
from tongmai.records.refusals import denied_action, denied_record, not_found
from tongmai.records.runtime import Runtime
from tongmai.records.statement import Parameters, Statement
from tongmai.store import WriteTx, quote_ident


@dataclass(frozen=True)
class _Link:
    """A field of some object that may lead to the record."""

    object: str
    field: str
    column: str
    is_many: bool


class Purger:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def purge(self, place: Place, object_key: str, record_id: UUID, tx: WriteTx, *, cause: str | None) -> None:
        """Raises ``NotFound``, ``Denied``, and ``Conflict`` naming how many records still refer to this one.

        Many-to-many relations do not hold it: the id is taken out of them, as a change of those records with its own
        history. Files of the record are given up and removed by the files' own sweeping.
        """
        place.structure.definition(object_key)
        if not place.policy(object_key).may("purge"):
            raise denied_action(place, object_key, "purge")
        epoch = await tx.fetch_value(f"SELECT {place.schema}._open_change($1)", place.structure.catalogue.version)
        now = self._runtime.clock.now()
        if object_key == PERSON:
            await guard_people(tx, place, [(record_id, {"deleted_at": now})])
        version = await self._lock(place, object_key, record_id, tx)
        await _refuse_if_referred_to(place, object_key, record_id, tx)
        who = (now, place.actor.id, place.actor.via)
        for link in _links(place, object_key):
            if link.is_many:
                await tx.execute(_unlink_sql(place, link), epoch, *who, f"purge:{record_id}", record_id)
        await tx.execute(f"DELETE FROM {place.table(object_key)} WHERE id = $1", record_id)
        await tx.execute(
            f"UPDATE {place.schema}._history SET before = NULL, after = NULL WHERE record_id = $1 AND object = $2",
            record_id, object_key,
        )  # fmt: skip
        entry = (
            "SELECT $1::bigint AS epoch, $2::timestamptz AS at, $7::text AS object, $6::uuid AS record_id,"
            " $8::integer AS version, 'purge' AS action, $3::uuid AS actor, $4::text AS via, $5::text AS cause,"
            " NULL::jsonb AS before, NULL::jsonb AS after"
        )
        await tx.execute(entry_sql(place.schema, entry), epoch, *who, cause, record_id, object_key, version + 1)
        await _forget_elsewhere(place, record_id, tx)
        if object_key == PERSON:
            await end_access_of_gone(tx, place.workspace, now, place.actor)

    async def _lock(self, place: Place, object_key: str, record_id: UUID, tx: WriteTx) -> int:
        statement = self._runtime.kept.get(("purge", place.key, object_key), lambda: _compile_lock(place, object_key))
        given = place.given(self._runtime.clock.now()) | {"id": record_id}
        row = await tx.fetch_row(statement.sql, *statement.arguments(given))
        if row is None:
            raise not_found(object_key)
        if not row["allowed"]:
            raise denied_record(place, object_key, "purge")
        version: int = row["version"]
        return version


def _compile_lock(place: Place, object_key: str) -> Statement:
    parameters = Parameters()
    frame = Frame(place, object_key, "t", parameters)
    rows = place.policy(object_key).rows
    seen = "" if rows["read"] == TRUE else f" AND ({frame.raw_sql(rows['read'])})"
    allowed = f"({frame.raw_sql(rows['purge'])}) IS TRUE"
    sql = (
        f"SELECT t.version, {allowed} AS allowed FROM {place.table(object_key)} AS t {frame.joins}"
        f" WHERE t.id = {parameters.named('id', 'uuid')}{seen} FOR UPDATE OF t"
    )
    return parameters.statement(sql)


async def _refuse_if_referred_to(place: Place, object_key: str, record_id: UUID, tx: WriteTx) -> None:
    faults = []
    for link in _links(place, object_key):
        if link.is_many:
            continue
        column = quote_ident(link.column)
        count = await tx.fetch_value(
            f"SELECT count(*) FROM {place.table(link.object)} WHERE {column} = $1 AND NOT (id = $1 AND $2)",
            record_id,
            link.object == object_key,
        )
        if count:
            label = place.structure.definition(link.object).label
            field = place.structure.fields(link.object)[link.field].label
            faults.append(
                Fault(
                    "purge.referred_to",
                    Text(
                        f"有 {count} 条“{label.zh}”记录的“{field.zh}”指向它（含回收站中的）",
                        f"{count} records of “{label.en}” refer to it by “{field.en}”, those in the bin included",
                    ),
                    Text("请先改指其他记录，或彻底删除它们", "Make them refer to another record, or purge them first"),
                    rule=f"{link.object}.{link.field}",
                )
            )
    if faults:
        raise Conflict(tuple(faults))


def _links(place: Place, object_key: str) -> Iterator[_Link]:
    for definition in place.structure.catalogue.objects:
        for key, field in place.structure.fields(definition.key).items():
            # Who made or last changed a record is told for ever, and has no foreign key.
            if key in {"id", "created_by", "changed_by"}:
                continue
            bound = place.structure.bound(definition.key, key)
            if bound.target == object_key:
                yield _Link(definition.key, key, field.column_name, bound.is_many)


def _unlink_sql(place: Place, link: _Link) -> str:
    """Takes the id ($6) out of a many-to-many relation, with history. $1 … $5: epoch, at, actor, via, cause."""
    column, key = quote_ident(link.column), key_literal(link.field)
    before = (
        f"jsonb_build_object({key}, to_jsonb(old.{column}), 'version', old.version, 'changed_at', old.changed_at,"
        " 'changed_by', old.changed_by)"
    )
    entry = (
        f"SELECT $1::bigint AS epoch, $2::timestamptz AS at, {key_literal(link.object)} AS object, u.id AS record_id,"
        " u.version, 'update' AS action, $3::uuid AS actor, $4::text AS via, $5::text AS cause,"
        " u.before, u.after FROM u"
    )
    return (
        f"WITH u AS (UPDATE {place.table(link.object)} AS t SET {column} ="
        f" nullif(array_remove(t.{column}, $6), '{{}}'),"
        f" version = t.version + 1, changed_at = $2, changed_by = $3 WHERE t.{column} @> ARRAY[$6::uuid]"
        f" RETURNING new.id, new.version, {before} AS before,"
        f" jsonb_build_object({key}, to_jsonb(new.{column})) AS after) {entry_sql(place.schema, entry)}"
    )


async def _forget_elsewhere(place: Place, record_id: UUID, tx: WriteTx) -> None:
    """The record's files, answers kept for repeated requests, and what metrics, segments and rules noted of it, hold
    its values too."""
    await tx.execute(
        f"UPDATE {place.schema}._file SET object = NULL, field = NULL, record_id = NULL, created_by = NULL"
        " WHERE record_id = $1",
        record_id,
    )
    await forget_answers(tx, place.schema, record_id)
    for statement in _NOTED:
        await tx.execute(statement.replace("{schema}", place.schema), record_id)


_NOTED = (
    "DELETE FROM {schema}._metric_day WHERE record_id = $1",
    "UPDATE {schema}._segment_move SET reason = '{}' WHERE record_id = $1",
    "UPDATE {schema}._event SET body = '{}' WHERE record_id = $1",
    # What was still to be done for it is not done any more.
    "UPDATE {schema}._outbox SET state = 'dropped' WHERE state = 'waiting'"
    " AND firing IN (SELECT id FROM {schema}._firing WHERE record_id = $1)",
    "UPDATE {schema}._firing SET seen = '{}', told = '{}' WHERE record_id = $1",
)
