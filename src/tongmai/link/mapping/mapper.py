"""From raw rows to records: each mapping goes through its stream in the order of ``seq``, a page a transaction.

The page's records with their history, what became of each row (``_lineage``), what was refused and how far the mapping
has got are kept together or not at all. The row of ``_mapping_state`` is the lock: one program maps at a time. A row
whose version was applied before is passed over, so that mapping the same again changes nothing.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple
from uuid import UUID

from tongmai.access import SystemActor
from tongmai.kit import Clock, in_turns
from tongmai.link.identity.name_list import NameList
from tongmai.link.mapping.ahead import ReadingAhead
from tongmai.link.mapping.compiled import CompiledMapping, Worked, fingerprint
from tongmai.link.mapping.page import Page, PageOutcome
from tongmai.link.mapping.relations import Relations
from tongmai.link.raw import RawRows, StoredRow
from tongmai.link.runs import Runs
from tongmai.link.source import SetAside
from tongmai.model import MappingDef
from tongmai.records import Gateway, Place
from tongmai.records.transfer import Loader
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace, WriteTx

_PAGE = 20_000


class _Prepared(NamedTuple):
    """What a page's rows come to under one definition."""

    compiled: CompiledMapping
    versions: Mapping[str, bytes]
    worked: Worked


