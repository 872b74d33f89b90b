"""Signals: what happened and deserves attention, as records of the built-in object ``signal`` (S0-04).

new → seen → acted on, dismissed with a reason, or expired; one an episode, ended and expired with it. The state moves
only here, as the system on behalf of the person who moved it.
"""

# ruff: noqa: S608 - the schema comes from quote_ident, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import AnyActor, SystemActor
from tongmai.kit import Conflict, Denied, Invalid, NotFound, StaleVersion, Text
from tongmai.model import SIGNAL
from tongmai.rules.signal_closing import CLOSING_COLUMNS, closing
from tongmai.store import Record, Workspace, WriteTx
from tongmai.work import Runtime, Subject

SignalMove = Literal["seen", "act", "dismiss"]
_STATES: Mapping[SignalMove, str] = {"seen": "seen", "act": "acted", "dismiss": "dismissed"}
_OPEN = ("new", "seen")
_LONGEST_TITLE = 255
_MOST_EXPIRED = 500


@dataclass(frozen=True, slots=True)
class NewSignal:
    """``is_episode``: it lasts as long as an episode; otherwise it is not repeated while one like it is open."""

    kind: str
    gap: str
    level: str
    title: Text
    detail: Text | None
    subject: Subject
    people: Sequence[UUID]
    buttons: Sequence[JsonValue]
    evidence: Mapping[str, JsonValue]
    rule: str
    rule_version: int
    firing: str
    started_at: datetime
    expires_at: datetime | None
    is_episode: bool


