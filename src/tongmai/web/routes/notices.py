"""Notifications: my inbox and what was held back, how I want to be told, and what became of deliveries."""

from __future__ import annotations

from typing import Annotated, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.access import require_manage
from tongmai.kit import Denied, Language, Text
from tongmai.web.answers import document, nothing
from tongmai.web.call import Call
from tongmai.web.operation import ID, YES_NO, Answer, Limit, Operation, Parameter
from tongmai.web.shapes import items_of
from tongmai.web.shapes.working import DeliveryShown, NoticeShown, SeenCount
from tongmai.work import Delivery, DeliveryState, Preferences, Told

_LIMIT = Limit(50, most=500)
_STATES: tuple[DeliveryState, ...] = get_args(DeliveryState)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NoticesSeen(_Body):
    """``ids`` of notices, or none for all that are in the inbox."""

    ids: Annotated[tuple[UUID, ...], Field(max_length=500)] | None = None


def hears_notices(call: Call, *, writing: bool = False) -> bool:
    """Whether the inbox is open to the caller. A token must reach all objects: what people are told of may be about
    any."""
    scopes = call.actor.scopes
    return scopes is None or "write" in scopes or (not writing and "read" in scopes)


def mine(call: Call, *, writing: bool = False) -> UUID:
    """Whose inbox it is. Raises Denied for a token that is narrower than ``hears_notices`` wants, or that may only read
    where something is changed."""
    if hears_notices(call, writing=writing):
        return call.actor.id
    needed = "write" if writing else "read"
    raise Denied.of(
        "token.scope_needed",
        f"令牌缺少权限范围“{needed}”",
        f"The token lacks the scope “{needed}”",
        way_out=Text("请用含该范围的令牌，或登录后操作", "Use a token with that scope, or sign in"),
        rule=f"scope:{needed}",
    )


async def list_my_notices(call: Call) -> Response:
    me = mine(call)
    limit = _LIMIT.asked(call)
    inbox = call.services.work.inbox
    found = await inbox.list(
        call.workspace, me, held=call.yes("held"), unseen=call.yes("unseen"),
        cursor=call.query.get("cursor"), limit=limit,
    )  # fmt: skip
    counts = await inbox.counts(call.workspace, me)
    return document(
        {
            "items": [_notice(each, call.language) for each in found],
            "next_cursor": found[-1].cursor if len(found) == limit else None,
            "unseen": counts.unseen,
            "held": counts.held,
        }
    )


async def mark_notices_seen(call: Call) -> Response:
    given = await call.body(NoticesSeen)
    seen = await call.services.work.inbox.mark_seen(call.workspace, mine(call, writing=True), given.ids)
    return document({"seen": seen})


async def show_my_preferences(call: Call) -> Response:
    return document(await call.services.work.preferences.get(call.workspace, mine(call)))


async def set_my_preferences(call: Call) -> Response:
    given = await call.body(Preferences)
    await call.services.work.preferences.put(call.workspace, mine(call, writing=True), given)
    return document(given)


async def show_usual_preferences(call: Call) -> Response:
    async with call.services.database.read() as tx:
        return document(await call.services.work.preferences.usual(tx, call.workspace))


async def set_usual_preferences(call: Call) -> Response:
    require_manage(call.actor, await call.catalogue(), "people")
    given = await call.body(Preferences)
    await call.services.work.preferences.put_usual(call.workspace, given)
    return document(given)


async def list_deliveries(call: Call) -> Response:
    """For who manages jobs: what went out, what waits, what failed, each attempt."""
    require_manage(call.actor, await call.catalogue(), "jobs")
    limit = _LIMIT.asked(call)
    found = await call.services.work.delivery_log.list(
        call.workspace, state=call.one_of("state", _STATES), before=call.id_asked("before"), limit=limit
    )
    last = str(found[-1].id) if len(found) == limit else None
    return document({"items": [_delivery(each, call.language) for each in found], "next_before": last})


async def run_delivery_again(call: Call) -> Response:
    require_manage(call.actor, await call.catalogue(), "jobs")
    await call.services.work.delivery_log.run_again(call.workspace, call.id())
    return nothing()


