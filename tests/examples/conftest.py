"""The example programs as modules, and the real data sets beside the project."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from tests.real_data import real_file as found_file

ROOT_DIR = Path(__file__).resolve().parents[2]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Gives the example program of a name, as ``python examples/<name>.py`` would find it."""

    def found(name: str) -> ModuleType:
        monkeypatch.syspath_prepend(str(ROOT_DIR / "examples"))
        return sys.modules.get(name) or importlib.import_module(name)

    return found


@pytest.fixture
def real_file() -> Callable[[str], Path]:
    """Gives a file of the real data sets; the test is skipped where they are not."""
    return found_file
