"""Events as they happen: under the policies, resumable, ended with the session, and never queued for a slow reader."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from starlette.types import ASGIApp, Message
from tests.web.company import Company, SignIn

from tongmai.access import SystemActor
from tongmai.identity import Hasher, Identity
from tongmai.kit import FixedClock, Text
from tongmai.metrics import MEASURED_CHANNEL, Segments
from tongmai.model import AddMetric, AddObject, AddSegment, Changeset, MetricDef, ObjectDef, SegmentDef
from tongmai.records import Sealer
from tongmai.web import Services
from tongmai.web.event_stream import EventStream
from tongmai.web.routes.stream import HEARTBEAT_S
from tongmai.work import Notice

Leave = Callable[[httpx.AsyncClient, httpx.AsyncClient, str], Awaitable[httpx.Response]]


@dataclass
class Event:
    kind: str
    id: str | None
    data: dict[str, object]


class Listener:
    """Reads one stream straight from the application (httpx's in-process transport gathers whole answers)."""

    def __init__(self, app: ASGIApp, client: httpx.AsyncClient, last_event_id: str | None = None) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        headers = [(b"cookie", cookie.encode()), (b"accept-language", b"en")]
        if "authorization" in client.headers:
            headers.append((b"authorization", client.headers["authorization"].encode()))
        if last_event_id is not None:
            headers.append((b"last-event-id", last_event_id.encode()))
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/api/stream", "raw_path": b"/api/stream", "query_string": b"", "root_path": "",
            "headers": headers, "client": ("127.0.0.1", 1), "server": ("tongmai.test", 80), "state": {},
        }  # fmt: skip
        self._app = app
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._left = asyncio.Event()
        self._text = ""
        self.status = 0

    async def __aenter__(self) -> Listener:
        self._task = asyncio.create_task(self._app(self._scope, self._receive, self._messages.put))  # type: ignore[arg-type]
        self.status = (await self._next())["status"]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._left.set()
        await asyncio.wait_for(self._task, 5)

    async def _receive(self) -> Message:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _next(self) -> Message:
        return await asyncio.wait_for(self._messages.get(), 10)

    async def event(self) -> Event:
        """The next event; comments and the retry line are passed over."""
        while True:
            while "\n\n" not in self._text:
                message = await self._next()
                self._text += message["body"].decode()
                if not message.get("more_body") and "\n\n" not in self._text:
                    raise EOFError
            block, _, self._text = self._text.partition("\n\n")
            fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
            if "event" in fields:
                return Event(fields["event"], fields.get("id"), json.loads(fields["data"]))


@pytest.fixture
async def sealer(services: Services, company: Company) -> Sealer:
    found = Sealer(services.database, company.workspace, services.clock, services.settings)
    await found.seal_once()
    return found


async def test_a_change_reaches_those_who_may_see_it(app: ASGIApp, sign_in: SignIn, sealer: Sealer) -> None:
    anna, bert, cleo = await sign_in("anna"), await sign_in("bert"), await sign_in("cleo")
    async with Listener(app, bert) as colleague, Listener(app, cleo) as stranger:
        assert (await colleague.event()).kind == (await stranger.event()).kind == "open"
        made = (await anna.post("/api/records/customer", json={"name": "实时客户"})).json()
        theirs = (await cleo.post("/api/records/customer", json={"name": "南方客户"})).json()
        await sealer.seal_once()
        seen, unseen = await colleague.event(), await stranger.event()
    assert (seen.kind, seen.data["object"], seen.data["id"]) == ("record", "customer", made["id"])
    assert unseen.data["id"] == theirs["id"]


async def test_a_broken_connection_goes_on_where_it_stood(app: ASGIApp, sign_in: SignIn, sealer: Sealer) -> None:
    anna = await sign_in("anna")
    async with Listener(app, anna) as first:
        await first.event()
        for name in ("一", "二"):
            await anna.post("/api/records/customer", json={"name": name})
        await sealer.seal_once()
        one = await first.event()
    async with Listener(app, anna, last_event_id=one.id) as second:
        assert (await second.event()).kind == "open"
        two = await second.event()
    assert one.id != two.id
    assert (one.data["version"], two.data["version"]) == (1, 1)
    assert one.data["id"] != two.data["id"]


