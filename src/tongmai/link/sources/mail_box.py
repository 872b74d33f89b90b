"""A signed-in IMAP connection that only looks: nothing is marked, moved or deleted (RFC 3501)."""

from __future__ import annotations

import imaplib
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted, U
from imap_tools.errors import ImapToolsError, UnexpectedCommandStatusError

from tongmai.kit import Fault, Invalid, Text, TongmaiError
from tongmai.link.faults import away

Security = Literal["tls", "starttls", "none"]
_TIMEOUT_S = 30
# A mail is taken whole up to here, of a longer one its beginning: the words stand before what is attached.
_WHOLE = 32 * 1024 * 1024
_BEGINNING = 4 * 1024 * 1024
# What is asked for in one command.
_AT_ONCE = 8 * 1024 * 1024
_UID, _SIZE = re.compile(rb"\bUID (\d+)"), re.compile(rb"\bRFC822\.SIZE (\d+)")
_RECEIVED = re.compile(rb'\bINTERNALDATE "([^"]+)"')
# RFC 5530: the server says that it may do another time.
_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[OVERQUOTA]")
_USE_A_CODE = Text(
    "请核对账号；QQ、163 等邮箱要填授权码，不是登录密码",
    "Check the account; many mail services want a password made for programs in place of the usual one",
)
FAILURES = (OSError, imaplib.IMAP4.error, ImapToolsError)


