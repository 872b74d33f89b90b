"""Telling people: the inbox and the channels, each at the moment when the person wants to be told.

A notice is made once for each person and key. Whether it may interrupt is decided when it is made: urgent ones always,
others outside quiet hours and within the day's budget (one statement that cannot go beyond it). What may not waits for
the end of the quiet hours or the next digest; until then it stands among what was held back, where it can be read.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.kit import Text, new_id
from tongmai.model import PERSON
from tongmai.store import Workspace, WriteTx
from tongmai.work.channels import HOOK, Channels
from tongmai.work.inbox import tell_inbox
from tongmai.work.pacing import Held, Pace
from tongmai.work.preferences import Preferences, PreferenceStore
from tongmai.work.runtime import Runtime
from tongmai.work.subject import Subject, cut

MOST_BODY = 10_000


@dataclass(frozen=True, slots=True)
class Notice:
    """``to`` are people's ids (``People.resolve``); each reads it in his own language. ``kind`` groups notices for the
    screen (``rule``, ``task``, …)."""

    to: tuple[UUID, ...]
    title: Text
    body: Text | None = None
    kind: str = "notice"
    urgent: bool = False
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class HookCall:
    """JSON for an address outside."""

    url: str
    body: Mapping[str, JsonValue]


class Notices:
    """Sends; reading is ``Inbox``, delivering ``Deliveries``."""

    def __init__(self, runtime: Runtime, channels: Channels) -> None:
        self._runtime = runtime
        self._channels = channels
        self._preferences = PreferenceStore(runtime)

    async def send(
        self, workspace: Workspace, notice: Notice, *, key: str, tx: WriteTx | None = None
    ) -> tuple[UUID, ...]:
        """Tells each of the people who has not been told under this key; the ids of the notices made.

        Part of the caller's transaction, if one is given. People who left are not told.
        """
        return await self._runtime.within(workspace, tx, lambda own: self._send(own, workspace, notice, key))

    async def call(self, workspace: Workspace, call: HookCall, *, key: str, tx: WriteTx | None = None) -> None:
        """Has a hook called, at least once; nothing where the key was used before."""
        await self._runtime.within(workspace, tx, lambda own: self._call(own, workspace, call, key))

    async def _send(self, tx: WriteTx, workspace: Workspace, notice: Notice, key: str) -> tuple[UUID, ...]:
        # One order of people, so that two senders never wait for one another in a circle.
        people = await _active(tx, workspace, sorted(set(notice.to)))
        preferences = await self._preferences.of(tx, workspace, people)
        made = []
        for person in people:
            found = await self._tell(tx, workspace, notice, person, preferences[person], key)
            if found is not None:
                made.append(found)
        return tuple(made)

    async def _tell(
        self, tx: WriteTx, workspace: Workspace, notice: Notice, person: UUID, preferences: Preferences, key: str
    ) -> UUID | None:
        now, notice_id = self._runtime.now(), new_id(self._runtime.clock)
        subject, title = notice.subject, notice.title.each(cut)
        body, body_en = Text.parts(None if notice.body is None else notice.body.each(lambda text: text[:MOST_BODY]))
        inserted = await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}._notice"
            " (id, person, key, kind, title, title_en, body, body_en, urgent, subject_object, subject_id, subject,"
            " subject_en, at, show_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)"
            " ON CONFLICT (person, key) DO NOTHING",
            notice_id, person, key, cut(notice.kind, 100), title.zh, title.own_english,
            body, body_en, notice.urgent, subject and subject.object,
            subject and str(subject.id), subject and subject.title, subject and subject.english, now,
        )  # fmt: skip
        if not inserted:
            return None
        pace = Pace(workspace.zone, await self._runtime.calendar(workspace), preferences)
        show_at, held = await self._moment(tx, workspace, person, pace, urgent=notice.urgent)
        if held is not None:
            await tx.execute(
                f"UPDATE {workspace.quoted_schema}._notice SET show_at = $2, held = $3 WHERE id = $1",
                notice_id, show_at, held,
            )  # fmt: skip
        await self._deliver(tx, workspace, notice, notice_id, person, pace, show_at, held)
        if held is None:
            await tell_inbox(tx, workspace, person)
        return notice_id

    async def _moment(
        self, tx: WriteTx, workspace: Workspace, person: UUID, pace: Pace, *, urgent: bool
    ) -> tuple[datetime, Held | None]:
        """When it comes into the inbox, and what it waits for until then."""
        now = self._runtime.now()
        if urgent:
            return now, None
        if pace.is_quiet(now):
            return pace.end_of_quiet(now), "quiet"
        if await self._spend(tx, workspace, person, pace):
            return now, None
        return pace.next_digest(now), "budget"

    async def _spend(self, tx: WriteTx, workspace: Workspace, person: UUID, pace: Pace) -> bool:
        """Takes one interruption from the person's budget of the day; whether there was one left."""
        budget = pace.preferences.budget
        if budget == 0:
            return False
        spent = await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}._alert_budget AS b (person, day, used) VALUES ($1, $2, 1)"
            " ON CONFLICT (person, day) DO UPDATE SET used = b.used + 1 WHERE b.used < $3",
            person, pace.local_day(self._runtime.now()), budget,
        )  # fmt: skip
        return spent == 1

    async def _deliver(
        self,
        tx: WriteTx,
        workspace: Workspace,
        notice: Notice,
        notice_id: UUID,
        person: UUID,
        pace: Pace,
        show_at: datetime,
        held: Held | None,
    ) -> None:
        rows = []
        catalogue = await self._runtime.catalogues.get(workspace)
        for channel in self._channels.for_people(catalogue):
            way = pace.preferences.way(channel)
            if way == "off":
                continue
            digest = way == "digest" and not notice.urgent
            due = pace.next_digest(self._runtime.now()) if digest and held is None else show_at
            rows.append(
                (
                    new_id(self._runtime.clock), notice_id, person, channel, f"{notice_id}:{channel}", due,
                    digest or held is not None, self._runtime.now(),
                )
            )  # fmt: skip
        if rows:
            await tx.execute_many(
                f"INSERT INTO {workspace.quoted_schema}._delivery"
                " (id, notice, person, channel, key, due_at, together, made_at)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                rows,
            )

    async def _call(self, tx: WriteTx, workspace: Workspace, call: HookCall, key: str) -> None:
        now = self._runtime.now()
        content = orjson.dumps({"url": call.url, "body": dict(call.body)}).decode()
        await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}._delivery (id, channel, key, due_at, content, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $4) ON CONFLICT (key) DO NOTHING",
            new_id(self._runtime.clock), HOOK, f"{HOOK}:{key}", now, content,
        )  # fmt: skip


async def _active(tx: WriteTx, workspace: Workspace, people: Sequence[UUID]) -> list[UUID]:
    rows = await tx.fetch(
        f"SELECT id FROM {workspace.quoted_schema}.{PERSON}"
        " WHERE id = ANY($1) AND active IS NOT FALSE AND deleted_at IS NULL ORDER BY id",
        list(people),
    )
    return [row["id"] for row in rows]
