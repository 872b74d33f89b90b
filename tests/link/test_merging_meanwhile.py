"""Merging and taking it back while rows come in: before the first page is kept, between two pages, and beside a program
that pulls and maps and is killed (S3-20)."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tongmai.kit import Settings
from tongmai.link.mapping.mapper import Mapper
from tongmai.link.mapping.page import Page
from tongmai.simulators.u8 import AccountBook, U8Server, demo_book
from tongmai.simulators.wecom import Company
from tongmai.store import Database, JobWorker, Workspace

from .desk import Desk, open_desk
from .test_mapping import CUSTOMERS, ORDERS, SOURCE, came, mapping, row
from .test_merging import by_code, owners
from .test_u8 import PASSWORD, opened
from .wecom.conftest import WeComSite, site

__all__ = ["site"]

STREAM = "order"


@asynccontextmanager
async def held_page(monkeypatch: pytest.MonkeyPatch, which: int) -> AsyncIterator[tuple[asyncio.Event, asyncio.Event]]:
    """The ``which``-th page stops when it knows whom its rows mean, and nothing is written: ``reached``, then ``go``."""
    reached, go, found, count = asyncio.Event(), asyncio.Event(), Page._found, 0

    async def stops(page: Page, lines: Any) -> Any:
        nonlocal count
        count += 1
        if count == which:
            reached.set()
            await go.wait()
        return await found(page, lines)

    monkeypatch.setattr(Page, "_found", stops)
    try:
        yield reached, go
    finally:
        go.set()
        monkeypatch.undo()


async def stored(desk: Desk, *rows: Any) -> None:
    """Rows that wait to be mapped."""
    async with desk.database.write() as tx:
        await desk.links.raw.put(tx, desk.workspace, "erp", STREAM, rows)


def merging(desk: Desk, kept: UUID, merged: UUID) -> asyncio.Task[UUID]:
    return asyncio.create_task(desk.links.merger.merge(desk.system, desk.workspace, "customer", kept, merged))


async def waits_for_a_lock(desk: Desk, task: asyncio.Task[Any]) -> None:
    """Until ``task`` is held up in the database; fails if it got through."""
    async with asyncio.timeout(20):
        while not await desk.fetch("SELECT FROM pg_locks WHERE NOT granted"):
            assert not task.done(), task
            await asyncio.sleep(0.01)


async def two_customers(desk: Desk) -> dict[str, UUID]:
    await desk.define(SOURCE, CUSTOMERS, ORDERS)
    await came(
        desk, "customer", row("K", id="K", name="华东机械有限公司"), row("M", id="M", name="苏州阀门制造有限公司")
    )
    return await by_code(desk)


async def test_a_merge_waits_for_a_page_of_a_mapping_that_never_mapped_before(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await two_customers(desk)
    await stored(desk, row("1", no="1", customer="K", amount=1), row("2", no="2", customer="M", amount=1))
    async with held_page(monkeypatch, 1) as (reached, go):
        mapping = asyncio.create_task(desk.links.mapper.advance(desk.workspace))
        await reached.wait()
        merge = merging(desk, ids["K"], ids["M"])
        await waits_for_a_lock(desk, merge)
        go.set()
        await mapping
        merge_id = await merge

    assert await owners(desk) == {"1": "K", "2": "K"}
    assert await desk.count("_lineage", f"record_id = '{ids['M']}'") == 0
    await desk.links.merger.unmerge(desk.system, desk.workspace, merge_id)
    await desk.links.mapper.advance(desk.workspace)
    assert await owners(desk) == {"1": "K", "2": "M"}


async def test_names_read_before_a_merge_mean_the_kept_one_on_the_next_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await two_customers(desk)
    rooms = desk.links
    small = Mapper(
        desk.database, desk.catalogues, desk.clock, desk.gateway, rooms.merger._loader, rooms.raw, rooms.runs, page=60
    )  # fmt: skip
    # So many names that a list of all of them is read, and kept for the pages that follow.
    others = [row(f"a{n:02}", no=f"a{n:02}", customer=f"未知单位{n}号", amount=1) for n in range(59)]
    named = [row("m1", no="m1", customer="苏州阀门制造公司", amount=1)]
    await stored(desk, *named, *others, *(row(f"b{n:02}", no=f"b{n:02}", customer=f"陌生单位{n}号", amount=1)
                                         for n in range(58)),
                 row("m2", no="m2", customer="苏州阀门制造有限公司（新）", amount=1),
                 row("m3", no="m3", customer="苏州市阀门制造有限公司", amount=1))  # fmt: skip
    async with held_page(monkeypatch, 1) as (reached, go):
        mapping = asyncio.create_task(small.advance(desk.workspace))
        await reached.wait()
        merge = merging(desk, ids["K"], ids["M"])
        await waits_for_a_lock(desk, merge)
        go.set()
        await mapping
        await merge

    dangling = await desk.fetch(
        'SELECT o.number FROM {schema}."order" o JOIN {schema}.customer c ON c.id = o.customer'
        " WHERE c.deleted_at IS NOT NULL"
    )
    assert [each["number"] for each in dangling] == []
    offered = await desk.count("_match_queue", f"state = 'open' AND candidates::text LIKE '%{ids['M']}%'")
    assert offered == 0


CONTACTS = mapping(
    "contacts", "customer", ["company", "chat"],
    [{"field": "name", "value": "company", "wins": "person"}, {"field": "chat_id", "value": "chat"}],
    match=["name"], creates=False, stream="contact",
)  # fmt: skip
CHAT = {"key": "chat_id", "type": "text", "label": "外部联系人"}


@pytest.mark.parametrize("own", [True, False])
async def test_who_is_first_heard_of_under_the_merged_ones_name_is_his_again_when_it_is_taken_back(
    desk: Desk, own: bool
) -> None:
    await desk.add_field("customer", CHAT)
    ids = await two_customers(desk)
    await desk.define(CONTACTS)
    merge = await desk.links.merger.merge(desk.system, desk.workspace, "customer", ids["K"], ids["M"])
    await came(desk, "contact", row("m", company="苏州阀门制造有限公司", chat="wm-m"))
    assert await desk.records("customer", "code", "chat_id") == [("K", "wm-m")]
    if own:
        await came(desk, "contact", row("k", company="华东机械有限公司", chat="wm-k"))
        assert await desk.records("customer", "code", "chat_id") == [("K", "wm-k")]

    await desk.links.merger.unmerge(desk.system, desk.workspace, merge)
    await desk.links.mapper.advance(desk.workspace)

    assert await desk.records("customer", "code", "name", "chat_id") == [
        ("K", "华东机械有限公司", "wm-k" if own else None), ("M", "苏州阀门制造有限公司", "wm-m"),
    ]  # fmt: skip


MESSAGE: dict[str, Any] = {
    "key": "message", "label": "消息", "fields": [
        {"key": "number", "type": "text", "label": "编号", "unique": True},
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
    ],
}  # fmt: skip
PEOPLE: dict[str, Any] = {
    "key": "wecom_people", "label": "客户", "source": "wecom", "stream": "customers", "object": "customer",
    "columns": [{"path": "external_userid"}, {"path": "corp_name"}], "match": ["name"], "creates": False,
    "fields": [
        {"field": "name", "value": "corp_name", "wins": "person"}, {"field": "chat_id", "value": "external_userid"},
    ],
}  # fmt: skip
TALKS: dict[str, Any] = {
    "key": "wecom_talks", "label": "消息", "source": "wecom", "stream": "messages", "object": "message",
    "columns": [{"path": "id"}, {"path": "customer"}], "match": ["number"], "where": "[customer] IS NOT BLANK",
    "fields": [
        {"field": "number", "value": "[id]"}, {"field": "customer", "value": "[customer]", "by": ["chat_id"]},
    ],
}  # fmt: skip
_PAIRS = (("01001", "01002"), ("01003", "01004"), ("01005", "01006"))
_COURSE = (("u8", "SO_SOMain"), ("u8", "SO_SODetails"), ("wecom", "customers"), ("wecom", "messages"))
_CUSTOMERS, _ORDERS, _TALKS = 12, 400, 600


async def truth(desk: Desk, book: AccountBook, company: Company) -> None:
    """Every order and every message is with the customer that its vendor names, and nothing points into the bin."""
    of_erp = dict(book.connection.execute("SELECT cSOCode, cCusCode FROM SO_SOMain").fetchall())
    assert await owners(desk) == of_erp
    names = {each["external_contact"]["corp_name"]: key for key, each in company.customers.items()}
    of_chat = {each["msgid"]: each["tolist"][0] for each in company.archive if each["msgtype"] == "text"}
    said = await desk.fetch(
        "SELECT m.number, c.name, c.deleted_at FROM {schema}.message m LEFT JOIN {schema}.customer c"
        " ON c.id = m.customer"
    )
    assert {each["number"]: names[each["name"]] for each in said} == of_chat
    assert all(each["deleted_at"] is None for each in said)
    chats = await desk.records("customer", "name", "chat_id")
    assert dict(chats) == names
    astray = await desk.fetch(
        "SELECT l.mapping, l.key FROM {schema}._lineage l JOIN {schema}.customer c ON c.id = l.record_id"
        " WHERE c.deleted_at IS NOT NULL"
    )
    assert astray == []


@pytest.mark.parametrize("seed", [2])
async def test_merging_and_taking_back_beside_pulls_that_are_killed_ends_where_the_vendors_say(
    database: Database, workspace: Workspace, settings: Settings, site: WeComSite, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    company, book = site.company, demo_book(customers=_CUSTOMERS, orders=_ORDERS)
    desk = await open_desk(database, workspace, site.clock, settings)
    await desk.add_field("customer", CHAT)
    await desk.add_object(MESSAGE)
    company.customers.clear()
    listed = book.connection.execute("SELECT cCusCode, cCusName FROM Customer").fetchall()
    for code, name in listed:
        company.add_customer(chat_of(code), f"微信{code}", name, "zhangsan")
        company.agree("zhangsan", chat_of(code), "Agree", 1)
    async with U8Server(book, password=PASSWORD) as server:
        await opened(desk, server)
        options = {
            "corp_id": company.corp_id, "base_url": site.url, "archive": "http",
            "archive_url": f"{site.url}/archive/lines",
        }  # fmt: skip
        await desk.define({"key": "wecom", "label": "企业微信", "kind": "wecom", "options": options}, PEOPLE, TALKS)
        await desk.secret("wecom", secret=company.secret, archive_secret=company.archive_secret)
        await desk.pull("u8", streams=["Customer"])
        ids = await by_code(desk)
        for number in range(_TALKS):
            code, _ = listed[number % len(listed)]
            company.say("zhangsan", [chat_of(code)], "text", {"content": f"第{number}句"}, at_ms=1793500000000 + number)
        merges: dict[tuple[str, str], UUID] = {}
        killed = 0
        for source, stream in _COURSE:
            await desk.links.puller.ask(desk.workspace, source, streams=[stream])
            done = await progress(desk, stream)
            process = await pulling(desk, tmp_path)
            try:
                async with asyncio.timeout(60):
                    # How far another process is can only be looked at.
                    while await progress(desk, stream) == done:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                for _ in range(3):
                    await turn(desk, ids, merges, chance.choice(_PAIRS))
                    await asyncio.sleep(chance.uniform(0.0, 0.1))
                killed += await desk.fetch("SELECT FROM tongmai.job WHERE state = 'running'") != []
            finally:
                process.kill()
                await process.wait()
            await turn(desk, ids, merges, chance.choice(_PAIRS))
        assert killed, "all pulls were done before they could be killed"
        # The dead workers' leases have run out.
        desk.clock.moment = datetime.now(UTC) + timedelta(minutes=5)
        await JobWorker(desk.database, desk.links.job_handlers(), desk.clock).run_until_idle()
        for pair in list(merges):
            await turn(desk, ids, merges, pair)
        await desk.links.mapper.advance(desk.workspace)
        while await desk.links.late_matches.look(desk.workspace):
            await desk.links.mapper.advance(desk.workspace)
        await truth(desk, book, company)

        history = await desk.count("_history")
        for source in ("u8", "wecom"):
            assert (await desk.pull(source, anew=True))["state"] == "done"
        assert await desk.count("_history") == history
    await desk.links.close()


def chat_of(code: str) -> str:
    return f"wm{code:0>30}"


async def progress(desk: Desk, stream: str) -> int:
    """A number that rises with what is pulled and mapped of a stream."""
    return await desk.count("_raw", f"stream = '{stream}'") + await desk.count("_lineage")


async def turn(desk: Desk, ids: dict[str, UUID], merges: dict[tuple[str, str], UUID], pair: tuple[str, str]) -> None:
    """Merges the pair, or takes it back where it is merged."""
    if pair in merges:
        await desk.links.merger.unmerge(desk.system, desk.workspace, merges.pop(pair))
    else:
        kept, merged = (ids[code] for code in pair)
        merges[pair] = await desk.links.merger.merge(desk.system, desk.workspace, "customer", kept, merged)


async def pulling(desk: Desk, tmp_path: Path) -> asyncio.subprocess.Process:
    """A program that pulls and maps, twenty rows at a time."""
    assert desk.settings.database_url is not None
    return await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).with_name("pull_process.py")),
        desk.settings.database_url.get_secret_value(), str(desk.settings.data_dir), str(tmp_path), "20",
    )  # fmt: skip
