"""From a cold start to the first answer, and what an idle program holds in memory, its database included.

``tongmai serve`` is started on a workspace that exists; the clock runs from the start of the process to the first 200
of ``/readyz``. "Cold" is a new process on a stopped database; the files are in the page cache. Memory is the PSS
(shared pages counted in parts) of the program and all its children, summed, some seconds after the first list of
records. Budgets: 5 s, 400 MB.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
from tests.program import COMMAND, announced, stopped

from tongmai.access import SystemActor
from tongmai.cli.quickstart import KEY, prepare
from tongmai.kit import Settings, SystemClock
from tongmai.store import find_workspace
from tongmai.web import open_services

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
START_BUDGET_S, MEMORY_BUDGET_MB = 5.0, 400
_SETTLED_S = 5.0
_PATIENCE_S = 60.0
_MIB = 1024 * 1024


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="tongmai-bench-") as folder:
        data_dir = Path(folder) / "var"
        token = asyncio.run(_prepare(data_dir))
        times, memory = [], Counter[str]()
        for round_ in range(ROUNDS):
            began = time.perf_counter()
            with _serving(data_dir) as (process, address):
                _wait_until_ready(address)
                times.append(time.perf_counter() - began)
                if round_ == ROUNDS - 1:
                    memory = _idle_memory(process, address, token)
    start, total = statistics.median(times), sum(memory.values()) / _MIB
    print(f"first 200 of /readyz: median {start:.2f} s of {ROUNDS} starts ({min(times):.2f} … {max(times):.2f} s)")
    print(f"  budget {START_BUDGET_S:g} s: {'kept' if start <= START_BUDGET_S else 'BROKEN'}")
    parts = ", ".join(f"{name} {size / _MIB:.0f}" for name, size in memory.most_common())
    print(f"idle memory: {total:.0f} MB PSS ({parts})")
    print(f"  budget {MEMORY_BUDGET_MB} MB: {'kept' if total <= MEMORY_BUDGET_MB else 'BROKEN'}")
    return 0 if start <= START_BUDGET_S and total <= MEMORY_BUDGET_MB else 1


async def _prepare(data_dir: Path) -> str:
    """The starter workspace and a token to it."""
    async with open_services(Settings(data_dir=data_dir), SystemClock(), "command") as services:
        await prepare(services)
        async with services.database.read() as tx:
            workspace = await find_workspace(tx, KEY)
        assert workspace is not None
        (member, *_) = await services.identity.list_members(workspace)
        _, token = await services.identity.make_token(
            SystemActor("bench"),
            workspace,
            await services.catalogues.get(workspace),
            name="bench",
            scopes=("read",),
            expires_at=services.clock.now() + timedelta(days=1),
            person_id=member.person_id,
        )
        return token


@contextlib.contextmanager
def _serving(data_dir: Path) -> Iterator[tuple[psutil.Process, str]]:
    environment = {**os.environ, "TONGMAI_DATA_DIR": str(data_dir), "TONGMAI_LOG_LEVEL": "warning"}
    command = (*COMMAND, "serve", "--port", "0", "--json")
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield psutil.Process(process.pid), str(announced(process)["address"])
    finally:
        stopped(process)


def _wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(f"{address}/readyz", timeout=5):
            return
        time.sleep(0.01)
    raise RuntimeError("tongmai serve does not get ready")


def _idle_memory(process: psutil.Process, address: str, token: str) -> Counter[str]:
    """Bytes by kind of process, after a few requests and a pause."""
    for _ in range(20):
        request = urllib.request.Request(f"{address}/api/records/person", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()
    time.sleep(_SETTLED_S)
    found = Counter[str]()
    for each in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            found["database" if each.name() == "postgres" else "program"] += each.memory_full_info().pss
    return found


if __name__ == "__main__":
    sys.exit(main())
