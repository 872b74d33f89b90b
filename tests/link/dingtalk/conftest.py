from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.simulators.serving import served

from tongmai.kit import FixedClock, Text
from tongmai.link import SourceContext
from tongmai.link.dingtalk import DINGTALK, DingTalkSource
from tongmai.model import SourceDef
from tongmai.simulators.dingtalk import TEMPLATE, Organisation, app


@dataclass
class DingTalkSite:
    """A simulated organisation behind real HTTP, and the time that both sides read."""

    organisation: Organisation
    clock: FixedClock
    url: str
    http: httpx.AsyncClient
    pauses: list[float]

    async def control(self, act: str, **given: Any) -> dict[str, Any]:
        response = await self.http.post(f"{self.url}/control/{act}", json=given)
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found

    async def seen(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.http.get(f"{self.url}/control")).json()
        return found

    def source(self, secrets: dict[str, str] | None = None, **options: Any) -> DingTalkSource:
        org = self.organisation
        known = {"app_secret": org.app_secret, "token": org.token, "aes_key": org.aes_key}
        given = {
            "app_key": org.app_key,
            "corp_id": org.corp_id,
            "process_codes": [TEMPLATE],
            "api_url": self.url,
            "old_api_url": self.url,
        }
        definition = SourceDef(key="dingtalk", label=Text("钉钉", "DingTalk"), kind="dingtalk", options=given | options)
        context = SourceContext(definition, known | (secrets or {}), "Asia/Shanghai", self.clock, self.http)
        source = DINGTALK.open(context)
        assert isinstance(source, DingTalkSource)
        source.client.pause = source._writing_client.pause = self._pause
        return source

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
async def site() -> AsyncIterator[DingTalkSite]:
    clock = FixedClock(datetime(2026, 11, 2, 1, 0, tzinfo=UTC))
    organisation = Organisation.sample(clock)
    async with served(app(organisation)) as url, httpx.AsyncClient(timeout=30.0) as http:
        yield DingTalkSite(organisation, clock, url, http, [])
