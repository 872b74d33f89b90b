"""A mapping tried out: what would become of the rows that lie here, with samples and counts. Nothing stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.kit import Clock, Fault, NotFound, new_id
from tongmai.link.mapping.compiled import CompiledMapping, Value, getter
from tongmai.link.mapping.page import Page, PageOutcome
from tongmai.link.mapping.relations import Relations
from tongmai.link.mapping.seen_columns import seen_columns
from tongmai.link.opening import Sources
from tongmai.link.raw import RawRows, StoredRow
from tongmai.link.raw_ready import version_of
from tongmai.link.source import Body, Pulls
from tongmai.model import MappingDef
from tongmai.records import Gateway, Place
from tongmai.records.transfer import ColumnGuess, Loader, guess_columns, named_by
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace

_MOST_ROWS = 1_000
_SHOWN = 20
_LOOKED_AT = 50
# For rows that a mapping takes, before it is said that there are none.
_LOOKED_THROUGH = 10_000


@dataclass(frozen=True, slots=True)
class Sample:
    """A raw row, what the fields would get, and why it would be refused, if so."""

    key: str
    body: Body
    values: Mapping[str, Value]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """``outcome`` counts what would become of the rows tried; ``absent`` are paths that none of them has."""

    outcome: PageOutcome
    samples: tuple[Sample, ...]
    fresh_from_source: bool


@dataclass(frozen=True, slots=True)
class PathGuess:
    """The field that a path seems to mean, and ``by`` which fields a related record would be found."""

    path: str
    guess: ColumnGuess
    by: tuple[str, ...]


class _RolledBack(Exception):
    """Ends the transaction of a trial."""


class Trial:
    """Tries mappings, also such as are not in the catalogue yet."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        clock: Clock,
        gateway: Gateway,
        loader: Loader,
        sources: Sources,
        raw: RawRows,
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._clock = clock
        self._gateway = gateway
        self._loader = loader
        self._relations = Relations(clock, loader, raw)
        self._sources = sources
        self._raw = raw

    async def run(self, workspace: Workspace, mapping: MappingDef, *, limit: int = 200) -> TrialOutcome:
        """Tries the first rows that lie here and that the mapping takes or, where none lie here, the first page of the
        source.

        Raises ``Invalid`` with all faults of a mapping that cannot be.
        """
        compiled = CompiledMapping(mapping)
        rows, left_out, asked = await self._rows_taken(workspace, compiled, min(limit, _MOST_ROWS))
        worked = compiled.work([row for row in rows if not row.deleted], workspace.zone, self._clock.now())
        outcome = PageOutcome()

        async def work(place: Place) -> PageOutcome:
            found = PageOutcome()
            try:
                async with self._database.write() as tx:
                    page = Page(
                        tx, place, compiled, new_id(self._clock), self._loader, self._gateway, self._relations, {},
                        self._clock.now(),
                    )  # fmt: skip
                    await page.known(rows, compiled.versions(rows))
                    found = await page.write(rows, worked)
                    raise _RolledBack
            except _RolledBack:
                return found

        if rows:
            outcome = await self._loader.in_place(SystemActor("source"), workspace, work)
        outcome.read = len(rows) + left_out
        outcome.skipped += left_out
        outcome.absent = worked.absent
        return TrialOutcome(
            outcome, _samples(mapping, rows, worked.rows, list(zip(*worked.columns, strict=True)), outcome), asked
        )

    async def columns(self, workspace: Workspace, source: str, stream: str) -> dict[str, str]:
        """The paths that a stream's rows have, each with its type: those the source tells of, then others seen in rows.

        Raises ``NotFound`` for a source or stream that is not there, and what the source raises when it is asked.
        """
        return (await self._seen(workspace, source, stream))[0]

    async def guesses(self, workspace: Workspace, source: str, stream: str, object_key: str) -> tuple[PathGuess, ...]:
        """Which field of an object each path seems to mean, where one does: by what it is called and what its rows
        have. Raises as ``columns`` does."""
        columns, rows = await self._seen(workspace, source, stream)
        getters = [getter(path) for path in columns]
        sample = [[_cell(get(row.body)) for get in getters] for row in rows]
        # external_contact.name is a name.
        names = [path.rpartition(".")[2] for path in columns]

        async def work(place: Place) -> tuple[PathGuess, ...]:
            place.structure.definition(object_key)
            found = guess_columns(place, object_key, names, sample)
            return tuple(
                PathGuess(path, guess, _found_by(place, object_key, guess))
                for path, guess in zip(columns, found, strict=True)
                if guess.field is not None
            )

        return await self._loader.in_place(SystemActor("source"), workspace, work)

    async def _seen(self, workspace: Workspace, source: str, stream: str) -> tuple[dict[str, str], list[StoredRow]]:
        known = await self._sources.known(workspace, source)
        told = next((each.columns for each in known.streams if each.key == stream), None)
        if told is None:
            raise NotFound.of("source.unknown_stream", "没有这个数据流", "There is no such stream", field="stream")
        rows, _ = await self._rows(workspace, source, stream, _LOOKED_AT)
        seen = seen_columns(row.body for row in rows)
        return {**told, **{path: kind for path, kind in seen.items() if path not in told}}, rows

    async def _rows_taken(
        self, workspace: Workspace, compiled: CompiledMapping, limit: int
    ) -> tuple[list[StoredRow], int, bool]:
        """Rows to be tried, how many before and among them the mapping leaves out, and whether the source was asked.
        Many mappings share a stream: the first of its rows may all be meant for others."""
        mapping = compiled.mapping
        rows, asked = await self._rows(workspace, mapping.source, mapping.stream, limit)
        if mapping.where is None or asked:
            return rows, 0, asked
        taken: list[StoredRow] = []
        left_out, page = 0, rows
        while page and len(taken) < limit and left_out < _LOOKED_THROUGH:
            worked = compiled.work([row for row in page if not row.deleted], workspace.zone, self._clock.now())
            keys = {row.key for row in worked.rows} | worked.faults.keys()
            taken += (row for row in page if row.key in keys)
            left_out += len(page) - len(keys)
            async with self._database.read() as tx:
                page = await self._raw.after(tx, workspace, mapping.source, mapping.stream, page[-1].seq, limit)
        return (taken[:limit], left_out, False) if taken else (rows, left_out - len(rows), False)

    async def _rows(self, workspace: Workspace, source: str, stream: str, limit: int) -> tuple[list[StoredRow], bool]:
        """Rows that lie here or, where none do, of the source's first page; whether the source was asked."""
        async with self._database.read() as tx:
            rows = await self._raw.after(tx, workspace, source, stream, 0, limit)
        if rows:
            return rows, False
        return await self._first_page(workspace, source, stream, limit), True

    async def _first_page(self, workspace: Workspace, source: str, stream: str, limit: int) -> list[StoredRow]:
        known = await self._sources.known(workspace, source)
        async with self._sources.opened(workspace, known) as opened:
            if not isinstance(opened, Pulls):
                return []
            async for page in opened.pull(stream, None):
                if not page.rows:
                    continue
                return [
                    StoredRow(n, row.key, version_of(row.key.encode(), row.deleted), row.body, row.deleted, row.at)
                    for n, row in enumerate(page.rows[:limit], 1)
                ]
        return []


def _cell(value: JsonValue) -> JsonValue:
    """What a field could read: nothing of lists and objects."""
    return None if isinstance(value, list | dict) or value == "" else value


def _found_by(place: Place, object_key: str, guess: ColumnGuess) -> tuple[str, ...]:
    assert guess.field is not None
    target = place.structure.bound(object_key, guess.field).target
    if target is None:
        return ()
    return named_by(place, target) if guess.match is None else (guess.match,)


def _samples(
    mapping: MappingDef,
    rows: list[StoredRow],
    taken: list[StoredRow],
    cells: list[tuple[Value, ...]],
    outcome: PageOutcome,
) -> tuple[Sample, ...]:
    """Refused rows first: they are what a person wants to see."""
    names = [each.field for each in mapping.fields]
    values = {row.key: dict(zip(names, given, strict=True)) for row, given in zip(taken, cells, strict=True)}
    ordered = sorted(rows, key=lambda row: row.key not in outcome.refused)[:_SHOWN]
    return tuple(
        Sample(row.key, row.body, values.get(row.key, {}), tuple(outcome.refused.get(row.key, ()))) for row in ordered
    )
