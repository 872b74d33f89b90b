"""Which format a file has, told by its content: a wrong name or wish is answered with what was found."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from tongmai.kit import Text
from tongmai.tabular.readers.delimited import Delimited
from tongmai.tabular.readers.json_lines import JsonLines
from tongmai.tabular.readers.row_source import ReadLimits, RowSource, no_rows, refuse_file
from tongmai.tabular.readers.spreadsheet import Spreadsheet

Format = Literal["csv", "xlsx", "jsonl", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
_ZIP, _PARQUET = b"PK", b"PAR1"
_PACKED = (_ZIP, _PARQUET)
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"


def is_packed(path: Path) -> bool:
    """Whether a file unpacks (XLSX, Parquet): how much it takes to read is then not to be seen from its size."""
    with path.open("rb") as file:
        return file.read(4).startswith(_PACKED)


def detect_format(path: Path) -> Format:
    """The format by the file's first bytes."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise no_rows()
    if head.startswith(_ZIP):
        return "xlsx"
    if head.startswith(_PARQUET):
        return "parquet"
    if head.startswith((_OLD_WORKBOOK, b"%PDF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"7z\xbc\xaf", b"Rar!")):
        raise refuse_file(
            "unknown_format",
            "不支持这种文件",
            "This kind of file is not supported",
            Text("可以导入 CSV、XLSX、JSON lines 和 Parquet", "CSV, XLSX, JSON lines and Parquet can be imported"),
        )
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "jsonl" if text.startswith(b"{") else "csv"


def open_here(
    path: Path,
    limits: ReadLimits,
    *,
    format: Format | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    sheet: str | None = None,
    header: int | None = None,
) -> RowSource:
    """Opens a file in this process. Raises ``Invalid`` where it is not of that format, cut off, or beyond ``limits``.

    ``header`` is the headings' row in a sheet or CSV file where titles stand above it; else the first not blank.
    """
    found = detect_format(path)
    if format is not None and format != found and not {format, found} <= {"csv", "jsonl"}:
        raise refuse_file(
            "other_format",
            f"文件内容是 {found.upper()}，不是 {format.upper()}",
            f"The file's content is {found.upper()}, not {format.upper()}",
            Text("请改选格式，或不指定格式", "Choose the other format, or none"),
        )
    match format or found:
        case "xlsx":
            return Spreadsheet(path, limits, sheet=sheet, header=header)
        case "parquet":
            # DuckDB is loaded only by those who need it.
            from tongmai.tabular.readers.parquet import Parquet

            return Parquet(path, limits)
        case "jsonl":
            return JsonLines(path, limits)
        case _:
            return Delimited(path, limits, encoding=encoding, separator=separator, header=header)
