from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tongmai.kit import Invalid
from tongmai.link import SourceAway
from tongmai.link.wecom import read_message

from .conftest import BOSS, BUYER, WeComSite


def rows(pages: list[Any]) -> list[Any]:
    return [row for page in pages for row in page.rows]


def line(kind: str, body: dict[str, Any], *, part: str = "", **more: Any) -> dict[str, Any]:
    head = {"seq": 1, "msgid": "m1_1_external", "action": "send", "from": BOSS, "tolist": ["zhangsan"], "roomid": ""}
    return head | {"msgtime": 1793581200000, "msgtype": kind, part or kind: body} | more


async def say(site: WeComSite, sender: str, to: list[str], text: str, **more: Any) -> None:
    await site.control("message", **{"from": sender, "to": to, "text": text}, **more)


@pytest.mark.parametrize(
    ("message", "text", "files"),
    [
        (line("text", {"content": "急要 200 台"}), "急要 200 台", []),
        (line("image", {"sdkfileid": "f1", "md5sum": "aa", "filesize": 70961}), None, [("f1", "", 70961)]),
        (line("voice", {"sdkfileid": "f2", "voice_size": 6810, "play_length": 10}), None, [("f2", "", 6810)]),
        (line("file", {"sdkfileid": "f3", "filename": "报价单.xlsx", "fileext": "xlsx", "filesize": 18181}),
         "报价单.xlsx", [("f3", "报价单.xlsx", 18181)]),
        (line("link", {"title": "新品", "description": "说明", "link_url": "https://x.example"}),
         "新品\n说明\nhttps://x.example", []),
        (line("location", {"title": "新仓库", "address": "松江区"}), "新仓库\n松江区", []),
        (line("markdown", {"content": "**好**"}, part="info"), "**好**", []),
        (line("meeting_voice_call", {"sdkfileid": "f4", "endtime": 1}), None, [("f4", "", 0)]),
        (line("mixed", {"item": [
            {"type": "text", "content": "{\"content\":\"看图\"}"},
            {"type": "image", "content": "{\"sdkfileid\":\"f5\",\"filesize\":9}"},
        ]}), "看图", [("f5", "", 9)]),
        (line("chatrecord", {"title": "群聊", "item": [
            {"type": "ChatRecordText", "msgtime": 1, "content": "{\"content\":\"竞品报价更低\"}", "from_chatroom": False},
        ]}), "> 群聊\n> 竞品报价更低", []),
        (line("calendar", {"title": "看厂", "place": "松江"}), "看厂\n松江", []),
    ],
)  # fmt: skip
def test_each_type_is_read_with_its_text_and_files(message: Any, text: str | None, files: list[Any]) -> None:
    found = read_message(message)
    assert found.text == text
    assert [(each.sdk_file_id, each.name, each.size) for each in found.files] == files


def test_a_revocation_names_what_it_takes_back() -> None:
    assert read_message(line("revoke", {"pre_msgid": "m0"})).revokes == "m0"


def test_a_member_who_changes_the_corporation_is_no_talk() -> None:
    found = read_message({"msgid": "1", "action": "switch", "time": 1793581200000, "user": "lisi"})
    assert (found.kind, found.sender, found.receivers) == ("switch", "lisi", ())


@pytest.mark.parametrize("broken", [line("hologram", {}), line("text", {}, msgtime="soon"), line("text", {}, tolist=1)])
def test_what_is_not_known_or_not_whole_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read_message(broken)


async def test_no_consent_no_text(site: WeComSite, pulled: Any) -> None:
    await say(site, BOSS, ["zhangsan"], "我们换仓了")
    (row,) = rows(await pulled(site.source(), "messages"))
    assert row.body["withheld"] == "no_consent"
    assert (row.body["customer"], row.body["member"], row.body["direction"]) == (BOSS, "zhangsan", "in")
    assert "换仓" not in json.dumps(dict(row.body), ensure_ascii=False)


async def test_consent_opens_what_is_said_after_it_and_a_withdrawal_closes_all(site: WeComSite, pulled: Any) -> None:
    await say(site, BOSS, ["zhangsan"], "同意之前")
    site.clock.advance(timedelta(minutes=1))
    await site.control("consent", member="zhangsan", customer=BOSS)
    site.clock.advance(timedelta(minutes=1))
    await say(site, BOSS, ["zhangsan"], "同意之后")
    await say(site, BUYER, ["zhangsan"], "另一位客户")
    for consent in ("ask", "archive"):
        found = rows(await pulled(site.source(consent=consent), "messages"))
        assert [row.body.get("text") for row in found if row.body["kind"] == "text"] == [None, "同意之后", None]
    await site.control("consent", member="zhangsan", customer=BOSS, answer="Disagree")
    for consent in ("ask", "archive"):
        found = rows(await pulled(site.source(consent=consent), "messages"))
        assert not any(row.body.get("text") for row in found)


