"""Sessions: a random token in a cookie, of which only the SHA-256 is stored.

A session ends after so many hours without use and in any case after seven days; every sign-in makes a new one, so
that a token planted beforehand is worth nothing. The CSRF token is derived from the session token with HMAC: it needs
no storage of its own, a page can be given it again, and it cannot be turned back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tongmai.identity.origin import Origin
from tongmai.identity.secret import digest, keyed, new_secret, same, to_text
from tongmai.kit import Denied, Text, new_id_at
from tongmai.store import ReadTx, WriteTx

LONGEST = timedelta(days=7)
# How exactly `seen_at` is kept: writing on each request would cost more than the request.
SEEN_STEP = timedelta(minutes=1)
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")
_CSRF = b"tongmai csrf"


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it is stored, with the keys of what it gives access to."""

    id: UUID
    account_id: UUID
    login: str
    workspace_id: UUID
    workspace_key: str
    person_id: UUID
    csrf_hash: bytes
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session in the list that its owner looks through."""

    id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ip: str | None
    agent: str | None


def csrf_for(session_token: str) -> str:
    """The CSRF token that belongs to a session token."""
    return to_text(keyed(session_token.encode(), _CSRF))


def check_csrf(session: Session, given: str | None) -> None:
    """Raises ``Denied`` unless the header holds the session's CSRF token. Compared in constant time."""
    if given is None or not same(digest(given), session.csrf_hash):
        raise Denied.of(
            "session.csrf",
            "请求未通过跨站校验",
            "The request failed the cross-site check",
            way_out=Text("请刷新页面后重试", "Reload the page and try again"),
            field="X-CSRF-Token",
        )


async def open_session(
    tx: WriteTx, now: datetime, idle: timedelta, account_id: UUID, workspace_id: UUID, origin: Origin
) -> tuple[str, datetime]:
    """A new session; its token, which is given away this once, and when it ends if it is not used."""
    token = new_secret()
    expires = now + min(idle, LONGEST)
    await tx.execute(
        """
        INSERT INTO tongmai.session
            (id, token_hash, account_id, workspace_id, csrf_hash, created_at, seen_at, expires_at, ip, agent)
        VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)
        """,
        new_id_at(now), digest(token), account_id, workspace_id, digest(csrf_for(token)), now, expires,
        origin.address(), origin.shown_agent(),
    )  # fmt: skip
    return token, expires


async def find_session(tx: ReadTx, now: datetime, token: str) -> Session | None:
    """The session of a token if it has not ended, the account is not disabled and still belongs to the workspace."""
    if not _SHAPE.fullmatch(token):
        return None
    row = await tx.fetch_row(
        """
        SELECT s.id, s.account_id, a.login, s.workspace_id, w.key AS workspace_key, m.person_id, s.csrf_hash,
            s.created_at, s.seen_at, s.expires_at
        FROM tongmai.session AS s
        JOIN tongmai.account AS a ON a.id = s.account_id AND a.disabled_at IS NULL
        JOIN tongmai.workspace AS w ON w.id = s.workspace_id
        JOIN tongmai.membership AS m ON m.account_id = s.account_id AND m.workspace_id = s.workspace_id
        WHERE s.token_hash = $1 AND s.expires_at > $2
        """,
        digest(token),
        now,
    )
    return None if row is None else Session(**dict(row))


def is_seen_late(session: Session, now: datetime) -> bool:
    """Whether the session's last use is long enough ago to be written down anew."""
    return now - session.seen_at >= SEEN_STEP


async def touch_session(tx: WriteTx, now: datetime, idle: timedelta, session: Session) -> None:
    """Moves the session's end on. Several requests at once write it once."""
    await tx.execute(
        "UPDATE tongmai.session SET seen_at = $2, expires_at = $3 WHERE id = $1 AND seen_at = $4",
        session.id,
        now,
        min(now + idle, session.created_at + LONGEST),
        session.seen_at,
    )


async def list_sessions(tx: ReadTx, now: datetime, account_id: UUID) -> list[SessionLine]:
    """The account's sessions that have not ended, the last used first."""
    rows = await tx.fetch(
        """
        SELECT id, created_at, seen_at, expires_at, host(ip) AS ip, agent FROM tongmai.session
        WHERE account_id = $1 AND expires_at > $2 ORDER BY seen_at DESC, id
        """,
        account_id,
        now,
    )
    return [SessionLine(**dict(row)) for row in rows]


async def end_session(tx: WriteTx, account_id: UUID, session_id: UUID) -> bool:
    """Ends one of the account's sessions; whether there was one."""
    return bool(
        await tx.execute("DELETE FROM tongmai.session WHERE id = $1 AND account_id = $2", session_id, account_id)
    )


async def end_session_of(tx: WriteTx, token: str) -> UUID | None:
    """Ends the session of a token, whoever's it is; the account's id if there was one."""
    account_id: UUID | None = await tx.fetch_value(
        "DELETE FROM tongmai.session WHERE token_hash = $1 RETURNING account_id", digest(token)
    )
    return account_id


async def forget_ended_sessions(tx: WriteTx, now: datetime) -> int:
    return await tx.execute("DELETE FROM tongmai.session WHERE expires_at <= $1", now)
