"""Calendars as a source (S1-61): ICS files and CalDAV servers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tongmai.kit import FixedClock, Invalid
from tongmai.link.sources.calendar import CalendarOptions, CalendarSource

from .desk import Desk, customers_of

NOW = datetime(2026, 11, 2, tzinfo=UTC)
Answer = Callable[[httpx.Request], httpx.Response]

EVENT = (
    "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:{summary}\r\n"
    "DTSTART;TZID=Asia/Shanghai:20261103T090000\r\nDTEND;TZID=Asia/Shanghai:20261103T100000\r\n"
    "ATTENDEE:mailto:buyer@example.com\r\nEND:VEVENT\r\n"
)


def ics(*events: tuple[str, str]) -> str:
    body = "".join(EVENT.format(uid=uid, summary=summary) for uid, summary in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}END:VCALENDAR\r\n"


def reading(answer: Answer, password: str | None = None, **options: Any) -> CalendarSource:
    """A source whose server answers so."""
    given = CalendarOptions.model_validate({"url": "https://c.example/x.ics", **options})
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return CalendarSource(given, password, http, FixedClock(NOW))


async def pages(source: CalendarSource, cursor: Any = None) -> list[Any]:
    return [page async for page in source.pull("events", cursor)]


async def test_a_calendar_gives_its_events_and_tells_what_is_gone() -> None:
    content = ics(("a", "客户拜访"), ("b", "产品培训"))
    source = reading(lambda request: httpx.Response(200, text=content))

    (first,) = await pages(source)
    same = await pages(source, first.cursor)
    content = ics(("b", "产品培训（改期）"))
    (second,) = await pages(source, first.cursor)

    assert [row.body["summary"] for row in first.rows] == ["客户拜访", "产品培训"]
    assert first.rows[0].body["start"] == "2026-11-03T09:00:00+08:00"
    assert first.rows[0].body["attendees"] == ["buyer@example.com"]
    assert same == []
    assert [row.key for row in second.rows] == ["b"]
    assert second.listing.keys == {"b"}


@pytest.mark.parametrize(
    "bad",
    [
        "DTSTART:20261103T090000Z\r\nDURATION:P99999999W\r\n",
        "DTSTART:00010101T000000Z\r\nDURATION:-P1W\r\n",
        "DTSTART:20261103T090000Z\r\nRDATE:" + ",".join(["20261103T090000Z"] * 10_001) + "\r\n",
    ],
)
async def test_an_event_beyond_all_days_or_counting_keeps_no_other_out(bad: str) -> None:
    content = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:bad\r\n{bad}END:VEVENT\r\n{EVENT.format(uid='b', summary='好')}"
    source = reading(lambda request: httpx.Response(200, text=content + "END:VCALENDAR\r\n"))

    (page,) = await pages(source)

    assert [row.key for row in page.rows] == ["b"]
    assert [(each.key, each.faults[0].code) for each in page.set_aside] == [("bad", "calendar.bad_event")]
    assert (await source.test()).detail == {"events": 1, "bad": 1}


async def test_a_recurring_event_tells_what_it_leaves_out_and_what_was_moved() -> None:
    series = (
        "BEGIN:VEVENT\r\nUID:w\r\nDTSTART;TZID=China Standard Time:20261103T090000\r\nDURATION:PT1H30M\r\n"
        "RRULE:FREQ=WEEKLY;COUNT=10\r\nEXDATE;TZID=Asia/Shanghai:20261110T090000,20261117T090000\r\n"
        "RDATE;VALUE=PERIOD:20261126T010000Z/PT1H\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:w\r\nRECURRENCE-ID;TZID=Asia/Shanghai:20261201T090000\r\n"
        "DTSTART;TZID=America/New_York:20261202T140000\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTART:nie\r\nEND:VEVENT\r\n"
    )
    content = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{series}END:VCALENDAR\r\n"

    (page,) = await pages(reading(lambda request: httpx.Response(200, text=content)))

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

    (page,) = await pages(reading(answer, "geheim", url="https://c.example/cal/", mode="caldav", user="anna"))

    assert [row.key for row in page.rows] == ["a"]
    assert (asked[0].method, asked[0].headers["depth"]) == ("REPORT", "1")
    assert asked[0].headers["authorization"].startswith("Basic ")


async def test_a_calendar_that_is_none_is_refused() -> None:
    source = reading(lambda request: httpx.Response(200, text="<html>login</html>"))

    health = await source.test()

    assert not health.ok
    with pytest.raises(Invalid):
        await pages(source)


@contextmanager
def served(files: dict[str, str]) -> Iterator[str]:
    """A web server with these files, which may change; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files[self.path].encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


