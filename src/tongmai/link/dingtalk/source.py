"""DingTalk (钉钉) as a source: members, approval instances, events by Stream or call-back, buttons of cards.

S0-72, S1-61, S3-15 (what of it the vendor lets out: chats between people are not among its open interfaces).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, Literal, get_args

import orjson
from pydantic import Field, SecretStr

from tongmai.kit import Invalid, Text, TongmaiError
from tongmai.link.dingtalk import readings
from tongmai.link.dingtalk.client import API_URL, OLD_API_URL, DingTalkClient
from tongmai.link.dingtalk.events import EventRows
from tongmai.link.dingtalk.external_contacts import STREAM as EXTERNAL_CONTACTS
from tongmai.link.dingtalk.external_contacts import Detail, external_contacts, write_contact
from tongmai.link.dingtalk.form import FORM
from tongmai.link.dingtalk.robot_signature import require_robot_signature
from tongmai.link.dingtalk.sign_in import DingTalkSignIn
from tongmai.link.dingtalk.stream import StreamConnection
from tongmai.link.source import (
    Cursor,
    Health,
    HookAnswer,
    HookCall,
    Listing,
    Page,
    Pushed,
    PushRow,
    RawRow,
    Received,
    SourceContext,
    SourceKind,
    SourceOptions,
    Stream,
)
from tongmai.link.vendors.callback_envelope import CallbackEnvelope, forged
from tongmai.link.vendors.card_actions import CARD_ACTIONS
from tongmai.link.vendors.freshness import require_fresh
from tongmai.link.vendors.json_objects import JsonObject, objects, text_of
from tongmai.link.vendors.reading import Reading

_PAGE = 1000
_LOOK_BACK = timedelta(days=30)
_ROBOT_FRESH = timedelta(hours=1)
_INLINE_S = 2.0
_CHECKS = frozenset({"check_url", "check_create_suite_url", "check_update_suite_url"})


class DingTalkOptions(SourceOptions):
    """``owner_key`` is what the event subscription encrypts for: the AppKey, or the corp id of older ones.
    ``process_codes`` are the approval templates to be read, ``card_template`` the card that stands for a task.
    ``events`` come by ``stream``, or by ``http`` call-backs. ``external_contacts``: whether they are read (a permission
    of its own); ``writes`` are what people's changes here may go back to of them."""

    app_key: Annotated[str, Field(min_length=1, max_length=100)]
    corp_id: Annotated[str, Field(max_length=100)] = ""
    agent_id: Annotated[int, Field(ge=0)] = 0
    owner_key: Annotated[str, Field(max_length=100)] = ""
    process_codes: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    events: Literal["stream", "http"] = "stream"
    card_template: Annotated[str, Field(max_length=200)] = ""
    robot_code: Annotated[str, Field(max_length=200)] = ""
    api_url: Annotated[str, Field(max_length=300, pattern=r"^https?://")] = API_URL
    old_api_url: Annotated[str, Field(max_length=300, pattern=r"^https?://")] = OLD_API_URL
    back_fill_days: Annotated[int, Field(ge=0, le=730)] = 30
    external_contacts: bool = False
    writes: Annotated[tuple[Detail, ...], Field(max_length=6)] = ()


