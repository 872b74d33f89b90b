"""Who agreed with whom that their talks are kept, for people to read (AMB-31, S0-05): how each pair stands, since when,
and all that was told of it.

The pairs are named as the vendor names them; the record behind a customer or a member is told to who may see it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Literal
from uuid import UUID

import orjson

from tongmai.access import AnyActor
from tongmai.kit import Denied, NotFound, in_turns
from tongmai.link.members import MEMBERS, members_of
from tongmai.link.wecom.agreement_people import (
    CUSTOMERS,
    KIND,
    contacts_of,
    customer_objects,
    records_of,
    sources_of,
)
from tongmai.link.wecom.agreement_rows import AgreementState, Pair, Place, Scope, page, standing, told
from tongmai.model import PERSON, Catalogue
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Record, Workspace

MOST = 200
# More than any company has pairs: an export is one document.
_ALL = 1_000_000
_TITLES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A word of the customer. ``by``: how it came (``callback``, ``archive``, ``question``)."""

    at: datetime
    answer: Literal["agree", "disagree"]
    by: str


@dataclass(frozen=True, slots=True)
class Known:
    """The record that somebody is, for who may see it."""

    object: str
    id: UUID
    label: str | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a pair stands ``since`` when (None: nothing was told), and what was told of it, the oldest first."""

    pair: Pair
    state: AgreementState
    since: datetime | None
    told: tuple[Told, ...]
    customer: Known | None
    member: Known | None


@dataclass(frozen=True, slots=True)
class AgreementsAsked:
    """What narrows the ledger: a customer's record, a person, a state."""

    state: AgreementState | None = None
    customer: UUID | None = None
    person: UUID | None = None


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """``counts`` are of all states, whichever was asked for; ``after`` is where to go on, None at the end."""

    items: Sequence[Agreement]
    counts: Mapping[str, int]
    after: Place | None


