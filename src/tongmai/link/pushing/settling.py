"""A person settles what did not reach the source: our value is sent again, or the source's is taken."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.kit import Clock, Conflict, NotFound, Text
from tongmai.link.looking_again import look_again
from tongmai.link.pushing.manner import in_their_manner
from tongmai.link.pushing.values import Naming, PushedValues
from tongmai.link.raw import RawRows
from tongmai.link.written import written
from tongmai.model import Catalogue
from tongmai.records import Gateway
from tongmai.store import Database, Record, Workspace, WriteTx


class Settling:
    """For all workspaces."""

    def __init__(self, database: Database, clock: Clock, gateway: Gateway, raw: RawRows, values: PushedValues) -> None:
        self._database = database
        self._clock = clock
        self._gateway = gateway
        self._raw = raw
        self._values = values

    async def resolve(
        self, workspace: Workspace, catalogue: Catalogue, push: UUID, keep: Literal["ours", "theirs"]
    ) -> None:
        """``ours``: what the record has now is sent, over what the source answered with; ``theirs``: the row is mapped
        anew.

        Raises ``NotFound``, ``Conflict`` for what is settled (or was superseded by a later change), ``Invalid`` where
        the source has no name for our value still.
        """
        schema = workspace.quoted_schema
        async with self._database.write() as tx:
            row = await tx.fetch_row(
                "SELECT id, source, stream, mapping, key, record_id, state, changed, before, detail, EXISTS (SELECT"
                f" FROM {schema}._push later WHERE later.mapping = p.mapping AND later.key = p.key"
                " AND (later.epoch, later.seq) > (p.epoch, p.seq)"
                " AND later.changed ?& ARRAY(SELECT jsonb_object_keys(p.changed))) AS superseded"
                f" FROM {schema}._push p WHERE p.id = $1 FOR UPDATE OF p",
                push,
            )
            if row is None:
                raise NotFound.of("push.unknown", "没有这条回写", "There is no such change")
            if row["state"] not in ("conflict", "failed") or row["superseded"]:
                raise Conflict.of(
                    "push.no_conflict",
                    "这条回写不需要处理",
                    "There is nothing to settle about it",
                    way_out=Text("刷新后再看", "Look again after a refresh"),
                )
            if keep == "theirs":
                await self._drop(tx, workspace, row)
            else:
                await self._send_again(tx, workspace, catalogue, row)

    async def _drop(self, tx: WriteTx, workspace: Workspace, row: Record) -> None:
        await tx.execute(f"UPDATE {workspace.quoted_schema}._push SET state = 'dropped' WHERE id = $1", row["id"])
        await look_again(tx, workspace, self._raw, row["mapping"], row["source"], row["stream"], [row["key"]])

    async def _send_again(self, tx: WriteTx, workspace: Workspace, catalogue: Catalogue, row: Record) -> None:
        changed: dict[str, JsonValue] = orjson.loads(row["changed"])
        before: dict[str, JsonValue] = orjson.loads(row["before"])
        if row["state"] == "conflict":
            theirs = orjson.loads(row["detail"])["theirs"]
            before |= {path: theirs.get(path) for path in changed}
        # Of a conflict too: one of its values may have been changed again, and reached the source, since.
        changed = await self._present(tx, workspace, catalogue, row, changed, before)
        await tx.execute(
            f"UPDATE {workspace.quoted_schema}._push SET state = 'waiting', attempts = 0, run_after = $2,"
            " changed = $3::text::jsonb, before = $4::text::jsonb WHERE id = $1",
            row["id"], self._clock.now(), orjson.dumps(changed).decode(), orjson.dumps(before).decode(),
        )  # fmt: skip

    async def _present(
        self,
        tx: WriteTx,
        workspace: Workspace,
        catalogue: Catalogue,
        row: Record,
        paths: Collection[str],
        theirs: Mapping[str, JsonValue],
    ) -> dict[str, JsonValue]:
        """What the record has now under these paths, as the source calls it and writes such (``theirs``)."""
        mapping = catalogue.mapping_by_key.get(row["mapping"])
        if mapping is None:
            raise NotFound.of(
                "push.no_mapping",
                "这个映射已删除",
                "Its mapping is gone",
                way_out=Text("请直接在来源系统里修改", "Change it in the source itself"),
            )
        naming = Naming(tx, workspace, catalogue, mapping)
        document = orjson.loads(
            await self._gateway.get(SystemActor("source"), workspace, mapping.object, row["record_id"])
        )
        values = {
            each.push: await self._values.of(naming, each, written(document.get(each.field)))
            for each in mapping.fields
            if each.push is not None and each.push in paths
        }
        return in_their_manner(naming, values, theirs)
