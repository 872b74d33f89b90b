"""`tongmai serve` keeps work moving by itself: what waits is delivered, what is overdue is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from tests.web.company import Company, Running

from tongmai.kit import FixedClock, SystemClock, Text
from tongmai.web import Services
from tongmai.work import HookCall, NewTask


@pytest.mark.slow
async def test_the_program_delivers_and_tells_what_is_overdue(
    services: Services, company: Company, token: str, server: Running, clock: FixedClock
) -> None:
    work, place, anna = services.work, company.workspace, UUID(company.people["anna"])
    # A hook that points inside: the other process refuses it for good and says why.
    await work.notices.call(place, HookCall("https://127.0.0.1/", {}), key="inside")
    new = NewTask(Text.same("回访"), anna, SystemClock().now() - timedelta(hours=1), breach=("role:supervisor",))
    task = await work.tasks.make(place, new, key="late")
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=server.address, headers=headers) as client, asyncio.timeout(60):
        while True:
            (call,) = await work.delivery_log.list(place)
            found = (await client.get(f"/api/records/task/{task}")).json()
            if call.state == "dead" and found["breached_at"] is not None:
                break
            await asyncio.sleep(0.2)
    assert "内部网络" in str(call.log[0]["error"])
    clock.moment = SystemClock().now() + timedelta(days=1)
    told = await work.inbox.list(place, UUID(company.people["boss"]))
    assert [each.title.zh for each in told] == ["已超时：回访"]
