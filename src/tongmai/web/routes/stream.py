"""What I may see, as it changes: server-sent events under the same policies as every read.

Events are read from the sealed history, in the order (epoch, seq), each asked anew whether the reader may see it.
``id`` is the place in the feed, so a connection that breaks goes on where it stood. ``record`` tells that a record
changed (``gone``: that it left the reader's sight); ``metrics`` that metrics or classes of an object's records did;
``model`` that the metadata did; ``notices`` that the reader's inbox is another, with the number of what he has not
seen; ``end`` why the stream ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Set

import orjson
from starlette.responses import Response

from tongmai.kit import Denied, NotSignedIn, Text
from tongmai.model import Catalogue
from tongmai.records import Position
from tongmai.web.call import Call
from tongmai.web.event_stream import EventStream
from tongmai.web.operation import Answer, Operation, Parameter
from tongmai.web.routes.notices import hears_notices
from tongmai.web.sse import EventId, frame, heartbeat
from tongmai.web.streams import Stream

HEARTBEAT_S = 15.0
_BATCH = 200
_RETRY = b"retry: 2000\n\n"


async def follow(call: Call) -> Response:
    given = call.request.headers.get("last-event-id") or call.query.get("last_event_id")
    start = EventId.parse(given) if given else None
    streams = call.services.streams
    stream = streams.open(call.workspace.key, call.actor.id, call.signed_in.account_id)
    return EventStream(_events(call, stream, start), on_end=lambda: streams.close_stream(stream))


async def _events(call: Call, stream: Stream, start: EventId | None) -> AsyncGenerator[bytes]:
    gateway, workspace = call.services.gateway, call.workspace
    place = await gateway.feed_place(workspace) if start is None else Position(start.epoch, start.seq)
    version = (await call.catalogue()).version
    # What was held back comes into the inbox without anybody telling: each pause is a look at it.
    unseen, idle = await _unseen(call), False
    yield _RETRY + frame("open", b"{}", EventId(*place))
    while not stream.ending:
        stream.woken.clear()
        try:
            # The session may have ended and the roles may have changed since the last look.
            await call.look_again()
        except (NotSignedIn, Denied):
            yield frame("end", b'{"why":"session"}')
            return
        catalogue = await call.catalogue()
        if catalogue.version != version:
            version = catalogue.version
            yield frame("model", orjson.dumps({"version": version}))
        told, stream.told = stream.told, False
        if (told or idle) and unseen is not None:
            before, unseen = unseen, await _unseen(call)
            if told or unseen != before:
                yield frame("notices", orjson.dumps({"unseen": unseen}))
        measured, stream.measured = stream.measured, set()
        for key in _readable(call, catalogue, measured):
            yield frame("metrics", orjson.dumps({"object": key}))
        idle = False
        page = await gateway.feed(call.actor, workspace, after=place, limit=_BATCH)
        for event in page:
            call.services.figures.sent_events.inc()
            yield frame("record", event.body, EventId(event.epoch, event.seq))
        place = page.last
        if page.is_complete and not await _woken(stream):
            idle = True
            yield heartbeat(EventId(*place))
    yield frame("end", b'{"why":"stopping"}')


def _readable(call: Call, catalogue: Catalogue, measured: Set[str]) -> list[str]:
    """Of the objects that were measured those the reader may read; the empty text stands for all that have metrics."""
    known = {each.object for each in catalogue.metrics} | {each.object for each in catalogue.segments}
    named = known if "" in measured else known & measured
    policies = call.services.policies
    return sorted(each for each in named if policies.of(call.actor, catalogue, each).may("read"))


async def _unseen(call: Call) -> int | None:
    """None for a token that is too narrow for the inbox."""
    if not hears_notices(call):
        return None
    return (await call.services.work.inbox.counts(call.workspace, call.actor.id)).unseen


async def _woken(stream: Stream) -> bool:
    """Waits for news, at most until a heartbeat is due."""
    try:
        async with asyncio.timeout(HEARTBEAT_S):
            await stream.woken.wait()
    except TimeoutError:
        return False
    return True


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/stream",
        follow,
        "stream",
        Text("实时事件（server-sent events）", "Events as they happen (server-sent events)"),
        parameters=(Parameter("last_event_id", Text("从此之后开始", "Begin after this one"), longest=40),),
        headers=(Parameter("Last-Event-ID", Text("从此之后开始", "Begin after this one")),),
        answers={200: Answer(Text("事件", "The events"), None, ("text/event-stream",))},
    ),
)
