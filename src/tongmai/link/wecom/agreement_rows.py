"""The consent of all pairs as relations in SQL: what was told of each, and how each stands.

A pair is a customer with a member, or with a room. Where there is an archive, who follows whom are pairs too: silence
is no consent.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

import orjson

from tongmai.store import ReadTx, Record, Workspace

AgreementState = Literal["agreed", "withdrawn", "refused", "unanswered"]

SPEAKING: Mapping[str, str] = {
    "consents": "stream = 'consents'",
    "messages": "stream = 'messages' AND body->>'kind' IN ('agree', 'disagree')",
}
"""The streams in which consent is spoken of, each with the condition of its rows that do. Asked apart: together no
index would lead to them, and all messages were read."""
_SPOKEN = (
    "spoken AS ("
    + " UNION ALL ".join(
        f"SELECT source, stream, body FROM {{schema}}._raw WHERE source = ANY($1::text[]) AND {condition}"
        " AND ($2::text[] IS NULL OR body->>'customer' = ANY($2))"
        for condition in SPEAKING.values()
    )
    + ")"
)
_SAID = f"""{_SPOKEN}, said AS (
    SELECT source, body->>'customer' AS customer,
           CASE WHEN coalesce(body->>'room', '') = '' THEN coalesce(body->>'member', '') ELSE '' END AS member,
           coalesce(body->>'room', '') AS room, date_trunc('second', (body->>'at')::timestamptz) AS at,
           CASE stream WHEN 'consents' THEN body->>'answer' ELSE body->>'kind' END AS answer,
           min(CASE stream WHEN 'consents' THEN body->>'told_by' ELSE 'archive' END) AS told_by
    FROM spoken
    GROUP BY 1, 2, 3, 4, 5, 6
)"""
_STANDING = """followed AS (
    SELECT r.source, r.key AS customer, f.value->>'userid' AS member
    FROM {schema}._raw AS r, jsonb_array_elements(
        CASE jsonb_typeof(r.body->'follow_user') WHEN 'array' THEN r.body->'follow_user' ELSE '[]' END) AS f
    WHERE r.source = ANY($3::text[]) AND r.stream = 'customers' AND NOT r.deleted
      AND ($2::text[] IS NULL OR r.key = ANY($2)) AND f.value->>'userid' <> ''
), pair AS (
    SELECT source, customer, member, room, max(at) FILTER (WHERE answer = 'agree') AS agreed,
           max(at) FILTER (WHERE answer = 'disagree') AS refused
    FROM (SELECT source, customer, member, room, at, answer FROM said
          UNION ALL SELECT source, customer, member, '', NULL, NULL FROM followed) AS every
    WHERE $4::text[] IS NULL OR member = ANY($4)
    GROUP BY 1, 2, 3, 4
), standing AS (
    SELECT source, customer, member, room, coalesce(greatest(agreed, refused), '-infinity') AS told,
           CASE WHEN agreed IS NULL AND refused IS NULL THEN 'unanswered'
                WHEN refused IS NULL OR agreed > refused THEN 'agreed'
                WHEN agreed IS NULL THEN 'refused' ELSE 'withdrawn' END AS state
    FROM pair
)"""

_IN_ORDER = " ORDER BY {of}.told DESC NULLS LAST, {of}.source, {of}.customer, {of}.member, {of}.room"
_PAGE = (
    "SELECT source, customer, member, room, state, nullif(told, '-infinity') AS told FROM standing"
    " WHERE ($5::text IS NULL OR state = $5) AND (NOT $6 OR told < coalesce($7, '-infinity'::timestamptz) OR"
    " (told = coalesce($7, '-infinity'::timestamptz) AND (source, customer, member, room) > ($8, $9, $10, $11)))"
    f"{_IN_ORDER.format(of='standing')} LIMIT $12"
)


class Pair(NamedTuple):
    """By the vendor's own names; one of ``member`` and ``room`` is empty."""

    source: str
    customer: str
    member: str
    room: str


class Place(NamedTuple):
    """Where a page of pairs ended; ``told`` is None among those that nothing was told of."""

    told: datetime | None
    pair: Pair


