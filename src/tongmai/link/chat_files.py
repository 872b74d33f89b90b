"""Pictures, files and recordings of archived messages, beside whom they are about (S3-15), near to capture (S0-27).

Nothing is copied: a file is fetched from the archive when somebody opens it, so what consent withdrawn took away is
gone here too. Who sees one: whoever sees, in the message's record, a field that the mapping makes of ``files``, and
the words wherever he sees that.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import AnyActor, allowed, policy_for
from tongmai.formula import FALSE, TRUE
from tongmai.kit import NotFound, Text
from tongmai.link.mapping import CompiledMapping
from tongmai.link.opening import Sources
from tongmai.link.raw import RawRows, StoredRow
from tongmai.link.wecom import WECOM, WeComSource
from tongmai.model import Catalogue, bind_field
from tongmai.records import Gateway, find_media_type
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace

_MESSAGES, _FILES, _WORDS, _MOMENT = "messages", "files", "text", "at"
_NEWEST = 50


@dataclass(frozen=True, slots=True)
class ChatFile:
    """The file ``number`` (from 0) of a message's record. ``kind`` is the vendor's word for the message, ``name`` empty
    where it has none (a picture), ``size`` in bytes, 0 where it was not told."""

    object: str
    record: UUID
    number: int
    kind: str
    name: str
    size: int
    at: datetime | None
    source: str
    identity: str
    md5: str


@dataclass(frozen=True, slots=True)
class OpenedChatFile:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a mapping puts messages: their object, the field made of their files, those made of their words, and the
    order of their moments; ``link`` is the field that says whom a message is about, None for the message itself."""

    mapping: str
    source: str
    object: str
    seen: str
    words: tuple[str, ...]
    sort: str
    link: str | None


class ChatFiles:
    """For all workspaces."""

    def __init__(
        self, database: Database, catalogues: CatalogueStore, gateway: Gateway, sources: Sources, raw: RawRows
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway
        self._sources = sources
        self._raw = raw

    async def of(self, actor: AnyActor, workspace: Workspace, object_key: str, record: UUID) -> list[ChatFile]:
        """The files of the newest messages about a record, or of one message, the newest first. Raises ``NotFound``."""
        catalogue = await self._catalogues.get(workspace)
        places = [each for each in _places(catalogue, object_key) if _may_see(actor, catalogue, each)]
        await self._gateway.get(actor, workspace, object_key, record, fields=("id",))
        found = [await self._at(actor, workspace, place, record) for place in places]
        return sorted(chain.from_iterable(found), key=_age, reverse=True)

    async def open(
        self, actor: AnyActor, workspace: Workspace, object_key: str, record: UUID, number: int
    ) -> OpenedChatFile:
        """One file of a message. Raises ``NotFound``, and as the archive does where it is away."""
        files = await self.of(actor, workspace, object_key, record)
        wanted = next((each for each in files if each.record == record and each.number == number), None)
        if wanted is None:
            raise NotFound.of("chat_file.unknown", "没有这个文件", "There is no such file")
        known = await self._sources.known(workspace, wanted.source)
        async with self._sources.opened(workspace, known) as opened:
            if not isinstance(opened, WeComSource):
                raise NotFound.of("chat_file.unknown", "没有这个文件", "There is no such file")
            content = await opened.file(wanted.identity, wanted.md5)
        if content is None:
            raise NotFound.of(
                "chat_file.not_there",
                "存档里没有这个文件",
                "The archive does not have this file",
                way_out=Text("请管理员检查存档是否下载媒体文件", "Have it seen to that the archive fetches its files"),
            )
        media_type = await asyncio.to_thread(_media_type, content)
        return OpenedChatFile(wanted.name or f"{wanted.kind}-{number + 1}", media_type, content)

    async def _at(self, actor: AnyActor, workspace: Workspace, place: _Place, record: UUID) -> list[ChatFile]:
        about = f"[{place.link or 'id'}] = '{record}'"
        page = await self._gateway.list(
            actor, workspace, place.object, filter=f"[{place.seen}] IS NOT BLANK AND {about}", sort=place.sort,
            fields=("id", place.seen), limit=_NEWEST, count=False,
        )  # fmt: skip
        shown = [UUID(each["id"]) for each in orjson.loads(page)["items"]]
        if not shown:
            return []
        async with self._database.read() as tx:
            lines = await tx.fetch(
                f"SELECT record_id, key FROM {workspace.quoted_schema}._lineage"
                " WHERE mapping = $1 AND record_id = ANY($2)",
                place.mapping, shown,
            )  # fmt: skip
            keys = {line["key"]: line["record_id"] for line in lines}
            rows = await self._raw.bodies(tx, workspace, place.source, _MESSAGES, list(keys))
        return [file for key, row in rows.items() for file in _files(place, keys[key], row)]


def _places(catalogue: Catalogue, object_key: str) -> Iterator[_Place]:
    for mapping in catalogue.mappings:
        source = catalogue.source_by_key.get(mapping.source)
        if mapping.stream != _MESSAGES or source is None or source.kind != WECOM.key:
            continue
        compiled = CompiledMapping(mapping)
        made = {each.field: {path.partition(".")[0] for path in compiled.paths_of(each)} for each in mapping.fields}
        seen = next((field for field, paths in made.items() if _FILES in paths), None)
        if seen is None:
            continue
        words = tuple(field for field, paths in made.items() if _WORDS in paths)
        moment = next((field for field, paths in made.items() if paths == {_MOMENT}), "created_at")
        for link in _links(catalogue, mapping.object, object_key):
            yield _Place(mapping.key, mapping.source, mapping.object, seen, words, f"-{moment}", link)


def _may_see(actor: AnyActor, catalogue: Catalogue, place: _Place) -> bool:
    """Whether there can be a message whose files are his to see: they are as much of what was said as the words, and
    stay shut where those are hidden in any message in which he sees that there is a file."""
    read = (place.seen, *filter(None, [place.link]))
    if not all(allowed(actor, catalogue, place.object, "read", each) for each in read):
        return False
    readable = policy_for(actor, catalogue, place.object).readable
    return all(readable.get(each, FALSE) in (TRUE, readable[place.seen]) for each in place.words)


def _links(catalogue: Catalogue, messages: str, object_key: str) -> Iterator[str | None]:
    if messages == object_key:
        yield None
    for field in catalogue.object_by_key[messages].fields:
        bound = bind_field(field, catalogue)
        if bound.target == object_key and not bound.is_many:
            yield field.key


def _files(place: _Place, record: UUID, row: StoredRow) -> Iterator[ChatFile]:
    listed = row.body.get(_FILES)
    if row.deleted or not isinstance(listed, list):
        return
    for number, each in enumerate(listed):
        if isinstance(each, dict):
            yield ChatFile(
                place.object, record, number, str(row.body.get("kind") or ""), str(each.get("name") or ""), _size(each),
                row.at, place.source, str(each.get("id") or ""), str(each.get("md5") or ""),
            )  # fmt: skip


def _size(file: Mapping[str, JsonValue]) -> int:
    size = file.get("size")
    return size if isinstance(size, int) else 0


def _age(file: ChatFile) -> tuple[float, str, int]:
    return (0.0 if file.at is None else file.at.timestamp(), str(file.record), -file.number)


def _media_type(content: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        return find_media_type(path, None)
