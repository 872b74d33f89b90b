"""From a message sent in WeCom to its signal in the stream, 500 messages a second for half a minute.

``python -m bench.messages``; ``SECONDS`` and ``RATE`` set others. Real processes: ``tongmai simulate wecom`` (which,
like the vendor, tells of archived messages at most every fifteen seconds), ``tongmai serve``, and this one, which sends
and listens to ``/api/stream``. One message in 25 holds a word that makes a signal. Budget (architecture, section 6):
p99 within a second. Counted behind it: every message is a record, once, and every word a signal, once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx
from tests.faults.program import Program, Site, all_items, eventually
from tests.faults.vendors import Simulator, define_wecom

from tongmai.access import SystemActor
from tongmai.cli.users import add_person
from tongmai.kit import Settings, SystemClock, Text
from tongmai.schema import create_workspace
from tongmai.web import open_services

RATE = int(os.environ.get("RATE", "500"))
SECONDS = int(os.environ.get("SECONDS", "30"))
BUDGET_S = 1.0
_A_SIGNAL_IN = 25
_BEAT_S = 0.05
_PLAIN = ("好的", "收到，谢谢", "发票收到了", "资料看了，参数都还可以", "下午三点开会", "晚点给您打电话", "周末愉快")


async def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        vendor = Simulator("wecom", Path(folder) / "wecom.log")
        program: Program | None = None
        try:
            site = await _site(Path(folder) / "var", vendor)
            program = Program(site, "serve", Path(folder) / "serve.log", TONGMAI_LOG_LEVEL="warning")
            program.wait_until_started()
            return await _measure(program, vendor)
        finally:
            if program is not None:
                program.stop()
                program.dispose()
            vendor.close()


async def _site(data_dir: Path, vendor: Simulator) -> Site:
    async with open_services(Settings(data_dir=data_dir), SystemClock(), "command") as services:
        workspace = await create_workspace(
            services.database, services.catalogues, services.clock, "acme", Text("甲公司", "Acme")
        )
        await define_wecom(services, workspace, vendor)
        person = await add_person(
            services, workspace, login="admin", password="correct-horse-battery", name="Admin", roles=["administrator"]
        )
        _, token = await services.identity.make_token(
            SystemActor("bench"), workspace, await services.catalogues.get(workspace),
            name="bench", scopes=("read", "write", "model", "admin"), person_id=person,
        )  # fmt: skip
    return Site(data_dir, token)


async def _measure(program: Program, vendor: Simulator) -> int:
    signals = RATE * SECONDS // _A_SIGNAL_IN
    clients = [f"wm{number:030d}" for number in range(signals)]
    for each in clients:
        vendor.control("consent", member="zhangsan", customer=each)
        vendor.control("customer", id=each, name=each, corp_name=f"客户{each}", member="zhangsan")
    hook = f"{program.address}/api/hooks/acme/wecom"
    with program.client() as client:
        client.post("/api/sources/wecom/pull", json={"streams": ["customers"]}).raise_for_status()
        assert eventually(lambda: sum(1 for _ in all_items(client, "client", "id")) >= signals, 120)
        vendor.control("callbacks", url=hook)
        seen: dict[str, float] = {}
        all_seen = asyncio.Event()
        listening = asyncio.create_task(_listen(program, seen, signals, all_seen))
        await asyncio.sleep(1)
        sent = await _send(vendor, clients)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(all_seen.wait(), 30)
        listening.cancel()
        code = {str(each["id"]): str(each["code"]) for each in all_items(client, "client", "id,code")}
        told = {str(each["id"]): str(each["subject_id"]) for each in all_items(client, "signal", "id,subject_id")}
        subject = {signal: code[record] for signal, record in told.items()}
        messages = sum(1 for _ in all_items(client, "message", "id"))
    spans = sorted(moment - sent[subject[signal]] for signal, moment in seen.items())
    p50, p99 = statistics.median(spans), spans[int(len(spans) * 0.99)]
    print(
        f"live     {RATE * SECONDS:>9,} messages at {RATE}/s for {SECONDS} s: {len(spans)} signals,"
        f" p50 {p50:.2f} s, p99 {p99:.2f} s, most {spans[-1]:.2f} s (budget p99 {BUDGET_S} s)"
    )
    whole = messages == RATE * SECONDS and len(subject) == signals == len(set(subject.values()))
    verdict = "all once" if whole else "WRONG"
    print(f"counted  {messages:>9,} messages in, {len(subject)} signals of {signals}: {verdict}")
    return 0 if whole and p99 <= BUDGET_S else 1


async def _send(vendor: Simulator, clients: list[str]) -> dict[str, float]:
    """When the word of each client was sent."""
    chance, sent = random.Random(7), dict[str, float]()
    fresh = iter(clients)
    began, done = time.perf_counter(), 0
    async with httpx.AsyncClient(base_url=vendor.address, timeout=30, trust_env=False) as http:
        while done < RATE * SECONDS:
            due = min(int((time.perf_counter() - began) * RATE) + 1, RATE * SECONDS)
            said = []
            for number in range(done + 1, due + 1):
                tells = number % _A_SIGNAL_IN == 0
                client = next(fresh) if tells else chance.choice(clients)
                said.append([client, "zhangsan", "这批货急要" if tells else chance.choice(_PLAIN)])
                if tells:
                    sent[client] = time.perf_counter()
            done = due
            (await http.post("/control/messages", json={"said": said})).raise_for_status()
            await asyncio.sleep(_BEAT_S)
    return sent


async def _listen(program: Program, seen: dict[str, float], count: int, all_seen: asyncio.Event) -> None:
    """When each signal was first told of."""
    headers = {"authorization": f"Bearer {program.site.token}"}
    async with (
        httpx.AsyncClient(base_url=program.address, headers=headers, timeout=None, trust_env=False) as http,
        http.stream("GET", "/api/stream") as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("data:") and '"signal"' in line:
                event = json.loads(line[5:])
                if event.get("object") == "signal":
                    seen.setdefault(event["id"], time.perf_counter())
                    if len(seen) >= count:
                        all_seen.set()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
