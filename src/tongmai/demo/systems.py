"""The demo company's systems as they run: U8's database on loopback, WeCom and DingTalk in this process, a folder
of spreadsheets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from pydantic import JsonValue

from tongmai.demo.approvals import TEMPLATES
from tongmai.demo.people import TEAMS, staff
from tongmai.demo.telling import Story
from tongmai.demo.writers import DingTalkWriter, LedgerWriter, U8Writer, WeComWriter
from tongmai.kit import Clock
from tongmai.simulators import dingtalk, wecom
from tongmai.simulators.u8 import U8Server

WECOM_ADDRESS, DINGTALK_ADDRESS = "http://wecom.demo", "http://dingtalk.demo"
_CORP_ID = "wwshaoyuemed00001"
_MANY = 10_000_000


@dataclass(frozen=True)
class VendorSystems:
    """``http`` reaches the two that speak HTTP; ``options`` and ``secrets`` by source are what a person would enter."""

    u8: U8Writer
    wecom: WeComWriter
    dingtalk: DingTalkWriter
    ledgers: LedgerWriter
    server: U8Server
    http: httpx.AsyncClient
    talk_days: int

    def bring_up(self, moment: datetime) -> None:
        """All of them hold what had happened by then."""
        self.u8.bring_up(moment)
        self.wecom.bring_up(moment)
        self.dingtalk.bring_up(moment)
        self.ledgers.bring_up(moment)

    def options(self) -> Mapping[str, dict[str, JsonValue]]:
        server = self.server
        return {
            # Nothing is ever deleted in this U8: its keys are compared once, not each day that is lived through.
            "u8": {
                "host": server.host, "port": server.port, "database": server.database, "user": server.user,
                "deleted_every_h": 720,
            },
            "wecom": {
                "corp_id": self.wecom.company.corp_id, "base_url": WECOM_ADDRESS, "archive": "folder",
                "archive_folder": str(self.wecom.folder), "consent": "archive",
                "back_fill_days": self.talk_days + 1,
            },
            "dingtalk": {
                "app_key": self.dingtalk.organisation.app_key, "corp_id": self.dingtalk.organisation.corp_id,
                "process_codes": [*TEMPLATES.values()], "events": "http", "api_url": DINGTALK_ADDRESS,
                "old_api_url": DINGTALK_ADDRESS, "back_fill_days": 400,
            },
            "ledgers": {"path": str(self.ledgers.folder)},
        }  # fmt: skip

    def secrets(self) -> Mapping[str, dict[str, str]]:
        return {
            "u8": {"password": self.server.password},
            "wecom": {"secret": self.wecom.company.secret},
            "dingtalk": {"app_secret": self.dingtalk.organisation.app_secret},
        }


@asynccontextmanager
async def running(story: Story, clock: Clock, folder: Path) -> AsyncIterator[VendorSystems]:
    """The systems, empty at first; the archive's files and the spreadsheets come to lie in folders below ``folder``."""
    company = wecom.Company(clock, corp_id=_CORP_ID, per_minute=_MANY)
    organisation = dingtalk.Organisation(clock, corp_id="dingshaoyuemed01", per_minute=_MANY)
    u8 = U8Writer(story.world, story.orders, story.invoices, story.approvals)
    mounts: dict[str, httpx.AsyncBaseTransport | None] = {
        WECOM_ADDRESS: httpx.ASGITransport(wecom.app(company, clock)),
        DINGTALK_ADDRESS: httpx.ASGITransport(dingtalk.app(organisation, clock)),
    }
    async with httpx.AsyncClient(mounts=mounts, timeout=60.0) as http, U8Server(u8.book) as server:
        yield VendorSystems(
            u8=u8,
            wecom=WeComWriter(
                TEAMS,
                staff(),
                story.world.contacts(),
                story.messages,
                company,
                folder / "wecom",
                story.calls,
                story.posts,
            ),
            dingtalk=DingTalkWriter(story.approvals, organisation),
            ledgers=LedgerWriter(story.ledgers, folder / "ledgers"),
            server=server,
            http=http,
            talk_days=story.world.talk_days,
        )
