"""A message that its sender took back (撤回) is marked so wherever it went; its text stays, as it does with the vendor
(S0-08, AMB-31).

What it told stays told, and whoever looks at the evidence sees that it was taken back; what was not told yet is told no
more. A revocation may come before its message: it waits, and the source's page says so.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import orjson
from pydantic import JsonValue

from tongmai.kit import Clock, Fault, Text
from tongmai.link.looking_again import apply_again, hold_still
from tongmai.link.raw import RawRows, StoredRow
from tongmai.link.runs import Runs
from tongmai.link.source import SetAside
from tongmai.model import Catalogue
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace, WriteTx

_KIND = "wecom"
_MESSAGES, _REVOCATIONS = "messages", "revocations"
_MARK = "_revocations"
_PAGE = 1000


class TakenBack:
    """For all workspaces. Done twice at once it does the same."""

    def __init__(self, database: Database, catalogues: CatalogueStore, clock: Clock) -> None:
        self._database = database
        self._catalogues = catalogues
        self._raw = RawRows(clock)
        self._runs = Runs(clock)

    async def advance(self, workspace: Workspace) -> int:
        """How many messages were marked."""
        catalogue = await self._catalogues.get(workspace)
        marked = 0
        for source in (each.key for each in catalogue.sources if each.kind == _KIND):
            if await self._waits(workspace, source):
                marked += await self._of_source(workspace, catalogue, source)
        return marked

    async def _waits(self, workspace: Workspace, source: str) -> bool:
        """Whether something was taken back since the last time, or before its message came."""
        schema = workspace.quoted_schema
        async with self._database.read() as tx:
            last = await self._raw.last_seq(tx, workspace, source, _REVOCATIONS)
            found: bool = await tx.fetch_value(
                f"SELECT $3 > coalesce((SELECT seq FROM {schema}._mapping_state WHERE mapping = $1), 0) OR EXISTS"
                f" (SELECT FROM {schema}._refusal WHERE source = $2 AND stream = $4 AND mapping = $5)",
                f"{_MARK}:{source}", source, last, _REVOCATIONS, _MARK,
            )  # fmt: skip
        return found

    async def _of_source(self, workspace: Workspace, catalogue: Catalogue, source: str) -> int:
        schema, marked = workspace.quoted_schema, 0
        while True:
            async with self._database.write() as tx:
                await tx.execute(
                    f"INSERT INTO {schema}._mapping_state (mapping, fingerprint) VALUES ($1, '')"
                    " ON CONFLICT DO NOTHING",
                    f"{_MARK}:{source}",
                )
                after: int = await tx.fetch_value(
                    f"SELECT seq FROM {schema}._mapping_state WHERE mapping = $1 FOR UPDATE", f"{_MARK}:{source}"
                )
                told = await self._raw.after(tx, workspace, source, _REVOCATIONS, after, _PAGE)
                waiting = await self._early(tx, workspace, source)
                marked += await self._mark(tx, workspace, catalogue, source, [*waiting, *told])
                if told:
                    await tx.execute(
                        f"UPDATE {schema}._mapping_state SET seq = $2 WHERE mapping = $1",
                        f"{_MARK}:{source}", told[-1].seq,
                    )  # fmt: skip
            if len(told) < _PAGE:
                return marked

    async def _early(self, tx: WriteTx, workspace: Workspace, source: str) -> list[StoredRow]:
        """Revocations that came before their messages."""
        rows = await tx.fetch(
            f"SELECT key FROM {workspace.quoted_schema}._refusal"
            " WHERE source = $1 AND stream = $2 AND mapping = $3 LIMIT $4",
            source, _REVOCATIONS, _MARK, _PAGE,
        )  # fmt: skip
        keys = [row["key"] for row in rows]
        return list((await self._raw.bodies(tx, workspace, source, _REVOCATIONS, keys)).values())

    async def _mark(
        self, tx: WriteTx, workspace: Workspace, catalogue: Catalogue, source: str, told: list[StoredRow]
    ) -> int:
        if not told:
            return 0
        found = await self._raw.bodies(tx, workspace, source, _MESSAGES, [row.key for row in told])
        fresh = [row for row in told if row.key in found and "revoked_at" not in found[row.key].body]
        keys = [row.key for row in fresh]
        mappings = catalogue.mappings_of(source, _MESSAGES)
        if keys:
            await hold_still(tx, workspace, mappings)
            # It takes the stream's lock. The version stays the source's: told again, it changes nothing.
            await self._raw.touch(tx, workspace, source, _MESSAGES, keys)
            await tx.execute(
                f"UPDATE {workspace.quoted_schema}._raw AS r SET body = r.body || g.body::jsonb"
                " FROM unnest($3::text[], $4::text[]) AS g(key, body)"
                " WHERE r.source = $1 AND r.stream = $2 AND r.key = g.key",
                source, _MESSAGES, keys, [_marking(row.body) for row in fresh],
            )  # fmt: skip
            await apply_again(tx, workspace, mappings, keys)
            await self._raw.announce(tx, workspace)
        early = [SetAside(row.key, (_EARLY,)) for row in told if row.key not in found]
        await self._runs.accept(tx, workspace, source, _REVOCATIONS, list(found), mapping=_MARK)
        await self._runs.refuse(tx, workspace, source, _REVOCATIONS, early, mapping=_MARK)
        return len(keys)


def _marking(body: object) -> str:
    at: JsonValue = body.get("at") if isinstance(body, dict) else None
    return orjson.dumps({"revoked_at": at}).decode()


_EARLY = Fault(
    "wecom.revoked_early",
    Text("撤回的消息还没有到", "The message that was taken back has not come yet"),
    Text("到了之后会自动标明已撤回", "Once it comes it is marked by itself"),
)
