"""What sign-in gives, and who a request comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tongmai.access import Actor
from tongmai.identity.accounts import Account
from tongmai.identity.audit import write_audit
from tongmai.identity.origin import Origin
from tongmai.identity.people import hold_active, load_actor
from tongmai.identity.sessions import Session, csrf_for, end_session_of, open_session
from tongmai.identity.tokens import UsedToken
from tongmai.kit import Clock, Denied, Language, NotSignedIn, Settings, Text
from tongmai.store import Workspace, WriteTx, find_workspace


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. Both tokens are given to the browser and never seen again here.

    ``workspaces`` are the keys of all the account belongs to, for the person to change over.
    """

    session_token: str
    csrf_token: str
    expires_at: datetime
    account_id: UUID
    login: str
    actor: Actor
    workspace: Workspace
    workspaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Presence:
    """Who a request comes from and where to: found by a session's or a token's secret."""

    actor: Actor
    workspace: Workspace
    account_id: UUID
    login: str
    session: Session | None = None
    token: UsedToken | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """The last step of every way to sign in: a workspace is chosen, the person looked at, a new session opened."""

    clock: Clock
    settings: Settings

    async def enter(
        self,
        tx: WriteTx,
        account: Account,
        origin: Origin,
        *,
        by: str,
        workspace: str | None = None,
        language: Language = "zh",
        previous: str | None = None,
    ) -> SignedIn:
        """Opens a session in ``workspace`` (else the account's first by key) and ends the ``previous`` token's.

        The caller holds the account's row locked and has made sure of the person. Raises ``Denied`` if the account is
        disabled, or its person not active.
        """
        if account.disabled_at is not None:
            raise _may_not("account.disabled", "账号已停用", "The account is disabled")
        people = await _memberships(tx, account.id)
        key = workspace if workspace is not None else next(iter(people), None)
        if key is None or key not in people:
            raise _may_not("sign_in.no_workspace", "账号不属于此工作区", "The account does not belong to the workspace")
        home = await find_workspace(tx, key)
        if home is None or not await hold_active(tx, home, people[key]):
            raise inactive()
        actor = await load_actor(tx, home, people[key], language=language)
        if actor is None:
            raise inactive()
        if previous is not None:
            await end_session_of(tx, previous)
        now, idle = self.clock.now(), timedelta(hours=self.settings.session_hours)
        token, expires = await open_session(tx, now, idle, account.id, home.id, origin)
        detail = {"account": str(account.id), "by": by, "ip": str(origin.address() or "")}
        await write_audit(tx, now, "sign_in", workspace_id=home.id, actor=actor.id, detail=detail)
        return SignedIn(token, csrf_for(token), expires, account.id, account.login, actor, home, tuple(people))


def inactive() -> Exception:
    return _may_not("sign_in.inactive", "您在此工作区已停用", "You are not active in this workspace")


def not_recognised() -> NotSignedIn:
    """The one refusal for an unknown login, a wrong password and an account without one."""
    error = NotSignedIn.of(
        "sign_in.failed",
        "账号或密码不正确",
        "The login or the password is not right",
        way_out=Text("忘记密码请联系管理员重置", "If you forgot the password, ask an administrator to reset it"),
    )
    assert isinstance(error, NotSignedIn)
    return error


async def _memberships(tx: WriteTx, account_id: UUID) -> dict[str, UUID]:
    rows = await tx.fetch(
        """
        SELECT w.key, m.person_id FROM tongmai.membership AS m JOIN tongmai.workspace AS w ON w.id = m.workspace_id
        WHERE m.account_id = $1 ORDER BY w.key
        """,
        account_id,
    )
    return {row["key"]: row["person_id"] for row in rows}


def _may_not(code: str, zh: str, en: str) -> Exception:
    return Denied.of(code, zh, en, way_out=Text("请联系管理员", "Ask an administrator"))