class Agreements:
    """For all workspaces."""

    def __init__(self, database: Database, catalogues: CatalogueStore, gateway: Gateway) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway

    async def page(
        self, actor: AnyActor, workspace: Workspace, asked: AgreementsAsked, limit: int, after: Place | None = None
    ) -> AgreementPage:
        """A page of the ledger. Raises ``NotFound`` for a customer or person who is not the actor's to see."""
        catalogue = await self._catalogues.get(workspace)
        scope = await self._scope(actor, workspace, catalogue, asked)
        async with self._database.read() as tx:
            found, rows = await page(tx, workspace, scope, asked.state, limit + 1, after)
        items = await self._items(actor, workspace, catalogue, rows[:limit])
        more = len(rows) > limit
        return AgreementPage(items, found, Place(rows[limit - 1]["told"], _pair(rows[limit - 1])) if more else None)

    async def every(self, actor: AnyActor, workspace: Workspace, asked: AgreementsAsked) -> Sequence[Agreement]:
        """The whole ledger as narrowed, to be taken out. Raises as ``page`` does."""
        return (await self.page(actor, workspace, asked, _ALL)).items

    async def of_record(
        self, actor: AnyActor, workspace: Workspace, object_key: str, record: UUID
    ) -> Sequence[Agreement]:
        """The pairs of a customer's record; none where it is no contact of an archive. Raises ``NotFound`` for a record
        that is not the actor's to see."""
        await self._gateway.get(actor, workspace, object_key, record, fields=("id",))
        catalogue = await self._catalogues.get(workspace)
        archived = sources_of(catalogue, archived=True)
        async with self._database.read() as tx:
            contacts = await contacts_of(tx, workspace, catalogue, record)
            if not contacts or not archived:
                return ()
            rows = await standing(tx, workspace, Scope(archived, archived, contacts), None, MOST, None)
        return await self._items(actor, workspace, catalogue, rows)

    async def _scope(
        self, actor: AnyActor, workspace: Workspace, catalogue: Catalogue, asked: AgreementsAsked
    ) -> Scope:
        customers = members = None
        if asked.customer is not None:
            await self._see(actor, workspace, customer_objects(catalogue), asked.customer)
        if asked.person is not None:
            await self._see(actor, workspace, (PERSON,), asked.person)
        async with self._database.read() as tx:
            if asked.customer is not None:
                customers = await contacts_of(tx, workspace, catalogue, asked.customer)
            if asked.person is not None:
                members = [each.userid for each in await members_of(tx, workspace, catalogue, asked.person, KIND)]
        return Scope(sources_of(catalogue), sources_of(catalogue, archived=True), customers, members)

    async def _see(self, actor: AnyActor, workspace: Workspace, objects: Collection[str], record: UUID) -> None:
        for object_key in objects:
            try:
                await self._gateway.get(actor, workspace, object_key, record, fields=("id",))
            except (Denied, NotFound):
                continue
            return
        raise NotFound.of("record.unknown", "没有这条记录", "There is no such record")

    async def _items(
        self, actor: AnyActor, workspace: Workspace, catalogue: Catalogue, rows: Sequence[Record]
    ) -> list[Agreement]:
        states: dict[Pair, AgreementState] = {_pair(row): row["state"] for row in rows}
        customers = {each.customer for each in states}
        words: dict[Pair, list[Told]] = {each: [] for each in states}
        wanted = sorted(customers) if len(customers) <= MOST else None
        async with self._database.read() as tx:
            said = await told(tx, workspace, sorted({each.source for each in states}), wanted)
            contacts = await records_of(tx, workspace, catalogue, CUSTOMERS, customers)
            members = await records_of(tx, workspace, catalogue, MEMBERS, {each.member for each in states})
        known = await self._known(actor, workspace, catalogue, {*contacts.values(), *members.values()})

        def gather(some: Sequence[Record]) -> None:
            for row in some:
                if (pair := _pair(row)) in words:
                    words[pair].append(Told(row["at"], row["answer"], row["told_by"]))

        def build(some: Sequence[tuple[Pair, AgreementState]]) -> list[Agreement]:
            return [
                Agreement(
                    pair, state, _since(words[pair]), tuple(words[pair]),
                    known.get(contacts.get((pair.source, pair.customer), _NOBODY)),
                    known.get(members.get((pair.source, pair.member), _NOBODY)),
                )
                for pair, state in some
            ]  # fmt: skip

        # An export is of all pairs there are: others are answered meanwhile.
        await in_turns(said, gather)
        return list(chain.from_iterable(await in_turns(list(states.items()), build)))

    async def _known(
        self, actor: AnyActor, workspace: Workspace, catalogue: Catalogue, records: Iterable[tuple[str, UUID]]
    ) -> dict[tuple[str, UUID], Known]:
        found: dict[tuple[str, UUID], Known] = {}
        by_object: dict[str, list[UUID]] = {}
        for object_key, record in records:
            by_object.setdefault(object_key, []).append(record)
        for object_key, ids in by_object.items():
            title = catalogue.object_by_key[object_key].title
            for start in range(0, len(ids), _TITLES_AT_ONCE):
                listed = ", ".join(f"'{each}'" for each in ids[start : start + _TITLES_AT_ONCE])
                try:
                    page = await self._gateway.list(
                        actor, workspace, object_key, filter=f"id IN ({listed})", limit=_TITLES_AT_ONCE, count=False,
                        fields=("id",) if title is None else ("id", title),
                    )  # fmt: skip
                except Denied:
                    break
                for each in orjson.loads(page)["items"]:
                    label = each.get(title or "")
                    id_ = UUID(each["id"])
                    found[object_key, id_] = Known(object_key, id_, None if label is None else str(label))
        return found


_NOBODY = ("", UUID(int=0))


def _pair(row: Record) -> Pair:
    return Pair(*(str(row[name]) for name in Pair._fields))


def _since(words: Sequence[Told]) -> datetime | None:
    """Since when the last word has been said without another between."""
    since = None
    for each in reversed(words):
        if each.answer != words[-1].answer:
            break
        since = each.at
    return since
