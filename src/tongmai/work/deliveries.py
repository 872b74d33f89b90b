"""Delivering: what was put to a channel gets there, or ends where a person sees why and can run it again.

A delivery is claimed with a lease, sent, and marked; whoever dies in between leaves a lease that runs out, and another
worker sends it again under the same message id, so that a receiver that heeds ids gets it once. Every mark names the
attempt: a worker that was thought dead marks nothing. Those ``together`` go out as one message a person and channel.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
import structlog

from tongmai.kit import Language, Text, TongmaiError
from tongmai.store import ReadTx, Record, Workspace, WriteTx
from tongmai.work.channels import Channels, Line, Message, Receiver, Undeliverable
from tongmai.work.preferences import PreferenceStore
from tongmai.work.runtime import Runtime
from tongmai.work.subject import Subject

# Ever later up to an hour, then every hour: a mail server that is away for a day loses nothing.
MOST_ATTEMPTS = 31
_LEASE = timedelta(seconds=60)
_SEND_S = 45.0
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)
_AT_ONCE = 10
# Of a longer message the rest is told by its number: all of it stands in the inbox.
_MOST_LINES = 100
# So many go out as one; ten thousand at once are one digest, not a hundred.
_MOST_TOGETHER = 20_000

_log = structlog.get_logger(__name__)

# The first of a message stands for all of it; of those that will go out together, the oldest leads.
_CLAIM = """
SELECT d.id, d.message, d.together, d.person, d.channel, d.attempt FROM {schema}._delivery AS d
WHERE (d.state = 'waiting' AND d.due_at <= $1 OR d.state = 'sending' AND d.lease_until < $1)
  AND (d.message IS NULL OR d.message = d.id)
  AND (NOT d.together OR d.message IS NOT NULL OR NOT EXISTS (
    SELECT FROM {schema}._delivery AS e WHERE e.person = d.person AND e.channel = d.channel AND e.together
      AND e.state = 'waiting' AND e.message IS NULL AND e.due_at <= $1 AND e.id < d.id))
ORDER BY d.due_at, d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class _Claim:
    """A message that this worker may send now. ``attempt`` counts from 1."""

    message: UUID
    channel: str
    person: UUID | None
    attempt: int