def _notice(each: Told, language: Language) -> dict[str, object]:
    subject = None
    if each.subject_object is not None:
        subject = {
            "object": each.subject_object,
            "id": each.subject_id,
            "label": each.subject and each.subject.say(language),
        }
    return {
        "id": str(each.id),
        "kind": each.kind,
        "title": each.title.say(language),
        "body": each.body and each.body.say(language),
        "urgent": each.urgent,
        "subject": subject,
        "at": each.at.isoformat(),
        "show_at": each.show_at.isoformat(),
        "held": each.held,
        "seen_at": each.seen_at and each.seen_at.isoformat(),
    }


def _delivery(each: Delivery, language: Language) -> dict[str, object]:
    return {
        "id": str(each.id),
        "notice": each.notice and str(each.notice),
        "person": each.person and str(each.person),
        "name": each.name,
        "title": each.title and each.title.say(language),
        "channel": each.channel,
        "state": each.state,
        "due_at": each.due_at.isoformat(),
        "attempt": each.attempt,
        "log": list(each.log),
        "made_at": each.made_at.isoformat(),
        "sent_at": each.sent_at and each.sent_at.isoformat(),
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/notices",
        list_my_notices,
        "notices",
        Text("我的通知，最近的在前；或被暂缓的", "My notifications, the latest first; or what was held back"),
        parameters=(
            Parameter("held", Text("只看被暂缓的", "What is held back just now instead"), YES_NO, 5),
            Parameter("unseen", Text("只看未读的", "Only those not seen yet"), YES_NO, 5),
            Parameter("cursor", Text("下一页从何处开始", "Where the next page begins"), longest=100),
            _LIMIT.parameter,
        ),
        answers={
            200: Answer(
                Text("通知，未读数和暂缓数", "Notifications, how many are new or held"),
                items_of(
                    NoticeShown,
                    next_cursor={"type": ["string", "null"]},
                    unseen={"type": "integer"},
                    held={"type": "integer"},
                ),
            )
        },
    ),
    Operation(
        "POST",
        "/api/notices/seen",
        mark_notices_seen,
        "notices",
        Text("标为已读", "Mark as seen"),
        takes=NoticesSeen,
        answers={200: Answer(Text("标了几条", "How many were new"), SeenCount)},
    ),
    Operation(
        "GET",
        "/api/me/preferences",
        show_my_preferences,
        "notices",
        Text("我的接收方式", "How I want to be told"),
        answers={200: Answer(Text("接收方式", "Preferences"), Preferences)},
    ),
    Operation(
        "PUT",
        "/api/me/preferences",
        set_my_preferences,
        "notices",
        Text("设置我的接收方式：免打扰、摘要、渠道、每日上限", "Set quiet hours, digests, channels, budget"),
        takes=Preferences,
        answers={200: Answer(Text("接收方式", "Preferences"), Preferences)},
    ),
    Operation(
        "GET",
        "/api/preferences",
        show_usual_preferences,
        "notices",
        Text("未自行设置者的接收方式", "How those are told who have not chosen"),
        answers={200: Answer(Text("接收方式", "Preferences"), Preferences)},
    ),
    Operation(
        "PUT",
        "/api/preferences",
        set_usual_preferences,
        "notices",
        Text("设置全公司的接收方式", "Set how those are told who have not chosen"),
        takes=Preferences,
        answers={200: Answer(Text("接收方式", "Preferences"), Preferences)},
        problems=(403,),
    ),
    Operation(
        "GET",
        "/api/deliveries",
        list_deliveries,
        "notices",
        Text("投递记录", "What became of deliveries"),
        parameters=(
            Parameter("state", Text("只看此状态", "Only in this state"), {"enum": list(_STATES)}, 20),
            Parameter("before", Text("上一页的最后一条", "The last one of the page before"), ID, 36),
            _LIMIT.parameter,
        ),
        answers={
            200: Answer(
                Text("投递，最近的在前", "Deliveries, the latest first"),
                items_of(DeliveryShown, next_before={"type": ["string", "null"]}),
            )
        },
        problems=(403,),
    ),
    Operation(
        "POST",
        "/api/deliveries/{id}/run-again",
        run_delivery_again,
        "notices",
        Text("重新投递", "Run a failed delivery again"),
        answers={204: Answer(Text("已重新排队", "It waits again"))},
        problems=(403, 404, 409),
    ),
)
