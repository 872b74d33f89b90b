"""An IMAP server of a few commands (RFC 3501): enough for a client that signs in, looks and fetches."""

from __future__ import annotations

import base64
import re
import socket
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from types import TracebackType

_FETCH = re.compile(r"UID FETCH ([\d,]+) \(UID (.*)\)$", re.IGNORECASE)
_CUT = re.compile(r"<0\.(\d+)>")


@dataclass
class Mailbox:
    """Messages by UID; ``validity`` changes when the server numbers them anew."""

    user: str = "sales"
    password: str = "geheim"
    validity: int = 7
    messages: dict[int, bytes] = field(default_factory=dict)
    flagged: bool = False
    # As NetEase's servers are: who has not said what program he is opens no folder.
    wants_id: bool = False
    introduced: bool = False
    # What is answered to whoever signs in, whatever the password.
    refusal: str | None = None
    sign_ins: int = 0
    # Sizes that are told in place of the true ones, by UID.
    claimed_sizes: dict[int, int] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def put(self, uid: int, subject: str, text: str, message_id: str) -> None:
        self.messages[uid] = (
            f"Message-ID: {message_id}\r\nFrom: buyer@example.com\r\nTo: sales@example.com\r\nSubject: {subject}\r\n"
            f"Date: Mon, 02 Nov 2026 08:30:00 +0800\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        ).encode()


class ImapServer:
    """``with ImapServer(box) as server``: answers on ``server.port``; with ``tls`` from the start or after STARTTLS."""

    def __init__(self, box: Mailbox, tls: ssl.SSLContext | None = None, *, is_tls_later: bool = False) -> None:
        self._server = _Server(("127.0.0.1", 0), _Talk)
        self._server.box = box
        self._server.tls = tls
        self._server.is_tls_later = is_tls_later
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> ImapServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    box: Mailbox
    tls: ssl.SSLContext | None
    is_tls_later: bool

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """A client that hangs up while greeting is what some tests are about."""


class _Talk(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._box, self._line = self.server.box, self.request
        self._is_secure = self.server.tls is None
        if not self.server.is_tls_later:
            self._secure()
        self._lines = self._line.makefile("rb")
        self._line.sendall(b"* OK ready\r\n")
        while said := self._lines.readline():
            answer = self._answer(said.decode().strip())
            self._line.sendall(answer)
            if b"BYE" in answer:
                return

    def _secure(self) -> None:
        if self.server.tls is not None and not self._is_secure:
            self._line = self.server.tls.wrap_socket(self._line, server_side=True)
            self._is_secure = True

    def _answer(self, line: str) -> bytes:
        tag, _, rest = line.partition(" ")
        command, done = rest.upper(), f"{tag} OK done\r\n".encode()
        if command == "CAPABILITY":
            told = "IMAP4rev1" + (" ID" if self._box.wants_id else "") + ("" if self._is_secure else " STARTTLS")
            return f"* CAPABILITY {told}\r\n".encode() + done
        if command == "STARTTLS":
            self._line.sendall(done)
            self._secure()
            self._lines = self._line.makefile("rb")
            return b""
        if command.startswith("LOGIN"):
            words = [re.sub(r"\\(.)", r"\1", each) for each in re.findall(r'"((?:\\.|[^"])*)"', rest)]
            return self._signed_in(tag, words)
        if command == "AUTHENTICATE PLAIN":
            self._line.sendall(b"+ \r\n")
            return self._signed_in(tag, base64.b64decode(self._lines.readline()).decode().split("\0")[1:])
        return _answer(self._box, tag, rest, done)

    def _signed_in(self, tag: str, words: list[str]) -> bytes:
        self._box.sign_ins += 1
        is_right = self._is_secure and words == [self._box.user, self._box.password] and self._box.refusal is None
        return f"{tag} {'OK done' if is_right else 'NO ' + (self._box.refusal or 'wrong')}\r\n".encode()


def _answer(box: Mailbox, tag: str, rest: str, done: bytes) -> bytes:
    command = rest.upper()
    if command.startswith("ID "):
        box.introduced = True
        return b"* ID NIL\r\n" + done
    if command.startswith("SELECT"):
        box.flagged = True
        return done
    if command.startswith("EXAMINE") and box.wants_id and not box.introduced:
        return f"{tag} NO EXAMINE Unsafe Login. Please contact kefu@188.com for help\r\n".encode()
    if command.startswith("EXAMINE"):
        return f"* {len(box.messages)} EXISTS\r\n".encode() + done
    if command.startswith("STATUS"):
        return f'* STATUS "INBOX" (UIDVALIDITY {box.validity})\r\n'.encode() + done
    if command.startswith("LIST"):
        return b'* LIST (\\HasNoChildren) "/" "INBOX"\r\n' + done
    if command.startswith("UID SEARCH"):
        return b"* SEARCH " + " ".join(map(str, _found(box, rest))).encode() + b"\r\n" + done
    if (asked := _FETCH.match(rest)) is not None:
        return b"".join(_fetched(box, int(uid), asked[2]) for uid in asked[1].split(",")) + done
    return b"* BYE\r\n" + done if command == "LOGOUT" else f"{tag} BAD unknown\r\n".encode()


def _found(box: Mailbox, rest: str) -> list[int]:
    """`n:*` is the range between n and the highest, whichever is the larger."""
    asked = re.search(r"UID (\d+):\*", rest)
    low, high = int(asked[1]) if asked else 1, max(box.messages, default=0)
    return [uid for uid in sorted(box.messages) if min(low, high) <= uid <= max(low, high)]


def _fetched(box: Mailbox, uid: int, what: str) -> bytes:
    """Every other server names the UID behind the literal; one that is gone meanwhile is not spoken of."""
    if uid not in box.messages:
        return b""
    content = box.messages[uid]
    if what == "RFC822.SIZE":
        return f"* {uid} FETCH (UID {uid} RFC822.SIZE {box.claimed_sizes.get(uid, len(content))})\r\n".encode()
    box.fetched.append(what)
    cut = _CUT.search(what)
    content, mark = (content[: int(cut[1])], "<0>") if cut else (content, "")
    before, behind = (f"UID {uid} ", "") if uid % 2 else ("", f" UID {uid}")
    head = f'* {uid} FETCH ({before}INTERNALDATE "02-Nov-2026 08:31:00 +0800" BODY[]{mark} {{{len(content)}}}\r\n'
    return head.encode() + content + f"{behind})\r\n".encode()
