"""From rows of cells to rows PostgreSQL can COPY: each column is read by its field type, as on every other path.

What this module needs is plain values (``ParseSpec``), so that it can run in a process of its own while PostgreSQL is
busy with the chunk before.
"""

from __future__ import annotations

import marshal
import pickle
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from tongmai.kit import Fault
from tongmai.model import BoundField, Reading
from tongmai.tabular.copy_text import BETWEEN, NULL, bulk_ids, encoder_for, token_literals
from tongmai.tabular.readers import Batch, Cell, Format, ReadLimits, cell_text, open_here

# So many cells a chunk, whatever the width: memory is bounded and a transaction stays short.
_CELLS = 400_000
_MOST_ROWS, _LEAST_ROWS = 20_000, 500
_PIECES = 4
# Texts repeat (regions, products); beyond this many distinct ones a cache only costs memory.
_KNOWN_CELLS = 5_000
_MARSHAL = b"m"
_SEPARATORS = re.compile(r"[;；,，、\n]")


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column of the file and where it goes. ``stage`` is the (quoted) column of the staging table.

    ``bound`` reads the cells; without it they are plain text. ``field`` names faults where it is another one.
    ``when_blank`` (COPY text) stands where the cell is blank, ``tokens_when_blank`` are its search tokens; with
    ``source`` None every row gets it. ``splits``: a cell holds several values, separated by ``;`` or a comma.
    """

    source: int | None
    stage: str
    bound: BoundField | None
    column_type: str
    field: str | None = None
    splits: bool = False
    searchable: bool = False
    when_blank: str | None = None
    tokens_when_blank: str = ""

    @property
    def fault_field(self) -> str:
        return self.field or (self.bound.key if self.bound else "")


@dataclass(frozen=True, slots=True)
class ParseSpec:
    """All that parsing depends on. ``moment`` is when ids are stamped, ``after`` the last row number already done."""

    path: Path
    limits: ReadLimits
    columns: tuple[ColumnSpec, ...]
    zone: str
    moment: datetime
    format: Format | None = None
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    after: int = 0

    @property
    def piece_rows(self) -> int:
        """So many rows are parsed at a time: what is parsed from a processor's cache is parsed a tenth quicker."""
        return max(_LEAST_ROWS, min(_MOST_ROWS, _CELLS // max(len(self.columns), 1))) // _PIECES


@dataclass(frozen=True, slots=True)
class ParsedChunk:
    """Rows that follow one another. ``copy`` has a line a readable row: row number, id, the columns, search tokens.

    ``faults`` are of the rows that are not in ``copy``, by row number. ``source`` holds the cells as they came, packed
    piece by piece, because they are seldom needed. ``ids`` are of all rows read, where they lie with the caller.
    """

    last_row: int
    read: int
    staged: int
    copy: bytes
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    source: tuple[bytes, ...] = ()
    ids: Sequence[str] = ()

    def source_rows(self) -> dict[int, Sequence[Cell]]:
        """The cells by row number."""
        found: dict[int, Sequence[Cell]] = {}
        for piece in self.source:
            kind, content = piece[:1], piece[1:]
            # Our own bytes, from a pipe of our own child.
            numbers, rows = marshal.loads(content) if kind == _MARSHAL else pickle.loads(content)  # noqa: S301, S302
            found.update(zip(numbers, rows, strict=True))
        return found


def joined(pieces: Sequence[ParsedChunk]) -> ParsedChunk:
    """Pieces that follow one another, at least one, as one chunk."""
    return ParsedChunk(
        last_row=pieces[-1].last_row,
        read=sum(each.read for each in pieces),
        staged=sum(each.staged for each in pieces),
        copy=b"".join([each.copy for each in pieces]),
        faults={number: found for each in pieces for number, found in each.faults.items()},
        source=tuple(packed for each in pieces for packed in each.source),
        ids=list(chain.from_iterable(each.ids for each in pieces)),
    )


def _packed(batch: Batch) -> bytes:
    """Texts and numbers pack fastest without looking for repetitions; other values need pickle."""
    given = (batch.numbers, batch.rows)
    try:
        return _MARSHAL + marshal.dumps(given, 2)
    except ValueError:
        return b"p" + pickle.dumps(given, protocol=pickle.HIGHEST_PROTOCOL)


def parse_file(spec: ParseSpec) -> Iterator[ParsedChunk]:
    """The whole file, a chunk at a time. Raises ``Invalid`` where the file cannot be read at all."""
    source = open_here(
        spec.path,
        spec.limits,
        format=spec.format,
        encoding=spec.encoding,
        separator=spec.separator,
        sheet=spec.sheet,
    )
    parser = ChunkParser(spec.columns, spec.zone, spec.moment)
    try:
        pieces = map(parser.parse, source.batches(spec.piece_rows, after=spec.after))
        while chunk := list(islice(pieces, _PIECES)):
            yield joined(chunk)
    finally:
        source.close()


class ChunkParser:
    """Parses batches of one file, or of rows that lie in the caller's memory (``in_memory``): those are not packed, and
    their ids are told."""

    def __init__(self, columns: Sequence[ColumnSpec], zone: str, moment: datetime, *, in_memory: bool = False) -> None:
        reading = Reading(ZoneInfo(zone))
        self._columns = [_Column(each, reading) for each in columns]
        self._searchable = [each for each in self._columns if each.spec.searchable]
        self._moment = moment
        self._in_memory = in_memory

    def parse(self, batch: Batch) -> ParsedChunk:
        by_column: list[Sequence[Cell]] = list(zip(*batch.rows, strict=True))
        faults: dict[int, list[Fault]] = {index: [fault] for index, fault in batch.faults.items()}
        searched: list[Sequence[object]] = []
        texts: list[list[str]] = []
        for column in self._columns:
            written = column.remembered(by_column)
            if written is None:
                found, wrong = column.parse(by_column, len(batch))
                written = column.encode(found)
                for index, fault in wrong.items():
                    faults.setdefault(index, []).append(fault.at_field(column.spec.fault_field))
                if column.spec.searchable:
                    searched.append(found)
            texts.append(written)
        ids = bulk_ids(self._moment, len(batch))
        # Ids of one file go on rising: the next chunk's stamps begin where these end.
        self._moment += timedelta(microseconds=len(batch) * 1000 / 4096 + 1)
        lines = zip(map(str, batch.numbers), ids, *texts, *self._tokens(searched), strict=True)
        rows = list(map("\t".join, lines))
        if faults:
            rows = [row for index, row in enumerate(rows) if index not in faults]
        numbers = batch.numbers
        return ParsedChunk(
            last_row=numbers[-1],
            read=len(batch),
            staged=len(rows),
            copy="\n".join([*rows, ""]).encode(),
            faults={numbers[index]: found for index, found in sorted(faults.items())},
            source=() if self._in_memory else (_packed(batch),),
            ids=ids if self._in_memory else (),
        )

    def _tokens(self, values: list[Sequence[object]]) -> list[list[str]]:
        """One column of search tokens over all searchable fields, or none."""
        if not self._searchable:
            return []
        found = [column.tokens(each) for column, each in zip(self._searchable, values, strict=True)]
        joined = found[0] if len(found) == 1 else list(map(_merged, zip(*found, strict=True)))
        return [token_literals(joined)]


def _merged(row: Sequence[str]) -> str:
    """The tokens of several fields as of one. Each has its own in order, which makes sorting them a merge."""
    return BETWEEN.join(sorted(dict.fromkeys(BETWEEN.join(filter(None, row)).split(BETWEEN))))


def _repeats(values: Sequence[object]) -> bool:
    """Whether the values are worth remembering: each stands there four times or more."""
    try:
        return 4 * len(set(values)) <= len(values)
    except TypeError:
        return False


class _Column:
    """A column with its way of reading.

    Most columns of real files say few different things (regions, days, quantities): of those it remembers what each
    text is written as, so that a cell costs one look. Only texts are remembered: True, 1 and 1.0 would be one key.
    """

    def __init__(self, spec: ColumnSpec, reading: Reading) -> None:
        self.spec = spec
        self._reading = reading
        self._encode = encoder_for(spec.column_type)
        self._known: dict[Cell, str] = {}
        # Search tokens need the values themselves.
        self._remembers = not (spec.searchable or spec.splits or spec.source is None)

    def remembered(self, by_column: list[Sequence[Cell]]) -> list[str] | None:
        """The cells as COPY text, or nothing where they must be read one by one: they seldom repeat or one has a
        fault."""
        if not self._remembers:
            return None
        cells = by_column[cast("int", self.spec.source)]
        try:
            return list(map(self._known.__getitem__, cells))
        except (KeyError, TypeError):
            return list(map(self._known.__getitem__, cells)) if self._learn(cells) else None

    def _learn(self, cells: Sequence[Cell]) -> bool:
        """Reads the texts that are new; whether all cells are known now."""
        self._remembers = _repeats(cells)
        if not self._remembers:
            self._known.clear()
            return False
        if len(self._known) > _KNOWN_CELLS:
            self._known.clear()
        new = [cell for cell in set(cells) - self._known.keys() if cell is None or type(cell) is str]
        values, wrong = self._parse(new)
        for index, (cell, text) in enumerate(zip(new, self.encode(values), strict=True)):
            if index not in wrong:
                self._known[cell] = text
        return all(cell in self._known for cell in cells)

    def parse(self, by_column: list[Sequence[Cell]], count: int) -> tuple[Sequence[object], dict[int, Fault]]:
        if self.spec.source is None:
            return [None] * count, {}
        cells: Any = by_column[self.spec.source]
        if self.spec.splits:
            return self._parse_lists(cells)
        return self._parse(cells)

    def _parse(self, cells: Any) -> tuple[Sequence[object], dict[int, Fault]]:
        if self.spec.bound is None:
            return [cell_text(cell).strip() or None for cell in cells], {}
        return self.spec.bound.parse_column(cells, self._reading)

    def _parse_lists(self, cells: Sequence[Cell]) -> tuple[Sequence[object], dict[int, Fault]]:
        """Each piece is read by itself; the pieces of a row stay together."""
        pieces: list[Cell] = []
        owners: list[int] = []
        for index, cell in enumerate(cells):
            given = cell if isinstance(cell, list) else _SEPARATORS.split(cell_text(cell))
            found = [piece for piece in given if piece is not None and cell_text(cast("Cell", piece)).strip()]
            pieces.extend(cast("list[Cell]", found))
            owners.extend([index] * len(found))
        values, wrong = self._parse(pieces)
        lists: list[list[object] | None] = [None] * len(cells)
        for owner, value in zip(owners, values, strict=True):
            lists[owner] = [*(lists[owner] or []), value]
        return lists, {owners[index]: fault for index, fault in wrong.items()}

    def encode(self, values: Sequence[object]) -> list[str]:
        texts = self._encode(values)
        blank = self.spec.when_blank
        return texts if blank is None else [blank if text is NULL else text for text in texts]

    def tokens(self, values: Sequence[object]) -> list[str]:
        """The search tokens of each value, joined."""
        bound = self.spec.bound
        if bound is None:
            return [""] * len(values)
        if _repeats(values):
            distinct = list(set(values))
            known = dict(zip(distinct, bound.joined_tokens(distinct, BETWEEN), strict=True))
            found = [known[value] for value in values]
        else:
            found = bound.joined_tokens(values, BETWEEN)
        blank = self.spec.tokens_when_blank
        return [blank if value is None else each for value, each in zip(values, found, strict=True)] if blank else found