@dataclass(frozen=True, slots=True)
class Address:
    """``security`` as SMTP's words are: encrypted from the start, after STARTTLS, or (on this machine only) not."""

    host: str
    port: int
    user: str
    security: Security


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message as the server has it; ``is_cut`` where only its beginning was fetched."""

    uid: int
    content: bytes
    received_at: datetime | None
    is_cut: bool


class SignedIn:
    """Blocking; used by one thread at a time. Its methods raise ``FAILURES``."""

    def __init__(self, address: Address, password: str) -> None:
        """Raises also ``Invalid`` for an unencrypted way to another machine."""
        self._box = _connected(address)
        try:
            _sign_in(self._box, address.user, password)
            if "ID" in self._box.client.capabilities:
                # NetEase's servers (163, 126, yeah) open no folder for who does not say what program he is (RFC 2971).
                self._box.client.xatom("ID", '("name" "tongmai")')
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        with suppress(*FAILURES):
            self._box.logout()

    def folders(self) -> frozenset[str]:
        return frozenset(each.name for each in self._box.folder.list())

    def open(self, folder: str) -> int:
        """Opens a folder to be read; its UIDVALIDITY."""
        self._box.folder.set(folder, readonly=True)
        return int(self._box.folder.status(folder, ["UIDVALIDITY"])["UIDVALIDITY"])

    def behind(self, last: int) -> list[int]:
        """The UIDs after one, in their order, of the folder that is open."""
        # `n:*` always names the last message too, also one that is not behind n.
        return sorted(uid for uid in map(int, self._box.uids(AND(uid=U(str(last + 1), "*")))) if uid > last)

    def messages(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """Those that are still there, in order; a few mails of a usual size come with one command."""
        sizes = {
            uid: int(found[1]) for uid, head, _ in self._answers(uids, "RFC822.SIZE") if (found := _SIZE.search(head))
        }
        for lot in _lots([(uid, sizes[uid]) for uid in uids if uid in sizes]):
            is_cut = sizes[lot[0]] > _WHOLE
            what = f"BODY.PEEK[]<0.{_BEGINNING}>" if is_cut else "BODY.PEEK[]"
            bodies = self._answers(lot, f"INTERNALDATE {what}")
            for uid, head, content in sorted(bodies, key=lambda each: each[0]):
                yield Fetched(uid, content, _received(head), is_cut)

    def _answers(self, uids: Sequence[int], what: str) -> Iterator[tuple[int, bytes, bytes]]:
        """Of each message what was said of it and its literal; servers name the UID before the literal or after."""
        if not uids:
            return
        state, parts = self._box.client.uid("FETCH", ",".join(map(str, uids)), f"(UID {what})")
        if state != "OK":
            raise imaplib.IMAP4.error(_said(parts))
        head, content = b"", b""
        for part in [*parts, None]:
            is_next = part is None or isinstance(part, tuple) or re.match(rb"\d+ \(", part) is not None
            if is_next and (uid := _UID.search(head)):
                yield int(uid[1]), head, content
            if isinstance(part, tuple):
                head, content = part[0], part[1]
            elif isinstance(part, bytes):
                head, content = (part, b"") if is_next else (head + part, content)


def told(error: Exception) -> TongmaiError:
    """A failure of ``FAILURES``: ``SourceAway`` for what may pass, ``Invalid`` for what will not."""
    if isinstance(error, ssl.SSLCertVerificationError):
        said = error.verify_message or str(error)
        return Invalid.of(
            "mail.certificate",
            f"邮件服务器的证书不可信：{said}",
            f"The mail server's certificate is not to be trusted: {said}",
            way_out=Text(
                "请填写证书上的主机名；公司自己的根证书用环境变量 SSL_CERT_FILE 指定",
                "Give the host as the certificate names it; name a company's own root by SSL_CERT_FILE",
            ),
        )
    if isinstance(error, ssl.SSLError):
        return Invalid.of(
            "mail.no_tls",
            "服务器在这个端口上不说 TLS",
            "The server speaks no TLS at this port",
            way_out=Text("993 端口用 TLS，143 端口用 STARTTLS", "Use TLS at 993, STARTTLS at 143"),
        )
    said = _said(error.command_result[1]) if isinstance(error, UnexpectedCommandStatusError) else str(error)
    said = " ".join(said.split())[:200] or type(error).__name__
    if isinstance(error, OSError | imaplib.IMAP4.abort) or any(each in said.upper() for each in _PASSING):
        return away(f"邮件服务器没有应答：{said}", f"The mail server does not answer: {said}")
    text = Text(f"邮件服务器的答复：{said}", f"The mail server says: {said}")
    is_of_signing_in = any(each in said.upper() for each in ("AUTH", "LOGIN", "PASSWORD"))
    return Invalid((Fault("mail.refused", text, _USE_A_CODE if is_of_signing_in else None),))


def _connected(address: Address) -> BaseMailBox:
    # The library's own default would take any certificate.
    trusted = ssl.create_default_context()
    if address.security == "tls":
        return MailBox(address.host, address.port, timeout=_TIMEOUT_S, ssl_context=trusted)
    if address.security == "starttls":
        return MailBoxStartTls(address.host, address.port, timeout=_TIMEOUT_S, ssl_context=trusted)
    _require_here(address)
    return MailBoxUnencrypted(address.host, address.port, timeout=_TIMEOUT_S)


def _require_here(address: Address) -> None:
    found = {str(each[4][0]) for each in socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)}
    if not all(ipaddress.ip_address(each.partition("%")[0]).is_loopback for each in found):
        raise Invalid.of(
            "mail.unencrypted",
            "不加密的连接只能连本机的服务器，否则密码会被看到",
            "Only a server on this machine may be asked without encryption: others would see the password",
            way_out=Text("请选择 TLS 或 STARTTLS", "Choose TLS or STARTTLS"),
            field="options.security",
        )


def _sign_in(box: BaseMailBox, user: str, password: str) -> None:
    """A password that is not ASCII needs SASL: LOGIN has no charset."""
    if (user + password).isascii() and not re.search(r"[\r\n\0]", user + password):
        box.login(user, password, initial_folder=None)
    else:
        box.login_utf8(user, password, initial_folder=None)


def _lots(sized: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """UIDs that are fetched together; one of which only the beginning is wanted stands alone."""
    lot: list[int] = []
    filled = 0
    for uid, size in sized:
        if lot and filled + size > _AT_ONCE:
            yield lot
            lot, filled = [], 0
        lot.append(uid)
        filled += size
    if lot:
        yield lot


def _received(head: bytes) -> datetime | None:
    found = _RECEIVED.search(head)
    if found is None:
        return None
    try:
        return parsedate_to_datetime(found[1].decode("ascii").strip().replace("-", " ", 2)).astimezone(UTC)
    except (ValueError, TypeError):
        return None


def _said(parts: Sequence[object]) -> str:
    return " ".join(part.decode("utf-8", "replace") for part in parts if isinstance(part, bytes))
