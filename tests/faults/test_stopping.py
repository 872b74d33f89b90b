"""SIGTERM and SIGINT: requests under way finish, streams end, nobody waits longer than ten seconds."""

from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.faults.conftest import Start
from tests.faults.program import all_items, servers_in

pytestmark = pytest.mark.slow

_LONGEST_STOP_S = 10.0
_ROWS = 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_answers_what_is_under_way_and_ends_the_streams(start: Start, number: signal.Signals) -> None:
    program = start("serve")
    stream_opened, writing = threading.Event(), threading.Event()

    def follow() -> str:
        with program.client() as client, client.stream("GET", "/api/stream") as answer:
            said = ""
            for text in answer.iter_text():
                said += text
                stream_opened.set()
            return said

    def write() -> list[int]:
        statuses = []
        with program.client() as client:
            while True:
                try:
                    rows = [{"name": f"row {n}"} for n in range(_ROWS)]
                    statuses.append(client.post("/api/records/customer", json=rows).status_code)
                    writing.set()
                except httpx.TransportError:
                    return statuses

    with ThreadPoolExecutor() as threads:
        following, writers = threads.submit(follow), [threads.submit(write) for _ in range(3)]
        assert stream_opened.wait(30)
        assert writing.wait(30)
        began = time.monotonic()
        code = program.stop(number)
        took = time.monotonic() - began
        statuses = [status for each in writers for status in each.result()]
        said = following.result()
    assert code == 0
    assert took < _LONGEST_STOP_S
    assert said.rstrip().endswith('event: end\ndata: {"why":"stopping"}')
    assert set(statuses) == {201}
    assert not servers_in(program.site.data_dir)
    again = start("serve")
    with again.client() as client:
        # What was written was answered, to the last request.
        assert sum(1 for _ in all_items(client, "customer", "name")) == _ROWS * len(statuses)


def test_a_second_signal_does_not_wait(start: Start) -> None:
    program = start("serve")
    with program.client() as client, client.stream("GET", "/api/stream"):
        program.send(signal.SIGTERM)
        program.send(signal.SIGTERM)
        program.process.wait(_LONGEST_STOP_S)
    assert not servers_in(program.site.data_dir)


def test_a_worker_stops_by_a_signal_too(start_beside: Start) -> None:
    worker = start_beside("worker")
    began = time.monotonic()
    assert worker.stop(signal.SIGTERM) == 0
    assert time.monotonic() - began < _LONGEST_STOP_S
