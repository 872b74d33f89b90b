"""kill -9 while eight clients write: what was acknowledged is there, what was not is whole or absent."""

from __future__ import annotations

from collections.abc import Callable

import psutil
import pytest
from tests.faults.conftest import Start
from tests.faults.program import Program, eventually
from tests.faults.workload import Clients, check_nothing_is_lost, retry_open_creates

pytestmark = pytest.mark.slow

_ROUNDS = 2
_WARM_REQUESTS = 60


def _kill_program(program: Program) -> None:
    program.kill()


def _kill_program_and_database(program: Program) -> None:
    """Nobody is left to close down in an orderly way: the next start has to recover from the write-ahead log."""
    postmaster = program.postmaster()
    processes = [postmaster, *postmaster.children()]
    # Stopped first, so that the server cannot begin its orderly shutdown between the two kills.
    for process in processes:
        process.suspend()
    program.kill()
    for process in processes:
        process.kill()


@pytest.mark.parametrize("kill", [_kill_program, _kill_program_and_database])
def test_a_killed_program_loses_nothing_acknowledged(start: Start, kill: Callable[[Program], None]) -> None:
    running = [start("serve")]
    clients = Clients(lambda: running[-1])
    for round_ in range(_ROUNDS):
        with clients.at_work(f"r{round_}"):
            _wait_for_more_writes(clients)
            kill(running[-1])
        running.append(start("serve"))
        with running[-1].client() as client:
            retry_open_creates(client, clients.books)
            check_nothing_is_lost(client, clients.books)
    assert {status for book in clients.books for status in book.statuses} <= {200, 201}
    _check_chain(running[-1])


def test_a_killed_database_is_started_again_under_the_running_program(start: Start) -> None:
    program = start("serve")
    clients = Clients(lambda: program)
    with clients.at_work("p"):
        for _ in range(_ROUNDS):
            _wait_for_more_writes(clients)
            killed = program.postmaster()
            killed.kill()
            _wait_for_another_database(program, killed)
        _wait_for_more_writes(clients)
    refused = clients.refused()
    assert {answer.status_code for answer in refused} <= {503}
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in refused)
    assert {answer.json()["code"] for answer in refused} <= {"unavailable"}
    with program.client() as client:
        retry_open_creates(client, clients.books)
        check_nothing_is_lost(client, clients.books)
    _check_chain(program)


def test_requests_to_a_database_that_is_away_are_refused_in_words(start: Start) -> None:
    program = start("serve")
    home = program.site.data_dir / "postgres" / "cluster"
    aside = home.with_name("aside")
    # As a volume that was unmounted: the server cannot come back until it is there again.
    home.rename(aside)
    program.postmaster().kill()
    with program.client(timeout_s=60) as client:
        for method, path in (("GET", "/api/records/customer"), ("POST", "/api/records/customer"), ("GET", "/readyz")):
            answer = client.request(method, path, json={"name": "x"} if method == "POST" else None)
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"]
            problem = answer.json()
            assert problem["faults"][0]["message"], problem
        assert client.get("/healthz").status_code == 200
        aside.rename(home)
        assert eventually(program.is_ready)
        assert client.post("/api/records/customer", json={"name": "again"}).status_code == 201


def _wait_for_more_writes(clients: Clients) -> None:
    before = clients.acknowledged()
    assert eventually(lambda: clients.acknowledged() - before > _WARM_REQUESTS)


def _wait_for_another_database(program: Program, killed: psutil.Process) -> None:
    def is_replaced() -> bool:
        try:
            return program.postmaster().pid != killed.pid and program.is_ready()
        except (ValueError, psutil.Error):
            return False

    assert eventually(is_replaced)


def _check_chain(program: Program) -> None:
    """The command beside the running program: every block sealed, every hash as it should be."""

    def is_sealed() -> bool:
        report = program.site.run("verify-history")
        assert report["ok"], report
        return report["unsealed"] == 0

    assert eventually(is_sealed)
