"""Content: publishing editions, what fits a record, reading confirmations, who has still to read."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from tongmai.kit import Text
from tongmai.model import Key
from tongmai.web.answers import document, nothing
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation
from tongmai.web.shapes import items_of
from tongmai.web.shapes.working import EditionShown, EditionUsage, PackPublished, PackShown, ReaderShown
from tongmai.work import ContentEvent, PackLine, Subject


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReadFor(_Body):
    """The record for which a pack was opened or used."""

    object: Key
    id: UUID


class ContentRead(_Body):
    """What was done with the pack's present edition."""

    event: ContentEvent
    about: ReadFor | None = None


async def publish_content(call: Call) -> Response:
    edition = await call.services.work.content.publish(call.actor, call.workspace, call.id())
    return document({"edition": edition})


async def read_content(call: Call) -> Response:
    given = await call.body(ContentRead)
    subject = None if given.about is None else Subject(given.about.object, given.about.id)
    await call.services.work.content.record(call.actor, call.workspace, call.id(), given.event, subject)
    return nothing()


async def list_content_to_confirm(call: Call) -> Response:
    found = await call.services.work.content_reader.to_confirm(call.actor, call.workspace)
    return document({"items": [_pack(each) for each in found]})


async def list_content_for_record(call: Call) -> Response:
    found = await call.services.work.content_reader.for_record(
        call.actor, call.workspace, call.part("object"), call.id("record")
    )
    return document({"items": [_pack(each) for each in found]})


async def list_editions(call: Call) -> Response:
    found = await call.services.work.content_reader.editions(call.actor, call.workspace, call.id())
    return document(
        {
            "items": [
                {
                    "edition": each.edition,
                    "title": each.title,
                    "body": each.body,
                    "files": [str(file) for file in each.files],
                    "must_read": each.must_read,
                    "published_at": each.published_at.isoformat(),
                    "published_by": each.published_by and str(each.published_by),
                }
                for each in found
            ]
        }
    )


async def list_content_readers(call: Call) -> Response:
    found = await call.services.work.content_reader.readers(call.actor, call.workspace, call.id())
    return document(
        {
            "waiting": sum(each.confirmed_at is None for each in found),
            "items": [
                {
                    "person": str(each.person),
                    "name": each.name,
                    "opened_at": each.opened_at and each.opened_at.isoformat(),
                    "confirmed_at": each.confirmed_at and each.confirmed_at.isoformat(),
                }
                for each in found
            ],
        }
    )


async def show_content_usage(call: Call) -> Response:
    found = await call.services.work.content_reader.usage(call.actor, call.workspace, call.id())
    return document(
        {
            "items": [
                {
                    "edition": each.edition,
                    "pushed": each.pushed,
                    "opened": each.opened,
                    "used": each.used,
                    "confirmed": each.confirmed,
                    "readers": each.readers,
                }
                for each in found
            ]
        }
    )


def _pack(each: PackLine) -> dict[str, object]:
    return {
        "id": str(each.id),
        "key": each.key,
        "title": each.title,
        "kind": each.kind,
        "edition": each.edition,
        "must_read": each.must_read,
        "confirmed": each.confirmed,
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/content/to-confirm",
        list_content_to_confirm,
        "content",
        Text("我还须阅读确认的内容", "What I have still to read and confirm"),
        answers={200: Answer(Text("内容", "Content"), items_of(PackShown))},
    ),
    Operation(
        "GET",
        "/api/content/for/{object}/{record}",
        list_content_for_record,
        "content",
        Text("适用于一条记录的内容，按分层和字段", "What is meant for a record, by its classes and fields"),
        answers={200: Answer(Text("内容", "Content"), items_of(PackShown))},
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/content/{id}/publish",
        publish_content,
        "content",
        Text("发布新的一版", "Publish the next edition"),
        answers={200: Answer(Text("版次", "The edition"), PackPublished)},
        problems=(403, 404, 409),
    ),
    Operation(
        "POST",
        "/api/content/{id}/events",
        read_content,
        "content",
        Text("打开、使用或确认了内容", "The content was opened, used or confirmed"),
        takes=ContentRead,
        answers={204: Answer(Text("已记录", "Kept"))},
        problems=(404, 409),
    ),
    Operation(
        "GET",
        "/api/content/{id}/editions",
        list_editions,
        "content",
        Text("发布过的各版", "All published editions"),
        answers={200: Answer(Text("各版，最新的在前", "Editions, the newest first"), items_of(EditionShown))},
        problems=(404,),
    ),
    Operation(
        "GET",
        "/api/content/{id}/readers",
        list_content_readers,
        "content",
        Text("谁还没有确认", "Who has still to confirm"),
        answers={
            200: Answer(
                Text("读者，未确认的在前", "Readers, those who have not first"),
                items_of(ReaderShown, waiting={"type": "integer"}),
            )
        },
        problems=(403, 404),
    ),
    Operation(
        "GET",
        "/api/content/{id}/usage",
        show_content_usage,
        "content",
        Text("各版的推送、打开、使用、确认次数", "How often each edition was pushed, opened, used, confirmed"),
        answers={200: Answer(Text("次数", "Counts"), items_of(EditionUsage))},
        problems=(403, 404),
    ),
)