async def test_the_stream_tells_of_a_new_field(app: ASGIApp, sign_in: SignIn, sealer: Sealer) -> None:
    admin = await sign_in("admin")
    async with Listener(app, admin) as listening:
        await listening.event()
        field = {"key": "nickname", "type": "text", "label": {"zh": "昵称", "en": "Nickname"}}
        change = {"actions": [{"action": "add_field", "object": "customer", "field": field}]}
        assert (await admin.post("/api/model/changes", json=change)).status_code == 201
        assert (await listening.event()).kind == "model"


async def test_the_stream_ends_with_the_session(app: ASGIApp, sign_in: SignIn, sealer: Sealer) -> None:
    anna, bert = await sign_in("anna"), await sign_in("bert")
    async with Listener(app, anna) as listening:
        await listening.event()
        assert (await anna.delete("/api/session")).status_code == 204
        await bert.post("/api/records/customer", json={"name": "之后"})
        await sealer.seal_once()
        ended = await listening.event()
    assert (ended.kind, ended.data) == ("end", {"why": "session"})


async def _signs_out(mine: httpx.AsyncClient, admin: httpx.AsyncClient, person: str) -> httpx.Response:
    return await mine.delete("/api/session")


async def _is_locked_out(mine: httpx.AsyncClient, admin: httpx.AsyncClient, person: str) -> httpx.Response:
    return await admin.patch(f"/api/accounts/{person}", json={"disabled": True})


@pytest.mark.parametrize("leave", [_signs_out, _is_locked_out])
async def test_who_is_out_is_told_nothing_more_though_nothing_happens(
    app: ASGIApp, sign_in: SignIn, company: Company, services: Services, leave: Leave
) -> None:
    """The stream waits for news or a heartbeat (15 s): it must not wait for either."""
    anna, admin = await sign_in("anna"), await sign_in("admin")
    async with Listener(app, anna) as listening:
        await listening.event()
        begun = asyncio.get_running_loop().time()
        answer = await leave(anna, admin, company.people["anna"])
        assert answer.is_success, answer.text
        ended = await listening.event()
    assert (ended.kind, ended.data) == ("end", {"why": "session"})
    assert asyncio.get_running_loop().time() - begun < HEARTBEAT_S / 2


async def test_a_token_that_is_revoked_in_another_process_ends_its_stream(
    app: ASGIApp, sign_in: SignIn, company: Company, services: Services
) -> None:
    await services.identity.start()
    anna = await sign_in("anna")
    made = (await anna.post("/api/tokens", json={"name": "sync", "scopes": ["read"]})).json()
    bearer = httpx.AsyncClient(headers={"authorization": f"Bearer {made['token']}"})
    other = Identity(services.database, services.settings, services.clock, Hasher())
    async with bearer, Listener(app, bearer) as listening:
        await listening.event()
        catalogue = await services.catalogues.get(company.workspace)
        await other.revoke_token(SystemActor("test"), company.workspace, catalogue, UUID(made["id"]))
        assert (await listening.event()).data == {"why": "session"}


async def test_a_page_that_only_stays_open_keeps_no_session(
    app: ASGIApp, sign_in: SignIn, sealer: Sealer, clock: FixedClock
) -> None:
    """Twelve hours without use end it, whatever was told meanwhile."""
    anna = await sign_in("anna")
    async with Listener(app, anna) as listening:
        await listening.event()
        told = []
        for _ in range(2):
            clock.advance(timedelta(hours=7))
            await (await sign_in("bert")).post("/api/records/customer", json={"name": "夜里"})
            await sealer.seal_once()
            told.append(await listening.event())
    assert told[0].kind == "record"
    assert (told[1].kind, told[1].data) == ("end", {"why": "session"})


async def test_a_stop_ends_every_stream(app: ASGIApp, sign_in: SignIn, sealer: Sealer, services: Services) -> None:
    anna = await sign_in("anna")
    async with Listener(app, anna) as listening:
        await listening.event()
        services.stop()
        assert (await listening.event()).data == {"why": "stopping"}
    assert (await anna.get("/readyz")).status_code == 503


async def test_a_person_has_five_streams_at_most(app: ASGIApp, sign_in: SignIn, sealer: Sealer) -> None:
    anna = await sign_in("anna")
    opened = [Listener(app, anna) for _ in range(5)]
    for each in opened:
        await each.__aenter__()
    refused = await anna.get("/api/stream")
    assert refused.status_code == 429
    for each in opened:
        await each.__aexit__()
    async with Listener(app, anna) as again:
        assert again.status == 200


