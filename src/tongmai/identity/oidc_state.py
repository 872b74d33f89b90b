"""What must be remembered between leaving for the provider and coming back: sealed, in a cookie of the browser.

No row is written for people who never come back, and an answer is worth something only to the browser that asked.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import orjson

from tongmai.identity.oidc_provider import refused
from tongmai.identity.secret import from_text, keyed, new_secret, same, to_text
from tongmai.kit import Clock, new_id
from tongmai.store import Database

VALID_FOR = timedelta(minutes=10)
# Another process may have sealed it, with a clock a little ahead.
_SKEW = timedelta(minutes=1)
_KEY_NAME = "oidc_state_key"
_LONGEST_COOKIE = 4000


@dataclass(frozen=True, slots=True)
class OidcState:
    """``verifier`` is PKCE's; ``workspace`` a key, ``return_to`` a path of ours, ``issued`` seconds of the epoch."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    return_to: str
    workspace: str | None
    issued: float

    @staticmethod
    def fresh(*, redirect_uri: str, return_to: str, workspace: str | None, now: datetime) -> OidcState:
        return OidcState(
            state=new_secret(),
            nonce=new_secret(),
            verifier=new_secret(),
            redirect_uri=redirect_uri,
            return_to=return_to if is_own_path(return_to) else "/",
            workspace=workspace,
            issued=now.timestamp(),
        )

    def seal(self, key: bytes) -> str:
        body = orjson.dumps(asdict(self))
        return f"{to_text(body)}.{to_text(keyed(key, body))}"

    @staticmethod
    def unseal(sealed: str, key: bytes, now: datetime) -> OidcState:
        """Raises ``NotSignedIn`` for what was not sealed with this key or is older than ten minutes."""
        if len(sealed) > _LONGEST_COOKIE:
            raise refused("state")
        body_text, _, seal_text = sealed.partition(".")
        try:
            body, seal = from_text(body_text), from_text(seal_text)
        except ValueError as error:
            raise refused("state") from error
        if not same(keyed(key, body), seal):
            raise refused("state")
        found = OidcState(**orjson.loads(body))
        if not -_SKEW <= now - datetime.fromtimestamp(found.issued, tz=now.tzinfo) <= VALID_FOR:
            raise refused("expired")
        return found


def is_own_path(path: str) -> bool:
    """Whether a redirect there stays with us: `//host` and `/\\host` do not."""
    return path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable() and len(path) <= 1000


async def state_key(database: Database, clock: Clock) -> bytes:
    """The key that all processes seal with, made when it is first needed."""
    async with database.write() as tx:
        await tx.execute(
            """
            INSERT INTO tongmai.setting (id, workspace_id, key, value) VALUES ($1, NULL, $2, to_jsonb($3::text))
            ON CONFLICT (workspace_id, key) DO NOTHING
            """,
            new_id(clock),
            _KEY_NAME,
            secrets.token_hex(32),
        )
        found: str = await tx.fetch_value(
            "SELECT value #>> '{}' FROM tongmai.setting WHERE workspace_id IS NULL AND key = $1", _KEY_NAME
        )
    return bytes.fromhex(found)
