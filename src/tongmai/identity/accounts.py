"""Accounts: who may sign in at all, and as which person of which workspace.

An account may belong to several workspaces. Whoever administers one of them can reset its password only while it
belongs to no other, and never that of someone with more powers over the platform than his own: a reset is a way in.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import UniqueViolationError

from tongmai.access import Actor, AnyActor, SystemActor, managed_by, require_manage
from tongmai.identity.audit import write_audit
from tongmai.identity.people import load_person
from tongmai.kit import Conflict, Denied, Fault, Invalid, NotFound, Text, new_id_at
from tongmai.model import Catalogue
from tongmai.store import ReadTx, Record, Workspace, WriteTx

_LONGEST_LOGIN = 200
_COLUMNS = "id, login, password_hash, oidc_issuer, oidc_subject, disabled_at, created_at, password_changed_at"


@dataclass(frozen=True, slots=True)
class OidcSubject:
    """Whom an OIDC provider means: its issuer and the subject there, which together never change."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class Account:
    id: UUID
    login: str
    password_hash: str | None
    oidc: OidcSubject | None
    disabled_at: datetime | None
    created_at: datetime
    password_changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """An account as the administrators of a workspace see it."""

    account_id: UUID
    person_id: UUID
    login: str
    has_password: bool
    has_oidc: bool
    disabled_at: datetime | None
    created_at: datetime


def canonical_login(login: str) -> str:
    """The login as it is stored: NFKC, without blanks around. Compared without regard to case."""
    return unicodedata.normalize("NFKC", login).strip()


def check_login(login: str) -> list[Fault]:
    printable = login.isprintable() and " " not in login
    if login and len(login) <= _LONGEST_LOGIN and printable:
        return []
    text = Text(
        f"账号须为 1 到 {_LONGEST_LOGIN} 个字符，不含空格",
        f"A login has 1 to {_LONGEST_LOGIN} characters and no spaces",
    )
    return [Fault("account.login", text, Text("例如手机号或邮箱", "For example an e-mail address"), field="login")]


async def find_account(tx: ReadTx, login: str) -> Account | None:
    """By login, in any case of letters."""
    row = await tx.fetch_row(
        f"SELECT {_COLUMNS} FROM tongmai.account WHERE lower(login) = lower($1)",  # noqa: S608
        canonical_login(login),
    )
    return None if row is None else _account(row)


async def lock_account(tx: WriteTx, account_id: UUID) -> Account:
    """The account's present state, held to the end of the transaction: no reset or disabling slips in between."""
    row = await tx.fetch_row(f"SELECT {_COLUMNS} FROM tongmai.account WHERE id = $1 FOR UPDATE", account_id)  # noqa: S608
    if row is None:
        raise _no_account()
    return _account(row)


async def find_by_subject(tx: ReadTx, oidc: OidcSubject) -> Account | None:
    row = await tx.fetch_row(
        f"SELECT {_COLUMNS} FROM tongmai.account WHERE oidc_issuer = $1 AND oidc_subject = $2",  # noqa: S608
        oidc.issuer,
        oidc.subject,
    )
    return None if row is None else _account(row)


async def find_member(tx: ReadTx, workspace: Workspace, person_id: UUID) -> Member | None:
    return next((each for each in await list_members(tx, workspace) if each.person_id == person_id), None)


async def list_members(tx: ReadTx, workspace: Workspace) -> list[Member]:
    """All accounts of a workspace, by login."""
    rows = await tx.fetch(
        """
        SELECT a.id AS account_id, m.person_id, a.login, a.password_hash IS NOT NULL AS has_password,
            a.oidc_subject IS NOT NULL AS has_oidc, a.disabled_at, a.created_at
        FROM tongmai.membership AS m JOIN tongmai.account AS a ON a.id = m.account_id
        WHERE m.workspace_id = $1 ORDER BY lower(a.login)
        """,
        workspace.id,
    )
    return [Member(**dict(row)) for row in rows]


