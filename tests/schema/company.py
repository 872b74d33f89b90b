"""What the tests of this room do again and again, in the words of the room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tongmai.kit import FixedClock, new_id
from tongmai.model import Action, AddField, AddObject, Catalogue, ChangeField, Changeset, FieldDef, ObjectDef
from tongmai.schema import Applied, CatalogueStore, Preview, Schema, SchemaEditor
from tongmai.store import Database, Workspace, quote_ident

# A clock that stands still would give ids in no order.
_TICK = timedelta(milliseconds=1)


def field(key: str, kind: str = "text", **more: object) -> FieldDef:
    return FieldDef.model_validate({"key": key, "type": kind, "label": more.pop("label", key), **more})


def thing(key: str, *fields: FieldDef, **more: object) -> ObjectDef:
    return ObjectDef.model_validate({"key": key, "label": more.pop("label", key), "fields": fields, **more})


@dataclass
class Company:
    """One workspace, its editor, and plain SQL to its tables (never through the gateway, which stands above)."""

    database: Database
    catalogues: CatalogueStore
    editor: SchemaEditor
    workspace: Workspace
    clock: FixedClock

    @property
    def schema(self) -> Schema:
        return Schema(self.workspace.schema)

    async def catalogue(self) -> Catalogue:
        return await self.catalogues.get(self.workspace)

    async def apply(self, *actions: Action) -> Applied:
        self.clock.advance(_TICK)
        return await self.editor.apply(self.workspace, Changeset(actions=actions), None)

    async def preview(self, *actions: Action) -> Preview:
        return await self.editor.preview(self.workspace, Changeset(actions=actions))

    async def undo(self, change: Applied) -> Applied:
        self.clock.advance(_TICK)
        return await self.editor.undo(self.workspace, change.id, None)

    async def add_object(self, key: str, *fields: FieldDef, **more: object) -> Applied:
        return await self.apply(AddObject(object=thing(key, *fields, **more)))

    async def add_field(self, object_key: str, added: FieldDef) -> Applied:
        return await self.apply(AddField(object=object_key, field=added))

    async def change_field(self, object_key: str, key: str, **changes: object) -> Applied:
        return await self.apply(ChangeField(object=object_key, after=await self.changed(object_key, key, **changes)))

    async def changed(self, object_key: str, key: str, **changes: object) -> FieldDef:
        present = (await self.catalogue()).object_by_key[object_key].by_key[key]
        return FieldDef.model_validate({**present.model_dump(), **changes})

    async def insert(self, object_key: str, values: Mapping[str, object] | None = None) -> UUID:
        """A record by plain SQL, its values by field key."""
        definition = (await self.catalogue()).object_by_key[object_key]
        values = values or {}
        columns = [definition.by_key[key].column_name for key in values]
        self.clock.advance(_TICK)
        record_id, now = new_id(self.clock), self.clock.now()
        names = "".join(f", {quote_ident(column)}" for column in columns)
        places = "".join(f", ${place}" for place in range(3, 3 + len(columns)))
        async with self.database.write() as tx:
            await tx.execute(
                f"INSERT INTO {self.schema(object_key)} (id, created_at, changed_at{names}) "
                f"VALUES ($1, $2, $2{places})",
                record_id,
                now,
                *values.values(),
            )
        return record_id

    async def update(self, object_key: str, record_id: UUID, key: str, value: object) -> None:
        column = (await self.catalogue()).object_by_key[object_key].by_key[key].column_name
        async with self.database.write() as tx:
            await tx.execute(
                f"UPDATE {self.schema(object_key)} SET {quote_ident(column)} = $2 WHERE id = $1", record_id, value
            )

    async def values(self, object_key: str, key: str) -> list[object]:
        """The field's value of each record, in the order of their making."""
        column = (await self.catalogue()).object_by_key[object_key].by_key[key].column_name
        async with self.database.read() as tx:
            rows = await tx.fetch(f"SELECT {quote_ident(column)} AS value FROM {self.schema(object_key)} ORDER BY id")
        return [row["value"] for row in rows]

    async def fetch(self, sql: str, *args: object) -> list[tuple[object, ...]]:
        """Plain SQL; ``{order}`` stands for the table ``order`` in the workspace's schema."""
        async with self.database.read() as tx:
            return [tuple(row) for row in await tx.fetch(sql, *args)]