@dataclass
class DingTalkSource:
    """``pause`` is for tests."""

    context: SourceContext
    options: DingTalkOptions
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    client: DingTalkClient = field(init=False)
    _writing_client: DingTalkClient = field(init=False)
    _rows: EventRows = field(init=False)

    def __post_init__(self) -> None:
        context, options = self.context, self.options
        self.client = DingTalkClient(
            context.http,
            context.clock,
            options.app_key,
            SecretStr(self._secret("app_secret")),
            options.api_url.rstrip("/"),
            options.old_api_url.rstrip("/"),
            self.pause,
            tokens=context.tokens,
        )
        # Who waits long for a limit to pass keeps all other changes waiting: they are sent later by themselves.
        self._writing_client = replace(self.client, attempts=2)
        self._rows = EventRows(context.clock, self._approval_now)

    async def test(self) -> Health:
        try:
            answer = await self.client.old("/topapi/v2/department/listsub", {"dept_id": 1})
        except TongmaiError as error:
            return Health(False, Text("无法连接钉钉", "DingTalk cannot be used"), error.faults)
        detail = {"departments": len(objects(answer.get("result")))}
        return Health(True, Text("已连接钉钉", "Connected to DingTalk"), detail=detail)

    async def close(self) -> None:
        """Nothing is kept open."""

    async def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        if stream in _TOLD:
            return
        now = self.context.clock.now()
        rows: list[RawRow] = []
        keys: set[str] = set()
        async for reading in self._readings(stream, self._since(cursor, now), now):
            rows.append(reading.row())
            if len(rows) == _PAGE:
                # Until the last page the stream stands where it stood: whoever breaks off begins again.
                yield Page(tuple(rows), cursor or {})
                rows = []
            keys.add(reading.key)
        # Of contacts all are told: who is not among them was deleted there.
        listing = Listing(frozenset(keys), now) if stream == EXTERNAL_CONTACTS else None
        yield Page(tuple(rows), {"until": now.isoformat()}, listing=listing)

    async def push(self, row: PushRow) -> Pushed:
        """Writes a person's change of an external contact, as far as that is opened."""
        return await write_contact(self._writing_client, self.options.writes, row)

    async def receive(self, call: HookCall) -> Received:
        """An event of the AES envelope, or a robot's call signed with the application's secret.

        Raises ``Denied`` for what is forged or old, ``Invalid`` for what cannot be read.
        """
        body = _json(call.body)
        if "encrypt" in body:
            return await self._event(call, body)
        if "sign" in call.headers:
            return self._robot(call, body)
        raise forged("signature")

    async def listen(self, take: Callable[[Received], Awaitable[None]]) -> None:
        """Stays on the stream, connection after connection; ends where events come by HTTP."""
        options = self.options
        if options.events != "stream":
            await asyncio.Event().wait()
        secret = SecretStr(self._secret("app_secret"))
        connection = StreamConnection(
            self.context.http, options.app_key, secret, options.api_url.rstrip("/"), self._rows
        )
        while True:
            await connection.run(take)

    def sign_in_address(self, *, redirect_uri: str, state: str, inside: bool) -> str:
        """The same address inside DingTalk and outside."""
        return self._sign_in().address(redirect_uri=redirect_uri, state=state)

    async def member_of_code(self, code: str) -> str:
        return await self._sign_in().member(code)

    def _sign_in(self) -> DingTalkSignIn:
        base = self.options.api_url.rstrip("/")
        return DingTalkSignIn(self.client) if base == API_URL else DingTalkSignIn(self.client, f"{base}/oauth2/auth")

    async def _event(self, call: HookCall, body: JsonObject) -> Received:
        token, key = self._secret("token"), self._secret("aes_key")
        if not token or not key:
            raise Invalid.of(
                "callback.not_configured",
                "此数据源未配置事件订阅的 Token 与 aes_key",
                "No token and aes_key are configured for this source's events",
                way_out=Text("在数据源的“凭据”里填写", "Give them under the source's “Secrets”"),
            )
        envelope = CallbackEnvelope(token, key, self.options.owner_key or self.options.app_key)
        signature = call.query.get("msg_signature") or call.query.get("signature", "")
        timestamp = call.query.get("timestamp") or call.query.get("timeStamp", "")
        nonce, now = call.query.get("nonce", ""), self.context.clock.now()
        event = _json(envelope.open(signature, timestamp, nonce, text_of(body, "encrypt")))
        require_fresh(timestamp, now)
        answer = HookAnswer(body=orjson.dumps(_reply(envelope, now, nonce)), media_type="application/json")
        kind = text_of(event, "EventType")
        if kind in _CHECKS:
            return Received(answer)
        born = event.get("createTime") or event.get("TimeStamp")
        data = {name: value for name, value in event.items() if name != "EventType"}
        rows, pull = await self._rows.event(kind, text_of(event, "eventId"), born, data)
        return Received(answer, rows, once=signature, pull=pull)

    def _robot(self, call: HookCall, body: JsonObject) -> Received:
        timestamp = call.headers.get("timestamp", "")
        require_robot_signature(call.headers["sign"], timestamp, self._secret("app_secret"))
        at = require_fresh(timestamp, self.context.clock.now(), _ROBOT_FRESH)
        if "outTrackId" in body:
            rows = self._rows.press(body)
        else:
            key = text_of(body, "msgId") or text_of(body, "conversationId") + timestamp
            rows = {"events": (RawRow(key, {**body, "EventType": "robot_message", "at": at.isoformat()}, at),)}
        return Received(HookAnswer(body=b"{}", media_type="application/json"), rows, once=call.headers["sign"])

    async def _approval_now(self, identity: str) -> Reading | None:
        try:
            async with asyncio.timeout(_INLINE_S):
                return await readings.approval(self.client, identity)
        except (TongmaiError, TimeoutError):
            return None

    def _readings(self, stream: str, since: datetime, now: datetime) -> AsyncIterator[Reading]:
        match stream:
            case "departments":
                return readings.departments(self.client)
            case "members":
                return readings.members(self.client)
            case "external_contacts":
                return external_contacts(self.client)
            case "approvals":
                return readings.approvals(self.client, self.options.process_codes, since, now)
            case _:
                raise Invalid.of("source.stream", f"没有数据流“{stream}”", f"There is no stream '{stream}'")

    def _since(self, cursor: Cursor | None, now: datetime) -> datetime:
        """Thirty days before the last pull: an approval is decided long after it was begun."""
        until = text_of(dict(cursor or {}), "until")
        return (
            datetime.fromisoformat(until) - _LOOK_BACK if until else now - timedelta(days=self.options.back_fill_days)
        )

    def _secret(self, name: str) -> str:
        return self.context.secrets.get(name, "")


