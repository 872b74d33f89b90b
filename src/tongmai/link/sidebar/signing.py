"""Signatures for side-bar pages: the vendor's tickets last two hours and may be fetched a few hundred times a day, so
they are kept from call to call."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

from tongmai.kit import NotFound, Text
from tongmai.link.opening import Sources
from tongmai.link.wecom import PageSignature, SidebarSignatures, WeComSource
from tongmai.store import Workspace

_MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class SignedPage:
    """``config`` is for ``wx.config``, ``agent_config`` for ``wx.agentConfig``."""

    corp_id: str
    agent_id: int
    config: PageSignature
    agent_config: PageSignature


class PageSigner:
    """For all workspaces. A source whose secret or options were changed gets tickets of its own."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._kept: dict[bytes, SidebarSignatures] = {}

    async def sign(self, workspace: Workspace, source: str, url: str) -> SignedPage:
        """For the page's own address. Raises ``NotFound`` for a source that has no side-bar, ``Invalid``."""
        known = await self._sources.known(workspace, source)
        async with self._sources.opened(workspace, known) as opened:
            if not isinstance(opened, WeComSource):
                raise NotFound.of(
                    "sidebar.no_source",
                    "该数据源没有侧边栏",
                    "This source has no side-bar",
                    way_out=Text("侧边栏只用于企业微信数据源", "Only sources of WeCom have a side-bar"),
                )
            signatures = self._signatures(workspace, source, opened)
            config, agent = await asyncio.gather(signatures.sign(url, "corp"), signatures.sign(url, "agent"))
            return SignedPage(config.corp_id, opened.options.agent_id, config, agent)

    def _signatures(self, workspace: Workspace, source: str, opened: WeComSource) -> SidebarSignatures:
        secret = opened.client.secret.get_secret_value()
        told = "\n".join((str(workspace.id), source, opened.options.model_dump_json(), secret))
        key = hashlib.sha256(told.encode()).digest()
        kept = self._kept.get(key)
        if kept is None:
            while len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            kept = self._kept[key] = SidebarSignatures(opened.client)
        return kept
