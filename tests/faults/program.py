"""The program as its users run it: real processes of the command line, reached over HTTP and signals alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from tests.program import COMMAND, announced, stopped

PATIENCE_S = 60.0


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """This machine's, without what would point the program elsewhere."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("TONGMAI_")}
    return {**own, "LANG": "en_GB.UTF-8", **given}


@dataclass(frozen=True)
class Site:
    """An installation that a program is started on: where its data lie, and who may write there."""

    data_dir: Path
    token: str
    database_url: str | None = None

    def settings(self) -> dict[str, str]:
        url = {} if self.database_url is None else {"TONGMAI_DATABASE_URL": self.database_url}
        return {"TONGMAI_DATA_DIR": str(self.data_dir), **url}

    def run(self, *arguments: str) -> dict[str, object]:
        """A command that ends by itself; its JSON answer. Fails the test if it does not end well."""
        done = subprocess.run(
            [*COMMAND, *arguments, "--json"],
            env=environment(self.settings()), capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        found: dict[str, object] = json.loads(done.stdout)
        return found


class Program:
    """One running ``tongmai serve``, ``api`` or ``worker``. Its log goes to a file beside the data."""

    def __init__(self, site: Site, command: str, log: Path, **settings: str) -> None:
        self.site = site
        self.log = log
        serves = [] if command == "worker" else ["--port", "0"]
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [*COMMAND, command, "--json", *serves],
                env=environment({**site.settings(), **settings}),
                stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip
        self.pid = self.process.pid
        self.address = ""

    def wait_until_started(self) -> Program:
        """Reads the answer that says it runs. Fails with the log's end if it does not."""
        try:
            self.address = announced(self.process).get("address", "")
        except AssertionError as error:
            error.add_note(self.log.read_text()[-3000:])
            raise
        return self

    def client(self, timeout_s: float = 30) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.site.token}", "accept-language": "en"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=timeout_s, trust_env=False)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/readyz", timeout=5, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def postmaster(self) -> psutil.Process:
        """The database server that this process started."""
        (found,) = (each for each in psutil.Process(self.pid).children() if each.name() == "postgres")
        return found

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """As the kernel's out-of-memory killer would: at once, with nothing said."""
        self.process.kill()
        self.process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Asks it to stop and waits; its exit code."""
        return stopped(self.process, number)

    def dispose(self) -> None:
        if self.process.poll() is None:
            self.kill()
        if self.process.stdout is not None:
            self.process.stdout.close()


def eventually(condition: Callable[[], bool], within_s: float = PATIENCE_S, every_s: float = 0.05) -> bool:
    """Whether it comes true in time. What another process does can only be waited for."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True


def servers_in(data_dir: Path) -> list[int]:
    """All PostgreSQL processes that work in this installation's directory."""
    home = os.path.realpath(data_dir / "postgres" / "cluster")
    found = []
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error, OSError):
            if process.name() == "postgres" and process.cwd() == home:
                found.append(process.pid)
    return found


def all_items(client: httpx.Client, object_key: str, fields: str) -> Iterator[dict[str, object]]:
    """Every record, page by page."""
    cursor: str | None = None
    while True:
        given = {"fields": fields, "limit": "500", "count": "false", **({"cursor": cursor} if cursor else {})}
        answer = client.get(f"/api/records/{object_key}", params=given)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return
