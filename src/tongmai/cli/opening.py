"""Opens the rooms for a command, and finds the workspace it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from pydantic import ValidationError

from tongmai.kit import Invalid, NotFound, Settings, SystemClock, Text
from tongmai.model import faults_of
from tongmai.store import Workspace, find_workspace, list_workspaces
from tongmai.web import Duty, Services, open_services


@asynccontextmanager
async def opened(duty: Duty = "command", settings: Settings | None = None) -> AsyncIterator[Services]:
    """The services of this machine's settings. Beside a running server they share its database."""
    async with open_services(settings or read_settings(), SystemClock(), duty) as services:
        yield services


@asynccontextmanager
async def opened_in(workspace: str | None) -> AsyncIterator[tuple[Services, Workspace]]:
    """The services, and the workspace named or the only one there is. Raises NotFound or Invalid."""
    async with opened() as services:
        yield services, await workspace_of(services, workspace)


def read_settings(given: Mapping[str, object] | None = None) -> Settings:
    """The settings of the environment, with what the command line gives instead. Raises Invalid."""
    try:
        return Settings.model_validate({name: value for name, value in (given or {}).items() if value is not None})
    except ValidationError as error:
        raise Invalid(faults_of(error, "TONGMAI")) from None


async def workspace_of(services: Services, key: str | None) -> Workspace:
    """The workspace named, or the only one there is. Raises NotFound or Invalid."""
    async with services.database.read() as tx:
        if key is not None:
            found = await find_workspace(tx, key)
            if found is None:
                raise NotFound.of(
                    "workspace.unknown",
                    f"没有工作区 {key}",
                    f"There is no workspace {key}",
                    way_out=Text("用 tongmai workspace list 查看", "See tongmai workspace list"),
                )
            return found
        workspaces = await list_workspaces(tx)
    if len(workspaces) != 1:
        raise Invalid.of(
            "workspace.which",
            f"有 {len(workspaces)} 个工作区，请用 --workspace 指明",
            f"There are {len(workspaces)} workspaces: name one with --workspace",
            field="workspace",
        )
    return workspaces[0]
