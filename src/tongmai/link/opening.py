"""From a definition to an opened source: its kind, its checked options, its secrets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

import httpx
from pydantic import ValidationError

from tongmai.kit import Clock, Fault, Invalid, NotFound, Text
from tongmai.link.access_tokens import AccessTokens
from tongmai.link.outward import OutwardTransport
from tongmai.link.readable_folders import folder_within
from tongmai.link.secrets import Secrets
from tongmai.link.source import Asked, Shelf, Source, SourceContext, SourceKind, SourceOptions, Stream
from tongmai.link.vendors.callback_envelope import key_of
from tongmai.model import Catalogue, FieldMap, MappingDef, SourceDef, faults_of
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace

_TIMEOUT_S = 20.0
WayBack: TypeAlias = Literal["open", "closed", "stream", "never"]


@dataclass(frozen=True, slots=True)
class Known:
    """A definition with its kind and options."""

    definition: SourceDef
    kind: SourceKind
    options: SourceOptions

    @property
    def streams(self) -> tuple[Stream, ...]:
        return self.kind.streams(self.options)

    def shelf(self, stream: str) -> Shelf | None:
        """Where the rows of a stream lie; None for one that the source does not tell of."""
        return next((each.shelf for each in self.streams if each.key == stream), None)

    def check_secrets(self, given: Mapping[str, str | None]) -> None:
        """Raises ``Invalid`` for what the kind has no use for, and for a key that can be none."""
        names = {*self.kind.secrets, *self.kind.optional_secrets}
        unknown = [name for name in given if name not in names]
        if unknown:
            listed = ", ".join(sorted(names))
            text = Text(f"没有这样的凭据，可用：{listed}", f"There is no such secret; use: {listed}")
            raise Invalid(tuple(Fault("secret.unknown", text, field=name[:100]) for name in unknown))
        for name in self.kind.aes_keys:
            if text_given := given.get(name):
                key_of(text_given, name)

    @property
    def watched(self) -> tuple[str, ...]:
        """Streams that are looked at all the time."""
        return self.kind.watched(self.options)

    def way_back(self, stream: str, path: str) -> WayBack:
        """How a person's change at a path of a stream fares: ``open`` by an administrator, or ``closed`` still; by what
        the ``stream`` itself opens; or ``never`` written there, which is said of each change."""
        opening = self.kind.opened_by(stream, path)
        if opening is not None:
            return "open" if opening in getattr(self.options, "writes", ()) else "closed"
        return "stream" if self.kind.pushes and "writes" not in self.kind.options.model_fields else "never"


class Sources:
    """The configured sources of all workspaces, by the kinds this program has."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        clock: Clock,
        secrets: Secrets,
        kinds: Mapping[str, SourceKind],
        *,
        folders: tuple[Path, ...] = (),
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._folders = folders
        self.secrets = secrets
        self.kinds = dict(kinds)
        self._database = database
        self._catalogues = catalogues
        self._clock = clock
        self._http = http
        self._tokens = AccessTokens()

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def known(self, workspace: Workspace, key: str) -> Known:
        """Raises ``NotFound`` for a source that is not there, ``Invalid`` for a kind or options that cannot be."""
        catalogue = await self._catalogues.get(workspace)
        definition = catalogue.source_by_key.get(key)
        if definition is None:
            shown = key[:60]
            raise NotFound.of("source.unknown", f"没有数据源“{shown}”", f"There is no source “{shown}”", field="source")
        return self.check(definition)

    def check(self, definition: SourceDef) -> Known:
        """Raises ``Invalid`` with all faults of the kind's name and the options."""
        kind = self.kinds.get(definition.kind)
        if kind is None:
            listed = "、".join(sorted(self.kinds))
            raise Invalid.of(
                "source.unknown_kind",
                f"没有数据源类型“{definition.kind}”",
                f"There is no kind of source “{definition.kind}”",
                way_out=Text(f"可用：{listed}", f"Use one of: {listed}"),
                field="kind",
            )
        try:
            options = kind.options.model_validate(definition.options)
        except ValidationError as error:
            raise Invalid(tuple(_named(kind, each) for each in faults_of(error, "options"))) from None
        return Known(definition, kind, options)

    def takes(self, catalogue: Catalogue, mapping: MappingDef, path: str) -> bool:
        """Whether a change at a path of the mapping's stream is to go back: nobody has kept it closed."""
        definition = catalogue.source_by_key.get(mapping.source)
        try:
            return definition is None or self.check(definition).way_back(mapping.stream, path) != "closed"
        except Invalid:
            return True

    def pushed(self, catalogue: Catalogue, mapping: MappingDef) -> tuple[FieldMap, ...]:
        """The fields whose changes by people go back to the source."""
        return tuple(
            each for each in mapping.fields if each.push is not None and self.takes(catalogue, mapping, each.push)
        )

    @asynccontextmanager
    async def opened(self, workspace: Workspace, known: Known) -> AsyncIterator[Source]:
        """The source, closed at the end. Raises ``Invalid`` if a secret is missing or cannot be opened."""
        async with self._database.read() as tx:
            secrets = await self.secrets.open(tx, workspace, known.definition.key)
        missing = [name for name in known.kind.secrets if name not in secrets]
        if missing:
            raise Invalid(tuple(_missing(known.kind.secrets[name]) for name in missing))
        if self._http is None:
            self._http = httpx.AsyncClient(transport=OutwardTransport(), timeout=_TIMEOUT_S, follow_redirects=False)
        closed = self._closed_to(await self._catalogues.get(workspace), known)
        source = known.kind.open(
            SourceContext(
                known.definition, secrets, workspace.zone, self._clock, self._http, self._folders, closed, self._tokens
            )
        )
        try:
            yield source
        finally:
            await source.close()

    def _closed_to(self, catalogue: Catalogue, reader: Known) -> tuple[Path, ...]:
        """The archives of the other sources."""
        found = []
        for each in catalogue.sources:
            if each.key != reader.definition.key:
                try:
                    known = self.check(each)
                except Invalid:
                    continue
                folders = (folder_within(given, self._folders) for given in known.kind.archives(known.options))
                found += [folder for folder in folders if folder is not None]
        return tuple(found)


def _named(kind: SourceKind, fault: Fault) -> Fault:
    """A fault of an option with what the form calls it, for where it is read without the form around it."""
    place, names = "", list[str]()
    asked: Asked | None = None
    for step in (fault.field or "").split(".")[1:]:
        inner = f"{place}.{step}" if place else step
        if inner in kind.form:
            place, asked = inner, kind.form[inner]
        elif not step.isdigit():
            names.append(step)
    if asked is None:
        return fault
    of_zh, of_en = (f"“{names[0]}”的", f" of “{names[0]}”") if names else ("", "")
    said = Text(f"{of_zh}{asked.label.zh}：{fault.text.zh}", f"{asked.label.en}{of_en}: {fault.text.en}")
    return replace(fault, text=said)


def _missing(label: Text) -> Fault:
    return Fault(
        "source.secret_missing",
        Text(f"还没有填写{label.zh}", f"{label.en} has not been given"),
        Text("在数据源的“凭据”里填写", "Give it under the source's “Secrets”"),
    )
