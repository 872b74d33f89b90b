"""CSV and its kin: any usual encoding and separator, quoting as RFC 4180 and spreadsheets write it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Flag, auto
from itertools import islice
from pathlib import Path

from tongmai.kit import Fault, Invalid, Text
from tongmai.tabular.readers.encoding import guess_encoding
from tongmai.tabular.readers.row_source import (
    Batch,
    ReadLimits,
    check_columns,
    damaged_text,
    no_rows,
    refuse_file,
    too_long_cell,
    wrong_width,
)
from tongmai.tabular.spreadsheet_safety import holds_guarded, unguard

_SAMPLE_BYTES = 256 * 1024
_SEPARATORS = (",", "\t", ";", "|", "，", "\x01")
_BLOCK_CHARS = 64 * 1024
_GUESS_ROWS = 60
_NAMES = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar", "，": "full-width comma", "\x01": "\\x01"}


class _Marks(Flag):
    """What a text may hold that must be looked for cell by cell."""

    NONE = 0
    GUARDED = auto()
    DAMAGED = auto()

    @classmethod
    def of(cls, text: str) -> _Marks:
        guarded = cls.GUARDED if "'" in text and holds_guarded(text) else cls.NONE
        return guarded | (cls.DAMAGED if "\ufffd" in text else cls.NONE)


class Delimited:
    """A CSV or TSV file. Blank lines are no rows; short rows are filled with blanks; longer ones carry a fault."""

    def __init__(
        self,
        path: Path,
        limits: ReadLimits,
        *,
        encoding: str | None = None,
        separator: str | None = None,
        header: int | None = None,
    ) -> None:
        """``header`` is the heading's row where titles stand above it."""
        with path.open("rb") as file:
            sample = file.read(_SAMPLE_BYTES)
        if not sample.strip():
            raise no_rows()
        self._path = path
        self._limits = limits
        # What the lines of the present batch may hold, and the block of text they are read from.
        self._marks = self._block_marks = _Marks.NONE
        self._encoding = encoding or guess_encoding(sample)
        text = _sample_text(sample, self._encoding)
        if "\x00" in text:
            raise refuse_file(
                "not_text",
                "这不是文本文件",
                "This is not a text file",
                Text("请另存为 CSV（UTF-8）或 XLSX", "Save it as CSV (UTF-8) or XLSX"),
            )
        self._separator = separator or guess_separator(text)
        self.total: int | None = None
        self.traits = {"encoding": self._encoding, "separator": _NAMES.get(self._separator, self._separator)}
        self._header, self.columns = self._read_header(header or 1)

    def close(self) -> None:
        """Nothing stays open between batches."""

    def batches(self, size: int, *, after: int = 0) -> Iterator[Batch]:
        after = max(after, self._header)
        batch = Batch()
        with self._open() as reader:
            # Records are counted as a spreadsheet counts them, not lines of text.
            number = 0
            while True:
                rows, fault = self._read(reader, size - len(batch))
                if not rows and fault is None:
                    break
                self._add(batch, rows[max(after - number, 0) :], max(after, number) + 1)
                number += len(rows)
                if fault is not None:
                    number += 1
                    if number > after:
                        batch.faults[len(batch)] = fault
                        batch.numbers.append(number)
                        batch.rows.append([""] * len(self.columns))
                if len(batch) >= size:
                    yield self._checked(batch)
                    batch = Batch()
        if batch.rows:
            yield self._checked(batch)

    def _read_header(self, first: int) -> tuple[int, tuple[str, ...]]:
        """The first record from there on that is not blank: its number, and the columns it names."""
        with self._open() as reader:
            number = 0
            while True:
                rows, fault = self._read(reader, 1)
                number += 1
                if fault is not None:
                    raise Invalid((fault,))
                if not rows:
                    raise no_rows()
                if number >= first and any(rows[0]):
                    return number, check_columns(rows[0], self._limits)

    @contextmanager
    def _open(self) -> Iterator[Iterator[list[str]]]:
        # The module's limit guards against a quotation mark that is never closed; it is the same for every reader.
        csv.field_size_limit(self._limits.max_cell_chars)
        with self._path.open("r", encoding=self._encoding, errors="replace", newline="") as stream:
            yield csv.reader(self._lines(stream), delimiter=self._separator, strict=True)

    def _read(self, reader: Iterator[list[str]], count: int) -> tuple[list[list[str]], Fault | None]:
        """At most ``count`` records, blank ones among them, or those before one that cannot be read."""
        rows: list[list[str]] = []
        try:
            for cells in islice(reader, count):
                rows.append(cells)  # noqa: PERF402 - a fault must not take the rows before it along
        except csv.Error as error:
            return rows, self._bad_quoting(error)
        return rows, None

    def _add(self, batch: Batch, rows: list[list[str]], first: int) -> None:
        """Adds records, the first of which has the number ``first``: without blank ones, all of one width."""
        width = len(self.columns)
        if all(map(any, rows)) and set(map(len, rows)) <= {width}:
            batch.numbers.extend(range(first, first + len(rows)))
            batch.rows.extend(rows)
            return
        for number, cells in enumerate(rows, first):
            if any(cells):
                batch.rows.append(cells if len(cells) == width else self._fit(cells, batch))
                batch.numbers.append(number)

    def _lines(self, stream: io.TextIOWrapper) -> Iterator[str]:
        """The lines, a block at a time: looking at each by itself would cost as much as cutting it into cells."""
        longest = self._limits.max_line_chars
        rest = ""
        while block := stream.read(_BLOCK_CHARS):
            text = rest + block
            begun = max(len(rest) - 1, 0)
            # Not behind a carriage return at the end: its line feed may be the next block's first character.
            end = max(text.rfind("\n", begun), text.rfind("\r", begun, -1)) + 1
            rest = text[end:]
            if len(rest) >= longest:
                raise _line_too_long(longest)
            yield from self._block(text[:end])
        yield from self._block(rest)

    def _block(self, text: str) -> Iterator[str]:
        self._block_marks = _Marks.of(text)
        self._marks |= self._block_marks
        return io.StringIO(text, newline="")

    def _fit(self, cells: Sequence[str], batch: Batch) -> list[str]:
        width = len(self.columns)
        if len(cells) > width and any(cells[width:]):
            batch.faults.setdefault(len(batch.rows), wrong_width(len(cells), width))
        return [*cells[:width], *[""] * (width - len(cells))]

    def _bad_quoting(self, error: csv.Error) -> Fault:
        if "field larger" in str(error):
            return too_long_cell(self._limits)
        if "unexpected end" in str(error):
            return Fault(
                "import.truncated",
                Text("文件在引号里面就结束了，可能没有传完整", "The file ends inside quotation marks; is it cut off?"),
                Text("请重新导出或上传文件", "Export or upload the file again"),
            )
        return Fault(
            "import.bad_quoting",
            Text("这一行的引号不成对", "The quotation marks of this row do not match"),
            Text("内容里的引号要写成两个", "Write a quotation mark inside a text twice"),
        )

    def _checked(self, batch: Batch) -> Batch:
        blank_to_none(batch)
        if _Marks.DAMAGED in self._marks:
            mark_damaged(batch)
        if _Marks.GUARDED in self._marks:
            batch.rows = [[unguard(cell) if isinstance(cell, str) else cell for cell in row] for row in batch.rows]
        # Lines of the next batch come from the same block.
        self._marks = self._block_marks
        return batch


