"""What repeated what by the catalogues of a workspace, the present one and those before it."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tongmai.link.wecom.repeating import Repeating
from tongmai.model import Catalogue
from tongmai.store import ReadTx, Workspace


class RepeatingByVersion:
    """Each catalogue is read once."""

    def __init__(self, tx: ReadTx, workspace: Workspace, present: Repeating) -> None:
        self._tx = tx
        self._schema = workspace.quoted_schema
        self.present = present
        self._known: dict[int, Repeating | None] = {present.catalogue.version: present}
        self._versions: list[int] = []

    async def at(self, version: int) -> Repeating | None:
        """By the catalogue of a version; None where that is not to be read any more."""
        if version not in self._known:
            model = await self._tx.fetch_value(
                f"SELECT model::text FROM {self._schema}._catalogue WHERE version = $1", version
            )
            try:
                self._known[version] = Repeating(await asyncio.to_thread(Catalogue.model_validate_json, model or ""))
            except ValueError:
                self._known[version] = None
        return self._known[version]

    async def ever(self) -> Sequence[Repeating]:
        """By the present catalogue, and by those before it whose segments, or metrics that give words, were others."""
        if not self._versions:
            rows = await self._tx.fetch(
                "SELECT DISTINCT ON (c.made_of) c.version FROM (SELECT version, md5(concat(model->'segments',"
                " (SELECT jsonb_agg(m) FROM jsonb_array_elements(model->'metrics') AS m WHERE m->>'gives' = 'text')))"
                f" AS made_of FROM {self._schema}._catalogue) AS c ORDER BY c.made_of, c.version DESC"
            )
            self._versions += [self.present.catalogue.version, *(row["version"] for row in rows)]
        found = [await self.at(version) for version in dict.fromkeys(self._versions)]
        return [each for each in found if each is not None]
