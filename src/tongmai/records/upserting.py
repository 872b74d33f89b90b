"""Make or change a record by a unique field of its own, such as an order number from another system."""

# ruff: noqa: S608 - names come from quote_ident and key_literal, values are bound

from __future__ import annotations

from uuid import UUID

from tongmai.kit import Conflict, Fault, Invalid, NotFound, Text
from tongmai.model import Refused
from tongmai.records.changer import Changer, Patch
from tongmai.records.maker import Maker
from tongmai.records.place import Place
from tongmai.records.preparing import Values, rules_for
from tongmai.records.runtime import Runtime
from tongmai.records.selection import hidden_fields
from tongmai.records.verdicts import unique_fault
from tongmai.records.written import Written
from tongmai.store import WriteTx, quote_ident

_TRIES = 3


class Upserter:
    def __init__(self, runtime: Runtime, maker: Maker, changer: Changer) -> None:
        self._runtime = runtime
        self._maker = maker
        self._changer = changer

    async def upsert(
        self, place: Place, object_key: str, key_field: str, values: Values, *, cause: str | None, tx: WriteTx | None
    ) -> Written:
        """Raises ``Invalid`` for a field that is not unique or has no value, ``Conflict`` if the record with that value
        is not the actor's to see, and what creating and changing raise."""
        column, key = self._key(place, object_key, key_field, values)
        for left in reversed(range(_TRIES)):
            found = await self._find(place, object_key, column, key, tx)
            try:
                if found is None:
                    return await self._maker.create(place, object_key, [values], cause=cause, tx=tx)
                return await self._changer.change(
                    place, object_key, "update", [Patch(found, values)], cause=cause, tx=tx
                )
            except NotFound as error:
                if await self._find(place, object_key, column, key, tx) == found:
                    definition = place.structure.definition(object_key)
                    raise Conflict((unique_fault(definition, (key_field,)),)) from error
            except Conflict:
                # Someone made it between our look and our write: now there is something to change.
                if found is not None or not left or tx is not None:
                    raise
        raise Conflict.of("upsert.contended", "该记录正被反复改动，请重试", "The record keeps changing; try again")

    def _key(self, place: Place, object_key: str, key_field: str, values: Values) -> tuple[str, object]:
        definition = place.structure.definition(object_key)
        field = None if key_field in hidden_fields(place, object_key) else definition.by_key.get(key_field)
        if field is None or not (field.unique or any(each.fields == (key_field,) for each in definition.uniques)):
            raise Invalid.of(
                "upsert.not_unique",
                f"“{key_field[:60]}”不是唯一字段",
                f"“{key_field[:60]}” is not a unique field",
                way_out=Text("在字段设置中勾选“唯一”", "Make the field unique"),
                field="key",
            )
        rules = rules_for(place, object_key)
        bound = rules.fields.get(key_field)
        try:
            value = None if bound is None else bound.parse(values.get(key_field), rules.reading)
        except Refused as refused:
            raise Invalid(tuple(fault.at_field(key_field) for fault in refused.faults)) from None
        if value is None:
            text = Text(f"缺少“{field.label.zh}”的值", f"“{field.label.en}” has no value")
            raise Invalid((Fault("upsert.no_value", text, field=key_field),))
        return field.column_name, value

    async def _find(self, place: Place, object_key: str, column: str, key: object, tx: WriteTx | None) -> UUID | None:
        sql = f"SELECT id FROM {place.table(object_key)} WHERE {quote_ident(column)} = $1 AND deleted_at IS NULL"
        if tx is not None:
            found: UUID | None = await tx.fetch_value(sql, key)
            return found
        async with self._runtime.database.read() as reading:
            alone: UUID | None = await reading.fetch_value(sql, key)
        return alone
