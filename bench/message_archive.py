"""Import of 1,000,000 archived WeCom messages: pulled, mapped to records with history and lineage, and understood.

``python -m bench.message_archive``; ``MESSAGES`` sets another number. Goal of issue 4: within 60 s. One pair of sides
in fifty never agreed (its messages keep no text), and one message in five holds a signal's word.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from bench.understanding import _PLAIN, _TELLING
from tongmai.kit import Settings, SystemClock, Text
from tongmai.link import Links, RawRow
from tongmai.link.understanding import ChatReader, SignalMatcher, shipped_dictionary
from tongmai.model import MappingDef, ObjectDef, SourceDef, diff
from tongmai.records import Gateway
from tongmai.records.files import Files
from tongmai.records.transfer import Transfer
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, JobWorker, Workspace, find_job

GOAL_S = 60
CUSTOMERS = 20_000
SILENT = 50
_FROM_MS = 1_700_000_000_000
_FILE_LINES = 100_000
MESSAGE: dict[str, Any] = {
    "key": "message", "label": {"zh": "消息", "en": "Message"}, "title": "code",
    "fields": [
        {"key": "code", "type": "text", "label": "编号"},
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
        {"key": "member", "type": "text", "label": "成员"},
        {"key": "direction", "type": "text", "label": "方向"},
        {"key": "kind", "type": "text", "label": "类型"},
        {"key": "sent_at", "type": "datetime", "label": "时间"},
        {"key": "body", "type": "long_text", "label": "内容"},
    ],
}  # fmt: skip
CUSTOMER: dict[str, Any] = {
    "key": "customer", "label": {"zh": "客户", "en": "Customer"}, "title": "code",
    "fields": [{"key": "code", "type": "text", "label": "编号", "unique": True}],
}  # fmt: skip
WHO: dict[str, Any] = {
    "key": "wecom_customers", "label": "客户", "source": "wecom", "stream": "customers", "object": "customer",
    "columns": [{"path": "external_userid"}], "fields": [{"field": "code", "value": "external_userid"}],
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "key": "wecom_messages", "label": "消息", "source": "wecom", "stream": "messages", "object": "message",
    "columns": [
        {"path": "id"}, {"path": "customer"}, {"path": "member"}, {"path": "direction"}, {"path": "kind"},
        {"path": "at", "type": "datetime"}, {"path": "text"},
    ],
    "fields": [
        {"field": "code", "value": "[id]"}, {"field": "customer", "value": "[customer]", "by": ["code"]},
        {"field": "member", "value": "[member]"}, {"field": "direction", "value": "[direction]"},
        {"field": "kind", "value": "[kind]"}, {"field": "sent_at", "value": "[at]"},
        {"field": "body", "value": "[text]"},
    ],
}  # fmt: skip


def pairs() -> list[tuple[str, str]]:
    """Customers, each with the member who talks with him."""
    return [(f"wm{number:030d}", f"member{number % 40}") for number in range(CUSTOMERS)]


def archive(count: int) -> Iterator[dict[str, Any]]:
    """Customers agree before their first word, but for one in fifty."""
    chance = random.Random(7)
    known = pairs()
    seq = 0
    for number, (customer, member) in enumerate(known):
        if number % SILENT:
            seq += 1
            yield _line(seq, customer, member, "agree", {"userid": customer})
    while seq < count:
        seq += 1
        customer, member = chance.choice(known)
        text = chance.choice(_TELLING if chance.random() < 0.2 else _PLAIN)
        sides = (customer, member) if chance.random() < 0.6 else (member, customer)
        yield _line(seq, *sides, "text", {"content": text})


def _line(seq: int, sender: str, receiver: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "seq": seq, "msgid": f"{seq}_1700000000_external", "action": "send", "from": sender, "tolist": [receiver],
        "roomid": "", "msgtime": _FROM_MS + seq * 1000, "msgtype": kind, kind: body,
    }  # fmt: skip


def write_archive(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    lines = archive(count)
    for part in range(0, count, _FILE_LINES):
        with (folder / f"part-{part:08}.jsonl").open("wb") as file:
            for _, line in zip(range(_FILE_LINES), lines, strict=False):
                file.write(orjson.dumps(line) + b"\n")


async def main() -> int:
    count = int(os.environ.get("MESSAGES", "1000000"))
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder) / "var")
        database = await Database.open(settings, SystemClock())
        try:
            return await _measure(database, settings, count)
        finally:
            await database.close()


async def _measure(database: Database, settings: Settings, count: int) -> int:
    clock = SystemClock()
    catalogues = CatalogueStore(database)
    await catalogues.start()
    workspace = await create_workspace(database, catalogues, clock, "bench", Text.same("bench"))
    inbox = settings.data_dir / "inbox" / "archive"
    write_archive(inbox, count)
    now = await catalogues.get(workspace)
    wanted = now.replace(
        objects=(*now.objects, *(ObjectDef.model_validate(each) for each in (CUSTOMER, MESSAGE))),
        sources=(_source(inbox),),
        mappings=tuple(MappingDef.model_validate(each) for each in (WHO, MAPPING)),
    )
    await SchemaEditor(database, catalogues, clock, settings).apply(workspace, diff(now, wanted), None)
    gateway = Gateway(database, catalogues, clock, settings)
    transfer = Transfer(database, catalogues, clock, settings, Files(database, settings, clock, gateway))
    links = Links(database, catalogues, clock, settings, gateway, transfer.loader)
    async with database.write() as tx:
        await links.secrets.put(tx, workspace, "wecom", {"secret": "unused"})
        known = [RawRow(each, {"external_userid": each}) for each, _ in pairs()]
        await links.raw.put(tx, workspace, "wecom", "customers", known)
    await links.mapper.advance(workspace)
    reader = ChatReader(database, catalogues, clock, SignalMatcher(shipped_dictionary()))
    job = await links.puller.ask(workspace, "wecom", streams=["messages"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    await JobWorker(database, links.job_handlers(), clock).run_until_idle()
    pulled = time.perf_counter() - began
    await reader.advance(workspace)
    took = time.perf_counter() - began
    await _check(database, workspace, job, count)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"in       {count:>9,} messages  {pulled:6.1f} s  {count / pulled:>9,.0f}/s (pulled and mapped)")
    print(f"whole    {count:>9,} messages  {took:6.1f} s  {count / took:>9,.0f}/s (and understood; goal {GOAL_S} s)")
    print(f"memory   {before // 1024} MB before, {after // 1024} MB at most")
    await links.close()
    await catalogues.close()
    return 0 if took <= GOAL_S * count / 1_000_000 else 1


def _source(inbox: Path) -> SourceDef:
    options = {"corp_id": "ww1", "archive": "folder", "archive_folder": str(inbox), "consent": "archive"}
    return SourceDef.model_validate({"key": "wecom", "kind": "wecom", "label": "企业微信", "options": options})


async def _check(database: Database, workspace: Workspace, job: Any, count: int) -> None:
    """Every message once: raw, as a record, in history and in the lineage; who did not agree has no text."""
    schema = workspace.quoted_schema
    async with database.read() as tx:
        done = await find_job(tx, job)
        assert done is not None
        assert done.state == "done", done.error
        of_message = "mapping = 'wecom_messages'"
        for table in (
            "_raw WHERE stream = 'messages'",
            "message",
            f"_lineage WHERE {of_message}",
            "_history WHERE object = 'message'",
        ):
            found = await tx.fetch_value(f"SELECT count(*) FROM {schema}.{table}")
            assert found == count, (table, found)
        kept = await tx.fetch_value(
            f"SELECT count(*) FROM {schema}.message m JOIN {schema}.customer c ON c.id = m.customer"
            f" WHERE m.body IS NOT NULL AND substr(c.code, 3)::bigint % {SILENT} = 0"
        )
        assert kept == 0, kept


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
