"""A real worker is killed in the midst of sending: every notice arrives, and what comes twice bears the same id."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import timedelta

from tongmai.kit import Settings, SystemClock, Text
from tongmai.work import Channels, Deliveries, EmailChannel, MailServer, Notice, Notices

from .mail_sink import MailSink, mail_sink
from .office import Office

_WORKER = """
import asyncio, sys
from pydantic import SecretStr
from tongmai.kit import Settings, SystemClock
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, find_workspace
from tongmai.work import open_work

async def main(dsn, key, port):
    settings = Settings(
        database_url=SecretStr(dsn), smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", smtp_from="a@acme.cn"
    )
    clock = SystemClock()
    database = await Database.open(settings, clock)
    catalogues = CatalogueStore(database)
    work = open_work(database, catalogues, Gateway(database, catalogues, clock, settings), clock, settings)
    async with database.read() as tx:
        workspace = await find_workspace(tx, key)
    await work.deliveries.advance(workspace)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""
_MANY = 60
# So many a worker has under way at once: no more can come twice.
_UNDER_WAY = 10


async def test_kill_9_loses_nothing_and_repeats_only_what_was_under_way(office: Office, settings: Settings) -> None:
    async with mail_sink() as sink:
        channels = Channels([EmailChannel(MailServer("127.0.0.1", sink.port, "a@acme.cn", "none"))])
        await _tell(office, channels)
        await _kill_a_worker(office, settings, sink)
        taken_over = len(sink.mails)
        assert 20 <= taken_over < _MANY
        # Its leases have run out.
        office.clock.moment = SystemClock().now() + timedelta(minutes=2)
        await Deliveries(office.runtime, channels).advance(office.workspace)
    arrived = Counter(mail["Message-ID"] for mail in sink.mails)
    titles = {mail["Subject"] for mail in sink.mails}
    assert (len(arrived), titles) == (_MANY, {f"消息 {number}" for number in range(_MANY)})
    assert sum(count - 1 for count in arrived.values()) <= _UNDER_WAY
    (row,) = await office.rows("SELECT count(*) AS n FROM {schema}._delivery WHERE state = 'sent'")
    assert row["n"] == _MANY


async def _tell(office: Office, channels: Channels) -> None:
    await office.company.change("person", office.id("ann"), email="ann@acme.cn")
    notices = Notices(office.runtime, channels)
    for number in range(_MANY):
        notice = Notice((office.id("ann"),), Text.same(f"消息 {number}"), urgent=True)
        await notices.send(office.workspace, notice, key=str(number))


async def _kill_a_worker(office: Office, settings: Settings, sink: MailSink) -> None:
    assert settings.database_url is not None
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WORKER, settings.database_url.get_secret_value(), office.workspace.key, str(sink.port),
        env={**os.environ},
    )  # fmt: skip
    await asyncio.wait_for(sink.after(25), 60)
    process.send_signal(signal.SIGKILL)
    await process.wait()
