"""Does what rules decided, effectively once: rows of the outbox are taken with a lease, and marked done in the
transaction in which their effect is written.

A worker that is killed leaves its rows to whoever comes after the lease; what it had not committed never was. What
fails is tried again after longer and longer pauses, and at last lies among the dead letters, from which a person can
send it again. Rules take turns: what one has to do ten thousand times keeps no other waiting.
"""

# ruff: noqa: S608 - the schema comes from quote_ident, values are bound

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import orjson
import structlog
from pydantic import JsonValue, TypeAdapter

from tongmai.kit import Conflict, NotFound, StaleVersion, Text, TongmaiError, Unavailable, set_within
from tongmai.model import IN_ENGLISH, RuleAction
from tongmai.rules.ledger import END, OUTBOX_CHANNEL
from tongmai.store import ReadTx, Record, Workspace, WriteTx, list_workspaces
from tongmai.work import Runtime

MOST_ATTEMPTS = 8
LEASE = timedelta(seconds=20)
_BATCH = 50
# So many of one rule at a time, the oldest first; of many rules fewer each.
_TURN = 20
_FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
# Delayed actions come due without anybody telling.
_LOOK_S = 5.0
_ACTION: TypeAdapter[RuleAction] = TypeAdapter(RuleAction)
_log = structlog.get_logger(__name__)

# The rules that have something waiting are found one after the other in the index, not among all that waits.
_CLAIM = """
WITH RECURSIVE turn AS (
  (SELECT {rule} AS rule FROM {schema}._outbox WHERE state = 'waiting' ORDER BY 1 LIMIT 1)
  UNION ALL
  SELECT (SELECT {rule} FROM {schema}._outbox WHERE state = 'waiting' AND {rule} > turn.rule ORDER BY 1 LIMIT 1)
  FROM turn WHERE turn.rule IS NOT NULL
), lost AS (
  SELECT key FROM {schema}._outbox WHERE state = 'running' AND lease_until < $1
  ORDER BY lease_until LIMIT $2 FOR UPDATE SKIP LOCKED
), due AS (
  SELECT w.key, w.next_at, row_number() OVER (PARTITION BY turn.rule ORDER BY w.next_at, w.key) AS place
  FROM turn CROSS JOIN LATERAL (
    SELECT key, next_at FROM {schema}._outbox WHERE state = 'waiting' AND {rule} = turn.rule AND next_at <= $1
    ORDER BY next_at LIMIT $4 FOR UPDATE SKIP LOCKED
  ) AS w
), taken AS (
  UPDATE {schema}._outbox SET state = 'running', attempts = attempts + 1, lease_until = $3
  WHERE key IN (SELECT key FROM lost UNION ALL (SELECT key FROM due ORDER BY place, next_at LIMIT $2)) RETURNING *
)
SELECT t.key, t.number, t.action::text, t.attempts, f.id AS firing, f.rule, f.version, f.object, f.record_id, f.at,
  f.owner, f.episode, f.seen::text, f.told::text
FROM taken AS t JOIN {schema}._firing AS f ON f.id = t.firing ORDER BY t.next_at, t.key
"""


@dataclass(frozen=True)
class Doing:
    """One action of a firing. ``action`` is None where it is the end of what an episode had begun; ``key`` tells
    repetitions; ``told`` and ``seen`` are of the moment ``at``."""

    workspace: Workspace
    key: str
    rule: str
    version: int
    firing: UUID
    number: int
    action: RuleAction | None
    object_key: str
    record_id: UUID
    at: datetime
    owner: UUID | None
    episode: UUID | None
    seen: Mapping[str, JsonValue]
    told: Mapping[str, JsonValue]
    attempts: int = 0
    lease: datetime | None = None

    def text(self, name: str) -> Text | None:
        """What a template of the action said."""
        found = self.plain_text(name)
        return None if found is None else Text.kept(found, self.plain_text(f"{name}{IN_ENGLISH}"))

    def plain_text(self, name: str) -> str | None:
        """What a template said that is the same for all."""
        found = self.told.get(f"{self.number}.{name}")
        return found if isinstance(found, str) and found.strip() else None

    @property
    def subject(self) -> str | None:
        """The record's title then."""
        found = self.told.get("subject")
        return None if found is None else str(found)


class Effects(Protocol):
    """Does an action inside a transaction. False: there was nothing to do any more."""

    async def do(self, tx: WriteTx, doing: Doing) -> bool: ...


