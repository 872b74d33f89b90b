"""Changing, deleting and restoring records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from tongmai.identity import end_access_of_gone
from tongmai.kit import Fault, StaleVersion, Text
from tongmai.records.changing import ChangeAction, ChangeShape, compile_change
from tongmai.records.people import guard_people, needs_guard
from tongmai.records.place import Place
from tongmai.records.preparing import Values, by_column, read_patches, to_json, tokens_of
from tongmai.records.refusals import denied_action
from tongmai.records.runtime import Runtime
from tongmai.records.searching import searchable_fields
from tongmai.records.writing import Pen, check_count, written_record
from tongmai.records.written import Written
from tongmai.store import Record, WriteTx, quote_ident

_MOVED_TRIES = 5


@dataclass(frozen=True)
class Patch:
    """A change wanted of one record. ``version`` is the one the actor saw, if that matters."""

    id: UUID
    values: Values = field(default_factory=dict)
    version: int | None = None


class Changer:
    """One statement locks, checks and writes; where search tokens change, their fields are read before it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._pen = Pen(runtime)

    async def change(
        self,
        place: Place,
        object_key: str,
        action: ChangeAction,
        patches: Sequence[Patch],
        *,
        cause: str | None = None,
        tx: WriteTx | None = None,
        many: bool = False,
    ) -> Written:
        """All or none; what does not differ from what is there is left alone. An id must not come twice.

        Raises ``NotFound``, ``Denied``, ``StaleVersion``, ``Invalid``, ``Conflict``, ``TooLarge``.
        """
        place.structure.definition(object_key)
        if not place.policy(object_key).may("update" if action == "update" else "delete"):
            raise denied_action(place, object_key, action)
        check_count(patches)
        now = self._runtime.clock.now()
        rows = self._rows(place, object_key, action, patches, now, many=many)
        guarded = needs_guard(object_key, rows)
        if guarded:
            if tx is None:
                async with self._runtime.database.write() as own:
                    return await self.change(place, object_key, action, patches, cause=cause, tx=own, many=many)
            await guard_people(tx, place, [(patch.id, row) for patch, row in zip(patches, rows, strict=True)])
        for _ in range(_MOVED_TRIES):
            found = await self._try(place, object_key, action, patches, rows, now, cause, tx)
            if not any("moved" in row["codes"] for row in found):
                break
        refuse_stale(found, many=many)
        await self._pen.refuse(place, object_key, action, rows, found, many=many)
        if guarded and tx is not None:
            await end_access_of_gone(tx, place.workspace, now, place.actor)
        return Written(
            tuple(written_record(place, object_key, row, row["version"], changed=row["changed"]) for row in found), many
        )

    def _rows(
        self,
        place: Place,
        object_key: str,
        action: ChangeAction,
        patches: Sequence[Patch],
        now: datetime,
        *,
        many: bool,
    ) -> list[dict[str, object]]:
        if action != "update":
            return [{"deleted_at": now if action == "delete" else None} for _ in patches]
        rules = self._pen.rules(place, object_key)
        return read_patches(place, object_key, rules, [patch.values for patch in patches], numbered=many)

    async def _try(
        self,
        place: Place,
        object_key: str,
        action: ChangeAction,
        patches: Sequence[Patch],
        rows: Sequence[dict[str, object]],
        now: datetime,
        cause: str | None,
        tx: WriteTx | None,
    ) -> list[Record]:
        # An empty patch changes nothing, and still must be refused to whom the record is hidden.
        keys = tuple(sorted({key for row in rows for key in row})) or ("owner",)
        searchable = searchable_fields(place.structure.definition(object_key))
        search = action == "update" and not set(keys).isdisjoint(searchable)
        documents: list[dict[str, object]] = [
            {"id": patch.id, "set": by_column(place, object_key, row), "version": patch.version}
            for patch, row in zip(patches, rows, strict=True)
        ]
        if search:
            await self._add_tokens(place, object_key, documents, rows, tx)
        statement = self._runtime.kept.get(
            ("change", place.key, object_key, action, keys),
            lambda: compile_change(
                place, ChangeShape(object_key, action, keys, self._pen.selection(place, object_key), search)
            ),
        )
        given = self._pen.given(place, now, cause) | {"patches": to_json(documents)}
        return await self._pen.run(place, object_key, statement, given, tx)

    async def _add_tokens(
        self,
        place: Place,
        object_key: str,
        documents: Sequence[dict[str, object]],
        rows: Sequence[dict[str, object]],
        tx: WriteTx | None,
    ) -> None:
        """Tokens are of all searchable fields together: those not given are read, and the statement is told the version
        they were read at, so that it does nothing if someone was quicker."""
        definition = place.structure.definition(object_key)
        searchable = searchable_fields(definition)
        columns = "".join(f", {quote_ident(definition.by_key[key].column_name)}" for key in searchable)
        sql = f"SELECT id, version{columns} FROM {place.table(object_key)} WHERE id = ANY($1)"  # noqa: S608
        ids = [document["id"] for document in documents]
        if tx is not None:
            present = await tx.fetch(sql, ids)
        else:
            async with self._runtime.database.read() as reading:
                present = await reading.fetch(sql, ids)
        by_id = {row["id"]: row for row in present}
        for document, row in zip(documents, rows, strict=True):
            known = by_id.get(document["id"])
            if known is None:
                continue
            whole = {key: known[definition.by_key[key].column_name] for key in searchable} | row
            patch = document["set"]
            assert isinstance(patch, dict)
            patch["_search"] = tokens_of(place, object_key, whole)
            document["base"] = known["version"]


def refuse_stale(rows: Sequence[Record], *, many: bool) -> None:
    """Raises ``StaleVersion`` for records that someone else changed, unless there are records that are hidden."""
    if any("hidden" in row["codes"] for row in rows):
        return
    text = Text("记录已被他人修改", "The record was changed by someone else")
    way_out = Text("请比较双方的修改后重试", "Compare both changes, then try again")
    faults = []
    for number, row in enumerate(rows, 1):
        if "stale" in row["codes"] or "moved" in row["codes"]:
            fault = Fault("record.stale", text, way_out, field="version")
            faults.append(fault.at_row(number) if many else fault)
    if faults:
        raise StaleVersion(tuple(faults))


def both_sides(patch: Patch, theirs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What a person needs to settle a conflict: their own change beside the record as it is, field by field.

    ``theirs`` is the record under the actor's masks.
    """
    fields: list[JsonValue] = [
        {"field": key, "yours": value, "theirs": theirs.get(key)} for key, value in patch.values.items()
    ]
    return {
        "yours": {"version": patch.version, "values": dict(patch.values)},
        "theirs": {"version": theirs.get("version"), "record": dict(theirs)},
        "fields": fields,
    }
