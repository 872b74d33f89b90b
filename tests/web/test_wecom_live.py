"""A message sent in WeCom is an event of the customer's record moments later, with everything running as it serves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.simulators.serving import served
from tests.web.company import Company, SignIn

from tongmai.model import MappingDef, SourceDef, diff
from tongmai.simulators import wecom
from tongmai.web import Services, create_app
from tongmai.web.upkeep import Upkeep

BOSS = "wmSIMCUSTOMER000000000000000001"
# What is promised is a second; the machines that run this are shared by others.
PATIENCE_S = 15.0


@dataclass
class Live:
    services: Services
    company: Company
    http: httpx.AsyncClient
    url: str

    async def control(self, act: str, **given: Any) -> None:
        (await self.http.post(f"{self.url}/control/{act}", json=given)).raise_for_status()

    async def events(self, name: str) -> int:
        schema = self.company.workspace.quoted_schema
        async with self.services.database.read() as tx:
            found: int = await tx.fetch_value(f"SELECT count(*) FROM {schema}._event WHERE event = $1", name)
        return found

    async def until_customers(self, count: int) -> None:
        schema = self.company.workspace.quoted_schema
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with self.services.database.read() as tx:
                    if await tx.fetch_value(f"SELECT count(*) FROM {schema}._lineage") >= count:
                        return
                await asyncio.sleep(0.01)

    async def until_running(self, count: int) -> None:
        """Until so many pulls are under way."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with self.services.database.read() as tx:
                    running = "SELECT count(*) FROM tongmai.job WHERE state = 'running' AND kind = 'source.pull'"
                    if await tx.fetch_value(running) >= count:
                        return
                await asyncio.sleep(0.01)

    async def until(self, name: str, count: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while await self.events(name) < count:  # noqa: ASYNC110 - what the background work did is looked up
                await asyncio.sleep(0.01)


@pytest.fixture
async def live(services: Services, company: Company, tmp_path: Any) -> AsyncIterator[Live]:
    firm = wecom.Company.sample(services.clock)
    app = create_app(services, ui=tmp_path)
    async with served(wecom.app(firm)) as vendor, served(app) as own, httpx.AsyncClient(timeout=20) as http:
        await _define(services, company, firm, vendor)
        made = Live(services, company, http, vendor)
        async with Upkeep(services).running():
            await services.links.puller.ask(company.workspace, "wecom", streams=["customers"])
            await made.control("callbacks", url=f"{own}/api/hooks/{company.workspace.key}/wecom")
            await made.control("consent", member="zhangsan", customer=BOSS, at=firm.now() - 60)
            # A customer who is no record yet is told of with the next look, seconds later.
            await made.until_customers(3)
            yield made
        await services.links.close()


async def _define(services: Services, company: Company, firm: wecom.Company, vendor: str) -> None:
    workspace = company.workspace
    catalogue = await services.catalogues.get(workspace)
    source = {
        "key": "wecom", "kind": "wecom", "label": "企业微信",
        "options": {"corp_id": firm.corp_id, "base_url": vendor, "archive": "http",
                    "archive_url": f"{vendor}/archive/lines"},
    }  # fmt: skip
    mapping = {
        "key": "wecom_customers", "label": "客户", "source": "wecom", "stream": "customers", "object": "customer",
        "columns": [{"path": "corp_name"}], "fields": [{"field": "name", "value": "[corp_name]"}],
    }  # fmt: skip
    wanted = catalogue.replace(
        sources=(SourceDef.model_validate(source),), mappings=(MappingDef.model_validate(mapping),)
    )
    await services.editor.apply(workspace, diff(catalogue, wanted), None)
    async with services.database.write() as tx:
        await services.links.secrets.put(
            tx, workspace, "wecom",
            {"secret": firm.secret, "archive_secret": firm.archive_secret, "callback_token": firm.token,
             "encoding_aes_key": firm.encoding_aes_key},
        )  # fmt: skip


async def test_pulls_that_wait_for_the_vendor_keep_no_import_waiting(live: Live, sign_in: SignIn) -> None:
    await live.control("limit", per_minute=0)
    puller = live.services.links.puller
    for stream in ("departments", "members", "calls"):
        await puller.ask(live.company.workspace, "wecom", streams=[stream])
    await live.until_running(3)
    boss = await sign_in("boss")
    files = {"file": ("客户.csv", "客户名称\n新来的公司\n".encode(), "text/csv")}
    job = (await boss.post("/api/records/customer/import", files=files)).json()["id"]
    async with asyncio.timeout(PATIENCE_S):
        while (await boss.get(f"/api/jobs/{job}")).json()["state"] != "done":  # noqa: ASYNC110 - asked as a page asks
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_a_message_is_an_event_moments_later_and_every_message_is_one(live: Live) -> None:
    await live.control("message", **{"from": BOSS, "to": ["zhangsan"], "text": "我们换仓了"})
    await live.until("warehouse_change", 1)
    spans = []
    for number in range(1, 6):
        started = time.perf_counter()
        await live.control("message", **{"from": BOSS, "to": ["zhangsan"], "text": f"第{number}批急要"})
        await live.until("urgent", number)
        spans.append(time.perf_counter() - started)
    print("seconds from message to event:", [round(each, 2) for each in spans])
    await live.control("callbacks", manner="twice")
    await live.control("fault", path="/archive/lines", status=503, times=1)
    await asyncio.gather(
        *(
            live.control("message", **{"from": BOSS, "to": ["zhangsan"], "text": "货太慢了，我要投诉"})
            for _ in range(20)
        )
    )
    await live.until("complaint", 20)
    assert await live.events("complaint") == 20
    assert await live.events("urgent") == 5
