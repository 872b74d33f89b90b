"""Records of a workspace as whoever takes words out of them reads them: all, with the values that are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from tongmai.access import SystemActor
from tongmai.link.written import written
from tongmai.model import Catalogue
from tongmai.records import Gateway
from tongmai.store import Workspace

CONSENT = SystemActor("consent")
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class AllRecords:
    gateway: Gateway
    workspace: Workspace
    catalogue: Catalogue

    async def where_any(self, object_key: str, path: str, values: Iterable[object]) -> list[dict[str, object]]:
        """The records whose field, or what a path leads to, is one of these."""
        found: list[dict[str, object]] = []
        wanted, field_at = [f"'{each}'" for each in values], ".".join(f"[{key}]" for key in path.split("."))
        for start in range(0, len(wanted), _AT_ONCE):
            listed = ", ".join(wanted[start : start + _AT_ONCE])
            found += await self.where(object_key, f"{field_at} IN ({listed})")
        return found

    async def where(self, object_key: str, filter: str) -> list[dict[str, object]]:
        """The records for which the formula holds, those in the bin as well."""
        found: list[dict[str, object]] = []
        for binned in (False, True):
            cursor = None
            while True:
                page = orjson.loads(
                    await self.gateway.list(
                        CONSENT, self.workspace, object_key, filter=filter, limit=_AT_ONCE, cursor=cursor, count=False,
                        deleted=binned,
                    )
                )  # fmt: skip
                found += [{key: written(value) for key, value in row.items()} for row in page["items"]]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
        return found
