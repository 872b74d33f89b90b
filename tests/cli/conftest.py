"""Runs commands as an operator would, against the test process's database."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tongmai.cli import build
from tongmai.kit import Settings

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.out)
        return found


Tongmai = Callable[..., Ended]


@pytest.fixture
def tongmai(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tongmai:
    """``tongmai("workspace", "list", "--json")``; ``given`` is typed on stdin."""
    assert settings.database_url is not None
    for name in [name for name in os.environ if name.startswith(("TONGMAI_", "LC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("TONGMAI_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("TONGMAI_DATA_DIR", str(tmp_path / "var"))
    runner = CliRunner()

    def run(*arguments: str, given: str | None = None) -> Ended:
        result = runner.invoke(build(), list(arguments), input=given, obj="en")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def acme(tongmai: Tongmai) -> Iterator[str]:
    """A fresh workspace's key."""
    key = f"cli_{next(_numbers)}"
    assert tongmai("workspace", "create", key, "--zh", "甲公司").code == 0
    yield key
    tongmai("workspace", "drop", key, "--yes")
