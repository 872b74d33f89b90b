"""What can be tapped: for each object with light entry the records that come into question, and their presets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from tongmai.access import Actor, Policies
from tongmai.kit import Clock, Text
from tongmai.link.light_entry.subject import Subject
from tongmai.model import Catalogue, LightEntry, ObjectDef, ObjectScope
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Workspace

_LOOKED_AT = 30


@dataclass(frozen=True, slots=True)
class OfferedPreset:
    """``moves`` are the labels of what it moves."""

    key: str
    label: Text
    color: str
    moves: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class SubjectOffer:
    """A record that may be tapped, with the keys of the presets that fit it now."""

    id: UUID
    label: str
    presets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """``object`` is what a tap makes a record of, ``about`` the object of the ``subjects``, the likeliest first."""

    object: str
    label: Text
    about: str
    asks: tuple[str, ...]
    presets: tuple[OfferedPreset, ...]
    subjects: tuple[SubjectOffer, ...]


class Offers:
    """Looks through the eyes of the one who asks; what he may not make is not offered."""

    def __init__(self, catalogues: CatalogueStore, gateway: Gateway, clock: Clock) -> None:
        self._catalogues = catalogues
        self._gateway = gateway
        self._clock = clock
        self._policies = Policies()

    async def of(self, actor: Actor, workspace: Workspace, *, near: UUID | None = None, limit: int = 6) -> list[Offer]:
        """``near``: only what is that record itself or related to it (a chat's customer); else one's own, or where the
        entry offers all what one may read, the last changed first."""
        catalogue = await self._catalogues.get(workspace)
        found: list[Offer] = []
        for each in catalogue.objects:
            entry, about = each.light_entry, subject_object(catalogue, each)
            if entry is None or about is None:
                continue
            may_make = self._policies.of(actor, catalogue, each.key).may("create")
            if may_make and self._policies.of(actor, catalogue, about).may("read"):
                subjects = await self._subjects(actor, workspace, catalogue, entry, about, near, limit)
                presets = tuple(
                    OfferedPreset(one.key, one.label, one.color, _moved(catalogue, about, [m.field for m in one.moves]))
                    for one in entry.presets
                )
                found.append(Offer(each.key, entry.label, about, entry.asks, presets, subjects))
        return found

    async def _subjects(
        self,
        actor: Actor,
        workspace: Workspace,
        catalogue: Catalogue,
        entry: LightEntry,
        about: str,
        near: UUID | None,
        limit: int,
    ) -> tuple[SubjectOffer, ...]:
        asked_for = _asked_for(catalogue, entry, about, near)
        answer = await self._gateway.list(
            actor, workspace, about, filter=asked_for, sort="-changed_at", limit=_LOOKED_AT, count=False
        )
        items: list[dict[str, Any]] = orjson.loads(answer)["items"]
        now, title = self._clock.now(), catalogue.object_by_key[about].title
        found: list[SubjectOffer] = []
        for item in items:
            subject = Subject(catalogue, workspace, actor, about, item, now)
            presets = tuple(one.key for one in entry.presets if subject.holds(one.when))
            if presets:
                found.append(SubjectOffer(subject.id, str(item.get(title or "") or subject.id), presets))
            if len(found) == limit and entry.offered == "own":
                break
        return tuple(found)


def subject_object(catalogue: Catalogue, definition: ObjectDef) -> str | None:
    """The object that the light entries of an object are about; None where it has none."""
    if definition.light_entry is None:
        return None
    return ObjectScope(catalogue, definition.key, metrics=False).bound(definition.light_entry.about).target


def _asked_for(catalogue: Catalogue, entry: LightEntry, about: str, near: UUID | None) -> str | None:
    if near is None:
        return "owner = ME()" if entry.offered == "own" else None
    scope = ObjectScope(catalogue, about, metrics=False)
    ways = [
        each.key
        for each in catalogue.object_by_key[about].fields
        if each.type == "relation" and not scope.bound(each.key).is_many
    ]
    return " OR ".join(f"[{key}] = '{near}'" for key in ("id", *ways))


def _moved(catalogue: Catalogue, about: str, fields: list[str]) -> tuple[Text, ...]:
    known = catalogue.object_by_key[about].by_key
    return tuple(known[key].label for key in fields if key in known)
