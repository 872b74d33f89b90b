"""WeCom as a server: its API with tokens, codes and limits, its signed call-backs, its archive as JSON lines.

``/control`` makes messages, approvals and faults happen; see ``control.py``. The client beside a chat is in
``client_window.py``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette

from tongmai.kit import Clock, SystemClock
from tongmai.simulators.faults import Faults
from tongmai.simulators.wecom.client_window import ClientWindows
from tongmai.simulators.wecom.company import Company
from tongmai.simulators.wecom.control import Control
from tongmai.simulators.wecom.notifier import Notifier
from tongmai.simulators.wecom.vendor_api import VendorApi

__all__ = ["Company", "app"]


def app(company: Company | None = None, clock: Clock | None = None) -> Starlette:
    """An application over a sample corporation, or over ``company``."""
    known = company or Company.sample(clock or SystemClock())
    faults = Faults()
    http = httpx.AsyncClient(timeout=5.0)
    notifier = Notifier(known, http)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with http:
            yield

    routes = [
        *VendorApi(known, faults).routes(),
        *Control(known, notifier, faults).routes(),
        *ClientWindows(known).routes(),
    ]
    return Starlette(routes=routes, lifespan=lifespan)
