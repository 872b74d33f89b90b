"""An SMTP server of a few lines, for tests: takes mail over a real socket and keeps it, or refuses as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailSink:
    """``replies`` answers a command (``RCPT``, ``DATA``, …) otherwise than with success."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)

    _come: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def after(self, mails: int) -> None:
        """When so many mails have come."""
        async with self._come:
            await self._come.wait_for(lambda: len(self.mails) >= mails)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 sink")
        while line := (await reader.readline()).decode().strip():
            word = line.split(" ")[0].upper()
            if word in self.replies:
                await say(self.replies[word])
            elif word in ("EHLO", "HELO"):
                await say("250-sink")
                await say("250-8BITMIME")
                await say("250 SMTPUTF8")
            elif word == "DATA":
                await say("354 go on")
                self._keep(await reader.readuntil(b"\r\n.\r\n"))
                async with self._come:
                    self._come.notify_all()
                await say("250 kept")
            elif word == "QUIT":
                await say("221 bye")
                break
            else:
                if word == "RCPT":
                    self.receivers.append(line)
                await say("250 ok")
        writer.close()

    def _keep(self, raw: bytes) -> None:
        found = message_from_bytes(raw.removesuffix(b"\r\n.\r\n"), policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.mails.append(found)


@asynccontextmanager
async def mail_sink() -> AsyncIterator[MailSink]:
    sink = MailSink()
    server = await asyncio.start_server(sink.talk, "127.0.0.1", 0)
    sink.port = server.sockets[0].getsockname()[1]
    yield sink
    server.close()
