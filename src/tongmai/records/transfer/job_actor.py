"""On whose behalf a job runs: kept as a few words with the job, looked up anew when it runs.

A person who has left or lost a role between asking and running has lost it for the job too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tongmai.access import Actor, AnyActor, SystemActor
from tongmai.identity import load_actor
from tongmai.kit import Fault, NotFound, NotSignedIn, Text
from tongmai.store import Database, JobRun, Workspace, find_workspace


def described(actor: AnyActor) -> dict[str, Any]:
    """The actor as it is kept with a job."""
    if isinstance(actor, SystemActor):
        return {"system": actor.reason, "language": actor.language}
    scopes = None if actor.scopes is None else sorted(actor.scopes)
    return {"person": str(actor.id), "via": actor.via, "scopes": scopes, "language": actor.language}


class JobActors:
    """Finds a job's workspace and actor."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, run: JobRun) -> tuple[Workspace, AnyActor]:
        """Raises ``NotFound`` for a workspace that is gone, ``NotSignedIn`` for a person who may no longer act."""
        async with self._database.read() as tx:
            workspace = await find_workspace(tx, run.input["workspace"])
            if workspace is None:
                raise NotFound((Fault("workspace.gone", Text("工作区已不存在", "The workspace is gone")),))
            given: Mapping[str, Any] = run.input["actor"]
            if "system" in given:
                return workspace, SystemActor(given["system"], given["language"])
            scopes = None if given["scopes"] is None else frozenset(given["scopes"])
            actor: Actor | None = await load_actor(
                tx, workspace, UUID(given["person"]), via=given["via"], scopes=scopes, language=given["language"]
            )
        if actor is None:
            text = Text("发起任务的人已停用", "The person who asked for the job is no longer active")
            raise NotSignedIn((Fault("actor.gone", text, Text("请由在职人员重新发起", "Ask for it anew")),))
        return workspace, actor
