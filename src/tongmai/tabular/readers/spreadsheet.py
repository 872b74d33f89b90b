"""XLSX by calamine, after the archive has proved that it is what it says and fits in memory.

calamine holds a sheet as one dense grid, so two cells in far corners of an otherwise empty sheet would take any memory:
the extent is therefore read from the XML first, by the same pass that measures the real unpacked size.
"""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from tongmai.kit import Invalid, Text
from tongmai.tabular.readers.row_source import (
    Batch,
    Cell,
    ReadLimits,
    cell_text,
    check_columns,
    no_rows,
    refuse_file,
    too_long_cell,
)

_MAX_MEMBERS = 10_000
_BLOCK = 1024 * 1024
# Sheets unpack to some fifty times their size; only what is made to fill a disk has a thousand. Measuring such by
# unpacking it would take half a minute.
_LARGE = 64 * 1024 * 1024
_MOST_RATIO = 300
_REFERENCE = re.compile(rb"""\sr=["']([A-Z]{1,3})([0-9]{1,7})["']""")
# The longest piece that may be cut by the border of two blocks.
_OVERLAP = 32


class Spreadsheet:
    """The first sheet (or the one named) of an XLSX workbook; its first row that is not blank is the header."""

    def __init__(self, path: Path, limits: ReadLimits, *, sheet: str | None = None, header: int | None = None) -> None:
        """``header`` is the heading's row where titles stand above it."""
        self._limits = limits
        check_archive(path, limits)
        try:
            self._book = CalamineWorkbook.from_path(str(path))
            sheets = self._book.sheet_names
            if sheet is not None and sheet not in sheets:
                raise _no_sheet(sheet, sheets)
            self._sheet: CalamineSheet = (
                self._book.get_sheet_by_index(0) if sheet is None else self._book.get_sheet_by_name(sheet)
            )
        except (CalamineError, OSError, ValueError, IndexError) as error:
            raise _unreadable() from error
        start = self._sheet.start
        self._top = start[0] + 1 if start else 1
        numbered = enumerate(self._sheet.iter_rows(), self._top)
        self._first, names = next((row for row in numbered if row[0] >= (header or 1)), (0, None))
        if names is None:
            raise no_rows()
        self.columns = check_columns([cell_text(value) for value in names], limits)
        self.total: int | None = max(self._top + self._sheet.height - 1 - self._first, 0)
        self.traits = {"sheet": self._sheet.name}

    def close(self) -> None:
        self._book.close()

    def batches(self, size: int, *, after: int = 0) -> Iterator[Batch]:
        width = len(self.columns)
        batch = Batch()
        for number, values in enumerate(self._sheet.iter_rows(), self._top):
            if number <= max(after, self._first):
                continue
            cells: list[Cell] = [None if value == "" else value for value in values[:width]]
            if cells.count(None) == len(cells):
                continue
            self._check_length(batch, cells)
            batch.numbers.append(number)
            batch.rows.append(cells)
            if len(batch.rows) >= size:
                yield batch
                batch = Batch()
        if batch.rows:
            yield batch

    def _check_length(self, batch: Batch, cells: list[Cell]) -> None:
        for place, cell in enumerate(cells):
            if isinstance(cell, str) and len(cell) > self._limits.max_cell_chars:
                batch.faults[len(batch.rows)] = too_long_cell(self._limits)
                cells[place] = None


def check_archive(path: Path, limits: ReadLimits) -> None:
    """Refuses what is no workbook, is cut off, or would unpack to more than is allowed, without unpacking it."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if "xl/workbook.xml" not in archive.namelist():
                raise _unreadable()
            size = sum(each.file_size for each in members)
            if len(members) > _MAX_MEMBERS or size > limits.max_expanded_bytes:
                raise _bomb()
            if size > _LARGE and size > _MOST_RATIO * path.stat().st_size:
                raise _bomb()
            left = limits.max_expanded_bytes
            for member in members:
                left -= _measure(archive, member, left, limits)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError) as error:
        raise _unreadable() from error


def _measure(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int, limits: ReadLimits) -> int:
    """The member's real size; on the way the extent of a sheet is checked. ``left`` bytes may still be unpacked."""
    is_sheet = member.filename.startswith("xl/worksheets/")
    size, tail, rows, columns = 0, b"", 0, 0
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > left:
                raise _bomb()
            if is_sheet:
                rows, columns = _extent(tail + block, rows, columns)
                if rows * columns > limits.max_cells:
                    raise _too_wide(limits)
                tail = block[-_OVERLAP:]
    return size


def _extent(block: bytes, rows: int, columns: int) -> tuple[int, int]:
    found = _REFERENCE.findall(block)
    if not found:
        return rows, columns
    letters, numbers = zip(*found, strict=True)
    return max(rows, *map(int, set(numbers))), max(columns, *map(_column_number, set(letters)))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _no_sheet(sheet: str, names: list[str]) -> Invalid:
    known = "、".join(names[:20])
    return refuse_file(
        "no_such_sheet",
        f"没有名为“{sheet[:60]}”的工作表",
        f'There is no sheet named "{sheet[:60]}"',
        Text(f"可选：{known}", f"There are: {known}"),
    )


def _unreadable() -> Invalid:
    return refuse_file(
        "not_xlsx",
        "这不是完整的 XLSX 文件",
        "This is not a complete XLSX file",
        Text("请用表格软件打开后另存为 XLSX 或 CSV", "Open it in a spreadsheet program and save it as XLSX or CSV"),
    )


def _bomb() -> Invalid:
    return refuse_file(
        "expands_too_much",
        "文件解压后过大",
        "The file unpacks to more than is allowed",
        Text("请另存为 CSV，或分成几个文件导入", "Save it as CSV, or import it in several files"),
    )


def _too_wide(limits: ReadLimits) -> Invalid:
    return refuse_file(
        "too_many_cells",
        f"工作表的范围超过 {limits.max_cells} 个单元格",
        f"The sheet's extent is more than {limits.max_cells} cells",
        Text("请删去远处的空单元格，或另存为 CSV", "Clear cells far outside the table, or save it as CSV"),
    )
