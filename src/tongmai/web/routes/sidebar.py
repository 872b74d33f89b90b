"""The side-bar of a WeCom chat: whose chat it is, linked by one click, messages and files taken over.

S0-29, S2-19, S2-52.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tongmai.kit import Denied, Invalid, NotFound, Text
from tongmai.link import ChatCustomer
from tongmai.link.wecom import PageSignature as Signed
from tongmai.web.answers import document, nothing
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Operation, Parameter
from tongmai.web.shapes import items_of
from tongmai.web.shapes.linking import PageSignature
from tongmai.web.shapes.talking import ChatCaptured, ChatOf

_ExternalId = Annotated[str, Field(min_length=1, max_length=128)]


class LinkRequest(BaseModel):
    """The chat's contact and the record it is."""

    model_config = ConfigDict(extra="forbid")

    external_user_id: _ExternalId
    record: UUID


class CaptureRequest(BaseModel):
    """What of the chat goes to its customer: records of messages, files that were uploaded, a note."""

    model_config = ConfigDict(extra="forbid")

    external_user_id: _ExternalId
    messages: Annotated[list[UUID], Field(max_length=50)] = Field(default_factory=list)
    files: Annotated[list[UUID], Field(max_length=50)] = Field(default_factory=list)
    note: Annotated[str, Field(max_length=10_000)] | None = None


async def sign_sidebar_page(call: Call) -> Response:
    url = call.query.get("url", "")
    _require_own_page(call, url)
    signed = await call.services.links.page_signer.sign(call.workspace, call.part("source"), url)
    return document(
        {
            "corp_id": signed.corp_id,
            "agent_id": signed.agent_id,
            "config": _signature(signed.config),
            "agent_config": _signature(signed.agent_config),
        }
    )


async def show_chat_customers(call: Call) -> Response:
    """One for a talk of two, those who spoke for a room; of a room, who is not one's own is left out."""
    links, source = call.services.links, call.part("source")
    external, room = call.query.get("external_user_id"), call.query.get("chat_id")
    if (external is None) == (room is None):
        raise Invalid.of(
            "chat.which",
            "请给出 external_user_id 或 chat_id 之一",
            "Give either external_user_id or chat_id",
            way_out=Text("只给其中一个", "Give exactly one of them"),
        )
    if external is not None:
        return document({"items": [_chat(call, await _who(call, external))]})
    members = await links.chats.members(call.workspace, source, call.actor.id)
    found: list[dict[str, object]] = []
    for each in await links.chats.customers_of_room(call.workspace, source, room or "", members):
        try:
            found.append(_chat(call, await _who(call, each)))
        except (Denied, NotFound):
            continue
    return document({"items": found})


async def link_chat(call: Call) -> Response:
    given = await call.body(LinkRequest)
    await call.services.links.chat_customers.link(
        call.actor, call.workspace, call.part("source"), given.external_user_id, given.record
    )
    return document(_chat(call, await _who(call, given.external_user_id)))


async def unlink_chat(call: Call) -> Response:
    await call.services.links.chat_customers.unlink(
        call.actor, call.workspace, call.part("source"), call.part("external")
    )
    return nothing()


async def capture_chat(call: Call) -> Response:
    given = await call.body(CaptureRequest)
    made = await call.services.links.chat_capture.capture(
        call.actor,
        call.workspace,
        call.part("source"),
        given.external_user_id,
        messages=given.messages,
        files=given.files,
        note=given.note,
        key=call.request.headers.get("idempotency-key"),
    )
    told = {"object": made.object, "record": str(made.record), "messages": made.messages, "files": made.files}
    return document(told, status=201)


async def _who(call: Call, external: str) -> ChatCustomer:
    return await call.services.links.chat_customers.who(call.actor, call.workspace, call.part("source"), external)


def _chat(call: Call, who: ChatCustomer) -> dict[str, object]:
    record = who.record
    return {
        "external_user_id": who.contact.external_id,
        "name": who.contact.name,
        "company": who.contact.company,
        "object": who.object,
        "record": record
        and {"object": record.object, "id": str(record.id), "label": record.label, "by_person": record.by_person},
        "elsewhere": who.is_elsewhere,
        "candidates": [
            {
                "id": str(each.id),
                "label": each.label,
                "score": each.score,
                "reasons": [reason.say(call.language) for reason in each.reasons],
            }
            for each in who.candidates
        ],
    }


def _require_own_page(call: Call, url: str) -> None:
    """Raises ``Invalid`` for a page of another site: with our signature it could ask WeCom for customers."""
    public_url = call.services.settings.public_url
    own = urlsplit(public_url).hostname if public_url else call.request.url.hostname
    try:
        asked = urlsplit(url).hostname
    except ValueError:
        asked = None
    if asked is None or asked != own:
        raise Invalid.of(
            "sidebar.foreign_page",
            "只给本系统自己的页面签名",
            "Only pages of this system are signed",
            field="url",
            way_out=Text(
                "请用 TONGMAI_PUBLIC_URL 里的域名打开侧边栏", "Open the side-bar under the host of TONGMAI_PUBLIC_URL"
            ),
        )


def _signature(signed: Signed) -> dict[str, object]:
    return {"timestamp": signed.timestamp, "nonce": signed.nonce, "signature": signed.signature}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "/api/sources/{source}/page-signature", sign_sidebar_page, "sources",
        Text("企业微信侧边栏页面的 JS-SDK 签名", "The JS-SDK signature for a page in WeCom's side-bar"),
        parameters=(Parameter("url", Text("页面地址", "The page's address"), longest=2000),),
        answers={200: Answer(Text("签名", "The signature"), PageSignature)}, problems=(404,),
    ),
    Operation(
        "GET", "/api/side-bar/{source}/customer", show_chat_customers, "sources",
        Text("这个聊天的客户是谁，附候选与理由", "Whose chat it is, with candidates and reasons"),
        parameters=(
            Parameter("external_user_id", Text("外部联系人", "The contact of a talk of two"), longest=128),
            Parameter("chat_id", Text("群聊", "A room"), longest=128),
        ),
        answers={200: Answer(Text("聊天中的客户", "The customers of the chat"), items_of(ChatOf))}, problems=(404,),
    ),
    Operation(
        "POST", "/api/side-bar/{source}/link", link_chat, "sources",
        Text("一键关联聊天与客户", "Link the chat with a record by one click"),
        takes=LinkRequest, answers={200: Answer(Text("关联后", "As it is then"), ChatOf)}, problems=(404, 409),
    ),
    Operation(
        "DELETE", "/api/side-bar/{source}/link/{external}", unlink_chat, "sources",
        Text("取消关联", "Take the link back"), answers={204: Answer(Text("已取消", "Taken back"))}, problems=(404,),
    ),
    Operation(
        "POST", "/api/side-bar/{source}/capture", capture_chat, "sources",
        Text("把选中的聊天和文件归到客户", "Take messages and files over to the customer"),
        takes=CaptureRequest, answers={201: Answer(Text("生成的跟进", "The record that was made"), ChatCaptured)},
        problems=(404, 409),
    ),
)  # fmt: skip
