"""WeCom (企业微信) as a source: contacts, customers, the message archive with consent, calls, Moments, approvals.

S0-08, S0-11, S0-27, S0-40, S0-72, S1-61, S3-15. What cannot be read by its rules is in ``AMB-31``: personal WeChat,
and any talk without consent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Annotated, Literal

from pydantic import Field, JsonValue, SecretStr

from tongmai.kit import Invalid, Text, TongmaiError, in_turns
from tongmai.link.readable_folders import allowed_folder
from tongmai.link.source import (
    Cursor,
    Health,
    HookCall,
    Listing,
    Page,
    Pushed,
    PushRow,
    RawRow,
    Received,
    SetAside,
    SourceContext,
    SourceKind,
    SourceOptions,
    Stream,
)
from tongmai.link.vendors.callback_envelope import CallbackEnvelope
from tongmai.link.vendors.json_objects import objects, text_of
from tongmai.link.vendors.reading import Reading
from tongmai.link.wecom import readings
from tongmai.link.wecom.archive_message import ArchivedMessage, read_message, unreadable
from tongmai.link.wecom.archive_provider import ArchiveLine, ArchiveProvider, FolderArchive, HttpArchive
from tongmai.link.wecom.callbacks import Callbacks
from tongmai.link.wecom.client import BASE_URL, SECRETS, WeComClient
from tongmai.link.wecom.consent import (
    CONSENT_KINDS,
    ConsentEntry,
    ConsentLedger,
    ask_consent,
    ask_room_consent,
    entry_of_message,
    is_customer,
)
from tongmai.link.wecom.form import FORM
from tongmai.link.wecom.message_rows import message_row
from tongmai.link.wecom.sign_in import WeComSignIn
from tongmai.link.wecom.streams import STREAMS, TOLD, WITHOUT_ARCHIVE
from tongmai.link.wecom.writing import Note, opening, whose, write_notes

_PAGE = 1000
_ARCHIVE_PAGE = 10_000
_LOOK_BACK = timedelta(days=30)
_INLINE_S = 3.0
# Who is watched for days may have changed his mind.
_ASKED_AGAIN = timedelta(minutes=1)


class WeComOptions(SourceOptions):
    """``consent``: ``ask`` asks the vendor about each pair (the archive's own secret may), ``archive`` reads the agree
    and disagree messages of the archive alone. ``back_fill_days`` is how far the first pull goes back. ``voices``: who
    hears voice messages: a model on this machine, the company's service for speech, or nobody. ``writes`` are what of a
    follower's notes people's changes here may go back to."""

    corp_id: Annotated[str, Field(min_length=1, max_length=64)]
    agent_id: Annotated[int, Field(ge=0)] = 0
    base_url: Annotated[str, Field(max_length=300, pattern=r"^https?://")] = BASE_URL
    archive: Literal["none", "folder", "http"] = "none"
    archive_folder: Annotated[str, Field(max_length=1000)] = ""
    archive_url: Annotated[str, Field(max_length=1000, pattern=r"^(https?://.*)?$")] = ""
    archive_files_url: Annotated[str, Field(max_length=1000, pattern=r"^(https?://.*)?$")] = ""
    consent: Literal["ask", "archive"] = "ask"
    voices: Literal["here", "service", "off"] = "here"
    back_fill_days: Annotated[int, Field(ge=0, le=730)] = 30
    writes: Annotated[tuple[Note, ...], Field(max_length=5)] = ()

    @property
    def has_files(self) -> bool:
        """Whether files of messages can be fetched, beside the messages."""
        return self.archive == "folder" or (self.archive == "http" and bool(self.archive_files_url))


@dataclass
class WeComSource:
    """``pause`` is for tests."""

    context: SourceContext
    options: WeComOptions
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    client: WeComClient = field(init=False)
    _archive_client: WeComClient = field(init=False)
    _writing_client: WeComClient = field(init=False)
    _ledger: ConsentLedger = field(default_factory=ConsentLedger, init=False)
    _asked: dict[tuple[str, str], datetime] = field(default_factory=dict, init=False)
    _scanned: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.client = self._client_with("secret")
        # The archive's interfaces answer to their own secret only.
        self._archive_client = self._client_with("archive_secret") if self._secret("archive_secret") else self.client
        # Who waits long for a limit to pass keeps all other changes waiting: they are sent later by themselves.
        self._writing_client = replace(self.client, attempts=2)

    async def test(self) -> Health:
        try:
            answer = await self.client.get("/cgi-bin/department/list")
            await self._archive_client.sign_in()
            if self.options.archive != "none":
                await self._provider().reach()
        except TongmaiError as error:
            return Health(False, Text("无法连接企业微信", "WeCom cannot be used"), error.faults)
        count = len(objects(answer.get("department")))
        return Health(True, Text("已连接企业微信", "Connected to WeCom"), detail={"departments": count})

    async def close(self) -> None:
        """Nothing is kept open."""

    async def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        if stream in TOLD:
            return
        if stream == "messages":
            pages = self._messages(text_of(dict(cursor or {}), "archive"))
        elif stream == "consents":
            pages = self._consents()
        else:
            pages = self._read(stream, cursor)
        async for page in pages:
            yield page

    async def push(self, row: PushRow) -> Pushed:
        """Writes a person's change to what a member noted of a customer, as far as that is opened."""
        return await write_notes(self._writing_client, self.options.writes, row)

    async def receive(self, call: HookCall) -> Received:
        token, key = self._secret("callback_token"), self._secret("encoding_aes_key")
        if not token or not key:
            raise Invalid.of(
                "callback.not_configured",
                "此数据源未配置回调的 Token 与 EncodingAESKey",
                "No token and EncodingAESKey are configured for this source's call-backs",
                way_out=Text("在数据源的“凭据”里填写", "Give them under the source's “Secrets”"),
            )
        envelope = CallbackEnvelope(token, key, self.options.corp_id)
        return await Callbacks(envelope, self.context.clock, self._customer_now, self._approval_now).receive(call)

    async def file(self, identity: str, md5: str) -> bytes | None:
        """A file of an archived message; None where the archive does not have it (yet). Raises as the provider does."""
        return await self._provider().file(identity, md5)

    def sign_in_address(self, *, redirect_uri: str, state: str, inside: bool) -> str:
        return self._sign_in().address(redirect_uri=redirect_uri, state=state, inside=inside)

    async def member_of_code(self, code: str) -> str:
        return await self._sign_in().member(code)

    def _sign_in(self) -> WeComSignIn:
        options = self.options
        if options.base_url == BASE_URL:
            return WeComSignIn(self.client, options.agent_id)
        base = options.base_url.rstrip("/")
        return WeComSignIn(
            self.client, options.agent_id, f"{base}/connect/oauth2/authorize", f"{base}/wwlogin/sso/login"
        )

    async def _customer_now(self, external: str) -> Reading | None:
        return await _within_the_call(readings.followed_customer(self.client, external))

    async def _approval_now(self, number: str) -> Reading | None:
        return await _within_the_call(readings.approval(self.client, number))

    async def _read(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Streams that are asked for whole, or by a span that begins where the last pull looked, and 30 days before:
        an approval's state and a Moment's comments change long after they were begun."""
        now = self.context.clock.now()
        since = self._since(cursor, now)
        behind: dict[str, JsonValue] = {"until": now.isoformat()}
        rows: list[RawRow] = []
        keys: set[str] = set()
        async for reading in self._readings(stream, since, now):
            keys.add(reading.key)
            rows.append(reading.row())
            if len(rows) == _PAGE:
                # Until the last page the stream stands where it stood: whoever breaks off begins again.
                yield Page(tuple(rows), cursor or {})
                rows = []
        # Of contacts all are told; whom nobody follows any more is told of by no call that names him.
        listing = Listing(frozenset(keys), now) if stream == "customers" else None
        yield Page(tuple(rows), behind, listing=listing)

    def _readings(self, stream: str, since: datetime, now: datetime) -> AsyncIterator[Reading]:
        client = self.client
        match stream:
            case "departments":
                return readings.departments(client)
            case "members":
                return readings.members(client)
            case "customers":
                return readings.followed_customers(client)
            case "calls":
                return readings.calls(client, since, now)
            case "moments" | "moment_interactions":
                return _only(stream, readings.moments(client, since, now))
            case "approvals":
                return readings.approvals(client, since, now)
            case _:
                raise Invalid.of("source.stream", f"没有数据流“{stream}”", f"There is no stream '{stream}'")

    def _since(self, cursor: Cursor | None, now: datetime) -> datetime:
        until = text_of(dict(cursor or {}), "until")
        if until:
            return datetime.fromisoformat(until) - _LOOK_BACK
        return now - timedelta(days=self.options.back_fill_days)

    async def _messages(self, cursor: str) -> AsyncIterator[Page]:
        waiting: list[ArchiveLine] = []
        async for lines in self._provider().batches(cursor):
            waiting += lines
            while len(waiting) >= _ARCHIVE_PAGE:
                page, waiting = waiting[:_ARCHIVE_PAGE], waiting[_ARCHIVE_PAGE:]
                yield await self._message_page(page)
        if waiting:
            yield await self._message_page(waiting)

    async def _message_page(self, batch: list[ArchiveLine]) -> Page:
        read = await in_turns(batch, _read_lines)
        messages = [each for part, _ in read for each in part]
        told = await self._learn(messages)
        rows = await in_turns(messages, lambda some: [message_row(each, self._ledger) for each in some])
        aside = tuple(each for _, part in read for each in part)
        also = {"consents": _consent_rows(told), "revocations": _revocation_rows(messages)}
        beside = {stream: these for stream, these in also.items() if these}
        return Page(tuple(chain.from_iterable(rows)), {"archive": batch[-1].cursor}, aside, beside=beside)

    async def _learn(self, messages: list[ArchivedMessage]) -> list[ConsentEntry]:
        """Makes sure that the ledger knows all pairs and rooms of these messages; what the vendor told of them anew,
        which the archive itself may never say."""
        for message in messages:
            if message.kind in CONSENT_KINDS and (entry := entry_of_message(message)) is not None:
                self._ledger.add(entry)
        if self.options.consent == "archive":
            await self._scan()
            return []
        now = self.context.clock.now()
        pairs = {pair for each in messages for pair in _pairs(each)}
        pairs = {pair for pair in pairs if pair not in self._asked or now - self._asked[pair] > _ASKED_AGAIN}
        told: list[ConsentEntry] = []
        for room in sorted(other for member, other in pairs if not member):
            told += await ask_room_consent(self._archive_client, room)
        told += await ask_consent(self._archive_client, sorted(pair for pair in pairs if pair[0]))
        self._asked |= dict.fromkeys(pairs, now)
        return [entry for entry in told if self._ledger.add(entry)]

    async def _scan(self) -> None:
        """All that the archive holds of consent; a disagreement told later closes what was said before."""
        if self._scanned:
            return
        self._scanned = True
        async for lines in self._provider().batches("", containing=b'agree"'):
            for line in lines:
                if line.message is None or line.message.get("msgtype") not in CONSENT_KINDS:
                    continue
                # What cannot be read is set aside with its reason when the messages are read.
                with suppress(Invalid):
                    if (entry := entry_of_message(read_message(line.message))) is not None:
                        self._ledger.add(entry)

    async def _consents(self) -> AsyncIterator[Page]:
        found: list[ConsentEntry] = []
        if self.options.consent == "archive":
            await self._scan()
            found = self._ledger.entries()
        else:
            pairs = [pair async for pair in self._followed()]
            found = await ask_consent(self._archive_client, pairs)
        now = self.context.clock.now().isoformat()
        yield Page(_consent_rows(found), {"asked": now})

    async def _followed(self) -> AsyncIterator[tuple[str, str]]:
        async for customer in readings.followed_customers(self.client):
            followers = customer.body.get("follow_user")
            for each in followers if isinstance(followers, list) else []:
                if isinstance(each, dict) and (member := text_of(each, "userid")):
                    yield member, customer.key

    def _provider(self) -> ArchiveProvider:
        options = self.options
        if options.archive == "folder" and options.archive_folder:
            return FolderArchive(
                allowed_folder(options.archive_folder, self.context.folders, field="options.archive_folder")
            )
        if options.archive == "http" and options.archive_url:
            key = self._secret("archive_key")
            secret = SecretStr(key) if key else None
            return HttpArchive(self.context.http, options.archive_url, secret, files_url=options.archive_files_url)
        raise Invalid.of(
            "archive.not_configured",
            "未配置会话内容存档的来源（文件夹或地址）",
            "Where the message archive is read from (a folder or an address) is not configured",
            way_out=Text(
                "在“编辑”里填存档文件夹或地址，或选“不读”",
                "Give its folder or address under “Edit”, or choose “Not read”",
            ),
            field="archive",
        )

    def _client_with(self, secret: str) -> WeComClient:
        context = self.context
        return WeComClient(
            context.http,
            context.clock,
            self.options.corp_id,
            SecretStr(self._secret(secret)),
            self.options.base_url.rstrip("/"),
            self.pause,
            secret_name=SECRETS[secret],
            tokens=context.tokens,
        )

    def _secret(self, name: str) -> str:
        return self.context.secrets.get(name, "")


async def _within_the_call(fetching: Awaitable[Reading]) -> Reading | None:
    """The vendor waits five seconds for an answer; what takes longer, or fails, is left to the next pull."""
    try:
        async with asyncio.timeout(_INLINE_S):
            return await fetching
    except (TongmaiError, TimeoutError):
        return None


async def _only(stream: str, found: AsyncIterator[Reading]) -> AsyncIterator[Reading]:
    async for reading in found:
        if reading.stream == stream:
            yield reading


def _read_lines(lines: Sequence[ArchiveLine]) -> tuple[list[ArchivedMessage], list[SetAside]]:
    """The messages, and what could not be read as one."""
    messages: list[ArchivedMessage] = []
    aside: list[SetAside] = []
    for line in lines:
        try:
            if line.message is None:
                raise unreadable("archive.line", f"存档行无法读取：{line.fault}", f"A line was refused: {line.fault}")
            messages.append(read_message(line.message))
        except Invalid as refusal:
            aside.append(_set_aside(line, refusal))
    return messages, aside


def _set_aside(line: ArchiveLine, refusal: Invalid) -> SetAside:
    identity = text_of(line.message or {}, "msgid")
    # What is set aside may be a talk nobody agreed to keep: its content stays out.
    body = None if line.message is None else {name: line.message.get(name) for name in ("msgid", "msgtype", "seq")}
    return SetAside(identity or f"line:{line.cursor}", refusal.faults, body)


def _consent_rows(entries: list[ConsentEntry]) -> tuple[RawRow, ...]:
    return tuple(RawRow(each.key, each.document(), each.at) for each in entries)


def _revocation_rows(messages: list[ArchivedMessage]) -> tuple[RawRow, ...]:
    return tuple(
        RawRow(each.revokes, {"message": each.revokes, "by": each.sender, "at": each.at.isoformat()}, each.at)
        for each in messages
        if each.revokes
    )


def _pairs(message: ArchivedMessage) -> set[tuple[str, str]]:
    """``(member, customer)`` of a talk of two; ``("", room)`` of a room with customers in it."""
    customers = {each for each in message.people if is_customer(each)}
    if not customers:
        return set()
    if message.room:
        return {("", message.room)}
    return {(member, customer) for member in message.people if not is_customer(member) for customer in customers}


def _watched(options: SourceOptions) -> tuple[str, ...]:
    """The vendor tells of archived messages at most every fifteen seconds."""
    assert isinstance(options, WeComOptions)
    return () if options.archive == "none" else ("messages",)


def _archives(options: SourceOptions) -> tuple[str, ...]:
    assert isinstance(options, WeComOptions)
    return (options.archive_folder,) if options.archive == "folder" and options.archive_folder else ()


def _open(context: SourceContext) -> WeComSource:
    return WeComSource(context, WeComOptions.model_validate(context.definition.options))


def _streams(options: SourceOptions) -> tuple[Stream, ...]:
    assert isinstance(options, WeComOptions)
    return STREAMS if options.archive != "none" else WITHOUT_ARCHIVE


WECOM = SourceKind(
    key="wecom",
    label=Text("企业微信", "WeCom"),
    options=WeComOptions,
    secrets={"secret": SECRETS["secret"]},
    streams=_streams,
    open=_open,
    form=FORM,
    receives=True,
    optional_secrets={
        "archive_secret": SECRETS["archive_secret"],
        "callback_token": Text("回调 Token", "The call-backs' token"),
        "encoding_aes_key": Text("回调 EncodingAESKey", "The call-backs' EncodingAESKey"),
        "archive_key": Text("存档服务的密钥", "The archive service's key"),
    },
    aes_keys=("encoding_aes_key",),
    watched=_watched,
    pushed_with=whose,
    pushes=True,
    opened_by=opening,
    archives=_archives,
)
