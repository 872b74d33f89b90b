"""Taking back one change: the fields get their values of before, if nobody has changed them since."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from tongmai.formula import TRUE
from tongmai.kit import Conflict, Fault, NotFound, Text
from tongmai.records.changer import Changer, Patch
from tongmai.records.changing import ChangeAction
from tongmai.records.creating import state_sql
from tongmai.records.entry import key_literal
from tongmai.records.frame import Frame
from tongmai.records.place import Place
from tongmai.records.preparing import Values
from tongmai.records.refusals import not_found
from tongmai.records.runtime import Runtime
from tongmai.records.statement import Parameters, Statement
from tongmai.records.written import Written
from tongmai.store import Record, WriteTx

_OPPOSITE: Mapping[str, ChangeAction] = {"create": "delete", "restore": "delete", "delete": "restore"}


class Undoer:
    def __init__(self, runtime: Runtime, changer: Changer) -> None:
        self._runtime = runtime
        self._changer = changer

    async def undo(self, place: Place, object_key: str, record_id: UUID, seq: int, tx: WriteTx) -> Written:
        """Raises ``NotFound`` for a record or entry that is not to be seen, ``Conflict`` if it was changed since, and
        whatever the change back itself may be refused for."""
        place.structure.definition(object_key)
        # The epoch's lock comes before any row's: see the layout.
        await tx.fetch_value(f"SELECT {place.schema}._open_change($1)", place.structure.catalogue.version)
        statement = self._runtime.kept.get(("undo", place.key, object_key), lambda: _compile(place, object_key))
        given = place.given(self._runtime.clock.now()) | {"id": record_id, "seq": seq}
        row = await tx.fetch_row(statement.sql, *statement.arguments(given))
        if row is None:
            raise not_found(object_key)
        if row["action"] in (None, "purge", "redact"):
            raise NotFound.of(
                "history.no_entry",
                "该记录没有这一条历史",
                "The record has no such entry",
                field="seq",
                way_out=Text("请从该记录的历史中选择", "Choose an entry of its history"),
            )
        cause = f"undo:{seq}"
        if row["action"] != "update":
            if row["version"] != row["entry_version"]:
                raise _changed_since(place, object_key, [])
            patch = Patch(record_id)
            return await self._changer.change(place, object_key, _OPPOSITE[row["action"]], [patch], cause=cause, tx=tx)
        patch = Patch(record_id, _values_before(place, object_key, row))
        return await self._changer.change(place, object_key, "update", [patch], cause=cause, tx=tx)


def _compile(place: Place, object_key: str) -> Statement:
    """The entry beside the present state, the record locked."""
    parameters = Parameters()
    frame = Frame(place, object_key, "t", parameters)
    rule = place.policy(object_key).rows["read"]
    seen = "" if rule == TRUE else f" AND ({frame.raw_sql(rule)})"
    sql = (
        f"SELECT t.version, {state_sql(place, object_key, 't')} AS state, h.action, h.version AS entry_version,"
        f" h.before, h.after FROM {place.table(object_key)} AS t LEFT JOIN {place.schema}._history AS h"
        f" ON h.record_id = t.id AND h.object = {key_literal(object_key)} AND h.seq ="
        f" {parameters.named('seq', 'bigint')}"
        f" {frame.joins} WHERE t.id = {parameters.named('id', 'uuid')}{seen} FOR UPDATE OF t"
    )
    return parameters.statement(sql)


def _values_before(place: Place, object_key: str, row: Record) -> Values:
    """What to write back. Fields the model no longer has cannot come back and are left out."""
    if row["after"] is None or row["before"] is None:
        raise NotFound.of(
            "history.redacted",
            "这条历史的内容已被清除",
            "The values of this entry are gone",
            field="seq",
        )
    state, before, after = (_read(row[name]) for name in ("state", "before", "after"))
    fields = place.structure.fields(object_key)
    keys = [key for key in after if key in fields]
    touched = [key for key in keys if state.get(key) != after[key]]
    if touched:
        raise _changed_since(place, object_key, touched)
    as_given = json.loads(row["before"])
    return {key: (as_given if fields[key].type == "json" else before).get(key) for key in keys}


def _read(document: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document, parse_float=Decimal)
    return found


def _changed_since(place: Place, object_key: str, keys: list[str]) -> Conflict:
    text = Text("该修改之后记录又被修改，不能撤销", "The record was changed after this change, which cannot be undone")
    way_out = Text("请先撤销较新的修改，或直接编辑", "Undo the later change first, or edit the record")
    faults = [
        Fault(
            "undo.changed_since",
            Text(f"“{label.zh}”在该修改之后又被修改", f"“{label.en}” was changed again after this change"),
            way_out,
            field=key,
        )
        for key in keys
        for label in [place.structure.fields(object_key)[key].label]
    ]
    return Conflict(tuple(faults) or (Fault("undo.changed_since", text, way_out),))
