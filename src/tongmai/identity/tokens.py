"""Personal tokens for programs: ``tm_<prefix>_<secret>``, shown once, stored as a hash, narrowed by scopes.

A token acts as its person with no more than its scopes, ends at the latest after a year, and with the account's being
disabled or the person's leaving. Only a signed-in person (or the command line) can make one: a token cannot prolong
its own life.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tongmai.access import check_scopes
from tongmai.identity.secret import digest
from tongmai.kit import Conflict, Fault, Text, new_id_at
from tongmai.model import Catalogue
from tongmai.store import ReadTx, Record, WriteTx

DEFAULT_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=366)
SEEN_STEP = timedelta(minutes=1)
_MOST = 50
_LONGEST_NAME = 100
_SHAPE = re.compile(r"tm_[0-9a-f]{8}_[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner sees it; ``prefix`` is the part by which it is recognised."""

    id: UUID
    prefix: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class UsedToken:
    """A token that was presented and holds, with the keys of what it gives access to."""

    id: UUID
    account_id: UUID
    login: str
    workspace_id: UUID
    workspace_key: str
    person_id: UUID
    scopes: frozenset[str]
    expires_at: datetime
    seen_at: datetime | None


def check_token(name: str, scopes: tuple[str, ...], life: timedelta, catalogue: Catalogue) -> list[Fault]:
    """All faults of a new token."""
    faults = check_scopes(scopes, catalogue)
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        text = Text(f"名称须为 1 到 {_LONGEST_NAME} 个字符", f"A name has 1 to {_LONGEST_NAME} characters")
        faults.append(Fault("token.name", text, Text("例如“报表同步”", "For example “report sync”"), field="name"))
    if not timedelta() < life <= LONGEST_LIFE:
        text = Text("有效期须在将来，且最长 366 天", "A token ends in the future, at the latest after 366 days")
        faults.append(Fault("token.expiry", text, field="expires_at"))
    return faults


async def add_token(
    tx: WriteTx,
    now: datetime,
    account_id: UUID,
    workspace_id: UUID,
    *,
    name: str,
    scopes: tuple[str, ...],
    life: timedelta,
) -> tuple[Token, str]:
    """A new token and its secret text, which cannot be had again. Raises ``Conflict`` if there are fifty already."""
    # The account's row is the lock: two requests at once cannot both be the fiftieth.
    await tx.fetch_value("SELECT id FROM tongmai.account WHERE id = $1 FOR UPDATE", account_id)
    if len(await list_tokens(tx, now, account_id, workspace_id)) >= _MOST:
        raise Conflict.of(
            "token.too_many",
            f"最多可有 {_MOST} 个有效令牌",
            f"There can be {_MOST} tokens at most",
            way_out=Text("请先吊销不再使用的令牌", "Revoke those no longer used first"),
        )
    prefix = secrets.token_hex(4)
    secret = f"tm_{prefix}_{secrets.token_hex(32)}"
    made = Token(new_id_at(now), prefix, name.strip(), tuple(sorted(set(scopes))), now, now + life, None)
    await tx.execute(
        """
        INSERT INTO tongmai.token
            (id, token_hash, prefix, account_id, workspace_id, name, scopes, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        made.id, digest(secret), prefix, account_id, workspace_id, made.name, list(made.scopes), now, made.expires_at,
    )  # fmt: skip
    return made, secret


async def find_token(tx: ReadTx, now: datetime, secret: str) -> UsedToken | None:
    """The token of a secret text if it is neither expired nor revoked and its account may still enter the workspace."""
    if not _SHAPE.fullmatch(secret):
        return None
    row = await tx.fetch_row(
        """
        SELECT t.id, t.account_id, a.login, t.workspace_id, w.key AS workspace_key, m.person_id, t.scopes,
            t.expires_at, t.seen_at
        FROM tongmai.token AS t
        JOIN tongmai.account AS a ON a.id = t.account_id AND a.disabled_at IS NULL
        JOIN tongmai.workspace AS w ON w.id = t.workspace_id
        JOIN tongmai.membership AS m ON m.account_id = t.account_id AND m.workspace_id = t.workspace_id
        WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2
        """,
        digest(secret),
        now,
    )
    return None if row is None else UsedToken(**{**dict(row), "scopes": frozenset(row["scopes"])})


def is_seen_late(token: UsedToken, now: datetime) -> bool:
    return token.seen_at is None or now - token.seen_at >= SEEN_STEP


async def touch_token(tx: WriteTx, now: datetime, token: UsedToken) -> None:
    await tx.execute(
        "UPDATE tongmai.token SET seen_at = $2 WHERE id = $1 AND seen_at IS NOT DISTINCT FROM $3",
        token.id,
        now,
        token.seen_at,
    )


async def list_tokens(tx: ReadTx, now: datetime, account_id: UUID, workspace_id: UUID) -> list[Token]:
    """The account's tokens in the workspace that still hold, the newest first."""
    rows = await tx.fetch(
        """
        SELECT id, prefix, name, scopes, created_at, expires_at, seen_at FROM tongmai.token
        WHERE account_id = $1 AND workspace_id = $2 AND revoked_at IS NULL AND expires_at > $3
        ORDER BY created_at DESC, id DESC
        """,
        account_id,
        workspace_id,
        now,
    )
    return [_token(row) for row in rows]


async def end_token(tx: WriteTx, now: datetime, account_id: UUID, token_id: UUID) -> bool:
    """Revokes one of the account's tokens; whether there was one to revoke."""
    return bool(
        await tx.execute(
            "UPDATE tongmai.token SET revoked_at = $3 WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL",
            token_id,
            account_id,
            now,
        )
    )


def _token(row: Record) -> Token:
    return Token(**{**dict(row), "scopes": tuple(row["scopes"])})
