"""What passes over WeCom with people outside, whichever company it is: contacts, words, what was planted in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, Protocol, TypeAlias

from typing_extensions import TypeVar

from tongmai.demo.people import Colleague

# plain: in words that a dictionary can hold; veiled: the same in others; decoy: the words, and something else meant.
Wording: TypeAlias = Literal["plain", "veiled", "decoy"]
# Whether the text may be kept.
Consent: TypeAlias = Literal["agreed", "withdrawn", "never"]


class Correspondent(Protocol):
    """Who is talked to: ``external`` is the WeCom id, ``seller`` who of us talks to him."""

    @property
    def code(self) -> str: ...
    @property
    def external(self) -> str: ...
    @property
    def seller(self) -> Colleague: ...


Who = TypeVar("Who", bound=Correspondent, covariant=True, default=Correspondent)


@dataclass(frozen=True, slots=True)
class Contact:
    """A person outside as WeCom has him, added by ``seller`` at ``added``; company and position may be empty."""

    external: str
    name: str
    seller: Colleague
    added: datetime
    remark: str
    mobile: str
    company: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True)
class Planted:
    """``kind`` is the signal that is in the message, or for a decoy the one that it only looks like."""

    kind: str
    wording: Wording


@dataclass(frozen=True, slots=True)
class Message(Generic[Who]):
    """``kind`` is the vendor's ``msgtype``: text, agree or disagree."""

    customer: Who
    at: datetime
    by_customer: bool
    text: str
    kind: str = "text"
    planted: Planted | None = None

    @property
    def id(self) -> str:
        """As the vendor's: a number, the moment, and the mark of talks with people outside."""
        millis = int(self.at.timestamp() * 1000)
        return f"{self.customer.code}{millis}{int(self.by_customer)}_{millis}_external"
