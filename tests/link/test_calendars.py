"""Calendars as a source (S1-61): ICS files and CalDAV servers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tongmai.kit import Invalid
from tongmai.link.sources.calendar import CalendarOptions, CalendarSource

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
