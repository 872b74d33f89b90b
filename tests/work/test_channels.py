"""E-mail over a real SMTP conversation, hooks over real HTTP, and the addresses that a hook may never reach."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from tongmai.kit import Settings, Text, Unavailable
from tongmai.store import Workspace
from tongmai.work import EmailChannel, HookChannel, Line, MailServer, Message, Receiver, Subject, Undeliverable
from tongmai.work.hook_channel import is_public

from .mail_sink import MailSink, mail_sink

ACME = Workspace(uuid4(), "acme", Text("甲公司", "Acme"), "w_acme", "Asia/Shanghai", "CNY", 3, 1, datetime.now(UTC))
ANN = Receiver(uuid4(), "安\r\nBcc: x@example.com", "ann@example.com")
SUBJECT = Subject("customer", UUID(int=7), "仁和")


def message(*lines: Line, receiver: Receiver = ANN) -> Message:
    return Message(UUID(int=1), ACME, receiver, lines or (Line("逾期 <b>提醒</b>", "请处理", True, SUBJECT),))


def channel(sink: MailSink, **more: object) -> EmailChannel:
    given = {"host": "127.0.0.1", "port": sink.port, "sender": "crm@acme.cn", "security": "none", **more}
    return EmailChannel(MailServer(**given))  # type: ignore[arg-type]


async def test_a_mail_holds_text_and_html_and_the_same_id_each_time() -> None:
    async with mail_sink() as sink:
        for _ in range(2):
            await channel(sink, public_url="https://crm.acme.cn/").send(message())
    first, second = sink.mails
    assert first["Message-ID"] == second["Message-ID"] == f"<{UUID(int=1)}@acme.cn>"
    assert (first["Subject"], first["From"], first["Bcc"]) == ("逾期 <b>提醒</b>", "甲公司 <crm@acme.cn>", None)
    assert [each.split(":")[1] for each in sink.receivers] == ["<ann@example.com>"] * 2
    plain, html = first.get_body(("plain",)), first.get_body(("html",))
    assert plain is not None and html is not None
    assert f"https://crm.acme.cn/records/customer/{UUID(int=7)}" in plain.get_content()
    assert "逾期 &lt;b&gt;提醒&lt;/b&gt;" in html.get_content()


async def test_an_address_that_mail_cannot_bear_is_refused_for_good() -> None:
    async with mail_sink() as sink:
        with pytest.raises(Undeliverable):
            await channel(sink).send(message(receiver=Receiver(uuid4(), "安", "安@公司.cn")))


async def test_a_mail_leads_to_where_something_can_be_done() -> None:
    pack, task = Subject("content", UUID(int=8)), Subject("task", UUID(int=9))
    async with mail_sink() as sink:
        await channel(sink, public_url="https://crm.acme.cn").send(
            message(Line("必读", subject=pack), Line("回访", subject=task))
        )
    plain = sink.mails[0].get_body(("plain",))
    assert plain is not None
    lines = plain.get_content().splitlines()
    assert f"https://crm.acme.cn/content?pack={UUID(int=8)}" in lines and "https://crm.acme.cn/" in lines


async def test_a_digest_is_one_mail_in_the_readers_language() -> None:
    english = Receiver(ANN.id, "Ann", "ann@example.com", language="en")
    async with mail_sink() as sink:
        await channel(sink).send(message(Line("a"), Line("b"), Line("c"), receiver=english))
    (mail,) = sink.mails
    body = mail.get_body(("plain",))
    assert mail["Subject"] == "3 notifications" and body is not None
    assert body.get_content().split()[:3] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("word", "reply", "error"),
    [
        ("RCPT", "550 no such user", Undeliverable), ("RCPT", "450 busy", Unavailable),
        ("DATA", "554 spam", Undeliverable), ("DATA", "451 later", Unavailable), ("MAIL", "421 closing", Unavailable),
    ],
)  # fmt: skip
async def test_a_refusal_for_good_is_told_from_one_for_now(word: str, reply: str, error: type[Exception]) -> None:
    async with mail_sink() as sink:
        sink.replies[word] = reply
        with pytest.raises(error):
            await channel(sink).send(message())


async def test_a_server_that_is_away_is_tried_again_and_nobody_has_no_address() -> None:
    async with mail_sink() as sink:
        pass
    with pytest.raises((Unavailable, OSError)):
        await channel(sink).send(message())
    with pytest.raises(Undeliverable):
        await channel(sink).send(message(receiver=Receiver(uuid4(), "Nobody")))


def test_without_a_server_there_is_no_mail() -> None:
    assert MailServer.from_settings(Settings()) is None
    found = MailServer.from_settings(Settings(smtp_host="mx", smtp_from="a@b.cn"))
    assert found is not None and (found.port, found.security) == (587, "starttls")


@dataclass
class Heard:
    """What a receiver of hooks heard; it answers with ``status``."""

    status: int = 200
    length: int = 0
    port: int = 0
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append((headers, body))
        answer = f"HTTP/1.1 {self.status} X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: {self.length}\r\n\r\n"
        writer.write(answer.encode())
        await writer.drain()
        if self.length:
            # What was announced never comes; the caller must not wait for it.
            await reader.read()
        writer.close()


@asynccontextmanager
async def hearing() -> AsyncIterator[Heard]:
    heard = Heard()
    server = await asyncio.start_server(heard.talk, "127.0.0.1", 0)
    heard.port = server.sockets[0].getsockname()[1]
    yield heard
    server.close()


def call(url: str, **body: object) -> Message:
    return Message(UUID(int=2), ACME, content={"url": url, "body": body})  # type: ignore[dict-item]


async def test_a_hook_is_called_with_a_key_and_a_signature() -> None:
    async with hearing() as heard:
        url = f"http://localhost:{heard.port}/in?x=1"
        await HookChannel(allow_private=True, secret="s3cret").send(call(url, name="仁和"))
    headers, body = heard.requests[0]
    assert json.loads(body) == {"name": "仁和"}
    assert (headers["idempotency-key"], headers["host"]) == (str(UUID(int=2)), f"localhost:{heard.port}")
    assert headers["x-tongmai-signature"] == "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("status", "error"), [(400, Undeliverable), (410, Undeliverable), (302, Undeliverable), (429, Unavailable), (500, Unavailable)]
)  # fmt: skip
async def test_the_answer_of_a_hook_decides(status: int, error: type[Exception]) -> None:
    async with hearing() as heard:
        heard.status = status
        with pytest.raises(error):
            await HookChannel(allow_private=True).send(call(f"http://127.0.0.1:{heard.port}/"))
    assert len(heard.requests) == 1


async def test_an_answer_that_never_ends_is_not_waited_for() -> None:
    async with hearing() as heard, asyncio.timeout(10):
        heard.length = 10**12
        await HookChannel(allow_private=True).send(call(f"http://127.0.0.1:{heard.port}/"))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/", "https://192.168.1.1/", "https://172.16.9.9/",
        "https://169.254.169.254/latest/meta-data/", "https://[::1]/", "https://[fd00::1]/", "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/", "https://100.64.0.1/", "https://2130706433/", "https://0x7f.1/", "http://example.com/",
        "ftp://example.com/", "https://user:pass@example.com/", "https:///x", "nothing", "",
    ],
)  # fmt: skip
async def test_a_hook_never_reaches_inside(url: str) -> None:
    with pytest.raises(Undeliverable):
        await HookChannel().send(call(url))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("::ffff:8.8.8.8", True), ("64:ff9b::a00:1", False),
        ("2002:0a00:0001::", False), ("224.0.0.1", False), ("ff02::1", False), ("fe80::1%eth0", False), ("x", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_a_body_that_is_too_large_is_refused() -> None:
    with pytest.raises(Undeliverable):
        await HookChannel(allow_private=True).send(call("http://127.0.0.1:9/", x="y" * 300_000))
