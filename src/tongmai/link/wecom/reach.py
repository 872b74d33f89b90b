"""Which records have the words of others at the end of a path of relations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from tongmai.formula import Path
from tongmai.link.wecom.all_records import AllRecords
from tongmai.model import ObjectScope, bind_field


@dataclass(frozen=True, slots=True)
class Spoken:
    """A record that has the words in these fields."""

    object: str
    keys: frozenset[str]
    record: UUID


class Reach:
    """Which records have the words of some others at the end of a path, each path read once. ``by_object`` are those
    that are new, ``spoken`` all."""

    def __init__(self, listing: AllRecords, coming: Sequence[Spoken], spoken: Sequence[Spoken]) -> None:
        self._listing = listing
        self.by_object = _by_object(coming)
        self._all = _by_object(spoken)
        self._read: dict[tuple[str, Path], frozenset[UUID]] = {}
        self._referring: set[UUID] = set()

    def is_spoken(self, object_key: str, record: UUID) -> bool:
        return any(each.record == record for each in self.by_object.get(object_key, ()))

    def records(self) -> frozenset[UUID]:
        """These, and all that were found so far."""
        own = (each.record for rows in self.by_object.values() for each in rows)
        return frozenset(own).union(self._referring, *self._read.values())

    async def has(self, object_key: str, record: UUID, paths: Iterable[Path]) -> bool:
        return any([record in await self.read(object_key, path) for path in paths])

    async def read(self, object_key: str, path: Path) -> frozenset[UUID]:
        """The records of the object from which the path leads to the words."""
        if (object_key, path) not in self._read:
            self._read[object_key, path] = await self._found(object_key, path)
        return self._read[object_key, path]

    async def _found(self, object_key: str, path: Path) -> frozenset[UUID]:
        catalogue = self._listing.catalogue
        owner = object_key if object_key in catalogue.object_by_key else None
        for key in path[:-1]:
            try:
                scope = None if owner is None else ObjectScope(catalogue, owner).through(key)
            except KeyError:
                scope = None
            owner = None if scope is None else scope.object_key
        spoken = [each.record for each in self._all.get(owner or "", ()) if path[-1] in each.keys]
        if not spoken or len(path) == 1:
            return frozenset(spoken)
        rows = await self._listing.where_any(object_key, ".".join(path[:-1]), spoken)
        return frozenset(UUID(str(row["id"])) for row in rows)

    async def referring(self, objects: Collection[str]) -> None:
        """Counts what refers to the new records among these objects to ``records``."""
        for definition in self._listing.catalogue.objects:
            for each in definition.fields:
                bound = bind_field(each, self._listing.catalogue)
                rows = self.by_object.get(bound.target or "", ()) if bound.target in objects else ()
                if rows and not bound.is_many:
                    found = await self._listing.where_any(definition.key, each.key, [row.record for row in rows])
                    self._referring |= {UUID(str(row["id"])) for row in found}

    async def through(self, object_key: str, hops: Sequence[str], records: Sequence[UUID]) -> list[UUID]:
        """Where relations lead from records of the object."""
        scope: ObjectScope | None = ObjectScope(self._listing.catalogue, object_key)
        for key in hops:
            if scope is None:
                return []
            rows = await self._listing.where_any(scope.object_key, "id", records)
            records = sorted({UUID(str(row[key])) for row in rows if row.get(key)})
            scope = scope.through(key)
        return list(records)


def _by_object(spoken: Iterable[Spoken]) -> dict[str, list[Spoken]]:
    found: dict[str, list[Spoken]] = {}
    for each in spoken:
        found.setdefault(each.object, []).append(each)
    return found
