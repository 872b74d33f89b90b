"""The program as its users run it: a process of the command line. Every wait for it has a limit."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from typing import Any

COMMAND = (sys.executable, "-c", "from tongmai.cli import main; main()")
# The longest start lives through a demo company's past.
STARTS_WITHIN_S = 300.0
# Requests under way get ten seconds, then the database is closed.
STOPS_WITHIN_S = 60.0


def announced(process: subprocess.Popen[str], within_s: float = STARTS_WITHIN_S) -> dict[str, Any]:
    """What it says once it runs: one indented JSON document, which ends with a line of a closing brace alone.

    Who says nothing in time is killed; who ends before fails the test.
    """
    assert process.stdout is not None
    said = ""
    overdue = threading.Timer(within_s, process.kill)
    overdue.start()
    try:
        for line in process.stdout:
            said += line
            if line.rstrip("\n") == "}":
                told: dict[str, Any] = json.loads(said)
                return told
    finally:
        overdue.cancel()
    raise AssertionError(f"ended with {process.wait()}: {said}")


def stopped(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> int:
    """Its exit code after it was asked to stop. Who does not is killed and fails the test."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.wait(STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
