"""Passwords: Argon2id in threads of their own, and what a password must be."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from tongmai.identity.common_passwords import COMMON_PASSWORDS
from tongmai.kit import Fault, Text

Result = TypeVar("Result")

SHORTEST = 10
LONGEST = 256
# One hash takes 64 MiB and a core for a fifth of a second: more at once would only starve the rest.
_AT_ONCE = 2


class Hasher:
    """Argon2id (RFC 9106's second recommendation by default). At most two hashes are computed at once, others wait."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="argon2")
        # Compared with where there is no account, so that the time taken tells nothing.
        self._dummy = self._hasher.hash("there is no such account")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        return await self._in_thread(lambda: self._hasher.hash(_prepared(password)))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one. Without a stored hash: False, after the same time."""
        matches = await self._in_thread(lambda: self._matches(stored or self._dummy, password))
        return matches and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _prepared(password))
        except (Argon2Error, InvalidHashError):
            return False

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def check_password(password: str, login: str) -> list[Fault]:
    """All faults of a new password (NIST SP 800-63B: length and known passwords count, character classes do not)."""
    prepared = _prepared(password)
    faults = []
    if len(prepared) < SHORTEST:
        faults.append(
            _fault("too_short", f"密码至少 {SHORTEST} 个字符", f"A password has at least {SHORTEST} characters")
        )
    if len(prepared) > LONGEST:
        faults.append(_fault("too_long", f"密码最多 {LONGEST} 个字符", f"A password has at most {LONGEST} characters"))
    if not _is_text(password):
        faults.append(_fault("not_text", "密码含有无效字符", "The password holds broken characters"))
    folded = prepared.casefold()
    if folded == login.casefold() or folded == login.partition("@")[0].casefold():
        faults.append(_fault("is_login", "密码不能与账号相同", "The password must not be the login"))
    if folded in COMMON_PASSWORDS or len(set(folded)) < 4:
        faults.append(_fault("common", "此密码太常见，容易被猜到", "This password is too common and easily guessed"))
    return faults


def is_plausible(password: str) -> bool:
    """Whether it can be anyone's password at all; what is longer is not even hashed."""
    return 0 < len(password) <= LONGEST and len(_prepared(password)) <= LONGEST and _is_text(password)


def _is_text(password: str) -> bool:
    """Half a character (a lone surrogate, as JSON can hold) cannot be encoded."""
    return not any("\ud800" <= letter <= "\udfff" for letter in password)


def _prepared(password: str) -> str:
    """The same characters, however the keyboard composed them."""
    return unicodedata.normalize("NFKC", password)


def _fault(code: str, zh: str, en: str) -> Fault:
    way_out = Text("请换一个较长的密码，例如几个不相关的词", "Choose a longer one, such as a few unrelated words")
    return Fault(f"password.{code}", Text(zh, en), way_out, field="password")
