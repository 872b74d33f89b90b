"""Files in a folder, mailboxes and calendars as sources (S1-61)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tongmai.kit import FixedClock, Invalid, SystemClock
from tongmai.link.sources import folder as folder_module
from tongmai.link.sources.calendar import CalendarOptions, CalendarSource
from tongmai.link.sources.folder import FolderOptions, FolderSource, allowed_folder
from tongmai.link.sources.mail import MailOptions, MailSource

from .desk import Desk
from .imap_server import ImapServer, Mailbox

# Files


def customers_of(source: str, stream: str, *columns: tuple[str, str]) -> dict[str, Any]:
    return {
        "key": f"{source}_map", "label": "客户", "source": source, "stream": stream, "object": "customer",
        "columns": [{"path": path} for path, _ in columns],
        "fields": [{"field": field, "value": f"[{path}]"} for path, field in columns], "match": ["code"],
    }  # fmt: skip


@pytest.fixture
def inbox(desk: Desk) -> Path:
    folder = desk.settings.data_dir / "inbox" / desk.workspace.key
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def folder(desk: Desk, inbox: Path) -> None:
    await desk.define(
        {
            "key": "files", "label": "表格", "kind": "folder",
            "options": {"path": str(inbox), "streams": {"customers": {"pattern": "客户*.csv", "key": ["编号"]}}},
        },
        customers_of("files", "customers", ("编号", "code"), ("名称", "name")),
    )  # fmt: skip


async def test_files_come_in_whatever_their_encoding_and_only_once(desk: Desk, inbox: Path) -> None:
    (inbox / "客户1.csv").write_bytes("编号,名称\nA1,华东机械\nA2,华南化工\n".encode("gb18030"))
    (inbox / "客户2.csv").write_text("编号,名称\nA3,西部电子\n", encoding="utf-8-sig")
    (inbox / "other.csv").write_text("nothing to us")
    await folder(desk, inbox)

    await desk.pull("files")
    again = await desk.pull("files")

    assert again["rows"] == 0
    assert await desk.records("customer", "code", "name") == [
        ("A1", "华东机械"),
        ("A2", "华南化工"),
        ("A3", "西部电子"),
    ]


async def test_a_file_that_changed_is_read_again_and_one_that_is_broken_keeps_no_other_out(
    desk: Desk, inbox: Path
) -> None:
    (inbox / "客户1.csv").write_text("编号,名称\nA1,华东机械\n")
    (inbox / "客户0.csv").write_text("代码,名称\nX,没有编号列\n")
    await folder(desk, inbox)
    await desk.pull("files")
    (inbox / "客户1.csv").write_text("编号,名称\nA1,华东机械厂\nA2,新\n")

    await desk.pull("files")

    assert await desk.records("customer", "code", "name") == [("A1", "华东机械厂"), ("A2", "新")]
    assert await desk.refusals("files") == {"客户0.csv": ["source.column_missing"]}


async def test_what_was_refused_of_a_file_is_forgotten_when_it_is_mended_or_taken_away(desk: Desk, inbox: Path) -> None:
    (inbox / "客户1.csv").write_text("代码,名称\nA1,没有编号列\n")
    (inbox / "客户2.csv").write_text("编号,名称\nA2,好的\n,没有键\n")
    (inbox / "客户3.csv").write_text("名称\n也没有\n")
    await folder(desk, inbox)
    await desk.pull("files")
    assert set(await desk.refusals("files")) == {"客户1.csv", "客户2.csv:3", "客户3.csv"}

    (inbox / "客户1.csv").write_text("编号,名称\nA1,补上了编号列\n")
    (inbox / "客户2.csv").write_text("编号,名称\nA2,好的\nA3,补上了键\n")
    (inbox / "客户3.csv").unlink()
    await desk.pull("files")

    assert await desk.refusals("files") == {}
    assert [row[0] for row in await desk.records("customer", "code")] == ["A1", "A2", "A3"]


async def test_a_file_that_is_still_being_copied_waits_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "客户1.csv"
    path.write_text("编号,名称\nA1,华东机械\nA2,华")
    pauses: list[float] = []

    async def copied_on(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            path.write_text("编号,名称\nA1,华东机械\nA2,华南化工\n")

    options = FolderOptions.model_validate(
        {"path": str(tmp_path), "streams": {"a": {"pattern": "*.csv", "key": ["编号"]}}}
    )
    source = FolderSource(tmp_path, options, SystemClock(), copied_on)

    first = [page async for page in source.pull("a", None)]
    second = [page async for page in source.pull("a", first[-1].cursor)]
    third = [page async for page in source.pull("a", second[-1].cursor)]

    assert [row for page in first for row in page.rows] == []
    assert [each.key for page in first for each in page.set_aside] == ["客户1.csv"]
    assert [row.body["名称"] for page in second for row in page.rows] == ["华东机械", "华南化工"]
    assert third == []


async def test_a_file_taken_away_or_held_by_another_is_read_another_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1.csv").write_text("编号\nA1\n")
    (tmp_path / "2.csv").write_text("编号\nA2\n")
    opens = folder_module.open_source

    def held(path: Path, *args: Any, **more: Any) -> Any:
        if path.name == "1.csv":
            raise PermissionError(13, "Permission denied")
        return opens(path, *args, **more)

    monkeypatch.setattr(folder_module, "open_source", held)
    options = FolderOptions.model_validate({"path": str(tmp_path), "streams": {"a": {"pattern": "*.csv"}}})
    source = FolderSource(tmp_path, options, FixedClock(datetime(2020, 1, 1, tzinfo=UTC)))

    first = [page async for page in source.pull("a", None)]
    monkeypatch.setattr(folder_module, "open_source", opens)
    second = [page async for page in source.pull("a", first[-1].cursor)]

    assert [fault.code for page in first for each in page.set_aside for fault in each.faults] == ["folder.unreadable"]
    assert [row.body["编号"] for page in first for row in page.rows] == ["A2"]
    assert [row.body["编号"] for page in second for row in page.rows] == ["A1"]


def test_a_folder_outside_those_allowed_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "inbox"
    inside.mkdir()
    (inside / "out").symlink_to("/etc")

    assert allowed_folder("shop", [inside]) == (inside / "shop").resolve()
    for bad in ("/etc", "../x", "out"):
        with pytest.raises(Invalid):
            allowed_folder(bad, [inside])


# Mail


async def test_mail_is_read_from_where_it_stood_and_left_unread(desk: Desk) -> None:
    box = Mailbox()
    box.put(1, "Anfrage", "请报价 100 台电机", "<a@x>")
    box.put(2, "=?utf-8?b?5oqA5pyv5pa55qGI?=", "技术方案通过初审", "<b@x>")
    with ImapServer(box) as server:
        options = {"host": "127.0.0.1", "port": server.port, "user": "sales", "tls": False}
        await desk.define(
            {"key": "mail", "label": "邮箱", "kind": "mail", "options": options},
            customers_of("mail", "INBOX", ("message_id", "code"), ("subject", "name"), ("text", "nickname")),
        )
        await desk.secret("mail", password="geheim")

        await desk.pull("mail")
        box.put(3, "Nachtrag", "加急", "<c@x>")
        second = await desk.pull("mail")
        box.validity = 8
        third = await desk.pull("mail")

    assert second["rows"] == 1
    assert third["rows"] == 3
    assert await desk.counts("mail", "pull") == {"same": 3}
    assert [row[0] for row in await desk.records("customer", "name")] == ["Anfrage", "Nachtrag", "技术方案"]
    assert not box.flagged


@pytest.mark.parametrize(
    ("head", "body", "subject", "text"),
    [
        (b"Subject: =?gb2312?B?" + base64.b64encode("镕基轴承".encode("gb18030")) + b"?=\r\n"
         b"Content-Type: text/plain; charset=gb2312", "镕你好".encode("gb18030"), "镕基轴承", "镕你好"),
        (b"Subject: " + "询价单".encode("gbk") + b"\r\nContent-Type: text/plain", "请报价".encode("gbk"),
         "询价单", "请报价"),
        (b"Subject: a\r\nContent-Type: text/plain; charset=x-nothing", "请报价".encode(), "a", "请报价"),
        (b"Subject: a\r\nContent-Type: text/html; charset=gbk",
         "<style>p{}</style><p>数量&lt;100</p>".encode("gbk"), "a", "数量<100"),
    ],
)  # fmt: skip
async def test_mails_are_read_as_chinese_programs_write_them(
    desk: Desk, head: bytes, body: bytes, subject: str, text: str
) -> None:
    box = Mailbox(wants_id=True)
    box.messages[1] = b"Message-ID: <a@x>\r\nFrom: =?gbk?B?1cXI/Q==?= <z@x.cn>\r\n" + head + b"\r\n\r\n" + body
    with ImapServer(box) as server:
        options = {"host": "127.0.0.1", "port": server.port, "user": "sales", "tls": False}
        source = MailSource(MailOptions.model_validate(options), "geheim")

        (page,) = [page async for page in source.pull("INBOX", None)]

    (row,) = page.rows
    assert (row.body["subject"], row.body["text"]) == (subject, text)
    assert (row.body["from_name"], row.body["from"]) == ("张三", "z@x.cn")


async def test_a_wrong_mail_password_is_told(desk: Desk) -> None:
    with ImapServer(Mailbox()) as server:
        options = {"host": "127.0.0.1", "port": server.port, "user": "sales", "tls": False}
        await desk.define({"key": "mail", "label": "邮箱", "kind": "mail", "options": options})
        await desk.secret("mail", password="falsch")
        done = await desk.pull("mail")

    assert done["state"] == "failed"
    assert "wrong" in done["error"]["zh"]


# Calendars

EVENT = (
    "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:{summary}\r\n"
    "DTSTART;TZID=Asia/Shanghai:20261103T090000\r\nDTEND;TZID=Asia/Shanghai:20261103T100000\r\n"
    "ATTENDEE:mailto:buyer@example.com\r\nEND:VEVENT\r\n"
)


def ics(*events: tuple[str, str]) -> str:
    body = "".join(EVENT.format(uid=uid, summary=summary) for uid, summary in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}END:VCALENDAR\r\n"


async def pages(source: CalendarSource, cursor: Any = None) -> list[Any]:
    return [page async for page in source.pull("events", cursor)]


async def test_a_calendar_gives_its_events_and_tells_what_is_gone() -> None:
    content = ics(("a", "客户拜访"), ("b", "产品培训"))
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=content))
    source = CalendarSource(
        CalendarOptions(url="https://c.example/x.ics"), None, httpx.AsyncClient(transport=transport)
    )

    (first,) = await pages(source)
    same = await pages(source, first.cursor)
    content = ics(("b", "产品培训（改期）"))
    (second,) = await pages(source, first.cursor)

    assert [row.body["summary"] for row in first.rows] == ["客户拜访", "产品培训"]
    assert first.rows[0].body["start"] == "2026-11-03T09:00:00+08:00"
    assert first.rows[0].body["attendees"] == ["buyer@example.com"]
    assert same == []
    assert [(row.key, row.deleted) for row in second.rows] == [("b", False), ("a", True)]


async def test_a_recurring_event_tells_what_it_leaves_out_and_what_was_moved() -> None:
    series = (
        "BEGIN:VEVENT\r\nUID:w\r\nDTSTART;TZID=China Standard Time:20261103T090000\r\nDURATION:PT1H30M\r\n"
        "RRULE:FREQ=WEEKLY;COUNT=10\r\nEXDATE;TZID=Asia/Shanghai:20261110T090000,20261117T090000\r\n"
        "RDATE;VALUE=PERIOD:20261126T010000Z/PT1H\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:w\r\nRECURRENCE-ID;TZID=Asia/Shanghai:20261201T090000\r\n"
        "DTSTART;TZID=America/New_York:20261202T140000\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTART:nie\r\nEND:VEVENT\r\n"
    )
    content = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{series}END:VCALENDAR\r\n"
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=content))
    options = CalendarOptions(url="https://c.example/x.ics")

    (page,) = await pages(CalendarSource(options, None, httpx.AsyncClient(transport=transport)))

    whole, moved = page.rows
    assert (whole.body["start"], whole.body["end"]) == ("2026-11-03T09:00:00+08:00", "2026-11-03T10:30:00+08:00")
    assert whole.body["except"] == ["2026-11-10T09:00:00+08:00", "2026-11-17T09:00:00+08:00"]
    assert whole.body["also"] == ["2026-11-26T01:00:00+00:00"]
    assert moved.body["occurrence"] == "2026-12-01T09:00:00+08:00"
    assert moved.body["start"] == "2026-12-02T14:00:00-05:00"
    assert [each.key for each in page.set_aside] == ["x"]


async def test_a_caldav_server_is_asked_with_a_report_and_its_account() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        data = ics(("a", "客户拜访")).replace("\r\n", "&#13;\n")
        return httpx.Response(
            207,
            text='<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:response>'
            f"<d:propstat><d:prop><c:calendar-data>{data}</c:calendar-data></d:prop></d:propstat></d:response>"
            "</d:multistatus>",
        )

    options = CalendarOptions(url="https://c.example/cal/", mode="caldav", user="anna")
    source = CalendarSource(options, "geheim", httpx.AsyncClient(transport=httpx.MockTransport(answer)))

    (page,) = await pages(source)

    assert [row.key for row in page.rows] == ["a"]
    assert (asked[0].method, asked[0].headers["depth"]) == ("REPORT", "1")
    assert asked[0].headers["authorization"].startswith("Basic ")


async def test_a_calendar_that_is_none_is_refused() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text="<html>login</html>"))
    source = CalendarSource(
        CalendarOptions(url="https://c.example/x.ics"), None, httpx.AsyncClient(transport=transport)
    )

    health = await source.test()

    assert not health.ok
    with pytest.raises(Invalid):
        await pages(source)