async def test_events_become_records_and_a_calendar_that_is_suddenly_empty_deletes_none(desk: Desk) -> None:
    many = [(f"u{number:02}", f"拜访 {number}") for number in range(30)]
    files = {"/x.ics": ics(*many)}
    with served(files) as address:
        mapping = customers_of("visits", "events", ("uid", "code"), ("summary", "name")) | {"on_delete": "delete"}
        options = {"url": f"{address}/x.ics"}
        await desk.define({"key": "visits", "label": "日历", "kind": "calendar", "options": options}, mapping)
        await desk.pull("visits")
        desk.clock.advance(timedelta(hours=1))
        files["/x.ics"] = ics(*many[1:])
        await desk.pull("visits")
        after_one = await desk.count("customer", "deleted_at IS NULL")
        desk.clock.advance(timedelta(hours=1))
        files["/x.ics"] = ics()
        await desk.pull("visits")

    assert after_one == 29
    assert await desk.count("customer", "deleted_at IS NULL") == 29
    assert await desk.refusals("visits") == {"*": ["source.too_many_gone"]}


async def test_an_event_that_becomes_unreadable_is_not_taken_for_deleted() -> None:
    source = reading(
        lambda request: httpx.Response(200, text=ics(("a", "x"), ("b", "y")).replace("20261103T09", "nie", 1))
    )

    (page,) = await pages(source)

    assert [row.key for row in page.rows] == ["b"]
    assert page.listing.keys == {"a", "b"}


async def test_a_long_calendar_comes_in_pages_and_the_last_alone_moves_on() -> None:
    content = ics(*((f"u{number}", "x") for number in range(2_001)))
    first, last = await pages(reading(lambda request: httpx.Response(200, text=content)))

    assert (len(first.rows), len(last.rows)) == (2_000, 1)
    assert first.cursor == {} and first.listing is None
    assert len(last.listing.keys) == 2_001


async def test_a_shared_file_is_followed_to_where_it_lies_and_the_account_is_not_told_there() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.host == "c.example":
            return httpx.Response(302, headers={"location": "https://elsewhere.example/y.ics"})
        return httpx.Response(200, content=ics(("a", "客户拜访")).encode("gb18030"))

    (page,) = await pages(reading(answer, "geheim", url="webcal://c.example/x.ics", user="anna"))

    assert page.rows[0].body["summary"] == "客户拜访"
    assert [str(each.url) for each in asked] == ["https://c.example/x.ics", "https://elsewhere.example/y.ics"]
    assert ["authorization" in each.headers for each in asked] == [True, False]


KINDS = (
    '<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:response><d:href>/anna/</d:href><d:propstat>'
    "<d:prop><d:resourcetype><d:collection/>{itself}</d:resourcetype></d:prop></d:propstat></d:response><d:response>"
    "<d:href>/anna/visits/</d:href><d:propstat><d:prop><d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"
    "</d:prop></d:propstat></d:response></d:multistatus>"
)


@pytest.mark.parametrize(("itself", "is_calendar"), [("", False), ("<c:calendar/>", True)])
async def test_a_collection_without_events_is_believed_if_it_is_a_calendar(itself: str, is_calendar: bool) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        kinds = KINDS.format(itself=itself)
        return httpx.Response(207, text=kinds if request.method == "PROPFIND" else '<d:multistatus xmlns:d="DAV:"/>')

    health = await reading(answer, url="https://c.example/anna/", mode="caldav").test()

    assert health.ok is is_calendar
    assert [fault.code for fault in health.faults] == ([] if is_calendar else ["calendar.no_calendar"])
    assert is_calendar or "https://c.example/anna/visits/" in str(health.faults[0].way_out)


async def test_a_collection_that_has_moved_is_told_with_its_new_place() -> None:
    moved = httpx.Response(301, headers={"location": "https://new.example/anna/"})

    health = await reading(lambda request: moved, url="https://c.example/anna/", mode="caldav").test()

    assert [fault.code for fault in health.faults] == ["calendar.moved"]
    assert "https://new.example/anna/" in health.faults[0].text.zh
