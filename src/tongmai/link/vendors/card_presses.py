"""Buttons of cards that were pressed in WeCom or DingTalk, carried out here as the person who pressed.

A card stands for a task: its id is ``task@<task>@<message>``. A press is a raw row before it is carried out; one that
cannot be carried out (a form has to be filled, the task is another's) stays among the source's refusals, with the
reason.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tongmai.identity import load_actor
from tongmai.kit import Clock, Conflict, Denied, Invalid, Text, TongmaiError, Unavailable
from tongmai.link.members import person_of
from tongmai.link.raw import RawRows, StoredRow
from tongmai.link.runs import Runs
from tongmai.link.source import SetAside
from tongmai.link.vendors.card_actions import CARD_ACTIONS
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace
from tongmai.work import PreferenceStore, Tasks

STREAM = CARD_ACTIONS.key
DONE, SNOOZE = "done", "snooze"
_MARK = "_presses"
_PAGE = 200
_SNOOZED_FOR = timedelta(days=1)
_WAS_DONE, _WAS_SNOOZED = Text("已完成", "Done"), Text("已推迟一天", "Put off a day")
_WAS_SETTLED = Text("已处理", "Dealt with")
# Tells the card that its button did something: the source's key and the press.
Settle = Callable[[Workspace, str, "Press"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Press:
    card: str
    member: str
    action: str
    response_code: str
    outcome: str = ""


def card_of_task(task: UUID, message: UUID) -> str:
    """The card's id, in letters that both vendors allow."""
    return f"task@{task}@{message}"


def task_of_card(card: str) -> UUID | None:
    kind, _, rest = card.partition("@")
    try:
        return UUID(rest.partition("@")[0]) if kind == "task" else None
    except ValueError:
        return None


class CardPresses:
    """For all sources that have the stream. Each press is marked as seen after it was carried out; carried out twice,
    the second time finds the task done."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        tasks: Tasks,
        preferences: PreferenceStore,
        clock: Clock,
        settle: Settle | None = None,
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._tasks = tasks
        self._preferences = preferences
        self._clock = clock
        self._raw = RawRows(clock)
        self._runs = Runs(clock)
        self._settle = settle

    async def advance(self, workspace: Workspace) -> int:
        """How many presses were seen."""
        catalogue = await self._catalogues.get(workspace)
        seen = 0
        for source in (each.key for each in catalogue.sources):
            mark = f"{_MARK}:{source}"
            async with self._database.read() as tx:
                after = await tx.fetch_value(
                    f"SELECT seq FROM {workspace.quoted_schema}._mapping_state WHERE mapping = $1", mark
                )
                rows = await self._raw.after(tx, workspace, source, STREAM, after or 0, _PAGE)
            for row in rows:
                await self._carry_out(workspace, source, row)
                async with self._database.write() as tx:
                    await tx.execute(
                        f"INSERT INTO {workspace.quoted_schema}._mapping_state (mapping, seq, fingerprint)"
                        " VALUES ($1, $2, '') ON CONFLICT (mapping) DO UPDATE SET seq = excluded.seq",
                        mark,
                        row.seq,
                    )
            seen += len(rows)
        return seen

    async def _carry_out(self, workspace: Workspace, source: str, row: StoredRow) -> None:
        press = Press(*(str(row.body.get(name) or "") for name in ("card", "member", "action", "response_code")))
        try:
            outcome = await self._do(workspace, source, press)
        except Unavailable:
            # Nobody was refused: it is carried out when the press is come by again.
            raise
        except TongmaiError as error:
            async with self._database.write() as tx:
                aside = SetAside(row.key, error.faults, dict(row.body))
                await self._runs.refuse(tx, workspace, source, STREAM, (aside,), mapping=_MARK)
            return
        if self._settle is not None:
            await self._settle(
                workspace, source, Press(press.card, press.member, press.action, press.response_code, outcome)
            )

    async def _do(self, workspace: Workspace, source: str, press: Press) -> str:
        """What the card is told, as the person reads it."""
        task = task_of_card(press.card)
        if task is None:
            raise Invalid.of("press.card", "按钮所属的卡片不是待办", "The button's card stands for no task")
        catalogue = await self._catalogues.get(workspace)
        async with self._database.read() as tx:
            person = await person_of(tx, workspace, catalogue, source, press.member)
            actor = None if person is None else await load_actor(tx, workspace, person, via=f"source:{source}")
        if actor is None:
            raise Denied.of("press.member", "按按钮的成员在此没有人员记录", "Who pressed the button is no person here")
        try:
            if press.action == DONE:
                await self._tasks.done(actor, workspace, task)
            elif press.action == SNOOZE:
                await self._tasks.snooze(actor, workspace, task, self._clock.now() + _SNOOZED_FOR)
            else:
                raise Invalid.of("press.action", "未知的按钮", "The button is unknown")
        except Conflict:
            # Pressed twice, or done elsewhere meanwhile: it is as the person wanted it, or beyond that.
            outcome = _WAS_SETTLED
        else:
            outcome = _WAS_DONE if press.action == DONE else _WAS_SNOOZED
        return outcome.say((await self._preferences.get(workspace, actor.id)).language)
