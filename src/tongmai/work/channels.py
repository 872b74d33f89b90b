"""The channels by which people are told beside the inbox. Sources add theirs (WeCom, DingTalk) by ``Channels.add``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Protocol
from uuid import UUID

from pydantic import JsonValue

from tongmai.kit import Language, Text, TongmaiError
from tongmai.model import Catalogue
from tongmai.store import Workspace
from tongmai.work.subject import Subject

EMAIL = "email"
HOOK = "hook"


class Undeliverable(TongmaiError):
    """It will not get there however often it is tried: no address, refused by the receiver."""

    status = 502
    code = "undeliverable"
    title = Text("无法送达", "Cannot be delivered")


@dataclass(frozen=True, slots=True)
class Receiver:
    """A person as channels need one; ``email`` and ``phone`` as his record has them."""

    id: UUID
    name: str
    email: str | None = None
    phone: str | None = None
    language: Language = "zh"


@dataclass(frozen=True, slots=True)
class Line:
    """One notice of a message."""

    title: str
    body: str | None = None
    urgent: bool = False
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out at once: to a ``receiver`` with one or more ``lines`` (and how many ``more`` there are in the
    inbox), or to the address in ``content``.

    ``id`` is the same at each attempt: a receiver tells repetitions by it.
    """

    id: UUID
    workspace: Workspace
    receiver: Receiver | None = None
    lines: tuple[Line, ...] = ()
    content: dict[str, JsonValue] = field(default_factory=dict)
    more: int = 0

    @property
    def language(self) -> Language:
        """What its reader reads."""
        return "zh" if self.receiver is None else self.receiver.language

    @property
    def rest(self) -> str | None:
        """That there is more than its lines, in the reader's words."""
        if not self.more:
            return None
        return Text(f"还有 {self.more} 条，见“通知”。", f"{self.more} more under “Notifications”.").say(self.language)


class Channel(Protocol):
    """A way out. ``send`` returns when the message is taken over; raises ``Undeliverable`` where trying again is of no
    use, anything else where it is."""

    key: ClassVar[str]

    async def send(self, message: Message) -> None: ...


class Channels:
    """Those that are there. The inbox is always there and needs none."""

    def __init__(self, channels: Iterable[Channel] = ()) -> None:
        self._by_key = {each.key: each for each in channels}
        self._sources: set[str] = set()

    def add(self, channel: Channel, *, of_source: bool = False) -> None:
        """Adds a channel. One ``of_source`` is there only in workspaces that have a source of its key's kind."""
        self._by_key[channel.key] = channel
        if of_source:
            self._sources.add(channel.key)

    def find(self, key: str) -> Channel | None:
        return self._by_key.get(key)

    def for_people(self, catalogue: Catalogue) -> tuple[str, ...]:
        """Keys of those that reach people of a workspace: not the hook, which reaches an address."""
        kinds = {each.kind for each in catalogue.sources if each.enabled}
        return tuple(each for each in self._by_key if each != HOOK and (each not in self._sources or each in kinds))
