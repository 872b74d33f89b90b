"""Notices by a vendor's own messages: whom a person is there, its opened source, and what a refusal means."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar, Generic, TypeVar

from tongmai.kit import Invalid, Text
from tongmai.link.members import Member, members_of
from tongmai.link.opening import Sources
from tongmai.link.source import Source
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace
from tongmai.work import Line, Message, Undeliverable

Opened = TypeVar("Opened", bound=Source)


class MemberChannel(ABC, Generic[Opened]):
    """``key`` names the channel and the kind of its sources. ``public_url`` makes the links; without it notices go as
    plain text."""

    key: ClassVar[str]
    vendor: ClassVar[Text]

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        sources: Sources,
        public_url: str | None,
        opened: type[Opened],
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._sources = sources
        self._public_url = (public_url or "").rstrip("/")
        self._opened = opened

    async def send(self, message: Message) -> None:
        """Raises ``Undeliverable`` for who has no account there or whom the vendor refuses, ``SourceAway`` for what
        may pass."""
        member = await self._member(message)
        async with self._source(message.workspace, member.source) as source:
            if source is None:
                raise self._nobody()
            try:
                is_known = await self._hand_over(source, member.userid, message)
            except Invalid as refusal:
                raise Undeliverable(refusal.faults) from refusal
        if not is_known:
            raise self._nobody()

    @abstractmethod
    async def _hand_over(self, source: Opened, userid: str, message: Message) -> bool:
        """Sends it; False if the vendor knows nobody of that id. Raises ``Invalid`` for what the vendor refuses."""

    @asynccontextmanager
    async def _source(self, workspace: Workspace, key: str) -> AsyncIterator[Opened | None]:
        """The opened source; None if it is of another kind."""
        known = await self._sources.known(workspace, key)
        async with self._sources.opened(workspace, known) as source:
            yield source if isinstance(source, self._opened) else None

    async def _member(self, message: Message) -> Member:
        if message.receiver is None:
            raise self._nobody()
        catalogue = await self._catalogues.get(message.workspace)
        async with self._database.read() as tx:
            found = await members_of(tx, message.workspace, catalogue, message.receiver.id, self.key)
        if not found:
            raise self._nobody()
        return found[0]

    def _link(self, line: Line) -> str:
        subject = line.subject
        return self._public_url if subject is None else f"{self._public_url}{subject.page}"

    def _nobody(self) -> Undeliverable:
        vendor = self.vendor
        return Undeliverable.of(
            f"{self.key}.no_member", f"此人没有{vendor.zh}账号", f"They have no {vendor.en} account"
        )
