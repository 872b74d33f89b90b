"""An installed app before the simulated WeCom corporation, by nothing but the app's YAML, and the time that both read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson
from pydantic import JsonValue
from tests.simulators.serving import served

from tongmai.access import AnyActor, SystemActor
from tongmai.kit import FixedClock, Settings
from tongmai.link.understanding import ChatReader
from tongmai.model import Changeset, ChangeSource
from tongmai.schema import SchemaEditor
from tongmai.simulators.wecom import Company, app
from tongmai.store import Database, JobWorker, find_job

from .sales_company import START, SalesCompany, sales_company

SYSTEM = SystemActor("test")


async def names(company: SalesCompany, object_key: str, *fields: str) -> list[list[object]]:
    page = await company.gateway.list(SYSTEM, company.workspace, object_key, fields=fields, sort=fields[0])
    return [[each[field] for field in fields] for each in orjson.loads(page)["items"]]


@dataclass
class Corporation:
    """``source`` is the app's own source of WeCom."""

    source: str
    company: SalesCompany
    wecom: Company
    url: str
    http: httpx.AsyncClient

    async def connect(self, settings: Settings) -> None:
        """What an administrator enters on the source's page."""
        company, known = self.company, self.wecom
        options: dict[str, JsonValue] = {
            "corp_id": known.corp_id, "agent_id": known.agent_id, "base_url": self.url, "archive": "http",
            "archive_url": f"{self.url}/archive/lines", "consent": "ask",
        }  # fmt: skip
        catalogue = await company.catalogues.newest(company.workspace)
        source = next(each for each in catalogue.sources if each.key == self.source)
        change = ChangeSource(before=source, after=source.model_copy(update={"enabled": True, "options": options}))
        editor = SchemaEditor(company.database, company.catalogues, company.clock, settings)
        await editor.apply(company.workspace, Changeset(actions=(change,)), None)
        secrets = {"secret": known.secret, "archive_secret": known.archive_secret}
        async with company.database.write() as tx:
            await company.links.secrets.put(tx, company.workspace, self.source, secrets)

    async def act(self, what: str, **given: Any) -> Any:
        return (await self.http.post(f"{self.url}/control/{what}", json=given)).raise_for_status().json()

    async def say(self, sender: str, to: str, text: str) -> None:
        self.company.clock.advance(timedelta(minutes=1))
        await self.act("message", **{"from": sender, "to": [to]}, text=text)

    async def pull(self, *streams: str) -> None:
        company = self.company
        job_id = await company.links.puller.ask(company.workspace, self.source, streams=streams)
        await JobWorker(company.database, company.links.job_handlers(), company.clock).run_until_idle()
        async with company.database.read() as tx:
            job = await find_job(tx, job_id)
        assert job is not None and job.state == "done", job
        await ChatReader(company.database, company.catalogues, company.clock, company.links.words).advance(
            company.workspace
        )

    async def make(self, object_key: str, actor: AnyActor = SYSTEM, **values: JsonValue) -> UUID:
        return (await self.company.gateway.create(actor, self.company.workspace, object_key, values)).one.id


@asynccontextmanager
async def corporation(database: Database, settings: Settings, key: str, source: str) -> AsyncIterator[Corporation]:
    """Of the app ``key``; nobody is a customer yet."""
    clock = FixedClock(START)
    wecom = Company.sample(clock)
    wecom.customers.clear()
    async with (
        served(app(wecom)) as url,
        httpx.AsyncClient(timeout=5.0) as http,
        sales_company(database, settings, key, http, clock) as company,
    ):
        yield Corporation(source, company, wecom, url, http)
