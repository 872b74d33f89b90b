"""Signing in through an OpenID Connect provider: away to it, back with a code, in as the account that it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tongmai.identity.accounts import Account, OidcSubject, find_account, find_by_subject, lock_account
from tongmai.identity.audit import write_audit
from tongmai.identity.oidc_provider import Identified, OidcProvider, refused
from tongmai.identity.oidc_state import OidcState, state_key
from tongmai.identity.origin import Origin
from tongmai.identity.secret import same
from tongmai.identity.signed_in import Entry, SignedIn
from tongmai.kit import Language, NotSignedIn, Text
from tongmai.store import Database, WriteTx


@dataclass(frozen=True, slots=True)
class OidcStart:
    """``url`` is where the browser goes; ``cookie`` what it keeps until it comes back (HttpOnly, ten minutes)."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class OidcSignIn:
    """``links_by_email``: an account whose login is the verified e-mail address is joined to the subject when it first
    comes. Only for a provider that gives out addresses of the company alone."""

    database: Database
    entry: Entry
    provider: OidcProvider
    links_by_email: bool = False

    async def start(self, *, redirect_uri: str, return_to: str, workspace: str | None) -> OidcStart:
        state = OidcState.fresh(
            redirect_uri=redirect_uri, return_to=return_to, workspace=workspace, now=self.entry.clock.now()
        )
        url = await self.provider.authorization_url(
            redirect_uri=redirect_uri, state=state.state, nonce=state.nonce, verifier=state.verifier
        )
        return OidcStart(url, state.seal(await state_key(self.database, self.entry.clock)))

    async def finish(
        self, cookie: str, answer: Mapping[str, str], origin: Origin, *, language: Language, previous: str | None
    ) -> tuple[SignedIn, str]:
        """The session and the path to go on to. ``answer`` holds the query's parameters.

        Raises ``NotSignedIn`` if the answer does not belong to this browser, the provider refuses, or nobody is joined
        to the subject; ``Denied`` as every sign-in does; ``Unavailable`` if the provider cannot be reached.
        """
        now = self.entry.clock.now()
        state = OidcState.unseal(cookie, await state_key(self.database, self.entry.clock), now)
        if not same(answer.get("state", "").encode(), state.state.encode()):
            raise refused("state")
        if self.provider.is_other_issuer(answer.get("iss")):
            raise refused("iss")
        if "error" in answer or not answer.get("code"):
            raise refused("provider")
        who = await self.provider.identify(
            code=answer["code"], redirect_uri=state.redirect_uri, verifier=state.verifier, nonce=state.nonce, now=now
        )
        async with self.database.write() as tx:
            account = await self._account(tx, who)
            if account is not None:
                signed_in = await self.entry.enter(
                    tx, account, origin, by="oidc", workspace=state.workspace, language=language, previous=previous
                )
                return signed_in, state.return_to
            detail = {"oidc_subject": who.subject, "ip": str(origin.address() or "")}
            await write_audit(tx, now, "sign_in_failed", detail=detail)
        raise _unjoined()

    async def _account(self, tx: WriteTx, who: Identified) -> Account | None:
        oidc = OidcSubject(who.issuer, who.subject)
        found = await find_by_subject(tx, oidc)
        if found is not None:
            return await lock_account(tx, found.id)
        if not self.links_by_email or who.email is None:
            return None
        named = await find_account(tx, who.email)
        return None if named is None else await self._join(tx, named, oidc)

    async def _join(self, tx: WriteTx, named: Account, oidc: OidcSubject) -> Account | None:
        """Joins the account to the subject, unless it belongs to another one already."""
        account = await lock_account(tx, named.id)
        if account.oidc is not None:
            return None
        await tx.execute(
            "UPDATE tongmai.account SET oidc_issuer = $2, oidc_subject = $3 WHERE id = $1",
            account.id,
            oidc.issuer,
            oidc.subject,
        )
        detail = {"account": str(account.id), "oidc_subject": oidc.subject}
        await write_audit(tx, self.entry.clock.now(), "oidc_linked", detail=detail)
        return account


def _unjoined() -> Exception:
    return NotSignedIn.of(
        "oidc.unknown",
        "此外部身份尚未绑定账号",
        "No account is joined to this identity",
        way_out=Text("请管理员为您创建或绑定账号", "Ask an administrator to make or join an account for you"),
    )
