"""What the fixtures hand to the tests of this room."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from tongmai.store import Workspace

PASSWORD = "correct-horse-battery"
SignIn = Callable[[str], Awaitable[httpx.AsyncClient]]


@dataclass
class Company:
    """The workspace and the sign-ins of its people; each login is ``<who>@<workspace key>``."""

    workspace: Workspace
    people: dict[str, str]

    def login(self, who: str) -> str:
        return f"{who}@{self.workspace.key}"


PEOPLE = {
    "admin": ("administrator", "north"),
    "boss": ("supervisor", "north"),
    "anna": ("sales", "north"),
    "bert": ("sales", "north"),
    "cleo": ("sales", "south"),
}


@dataclass
class Running:
    """``tongmai serve`` in a process of its own."""

    process: asyncio.subprocess.Process
    address: str
    port: int
    log: Path
