"""What jobs took out of records whose words must go: files of exports and imports, and what back-tests saw.

They can be made again from what is left. A file goes whole, as nobody can take a line out of it; of a back-test goes
what it saw of these records. What is under way has the words in hand: an export or a back-test begins anew, an import,
whose file goes, is cancelled.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import cast

import orjson

from tongmai.kit import Clock
from tongmai.link.wecom.reach import Spoken
from tongmai.model import Catalogue, bind_field
from tongmai.records import FileStore
from tongmai.store import Workspace, WriteTx, begin_job_again, cancel_job

_EXPORT = "export"
_TRANSFERS = (_EXPORT, "import")
_BACKTEST = "backtest"


async def forget_taken_out(
    tx: WriteTx, workspace: Workspace, files: FileStore, catalogue: Catalogue, spoken: Sequence[Spoken], clock: Clock
) -> None:
    """Part of the caller's transaction, but for the contents of files, which go at once: what is then done again finds
    them gone."""
    objects = {each.object for each in spoken}
    if not objects:
        return
    reading = _leading_to(catalogue, objects)
    # First: what a transfer adds in its last moment is then either seen here or never there.
    await _transfers(tx, workspace, files, reading, clock)
    await _files(tx, workspace, files, reading)
    await _backtests(tx, workspace, reading - objects, {str(each.record) for each in spoken})


def _leading_to(catalogue: Catalogue, objects: Collection[str]) -> set[str]:
    """These, and those from whose records relations lead to theirs."""
    links: dict[str, set[str]] = {}
    for definition in catalogue.objects:
        for each in definition.fields:
            if (target := bind_field(each, catalogue).target) is not None:
                links.setdefault(target, set()).add(definition.key)
    found, waiting = set(objects), list(objects)
    while waiting:
        fresh = links.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return found


async def _transfers(
    tx: WriteTx, workspace: Workspace, files: FileStore, objects: Collection[str], clock: Clock
) -> None:
    rows = await tx.fetch(
        "SELECT id, kind FROM tongmai.job WHERE workspace_id = $1 AND kind = ANY($2)"
        " AND state IN ('queued', 'running') AND input->'request'->>'object' = ANY($3) ORDER BY id FOR UPDATE",
        workspace.id, list(_TRANSFERS), sorted(objects),
    )  # fmt: skip
    for row in rows:
        if row["kind"] == _EXPORT:
            await begin_job_again(tx, row["id"])
        else:
            await cancel_job(tx, row["id"], clock=clock)
            await files.drop_parts_of(workspace.id, row["id"])


async def _files(tx: WriteTx, workspace: Workspace, files: FileStore, objects: Collection[str]) -> None:
    rows = await tx.fetch(
        f"SELECT f.id FROM {workspace.quoted_schema}._file AS f JOIN tongmai.job AS j ON j.id = f.record_id"
        " WHERE f.object = '_job' AND j.workspace_id = $1 AND j.kind = ANY($2)"
        " AND j.input->'request'->>'object' = ANY($3)",
        workspace.id, list(_TRANSFERS), sorted(objects),
    )  # fmt: skip
    for row in rows:
        await files.delete(workspace.id, row["id"])
    await tx.execute(f"DELETE FROM {workspace.quoted_schema}._file WHERE id = ANY($1)", [row["id"] for row in rows])


async def _backtests(tx: WriteTx, workspace: Workspace, objects: Collection[str], records: Collection[str]) -> None:
    """``objects`` are those whose records read these ones: of theirs nobody can tell from where a value came."""
    rows = await tx.fetch(
        "SELECT id, state, input, checkpoint FROM tongmai.job WHERE workspace_id = $1 AND kind = $2"
        " AND checkpoint IS NOT NULL FOR UPDATE",
        workspace.id, _BACKTEST,
    )  # fmt: skip
    for row in rows:
        checkpoint = orjson.loads(row["checkpoint"])
        if row["state"] != "done":
            # Its state is packed: what it saw is seen anew.
            await begin_job_again(tx, row["id"])
            continue
        asked = orjson.loads(row["input"])["request"]
        about = (asked.get("rule") or asked.get("segment") or {}).get("object")
        if _blind(checkpoint, None if about in objects else records):
            await tx.execute(
                "UPDATE tongmai.job SET checkpoint = $2::text::jsonb WHERE id = $1",
                row["id"],
                orjson.dumps(checkpoint).decode(),
            )


def _blind(part: object, records: Collection[str] | None) -> bool:
    """Takes out what was seen of these records, of all with None; whether anything was there."""
    if isinstance(part, list):
        return sum(_blind(each, records) for each in part) > 0
    if not isinstance(part, dict):
        return False
    found = cast("dict[str, object]", part)
    seen = found.get("seen")
    if isinstance(seen, Mapping) and seen and (records is None or found.get("record") in records):
        found["seen"] = {}
        return True
    return sum(_blind(each, records) for each in found.values()) > 0
