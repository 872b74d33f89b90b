"""Calendars: a published ICS file, or a collection on a CalDAV server (RFC 4791). Read only (S1-61).

Both give whole calendars; what did not change is told by the version hash of each event, what is gone by the events
known before. A recurring event is one row with its rule, the moments it leaves out (``except``) and has besides
(``also``); changed occurrences are rows of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

import httpx
import icalendar
from lxml import etree  # type: ignore[import-untyped]
from pydantic import Field, JsonValue

from tongmai.kit import Fault, Invalid, Text, TongmaiError
from tongmai.link.faults import away
from tongmai.link.source import (
    Asked,
    Cursor,
    Health,
    Page,
    RawRow,
    SetAside,
    SourceContext,
    SourceKind,
    SourceOptions,
    Stream,
)

PASSWORD = "password"  # noqa: S105 - the name of a secret, not one
_LARGEST = 32 * 1024 * 1024
_STREAM = "events"
_DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"
_REPORT = (
    b'<?xml version="1.0" encoding="utf-8"?><C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    b'<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR">'
    b'<C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>'
)


class CalendarOptions(SourceOptions):
    """``url`` is the ICS file's address, or the calendar collection's on the CalDAV server."""

    url: Annotated[str, Field(pattern=r"^https?://", max_length=1_000)]
    mode: Literal["ics", "caldav"] = "ics"
    user: Annotated[str, Field(max_length=200)] | None = None


class CalendarSource:
    """Implements ``Source`` and ``Pulls``. Cursor: ``{"digest": …, "known": [keys]}``."""

    def __init__(self, options: CalendarOptions, password: str | None, http: httpx.AsyncClient) -> None:
        self._options = options
        self._auth = None if options.user is None else httpx.BasicAuth(options.user, password or "")
        self._http = http

    async def test(self) -> Health:
        try:
            rows, aside = _rows(await self._calendars())
        except TongmaiError as error:
            return Health(False, Text("日历不可读", "The calendar cannot be read"), error.faults)
        return Health(
            True, Text("日历可读", "The calendar can be read"), detail={"events": len(rows), "bad": len(aside)}
        )

    async def close(self) -> None:
        return None

    async def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        calendars = await self._calendars()
        digest = hashlib.sha256(b"\0".join(sorted(calendars))).hexdigest()
        before = cursor or {}
        if before.get("digest") == digest:
            return
        rows, aside = _rows(calendars)
        keys = sorted(row.key for row in rows)
        known = before.get("known")
        gone = sorted(set(map(str, known)) - set(keys)) if isinstance(known, list) else []
        every = (*rows, *(RawRow(key, {"uid": key}, deleted=True) for key in gone))
        told: list[JsonValue] = list(keys)
        yield Page(every, {"digest": digest, "known": told}, tuple(aside), total=len(every))

    async def _calendars(self) -> list[bytes]:
        if self._options.mode == "ics":
            return [await self._ask("GET", None)]
        content = await self._ask("REPORT", _REPORT)
        try:
            # Entities are neither read nor fetched: a server's answer is a stranger's document.
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
            tree = etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            raise Invalid.of("calendar.not_xml", "服务器的答复不是 CalDAV", "The answer is no CalDAV") from error
        return [(each.text or "").encode() for each in tree.iter(_DATA)]

    async def _ask(self, method: str, body: bytes | None) -> bytes:
        headers = {} if body is None else {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
        auth = self._auth if self._auth is not None else httpx.USE_CLIENT_DEFAULT
        try:
            async with self._http.stream(method, self._options.url, content=body, headers=headers, auth=auth) as answer:
                _check(answer)
                parts, size = [], 0
                async for part in answer.aiter_bytes():
                    size += len(part)
                    if size > _LARGEST:
                        raise Invalid.of("calendar.too_large", "日历超过 32 MB", "The calendar is larger than 32 MB")
                    parts.append(part)
        except httpx.HTTPError as error:
            raise away("日历服务器没有应答", f"The calendar server does not answer: {type(error).__name__}") from error
        return b"".join(parts)


def _check(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in (429, 500, 502, 503, 504):
        asked = answer.headers.get("retry-after", "")
        after = timedelta(seconds=int(asked)) if asked.isdigit() else None
        raise away(f"日历服务器答复 {status}", f"The calendar server answered {status}", after=after)
    if status in (401, 403):
        raise Invalid.of("source.refused", "账号或密码不正确", "The account or password is wrong")
    if status not in (200, 207):
        raise Invalid.of("calendar.status", f"日历服务器答复 {status}", f"The calendar server answered {status}")


def _rows(calendars: list[bytes]) -> tuple[list[RawRow], list[SetAside]]:
    rows: dict[str, RawRow] = {}
    aside: list[SetAside] = []
    for number, content in enumerate(calendars, 1):
        try:
            found = icalendar.Calendar.from_ical(content, multiple=True)
        except (ValueError, IndexError, KeyError) as error:
            # What was answered instead is not repeated: whoever gives an address is told only that it is no calendar.
            fault = Fault("calendar.not_ics", Text("答复的不是日历", "What was answered is no calendar"))
            if len(calendars) == 1:
                raise Invalid((fault,)) from error
            aside.append(SetAside(f"calendar:{number}", (fault,)))
            continue
        for event in _events(found):
            try:
                row = _row(event)
                rows[row.key] = row
            except (ValueError, TypeError, AttributeError) as error:
                key = str(event.get("UID", f"event:{number}"))[:200]
                said = f"{error}"[:200]
                aside.append(SetAside(key, (Fault("calendar.bad_event", Text(f"日程有误：{said}", said)),)))
    return list(rows.values()), aside


def _events(calendars: Any) -> Iterator[Any]:
    for calendar in calendars:
        yield from calendar.walk("VEVENT")


def _row(event: Any) -> RawRow:
    uid = str(event.get("UID") or "").strip()
    if not uid:
        raise ValueError("no UID")
    occurrence = event.get("RECURRENCE-ID")
    start, end = event.get("DTSTART"), event.get("DTEND")
    changed = event.get("LAST-MODIFIED") or event.get("DTSTAMP")
    at = changed.dt if changed is not None and isinstance(changed.dt, datetime) else None
    body: dict[str, JsonValue] = {
        "uid": uid,
        "occurrence": None if occurrence is None else occurrence.dt.isoformat(),
        "summary": _text(event.get("SUMMARY")),
        "description": _text(event.get("DESCRIPTION")),
        "location": _text(event.get("LOCATION")),
        "status": _text(event.get("STATUS")),
        "start": _moment(start),
        "end": _moment(end) or _end_after(start, event.get("DURATION")),
        "all_day": start is not None and not isinstance(start.dt, datetime),
        "organizer": _address(event.get("ORGANIZER")),
        "attendees": [_address(each) for each in _list(event.get("ATTENDEE"))],
        "rule": None if event.get("RRULE") is None else event["RRULE"].to_ical().decode(),
        "except": _moments(event.get("EXDATE")),
        "also": _moments(event.get("RDATE")),
    }
    key = uid if occurrence is None else f"{uid}|{occurrence.dt.isoformat()}"
    return RawRow(key[:500], body, at if at is None or at.tzinfo else at.replace(tzinfo=UTC))


def _text(value: object) -> str | None:
    return None if value is None else str(value)[:20_000]


def _moment(value: Any) -> str | None:
    if value is None:
        return None
    found: datetime | date = value.dt
    return found.isoformat()


def _end_after(start: Any, duration: Any) -> str | None:
    """Where an event has a length in place of an end."""
    return None if start is None or duration is None else str((start.dt + duration.dt).isoformat())


def _moments(value: Any) -> list[JsonValue]:
    """The days or moments of one list or several; a span counts from its start."""
    every = [each.dt for lists in _list(value) for each in getattr(lists, "dts", ())]
    return [(each[0] if isinstance(each, tuple) else each).isoformat() for each in every]


def _address(value: object) -> str | None:
    return None if value is None else str(value).removeprefix("mailto:").removeprefix("MAILTO:")


def _list(value: object) -> list[object]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _streams(options: SourceOptions) -> tuple[Stream, ...]:
    columns = dict.fromkeys(("uid", "summary", "description", "location", "status", "organizer", "rule"), "text")
    columns |= {"start": "datetime", "end": "datetime", "all_day": "boolean", "attendees": "json"}
    columns |= {"except": "json", "also": "json"}
    return (Stream(_STREAM, Text("日程", "Events"), columns),)


def _open(context: SourceContext) -> CalendarSource:
    options = CalendarOptions.model_validate(context.definition.options)
    return CalendarSource(options, context.secrets.get(PASSWORD), context.http)


_FORM: Mapping[str, Asked] = {
    "url": Asked(Text("日历地址", "Address")),
    "mode": Asked(
        Text("方式", "Manner"),
        choices={"ics": Text("ICS 文件", "An ICS file"), "caldav": Text("CalDAV 服务器", "A CalDAV server")},
    ),
    "user": Asked(Text("账号", "User"), Text("公开的日历不填", "None for a public calendar")),
}

KIND = SourceKind(
    key="calendar",
    label=Text("日历 (ICS, CalDAV)", "Calendar (ICS, CalDAV)"),
    options=CalendarOptions,
    secrets={},
    optional_secrets={PASSWORD: Text("密码", "the password")},
    streams=_streams,
    open=_open,
    form=_FORM,
)
