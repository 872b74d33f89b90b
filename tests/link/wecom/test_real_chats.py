"""The real Chinese chats beside the project, pulled as archives through a workspace: all of them, counts agree."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.link.desk import Desk, open_desk
from tests.real_data import real_file

from tongmai.kit import FixedClock, Settings
from tongmai.store import Database, Workspace

from .conftest import WeComSite

START_MS = 1793581200000
Said = tuple[str, bool, str]


def jddc() -> Iterator[Said]:
    for line in real_file("chat_jddc_jd/chat_0.1per.txt").read_text("utf-8").split("\n"):
        if line:
            session, _, by_agent, _, _, _, text = line.split("\t", 6)
            yield session, by_agent == "0", text


def jddc_asked() -> Iterator[Said]:
    """Sessions cut short: what was said (of three answers the first), and what the customer asked then."""
    session = ""
    for line in real_file("chat_jddc_jd/dev_question.txt").read_text("utf-8").split("\n"):
        if line.startswith("<session "):
            session = line[9:-1]
        elif line[:2] in ("Q:", "A:"):
            yield session, line[0] == "Q", line[2:].strip().split("<sep>")[0]
        elif found := re.fullmatch(r"<Q(\d+)>(.*)</Q\1>", line):
            yield session, True, found[2]


def helpdesk() -> Iterator[Said]:
    for item in json.loads(real_file("chat_stc3_weibo_helpdesk/train_data_cn.json").read_text("utf-8")):
        for turn in item["turns"]:
            for text in turn["utterances"]:
                yield item["id"], turn["sender"] == "customer", text


def crosswoz() -> Iterator[Said]:
    for name in ("val", "test"):
        packed = zipfile.ZipFile(io.BytesIO(real_file(f"chat_crosswoz/{name}.json.zip").read_bytes()))
        for key, dialogue in json.loads(packed.read(f"{name}.json")).items():
            for message in dialogue["messages"]:
                yield f"{name}{key}", message["role"] == "usr", message["content"]


def archive(said: Iterator[Said]) -> Iterator[dict[str, Any]]:
    """Each dialogue a customer who agreed before its first word."""
    customers: dict[str, str] = {}
    seq = 0
    for session, by_customer, text in said:
        if session not in customers:
            customers[session] = f"wm{len(customers):030d}"
            seq += 1
            yield _line(seq, customers[session], "agent", "agree", {"userid": customers[session]})
        seq += 1
        customer = customers[session]
        sides = (customer, "agent") if by_customer else ("agent", customer)
        yield _line(seq, *sides, "text", {"content": text})


def _line(seq: int, sender: str, receiver: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "seq": seq, "msgid": f"{seq}_external", "action": "send", "from": sender, "tolist": [receiver], "roomid": "",
        "msgtime": START_MS + seq * 1000, "msgtype": kind, kind: body,
    }  # fmt: skip


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.parametrize(
    ("chats", "messages", "talks"),
    [(jddc, 12_136, 994), (jddc_asked, 671, 52), (helpdesk, 13_565, 3000), (crosswoz, 16_934, 1000)],
)
async def test_real_chats_come_whole(
    chats: Any, messages: int, talks: int, site: WeComSite, database: Database, workspace: Workspace,
    clock: FixedClock, settings: Settings,
) -> None:  # fmt: skip
    lines = list(archive(chats()))
    inbox = Path(settings.data_dir) / "inbox" / workspace.key
    inbox.mkdir(parents=True, exist_ok=True)
    for part in range(0, len(lines), 7000):
        text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines[part : part + 7000])
        (inbox / f"part-{part:06}.jsonl").write_text(text, "utf-8")
    desk = await open_desk(database, workspace, site.clock, settings)
    await _configure(desk, site, str(inbox))
    for _ in range(2):
        done = await desk.pull("wecom", streams=["messages"])
        assert done["state"] == "done", done
        assert await desk.count("_raw", "stream = 'messages'") == messages + talks
    kept = "stream = 'messages' AND body->>'kind' = 'text' AND NOT body ? 'withheld'"
    assert await desk.count("_raw", kept) == messages
    assert await desk.refusals("wecom") == {}
    await desk.links.close()


async def _configure(desk: Desk, site: WeComSite, inbox: str) -> None:
    company = site.company
    await desk.define(
        {
            "key": "wecom", "kind": "wecom", "label": "企业微信",
            "options": {
                "corp_id": company.corp_id, "base_url": site.url, "archive": "folder", "archive_folder": inbox,
                "consent": "archive",
            },
        }
    )  # fmt: skip
    await desk.secret("wecom", secret=company.secret)
