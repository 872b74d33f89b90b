"""What a signal was heard in: the records that the raw row of its event became, with the word that was understood.

Nothing of the talk is kept with the signal: who may read the message reads it there, and what consent withdrawn took
away is gone here too (S0-09, S2-52).
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from pydantic import JsonValue

from tongmai.access import AnyActor
from tongmai.kit import NotFound
from tongmai.link.understanding import words_said
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace


@dataclass(frozen=True, slots=True)
class Heard:
    """A record that the event came from, as the actor sees it; ``keyword``: the words in it that told, or the keyword
    they were heard by where they are not his to see."""

    object: str
    record: dict[str, JsonValue]
    keyword: str | None


class Evidence:
    """Reads evidence for people, through the door to records: each look is subject to policies and told to the log."""

    def __init__(self, database: Database, catalogues: CatalogueStore, gateway: Gateway) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway

    async def of(self, actor: AnyActor, workspace: Workspace, event: Mapping[str, JsonValue]) -> list[Heard]:
        """The records behind an event that the actor may see; ``event`` is what was told of it (``source``, ``stream``,
        ``message``, ``keyword``). None where no source told of it."""
        catalogue = await self._catalogues.get(workspace)
        source, stream, key = (event.get(name) for name in ("source", "stream", "message"))
        mappings = catalogue.mappings_of(str(source), str(stream))
        if not mappings or key is None:
            return []
        async with self._database.read() as tx:
            rows = await tx.fetch(
                f"SELECT DISTINCT object, record_id FROM {workspace.quoted_schema}._lineage"
                " WHERE mapping = ANY($1) AND key = $2 ORDER BY object, record_id",
                mappings, key,
            )  # fmt: skip
        keyword = event.get("keyword")
        found: list[Heard] = []
        for row in rows:
            try:
                record = await self._gateway.get(actor, workspace, row["object"], row["record_id"])
            except NotFound:
                continue
            seen = orjson.loads(record)
            found.append(Heard(row["object"], seen, _said(keyword, seen) if isinstance(keyword, str) else None))
        return found


def _said(keyword: str, record: Mapping[str, JsonValue]) -> str:
    """A keyword may be a pattern: what a person looks for is what stands there."""
    return words_said(keyword, (each for each in record.values() if isinstance(each, str))) or keyword