def _json(body: bytes) -> JsonObject:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid.of("callback.json", "回调不是 JSON", "The call-back is not JSON") from error
    if not isinstance(found, dict):
        raise Invalid.of("callback.json", "回调不是 JSON 对象", "The call-back is no JSON object")
    return found


def _reply(envelope: CallbackEnvelope, now: datetime, nonce: str) -> dict[str, str]:
    """The answer the vendor waits for: the word success, sealed."""
    told, once = str(int(now.timestamp() * 1000)), nonce or "tongmai"
    encrypted, signature = envelope.seal(b"success", told, once)
    return {"msg_signature": signature, "timeStamp": told, "nonce": once, "encrypt": encrypted}


def _open(context: SourceContext) -> DingTalkSource:
    return DingTalkSource(context, DingTalkOptions.model_validate(context.definition.options))


_STREAMS = (
    Stream("departments", Text("部门", "Departments"), {"dept_id": "number", "name": "text", "parent_id": "number"}),
    Stream(
        "members",
        Text("成员", "Members"),
        {"userid": "text", "unionid": "text", "name": "text", "mobile": "text", "email": "text"},
    ),
    Stream(
        "approvals",
        Text("审批实例", "Approval instances"),
        {
            "processInstanceId": "text",
            "businessId": "text",
            "title": "text",
            "state": "text",
            "originatorUserId": "text",
            "at": "datetime",
            "form": "json",
        },
    ),
    Stream(
        EXTERNAL_CONTACTS,
        Text("外部联系人", "External contacts"),
        {
            "userid": "text",
            "name": "text",
            "mobile": "text",
            "title": "text",
            "company_name": "text",
            "address": "text",
            "remark": "text",
            "follower_user_id": "text",
            "labels": "json",
        },
    ),
    Stream("events", Text("事件", "Events"), {"EventType": "text", "at": "datetime"}, passes=True, told=True),
    CARD_ACTIONS,
)

_TOLD = frozenset(each.key for each in _STREAMS if each.told)


def _streams(options: SourceOptions) -> tuple[Stream, ...]:
    assert isinstance(options, DingTalkOptions)
    return tuple(each for each in _STREAMS if each.key != EXTERNAL_CONTACTS or options.external_contacts)


DINGTALK = SourceKind(
    key="dingtalk",
    label=Text("钉钉", "DingTalk"),
    options=DingTalkOptions,
    secrets={"app_secret": Text("AppSecret", "AppSecret")},
    streams=_streams,
    open=_open,
    form=FORM,
    receives=True,
    optional_secrets={
        "token": Text("事件订阅 Token", "The event subscription's token"),
        "aes_key": Text("事件订阅 aes_key", "The event subscription's aes_key"),
    },
    aes_keys=("aes_key",),
    listens=True,
    pushes=True,
    opened_by=lambda stream, path: path if stream == "external_contacts" and path in get_args(Detail) else None,
)