@pytest.mark.parametrize("given", ["x", "1:2:3", "-1:0", "9" * 40 + ":1"])
async def test_a_foreign_place_is_refused(sign_in: SignIn, sealer: Sealer, given: str) -> None:
    anna = await sign_in("anna")
    assert (await anna.get("/api/stream", headers={"last-event-id": given})).status_code == 400


async def test_a_reader_that_takes_nothing_is_left_after_a_while() -> None:
    produced = 0
    closed = []

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal produced
        while True:
            produced += 1
            yield b"x"

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    stream = EventStream(chunks(), on_end=lambda: closed.append(True), patience_s=0.05)  # type: ignore[arg-type]
    await asyncio.wait_for(stream({"type": "http"}, receive, send), 5)
    assert produced == 1
    assert closed == [True]


async def test_the_inbox_is_told_to_its_person_alone(
    app: ASGIApp, services: Services, company: Company, sign_in: SignIn, sealer: Sealer
) -> None:
    """At once when a notice comes and when it is seen, also on another page; colleagues hear nothing."""
    async with Listener(app, await sign_in("anna")) as ann, Listener(app, await sign_in("bert")) as bob:
        assert (await ann.event()).kind == (await bob.event()).kind == "open"
        people = {name: UUID(company.people[name]) for name in ("anna", "bert")}
        await services.work.notices.send(company.workspace, Notice((people["anna"],), Text.same("一")), key="1")
        told = await ann.event()
        assert (told.kind, told.data) == ("notices", {"unseen": 1})
        await services.work.inbox.mark_seen(company.workspace, people["anna"])
        told = await ann.event()
        assert (told.kind, told.data) == ("notices", {"unseen": 0})
        await services.work.notices.send(company.workspace, Notice((people["bert"],), Text.same("二")), key="2")
        told = await bob.event()
        assert (told.kind, told.data) == ("notices", {"unseen": 1})


async def test_a_narrow_token_hears_nothing_of_the_inbox(
    app: ASGIApp, services: Services, company: Company, sign_in: SignIn, sealer: Sealer
) -> None:
    anna, person = await sign_in("anna"), UUID(company.people["anna"])
    wanted = {"name": "t", "scopes": ["read:customer"], "days": 1}
    secret = (await anna.post("/api/tokens", json=wanted)).json()["token"]
    program = httpx.AsyncClient(headers={"authorization": f"Bearer {secret}"})
    async with Listener(app, program) as listening:
        assert (await listening.event()).kind == "open"
        await services.work.notices.send(company.workspace, Notice((person,), Text.same("一")), key="1")
        await anna.post("/api/records/customer", json={"name": "甲"})
        await sealer.seal_once()
        assert (await listening.event()).kind == "record"
    await program.aclose()


async def test_metrics_and_classes_are_told_to_those_who_may_read_their_object(
    app: ASGIApp, services: Services, company: Company, sign_in: SignIn, sealer: Sealer
) -> None:
    kind = {"key": "told_deals", "label": "数", "measure": {"kind": "count"}}
    deals = MetricDef.model_validate({**kind, "object": "customer", "source": "opportunity", "path": "customer"})
    secret = ObjectDef(key="ledger", label=Text("台账", "Ledger"))
    hidden = MetricDef.model_validate({**kind, "key": "told_lines", "object": "ledger", "source": "ledger"})
    classes = [{"key": "busy", "label": "忙", "when": "told_deals > 0"}, {"key": "idle", "label": "闲"}]
    busy = SegmentDef.model_validate({"key": "told_busy", "label": "活跃", "object": "customer", "classes": classes})
    actions = (AddObject(object=secret), AddMetric(metric=deals), AddMetric(metric=hidden), AddSegment(segment=busy))
    await services.editor.apply(company.workspace, Changeset(actions=actions), None)
    anna = await sign_in("anna")
    await anna.post("/api/records/customer", json={"name": "有指标的客户"})
    await sealer.seal_once()
    async with Listener(app, anna) as listening:
        assert (await listening.event()).kind == "open"
        async with services.database.write() as tx:
            await tx.notify(MEASURED_CHANNEL, f"{company.workspace.key}:ledger")
        await services.metrics.refresh(company.workspace)
        assert await measured(listening) == "customer"
        await Segments(services.metrics).evaluate(company.workspace)
        while await measured(listening) != "customer":
            pass


async def measured(listening: Listener) -> object:
    """The object that the next event about metrics names: never one that is not for the reader."""
    told = await listening.event()
    assert told.kind == "metrics"
    assert told.data["object"] != "ledger"
    return told.data["object"]
