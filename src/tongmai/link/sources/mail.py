"""Mail: what comes into folders of an IMAP mailbox (S1-61). Read only: nothing is marked, moved or deleted.

The cursor is IMAP's own: the folder's UIDVALIDITY and the last UID. Where the server has numbered the folder anew, it
is read from its start; messages are known by their Message-ID, so that none is taken twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from tongmai.kit import Fault, Invalid, Text, TongmaiError
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
from tongmai.link.sources.mail_box import FAILURES, Address, Security, SignedIn, told
from tongmai.link.sources.mail_message import row_of

PASSWORD = "password"  # noqa: S105 - the name of a secret, not one
_PAGE = 50


class MailOptions(SourceOptions):
    """``security``: encrypted from the start, after STARTTLS, or (to a server on this machine only) not at all.
    ``folders`` are streams of their own."""

    host: Annotated[str, Field(min_length=1, max_length=200)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 993
    user: Annotated[str, Field(min_length=1, max_length=200)]
    folders: Annotated[tuple[str, ...], Field(min_length=1, max_length=50)] = ("INBOX",)
    security: Security = "tls"

    @model_validator(mode="before")
    @classmethod
    def _as_it_was_said(cls, given: Any) -> Any:
        """Definitions made before there was STARTTLS say ``tls`` yes or no."""
        if not isinstance(given, dict) or not isinstance(given.get("tls"), bool):
            return given
        rest = {name: value for name, value in given.items() if name != "tls"}
        return {"security": "tls" if given["tls"] else "none", **rest}


class MailSource:
    """Implements ``Source`` and ``Pulls``. The library works in a thread; a pull signs in once."""

    def __init__(self, options: MailOptions, password: str) -> None:
        self._options = options
        self._password = password

    async def test(self) -> Health:
        try:
            known = await asyncio.to_thread(self._folders)
        except FAILURES as error:
            failed = told(error)
            return Health(False, Text("不能登录邮箱", "The mailbox cannot be signed in to"), failed.faults)
        except TongmaiError as refused:
            return Health(False, Text("不能登录邮箱", "The mailbox cannot be signed in to"), refused.faults)
        faults = tuple(_no_folder(each, known) for each in self._options.folders if each not in known)
        return Health(not faults, Text("可以登录", "Signed in"), faults)

    async def close(self) -> None:
        return None

    async def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Raises ``SourceAway``; ``Invalid`` for a wrong password or a folder that is gone."""
        try:
            box = await asyncio.to_thread(self._signed_in)
        except FAILURES as error:
            raise told(error) from error
        try:
            validity, waiting = await asyncio.to_thread(_waiting, box, stream, cursor or {})
            for start in range(0, len(waiting), _PAGE):
                wanted = waiting[start : start + _PAGE]
                rows, aside = await asyncio.to_thread(_read, box, wanted)
                position: Cursor = {"validity": validity, "uid": wanted[-1]}
                yield Page(rows, position, aside, total=len(waiting) if start == 0 else None)
        except FAILURES as error:
            raise told(error) from error
        finally:
            await asyncio.to_thread(box.close)

    def _signed_in(self) -> SignedIn:
        options = self._options
        return SignedIn(Address(options.host, options.port, options.user, options.security), self._password)

    def _folders(self) -> frozenset[str]:
        box = self._signed_in()
        try:
            return box.folders()
        finally:
            box.close()


def _waiting(box: SignedIn, folder: str, position: Cursor) -> tuple[int, list[int]]:
    """The folder's UIDVALIDITY and the UIDs to be read: those behind the cursor, all where they were numbered anew.
    Raises ``Invalid`` where the folder is gone."""
    known = box.folders()
    if folder not in known and folder.upper() != "INBOX":
        raise Invalid((_no_folder(folder, known),))
    validity = box.open(folder)
    last = int(str(position.get("uid", 0))) if position.get("validity") == validity else 0
    return validity, box.behind(last)


def _read(box: SignedIn, uids: list[int]) -> tuple[tuple[RawRow, ...], tuple[SetAside, ...]]:
    rows, aside = [], []
    for found in map(row_of, box.messages(uids)):
        if isinstance(found, RawRow):
            rows.append(found)
        else:
            aside.append(found)
    return tuple(rows), tuple(aside)


def _no_folder(name: str, known: frozenset[str]) -> Fault:
    listed = "、".join(sorted(known)[:20])
    return Fault(
        "mail.no_folder",
        Text(f"没有邮件夹“{name}”", f"There is no folder “{name}”"),
        Text(f"邮箱里有：{listed}", f"The mailbox has: {listed}"),
        field=name,
    )


def _streams(options: SourceOptions) -> tuple[Stream, ...]:
    assert isinstance(options, MailOptions)
    columns = dict.fromkeys(("message_id", "subject", "from", "from_name", "text", "in_reply_to"), "text")
    columns |= {"to": "json", "cc": "json", "sent_at": "datetime", "received_at": "datetime", "attachments": "json"}
    return tuple(Stream(each, Text.same(each), columns) for each in options.folders)


def _open(context: SourceContext) -> MailSource:
    return MailSource(MailOptions.model_validate(context.definition.options), context.secrets[PASSWORD])


_FORM: Mapping[str, Asked] = {
    "host": Asked(Text("IMAP 服务器", "IMAP server"), Text("如 imap.exmail.qq.com", "Like imap.exmail.qq.com")),
    "port": Asked(Text("端口", "Port")),
    "user": Asked(Text("邮箱账号", "User")),
    "folders": Asked(Text("邮件夹", "Folders"), Text("每个是一个数据流", "A stream each")),
    "security": Asked(
        Text("加密", "Encryption"),
        Text("多数服务器用 993 端口和 TLS", "Most servers are at port 993 with TLS"),
        choices={
            "tls": Text("TLS", "TLS"),
            "starttls": Text("STARTTLS (143 端口)", "STARTTLS (port 143)"),
            "none": Text("不加密 (只限本机服务器)", "None (servers on this machine only)"),
        },
    ),
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
