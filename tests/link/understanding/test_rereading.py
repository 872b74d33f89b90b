"""New words: heard from the next message on, and in what was said lately, behind what comes in and never twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from tests.link.desk import Desk

from tongmai.link.source import RawRow
from tongmai.link.understanding import ChatReader, OwnWords, Rereading, WorkspaceWords

MAPPING: dict[str, Any] = {
    "key": "wecom_customers", "label": "客户", "source": "wecom", "stream": "customers", "object": "customer",
    "columns": [{"path": "external_userid"}], "fields": [{"field": "code", "value": "external_userid"}],
}  # fmt: skip
SOURCE: dict[str, Any] = {"key": "wecom", "kind": "wecom", "label": "企业微信", "options": {"corp_id": "ww1"}}


@dataclass
class Talk:
    """One customer's messages, numbered as they come."""

    desk: Desk
    words: WorkspaceWords
    reader: ChatReader
    said: int = 0

    async def say(self, text: str, days_ago: float) -> None:
        self.said += 1
        at = self.desk.clock.now() - timedelta(days=days_ago)
        body = {"customer": "wm1", "direction": "in", "member": "li", "text": text, "kind": "text"}
        async with self.desk.database.write() as tx:
            row = RawRow(f"m{self.said}", body, at)
            await self.desk.links.raw.put(tx, self.desk.workspace, "wecom", "messages", [row], shelf="dated")

    async def teach(self, *keywords: str, seen: int = 0) -> int:
        label = {"zh": "要演示", "en": "Wants a demo"}
        own = OwnWords.model_validate({"key": "demo_wanted", "label": label, "keywords": keywords})
        return (await self.words.put(self.desk.workspace, own, by=None, seen=seen)).version

    async def read(self) -> int:
        return (await self.reader.advance(self.desk.workspace)).told

    async def told(self) -> list[str]:
        rows = await self.desk.fetch("SELECT body->>'message' AS m FROM {schema}._event WHERE event = 'demo_wanted'")
        return sorted(row["m"] for row in rows)

    async def progress(self) -> Rereading:
        (found,) = await self.words.rereadings(self.desk.workspace)
        return found


@pytest.fixture
async def talk(desk: Desk) -> Talk:
    await desk.define(SOURCE, MAPPING)
    async with desk.database.write() as tx:
        await desk.links.raw.put(tx, desk.workspace, "wecom", "customers", [RawRow("wm1", {"external_userid": "wm1"})])
    await desk.links.mapper.advance(desk.workspace)
    words = WorkspaceWords(desk.database, desk.clock)
    return Talk(desk, words, ChatReader(desk.database, desk.catalogues, desk.clock, words, page=2))


async def test_what_was_said_lately_is_read_again_and_what_is_long_ago_is_not(talk: Talk) -> None:
    for days in (200, 120, 80, 60, 40, 20, 1):
        await talk.say("想看一次演示", days)
    await talk.read()
    assert await talk.words.rereadings(talk.desk.workspace) == []

    await talk.teach("看一次演示")
    for _ in range(4):
        await talk.read()
    assert await talk.told() == ["m3", "m4", "m5", "m6", "m7"]
    assert ((await talk.progress()).share, (await talk.progress()).told) == (1.0, 5)
    assert await talk.read() == 0


async def test_a_new_message_is_heard_before_the_old_ones_are_through(talk: Talk) -> None:
    for _ in range(6):
        await talk.say("想看一次演示", 3)
    await talk.read()
    await talk.teach("看一次演示")
    await talk.say("也想看一次演示", 0)

    await talk.read()

    assert await talk.told() == ["m1", "m2", "m7"]
    assert 0 < (await talk.progress()).share < 1


async def test_another_change_begins_anew_and_a_new_reader_goes_on_where_the_last_one_stood(talk: Talk) -> None:
    for text in ("看一次演示", "来个演示", "看一次演示", "来个演示", "看一次演示"):
        await talk.say(text, 3)
    await talk.read()
    version = await talk.teach("看一次演示")
    await talk.read()
    again = ChatReader(talk.desk.database, talk.desk.catalogues, talk.desk.clock, talk.words, page=2)
    await again.advance(talk.desk.workspace)
    assert await talk.told() == ["m1", "m3"]

    await talk.teach("看一次演示", "来个演示", seen=version)
    for _ in range(4):
        await again.advance(talk.desk.workspace)
    assert await talk.told() == ["m1", "m2", "m3", "m4", "m5"]
    assert (await talk.progress()).told == 3
