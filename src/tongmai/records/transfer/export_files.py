"""Formats that must be written to a file before they can be sent: XLSX row by row, Parquet by DuckDB."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rustpy_xlsxwriter import write_worksheet

from tongmai.formula import Kind
from tongmai.kit import Fault, Text, TooLarge
from tongmai.records.transfer.export_query import ExportColumn
from tongmai.tabular import locked_down

# A worksheet's rows, one of which is the header.
MOST_ROWS = 1_048_575
_AHEAD = 8
_PARQUET_TYPES = {
    Kind.NUMBER: "DECIMAL(38, 10)",
    Kind.DURATION: "DECIMAL(38, 10)",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.DATETIME: "TIMESTAMPTZ",
    Kind.REFERENCE: "UUID",
}
_Batch = Sequence[Sequence[Any]]


def too_many_rows(count: int) -> TooLarge:
    return TooLarge(
        (
            Fault(
                "export.too_many_rows",
                Text(f"共 {count} 行，XLSX 最多 {MOST_ROWS} 行", f"{count} rows; XLSX holds at most {MOST_ROWS}"),
                Text("请改用 CSV 或 Parquet，或缩小范围", "Choose CSV or Parquet, or narrow the filter"),
            ),
        )
    )


async def write_xlsx(path: Path, columns: Sequence[ExportColumn], batches: AsyncIterator[_Batch], zone: str) -> None:
    """Writes rows of texts and values to a workbook, as they come. Texts are stored as texts, never as formulas."""
    names = _distinct([column.heading for column in columns])
    local = ZoneInfo(zone)
    waiting: queue.Queue[_Batch | None] = queue.Queue(_AHEAD)

    def records() -> Iterator[dict[str, Any]]:
        while (batch := waiting.get()) is not None:
            for row in batch:
                yield dict(zip(names, (_spreadsheet_value(value, local) for value in row), strict=True))

    def write() -> None:
        write_worksheet(_with_header(names, records()), str(path), "Sheet1")

    writing = asyncio.create_task(asyncio.to_thread(write))
    try:
        async for batch in batches:
            await _put(waiting, batch, writing)
    finally:
        await _put(waiting, None, writing)
        await writing


async def _put(waiting: queue.Queue[_Batch | None], batch: _Batch | None, writing: asyncio.Task[None]) -> None:
    """Waits for room without a thread of its own; gives up if the writer is gone."""
    while not writing.done():
        try:
            waiting.put_nowait(batch)
            return
        except queue.Full:
            await asyncio.sleep(0.002)


def _with_header(names: Sequence[str], records: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    first = next(records, None)
    # The writer takes the header from the first row: an export without rows still has one.
    yield first if first is not None else dict.fromkeys(names)
    yield from records


def _spreadsheet_value(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None)
    return value


def _distinct(names: Sequence[str]) -> list[str]:
    """Two fields may have one label; a record's columns may not."""
    found: list[str] = []
    for name in names:
        number, free = 2, name
        while free in found:
            free, number = f"{name} {number}", number + 1
        found.append(free)
    return found


def write_parquet(source: Path, target: Path, columns: Sequence[ExportColumn]) -> None:
    """Turns CSV without a header into Parquet with the columns' own types, a row group in memory at a time."""
    names = _distinct([column.heading for column in columns])
    parts = []
    for number, (column, name) in enumerate(zip(columns, names, strict=True)):
        quoted = '"' + name.replace('"', '""') + '"'
        given = f"column{number:0{len(str(len(columns) - 1))}d}"
        if column.kind is Kind.LIST:
            given = f"CAST(CAST({given} AS JSON) AS VARCHAR[])"
        elif column.kind in _PARQUET_TYPES:
            given = f"CAST({given} AS {_PARQUET_TYPES[column.kind]})"
        parts.append(f"{given} AS {quoted}")
    duck = locked_down(source, target)
    try:
        duck.execute(
            f"COPY (SELECT {', '.join(parts)} FROM read_csv({_text(source)}, header = false, all_varchar = true,"  # noqa: S608
            f" delim = ',', quote = '\"', escape = '\"', max_line_size = 8388608, strict_mode = true,"
            f" auto_detect = false, columns = {{{_columns(columns)}}}))"
            f" TO {_text(target)} (FORMAT parquet, COMPRESSION zstd)"
        )
    finally:
        duck.close()


def _columns(columns: Sequence[ExportColumn]) -> str:
    width = len(str(len(columns) - 1))
    return ", ".join(f"'column{number:0{width}d}': 'VARCHAR'" for number in range(len(columns)))


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
