"""Where each value of a record comes from: the source, the path in it and the moment; or the person who changed it.

The record's history says who changed a field last; its cause names the source, ``_lineage`` the rows the record came
from, the mapping the paths (law 5).
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from tongmai.access import AnyActor
from tongmai.kit import Text
from tongmai.link.mapping import CompiledMapping
from tongmai.link.opening import Sources
from tongmai.link.raw import RawRows, StoredRow
from tongmai.model import Catalogue, MappingDef, SourceDef
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, ReadTx, Workspace

_MOST_ENTRIES = 500


@dataclass(frozen=True, slots=True)
class Origin:
    """Of one field: ``kind`` tells whether a source, a person or the system gave the value. ``paths`` are the raw paths
    it was made of, ``given`` what stood there, ``link`` the page in the source (S3-18). ``heard``: it was spoken, and
    who made text of it how certainly (0 to 1)."""

    field: str
    kind: str
    at: datetime
    source: SourceDef | None = None
    stream: str | None = None
    key: str | None = None
    paths: tuple[str, ...] = ()
    given: Mapping[str, Any] | None = None
    link: str | None = None
    person: UUID | None = None
    cause: str | None = None
    heard: tuple[str, float] | None = None

    def words(self, hour: str) -> Text:
        """来自 U8 SO_SODetails.iSum，08:12"""
        if self.source is not None:
            where = ", ".join(f"{self.stream}.{path}" for path in self.paths)
            label, spoken = self.source.label, self._spoken()
            return Text(f"来自 {label.zh} {where}，{hour}{spoken.zh}", f"from {label.en} {where}, {hour}{spoken.en}")
        if self.kind == "person":
            return Text(f"由人员修改，{hour}", f"changed by a person, {hour}")
        return Text(f"由系统写入，{hour}", f"written by the system, {hour}")

    def _spoken(self) -> Text:
        if self.heard is None:
            return Text("", "")
        model, certainty = self.heard
        return Text(
            f"，语音由 {model} 转写，可信度 {certainty:.0%}", f", spoken, heard by {model}, {certainty:.0%} certain"
        )


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A raw row that a record came from."""

    mapping: MappingDef
    source: SourceDef | None
    key: str
    mapped_at: datetime
    link: str | None


@dataclass(frozen=True, slots=True)
class RecordLineage:
    origins: tuple[Origin, ...]
    rows: tuple[SourceRow, ...]


class Lineage:
    """Reads lineage for people: what a person may not see of the record is not told here either."""

    def __init__(
        self, database: Database, catalogues: CatalogueStore, gateway: Gateway, sources: Sources, raw: RawRows
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway
        self._sources = sources
        self._raw = raw

    async def of(self, actor: AnyActor, workspace: Workspace, object_key: str, record: UUID) -> RecordLineage:
        """Raises ``NotFound`` for a record that is not the actor's to see."""
        history = orjson.loads(await self._gateway.history(actor, workspace, object_key, record, limit=_MOST_ENTRIES))
        catalogue = await self._catalogues.get(workspace)
        async with self._database.read() as tx:
            known = await self._rows_of(tx, workspace, catalogue, record)
        origins = [_origin(field, entry, known) for field, entry in _last_changes(history["items"]).items()]
        return RecordLineage(tuple(origins), tuple(row for row, _ in known))

    async def _rows_of(
        self, tx: ReadTx, workspace: Workspace, catalogue: Catalogue, record: UUID
    ) -> list[tuple[SourceRow, StoredRow | None]]:
        """The raw rows that the record came from, the latest first, each with what it says: None where it has passed
        (``Stream.passes``)."""
        rows = await tx.fetch(
            f"SELECT mapping, key, mapped_at FROM {workspace.quoted_schema}._lineage WHERE record_id = $1"
            " ORDER BY mapped_at DESC, mapping, key",
            record,
        )
        keys: dict[str, list[str]] = {}
        for row in rows:
            if row["mapping"] in catalogue.mapping_by_key:
                keys.setdefault(row["mapping"], []).append(row["key"])
        # A mapping at a time: a customer of many contacts has as many rows.
        bodies: dict[tuple[str, str], StoredRow] = {}
        for name, listed in keys.items():
            mapping = catalogue.mapping_by_key[name]
            stored = await self._raw.bodies(tx, workspace, mapping.source, mapping.stream, listed)
            bodies |= {(name, key): body for key, body in stored.items()}
        found: list[tuple[SourceRow, StoredRow | None]] = []
        for row in rows:
            if row["mapping"] in keys:
                mapping, body = catalogue.mapping_by_key[row["mapping"]], bodies.get((row["mapping"], row["key"]))
                source = catalogue.source_by_key.get(mapping.source)
                link = self._link(source, mapping.stream, body)
                found.append((SourceRow(mapping, source, row["key"], row["mapped_at"], link), body))
        return found

    def _link(self, source: SourceDef | None, stream: str, row: StoredRow | None) -> str | None:
        if source is None or row is None or source.kind not in self._sources.kinds:
            return None
        checked = self._sources.check(source)
        return checked.kind.link(checked.options, stream, row.body)


def _last_changes(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each field's newest entry; entries come newest first."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        for field in entry.get("after") or {}:
            found.setdefault(field, entry)
    return dict(sorted(found.items()))


def _origin(field: str, entry: Mapping[str, Any], rows: list[tuple[SourceRow, StoredRow | None]]) -> Origin:
    at = datetime.fromisoformat(entry["at"])
    cause = entry.get("cause") or ""
    if not cause.startswith("source:"):
        person = entry.get("actor")
        kind = "system" if person is None else "person"
        return Origin(field, kind, at, person=None if person is None else UUID(person["id"]), cause=cause or None)
    _, source_key, stream, *_ = cause.split(":")
    for row, raw in rows:
        mapping = row.mapping
        if mapping.source == source_key and mapping.stream == stream and field in mapping.by_field:
            compiled = CompiledMapping(mapping)
            paths = compiled.paths_of(mapping.by_field[field])
            given = None if raw is None else {path: compiled.value_at(raw.body, path) for path in paths}
            heard = _heard(raw) if "text" in paths else None
            return Origin(
                field, "source", at, row.source, stream, row.key, paths, given, row.link, cause=cause, heard=heard
            )
    return Origin(field, "source", at, stream=stream, cause=cause)


def _heard(raw: StoredRow | None) -> tuple[str, float] | None:
    """Who made the text of a voice message (``link.voices``)."""
    found = None if raw is None else raw.body.get("heard")
    if not isinstance(found, dict):
        return None
    certainty = found.get("certainty")
    return str(found.get("by")), float(certainty) if isinstance(certainty, (int, float)) else 0.0
