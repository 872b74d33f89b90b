"""An IMAP server of a few commands (RFC 3501): enough for a client that signs in, looks and fetches."""

from __future__ import annotations

import re
import socketserver
import threading
from dataclasses import dataclass, field
from types import TracebackType


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

    def put(self, uid: int, subject: str, text: str, message_id: str) -> None:
        self.messages[uid] = (
            f"Message-ID: {message_id}\r\nFrom: buyer@example.com\r\nTo: sales@example.com\r\nSubject: {subject}\r\n"
            f"Date: Mon, 02 Nov 2026 08:30:00 +0800\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        ).encode()


class ImapServer:
    """``with ImapServer(box) as server``: answers on ``server.port``."""

    def __init__(self, box: Mailbox) -> None:
        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"* OK ready\r\n")
                for line in self.rfile:
                    answer = _answer(box, line.decode().strip())
                    self.wfile.write(answer)
                    if b"BYE" in answer:
                        return

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> ImapServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _answer(box: Mailbox, line: str) -> bytes:
    tag, _, rest = line.partition(" ")
    command = rest.upper()
    done = f"{tag} OK done\r\n".encode()
    if command.startswith("LOGIN"):
        words = [each.strip('"') for each in rest.split()[1:]]
        return done if words == [box.user, box.password] else f"{tag} NO wrong\r\n".encode()
    if command.startswith("CAPABILITY"):
        return (b"* CAPABILITY IMAP4rev1 ID\r\n" if box.wants_id else b"* CAPABILITY IMAP4rev1\r\n") + done
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
        nxt = max(box.messages, default=0) + 1
        return f'* STATUS "INBOX" (UIDVALIDITY {box.validity} UIDNEXT {nxt})\r\n'.encode() + done
    if command.startswith("LIST"):
        return b'* LIST (\\HasNoChildren) "/" "INBOX"\r\n' + done
    if command.startswith("UID SEARCH"):
        return b"* SEARCH " + " ".join(map(str, _found(box, rest))).encode() + b"\r\n" + done
    if command.startswith("UID FETCH"):
        return _fetched(box, rest) + done
    if command.startswith("LOGOUT"):
        return b"* BYE\r\n" + done
    return f"{tag} BAD unknown\r\n".encode()


def _found(box: Mailbox, rest: str) -> list[int]:
    match = re.search(r"UID (\d+):\*", rest)
    if match is not None:
        low, high = int(match.group(1)), max(box.messages, default=0)
        # `n:*` is the range between n and the highest, whichever is the larger.
        return [uid for uid in sorted(box.messages) if min(low, high) <= uid <= max(low, high)]
    match = re.search(r"UID ([\d,]+)", rest)
    wanted = {int(each) for each in match.group(1).split(",")} if match else set()
    return [uid for uid in sorted(box.messages) if uid in wanted]


def _fetched(box: Mailbox, rest: str) -> bytes:
    found = b""
    for uid in (int(each) for each in rest.split()[2].split(",")):
        content = box.messages[uid]
        found += f"* {uid} FETCH (UID {uid} FLAGS () BODY[] {{{len(content)}}}\r\n".encode() + content + b")\r\n"
    return found
