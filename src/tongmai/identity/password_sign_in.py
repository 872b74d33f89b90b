"""Signing in with a password, and changing it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tongmai.identity.accounts import (
    Account,
    canonical_login,
    check_login,
    find_account,
    lock_account,
    refuse,
    store_password,
)
from tongmai.identity.audit import write_audit
from tongmai.identity.origin import Origin
from tongmai.identity.passwords import Hasher, check_password, is_plausible
from tongmai.identity.signed_in import Entry, Presence, SignedIn, not_recognised
from tongmai.identity.throttle import admit, succeeded
from tongmai.kit import Fault, Language, Text
from tongmai.store import Database


@dataclass(frozen=True, slots=True)
class PasswordSignIn:
    """No transaction is kept open while a hash is computed; what was read before is checked again afterwards."""

    database: Database
    entry: Entry
    hasher: Hasher

    async def sign_in(
        self,
        login: str,
        password: str,
        origin: Origin,
        *,
        workspace: str | None,
        language: Language,
        previous: str | None,
    ) -> SignedIn:
        attempt, account = await self._proved(login, password, origin)
        rehashed = await self._rehashed(account, password)
        async with self.database.write() as tx:
            await succeeded(tx, attempt)
            present = await lock_account(tx, account.id)
            if present.password_hash != account.password_hash:
                raise not_recognised()
            if rehashed is not None:
                await tx.execute("UPDATE tongmai.account SET password_hash = $2 WHERE id = $1", account.id, rehashed)
            return await self.entry.enter(
                tx, present, origin, by="password", workspace=workspace, language=language, previous=previous
            )

    async def change(self, presence: Presence, current: str, new: str, origin: Origin) -> SignedIn:
        """The own password: proves the current one, ends every session of the account and opens a new one."""
        attempt, account = await self._proved(presence.login, current, origin)
        faults = check_password(new, account.login)
        if new == current:
            text = Text("新密码与当前密码相同", "The new password is the present one")
            faults.append(Fault("password.same", text, field="password"))
        refuse(faults)
        hashed = await self.hasher.hash(new)
        async with self.database.write() as tx:
            await succeeded(tx, attempt)
            present = await lock_account(tx, account.id)
            if present.password_hash != account.password_hash:
                raise not_recognised()
            now = self.entry.clock.now()
            await store_password(tx, now, account.id, hashed)
            await write_audit(
                tx,
                now,
                "password_changed",
                workspace_id=presence.workspace.id,
                actor=presence.actor.id,
                detail={"account": str(account.id)},
            )
            return await self.entry.enter(
                tx,
                present,
                origin,
                by="password_change",
                workspace=presence.workspace.key,
                language=presence.actor.language,
            )

    async def _proved(self, login: str, password: str, origin: Origin) -> tuple[UUID, Account]:
        """The attempt and the account whose password it is; raises ``NotSignedIn`` or ``TooMany``."""
        login = canonical_login(login)
        if check_login(login) or not is_plausible(password):
            raise not_recognised()
        attempt = await admit(self.database, self.entry.clock.now(), login, origin)
        async with self.database.read() as tx:
            account = await find_account(tx, login)
        stored = None if account is None else account.password_hash
        if await self.hasher.verify(stored, password) and account is not None:
            return attempt, account
        await self._note_failure(account, origin)
        raise not_recognised()

    async def _note_failure(self, account: Account | None, origin: Origin) -> None:
        """An unknown login is not written down: people type their password into the wrong box."""
        detail = {"account": None if account is None else str(account.id), "ip": str(origin.address() or "")}
        async with self.database.write() as tx:
            await write_audit(tx, self.entry.clock.now(), "sign_in_failed", detail=detail)

    async def _rehashed(self, account: Account, password: str) -> str | None:
        if account.password_hash is None or not self.hasher.is_outdated(account.password_hash):
            return None
        return await self.hasher.hash(password)