def _line_too_long(longest: int) -> Invalid:
    return refuse_file(
        "line_too_long",
        f"有一行文字超过 {longest} 个字符，这不像是表格",
        f"A line of text is longer than {longest} characters; this does not look like a table",
        Text("请另存为 CSV（UTF-8）或 XLSX", "Save it as CSV (UTF-8) or XLSX"),
    )


def blank_to_none(batch: Batch) -> None:
    batch.rows = [[None if cell == "" else cell for cell in row] if "" in row else row for row in batch.rows]


def mark_damaged(batch: Batch) -> None:
    """Rows that hold the replacement character, which is what undecodable bytes became."""
    for index, row in enumerate(batch.rows):
        for cell in row:
            if isinstance(cell, str) and not cell.isascii() and "\ufffd" in cell:
                batch.faults.setdefault(index, damaged_text())
                break


def _sample_text(sample: bytes, encoding: str) -> str:
    try:
        text = sample.decode(encoding, errors="replace")
    except LookupError as error:
        raise refuse_file(
            "unknown_encoding",
            f"不认识的编码：{encoding[:40]}",
            f"Unknown encoding: {encoding[:40]}",
            Text("常用的是 utf-8 和 gb18030", "Usual ones are utf-8 and gb18030"),
        ) from error
    return text


def guess_separator(text: str) -> str:
    """The separator that cuts the first rows into the same number (> 1) of cells most steadily."""
    lines = text.splitlines(keepends=True)
    # The last line of a long sample is most likely cut.
    lines = lines[: _GUESS_ROWS * 4] if len(lines) < 3 else lines[:-1][: _GUESS_ROWS * 4]
    best, best_score = ",", 0.0
    for separator in _SEPARATORS:
        score = _steadiness(lines, separator)
        if score > best_score:
            best, best_score = separator, score
    return best


def _steadiness(lines: list[str], separator: str) -> float:
    widths: Counter[int] = Counter()
    reader = csv.reader(lines, delimiter=separator)
    try:
        for row in islice(reader, _GUESS_ROWS):
            if row:
                widths[len(row)] += 1
    except csv.Error:
        return 0.0
    if not widths:
        return 0.0
    width, count = widths.most_common(1)[0]
    if width < 2:
        return 0.0
    share = count / widths.total()
    return share + min(width, 50) / 1000
