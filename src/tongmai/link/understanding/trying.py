"""Words tried on before they are put in force: how many of the last messages they would hit, and some to look at.

Who keeps the words need not be who may read the chats (S3-62): everybody is told the counts, the text only of messages
that the gateway shows him; each look at a text is in the audit log (S2-52).
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson

from tongmai.access import Actor
from tongmai.identity import write_audit
from tongmai.kit import Clock, Denied, NotFound
from tongmai.link.understanding.dictionary import OwnWords
from tongmai.link.understanding.matcher import Hit, SignalMatcher
from tongmai.link.understanding.own_words import WorkspaceWords, checked
from tongmai.model import Catalogue, MappingDef
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Record, Workspace

MOST_MESSAGES = 20_000
_SHOWN = 20
_LOOKED_AT = 200
_AROUND = 24


@dataclass(frozen=True, slots=True)
class WordSample:
    """A hit in a message that the asker may read: some letters around it, and which of them it is."""

    object: str
    record: UUID
    at: datetime | None
    keyword: str
    text: str
    start: int
    end: int
    refused: str | None


@dataclass(frozen=True, slots=True)
class TriedWords:
    """Of ``messages`` read: those that hit now and with the draft, how many customers that is, why others do not
    count. ``gained`` hit only with the draft, ``lost`` only without. ``unseen``: hits whose text is not shown."""

    messages: int
    hits_now: int
    hits: int
    gained: int
    lost: int
    customers: int
    refused: Mapping[str, int]
    samples: tuple[WordSample, ...]
    unseen: int


@dataclass(frozen=True, slots=True)
class _Found:
    source: str
    key: str
    at: datetime | None
    text: str
    hit: Hit


@dataclass(slots=True)
class _Tally:
    found: list[_Found] = field(default_factory=list)
    customers: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    now: int = 0
    then: int = 0
    gained: int = 0
    lost: int = 0


class WordTrial:
    """Tries a kind's words on what lies here."""

    def __init__(
        self, database: Database, catalogues: CatalogueStore, clock: Clock, gateway: Gateway, words: WorkspaceWords
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._clock = clock
        self._gateway = gateway
        self._words = words

    async def run(self, actor: Actor, workspace: Workspace, draft: OwnWords, *, messages: int = 2_000) -> TriedWords:
        """Over the last ``messages`` messages of all sources, the newest first. Raises ``Invalid``."""
        catalogue = await self._catalogues.get(workspace)
        rows = await self._last(workspace, catalogue, min(messages, MOST_MESSAGES))
        async with self._database.read() as tx:
            present = await self._words.matcher(tx, workspace)
        drafted = SignalMatcher(checked([draft]))
        # Thousands of messages take a moment, in which others are answered.
        tally = await asyncio.to_thread(_tally, rows, present, drafted, draft.key)
        # What would be told comes first, then what would be held back.
        tally.found.sort(key=lambda each: each.hit.refused is not None)
        samples, unseen = await self._shown(actor, workspace, catalogue, draft.key, tally.found)
        return TriedWords(
            len(rows), tally.now, tally.then, tally.gained, tally.lost, len(tally.customers), dict(tally.refused),
            tuple(samples), unseen,
        )  # fmt: skip

    async def _last(self, workspace: Workspace, catalogue: Catalogue, count: int) -> list[Record]:
        """Texts of talks with customers, the newest first."""
        async with self._database.read() as tx:
            rows = await tx.fetch(
                "SELECT m.* FROM unnest($1::text[]) AS s(source) CROSS JOIN LATERAL ("
                "  SELECT r.source, r.key, r.at, r.seq, r.body->>'text' AS text, r.body->>'direction' AS direction,"
                f"   r.body->>'customer' AS customer FROM {workspace.quoted_schema}._raw r"
                "  WHERE r.source = s.source AND r.stream = 'messages' AND NOT r.deleted"
                "   AND r.body->>'text' IS NOT NULL AND r.body->>'direction' IN ('in', 'out')"
                "   AND r.body->>'customer' <> '' ORDER BY r.seq DESC LIMIT $2) m ORDER BY m.seq DESC LIMIT $2",
                [each.key for each in catalogue.sources],
                count,
            )
        return list(rows)

    async def _shown(
        self, actor: Actor, workspace: Workspace, catalogue: Catalogue, kind: str, found: Sequence[_Found]
    ) -> tuple[list[WordSample], int]:
        looked = found[:_LOOKED_AT]
        records = await self._records(workspace, catalogue, looked)
        samples: list[WordSample] = []
        unseen = len(found) - len(looked)
        for each in looked:
            place = records.get((each.source, each.key))
            if len(samples) < _SHOWN and place is not None and await self._may_read(actor, workspace, *place):
                samples.append(_sample(each, place[0].object, place[1]))
            else:
                unseen += 1
        if samples:
            async with self._database.write() as tx:
                detail = {"kind": kind, "messages": [str(each.record) for each in samples]}
                await write_audit(
                    tx, self._clock.now(), "chat.words_tried", workspace_id=workspace.id, actor=actor.id, detail=detail
                )
        return samples, unseen

    async def _records(
        self, workspace: Workspace, catalogue: Catalogue, found: Sequence[_Found]
    ) -> dict[tuple[str, str], tuple[MappingDef, UUID]]:
        """The records that mappings made of these messages, by source and key."""
        mappings = {each.key: each for each in catalogue.mappings if each.stream == "messages"}
        async with self._database.read() as tx:
            rows = await tx.fetch(
                f"SELECT mapping, key, record_id FROM {workspace.quoted_schema}._lineage"
                " WHERE mapping = ANY($1) AND key = ANY($2)",
                list(mappings),
                [each.key for each in found],
            )
        made = ((mappings[row["mapping"]], row["key"], row["record_id"]) for row in rows)
        return {(mapping.source, key): (mapping, record) for mapping, key, record in made}

    async def _may_read(self, actor: Actor, workspace: Workspace, mapping: MappingDef, record: UUID) -> bool:
        """Whether the record shows him the text."""
        called = {each.called for each in mapping.columns if each.path == "text"}
        fields = [each.field for each in mapping.fields if each.value.strip().strip("[]") in called]
        try:
            seen = orjson.loads(await self._gateway.get(actor, workspace, mapping.object, record))
        except (NotFound, Denied):
            return False
        return any(seen.get(field) is not None for field in fields)


def _tally(rows: Sequence[Record], present: SignalMatcher, drafted: SignalMatcher, kind: str) -> _Tally:
    tally = _Tally()
    for row in rows:
        speaker = "customer" if row["direction"] == "in" else "member"
        was = any(each.kind == kind for each in present.said(row["text"], speaker))
        will = any(each.kind == kind for each in drafted.said(row["text"], speaker))
        tally.now, tally.then = tally.now + was, tally.then + will
        tally.gained, tally.lost = tally.gained + (will and not was), tally.lost + (was and not will)
        if will:
            tally.customers.add(row["customer"])
        hit = _told(drafted, kind, row["text"], will)
        if hit is not None:
            if hit.refused is not None:
                tally.refused[hit.refused] += 1
            tally.found.append(_Found(row["source"], row["key"], row["at"], row["text"], hit))
    return tally


def _told(matcher: SignalMatcher, kind: str, text: str, is_hit: bool) -> Hit | None:
    """The hit that counts, else the first that is held back."""
    hits = [each for each in matcher.examine(text) if each.kind == kind]
    if is_hit:
        return next((each for each in hits if each.refused is None), None)
    return next((each for each in hits if each.refused is not None), None)


def _sample(each: _Found, object_key: str, record: UUID) -> WordSample:
    first = max(0, each.hit.start - _AROUND)
    text = each.text[first : each.hit.end + _AROUND]
    return WordSample(
        object_key, record, each.at, each.hit.keyword, text, each.hit.start - first, each.hit.end - first,
        each.hit.refused,
    )  # fmt: skip