@dataclass(slots=True)
class Mapped:
    """What one advance did, over all its pages. ``is_elsewhere``: something of it is being done by somebody else."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    deleted: int = 0
    waiting: int = 0
    refused: int = 0
    absent: dict[str, tuple[str, ...]] = field(default_factory=dict)
    is_elsewhere: bool = False

    def counts(self) -> dict[str, int]:
        names = ("read", "inserted", "updated", "unchanged", "skipped", "deleted", "waiting", "refused")
        return {name: getattr(self, name) for name in names}

    def add(self, page: PageOutcome) -> None:
        for name in ("read", "inserted", "updated", "unchanged", "skipped", "deleted", "waiting"):
            setattr(self, name, getattr(self, name) + getattr(page, name))
        self.refused += len(page.refused)


class Mapper:
    """Maps what came, for all workspaces."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        clock: Clock,
        gateway: Gateway,
        loader: Loader,
        raw: RawRows,
        runs: Runs,
        *,
        page: int = _PAGE,
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._clock = clock
        self._gateway = gateway
        self._loader = loader
        self._raw = raw
        self._runs = runs
        self._relations = Relations(clock, loader, raw)
        self._page = page
        self._compiled: dict[bytes, CompiledMapping] = {}

    async def advance(
        self, workspace: Workspace, *, source: str | None = None, gathers: bool = False, waits: bool = True
    ) -> Mapped:
        """Maps everything that waits, of one source or all; mappings in the order of the catalogue. ``gathers``: an
        hour's work stands in the log as one run. Without ``waits``, a mapping that somebody else goes on with is left
        to him: taking turns, each would wait for the other instead of reading ahead."""
        done = Mapped()
        catalogue = await self._catalogues.get(workspace)
        for mapping in catalogue.mappings:
            is_meant = source is None or mapping.source == source
            page = await self._waiting(workspace, mapping) if is_meant and mapping.enabled else 0
            if page:
                await self._advance(workspace, mapping, page, done, gathers=gathers, waits=waits)
        return done

    async def _waiting(self, workspace: Workspace, mapping: MappingDef) -> int:
        """How many rows to take at a time; 0 where none waits."""
        stream = (workspace, mapping.source, mapping.stream)
        async with self._database.read() as tx:
            row = await tx.fetch_row(
                f"SELECT seq, fingerprint FROM {workspace.quoted_schema}._mapping_state WHERE mapping = $1", mapping.key
            )
            after = 0 if row is None or row["fingerprint"] != fingerprint(mapping) else row["seq"]
            if after >= await self._raw.last_seq(tx, *stream):
                return 0
            return await self._raw.page_rows(tx, *stream, after, self._page)

    async def _advance(
        self, workspace: Workspace, mapping: MappingDef, page: int, done: Mapped, *, gathers: bool, waits: bool
    ) -> None:
        names: dict[tuple[str, str], NameList] = {}
        run_id: UUID | None = None
        stream = (workspace, mapping.source, mapping.stream)
        prepare = partial(self._prepared, self._compiled_of(mapping), workspace)
        async with ReadingAhead(self._database, self._raw, *stream, page, prepare) as ahead:

            async def work(place: Place) -> PageOutcome | None:
                nonlocal run_id
                present = place.structure.catalogue.mapping_by_key.get(mapping.key)
                if present is None or not present.enabled or (present.source, present.stream) != stream[1:]:
                    return None
                async with self._database.write() as tx:
                    await tx.commit_later()
                    after = await self._begin(tx, place, self._compiled_of(present), waits=waits)
                    if after is None:
                        done.is_elsewhere = True
                        return None
                    if run_id is None:
                        run_id = await self._runs.begin(tx, workspace, present.source, "map", gathers=gathers)
                    rows, prepared, is_last = await ahead.next(tx, after)
                    outcome = await self._one_page(tx, place, present, run_id, names, rows, prepared)
                    outcome.is_last = is_last
                    if outcome.read:
                        await self._runs.count(tx, workspace, run_id, _counts(outcome))
                    return outcome

            while True:
                begun = run_id
                try:
                    outcome = await self._loader.in_place(SystemActor("source"), workspace, work)
                except BaseException:
                    run_id = begun
                    raise
                if outcome is None:
                    break
                done.add(outcome)
                if outcome.absent:
                    done.absent[mapping.key] = outcome.absent
                if outcome.is_last:
                    break
        if run_id is not None:
            async with self._database.write() as tx:
                await self._runs.end(tx, workspace, run_id)

    async def _one_page(
        self,
        tx: WriteTx,
        place: Place,
        mapping: MappingDef,
        run_id: UUID,
        names: dict[tuple[str, str], NameList],
        rows: Sequence[StoredRow],
        prepared: _Prepared,
    ) -> PageOutcome:
        compiled, workspace = self._compiled_of(mapping), place.workspace
        if prepared.compiled is not compiled:
            prepared = await self._prepared(compiled, workspace, rows)
        page = Page(tx, place, compiled, run_id, self._loader, self._gateway, self._relations, names, self._clock.now())
        fresh = await page.fresh(rows, prepared.versions)
        if len(fresh) < len(rows):
            prepared = await self._prepared(compiled, workspace, fresh)
        outcome = await page.write(fresh, prepared.worked)
        await page.keep_lineage()
        outcome.read = len(rows)
        if rows:
            await self._keep(tx, place, mapping, run_id, fresh, outcome)
            await tx.execute(
                f"UPDATE {place.schema}._mapping_state SET seq = $2, mapped_at = $3 WHERE mapping = $1",
                mapping.key, rows[-1].seq, self._clock.now(),
            )  # fmt: skip
        return outcome

    async def _prepared(self, compiled: CompiledMapping, workspace: Workspace, rows: Sequence[StoredRow]) -> _Prepared:
        work = partial(compiled.work, zone=workspace.zone, now=self._clock.now())
        worked = await in_turns([row for row in rows if not row.deleted], work)
        return _Prepared(compiled, compiled.versions(rows), Worked.joined(worked or [work(())]))

    async def _begin(self, tx: WriteTx, place: Place, compiled: CompiledMapping, *, waits: bool) -> int | None:
        """Takes the mapping's lock; the seq behind which it goes on: from the start where its definition is new. None
        where somebody else has it and it is not waited for."""
        key, print_ = compiled.mapping.key, compiled.fingerprint
        await tx.execute(
            f"INSERT INTO {place.schema}._mapping_state (mapping, fingerprint) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            key,
            print_,
        )
        row = await tx.fetch_row(
            f"SELECT seq, fingerprint FROM {place.schema}._mapping_state WHERE mapping = $1"
            f" FOR UPDATE{'' if waits else ' SKIP LOCKED'}",
            key,
        )
        if row is None:
            return None
        if row["fingerprint"] == print_:
            return int(row["seq"])
        await tx.execute(
            f"UPDATE {place.schema}._mapping_state SET seq = 0, fingerprint = $2 WHERE mapping = $1", key, print_
        )
        return 0

    async def _keep(
        self,
        tx: WriteTx,
        place: Place,
        mapping: MappingDef,
        run_id: UUID,
        fresh: Sequence[StoredRow],
        outcome: PageOutcome,
    ) -> None:
        bodies = {row.key: row.body for row in fresh}
        aside = [SetAside(key, tuple(faults), bodies.get(key)) for key, faults in outcome.refused.items()]
        where = (tx, place.workspace, mapping.source, mapping.stream)
        await self._runs.refuse(*where, aside, mapping=mapping.key, run_id=run_id)
        accepted = [row.key for row in fresh if row.key not in outcome.refused]
        if accepted:
            await self._runs.accept(*where, accepted, mapping=mapping.key)

    def _compiled_of(self, mapping: MappingDef) -> CompiledMapping:
        print_ = fingerprint(mapping)
        found = self._compiled.get(print_)
        if found is None or found.mapping.key != mapping.key:
            found = self._compiled[print_] = CompiledMapping(mapping)
        return found


def _counts(outcome: PageOutcome) -> dict[str, int]:
    done = Mapped()
    done.add(outcome)
    return done.counts()
