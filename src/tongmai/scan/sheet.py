"""Spreadsheets: each filled cell is a word, its place the column and row."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from tongmai.kit import Text
from tongmai.scan.archive import check_archive
from tongmai.scan.limits import ScanLimits
from tongmai.scan.page import Box, Page, Scan, Word
from tongmai.scan.refusing import corrupt

_LONGEST_CELL = 2_000


def scan_sheet(path: Path, limits: ScanLimits) -> Scan:
    """A page a sheet. Raises ``Unreadable`` for a damaged file or a bomb."""
    check_archive(path, limits)
    notes: list[Text] = []
    pages: list[Page] = []
    left = limits.cells
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        for name in workbook.sheet_names[: limits.pages]:
            page, used = _page(workbook.get_sheet_by_name(name), len(pages) + 1, name, left)
            left -= used
            if page is not None:
                pages.append(page)
            if left <= 0:
                notes.append(Text(f"只读取前 {limits.cells} 个单元格", f"Only {limits.cells} cells were read"))
                break
    except (CalamineError, OSError, ValueError):
        raise corrupt("表格", "spreadsheet") from None
    return Scan(tuple(pages), tuple(notes))


def _page(sheet: CalamineSheet, number: int, name: str, most: int) -> tuple[Page | None, int]:
    first_row, first_column = sheet.start or (0, 0)
    found: list[tuple[int, int, str]] = []
    for down, row in enumerate(sheet.iter_rows()):
        for across, value in enumerate(row):
            text = shown_cell(value)
            if text:
                found.append((first_row + down, first_column + across, text))
        if len(found) >= most:
            break
    if not found:
        return None, 0
    height = max(row for row, _, _ in found) + 1
    width = max(column for _, column, _ in found) + 1
    words = tuple(
        Word(text, Box(column / width, row / height, (column + 1) / width, (row + 1) / height), 1.0, _name(row, column))
        for row, column, text in found[:most]
    )
    return Page(number, width, height, words, "cells", None, name), len(words)


def shown_cell(value: str | float | int | bool | date | datetime | time | timedelta | None) -> str:
    """A cell as people read it: whole numbers without a point, days without midnight."""
    if value is None or value == "":
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(round(value, 10))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return " ".join(str(value).split())[:_LONGEST_CELL]


def _name(row: int, column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
