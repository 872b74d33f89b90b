"""Which record a text of a source means: by a code, then by a name, then by likeness; the unsure ones for a person.

What was once decided by a person holds for that text in that field of that mapping.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import orjson

from tongmai.kit import Clock, new_id
from tongmai.link.identity.company_names import company_name
from tongmai.link.identity.merged import find_or_merged, kept_by_merged
from tongmai.link.identity.name_list import Candidate, NameList
from tongmai.link.mapping.own_codes import records_called
from tongmai.link.members import persons_of
from tongmai.link.raw import RawRows
from tongmai.model import PERSON, FieldMap, MappingDef
from tongmai.records import Place
from tongmai.records.transfer import Loader
from tongmai.store import WriteTx

_MOST_NAMES = 500_000
_MOST_CANDIDATES = 5
_MOST_NEAR = 300
_FEW = 50


@dataclass(slots=True)
class Resolved:
    """``ids`` of texts that are sure, ``waiting`` the queue's ids of those that wait for a person, ``missing`` what
    nothing is like and the mapping makes records of."""

    ids: dict[str, UUID] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    waiting: dict[str, UUID] = field(default_factory=dict)


class Relations:
    """Resolves one relation field of a mapping, a page of texts at a time."""

    def __init__(self, clock: Clock, loader: Loader, raw: RawRows) -> None:
        self._clock = clock
        self._loader = loader
        self._raw = raw

    async def resolve(
        self,
        tx: WriteTx,
        place: Place,
        mapping: MappingDef,
        each: FieldMap,
        target: str,
        texts: Sequence[str],
        names: dict[tuple[str, str], NameList],
    ) -> Resolved:
        """``names`` keeps lists between the pages of a run."""
        resolved = Resolved()
        left = list(dict.fromkeys(texts))
        several: dict[str, tuple[UUID, ...]] = {}
        for by in each.by:
            if not left:
                return resolved
            found = await find_or_merged(tx, place, self._loader, target, (by,), [(text,) for text in left])
            for text, ids in zip(left, found, strict=True):
                if len(ids) == 1:
                    resolved.ids[text] = ids[0]
                elif ids:
                    several.setdefault(text, ids)
            left = [text for text in left if text not in resolved.ids]
        if left and target == PERSON:
            # A member of the source who is a colleague here, whatever his account is called.
            resolved.ids |= await persons_of(tx, place.workspace, place.structure.catalogue, mapping.source, left)
            left = [text for text in left if text not in resolved.ids]
        if left:
            left = await self._decided(tx, place, mapping, each, target, left, resolved)
        codes = [text for text in left if text not in several]
        if each.by and codes:
            called = await records_called(tx, place, self._loader, self._raw, mapping, each, target, codes)
            resolved.ids |= called
            left = [text for text in left if text not in called]
        if left and each.like is not None:
            left = await self._by_likeness(tx, place, mapping, each, target, left, several, names, resolved)
        for text in left:
            if each.create_missing and text not in several:
                resolved.missing.append(text)
                continue
            known = [Candidate(id_, text, 1.0) for id_ in several.get(text, ())[:_MOST_CANDIDATES]]
            resolved.waiting[text] = await self._queue(tx, place, mapping, each, target, text, known)
        return resolved

    async def _decided(
        self,
        tx: WriteTx,
        place: Place,
        mapping: MappingDef,
        each: FieldMap,
        target: str,
        texts: Sequence[str],
        resolved: Resolved,
    ) -> list[str]:
        """Who answered while the record was being merged meant it all the same."""
        rows = await tx.fetch(
            f"SELECT given, state, record_id FROM {place.schema}._match_queue"
            " WHERE mapping = $1 AND field = $2 AND given = ANY($3) AND state <> 'open'",
            mapping.key, each.field, list(texts),
        )  # fmt: skip
        decided = {row["given"]: row["record_id"] for row in rows}
        kept = await kept_by_merged(tx, place, target) if decided else {}
        resolved.ids.update({text: kept.get(id_, id_) for text, id_ in decided.items() if id_ is not None})
        return [text for text in texts if text not in decided]

    async def _by_likeness(
        self,
        tx: WriteTx,
        place: Place,
        mapping: MappingDef,
        each: FieldMap,
        target: str,
        texts: Sequence[str],
        several: Mapping[str, tuple[UUID, ...]],
        names: dict[tuple[str, str], NameList],
        resolved: Resolved,
    ) -> list[str]:
        assert each.like is not None
        near = await self._near(tx, place, target, each.like, texts, names)
        left = []
        for text, candidates in near.items():
            sure = [one for one in candidates if one.score == 1.0]
            if len(sure) == 1 and text not in several:
                resolved.ids[text] = sure[0].id
            elif candidates:
                resolved.waiting[text] = await self._queue(tx, place, mapping, each, target, text, candidates)
            else:
                left.append(text)
        return left

    async def _near(
        self,
        tx: WriteTx,
        place: Place,
        target: str,
        field: str,
        texts: Sequence[str],
        names: dict[tuple[str, str], NameList],
    ) -> Mapping[str, list[Candidate]]:
        """What each text might mean. Names that an earlier page read may be of records merged or deleted since."""
        was_read = (target, field) in names
        found = {text: await self._candidates(tx, place, target, field, text, len(texts), names) for text in texts}
        meant = {one.id for candidates in found.values() for one in candidates}
        if not was_read or not await self._loader.is_any_binned(tx, place, target, sorted(meant)):
            return found
        del names[target, field]
        return await self._near(tx, place, target, field, texts, names)

    async def _candidates(
        self,
        tx: WriteTx,
        place: Place,
        target: str,
        field: str,
        text: str,
        count: int,
        names: dict[tuple[str, str], NameList],
    ) -> list[Candidate]:
        """Where many texts are looked for, all names are read once; else those that the search index finds near."""
        known = names.get((target, field))
        if known is None and count <= _FEW:
            near = await self._loader.named_like(tx, place, target, field, company_name(text).core, _MOST_NEAR)
            if near is not None:
                return NameList(near).candidates(text)
        if known is None:
            known = NameList(await self._loader.texts(tx, place, target, field, _MOST_NAMES))
            names[target, field] = known
        return known.candidates(text)

    async def _queue(
        self,
        tx: WriteTx,
        place: Place,
        mapping: MappingDef,
        each: FieldMap,
        target: str,
        text: str,
        candidates: Sequence[Candidate],
    ) -> UUID:
        told = [{"id": str(one.id), "text": one.text, "score": one.score} for one in candidates]
        found: UUID = await tx.fetch_value(
            f"INSERT INTO {place.schema}._match_queue AS q (id, mapping, field, object, given, candidates, state, at)"
            " VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, 'open', $7) ON CONFLICT (mapping, field, given) DO UPDATE"
            " SET candidates = excluded.candidates RETURNING q.id",
            new_id(self._clock), mapping.key, each.field, target, text, orjson.dumps(told).decode(), self._clock.now(),
        )  # fmt: skip
        return found
