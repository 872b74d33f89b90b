"""Sources of a program that is killed while vendors have a bad day: nothing lost, nothing doubled.

Real processes on both sides: ``tongmai serve`` and ``tongmai simulate``. What must be there is what the simulator says
that it has.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.faults.conftest import Start
from tests.faults.program import Program, Site, all_items, eventually
from tests.faults.vendors import Simulator, define_dingtalk, define_wecom

from tongmai.kit import Settings, SystemClock
from tongmai.store import find_workspace
from tongmai.web import open_services

pytestmark = pytest.mark.slow

BOSS, BUYER = "wmSIMCUSTOMER000000000000000001", "wmSIMCUSTOMER000000000000000002"
_ROUNDS = 2


@pytest.fixture
async def wecom(site: Site, tmp_path: Path) -> Any:
    with closing(Simulator("wecom", tmp_path / "wecom.log")) as vendor:
        await _set_up(site, vendor, define_wecom)
        for each in (BOSS, BUYER):
            vendor.control("consent", member="zhangsan", customer=each)
        yield vendor


@pytest.fixture
async def dingtalk(site: Site, tmp_path: Path) -> Any:
    with closing(Simulator("dingtalk", tmp_path / "dingtalk.log")) as vendor:
        await _set_up(site, vendor, define_dingtalk)
        yield vendor


def test_a_message_sent_in_wecom_is_a_signal_in_the_stream(start: Start, wecom: Simulator) -> None:
    program = start("serve")
    with program.client() as client:
        _pull(client, "wecom", ["customers"])
        assert eventually(lambda: len(_codes(client, "client")) == 3)
        _call_back(wecom, program, "wecom")
        with _signals_of_the_stream(program) as seen:
            wecom.say([(BOSS, "zhangsan", "好的")])
            began = time.perf_counter()
            wecom.say([(BOSS, "zhangsan", "这批货急要，明天能到吗")])
            assert eventually(lambda: len(seen) == 1, every_s=0.01)
            print(f"seconds from message to stream: {time.perf_counter() - began:.2f}")
            (signal,) = seen
        answer = client.get(f"/api/records/signal/{signal}").json()
        assert (answer["kind"], answer["subject"]) == ("urgent", "宏达机械有限公司")


def test_a_program_killed_while_wecom_stumbles_loses_and_doubles_no_message(start: Start, wecom: Simulator) -> None:
    running = [start("serve")]
    wecom.control("callbacks", manner="twice")
    _call_back(wecom, running[0], "wecom")
    for round_ in range(_ROUNDS):
        with _talking(wecom), running[-1].client() as client:
            before = len(_codes(client, "message"))
            _stumble(wecom, round_)
            assert eventually(lambda client=client, before=before: len(_codes(client, "message")) > before + 20)
            running[-1].kill()
        running.append(start("serve"))
        _call_back(wecom, running[-1], "wecom")
    _talk_out_of_order(wecom)
    with running[-1].client() as client:
        _pull(client, "wecom", ["customers", "messages"])
        there = sorted(wecom.archived_texts())
        assert len(there) > 100
        assert eventually(lambda: len(_codes(client, "message")) >= len(there))
        assert sorted(_codes(client, "message")) == there
        assert eventually(lambda: _log_is_quiet(client, "wecom"))
        assert sorted(_codes(client, "message")) == there
        # Each of the two customers said it many times: it is one open signal, told of once.
        assert eventually(lambda: len(_codes(client, "signal", "subject")) == 2)
        assert sorted(_codes(client, "signal", "subject")) == ["宏达机械有限公司", "恒通商贸（上海）有限公司"]


def test_a_program_killed_amid_call_backs_of_dingtalk_keeps_all_it_said_yes_to(
    start: Start, dingtalk: Simulator
) -> None:
    running = [start("serve")]
    dingtalk.control("callbacks", manner="twice")
    _call_back(dingtalk, running[0], "ding")
    for round_ in range(_ROUNDS):
        with _approving(dingtalk), running[-1].client() as client:
            before = len(_codes(client, "ding_event"))
            dingtalk.control("fault", path="/v1.0/workflow", status=503, times=2)
            dingtalk.control("expire_tokens")
            assert eventually(lambda client=client, before=before: len(_codes(client, "ding_event")) > before + 10)
            if round_ == 0:
                dingtalk.control("callbacks", manner="held")
                time.sleep(0.2)
                dingtalk.control("callbacks", manner="straight")
                dingtalk.control("release")
            running[-1].kill()
        running.append(start("serve"))
        _call_back(dingtalk, running[-1], "ding")
    with running[-1].client() as client:
        taken = sorted(set(dingtalk.state()["taken"]))
        assert eventually(lambda: set(taken) <= set(_codes(client, "ding_event")))
        events = _codes(client, "ding_event")
        assert len(events) == len(set(events))
        # What it was told while it was dead is made up for by a pull.
        _pull(client, "ding", ["approvals"])
        wanted = dingtalk.state()["approvals"]
        assert eventually(lambda: _statuses(client) == sorted(wanted.items()))


async def _set_up(site: Site, vendor: Simulator, define: Callable[..., Any]) -> None:
    async with open_services(Settings(data_dir=site.data_dir), SystemClock(), "command") as services:
        async with services.database.read() as tx:
            workspace = await find_workspace(tx, "acme")
        assert workspace is not None
        await define(services, workspace, vendor)


def _call_back(vendor: Simulator, program: Program, source: str) -> None:
    vendor.control("callbacks", url=f"{program.address}/api/hooks/acme/{source}")


def _pull(client: httpx.Client, source: str, streams: list[str]) -> None:
    answer = client.post(f"/api/sources/{source}/pull", json={"streams": streams})
    assert answer.status_code < 300, answer.text


def _codes(client: httpx.Client, object_key: str, field: str = "code") -> list[str]:
    return [str(each[field]) for each in all_items(client, object_key, field)]


def _statuses(client: httpx.Client) -> list[tuple[str, str]]:
    return sorted((str(each["code"]), str(each["status"])) for each in all_items(client, "approval", "code,status"))


def _log_is_quiet(client: httpx.Client, source: str) -> bool:
    """No pull is under way."""
    jobs = client.get("/api/jobs").json()["items"]
    return all(each["state"] in ("done", "failed", "cancelled") for each in jobs)


def _stumble(vendor: Simulator, round_: int) -> None:
    vendor.control("expire_tokens")
    vendor.control("fault", path="/archive/lines", status=503, times=2)
    vendor.control("fault", path="/cgi-bin/msgaudit", status=500, times=1)
    vendor.control("fault", path="/cgi-bin/msgaudit", delay_s=0.3, times=1)
    if round_:
        vendor.control("fault", path="/cgi-bin/gettoken", code=-1, times=1)


def _talk_out_of_order(vendor: Simulator) -> None:
    """Notices that come late, the last first."""
    vendor.control("callbacks", manner="held")
    vendor.say([(BOSS, "zhangsan", f"第{number}句") for number in range(5)])
    vendor.control("customer", id=BOSS, name="陈老板", member="lisi")
    vendor.control("callbacks", manner="straight")
    vendor.control("release")


@contextmanager
def _talking(vendor: Simulator) -> Iterator[None]:
    def talk(number: int) -> None:
        vendor.say([(BOSS, "zhangsan", f"急要 {number}"), ("zhangsan", BUYER, "收到"), (BUYER, "zhangsan", "急要")])

    with _going_on(talk):
        yield


@contextmanager
def _approving(vendor: Simulator) -> Iterator[None]:
    def approve(number: int) -> None:
        begun = vendor.control("approval", form={"客户名称": f"客户{number}"})
        if number % 2:
            vendor.control("approval", id=begun["id"], result="agree")

    with _going_on(approve):
        yield


@contextmanager
def _going_on(act: Callable[[int], None]) -> Iterator[None]:
    """``act`` again and again in a thread. It may fail only where the block ends it."""
    ending = threading.Event()
    failures: list[BaseException] = []

    def go_on() -> None:
        number = 0
        while not ending.wait(0.02):
            number += 1
            try:
                act(number)
            except BaseException as error:
                failures.append(error)
                return

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
    assert not failures, failures


@contextmanager
def _signals_of_the_stream(program: Program) -> Iterator[list[str]]:
    """The ids of signals that the stream tells of, while the block lasts."""
    seen: list[str] = []
    opened = threading.Event()
    client = program.client()

    def listen() -> None:
        try:
            with client.stream("GET", "/api/stream") as answer:
                for line in answer.iter_lines():
                    opened.set()
                    event = json.loads(line[5:]) if line.startswith("data:") else {}
                    if event.get("object") == "signal" and event["id"] not in seen:
                        seen.append(event["id"])
        except (httpx.HTTPError, RuntimeError):
            # The client was closed under it: the block has ended.
            return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert opened.wait(30)
    try:
        yield seen
    finally:
        client.close()
