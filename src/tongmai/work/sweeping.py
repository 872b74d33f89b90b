"""What time brings: tasks that become overdue, caring scripts after a skip, reminders at the end of a snooze; and what
an earlier program left to be brought.

Each is told once however many processes sweep: an overdue task by its version and the notice's key, a follow-up by its
row.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from tongmai.access import SystemActor
from tongmai.kit import Invalid, NotFound, StaleVersion, Text
from tongmai.model import TASK
from tongmai.store import Workspace, WriteTx
from tongmai.work.content import Content
from tongmai.work.content_editions import keep_editions
from tongmai.work.content_uses import bring_uses
from tongmai.work.follow_ups import FollowUp, take_due
from tongmai.work.notices import Notice, Notices
from tongmai.work.people import People
from tongmai.work.retention import clear_old
from tongmai.work.runtime import Runtime
from tongmai.work.task_rows import TaskRow, overdue_tasks, read_task

# S0-54: the pack with this key is put before who skipped; a company writes its own text under it.
CARE_PACK = "care_after_skip"
_MOST_AT_ONCE = 500

_OVERDUE = Text("已超时：{title}", "Overdue: {title}")
_LATE = Text("{name}的待办已超过截止时间，尚未完成。", "{name}'s task is past its deadline and not done.")
_REMIND = Text("稍后提醒：{title}", "As you asked, again: {title}")
_CARE = Text("三天前跳过了“{title}”，可以问候一句", "You skipped “{title}” three days ago: a kind word may be due")
_CARE_SCRIPT = Text(
    "话术：您好，前几天知道您不方便，就没有打扰。现在一切都好吗？需要我做什么请随时说，工作的事不急。",
    "Script: Hello, I knew these were difficult days and did not want to disturb. Is everything well by now? If there "
    "is anything I can do, do tell me; business can wait.",
)


class Sweeper:
    """One pass over a workspace at a time; ``SystemActor("sweep")`` is who marks a task as overdue."""

    def __init__(self, runtime: Runtime, notices: Notices, people: People, content: Content) -> None:
        self._runtime = runtime
        self._notices = notices
        self._people = people
        self._content = content

    async def sweep(self, workspace: Workspace) -> int:
        """Does what is due; how many things it did. Nothing in a workspace without the built-in tasks."""
        if not await self._runtime.has_object(workspace, TASK):
            return 0
        done = await self._tell_overdue(workspace)
        while await self._runtime.within(workspace, None, lambda tx: self._follow_up(tx, workspace)):
            done += 1
        while brought := await bring_uses(self._runtime, workspace):
            done += brought
        return done + await keep_editions(self._runtime, workspace)

    async def clear_old(self, workspace: Workspace) -> int:
        """Removes what is past its time; how many rows."""
        return await clear_old(self._runtime, workspace)

    async def _tell_overdue(self, workspace: Workspace) -> int:
        done = 0
        while True:
            now = self._runtime.now()
            async with self._runtime.database.read() as tx:
                found = await overdue_tasks(tx, workspace, now, _MOST_AT_ONCE)
            told = 0
            for row in found:
                told += await self._breach(workspace, row, now)
            done += told
            if len(found) < _MOST_AT_ONCE or not told:
                return done

    async def _breach(self, workspace: Workspace, row: TaskRow, now: datetime) -> bool:
        """S0-19: marks a task as overdue and tells its owner and whom it names; whether it was us who did."""

        async def work(tx: WriteTx) -> None:
            await self._runtime.gateway.update(
                SystemActor("sweep"), workspace, TASK, row.id, {"breached_at": now.isoformat()},
                expected_version=row.version, cause="task:breach", tx=tx,
            )  # fmt: skip
            people = await self._concerned(tx, workspace, row)
            due = "" if row.due_at is None else row.due_at.isoformat()
            name = await self._name(tx, workspace, row.owner)
            body = _LATE.filled(name=Text.same(name)) if name else None
            title = _OVERDUE.filled(title=row.title)
            notice = Notice(people, title, body=body, kind="breach", urgent=True, subject=row.itself)
            await self._notices.send(workspace, notice, key=f"breach:{row.id}:{due}", tx=tx)

        try:
            await self._runtime.within(workspace, None, work)
        except (StaleVersion, NotFound):
            # Somebody moved it just now: the next pass looks at what it is then.
            return False
        return True

    async def _concerned(self, tx: WriteTx, workspace: Workspace, row: TaskRow) -> tuple[UUID, ...]:
        """The owner, and those named in ``breach``: superiors and roles as seen from the task's owner, paths from the
        record it is about. A path that leads nowhere any more keeps nobody else from hearing."""
        told = [] if row.owner is None else [row.owner]
        paths = [each for each in row.breach if each.startswith("person:")]
        others = [each for each in row.breach if not each.startswith("person:")]
        if others:
            told += await self._people.resolve(workspace, others, TASK, row.id, tx=tx)
        for each in paths if row.subject is not None else ():
            assert row.subject is not None
            with suppress(Invalid):
                told += await self._people.resolve(workspace, [each], row.subject.object, row.subject.id, tx=tx)
        return tuple(dict.fromkeys(told))

    async def _name(self, tx: WriteTx, workspace: Workspace, person: UUID | None) -> str | None:
        name: str | None = await tx.fetch_value(
            f"SELECT name FROM {workspace.quoted_schema}.person WHERE id = $1",  # noqa: S608
            person,
        )
        return name

    async def _follow_up(self, tx: WriteTx, workspace: Workspace) -> bool:
        """Takes the next one that is due and does it, in one transaction."""
        found = await take_due(tx, workspace, self._runtime.now())
        if found is None:
            return False
        try:
            row = await read_task(tx, workspace, found.task)
        except NotFound:
            return True
        if found.kind == "care" and row.state == "skipped":
            await self._care(tx, workspace, found, row)
        elif found.kind == "remind" and row.state == "open" and row.owner is not None:
            await self._remind(tx, workspace, found, row)
        return True

    async def _care(self, tx: WriteTx, workspace: Workspace, found: FollowUp, row: TaskRow) -> None:
        """S0-54: the company's caring script, or ours where it has published none."""
        about = row.subject or row.itself
        if await self._content.find(tx, workspace, CARE_PACK) is not None:
            await self._content.push(workspace, CARE_PACK, [found.person], key=found.key, subject=about, tx=tx)
            return
        notice = Notice((found.person,), _CARE.filled(title=row.title), body=_CARE_SCRIPT, kind="care", subject=about)
        await self._notices.send(workspace, notice, key=found.key, tx=tx)

    async def _remind(self, tx: WriteTx, workspace: Workspace, found: FollowUp, row: TaskRow) -> None:
        if row.owner is None or (row.snoozed_until is not None and row.snoozed_until > self._runtime.now()):
            return
        notice = Notice((row.owner,), _REMIND.filled(title=row.title), kind="task", subject=row.itself)
        await self._notices.send(workspace, notice, key=found.key, tx=tx)
