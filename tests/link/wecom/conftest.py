from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.simulators.serving import served

from tongmai.kit import FixedClock, Text
from tongmai.link import Page, SourceContext
from tongmai.link.wecom import WECOM, WeComSource
from tongmai.model import SourceDef
from tongmai.simulators.wecom import Company, app

BOSS = "wmSIMCUSTOMER000000000000000001"
BUYER = "wmSIMCUSTOMER000000000000000002"


@dataclass
class WeComSite:
    """A simulated corporation behind real HTTP, and the time that both sides read."""

    company: Company
    clock: FixedClock
    url: str
    http: httpx.AsyncClient
    pauses: list[float]
    folders: tuple[Path, ...] = ()

    async def control(self, act: str, **given: Any) -> dict[str, Any]:
        response = await self.http.post(f"{self.url}/control/{act}", json=given)
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found

    def source(self, secrets: dict[str, str] | None = None, **options: Any) -> WeComSource:
        company = self.company
        known = {
            "secret": company.secret,
            "archive_secret": company.archive_secret,
            "callback_token": company.token,
            "encoding_aes_key": company.encoding_aes_key,
        }
        given = {
            "corp_id": company.corp_id,
            "agent_id": company.agent_id,
            "base_url": self.url,
            "archive": "http",
            "archive_url": f"{self.url}/archive/lines",
        }
        definition = SourceDef(key="wecom", label=Text("企业微信", "WeCom"), kind="wecom", options=given | options)
        context = SourceContext(
            definition, known | (secrets or {}), "Asia/Shanghai", self.clock, self.http, self.folders
        )
        source = WECOM.open(context)
        assert isinstance(source, WeComSource)
        source.client.pause = source._archive_client.pause = source._writing_client.pause = self._pause
        return source

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
async def site() -> AsyncIterator[WeComSite]:
    clock = FixedClock(datetime(2026, 11, 2, 1, 0, tzinfo=UTC))
    company = Company.sample(clock)
    async with served(app(company)) as url, httpx.AsyncClient(timeout=2.0) as http:
        yield WeComSite(company, clock, url, http, [])


@pytest.fixture
def pulled() -> Callable[..., Awaitable[list[Page]]]:
    async def all_pages(source: WeComSource, stream: str, cursor: Any = None) -> list[Page]:
        return [page async for page in source.pull(stream, cursor)]

    return all_pages
