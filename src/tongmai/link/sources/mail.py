"""Mail: what comes into folders of an IMAP mailbox (S1-61). Read only: nothing is marked, moved or deleted.

The cursor is IMAP's own: the folder's UIDVALIDITY and the last UID. Where the server has numbered the folder anew, it
is read from its start; messages are known by their Message-ID, so that none is taken twice.
"""

from __future__ import annotations

import asyncio
import hashlib
import imaplib
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC
from email.header import Header
from email.utils import parseaddr
from typing import Annotated

from imap_tools import AND, BaseMailBox, MailBox, MailBoxUnencrypted, MailMessage, U
from imap_tools.errors import ImapToolsError
from pydantic import Field

from tongmai.kit import Fault, Invalid, Text
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
from tongmai.link.sources.mail_text import body_text, header_text

PASSWORD = "password"  # noqa: S105 - the name of a secret, not one
_PAGE = 50
_TIMEOUT_S = 30
_LONGEST_TEXT = 100_000
_AWAY = (OSError, socket.timeout, ssl.SSLError, imaplib.IMAP4.abort)
_REFUSES = (imaplib.IMAP4.error, ImapToolsError)


class MailOptions(SourceOptions):
    """``tls`` False is for servers on the same machine only. ``folders`` are streams of their own."""

    host: Annotated[str, Field(min_length=1, max_length=200)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 993
    user: Annotated[str, Field(min_length=1, max_length=200)]
    folders: Annotated[tuple[str, ...], Field(min_length=1, max_length=50)] = ("INBOX",)
    tls: bool = True


class MailSource:
    """Implements ``Source`` and ``Pulls``. The library works in a thread."""

    def __init__(self, options: MailOptions, password: str) -> None:
        self._options = options
        self._password = password

    async def test(self) -> Health:
        try:
            known = await asyncio.to_thread(self._folders)
        except _AWAY as error:
            fault = Fault("source.away", Text("邮件服务器没有应答", f"The mail server does not answer: {error}"))
            return Health(False, fault.text, (fault,))
        except _REFUSES as error:
            return Health(False, Text("登录失败", "Signing in failed"), (_told(error),))
        missing = [each for each in self._options.folders if each not in known]
        faults = tuple(
            Fault("mail.no_folder", Text(f"没有邮件夹“{each}”", f"There is no folder “{each}”"), field=each)
            for each in missing
        )
        return Health(not faults, Text("可以登录", "Signed in"), faults)

    async def close(self) -> None:
        return None

    async def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        position = cursor or {}
        while True:
            try:
                page, is_last = await asyncio.to_thread(self._page, stream, dict(position))
            except _AWAY as error:
                raise away("邮件服务器没有应答", f"The mail server does not answer: {error}") from error
            except _REFUSES as error:
                raise Invalid((_told(error),)) from error
            if page.rows or page.set_aside:
                yield page
            position = page.cursor
            if is_last:
                return

    def _page(self, folder: str, position: dict[str, object]) -> tuple[Page, bool]:
        with self._opened() as box:
            box.folder.set(folder, readonly=True)
            status = box.folder.status(folder, ["UIDVALIDITY", "UIDNEXT"])
            validity = int(status["UIDVALIDITY"])
            last = int(str(position.get("uid", 0))) if position.get("validity") == validity else 0
            # `n:*` always names the last message too, also one that is not behind n.
            found = [uid for uid in box.uids(AND(uid=U(str(last + 1), "*"))) if int(uid) > last]
            wanted = sorted(found, key=int)[:_PAGE]
            rows, aside = _read(box.fetch(AND(uid=wanted), mark_seen=False)) if wanted else ((), ())
            end = int(wanted[-1]) if wanted else last
        return Page(rows, {"validity": validity, "uid": end}, aside), len(found) <= _PAGE

    def _folders(self) -> set[str]:
        with self._opened() as box:
            return {each.name for each in box.folder.list()}

    def _opened(self) -> BaseMailBox:
        options = self._options
        kind = MailBox if options.tls else MailBoxUnencrypted
        box: BaseMailBox = kind(options.host, options.port, timeout=_TIMEOUT_S)
        box.login(options.user, self._password, initial_folder=None)
        if "ID" in box.client.capabilities:
            # NetEase's servers (163, 126, yeah) open no folder for who does not say what program he is (RFC 2971).
            box.client.xatom("ID", '("name" "tongmai")')
        return box


def _read(messages: Iterable[MailMessage]) -> tuple[tuple[RawRow, ...], tuple[SetAside, ...]]:
    """One message that nobody can read does not keep those behind it out."""
    rows, aside = [], []
    for message in messages:
        try:
            rows.append(_row(message))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            said = f"{type(error).__name__}: {error}"[:200]
            text = Text(f"这封邮件不能读取：{said}", f"The message cannot be read: {said}")
            aside.append(SetAside(f"uid:{message.uid}", (Fault("mail.unreadable", text),)))
    return tuple(rows), tuple(aside)


def _row(message: MailMessage) -> RawRow:
    """A message as JSON; of attachments their names, types and sizes."""
    given = _header(message, "message-id")
    at = message.date if message.date.tzinfo else message.date.replace(tzinfo=UTC)
    key = (
        given
        or hashlib.sha256(
            f"{message.date_str}\n{message.from_}\n{message.subject}".encode(errors="replace")
        ).hexdigest()
    )
    return RawRow(
        key[:500],
        {
            "message_id": given, "subject": header_text(message.obj.get("subject")), "from": message.from_,
            "from_name": _name_in(message.obj.get("from")) or None,
            "to": list(message.to), "cc": list(message.cc), "sent_at": at.isoformat() if at.year > 1970 else None,
            "text": body_text(message.obj).strip()[:_LONGEST_TEXT],
            "in_reply_to": _header(message, "in-reply-to"),
            "attachments": [
                {"name": each.filename, "type": each.content_type, "size": each.size} for each in message.attachments
            ],
        },
        at if at.year > 1970 else None,
    )  # fmt: skip


def _name_in(sender: str | Header | None) -> str:
    """The sender's name. It is taken apart before it is decoded: what is encoded may hold commas."""
    return header_text(parseaddr(sender)[0]) if isinstance(sender, str) else parseaddr(header_text(sender))[0]


def _header(message: MailMessage, name: str) -> str:
    return str(message.obj.get(name) or "").strip()


def _told(error: Exception) -> Fault:
    said = " ".join(str(error).split())[:200]
    return Fault("mail.refused", Text(f"邮件服务器的答复：{said}", f"The mail server says: {said}"))


def _streams(options: SourceOptions) -> tuple[Stream, ...]:
    assert isinstance(options, MailOptions)
    columns = dict.fromkeys(("message_id", "subject", "from", "from_name", "text", "in_reply_to"), "text")
    columns |= {"to": "json", "cc": "json", "sent_at": "datetime", "attachments": "json"}
    return tuple(Stream(each, Text.same(each), columns) for each in options.folders)


def _open(context: SourceContext) -> MailSource:
    return MailSource(MailOptions.model_validate(context.definition.options), context.secrets[PASSWORD])


_FORM: Mapping[str, Asked] = {
    "host": Asked(Text("IMAP 服务器", "IMAP server"), Text("如 imap.exmail.qq.com", "Like imap.exmail.qq.com")),
    "port": Asked(Text("端口", "Port")),
    "user": Asked(Text("邮箱账号", "User")),
    "folders": Asked(Text("邮件夹", "Folders"), Text("每个是一个数据流", "A stream each")),
    "tls": Asked(Text("加密连接", "Encrypted"), Text("只有本机服务器才可关闭", "Off for servers on this machine only")),
}

KIND = SourceKind(
    key="mail",
    label=Text("邮箱 (IMAP)", "Mailbox (IMAP)"),
    options=MailOptions,
    secrets={PASSWORD: Text("邮箱密码或授权码", "the mailbox's password")},
    streams=_streams,
    open=_open,
    form=_FORM,
)
