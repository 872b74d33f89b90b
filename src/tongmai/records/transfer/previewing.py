"""A look before an import: which column goes where, the first rows, and what would become of them.

The first rows really go through the import and are rolled back: what the preview says is what the import will do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tongmai.access import AnyActor
from tongmai.kit import Fault, Language
from tongmai.records.files import Files
from tongmai.records.place import Place
from tongmai.records.runtime import Runtime
from tongmai.records.transfer.chunk import ChunkOutcome, write_chunk
from tongmai.records.transfer.guessing import ColumnGuess, guess_columns
from tongmai.records.transfer.mapping import check_actions, map_columns
from tongmai.records.transfer.opening import Opened, open_file
from tongmai.records.transfer.plan import ImportPlan, compile_plan
from tongmai.records.transfer.request import ImportRequest
from tongmai.store import Workspace
from tongmai.tabular import Cell, ChunkParser, ParsedChunk, ReadLimits, cell_text

_SHOWN_ROWS = 20
_SHOWN_FAULTS = 50


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """``rows`` are the first ones as texts; ``faults`` those of the sample, by row number; ``outcome`` its counts."""

    columns: tuple[str, ...]
    guesses: tuple[ColumnGuess, ...]
    traits: dict[str, str]
    rows: tuple[tuple[str, ...], ...]
    total: int | None
    tried: int
    inserted: int
    updated: int
    unchanged: int
    refused: int
    faults: tuple[Fault, ...]

    def document(self, language: Language) -> dict[str, Any]:
        """The preview as JSON for the API."""
        counts = ("tried", "inserted", "updated", "unchanged", "refused")
        return {
            "columns": [
                {
                    "column": each.column,
                    "field": each.field,
                    "match": each.match,
                    "how": each.how,
                    "sure": each.sure,
                }
                for each in self.guesses
            ],
            "traits": self.traits,
            "rows": [list(row) for row in self.rows],
            "total": self.total,
            **{name: getattr(self, name) for name in counts},
            "faults": [fault.document(language) for fault in self.faults],
        }


class _RolledBack(Exception):
    """Ends the transaction of a trial."""


class Previewer:
    """Previews imports of uploaded files."""

    def __init__(self, runtime: Runtime, files: Files) -> None:
        self._runtime = runtime
        self._files = files
        self._limits = ReadLimits(max_expanded_bytes=runtime.settings.max_expanded_bytes)

    async def preview(self, actor: AnyActor, workspace: Workspace, request: ImportRequest) -> ImportPreview:
        """Raises what starting the import would raise, but for a mapping that is not there yet."""
        file = await self._files.find(actor, workspace, request.file)
        check_actions(await self._runtime.place(actor, workspace), request)
        async with self._files.local_copy(workspace, file) as path:
            opened = await asyncio.to_thread(open_file, Path(path), request, self._limits)

        async def work(place: Place) -> ImportPreview:
            return await self._try(place, request, opened)

        return await self._runtime.with_present_catalogue(actor, workspace, work)

    async def _try(self, place: Place, request: ImportRequest, opened: Opened) -> ImportPreview:
        guesses = guess_columns(place, request.object, opened.columns, opened.sample.rows)
        wished = request.columns
        if wished is None:
            wished = tuple(guess.as_map() for guess in guesses if guess.field is not None)
        else:
            guesses = _as_wished(opened.columns, request)
        outcome = ChunkOutcome()
        if wished and len(opened.sample):
            now = self._runtime.clock.now()
            plan = compile_plan(
                place, request, map_columns(place, request, opened.columns, wished), "import:trial", now
            )
            # Numbers are drawn for good: a trial takes none.
            plan = replace(plan, auto_numbers=())
            chunk = ChunkParser(plan.specs, place.workspace.zone, now).parse(opened.sample)
            outcome = await self._trial(plan, chunk)
        return _preview(opened, guesses, outcome)

    async def _trial(self, plan: ImportPlan, chunk: ParsedChunk) -> ChunkOutcome:
        outcome = ChunkOutcome()
        try:
            async with self._runtime.database.write() as tx:
                outcome = await write_chunk(tx, self._runtime.database, plan, chunk, self._runtime.clock.now())
                raise _RolledBack
        except _RolledBack:
            return outcome


def _preview(opened: Opened, guesses: tuple[ColumnGuess, ...], outcome: ChunkOutcome) -> ImportPreview:
    faults = [fault.at_row(row) for row in sorted(outcome.refused) for fault in outcome.refused[row]]
    return ImportPreview(
        columns=opened.columns,
        guesses=guesses,
        traits=opened.traits,
        rows=tuple(_shown(row, len(opened.columns)) for row in opened.sample.rows[:_SHOWN_ROWS]),
        total=opened.total,
        tried=len(opened.sample),
        inserted=outcome.inserted,
        updated=outcome.updated,
        unchanged=outcome.unchanged,
        refused=len(outcome.refused),
        faults=tuple(faults[:_SHOWN_FAULTS]),
    )


def _shown(row: Sequence[Cell], width: int) -> tuple[str, ...]:
    return tuple(cell_text(cell)[:200] for cell in row[:width])


def _as_wished(columns: Sequence[str], request: ImportRequest) -> tuple[ColumnGuess, ...]:
    wished = {each.column: each for each in request.columns or ()}
    return tuple(
        ColumnGuess(column, wished[column].field, None, wished[column].match)
        if column in wished
        else ColumnGuess(column, None)
        for column in columns
    )
