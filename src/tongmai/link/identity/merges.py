"""The merges that stand at a record, for whoever may want one taken back."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from tongmai.access import AnyActor
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace

_MOST = 50


@dataclass(frozen=True, slots=True)
class Merge:
    """``record`` was made part of another. ``label`` is its title, None for who may not see it."""

    id: UUID
    record: UUID
    label: str | None
    at: datetime
    by: UUID | None


class Merges:
    """For all workspaces."""

    def __init__(self, database: Database, catalogues: CatalogueStore, gateway: Gateway) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway

    async def of(self, actor: AnyActor, workspace: Workspace, object_key: str, record: UUID) -> list[Merge]:
        """What was made part of the record, the latest first, at most 50. Raises ``NotFound`` for a record that is not
        the actor's to see."""
        await self._gateway.get(actor, workspace, object_key, record, fields=("id",))
        async with self._database.read() as tx:
            rows = await tx.fetch(
                f"SELECT id, merged, at, by_person FROM {workspace.quoted_schema}._merge"
                " WHERE kept = $1 AND object = $2 AND undone_at IS NULL ORDER BY at DESC, id DESC LIMIT $3",
                record, object_key, _MOST,
            )  # fmt: skip
        labels = await self._labels(actor, workspace, object_key, [row["merged"] for row in rows])
        return [Merge(row["id"], row["merged"], labels.get(row["merged"]), row["at"], row["by_person"]) for row in rows]

    async def _labels(
        self, actor: AnyActor, workspace: Workspace, object_key: str, records: Sequence[UUID]
    ) -> dict[UUID, str]:
        """Titles of records in the bin."""
        title = (await self._catalogues.get(workspace)).object_by_key[object_key].title
        if title is None or not records:
            return {}
        listed = ", ".join(f"'{each}'" for each in records)
        page = await self._gateway.list(
            actor, workspace, object_key, filter=f"id IN ({listed})", fields=("id", title), limit=_MOST, count=False,
            deleted=True,
        )  # fmt: skip
        return {UUID(each["id"]): str(each[title]) for each in orjson.loads(page)["items"] if each[title] is not None}
