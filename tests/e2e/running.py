"""The product in a process of its own: where it answers, and the passwords that it told when it started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Requests under way get ten seconds, then the database is closed.
_STOPS_WITHIN_S = 60

_TONGMAI = str(Path(sys.executable).with_name("tongmai"))


@dataclass(frozen=True)
class Program:
    """The running product: where it is, and the passwords of its sign-ins."""

    address: str
    passwords: dict[str, str]


@contextmanager
def running(data: Path, *more: str) -> Iterator[Program]:
    """``tongmai quickstart`` over a data folder; ended with the block."""
    command = [_TONGMAI, "quickstart", "--json", "--port", "0", "--data-dir", str(data), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _told(process)
        finally:
            process.terminate()
            _ended(process)


def _ended(process: subprocess.Popen[str]) -> None:
    """A program that does not stop when asked is a fault to be seen, not a test run that waits for ever."""
    try:
        process.wait(timeout=_STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def _told(process: subprocess.Popen[str]) -> Program:
    assert process.stdout is not None
    lines = []
    # The announcement is one indented JSON document: it ends with a line of a closing brace alone.
    for line in process.stdout:
        lines.append(line)
        if line == "}\n":
            break
    told = json.loads("".join(lines))
    return Program(told["address"], {each["login"]: each["password"] for each in told["sign_ins"]})


@contextmanager
def running_demo(data: Path, *size: str) -> Iterator[Program]:
    """The demo company, loaded by its own command (``--customers 240 --days 150`` makes a small one), then served."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("TONGMAI_")}
    command = [_TONGMAI, "demo", "--json", *size]
    subprocess.run(command, check=True, env={**around, "TONGMAI_DATA_DIR": str(data)}, stdout=subprocess.DEVNULL)
    with running(data) as program:
        yield program