class Signals:
    """Raises ``NotFound`` for a signal the actor cannot see, ``Conflict`` where its state allows no such move."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def make(self, tx: WriteTx, workspace: Workspace, new: NewSignal, *, key: str, cause: str) -> bool:
        """Makes it, once under the key; False if one like it is open."""
        await self._runtime.require_object(workspace, SIGNAL)
        schema = workspace.quoted_schema
        there = await tx.fetch_value(
            f"SELECT TRUE FROM {schema}.{SIGNAL} WHERE episode = $1 OR ($2 AND rule = $3 AND subject_id = $4"
            " AND kind = $5 AND state IN ('new', 'seen') AND deleted_at IS NULL) LIMIT 1",
            key, not new.is_episode, new.rule, str(new.subject.id), new.kind,
        )  # fmt: skip
        if there:
            return False
        title, (detail, detail_en) = new.title.each(_cut), Text.parts(new.detail)
        values: dict[str, JsonValue] = {
            "title": title.zh, "title_en": title.own_english, "kind": new.kind, "gap": new.gap, "level": new.level,
            "state": "new", "detail": detail, "detail_en": detail_en,
            "subject_object": new.subject.object, "subject_id": str(new.subject.id),
            "subject": None if new.subject.title is None else _cut(new.subject.title),
            "owner": str(new.people[0]) if new.people else None, "people": [str(each) for each in new.people],
            "evidence": dict(new.evidence) or None,
            "buttons": list(new.buttons) or None, "rule": new.rule, "firing": new.firing,
            "rule_version": new.rule_version, "episode": key, "started_at": new.started_at.isoformat(),
            "expires_at": None if new.expires_at is None else new.expires_at.isoformat(),
        }  # fmt: skip
        await self._runtime.gateway.create(SystemActor("signal"), workspace, SIGNAL, values, cause=cause, tx=tx)
        return True

    async def end(self, tx: WriteTx, workspace: Workspace, firing: str, rule: str) -> bool:
        """The episode is over: its signals ended, and who has not acted on them need not any more."""
        rows = await tx.fetch(
            f"SELECT id, state, {CLOSING_COLUMNS} FROM {workspace.quoted_schema}.{SIGNAL}"
            " WHERE firing = $1 AND ended_at IS NULL AND deleted_at IS NULL",
            firing,
        )
        now = self._runtime.now()
        for row in rows:
            values: dict[str, JsonValue] = {"ended_at": now.isoformat()}
            if row["state"] in _OPEN:
                values |= {"state": "expired", **await closing(tx, workspace, row, now)}
            await self._runtime.gateway.update(
                SystemActor("signal"), workspace, SIGNAL, row["id"], values, cause=f"rule:{rule}:{firing}", tx=tx
            )
        return bool(rows)

    async def move(
        self, actor: AnyActor, workspace: Workspace, signal: UUID, move: SignalMove, reason: str | None = None
    ) -> None:
        """A person's act. Dismissing takes a reason: it tells how good a rule is."""
        words = _words(move, reason)
        await self._runtime.require_object(workspace, SIGNAL)
        # Raises NotFound where the actor cannot see it.
        seen = orjson.loads(await self._runtime.gateway.get(actor, workspace, SIGNAL, signal))
        self._require_concerned(actor, seen)
        system = SystemActor("signal", actor.language, on_behalf=actor.id)

        async def work(tx: WriteTx) -> None:
            row = await tx.fetch_row(
                f"SELECT version, state, {CLOSING_COLUMNS} FROM {workspace.quoted_schema}.{SIGNAL}"
                " WHERE id = $1 AND deleted_at IS NULL",
                signal,
            )
            if row is None:
                raise NotFound.of("signal.unknown", "没有这个信号", "there is no such signal")
            if row["state"] == _STATES[move] or (move == "seen" and row["state"] != "new"):
                return
            _require_open(row)
            values: dict[str, JsonValue] = {"state": _STATES[move]}
            if move != "seen":
                values |= await closing(tx, workspace, row, self._runtime.now(), actor.id)
            if words:
                values["reason"] = words[:1_000]
            await self._runtime.gateway.update(
                system, workspace, SIGNAL, signal, values,
                expected_version=row["version"], cause=f"signal:{move}", tx=tx,
            )  # fmt: skip

        try:
            await self._runtime.within(workspace, None, work)
        except StaleVersion:
            # Somebody moved it at the same time: what holds now decides.
            await self._runtime.within(workspace, None, work)

    async def expire(self, workspace: Workspace) -> int:
        """Signals whose time is over and that nobody acted on; how many."""
        async with self._runtime.database.read() as tx:
            rows = await tx.fetch(
                f"SELECT id, version, {CLOSING_COLUMNS} FROM {workspace.quoted_schema}.{SIGNAL} WHERE expires_at <= $1"
                " AND state IN ('new', 'seen') AND deleted_at IS NULL ORDER BY expires_at LIMIT $2",
                self._runtime.now(), _MOST_EXPIRED,
            )  # fmt: skip
        for row in rows:
            await self._expire(workspace, row)
        return len(rows)

    async def _expire(self, workspace: Workspace, row: Record) -> None:
        async def work(tx: WriteTx) -> None:
            values = {"state": "expired", **await closing(tx, workspace, row, self._runtime.now())}
            await self._runtime.gateway.update(
                SystemActor("signal"), workspace, SIGNAL, row["id"], values,
                expected_version=row["version"], cause="signal:expire", tx=tx,
            )  # fmt: skip

        try:
            await self._runtime.within(workspace, None, work)
        except (StaleVersion, NotFound):
            # Somebody moved it in this very moment.
            return

    @staticmethod
    def _require_concerned(actor: AnyActor, seen: Mapping[str, JsonValue]) -> None:
        """Who sees a signal may act on it; a token must be one that writes."""
        scopes = getattr(actor, "scopes", None)
        if scopes is not None and scopes.isdisjoint({"write", f"write:{SIGNAL}"}):
            raise Denied.of(
                "signal.read_only",
                "此令牌不能写入",
                "this token may not write",
                field=str(seen.get("id")),
                way_out=Text("请换一个有写入权限的令牌", "Use a token that may write"),
            )


def _words(move: SignalMove, reason: str | None) -> str:
    words = " ".join((reason or "").split())
    if move == "dismiss" and not words:
        raise Invalid.of(
            "signal.reason",
            "请填写忽略的原因",
            "say why it is dismissed",
            field="reason",
            way_out=Text("请写一句原因", "Write a reason"),
        )
    return words


def _require_open(row: Record) -> None:
    if row["state"] not in _OPEN:
        raise Conflict.of(
            "signal.closed",
            "该信号已处理、忽略或过期",
            "the signal was acted on, dismissed or expired",
            way_out=Text("请刷新列表", "reload the list"),
        )


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 1] + "…"
