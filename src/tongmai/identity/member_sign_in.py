"""Signing in as who a company's own system (WeCom, DingTalk) says that one is: away with a sealed cookie, back, in.

The asking is the caller's; here are the cookie that binds the answer to the browser, and the last step.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tongmai.identity.accounts import find_member, lock_account
from tongmai.identity.audit import write_audit
from tongmai.identity.oidc_provider import refused
from tongmai.identity.oidc_state import OidcState, is_own_path, state_key
from tongmai.identity.origin import Origin
from tongmai.identity.secret import same
from tongmai.identity.signed_in import Entry, SignedIn
from tongmai.kit import Language, NotSignedIn, Text
from tongmai.store import Database, Workspace


@dataclass(frozen=True, slots=True)
class MemberStart:
    """``state`` goes along with the browser, ``cookie`` stays in it until it comes back (HttpOnly, ten minutes)."""

    state: str
    cookie: str


@dataclass(frozen=True, slots=True)
class MemberSignIn:
    database: Database
    entry: Entry

    async def start(self, *, redirect_uri: str, return_to: str, workspace: str) -> MemberStart:
        now = self.entry.clock.now()
        state = OidcState.fresh(redirect_uri=redirect_uri, return_to=return_to, workspace=workspace, now=now)
        return MemberStart(state.state, state.seal(await state_key(self.database, self.entry.clock)))

    async def check(self, cookie: str, state: str, *, redirect_uri: str, workspace: str) -> str:
        """The path to go on to. Raises ``NotSignedIn`` for an answer that does not belong to this browser and place."""
        kept = OidcState.unseal(cookie, await state_key(self.database, self.entry.clock), self.entry.clock.now())
        if not same(state.encode(), kept.state.encode()):
            raise refused("state")
        if (kept.redirect_uri, kept.workspace) != (redirect_uri, workspace):
            raise refused("place")
        return kept.return_to

    async def asked_for(self, cookie: str, path: str | None) -> str:
        """The page to go on to, for who was not let in: the path that was given at a start, else what that start
        sealed; one's day where neither is good."""
        if path is not None:
            return path if is_own_path(path) else "/"
        try:
            key = await state_key(self.database, self.entry.clock)
            return OidcState.unseal(cookie, key, self.entry.clock.now()).return_to
        except NotSignedIn:
            return "/"

    async def enter(
        self,
        workspace: Workspace,
        person: UUID | None,
        origin: Origin,
        *,
        by: str,
        language: Language,
        previous: str | None,
    ) -> SignedIn:
        """A session of the account that belongs to the person. Raises ``NotSignedIn`` where there is none, ``Denied``
        as every sign-in does."""
        async with self.database.write() as tx:
            member = None if person is None else await find_member(tx, workspace, person)
            if member is not None:
                account = await lock_account(tx, member.account_id)
                return await self.entry.enter(
                    tx, account, origin, by=by, workspace=workspace.key, language=language, previous=previous
                )
            detail = {"by": by, "person": str(person or ""), "ip": str(origin.address() or "")}
            await write_audit(tx, self.entry.clock.now(), "sign_in_failed", workspace_id=workspace.id, detail=detail)
        raise NotSignedIn.of(
            "member.unknown",
            "此成员尚未绑定账号",
            "No account belongs to this member",
            way_out=Text("请管理员同步成员并为其开通账号", "Ask an administrator to sync members and make an account"),
        )
