"""The demo chain's systems as they run: WeCom in this process, exports of the till and registers in folders."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from pydantic import JsonValue

from tongmai.demo.stores.telling import ChainStory
from tongmai.demo.writers import LedgerWriter, WeComWriter
from tongmai.kit import Clock
from tongmai.simulators import wecom

WECOM_ADDRESS = "http://wecom.stores.demo"
_CORP_ID = "wwtongqustores001"
_MANY = 10_000_000


@dataclass(frozen=True)
class ChainSystems:
    """``http`` reaches WeCom; ``options`` and ``secrets`` by source are what a person would enter."""

    wecom: WeComWriter
    till: LedgerWriter
    registers: LedgerWriter
    http: httpx.AsyncClient
    days: int

    def bring_up(self, moment: datetime) -> None:
        """All of them hold what had happened by then."""
        self.wecom.bring_up(moment)
        self.till.bring_up(moment)
        self.registers.bring_up(moment)

    def options(self) -> Mapping[str, dict[str, JsonValue]]:
        return {
            "store_wecom": {
                "corp_id": self.wecom.company.corp_id, "base_url": WECOM_ADDRESS, "archive": "folder",
                "archive_folder": str(self.wecom.folder), "consent": "archive", "back_fill_days": self.days + 1,
            },
            "till": {"path": str(self.till.folder)},
            "store_registers": {"path": str(self.registers.folder)},
        }  # fmt: skip

    def secrets(self) -> Mapping[str, dict[str, str]]:
        return {"store_wecom": {"secret": self.wecom.company.secret}}


@asynccontextmanager
async def stores_running(story: ChainStory, clock: Clock, folder: Path) -> AsyncIterator[ChainSystems]:
    """The systems, empty at first; their files come to lie in folders below ``folder``."""
    company = wecom.Company(clock, corp_id=_CORP_ID, per_minute=_MANY)
    transport = httpx.ASGITransport(wecom.app(company, clock))
    contacts = [each.contact() for each in story.visitors if each.external]
    chain = story.chain
    async with httpx.AsyncClient(mounts={WECOM_ADDRESS: transport}, timeout=60.0) as http:
        yield ChainSystems(
            wecom=WeComWriter(chain.teams, chain.people, contacts, story.messages, company, folder / "wecom"),
            till=LedgerWriter(story.till, folder / "till"),
            registers=LedgerWriter(story.registers, folder / "registers"),
            http=http,
            days=chain.days,
        )
