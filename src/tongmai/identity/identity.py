"""``Identity``: all that sign-in, sessions, tokens and accounts offer to the web and the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from tongmai.access import Actor, AnyActor
from tongmai.identity import accounts, sessions, throttle, tokens
from tongmai.identity.accounts import Member, OidcSubject, canonical_login, check_login, refuse
from tongmai.identity.audit import write_audit
from tongmai.identity.member_sign_in import MemberSignIn
from tongmai.identity.memory import CHANNEL, Memory
from tongmai.identity.oidc_provider import OidcProvider
from tongmai.identity.oidc_sign_in import OidcSignIn, OidcStart
from tongmai.identity.origin import Origin
from tongmai.identity.password_sign_in import PasswordSignIn
from tongmai.identity.passwords import Hasher, check_password
from tongmai.identity.people import hold_active, load_actor
from tongmai.identity.secret import digest
from tongmai.identity.sessions import SessionLine
from tongmai.identity.signed_in import Entry, Presence, SignedIn, inactive
from tongmai.identity.tokens import Token
from tongmai.kit import Clock, Denied, Language, NotFound, Settings, Text
from tongmai.model import Catalogue
from tongmai.store import Database, ReadTx, Subscription, Workspace, WriteTx, find_workspace


class Identity:
    """One per process. What a request asks for each time is remembered for ``remember_s`` seconds of machine time.

    So a change of roles or teams holds at once where ``forget_people`` is called, and everywhere a second later;
    signing out, revoking, disabling and a new password hold at once here, and in other processes as soon as
    PostgreSQL's notification arrives (``start`` listens for it).
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Clock,
        hasher: Hasher,
        *,
        provider: OidcProvider | None = None,
        links_by_email: bool = False,
        remember_s: float = 1.0,
    ) -> None:
        self._database = database
        self._clock = clock
        self._hasher = hasher
        self._idle = timedelta(hours=settings.session_hours)
        entry = Entry(clock, settings)
        self._passwords = PasswordSignIn(database, entry, hasher)
        self._entry = entry
        self._oidc = None if provider is None else OidcSignIn(database, entry, provider, links_by_email)
        self.member_sign_in = MemberSignIn(database, entry)
        self._present: Memory[bytes, Presence] = Memory(remember_s)
        self._subscription: Subscription | None = None
        self._revoked_handlers: list[Callable[[UUID | None], None]] = []

    async def start(self) -> None:
        """Listens for what other processes revoke."""
        self._subscription = await self._database.listen(CHANNEL, self._on_notice)

    async def stop(self) -> None:
        """Listens no longer."""
        if self._subscription is not None:
            await self._subscription.close()
            self._subscription = None

    # Signing in and out

    async def sign_in(
        self,
        login: str,
        password: str,
        origin: Origin,
        *,
        workspace: str | None = None,
        language: Language = "zh",
        previous: str | None = None,
    ) -> SignedIn:
        """Signs in to ``workspace`` (a key; else the account's first). ``previous`` is a session token to be ended.

        Raises ``NotSignedIn`` (the same for unknown logins and wrong passwords), ``TooMany`` with ``retry_after``, or
        ``Denied`` for a right password where the account is disabled or not in that workspace.
        """
        return await self._passwords.sign_in(
            login, password, origin, workspace=workspace, language=language, previous=previous
        )

    @property
    def has_oidc(self) -> bool:
        return self._oidc is not None

    async def start_oidc(self, *, redirect_uri: str, return_to: str = "/", workspace: str | None = None) -> OidcStart:
        """Where to send the browser and what it must keep. Raises ``NotFound`` if no provider is set up."""
        return await self._provider().start(redirect_uri=redirect_uri, return_to=return_to, workspace=workspace)

    async def finish_oidc(
        self,
        cookie: str,
        answer: Mapping[str, str],
        origin: Origin,
        *,
        language: Language = "zh",
        previous: str | None = None,
    ) -> tuple[SignedIn, str]:
        """The session and the path to go on to, from the provider's answer (the query's parameters)."""
        return await self._provider().finish(cookie, answer, origin, language=language, previous=previous)

    async def switch_workspace(self, presence: Presence, token: str, workspace: str, origin: Origin) -> SignedIn:
        """A session in another workspace of the account, in place of the present one."""
        self._own_session(presence)
        async with self._database.write() as tx:
            account = await accounts.lock_account(tx, presence.account_id)
            signed_in = await self._entry.enter(
                tx,
                account,
                origin,
                by="switch",
                workspace=workspace,
                language=presence.actor.language,
                previous=token,
            )
            await self._revoked(tx, presence.account_id)
        return signed_in

    async def sign_out(self, session_token: str) -> None:
        """Ends a session; nothing happens if there is none."""
        async with self._database.write() as tx:
            account_id = await sessions.end_session_of(tx, session_token)
            if account_id is not None:
                await write_audit(tx, self._clock.now(), "sign_out", detail={"account": str(account_id)})
                await self._revoked(tx, account_id)

    # Who a request comes from

    async def find_session(
        self, session_token: str, language: Language = "zh", *, is_use: bool = True
    ) -> Presence | None:
        """Who a session's token stands for; its end moves on where ``is_use``: a page that only stays open is none.

        None if it has ended or the person is not active.
        """
        now = self._clock.now()
        known = self._present.recall(digest(session_token))
        if known is not None and known.session is not None and known.session.expires_at > now:
            return _in_language(known, language)
        generation = self._present.generation
        async with self._database.read() as tx:
            found = await sessions.find_session(tx, now, session_token)
            if found is None:
                return None
            presence = await self._presence(tx, found.workspace_key, found.person_id, "session", None)
        if presence is None:
            return None
        presence = replace(presence, account_id=found.account_id, login=found.login, session=found)
        if not is_use:
            # Not remembered: the next use is to be written down.
            return _in_language(presence, language)
        if sessions.is_seen_late(found, now):
            async with self._database.write() as writing:
                await sessions.touch_session(writing, now, self._idle, found)
        self._present.keep(digest(session_token), presence, generation)
        return _in_language(presence, language)

    async def find_token(self, secret: str, language: Language = "zh") -> Presence | None:
        """Who a personal token stands for, with its scopes. None if it does not hold or the person is not active."""
        now = self._clock.now()
        known = self._present.recall(digest(secret))
        if known is not None and known.token is not None and known.token.expires_at > now:
            return _in_language(known, language)
        generation = self._present.generation
        async with self._database.read() as tx:
            found = await tokens.find_token(tx, now, secret)
            if found is None:
                return None
            presence = await self._presence(tx, found.workspace_key, found.person_id, f"token:{found.id}", found.scopes)
        if presence is None:
            return None
        presence = replace(presence, account_id=found.account_id, login=found.login, token=found)
        if tokens.is_seen_late(found, now):
            async with self._database.write() as writing:
                await tokens.touch_token(writing, now, found)
        self._present.keep(digest(secret), presence, generation)
        return _in_language(presence, language)

    def on_revoked(self, handler: Callable[[UUID | None], None]) -> None:
        """Calls ``handler`` with an account of which a session, a token or the account itself ended, in whatever
        process; with None where it may be any. What was remembered of it is forgotten by then."""
        self._revoked_handlers.append(handler)

    def forget_people(self, workspace_id: UUID) -> None:
        """To be called after people, teams or roles of a workspace were written: the next request reads them anew."""
        self._present.forget(lambda presence: presence.workspace.id == workspace_id)

    # The own sessions, password and tokens

    async def list_sessions(self, presence: Presence) -> list[SessionLine]:
        """Those of the account that have not ended. Raises ``Denied`` for a token: whence somebody signs in is not its
        matter."""
        self._own_session(presence)
        async with self._database.read() as tx:
            return await sessions.list_sessions(tx, self._clock.now(), presence.account_id)

    async def end_session(self, presence: Presence, session_id: UUID) -> None:
        """Ends one of the own sessions. Raises ``NotFound``, and ``Denied`` for a token."""
        self._own_session(presence)
        async with self._database.write() as tx:
            if not await sessions.end_session(tx, presence.account_id, session_id):
                raise NotFound.of("session.unknown", "没有此会话", "There is no such session")
            detail = {"account": str(presence.account_id), "session": str(session_id)}
            await self._note(tx, presence.workspace, presence.actor, "session_ended", detail)
            await self._revoked(tx, presence.account_id)

    async def change_password(self, presence: Presence, current: str, new: str, origin: Origin) -> SignedIn:
        """Changes the own password: every session of the account ends, a new one is given. Tokens stay.

        Raises ``NotSignedIn`` if the current one is wrong, ``TooMany``, or ``Invalid`` for the new one.
        """
        self._own_session(presence)
        signed_in = await self._passwords.change(presence, current, new, origin)
        async with self._database.write() as tx:
            await self._revoked(tx, presence.account_id)
        return signed_in

    async def list_own_tokens(self, presence: Presence) -> list[Token]:
        """As ``list_tokens``, of oneself. Raises ``Denied`` for a token."""
        self._own_session(presence)
        return await self.list_tokens(presence.workspace, presence.actor.id)

    async def list_tokens(self, workspace: Workspace, person_id: UUID) -> list[Token]:
        """A person's tokens that still hold, the newest first."""
        async with self._database.read() as tx:
            member = await self._member(tx, workspace, person_id)
            return await tokens.list_tokens(tx, self._clock.now(), member.account_id, workspace.id)

    async def make_token(
        self,
        actor: AnyActor,
        workspace: Workspace,
        catalogue: Catalogue,
        *,
        name: str,
        scopes: tuple[str, ...],
        expires_at: datetime | None = None,
        person_id: UUID | None = None,
    ) -> tuple[Token, str]:
        """A token of the actor's own (the system names a person) and its secret text, shown this once.

        It ends after 90 days if ``expires_at`` says nothing. Raises ``Invalid`` with all faults, ``Conflict``,
        ``Denied`` where a token asks for a token.
        """
        if isinstance(actor, Actor) and (actor.via != "session" or person_id not in (None, actor.id)):
            raise _needs_session()
        owner = person_id if person_id is not None else actor.id
        if owner is None:
            raise ValueError("whose token?")
        now = self._clock.now()
        life = tokens.DEFAULT_LIFE if expires_at is None else expires_at - now
        refuse(tokens.check_token(name, scopes, life, catalogue))
        async with self._database.write() as tx:
            member = await self._member(tx, workspace, owner)
            if not await hold_active(tx, workspace, owner):
                raise inactive()
            made, secret = await tokens.add_token(
                tx, now, member.account_id, workspace.id, name=name, scopes=scopes, life=life
            )
            detail = {"token": str(made.id), "prefix": made.prefix, "scopes": made.scopes, "person": str(owner)}
            await self._note(tx, workspace, actor, "token_made", detail)
        return made, secret

    async def revoke_token(self, actor: AnyActor, workspace: Workspace, catalogue: Catalogue, token_id: UUID) -> None:
        """Revokes the own token or, with authority over its person, another's. A token itself revokes of its person's
        none but itself. Raises ``NotFound``, ``Denied``."""
        async with self._database.write() as tx:
            row = await tx.fetch_row(
                """
                SELECT t.account_id, m.person_id FROM tongmai.token AS t
                JOIN tongmai.membership AS m ON m.account_id = t.account_id AND m.workspace_id = t.workspace_id
                WHERE t.id = $1 AND t.workspace_id = $2
                """,
                token_id,
                workspace.id,
            )
            if row is not None and row["person_id"] == actor.id and actor.via not in ("session", f"token:{token_id}"):
                raise _needs_session()
            if row is not None and row["person_id"] != actor.id:
                await accounts.require_authority(tx, workspace, actor, catalogue, row["person_id"])
            if row is None or not await tokens.end_token(tx, self._clock.now(), row["account_id"], token_id):
                raise NotFound.of("token.unknown", "没有此令牌", "There is no such token")
            await self._note(tx, workspace, actor, "token_revoked", {"token": str(token_id)})
            await self._revoked(tx, row["account_id"])

    # Other people's accounts

    async def create_account(
        self,
        actor: AnyActor,
        workspace: Workspace,
        catalogue: Catalogue,
        *,
        person_id: UUID,
        login: str,
        password: str | None = None,
        oidc: OidcSubject | None = None,
    ) -> UUID:
        """An account for a person of the workspace, signing in with a password, through the OIDC provider, or both.

        The first administrator's is made by a ``SystemActor``, who may also join an existing login to one more
        workspace (the password is then left as it is).
        """
        login = canonical_login(login)
        faults = check_login(login)
        if password is not None:
            faults += check_password(password, login)
        refuse(faults)
        hashed = None if password is None else await self._hasher.hash(password)
        async with self._database.write() as tx:
            return await accounts.add_account(
                tx,
                workspace,
                self._clock.now(),
                actor,
                catalogue,
                login=login,
                person_id=person_id,
                password_hash=hashed,
                oidc=oidc,
            )

    async def list_members(self, workspace: Workspace) -> list[Member]:
        """All accounts of the workspace, by login; whether the actor may see them is for the caller to ask."""
        async with self._database.read() as tx:
            return await accounts.list_members(tx, workspace)

    async def set_password(
        self, actor: AnyActor, workspace: Workspace, catalogue: Catalogue, person_id: UUID, password: str
    ) -> None:
        """Sets someone else's password, ends all sessions and revokes all tokens of the account."""
        async with self._database.read() as tx:
            member = await self._member(tx, workspace, person_id)
        refuse(check_password(password, member.login))
        hashed = await self._hasher.hash(password)
        async with self._database.write() as writing:
            now = self._clock.now()
            await accounts.reset_password(writing, workspace, now, actor, catalogue, member, hashed)
            await self._revoked(writing, member.account_id)

    async def switch_account(
        self, actor: AnyActor, workspace: Workspace, catalogue: Catalogue, person_id: UUID, *, disabled: bool
    ) -> None:
        """Disables or enables someone's account."""
        async with self._database.write() as tx:
            member = await self._member(tx, workspace, person_id)
            now = self._clock.now()
            await accounts.switch_account(tx, workspace, now, actor, catalogue, member, disabled=disabled)
            await self._revoked(tx, member.account_id)

    # Upkeep

    async def sweep(self) -> int:
        """Removes ended sessions and attempts that count no more; how many rows. To be called every few minutes."""
        async with self._database.write() as tx:
            now = self._clock.now()
            return await sessions.forget_ended_sessions(tx, now) + await throttle.forget_old_attempts(tx, now)

    async def _presence(
        self, tx: ReadTx, workspace_key: str, person_id: UUID, via: str, scopes: frozenset[str] | None
    ) -> Presence | None:
        workspace = await find_workspace(tx, workspace_key)
        if workspace is None:
            return None
        actor = await load_actor(tx, workspace, person_id, via=via, scopes=scopes)
        return None if actor is None else Presence(actor, workspace, person_id, "")

    async def _member(self, tx: ReadTx, workspace: Workspace, person_id: UUID) -> Member:
        member = await accounts.find_member(tx, workspace, person_id)
        if member is None:
            raise NotFound.of(
                "account.none",
                "此人员没有账号",
                "This person has no account",
                field="person",
                way_out=Text("请先为其开通登录", "Give them a sign-in first"),
            )
        return member

    async def _revoked(self, tx: WriteTx, account_id: UUID) -> None:
        """Forgets what is remembered of an account, here and in every process, once the transaction is committed."""
        await tx.notify(CHANNEL, str(account_id))
        tx.after_commit(lambda: self._forget_account(account_id))

    def _forget_account(self, account_id: UUID | None) -> None:
        """Of all accounts with None."""
        self._present.forget(None if account_id is None else lambda presence: presence.account_id == account_id)
        for each in self._revoked_handlers:
            each(account_id)

    async def _on_notice(self, payload: str) -> None:
        # Empty after a lost connection: anything may have been missed.
        self._forget_account(UUID(payload) if payload else None)

    async def _note(
        self, tx: WriteTx, workspace: Workspace, actor: AnyActor, kind: str, detail: Mapping[str, object]
    ) -> None:
        await write_audit(
            tx,
            self._clock.now(),
            kind,
            workspace_id=workspace.id,
            actor=actor.id,
            detail={"via": actor.via, **detail},
        )

    def _own_session(self, presence: Presence) -> None:
        if presence.session is None:
            raise _needs_session()

    def _provider(self) -> OidcSignIn:
        if self._oidc is None:
            raise NotFound.of(
                "oidc.absent",
                "未配置统一登录",
                "No sign-in provider is set up",
                way_out=Text("请设置 TONGMAI_OIDC_ISSUER", "Set TONGMAI_OIDC_ISSUER"),
            )
        return self._oidc


def _in_language(presence: Presence, language: Language) -> Presence:
    if presence.actor.language == language:
        return presence
    return replace(presence, actor=replace(presence.actor, language=language))


def _needs_session() -> Exception:
    return Denied.of(
        "session.needed",
        "此操作须由本人登录后进行",
        "This can only be done by the person, signed in",
        way_out=Text("请用账号登录", "Sign in with your login"),
    )
