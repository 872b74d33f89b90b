"""What knocked at a source's door and was not let in, as the source's page tells of it: one row a reason, with how
often it came and since when.

A refusal must cost less than the call, and whoever knocks must not fill the page: a thousand forged calls are one row.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

import orjson
from pydantic import JsonValue

from tongmai.kit import Clock, TongmaiError
from tongmai.link.runs import faults_json
from tongmai.store import Workspace, WriteTx

# Where the rows stand among a source's refusals: no stream of a source is called so.
Door: TypeAlias = Literal["_call", "_sign_in"]
_DOORS: tuple[Door, ...] = ("_call", "_sign_in")
_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class RefusedCalls:
    """For all workspaces."""

    clock: Clock

    async def note(
        self,
        tx: WriteTx,
        workspace: Workspace,
        source: str,
        door: Door,
        error: TongmaiError,
        seen: Mapping[str, JsonValue],
    ) -> None:
        """Counts a refusal. ``seen`` is what may be told of the call: never its body, which nobody has vouched for."""
        now = self.clock.now()
        fault = error.faults[0] if error.faults else None
        key = error.code if fault is None else ":".join(filter(None, (fault.code, fault.field)))
        body = orjson.dumps({**seen, "times": 1, "since": now.isoformat()}).decode()
        await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}._refusal AS r (source, stream, mapping, key, faults, body, at)"
            " VALUES ($1, $2, '', $3, $4::text::jsonb, $5::text::jsonb, $6)"
            " ON CONFLICT (source, stream, mapping, key) DO UPDATE SET faults = excluded.faults, at = excluded.at,"
            "  body = excluded.body || jsonb_build_object("
            "   'times', coalesce((r.body ->> 'times')::bigint, 1) + 1,"
            "   'since', coalesce(r.body -> 'since', excluded.body -> 'since'))",
            source, door, key[:_LONGEST_KEY], faults_json(error.faults), body, now,
        )  # fmt: skip

    async def forget(self, tx: WriteTx, workspace: Workspace, before: datetime) -> int:
        """Drops reasons that have not come again since ``before``; how many."""
        return await tx.execute(
            f"DELETE FROM {workspace.quoted_schema}._refusal WHERE stream = ANY($1) AND at < $2", list(_DOORS), before
        )
