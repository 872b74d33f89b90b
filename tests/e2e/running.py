"""The product in a process of its own: where it answers, and the passwords that it told when it started."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.program import COMMAND, STARTS_WITHIN_S, announced, stopped


@dataclass(frozen=True)
class Program:
    """The running product: where it is, and the passwords of its sign-ins."""

    address: str
    passwords: dict[str, str]


@contextmanager
def running(data: Path, *more: str) -> Iterator[Program]:
    """``tongmai quickstart`` over a data folder; ended with the block."""
    command = [*COMMAND, "quickstart", "--json", "--port", "0", "--data-dir", str(data), *more]
    # What a test writes beside the data folder is a folder of sources.
    around = {**os.environ, "TONGMAI_SOURCE_FOLDERS": json.dumps([str(data.parent)])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=around) as process:
        try:
            told = announced(process)
            yield Program(told["address"], {each["login"]: each["password"] for each in told["sign_ins"]})
        finally:
            stopped(process)


@contextmanager
def running_demo(data: Path, *size: str) -> Iterator[Program]:
    """The demo company, loaded by its own command (``--customers 240 --days 150`` makes a small one), then served."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("TONGMAI_")}
    subprocess.run(
        [*COMMAND, "demo", "--json", *size],
        check=True, env={**around, "TONGMAI_DATA_DIR": str(data)}, stdout=subprocess.DEVNULL, timeout=STARTS_WITHIN_S,
    )  # fmt: skip
    with running(data) as program:
        yield program
