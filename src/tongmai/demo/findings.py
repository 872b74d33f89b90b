"""What the product found, read as anyone would read it: records and figures through the gateway, and what sources and
the reading of chats keep."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import orjson
from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.records import Gateway
from tongmai.store import Database, Workspace

_ACTOR = SystemActor("demo score")
_PAGE = 500
_MOST_GROUPS = 10_000
Row = dict[str, JsonValue]


@dataclass(frozen=True)
class Findings:
    """Over a workspace that holds the demo company."""

    database: Database
    gateway: Gateway
    workspace: Workspace

    async def heard(self, kinds: Collection[str]) -> set[tuple[str, str]]:
        """``(kind, message)`` of every event that the reading of chats told."""
        async with self.database.read() as tx:
            rows = await tx.fetch(
                f"SELECT event, body->>'message' AS message FROM {self.workspace.quoted_schema}._event"
                " WHERE event = ANY($1) AND body ? 'message'",
                list(kinds),
            )
        return {(row["event"], row["message"]) for row in rows}

    async def visits_told(self) -> list[tuple[str, timedelta]]:
        """Who told of a visit, and how long after it. That stands in the raw rows: no field of the app holds it."""
        async with self.database.read() as tx:
            rows = await tx.fetch(
                "SELECT body->>'title' AS title, at - ((body->'form'->>'到访时间')::timestamp AT TIME ZONE $1) AS after"
                f" FROM {self.workspace.quoted_schema}._raw"
                " WHERE source = 'dingtalk' AND stream = 'approvals' AND body->'form' ? '到访时间'",
                self.workspace.zone,
            )
        return [(row["title"].partition("提交的")[0], row["after"]) for row in rows]

    async def grouped(
        self, object_key: str, groups: Sequence[JsonValue], measures: Mapping[str, str], condition: str
    ) -> list[Row]:
        query = {
            "object": object_key, "group_by": list(groups), "measures": dict(measures), "filter": condition,
            "limit": _MOST_GROUPS,
        }  # fmt: skip
        found: list[Row] = orjson.loads(await self.gateway.query(_ACTOR, self.workspace, query))["rows"]
        return found

    async def records(self, object_key: str, fields: tuple[str, ...], condition: str) -> AsyncIterator[Row]:
        """All that meet the condition, page by page."""
        cursor: str | None = None
        while True:
            page = orjson.loads(
                await self.gateway.list(
                    _ACTOR, self.workspace, object_key, filter=condition, fields=fields, limit=_PAGE, cursor=cursor,
                    count=False,
                )
            )  # fmt: skip
            for each in page["items"]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return


def label_of(value: JsonValue) -> str:
    """A relation as people read it."""
    return str(value.get("label")) if isinstance(value, dict) else str(value)