class Outbox:
    """The worker's side of the outbox of all workspaces."""

    def __init__(self, runtime: Runtime, effects: Effects, lease: timedelta = LEASE) -> None:
        self._runtime = runtime
        self._effects = effects
        self._lease = lease
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Until it is cancelled."""
        subscription = await self._runtime.database.listen(OUTBOX_CHANNEL, self._heard)
        try:
            while True:
                self._woken.clear()
                async with self._runtime.database.read() as tx:
                    workspaces = await list_workspaces(tx)
                for workspace in workspaces:
                    try:
                        await self.work_off(workspace)
                    except TongmaiError as error:
                        _log.warning("outbox.waits", workspace=workspace.key, reason=str(error))
                    except Exception:
                        _log.exception("outbox.failed", workspace=workspace.key)
                await set_within(self._woken, _LOOK_S)
        finally:
            await subscription.close()

    async def work_off(self, workspace: Workspace) -> int:
        """Does all that is due now; how many actions were done or failed."""
        done = 0
        while claimed := await self._claim(workspace):
            for doing in claimed:
                await self._work(doing)
            done += len(claimed)
        return done

    async def _heard(self, _: str) -> None:
        self._woken.set()

    async def _claim(self, workspace: Workspace) -> list[Doing]:
        now = self._runtime.now()
        claim = _CLAIM.format(schema=workspace.quoted_schema, rule="split_part(key, ':', 2)")
        async with self._runtime.database.write() as tx:
            rows = await tx.fetch(claim, now, _BATCH, now + self._lease, _TURN)
        return [_doing(workspace, row, now + self._lease) for row in rows]

    async def _work(self, doing: Doing) -> None:
        async def work(tx: WriteTx) -> None:
            if not await self._finish(tx, doing, "done"):
                return
            if not await self._effects.do(tx, doing):
                await self._settle(tx, doing, "dropped")

        try:
            await self._runtime.within(doing.workspace, None, work)
        except Exception as error:
            await self._failed(doing, error)

    async def _finish(self, tx: WriteTx, doing: Doing, state: str) -> bool:
        """Marks the row, which is held from here to the end; False if the lease was lost to another worker."""
        return bool(
            await tx.execute(
                f"UPDATE {doing.workspace.quoted_schema}._outbox SET state = $3, finished_at = $4, lease_until = NULL,"
                " error = NULL WHERE key = $1 AND state = 'running' AND lease_until = $2",
                doing.key, doing.lease, state, self._runtime.now(),
            )
        )  # fmt: skip

    async def _settle(self, tx: WriteTx, doing: Doing, state: str) -> None:
        await tx.execute(
            f"UPDATE {doing.workspace.quoted_schema}._outbox SET state = $2 WHERE key = $1", doing.key, state
        )

    async def _failed(self, doing: Doing, error: Exception) -> None:
        """Waits longer each time; a refusal that will stay one, and what failed too often, is left to a person."""
        lasting = isinstance(error, TongmaiError) and not isinstance(error, Unavailable | StaleVersion | Conflict)
        if not isinstance(error, TongmaiError):
            _log.error("outbox.action_failed", key=doing.key, exc_info=error)
        state = "dead" if lasting or doing.attempts >= MOST_ATTEMPTS else "waiting"
        if isinstance(error, NotFound) and error.faults and error.faults[0].code.startswith("record."):
            state = "dropped"
        pause = min(_FIRST_PAUSE * 2 ** (doing.attempts - 1), LONGEST_PAUSE)
        now = self._runtime.now()
        async with self._runtime.database.write() as tx:
            await tx.execute(
                f"UPDATE {doing.workspace.quoted_schema}._outbox SET state = $3, next_at = $4, error = $5::jsonb,"
                " lease_until = NULL, finished_at = CASE WHEN $3 <> 'waiting' THEN $6::timestamptz END"
                " WHERE key = $1 AND state = 'running' AND lease_until = $2",
                doing.key, doing.lease, state, now + pause, orjson.dumps(_told(error)).decode(), now,
            )  # fmt: skip


async def send_again(tx: WriteTx, workspace: Workspace, key: str, now: datetime) -> bool:
    """Puts a dead letter back into the outbox; False if there is none under the key."""
    found = await tx.execute(
        f"UPDATE {workspace.quoted_schema}._outbox SET state = 'waiting', attempts = 0, next_at = $2,"
        " finished_at = NULL WHERE key = $1 AND state = 'dead'",
        key, now,
    )  # fmt: skip
    if found:
        await tx.notify(OUTBOX_CHANNEL, workspace.key)
    return bool(found)


async def dead_letters(tx: ReadTx, workspace: Workspace, rule: str | None = None, limit: int = 100) -> list[Record]:
    """``key, rule, object, record_id, at, action, attempts, error, finished_at``, the latest first."""
    schema = workspace.quoted_schema
    return await tx.fetch(
        "SELECT b.key, f.rule, f.object, f.record_id, f.at, b.action ->> 'kind' AS action, b.attempts,"
        f" b.error::text AS error, b.finished_at FROM {schema}._outbox AS b JOIN {schema}._firing AS f"
        " ON f.id = b.firing WHERE b.state = 'dead' AND ($1::text IS NULL OR f.rule = $1)"
        " ORDER BY b.finished_at DESC LIMIT $2",
        rule, limit,
    )  # fmt: skip


def _doing(workspace: Workspace, row: Record, lease: datetime) -> Doing:
    action = orjson.loads(row["action"])
    return Doing(
        workspace=workspace,
        key=row["key"],
        rule=row["rule"],
        version=row["version"],
        firing=row["firing"],
        number=row["number"],
        action=None if action["kind"] == END else _ACTION.validate_python(action),
        object_key=row["object"],
        record_id=row["record_id"],
        at=row["at"],
        owner=row["owner"],
        episode=row["episode"],
        seen=orjson.loads(row["seen"]),
        told=orjson.loads(row["told"]),
        attempts=row["attempts"],
        lease=lease,
    )


def _told(error: Exception) -> dict[str, str]:
    if isinstance(error, TongmaiError):
        return {"code": error.code, "zh": error.sentence("zh"), "en": error.sentence("en")}
    return {"code": "internal", "zh": "程序错误，详见日志", "en": "a defect of the program, see the log"}
