"""To-dos in people's own lists follow the tasks they stand for: done and open again, title, due moment (S1-61)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from tongmai.kit import Clock, Invalid, Language, TongmaiError
from tongmai.link.dingtalk.messages_out import Todos
from tongmai.link.dingtalk.source import DingTalkSource
from tongmai.link.opening import Sources
from tongmai.store import Database, Workspace
from tongmai.work import PreferenceStore, UntoldTask, note_mirror, postpone_mirrors, untold_tasks

_log = structlog.get_logger(__name__)
_AT_ONCE = 50
_PAUSE = timedelta(minutes=2)
# The vendor's word for a to-do that is gone or cannot be so; others are about the application.
_NOT_THIS_ONE = "todo.taskUpdate.paramError"


class TodoUpkeep:
    """For all workspaces. Told twice, a to-do says the same; one that its owner deleted is left alone."""

    def __init__(self, database: Database, sources: Sources, preferences: PreferenceStore, clock: Clock) -> None:
        self._database = database
        self._sources = sources
        self._preferences = preferences
        self._clock = clock

    async def advance(self, workspace: Workspace) -> int:
        """Tells of what changed; how many. A source that is away is tried again later."""
        async with self._database.read() as tx:
            untold = await untold_tasks(tx, workspace, self._clock.now(), _AT_ONCE)
            owners = {each.task.owner for each in untold if each.task.owner is not None}
            preferences = await self._preferences.of(tx, workspace, sorted(owners))
        languages = {person: each.language for person, each in preferences.items()}
        by_source: dict[str, list[UntoldTask]] = {}
        for each in untold:
            by_source.setdefault(each.mirror.source, []).append(each)
        for source, tasks in by_source.items():
            try:
                await self._tell(workspace, source, tasks, languages)
            except TongmaiError as error:
                _log.warning("dingtalk.todos_wait", source=source, reason=str(error))
                async with self._database.write() as tx:
                    await postpone_mirrors(tx, workspace, source, self._clock.now() + _PAUSE)
        return len(untold)

    async def _tell(
        self, workspace: Workspace, source: str, untold: Sequence[UntoldTask], languages: Mapping[UUID, Language]
    ) -> None:
        async with self._sources.opened(workspace, await self._sources.known(workspace, source)) as opened:
            for each in untold:
                if isinstance(opened, DingTalkSource):
                    await self._change(Todos(opened.client), each, languages)
                async with self._database.write() as tx:
                    await note_mirror(tx, workspace, each.mirror, each.task, self._clock.now())

    async def _change(self, todos: Todos, untold: UntoldTask, languages: Mapping[UUID, Language]) -> None:
        mirror, task = untold.mirror, untold.task
        done = task.done if task.done != untold.was_done else None
        try:
            title = task.title.zh if task.owner is None else task.title.say(languages[task.owner])
            await todos.change(mirror.maker, mirror.todo, subject=title, due=task.due_at, done=done)
        except Invalid as refusal:
            if refusal.extra.get("vendor_code") != _NOT_THIS_ONE:
                raise
            _log.warning("dingtalk.todo_refused", source=mirror.source, task=str(mirror.task), reason=str(refusal))