@dataclass(frozen=True, slots=True)
class Scope:
    """Which pairs: those of ``sources``; ``archived`` are the ones that have an archive. ``customers`` and ``members``
    narrow them by the vendor's names, None for all."""

    sources: Sequence[str]
    archived: Sequence[str]
    customers: Sequence[str] | None = None
    members: Sequence[str] | None = None

    def bound(self) -> tuple[list[str] | None, ...]:
        names = (self.sources, self.customers, self.archived, self.members)
        return tuple(None if each is None else list(each) for each in names)


async def page(
    tx: ReadTx, workspace: Workspace, scope: Scope, state: AgreementState | None, limit: int, after: Place | None
) -> tuple[dict[str, int], list[Record]]:
    """How many pairs stand how, by state; and a page as ``standing`` answers it. One pass over all serves both."""
    rows = await tx.fetch(
        _with(workspace, _SAID, _STANDING) + ", counted AS (SELECT jsonb_object_agg(c.state, c.n)::text AS counts FROM"
        "   (SELECT state, count(*) AS n FROM standing GROUP BY state) AS c)"
        f" SELECT counted.counts, p.* FROM counted LEFT JOIN ({_PAGE}) AS p ON TRUE{_IN_ORDER.format(of='p')}",
        *_asked(scope, state, limit, after),
    )
    counts: dict[str, int] = orjson.loads(rows[0]["counts"] or b"{}")
    return counts, [row for row in rows if row["source"] is not None]


async def standing(
    tx: ReadTx, workspace: Workspace, scope: Scope, state: AgreementState | None, limit: int, after: Place | None
) -> list[Record]:
    """``source, customer, member, room, state, told``: what changed last comes first, the silent ones at the end."""
    return await tx.fetch(_with(workspace, _SAID, _STANDING) + f" {_PAGE}", *_asked(scope, state, limit, after))


def _asked(scope: Scope, state: AgreementState | None, limit: int, after: Place | None) -> tuple[object, ...]:
    place = after or Place(None, Pair("", "", "", ""))
    return (*scope.bound(), state, after is not None, place.told, *place.pair, limit)


async def told(
    tx: ReadTx, workspace: Workspace, sources: Sequence[str], customers: Sequence[str] | None
) -> list[Record]:
    """``source, customer, member, room, at, answer, told_by``: all that was told, the oldest first. Of two words of one
    second the careful one counts as the later."""
    return await tx.fetch(
        _with(workspace, _SAID) + " SELECT * FROM said ORDER BY at, answer",
        list(sources),
        None if customers is None else list(customers),
    )


async def withdrawn(
    tx: ReadTx, workspace: Workspace, source: str, heard: Mapping[str, tuple[int, int]]
) -> list[tuple[str, str]]:
    """The pairs, a customer with the member or room, of whom something was said in these stretches of the streams
    (``(after, last]`` of ``seq``) and whose last word is no."""
    fresh = " UNION ALL ".join(
        f"SELECT body FROM {{schema}}._raw WHERE source = ANY($1) AND seq > {after} AND seq <= {last}"
        f" AND {SPEAKING[stream]}"
        for stream, (after, last) in heard.items()
    )
    rows = await tx.fetch(
        _with(workspace, _SAID, f"fresh AS ({fresh})")
        + " SELECT customer, member || room AS other FROM said WHERE (customer, member || room) IN"
        " (SELECT body->>'customer', coalesce(nullif(body->>'room', ''), body->>'member', '') FROM fresh)"
        " GROUP BY customer, member, room HAVING max(at) FILTER (WHERE answer = 'disagree')"
        " >= coalesce(max(at) FILTER (WHERE answer = 'agree'), '-infinity') ORDER BY 1, 2",
        [source], None,
    )  # fmt: skip
    return [(row["customer"], row["other"]) for row in rows]


def _with(workspace: Workspace, *relations: str) -> str:
    return f"WITH {', '.join(relations)}".replace("{schema}", workspace.quoted_schema)
