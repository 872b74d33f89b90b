"""Which person a vendor's member is: the one that a mapping of the stream ``members`` made or found, and no other.

The lineage of that mapping is the link (WeCom's or DingTalk's ``userid`` ↔ person); nobody is matched by name here.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from uuid import UUID

from tongmai.kit import NotSignedIn, Text
from tongmai.model import PERSON, Catalogue
from tongmai.store import ReadTx, Workspace

MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class Member:
    """A person's account with a source."""

    source: str
    userid: str
    person: UUID


@runtime_checkable
class SignsIn(Protocol):
    """A source whose members can sign in by it."""

    def sign_in_address(self, *, redirect_uri: str, state: str, inside: bool) -> str:
        """Where the browser is sent; ``inside``: it is the vendor's own, which knows who the member is."""
        ...

    async def member_of_code(self, code: str) -> str:
        """The member's userid. Raises ``NotSignedIn`` for a spent code and for who is no member, ``SourceAway`` for
        what passes, ``Invalid`` where the vendor refuses the application."""
        ...


def spent_code() -> NotSignedIn:
    """Used, too old, or none of the vendor's."""
    return NotSignedIn.of(
        "sign_in.code",
        "这次登录已过期或已用过",
        "This sign-in is over or was used already",
        way_out=Text("请重新登录", "Sign in again"),
    )


def no_member() -> NotSignedIn:
    """Known to the vendor, and of no concern to the organisation."""
    return NotSignedIn.of(
        "sign_in.outsider",
        "您不是本企业的成员",
        "You are no member of the organisation",
        way_out=Text("请用本企业的账号登录", "Sign in with your account of the organisation"),
    )


async def person_of(tx: ReadTx, workspace: Workspace, catalogue: Catalogue, source: str, userid: str) -> UUID | None:
    """The person, or None for a member who is none here."""
    return (await persons_of(tx, workspace, catalogue, source, [userid])).get(userid)


async def persons_of(
    tx: ReadTx, workspace: Workspace, catalogue: Catalogue, source: str, userids: Sequence[str]
) -> dict[str, UUID]:
    """The persons of those that are some here."""
    mappings = [
        each.key for each in catalogue.mappings if _is_of_members(each.source, each.stream, each.object, source)
    ]
    if not mappings:
        return {}
    rows = await tx.fetch(
        f"SELECT DISTINCT ON (key) key, record_id FROM {workspace.quoted_schema}._lineage"
        " WHERE mapping = ANY($1) AND key = ANY($2) AND object = $3 ORDER BY key, mapping",
        mappings, list(userids), PERSON,
    )  # fmt: skip
    return {row["key"]: row["record_id"] for row in rows}


async def members_of(tx: ReadTx, workspace: Workspace, catalogue: Catalogue, person: UUID, kind: str) -> list[Member]:
    """A person's accounts with the enabled sources of a kind, in the catalogue's order."""
    sources = [each.key for each in catalogue.sources if each.kind == kind and each.enabled]
    by_mapping = {
        each.key: each.source
        for each in catalogue.mappings
        if each.source in sources and _is_of_members(each.source, each.stream, each.object, each.source)
    }
    rows = await tx.fetch(
        f"SELECT mapping, key FROM {workspace.quoted_schema}._lineage WHERE record_id = $1 AND mapping = ANY($2)",
        person,
        list(by_mapping),
    )
    found = [Member(by_mapping[row["mapping"]], row["key"], person) for row in rows]
    return sorted(found, key=lambda each: (sources.index(each.source), each.userid))


def _is_of_members(source: str, stream: str, object_key: str, wanted: str) -> bool:
    return source == wanted and stream == MEMBERS and object_key == PERSON
