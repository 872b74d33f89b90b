"""Several processes on one database: what one does the others know, and each can be lost."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import asyncpg
import httpx
import pytest
from tests.faults.conftest import Start
from tests.faults.program import Program, eventually

from tongmai.store import EmbeddedServer

pytestmark = pytest.mark.slow

_SOON_S = 1.0


def _add_field(program: Program, key: str) -> None:
    action = {
        "action": "add_field",
        "object": "customer",
        "field": {"key": key, "type": "number", "label": {"zh": key, "en": key}},
    }
    with program.client() as client:
        answer = client.post("/api/model/changes", json={"actions": [action]})
        assert answer.status_code == 201, answer.text


def _create(program: Program, **values: object) -> str:
    with program.client() as client:
        answer = client.post("/api/records/customer", json=values)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["record"]["id"])


class Reader:
    """What a browser's EventSource does: reads the stream, and comes back with the last id when it breaks."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._last_id = ""
        self.opened = Event()

    def read(self, count: int) -> list[tuple[float, dict[str, object]]]:
        """The next ``count`` events of records with the moment each arrived; fewer if they do not come in time."""
        found: list[tuple[float, dict[str, object]]] = []
        deadline = time.monotonic() + 40
        while len(found) < count and time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                for event in self._connection(deadline):
                    found.append((time.monotonic(), event))
                    if len(found) == count:
                        break
        return found

    def _connection(self, deadline: float) -> Iterator[dict[str, object]]:
        headers = {"last-event-id": self._last_id} if self._last_id else {}
        with self._program.client() as client, client.stream("GET", "/api/stream", headers=headers) as answer:
            kind = ""
            # A heartbeat comes every fifteen seconds, so the deadline is looked at.
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    self._last_id = value
                elif name == "event":
                    kind = value
                elif name == "data":
                    self.opened.set()
                    if kind == "record":
                        yield json.loads(value)
                if time.monotonic() > deadline:
                    return


async def _count(server: EmbeddedServer, sql: str) -> int:
    connection = await asyncpg.connect(server.dsn())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def _sealed_behind(server: EmbeddedServer) -> int:
    """Rows of history that no block covers yet."""
    return await _count(
        server, "SELECT count(*) FROM w_acme._history WHERE epoch > (SELECT coalesce(max(epoch), 0) FROM w_acme._block)"
    )


async def _all_is_sealed(server: EmbeddedServer, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while await _sealed_behind(server):
        if time.monotonic() > deadline:
            return False
    return True


async def test_a_field_added_in_one_process_is_usable_in_the_other_at_once(start_beside: Start) -> None:
    first, second = start_beside("api"), start_beside("api")
    for program in (first, second):
        _create(program, name="warm")  # both hold the catalogue in memory
    for number in range(5):
        _add_field(first, f"figure_{number}")
        record = _create(second, name="x", **{f"figure_{number}": number})
        with first.client() as client:
            assert client.get(f"/api/records/customer/{record}").json()[f"figure_{number}"] == number


async def test_a_write_in_one_process_reaches_the_stream_of_another_within_a_second(start_beside: Start) -> None:
    writer, reader = start_beside("api"), start_beside("api")
    start_beside("worker")
    follower = Reader(reader)
    with ThreadPoolExecutor() as threads:
        arrived = threads.submit(follower.read, 5)
        assert follower.opened.wait(30)
        sent = []
        for number in range(5):
            _create(writer, name=f"row {number}")
            sent.append(time.monotonic())
        found = arrived.result()
    assert [event["after"]["name"] for _, event in found] == [f"row {number}" for number in range(5)]  # type: ignore[index]
    # The last of them: the first may have waited for the worker, which was still starting.
    assert found[-1][0] - sent[-1] < _SOON_S


async def test_when_the_sealing_process_is_killed_another_takes_over(
    start_beside: Start, shared_server: EmbeddedServer
) -> None:
    api = start_beside("api")
    first, second = start_beside("worker"), start_beside("worker")
    _create(api, name="by two")
    assert await _all_is_sealed(shared_server, 30)
    first.kill()
    _create(api, name="by the second")
    assert await _all_is_sealed(shared_server, 30)
    third = start_beside("worker")
    second.kill()
    _create(api, name="by the third")
    assert await _all_is_sealed(shared_server, 30)
    third.kill()
    _create(api, name="by nobody")
    assert await _sealed_behind(shared_server) == 1
    start_beside("worker")
    assert await _all_is_sealed(shared_server, 30)
    report = api.site.run("verify-history")
    assert report["ok"], report
    assert report["unsealed"] == 0


async def test_two_sealers_at_once_make_one_chain(start_beside: Start, shared_server: EmbeddedServer) -> None:
    api = start_beside("api")
    for _ in range(2):
        start_beside("worker", TONGMAI_SEAL_INTERVAL_MS="20")
    with api.client() as client:
        for number in range(100):
            assert client.post("/api/records/customer", json={"name": f"row {number}"}).status_code == 201
    assert await _all_is_sealed(shared_server, 30)
    report = api.site.run("verify-history")
    assert report["ok"], report
    assert report["blocks"] > 3
    assert await _count(shared_server, "SELECT count(*) FROM w_acme._history_default") == 0, "a month had no partition"


async def test_lost_connections_come_back_in_every_process(start_beside: Start, shared_server: EmbeddedServer) -> None:
    first, second = start_beside("api"), start_beside("api")
    start_beside("worker")
    follower = Reader(second)
    with ThreadPoolExecutor() as threads:
        arrived = threads.submit(follower.read, 1)
        assert follower.opened.wait(30)
        for _ in range(3):
            await _cut_all_connections(shared_server)
            for program in (first, second):
                assert eventually(program.is_ready, 10)
        _add_field(first, "after_the_cut")
        assert eventually(lambda: _can_use(second, "after_the_cut"), 10)
        ((_, event),) = arrived.result()
    assert event["action"] == "create"
    assert await _all_is_sealed(shared_server, 30)


def _can_use(program: Program, key: str) -> bool:
    with program.client() as client:
        answer = client.post("/api/records/customer", json={"name": "cut", key: 1})
    assert answer.status_code in (201, 422, 503), answer.text
    return answer.status_code == 201


async def _cut_all_connections(server: EmbeddedServer) -> None:
    connection = await asyncpg.connect(server.dsn())
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = current_user AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


def test_two_programs_on_one_directory_share_the_database_and_outlive_one_another(start: Start) -> None:
    owner, sharer = start("serve"), start("serve")
    record = _create(owner, name="by the owner")
    with sharer.client() as client:
        assert client.get(f"/api/records/customer/{record}").json()["name"] == "by the owner"
    owner.kill()
    assert eventually(lambda: _is_written(sharer, "after the owner"))
    third = start("serve")
    assert sharer.stop() == 0
    assert eventually(lambda: _is_written(third, "after the sharer"))
    with third.client() as client:
        names = {item["name"] for item in client.get("/api/records/customer").json()["items"]}
    assert names == {"by the owner", "after the owner", "after the sharer"}
    assert third.site.run("verify-history")["ok"]


def _is_written(program: Program, name: str) -> bool:
    with program.client() as client:
        try:
            answer = client.post(
                "/api/records/customer", json={"name": name}, headers={"idempotency-key": name.replace(" ", "-")}
            )
        except httpx.TransportError:
            return False
    assert answer.status_code in (201, 503), answer.text
    return answer.status_code == 201
