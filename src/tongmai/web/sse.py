"""Framing of server-sent events (WHATWG HTML, 9.2): bytes in, bytes out."""

from __future__ import annotations

from dataclasses import dataclass

from tongmai.kit import Text
from tongmai.web.problems import Malformed


@dataclass(frozen=True, slots=True, order=True)
class EventId:
    """A place in the feed: everything up to and including (epoch, seq) has been sent. Written ``epoch:seq``."""

    epoch: int
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq}"

    @classmethod
    def parse(cls, text: str) -> EventId:
        """Raises Malformed for anything but two numbers of at most 18 digits."""
        epoch, _, seq = text.partition(":")
        if not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (epoch, seq)):
            raise Malformed.of(
                "stream.last_event_id",
                "Last-Event-ID 的格式应为 epoch:seq",
                "Last-Event-ID must have the form epoch:seq",
                way_out=Text("请去掉它，从现在开始接收", "Leave it out to start from now"),
            )
        return cls(int(epoch), int(seq))


def heartbeat(event_id: EventId) -> bytes:
    """Nothing happened that may be seen, up to here: a comment that keeps the connection and moves the place on."""
    return f"id: {event_id}\n: still here\n\n".encode()


def frame(event: str, body: bytes, event_id: EventId | None = None) -> bytes:
    """One event. ``body`` is JSON on one line; a line break inside would end the field, so it is spelt out."""
    head = f"id: {event_id}\nevent: {event}\n" if event_id is not None else f"event: {event}\n"
    lines = b"\n".join(b"data: " + line for line in body.splitlines() or [b""])
    return head.encode() + lines + b"\n\n"
