"""DingTalk as a server: both its APIs, signed call-backs, and the Stream gateway as a web socket server.

``/control`` makes approvals, presses and faults happen; see ``control.py``. The Stream client library is pointed here
by the source's ``api_url``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette

from tongmai.kit import Clock, SystemClock
from tongmai.simulators.dingtalk.control import Control
from tongmai.simulators.dingtalk.gateway import Gateway
from tongmai.simulators.dingtalk.organisation import TEMPLATE, Organisation
from tongmai.simulators.dingtalk.vendor_api import VendorApi
from tongmai.simulators.faults import Faults

__all__ = ["TEMPLATE", "Organisation", "app"]


def app(organisation: Organisation | None = None, clock: Clock | None = None) -> Starlette:
    """An application over a sample organisation, or over ``organisation``."""
    known = organisation or Organisation.sample(clock or SystemClock())
    faults, gateway = Faults(), Gateway(known)
    http = httpx.AsyncClient(timeout=5.0)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with http:
            yield

    control = Control(known, gateway, faults, http)
    routes = [*VendorApi(known, faults).routes(), *gateway.routes(), *control.routes()]
    return Starlette(routes=routes, lifespan=lifespan)
