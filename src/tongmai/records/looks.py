"""Who looked at what, of objects whose records are watched: a conversation is no list of products (S2-52).

A look is written down before its answer is given; what cannot be written down is not shown. The platform's own work,
which shows nothing to anybody, leaves none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import orjson

from tongmai.access import AnyActor, SystemActor
from tongmai.identity import write_audit
from tongmai.records.query import Query
from tongmai.records.runtime import Runtime
from tongmai.store import Workspace

LOOK = "look"
# More ids than a page holds are told by their number.
_MOST_IDS = 200
# Their figure is the value of one record.
_OWN_VALUE = frozenset({"min", "max", "median"})


class Looks:
    """Writes into the audit log what people read of watched objects."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def at_record(
        self, actor: AnyActor, workspace: Workspace, object_key: str, how: str, records: Iterable[str]
    ) -> None:
        """``how`` is the way: ``get``, ``history``."""
        if await self._is_watched(actor, workspace, object_key):
            await self._write(actor, workspace, {"object": object_key, "how": how, "records": list(records)})

    async def at_page(self, actor: AnyActor, workspace: Workspace, object_key: str, page: bytes) -> None:
        """A page of a list, by what was on it."""
        if await self._is_watched(actor, workspace, object_key):
            await self._write_rows(actor, workspace, object_key, orjson.loads(page)["items"])

    async def at_gathered(self, actor: AnyActor, workspace: Workspace, object_key: str, gathered: bytes) -> None:
        """Groups with their first records, by those."""
        if await self._is_watched(actor, workspace, object_key):
            rows = [row for group in orjson.loads(gathered)["groups"] for row in group["items"]]
            await self._write_rows(actor, workspace, object_key, rows)

    async def at_figures(self, actor: AnyActor, workspace: Workspace, asked: Query) -> None:
        """Figures by the values of fields, or that are a record's own value: those values are read too. Bare counts and
        sums show no record."""
        own = (each.of for each in asked.measures if each.function in _OWN_VALUE)
        read = [*(each.field for each in asked.group_by), *(each for each in own if each)]
        if read and await self._is_watched(actor, workspace, asked.object):
            await self._write(actor, workspace, {"object": asked.object, "how": "query", "groups": read})

    async def at_found(self, actor: AnyActor, workspace: Workspace, found: bytes) -> None:
        """What a search over many objects found."""
        if isinstance(actor, SystemActor):
            return
        by_object: dict[str, list[str]] = {}
        for each in orjson.loads(found)["items"]:
            by_object.setdefault(each["object"], []).append(each["id"])
        for object_key, ids in by_object.items():
            await self.at_record(actor, workspace, object_key, "search", ids)

    async def _write_rows(
        self, actor: AnyActor, workspace: Workspace, object_key: str, rows: Sequence[Mapping[str, object]]
    ) -> None:
        ids = [each.get("id") for each in rows]
        told = {"object": object_key, "how": "list", "count": len(ids), "records": ids[:_MOST_IDS]}
        await self._write(actor, workspace, told)

    async def _is_watched(self, actor: AnyActor, workspace: Workspace, object_key: str) -> bool:
        if isinstance(actor, SystemActor):
            return False
        definition = (await self._runtime.catalogues.get(workspace)).object_by_key.get(object_key)
        return definition is not None and definition.watched

    async def _write(self, actor: AnyActor, workspace: Workspace, detail: dict[str, object]) -> None:
        if actor.via != "session":
            detail["via"] = actor.via
        async with self._runtime.database.write() as tx:
            await write_audit(
                tx, self._runtime.clock.now(), LOOK, workspace_id=workspace.id, actor=actor.id, detail=detail
            )