async def test_in_a_room_all_customers_must_have_agreed(site: WeComSite, pulled: Any) -> None:
    at = site.company.now() - 60
    site.company.rooms = {"r1": {BOSS: ("Agree", at)}, "r2": {BOSS: ("Agree", at), BUYER: ("Default_Agree", at)}}
    for room in ("r1", "r2"):
        await say(site, BOSS, ["zhangsan", BUYER], "群里说的", room=room)
    found = {row.body["room"]: row.body.get("text") for row in rows(await pulled(site.source(), "messages"))}
    assert found == {"r1": None, "r2": "群里说的"}


async def test_talk_among_members_is_kept(site: WeComSite, pulled: Any) -> None:
    await say(site, "zhangsan", ["lisi"], "宏达那边跟进一下")
    (row,) = rows(await pulled(site.source(), "messages"))
    assert (row.body["direction"], row.body["text"]) == ("internal", "宏达那边跟进一下")


async def test_an_unknown_type_is_set_aside_without_its_content_and_the_rest_goes_on(
    site: WeComSite, pulled: Any
) -> None:
    await say(site, "lisi", ["zhangsan"], "一")
    await site.control("message", **{"from": BOSS, "to": ["zhangsan"], "kind": "hologram", "body": {"x": "秘密"}})
    await say(site, "lisi", ["zhangsan"], "二")
    (page,) = await pulled(site.source(), "messages")
    assert [row.body["text"] for row in page.rows] == ["一", "二"]
    (aside,) = page.set_aside
    assert aside.faults[0].code == "archive.kind"
    assert "秘密" not in str(aside.body)


async def test_a_pull_goes_on_where_the_last_one_stood(site: WeComSite, pulled: Any) -> None:
    lines = [line("text", {"content": str(n)}, msgid=f"m{n}", **{"from": "lisi"}) for n in range(12_000)]
    await site.http.post(f"{site.url}/control/archive", content="\n".join(map(json.dumps, lines)))
    source = site.source()
    pages = await pulled(source, "messages")
    assert [len(page.rows) for page in pages] == [10_000, 2000]
    assert len(rows(await pulled(source, "messages", pages[0].cursor))) == 2000
    await say(site, "lisi", ["zhangsan"], "新的")
    assert [row.body["text"] for row in rows(await pulled(source, "messages", pages[-1].cursor))] == ["新的"]
    await site.control("fault", path="/archive/lines", status=503)
    with pytest.raises(SourceAway):
        await pulled(source, "messages", pages[-1].cursor)


async def test_a_folder_is_read_on_and_a_line_half_written_is_left(
    site: WeComSite, pulled: Any, tmp_path: Path
) -> None:
    first, second = tmp_path / "2026-11-01.jsonl", tmp_path / "2026-11-02.jsonl"
    written = [
        json.dumps(line("text", {"content": t}, msgid=t, **{"from": "lisi"}), ensure_ascii=False) for t in "甲乙丙丁"
    ]
    first.write_text(f"{written[0]}\nnot json\n{written[1][:20]}", encoding="utf-8")
    site.folders = (tmp_path,)
    source = site.source(archive="folder", archive_folder=str(tmp_path))
    (page,) = await pulled(source, "messages")
    assert [row.key for row in page.rows] == ["甲"]
    assert [aside.faults[0].code for aside in page.set_aside] == ["archive.line"]
    first.write_text(f"{written[0]}\nnot json\n{written[1]}\n", encoding="utf-8")
    second.write_text(f"{written[2]}\n{written[3]}\n", encoding="utf-8")
    (page,) = await pulled(source, "messages", page.cursor)
    assert [row.key for row in page.rows] == ["乙", "丙", "丁"]
    assert await pulled(source, "messages", page.cursor) == []


async def test_a_folder_that_is_not_there_is_said_and_one_that_is_not_allowed_is_refused(
    site: WeComSite, pulled: Any, tmp_path: Path
) -> None:
    site.folders = (tmp_path / "inbox",)
    with pytest.raises(SourceAway, match="not there"):
        await pulled(site.source(archive="folder", archive_folder=str(tmp_path / "inbox" / "x")), "messages")
    with pytest.raises(Invalid, match="not among"):
        await pulled(site.source(archive="folder", archive_folder=str(tmp_path / "inbox" / ".." / "y")), "messages")
