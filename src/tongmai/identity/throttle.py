"""Throttling of sign-in: guessing gets slow, while strangers cannot lock a person out of where he usually signs in.

An attempt is counted before the password is looked at, under a lock on the login, so that a thousand guesses at once
are still a thousand guesses. Logins that do not exist are treated like those that do: nothing can be told from a 429.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tongmai.identity.origin import Origin
from tongmai.kit import Text, TooMany, new_id_at
from tongmai.store import Database, WriteTx

# Waits count from the last failure, so a long window costs a forgetful person nothing and a patient guesser a day.
LOGIN_WINDOW = timedelta(days=1)
PLACE_WINDOW = timedelta(minutes=15)
FREE_BY_LOGIN = 5
FREE_BY_PLACE = 50
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
# A place where the person has signed in lately counts only its own failures.
_KNOWN_FOR = timedelta(days=30)

_COUNT = """
WITH known AS (
    SELECT EXISTS (
        SELECT FROM tongmai.sign_in_attempt
        WHERE lower(login) = $1 AND ip = $2 AND ok AND at > $3::timestamptz - $6::interval
    ) AS here
), succeeded AS (
    SELECT coalesce(max(at), '-infinity') AS at FROM tongmai.sign_in_attempt
    WHERE lower(login) = $1 AND ok AND at > $3::timestamptz - $4::interval
), failed AS (
    SELECT count(*) AS count, max(a.at) AS last
    FROM tongmai.sign_in_attempt AS a, known, succeeded
    WHERE lower(a.login) = $1 AND NOT a.ok AND a.at > $3::timestamptz - $4::interval AND a.at >= succeeded.at
        AND (NOT known.here OR a.ip = $2)
), from_place AS (
    SELECT count(*) AS count, max(at) AS last FROM tongmai.sign_in_attempt
    WHERE ip = $2 AND NOT ok AND at > $3::timestamptz - $5::interval
)
SELECT known.here, failed.count AS failed, failed.last AS failed_last,
    from_place.count AS from_place, from_place.last AS from_place_last
FROM known, failed, from_place
"""


@dataclass(frozen=True, slots=True)
class _Tally:
    count: int
    last: datetime | None

    def wait(self, now: datetime, free: int) -> timedelta:
        """How long from now: nothing for the first failures, then twice as long after each, at most 15 minutes."""
        if self.count < free or self.last is None:
            return timedelta()
        doublings: int = min(self.count - free, 10)
        pause: timedelta = FIRST_WAIT * (1 << doublings)
        return self.last + min(pause, LONGEST_WAIT) - now


async def admit(database: Database, now: datetime, login: str, origin: Origin) -> UUID:
    """Counts an attempt as failed for the time being and gives its id; raises ``TooMany`` if it comes too soon."""
    place = origin.place()
    async with database.write() as tx:
        await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('sign_in ' || $1, 0))", login.lower())
        row = await tx.fetch_row(_COUNT, login.lower(), place, now, LOGIN_WINDOW, PLACE_WINDOW, _KNOWN_FOR)
        assert row is not None
        wait = _Tally(row["failed"], row["failed_last"]).wait(now, FREE_BY_LOGIN)
        if not row["here"]:
            wait = max(wait, _Tally(row["from_place"], row["from_place_last"]).wait(now, FREE_BY_PLACE))
        if wait > timedelta():
            raise _too_many(wait)
        attempt = new_id_at(now)
        await tx.execute(
            "INSERT INTO tongmai.sign_in_attempt (id, login, ip, at, ok) VALUES ($1, $2, $3, $4, false)",
            attempt,
            login,
            place,
            now,
        )
    return attempt


async def succeeded(tx: WriteTx, attempt: UUID) -> None:
    """The attempt was the right one after all."""
    await tx.execute("UPDATE tongmai.sign_in_attempt SET ok = true WHERE id = $1", attempt)


async def forget_old_attempts(tx: WriteTx, now: datetime) -> int:
    """Removes what no count needs any more; how many."""
    return await tx.execute(
        "DELETE FROM tongmai.sign_in_attempt WHERE at < $1 OR (NOT ok AND at < $2)",
        now - _KNOWN_FOR,
        now - LOGIN_WINDOW,
    )


def _too_many(wait: timedelta) -> TooMany:
    seconds = max(1, math.ceil(wait.total_seconds()))
    error = TooMany.of(
        "sign_in.too_many",
        f"登录失败次数过多，请在 {seconds} 秒后再试",
        f"Too many failed sign-ins, please try again in {seconds} seconds",
        way_out=Text("忘记密码请联系管理员重置", "If you forgot the password, ask an administrator to reset it"),
        extra={"retry_after": seconds},
    )
    assert isinstance(error, TooMany)
    return error
