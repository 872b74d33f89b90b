"""The protocol every source is spoken to by: test, pull, receive, push; and the values that pass through it.

A source knows its vendor and nothing of us: it gives ``RawRow``s and takes ``PushRow``s. It keeps no state but tokens
in memory; where it stands is in the cursors that it hands out with each page. What a source cannot do it does not have:
``Pulls``, ``Receives`` and ``Pushes`` are protocols of their own, told apart with ``isinstance``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue

from tongmai.kit import Clock, Fault, Text
from tongmai.link.access_tokens import AccessTokens
from tongmai.model import SourceDef

# Where a stream stands: JSON of the source's own making, None at the very start.
Cursor: TypeAlias = Mapping[str, JsonValue]
Body: TypeAlias = Mapping[str, JsonValue]
# Where the rows of a stream lie (``raw_shelves``).
Shelf: TypeAlias = Literal["standing", "dated", "passing"]


class RawRow(NamedTuple):
    """One thing as its source has it. ``key`` tells it from all others of its stream, for ever.

    ``body`` is JSON: decimals as text or whole numbers, moments as ISO 8601 text. ``at`` is when it happened or was
    last changed there. ``deleted``: the source has it no more.
    """

    key: str
    body: Body
    at: datetime | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that cannot be taken: kept with its reasons, the others go on."""

    key: str
    faults: tuple[Fault, ...]
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """All keys that a stream has: what was stored before ``asked_at`` and is not among them is gone there."""

    keys: frozenset[str]
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the cursor behind them: both are stored in one transaction. ``total`` where the source tells it,
    ``listing`` where it has told all keys. ``anew`` names things (files) that are read from their start: what was set
    aside under such a name, or under it and a row's number (``orders.csv:7``), is forgotten. ``beside`` are rows of the
    source's other streams that came to light with these, stored with them."""

    rows: tuple[RawRow, ...]
    cursor: Cursor
    set_aside: tuple[SetAside, ...] = ()
    total: int | None = None
    listing: Listing | None = None
    anew: tuple[str, ...] = ()
    beside: Mapping[str, tuple[RawRow, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Health:
    """What a test of the connection found. ``detail`` is for people: a version, a count, what is missing."""

    ok: bool
    text: Text
    faults: tuple[Fault, ...] = ()
    detail: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HookCall:
    """A request that a vendor made to ``/api/hooks/{source}``. Header names are in lower case; ``body`` is at most
    ``Settings.max_body_bytes`` long."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    ip: str | None = None


@dataclass(frozen=True, slots=True)
class HookAnswer:
    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Received:
    """What a call-back brought: ``rows`` by stream are stored before ``answer`` is given.

    ``once`` is a key of the call itself (a nonce, a message id): a second call with it is answered and forgotten.
    ``pull`` names streams that the call-back says have news.
    """

    answer: HookAnswer
    rows: Mapping[str, tuple[RawRow, ...]] = field(default_factory=dict)
    once: str | None = None
    pull: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PushRow:
    """A change that a person made here, for the source to take over.

    ``changed`` and ``before`` hold raw paths. The source refuses with a ``conflict`` if it no longer has ``before``,
    which also holds what the kind's ``pushed_with`` names.
    ``once`` is the same for each repetition of this push.
    """

    stream: str
    key: str
    changed: Body
    before: Body
    once: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """``done``; ``conflict``: the source was changed too, ``theirs`` is what it has now; ``refused``: it will not."""

    outcome: Literal["done", "conflict", "refused"]
    theirs: Body = field(default_factory=dict)
    text: Text | None = None


class Source(Protocol):
    """An opened source. One at a time is used by one task; ``close`` is always called."""

    async def test(self) -> Health:
        """Whether it can be reached and holds what the streams need. Never raises for what the vendor says."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Pulls(Protocol):
    def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Everything of the stream behind the cursor, page by page, oldest first; ends when there is no more.

        A page may repeat rows. Raises ``SourceAway`` for what may pass, any other ``TongmaiError`` for what will not.
        """
        ...


@runtime_checkable
class Receives(Protocol):
    async def receive(self, call: HookCall) -> Received:
        """Verifies and reads a call-back. Raises ``Denied`` for a forged one, ``Invalid`` for one that is no use."""
        ...


@runtime_checkable
class Pushes(Protocol):
    async def push(self, row: PushRow) -> Pushed:
        """Takes over a change.

        Raises ``SourceAway`` for what may pass, any other ``TongmaiError`` for why it will not: as good as ``refused``.
        """
        ...


@runtime_checkable
class Listens(Protocol):
    async def listen(self, take: Callable[[Received], Awaitable[None]]) -> None:
        """Keeps a connection of its own open (a stream mode) until cancelled; ``take`` stores before it returns."""
        ...


class SourceOptions(BaseModel):
    """The base of a kind's options: frozen, and an unknown name is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class SourceContext:
    """All that a source is given. ``secrets`` by name, as ``SourceKind.secrets`` lists them; ``zone`` is the
    workspace's, for moments that come without one. ``http`` is shared: never closed by a source. ``folders`` are those
    of this machine that sources may read, ``closed`` those among them that are another source's archive; ``tokens`` are
    kept from opening to opening."""

    definition: SourceDef
    secrets: Mapping[str, str]
    zone: str
    clock: Clock
    http: httpx.AsyncClient
    folders: tuple[Path, ...] = ()
    closed: tuple[Path, ...] = ()
    tokens: AccessTokens = field(default_factory=AccessTokens)


@dataclass(frozen=True, slots=True)
class Stream:
    """A kind of rows. ``columns`` are paths that mappings usually want, each with its type (see ``RawColumn``).
    ``passes``: its rows tell that something happened and are nothing that is; they are forgotten after 90 days.
    ``dated``: a row's moment never changes, and its rows lie by month.
    ``told``: nobody asks for its rows; they are called back, or come beside those of another stream."""

    key: str
    label: Text
    columns: Mapping[str, str] = field(default_factory=dict)
    passes: bool = False
    dated: bool = False
    told: bool = False

    @property
    def shelf(self) -> Shelf:
        return "passing" if self.passes else "dated" if self.dated else "standing"


@dataclass(frozen=True, slots=True)
class Asked:
    """How a form asks for an option: its name, what is to be said of it, and names for the values to choose from (of
    the option, or of each in its list)."""

    label: Text
    lead: Text | None = None
    choices: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceKind:
    """What can be configured. ``form`` tells how its options are asked for, by their places (``streams.key``);
    ``streams`` tells a source's streams from its options; ``secrets`` names what it needs to know and must not be
    seen, ``optional_secrets`` what it may be given, and ``aes_keys`` which of those are keys of call-backs; ``link``
    makes the address of a row's page in the source (S3-18), if it has one; ``receives``, ``listens`` and ``pushes``
    tell that its source is a ``Receives``, ``Listens`` or ``Pushes``; ``watched`` names streams that are looked at all
    the time, because their vendor tells of news too late or not at all; ``pushed_with`` names, for a stream's path,
    those whose values as pulled go with a change of it: they tell whose value it is; ``opened_by`` names, for a
    stream's path, what must be among the option ``writes`` before a change of it goes back; None where that is asked
    of the source itself; ``archives`` names folders of this machine in which talks lie as they were said: no other
    source reads those."""

    key: str
    label: Text
    options: type[SourceOptions]
    secrets: Mapping[str, Text]
    streams: Callable[[SourceOptions], tuple[Stream, ...]]
    open: Callable[[SourceContext], Source]
    optional_secrets: Mapping[str, Text] = field(default_factory=dict)
    aes_keys: tuple[str, ...] = ()
    form: Mapping[str, Asked] = field(default_factory=dict)
    link: Callable[[SourceOptions, str, Body], str | None] = lambda options, stream, body: None
    receives: bool = False
    listens: bool = False
    pushes: bool = False
    watched: Callable[[SourceOptions], tuple[str, ...]] = lambda options: ()
    pushed_with: Callable[[str, str], tuple[str, ...]] = lambda stream, path: ()
    opened_by: Callable[[str, str], str | None] = lambda stream, path: None
    archives: Callable[[SourceOptions], tuple[str, ...]] = lambda options: ()