class Deliveries:
    """Sends what is due. Any number of workers in any number of processes may run."""

    def __init__(self, runtime: Runtime, channels: Channels, *, lease: timedelta = _LEASE) -> None:
        self._runtime = runtime
        self._channels = channels
        self._preferences = PreferenceStore(runtime)
        self._lease = lease

    async def advance(self, workspace: Workspace) -> int:
        """Sends what is due now; how many messages were claimed. Where all of a batch must be tried again, the rest
        waits for the next call: a receiver that is away keeps no other workspace waiting."""
        done = 0
        while claims := await self._claim(workspace):
            settled = await asyncio.gather(*(self._carry_out(workspace, each) for each in claims))
            done += len(claims)
            if not any(settled):
                break
        return done

    async def _claim(self, workspace: Workspace) -> list[_Claim]:
        now = self._runtime.now()
        found: list[_Claim] = []
        async with self._runtime.database.write() as tx:
            while len(found) < _AT_ONCE:
                row = await tx.fetch_row(_CLAIM.format(schema=workspace.quoted_schema), now)
                if row is None:
                    break
                claim = _Claim(row["message"] or row["id"], row["channel"], row["person"], row["attempt"] + 1)
                if row["message"] is None:
                    await self._gather(tx, workspace, claim, together=row["together"], now=now)
                await tx.execute(
                    f"UPDATE {workspace.quoted_schema}._delivery SET state = 'sending', attempt = $2, lease_until = $3"
                    " WHERE message = $1 AND state IN ('waiting', 'sending')",
                    claim.message, claim.attempt, now + self._lease,
                )  # fmt: skip
                found.append(claim)
        return found

    async def _gather(self, tx: WriteTx, workspace: Workspace, claim: _Claim, *, together: bool, now: datetime) -> None:
        """Makes a message of a delivery, with others for the same person where they may go out together."""
        table = f"{workspace.quoted_schema}._delivery"
        await tx.execute(f"UPDATE {table} SET message = id WHERE id = $1", claim.message)
        if together:
            await tx.execute(
                f"UPDATE {table} SET message = $1 WHERE id IN (SELECT id FROM {table}"
                " WHERE person = $2 AND channel = $3 AND together AND state = 'waiting' AND message IS NULL"
                " AND due_at <= $4 ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED)",
                claim.message, claim.person, claim.channel, now, _MOST_TOGETHER - 1,
            )  # fmt: skip

    async def _carry_out(self, workspace: Workspace, claim: _Claim) -> bool:
        """Whether that is the end of it: sent, or not to be tried again by itself."""
        try:
            message = await self._message(workspace, claim)
            if message is None:
                await self._mark(workspace, claim, "dropped", "nobody is waiting for it any more")
                return True
            channel = self._channels.find(claim.channel)
            if channel is None:
                raise Undeliverable.of(
                    "channel.unknown", f"没有渠道“{claim.channel}”", f"There is no channel “{claim.channel}”"
                )
            async with asyncio.timeout(_SEND_S):
                await channel.send(message)
        except Undeliverable as refused:
            await self._mark(workspace, claim, "dead", refused.sentence("zh"))
        except (TongmaiError, OSError) as error:
            await self._failed(workspace, claim, str(error) or type(error).__name__)
            return False
        except Exception as error:
            _log.exception("delivery.failed", workspace=workspace.key, message=str(claim.message))
            await self._failed(workspace, claim, f"{type(error).__name__}: {error}")
            return False
        else:
            await self._mark(workspace, claim, "sent", None)
        return True

    async def _message(self, workspace: Workspace, claim: _Claim) -> Message | None:
        """What is to be sent; None where its person left, or has seen all of it in the inbox by now."""
        schema = workspace.quoted_schema
        async with self._runtime.database.read() as tx:
            rows = await tx.fetch(
                "SELECT d.content::text AS content, n.title, n.title_en, n.body, n.body_en, n.urgent, n.subject_object,"
                f" n.subject_id, n.subject, d.together AND n.seen_at IS NOT NULL AS known FROM {schema}._delivery AS d"
                f" LEFT JOIN {schema}._notice AS n ON n.id = d.notice"
                " WHERE d.message = $1 AND d.state = 'sending' ORDER BY d.id",
                claim.message,
            )
            receiver = None if claim.person is None else await self._receiver(tx, workspace, claim.person)
        if claim.person is None:
            content = orjson.loads(rows[0]["content"]) if rows and rows[0]["content"] else {}
            return Message(claim.message, workspace, content=content)
        new = [row for row in rows if not row["known"]]
        if not new or receiver is None:
            return None
        lines = tuple(_line(row, receiver.language) for row in new[:_MOST_LINES])
        return Message(claim.message, workspace, receiver, lines, more=len(new) - len(lines))

    async def _receiver(self, tx: ReadTx, workspace: Workspace, person: UUID) -> Receiver | None:
        row = await tx.fetch_row(
            f"SELECT name, email, phone FROM {workspace.quoted_schema}.person"
            " WHERE id = $1 AND active IS NOT FALSE AND deleted_at IS NULL",
            person,
        )
        if row is None:
            return None
        preferences = (await self._preferences.of(tx, workspace, [person]))[person]
        return Receiver(person, row["name"] or "", row["email"], row["phone"], preferences.language)

    async def _failed(self, workspace: Workspace, claim: _Claim, error: str) -> None:
        if claim.attempt >= MOST_ATTEMPTS:
            await self._mark(workspace, claim, "dead", error)
            return
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (claim.attempt - 1))
        await self._mark(workspace, claim, "waiting", error, due_at=self._runtime.now() + pause)

    async def _mark(
        self, workspace: Workspace, claim: _Claim, state: str, error: str | None, due_at: datetime | None = None
    ) -> None:
        now = self._runtime.now()
        entry = {"at": now.isoformat(), "attempt": claim.attempt, "outcome": "failed" if due_at else state}
        if error is not None:
            entry["error"] = error[:1_000]
        async with self._runtime.database.write() as tx:
            await tx.execute(
                f"UPDATE {workspace.quoted_schema}._delivery SET state = $3, lease_until = NULL,"
                " due_at = coalesce($4, due_at), sent_at = CASE WHEN $3 = 'sent' THEN $5::timestamptz END,"
                " log = log || $6::jsonb WHERE message = $1 AND state = 'sending' AND attempt = $2",
                claim.message, claim.attempt, state, due_at, now, orjson.dumps([entry]).decode(),
            )  # fmt: skip


def _line(row: Record, language: Language) -> Line:
    body = None if row["body"] is None else Text.kept(row["body"], row["body_en"]).say(language)
    return Line(Text.kept(row["title"], row["title_en"]).say(language), body, row["urgent"], _subject(row))


def _subject(row: Record) -> Subject | None:
    object_key, record_id = row["subject_object"], row["subject_id"]
    return Subject(object_key, UUID(record_id), row["subject"]) if object_key and record_id else None
