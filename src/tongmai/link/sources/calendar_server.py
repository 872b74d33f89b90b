"""Asking for calendars over HTTP: one ICS file, or what a CalDAV collection holds (RFC 4791)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urljoin

import httpx
from lxml import etree  # type: ignore[import-untyped]

from tongmai.kit import Invalid, Text
from tongmai.link.faults import away
from tongmai.link.outward import LONGEST_WAIT_S

_LARGEST = 32 * 1024 * 1024
_DAV, _CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_REPORT = (
    b'<?xml version="1.0" encoding="utf-8"?><C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    b'<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR">'
    b'<C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>'
)
_KINDS = (
    b'<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/></D:prop></D:propfind>'
)


class CalendarServer:
    """Of one address. Raises ``SourceAway`` for what may pass, ``Invalid`` for what will not."""

    def __init__(
        self,
        url: str,
        user: str | None,
        password: str | None,
        http: httpx.AsyncClient,
        seconds: float = LONGEST_WAIT_S,
    ) -> None:
        """``webcal`` is a calendar program's word for HTTPS. ``seconds``: for a whole answer."""
        scheme, _, rest = url.partition("://")
        self._url = f"https://{rest}" if scheme.startswith("webcal") else url
        self._auth = None if user is None else httpx.BasicAuth(user, password or "")
        self._http = http
        self._seconds = seconds

    async def file(self) -> bytes:
        return await self._ask("GET", None)

    async def collection(self) -> list[bytes]:
        """The calendar objects. An answer without any is believed of a calendar only: a collection of calendars answers
        so too, and its events would be taken for deleted."""
        tree = _tree(await self._ask("REPORT", _REPORT))
        found = [(each.text or "").encode() for each in tree.iter(f"{_CALDAV}calendar-data")]
        if not found:
            await self._require_calendar()
        return found

    async def _require_calendar(self) -> None:
        tree = _tree(await self._ask("PROPFIND", _KINDS))
        calendars = [urljoin(self._url, each) for each in _calendars_in(tree)]
        if any(unquote(each).rstrip("/") == unquote(self._url).rstrip("/") for each in calendars):
            return
        listed = "、".join(map(unquote, calendars[:10]))
        raise Invalid.of(
            "calendar.no_calendar",
            "这个地址不是一个日历",
            "There is no calendar at this address",
            way_out=Text(f"其下的日历：{listed}", f"Calendars below it: {listed}")
            if calendars
            else Text("请填写某一个日历的地址", "Give the address of one calendar"),
            field="options.url",
        )

    async def _ask(self, method: str, body: bytes | None) -> bytes:
        headers = {} if body is None else {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
        auth = self._auth if self._auth is not None else httpx.USE_CLIENT_DEFAULT
        try:
            # Shared files are often behind a redirection; the account is not told to another server.
            async with (
                asyncio.timeout(self._seconds),
                self._http.stream(
                    method, self._url, content=body, headers=headers, auth=auth, follow_redirects=method == "GET"
                ) as answer,
            ):
                _check(answer)
                parts, size = [], 0
                async for part in answer.aiter_bytes():
                    size += len(part)
                    if size > _LARGEST:
                        raise Invalid.of("calendar.too_large", "日历超过 32 MB", "The calendar is larger than 32 MB")
                    parts.append(part)
        except httpx.TooManyRedirects as error:
            raise Invalid.of("calendar.moved", "地址转来转去没有尽头", "The address leads on without end") from error
        except (httpx.HTTPError, TimeoutError) as error:
            said = str(error) or type(error).__name__
            raise away(f"日历服务器没有应答：{said}", f"The calendar server does not answer: {said}") from error
        return b"".join(parts)


def _check(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in (429, 500, 502, 503, 504):
        asked = answer.headers.get("retry-after", "")
        after = timedelta(seconds=int(asked)) if asked.isdigit() else None
        raise away(f"日历服务器答复 {status}", f"The calendar server answered {status}", after=after)
    if status in (401, 403):
        raise Invalid.of(
            "source.refused",
            "账号或密码不正确，或无权读取这个日历",
            "The account or password is wrong, or may not read this calendar",
            way_out=Text("有的服务器要用单独的应用密码", "Some servers want a password made for programs"),
        )
    if answer.is_redirect:
        there = str(answer.headers.get("location", ""))[:300]
        raise Invalid.of(
            "calendar.moved",
            f"日历已移到 {there}",
            f"The calendar has moved to {there}",
            way_out=Text("请填写新的地址", "Give the new address"),
            field="options.url",
        )
    if status not in (200, 207):
        raise Invalid.of(
            "calendar.status",
            f"日历服务器答复 {status}",
            f"The calendar server answered {status}",
            way_out=Text("请核对地址与方式 (ICS 或 CalDAV)", "Check the address and the manner (ICS or CalDAV)"),
            field="options.url",
        )


def _tree(content: bytes) -> Any:
    try:
        # Entities are neither read nor fetched: a server's answer is a stranger's document.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Invalid.of("calendar.not_xml", "服务器的答复不是 CalDAV", "The answer is no CalDAV") from error


def _calendars_in(tree: Any) -> Iterator[str]:
    """The paths of those that are calendars."""
    for each in tree.iter(f"{_DAV}response"):
        if each.find(f".//{_DAV}resourcetype/{_CALDAV}calendar") is not None:
            yield str(each.findtext(f"{_DAV}href") or "").strip()
