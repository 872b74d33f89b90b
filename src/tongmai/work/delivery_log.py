"""What became of deliveries, for those who look after them: the log with every attempt, and running one again."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import orjson

from tongmai.kit import Conflict, NotFound, Text
from tongmai.store import Record, Workspace
from tongmai.work.runtime import Runtime

DeliveryState = Literal["waiting", "sending", "sent", "dead", "dropped"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """``log`` has an entry an attempt: ``{at, attempt, outcome, error?}``."""

    id: UUID
    notice: UUID | None
    person: UUID | None
    name: str | None
    title: Text | None
    channel: str
    state: DeliveryState
    due_at: datetime
    attempt: int
    log: tuple[dict[str, object], ...]
    made_at: datetime
    sent_at: datetime | None


class DeliveryLog:
    """Callers see to it who may look."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def list(
        self,
        workspace: Workspace,
        *,
        state: DeliveryState | None = None,
        before: UUID | None = None,
        limit: int = 50,
    ) -> list[Delivery]:
        """The latest first; ``before`` is the last one of the page before."""
        async with self._runtime.database.read() as tx:
            rows = await tx.fetch(
                "SELECT d.id, d.notice, d.person, p.name, coalesce(n.title, d.content ->> 'url') AS title, n.title_en,"
                " d.channel, d.state, d.due_at, d.attempt, d.log::text AS log, d.made_at, d.sent_at"
                f" FROM {workspace.quoted_schema}._delivery AS d"
                f" LEFT JOIN {workspace.quoted_schema}._notice AS n ON n.id = d.notice"
                f" LEFT JOIN {workspace.quoted_schema}.person AS p ON p.id = d.person"
                " WHERE ($1::text IS NULL OR d.state = $1) AND ($2::uuid IS NULL OR d.id < $2)"
                " ORDER BY d.id DESC LIMIT $3",
                state,
                before,
                limit,
            )
        return [_delivery(row) for row in rows]

    async def run_again(self, workspace: Workspace, delivery: UUID) -> None:
        """Puts a dead message back among those that wait, with all its attempts before it. Raises ``NotFound``, or
        ``Conflict`` for one that is not dead."""
        table = f"{workspace.quoted_schema}._delivery"
        async with self._runtime.database.write() as tx:
            row = await tx.fetch_row(f"SELECT state, message FROM {table} WHERE id = $1 FOR UPDATE", delivery)
            if row is None:
                raise NotFound.of("delivery.unknown", "没有这条投递", "There is no such delivery")
            if row["state"] != "dead":
                raise Conflict.of(
                    "delivery.not_dead",
                    "这条投递没有失败",
                    "This delivery has not failed",
                    way_out=Text("只有失败的投递可以重试", "Only one that is dead can be run again"),
                )
            await tx.execute(
                f"UPDATE {table} SET state = 'waiting', attempt = 0, due_at = $2 WHERE message = $1 AND state = 'dead'",
                row["message"],
                self._runtime.now(),
            )


def _delivery(row: Record) -> Delivery:
    columns = dict(row)
    title, english = columns["title"], columns.pop("title_en")
    said = None if title is None else Text.kept(title, english)
    return Delivery(**{**columns, "title": said, "log": tuple(orjson.loads(row["log"]))})
