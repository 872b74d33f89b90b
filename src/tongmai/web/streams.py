"""Open event streams: who may open one, what wakes it, what ends it.

A stream keeps no queue: it remembers its place in the feed and reads on from there, so a slow reader costs nothing
but its own delay. Wakers come from NOTIFY channels that the whole process listens to once. Who signed out, or whose
account or token was ended, is looked at again at once, in whatever process that was done.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from tongmai.identity import Identity
from tongmai.kit import Text, TooMany
from tongmai.metrics import MEASURED_CHANNEL
from tongmai.model import Catalogue
from tongmai.records import FEED_CHANNEL
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Subscription
from tongmai.web.figures import Figures
from tongmai.work import INBOX_CHANNEL

MOST_PER_PERSON = 5


class Stream:
    """One open stream. ``woken`` is set when there may be something new, ``told`` when it may be in the person's inbox,
    ``measured`` names the objects whose metrics or classes are others (empty text: it may be any), ``ending`` is set
    when it has to end."""

    def __init__(self, workspace_key: str, person: UUID, account: UUID) -> None:
        self.workspace_key = workspace_key
        self.person = person
        self.account = account
        self.woken = asyncio.Event()
        self.told = False
        self.measured: set[str] = set()
        self.ending = False

    def wake(self) -> None:
        self.woken.set()

    def tell(self) -> None:
        self.told = True
        self.woken.set()

    def measure(self, object_key: str) -> None:
        self.measured.add(object_key)
        self.woken.set()

    def end(self) -> None:
        self.ending = True
        self.woken.set()


class Streams:
    """All streams of this process, by workspace."""

    def __init__(self, database: Database, catalogues: CatalogueStore, identity: Identity, figures: Figures) -> None:
        self._database = database
        self._catalogues = catalogues
        self._identity = identity
        self._figures = figures
        self._open: dict[str, set[Stream]] = {}
        self._of_person: Counter[UUID] = Counter()
        self._subscriptions: list[Subscription] = []
        self._unfollow: Callable[[], None] | None = None
        self._stopping = False

    async def start(self) -> None:
        self._subscriptions = [
            await self._database.listen(FEED_CHANNEL, self._heard),
            await self._database.listen(INBOX_CHANNEL, self._told),
            await self._database.listen(MEASURED_CHANNEL, self._measured),
        ]
        self._unfollow = self._catalogues.on_change(self._changed)
        self._identity.on_revoked(self._revoked)

    async def close(self) -> None:
        self.end_all()
        if self._unfollow is not None:
            self._unfollow()
        for each in self._subscriptions:
            await each.close()

    def open(self, workspace_key: str, person: UUID, account: UUID) -> Stream:
        """A new stream, which the caller closes. Raises TooMany at a person's sixth."""
        if self._of_person[person] >= MOST_PER_PERSON:
            raise TooMany.of(
                "stream.too_many",
                f"同一人最多打开 {MOST_PER_PERSON} 个实时连接",
                f"A person may have at most {MOST_PER_PERSON} streams open",
                way_out=Text("请关闭不用的页面", "Close pages that are not in use"),
                extra={"retry_after": 15},
            )
        stream = Stream(workspace_key, person, account)
        self._of_person[person] += 1
        self._open.setdefault(workspace_key, set()).add(stream)
        self._figures.open_streams.inc()
        if self._stopping:
            stream.end()
        return stream

    def close_stream(self, stream: Stream) -> None:
        self._figures.open_streams.dec()
        self._open[stream.workspace_key].discard(stream)
        self._of_person[stream.person] -= 1
        if not self._of_person[stream.person]:
            del self._of_person[stream.person]

    def end_all(self) -> None:
        """For a stop: each stream ends by itself, its reader finds another process with its Last-Event-ID."""
        self._stopping = True
        for streams in self._open.values():
            for stream in streams:
                stream.end()

    async def _heard(self, payload: str) -> None:
        key = payload.rpartition(":")[0]
        # An empty payload: announcements may have been missed, so everybody looks.
        for workspace_key, streams in self._open.items():
            if not payload or workspace_key == key:
                for stream in streams:
                    stream.wake()

    async def _told(self, payload: str) -> None:
        key, _, person = payload.rpartition(":")
        for workspace_key, streams in self._open.items():
            if not payload or workspace_key == key:
                for stream in streams:
                    if not payload or str(stream.person) == person:
                        stream.tell()

    async def _measured(self, payload: str) -> None:
        key, _, object_key = payload.rpartition(":")
        for workspace_key, streams in self._open.items():
            if not payload or workspace_key == key:
                for stream in streams:
                    stream.measure(object_key)

    def _changed(self, workspace_key: str, _catalogue: Catalogue) -> None:
        for stream in self._open.get(workspace_key, ()):
            stream.wake()

    def _revoked(self, account: UUID | None) -> None:
        for streams in self._open.values():
            for stream in streams:
                if account is None or stream.account == account:
                    stream.wake()