async def add_account(
    tx: WriteTx,
    workspace: Workspace,
    now: datetime,
    actor: AnyActor,
    catalogue: Catalogue,
    *,
    login: str,
    person_id: UUID,
    password_hash: str | None,
    oidc: OidcSubject | None,
) -> UUID:
    """Makes an account for a person; the system may instead join an existing account to one more workspace.

    Raises ``Denied``, ``NotFound`` (no such person) or ``Conflict`` (login, subject or person has an account already).
    """
    await require_authority(tx, workspace, actor, catalogue, person_id)
    found = await find_account(tx, login)
    if found is not None and not isinstance(actor, SystemActor):
        raise _taken("login")
    account_id = found.id if found is not None else new_id_at(now)
    try:
        if found is None:
            await tx.execute(
                """
                INSERT INTO tongmai.account
                    (id, login, password_hash, oidc_issuer, oidc_subject, created_at, password_changed_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                account_id, login, password_hash, oidc and oidc.issuer, oidc and oidc.subject, now,
                None if password_hash is None else now,
            )  # fmt: skip
        await tx.execute(
            "INSERT INTO tongmai.membership (account_id, workspace_id, person_id) VALUES ($1, $2, $3)",
            account_id,
            workspace.id,
            person_id,
        )
    except UniqueViolationError as error:
        name = error.constraint_name or ""
        raise _taken("login" if "login" in name else "oidc" if "oidc" in name else "person") from error
    await _note(tx, now, workspace, actor, "account_made", account_id, login=login, person=str(person_id))
    return account_id


async def store_password(tx: WriteTx, now: datetime, account_id: UUID, password_hash: str) -> None:
    """Sets the hash and ends every session of the account, everywhere."""
    await tx.execute(
        "UPDATE tongmai.account SET password_hash = $2, password_changed_at = $3 WHERE id = $1",
        account_id,
        password_hash,
        now,
    )
    await tx.execute("DELETE FROM tongmai.session WHERE account_id = $1", account_id)


async def reset_password(
    tx: WriteTx,
    workspace: Workspace,
    now: datetime,
    actor: AnyActor,
    catalogue: Catalogue,
    member: Member,
    password_hash: str,
) -> None:
    """Sets someone else's password, ends the sessions and revokes the tokens: whoever asks may have been robbed."""
    await _require_power_over(tx, workspace, actor, catalogue, member)
    await store_password(tx, now, member.account_id, password_hash)
    await _revoke_tokens(tx, now, member.account_id)
    await _note(tx, now, workspace, actor, "password_reset", member.account_id)


async def switch_account(
    tx: WriteTx,
    workspace: Workspace,
    now: datetime,
    actor: AnyActor,
    catalogue: Catalogue,
    member: Member,
    *,
    disabled: bool,
) -> None:
    """Disables an account (its sessions end, its tokens are revoked) or enables it again: nothing handed out before
    comes back with it."""
    await _require_power_over(tx, workspace, actor, catalogue, member)
    await tx.execute(
        "UPDATE tongmai.account SET disabled_at = $2 WHERE id = $1", member.account_id, now if disabled else None
    )
    if disabled:
        await tx.execute("DELETE FROM tongmai.session WHERE account_id = $1", member.account_id)
        await _revoke_tokens(tx, now, member.account_id)
    await _note(tx, now, workspace, actor, "account_disabled" if disabled else "account_enabled", member.account_id)


async def require_authority(
    tx: ReadTx, workspace: Workspace, actor: AnyActor, catalogue: Catalogue, person_id: UUID
) -> None:
    """Raises unless the actor manages people and, over the platform, all that the person does."""
    person = await load_person(tx, workspace, person_id)
    if person is None:
        raise NotFound.of(
            "account.no_person",
            "没有此人员",
            "There is no such person",
            field="person",
            way_out=Text("请先添加人员", "Add the person first"),
        )
    if isinstance(actor, SystemActor):
        return
    require_manage(actor, catalogue, "people")
    if managed_by(catalogue, person.roles) - managed_by(catalogue, actor.roles):
        raise Denied.of(
            "account.beyond_own",
            "此人的管理权限超出您自己的，不能管理其账号",
            "This person administers more than you do: you cannot manage the account",
            way_out=Text("请由管理员操作", "Ask an administrator"),
            rule="manages:people",
        )


async def _revoke_tokens(tx: WriteTx, now: datetime, account_id: UUID) -> None:
    await tx.execute(
        "UPDATE tongmai.token SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL", account_id, now
    )


async def _require_power_over(
    tx: WriteTx, workspace: Workspace, actor: AnyActor, catalogue: Catalogue, member: Member
) -> None:
    await require_authority(tx, workspace, actor, catalogue, member.person_id)
    if isinstance(actor, SystemActor):
        return
    elsewhere = await tx.fetch_value(
        "SELECT EXISTS (SELECT FROM tongmai.membership WHERE account_id = $1 AND workspace_id <> $2)",
        member.account_id,
        workspace.id,
    )
    if elsewhere:
        raise Denied.of(
            "account.shared",
            "此账号还属于其他工作区，只能由本人或平台管理",
            "This account belongs to another workspace too: only its owner or the platform's operator may change it",
            way_out=Text("请用命令行 tongmai user password", "Use the command line: tongmai user password"),
        )


async def _note(
    tx: WriteTx, now: datetime, workspace: Workspace, actor: AnyActor, kind: str, account_id: UUID, **detail: object
) -> None:
    await write_audit(
        tx,
        now,
        kind,
        workspace_id=workspace.id,
        actor=actor.id if isinstance(actor, Actor) else None,
        detail={"account": str(account_id), "via": actor.via, **detail},
    )


def refuse(faults: list[Fault]) -> None:
    """Raises ``Invalid`` with all the faults, if there are any."""
    if faults:
        raise Invalid(tuple(faults))


def _no_account() -> Exception:
    return NotFound.of("account.unknown", "没有此账号", "There is no such account")


def _taken(what: str) -> Exception:
    words = {
        "login": ("此账号名已被使用", "This login is taken"),
        "oidc": ("此外部身份已绑定其他账号", "This external identity belongs to another account"),
        "person": ("此人员已有账号", "This person has an account already"),
    }
    zh, en = words[what]
    return Conflict.of(f"account.{what}_taken", zh, en, field=what)


def _account(row: Record) -> Account:
    subject = row["oidc_subject"]
    return Account(
        id=row["id"],
        login=row["login"],
        password_hash=row["password_hash"],
        oidc=None if subject is None else OidcSubject(row["oidc_issuer"], subject),
        disabled_at=row["disabled_at"],
        created_at=row["created_at"],
        password_changed_at=row["password_changed_at"],
    )
