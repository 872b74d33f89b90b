"""Calendars: a published ICS file, or a collection on a CalDAV server (RFC 4791). Read only (S1-61).

Both give whole calendars; what did not change is told by the version hash of each event, what is gone by what is not
among them. A recurring event is one row with its rule, the moments it leaves out (``except``) and has besides
(``also``); changed occurrences are rows of their own.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import httpx
import icalendar
from pydantic import Field, JsonValue

from tongmai.kit import Clock, Fault, Invalid, Text, TongmaiError
from tongmai.link.source import (
    Asked,
    Cursor,
    Health,
    Listing,
    Page,
    RawRow,
    SetAside,
    SourceContext,
    SourceKind,
    SourceOptions,
    Stream,
)
from tongmai.link.sources.calendar_server import CalendarServer

PASSWORD = "password"  # noqa: S105 - the name of a secret, not one
_STREAM = "events"
_PAGE = 2_000
# A daily event for 27 years.
_MOST_MOMENTS = 10_000
# Under this name and a number stand calendars that cannot be read.
_UNREAD = "calendar:"


class CalendarOptions(SourceOptions):
    """``url`` is the ICS file's address, or the calendar collection's on the CalDAV server."""

    url: Annotated[str, Field(pattern=r"^(?:https?|webcals?)://", max_length=1_000)]
    mode: Literal["ics", "caldav"] = "ics"
    user: Annotated[str, Field(max_length=200)] | None = None


class CalendarSource:
    """Implements ``Source`` and ``Pulls``. Cursor: ``{"digest": …}``."""

    def __init__(self, options: CalendarOptions, password: str | None, http: httpx.AsyncClient, clock: Clock) -> None:
        self._server = CalendarServer(options.url, options.user, password, http)
        self._is_file = options.mode == "ics"
        self._clock = clock

    async def test(self) -> Health:
        try:
            rows, aside = await asyncio.to_thread(_rows, await self._calendars())
        except TongmaiError as error:
            return Health(False, Text("日历不可读", "The calendar cannot be read"), error.faults)
        return Health(
            True, Text("日历可读", "The calendar can be read"), detail={"events": len(rows), "bad": len(aside)}
        )

    async def close(self) -> None:
        return None

    async def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        """All events, if any changed; the last page tells all keys. An event that cannot be read is not gone."""
        before, asked_at = cursor or {}, self._clock.now()
        calendars = await self._calendars()
        digest = hashlib.sha256(b"\0".join(sorted(calendars))).hexdigest()
        if before.get("digest") == digest:
            return
        rows, aside = await asyncio.to_thread(_rows, calendars)
        *first, last = [tuple(rows[start : start + _PAGE]) for start in range(0, len(rows), _PAGE)] or [()]
        for lot in first:
            yield Page(lot, before, total=len(rows))
        yield Page(last, {"digest": digest}, tuple(aside), listing=_listing(rows, aside, asked_at))

    async def _calendars(self) -> list[bytes]:
        return [await self._server.file()] if self._is_file else await self._server.collection()


def _rows(calendars: list[bytes]) -> tuple[list[RawRow], list[SetAside]]:
    rows: dict[str, RawRow] = {}
    aside: list[SetAside] = []
    for number, content in enumerate(calendars, 1):
        try:
            found = icalendar.Calendar.from_ical(_words(content), multiple=True)
        except (ValueError, IndexError, KeyError, OverflowError, RecursionError) as error:
            # What was answered instead is not repeated: whoever gives an address is told only that it is no calendar.
            fault = Fault("calendar.not_ics", Text("答复的不是日历", "What was answered is no calendar"))
            if len(calendars) == 1:
                raise Invalid((fault,)) from error
            aside.append(SetAside(f"{_UNREAD}{number}", (fault,)))
            continue
        for event in _events(found):
            try:
                row = _row(event)
                rows[row.key] = row
            except (ValueError, TypeError, AttributeError, OverflowError) as error:
                key = str(event.get("UID", f"event:{number}"))[:200]
                said = f"{error}"[:200]
                aside.append(SetAside(key, (Fault("calendar.bad_event", Text(f"日程有误：{said}", said)),)))
    return list(rows.values()), aside


def _listing(rows: Sequence[RawRow], aside: Sequence[SetAside], asked_at: datetime) -> Listing | None:
    """All keys; None where a whole calendar could not be read: nobody knows what stands in it. What is set aside is
    not gone."""
    if any(each.key.startswith(_UNREAD) for each in aside):
        return None
    return Listing(frozenset([*(row.key for row in rows), *(each.key for each in aside)]), asked_at)


def _words(content: bytes) -> str:
    """As RFC 5545 wants it, else as older Chinese programs write it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")


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
    if len(every) > _MOST_MOMENTS:
        raise ValueError(f"more than {_MOST_MOMENTS} moments")
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
    return CalendarSource(options, context.secrets.get(PASSWORD), context.http, context.clock)


_FORM: Mapping[str, Asked] = {
    "url": Asked(
        Text("日历地址", "Address"),
        Text("ICS 文件或 CalDAV 上某一个日历的地址", "That of an ICS file, or of one calendar on the CalDAV server"),
    ),
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
