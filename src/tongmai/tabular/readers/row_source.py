"""The one shape all formats end in: batches of rows of cells, as text or as the value the format itself has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Protocol, TypeAlias

from tongmai.kit import Fault, Invalid, Text

# What stands in a cell: text (CSV), a spreadsheet's or Parquet file's own value, a JSON value. Blank is None, never "".
Cell: TypeAlias = (
    "str | float | int | bool | Decimal | date | time | timedelta | list[object] | dict[str, object] | None"
)


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much of a file is taken. ``max_cells`` bounds a sheet's dense extent, which its reader holds in memory;
    ``memory`` (bytes) and ``seconds`` of work bound the child process that reads what is packed or large."""

    max_columns: int = 1_000
    max_cell_chars: int = 1024 * 1024
    max_line_chars: int = 16 * 1024 * 1024
    max_expanded_bytes: int = 2 * 1024 * 1024 * 1024
    max_cells: int = 40_000_000
    sample_rows: int = 1_000
    memory: int = 4 * 1024**3
    seconds: float = 3_600.0


@dataclass(slots=True)
class Batch:
    """Rows that follow one another in the file.

    ``numbers`` are the row numbers a person sees when opening the file (the header is row 1 where there is one);
    ``rows`` have as many cells as the source has columns; ``faults`` (by index into ``rows``) are of rows that could
    not be read: their cells are what could be made out.
    """

    numbers: list[int] = field(default_factory=list)
    rows: list[Sequence[Cell]] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)


class RowSource(Protocol):
    """An opened file. ``total`` is the number of rows where the format tells it."""

    columns: tuple[str, ...]
    total: int | None
    # What was found out about the file, for the person who previews it (encoding, delimiter, sheet).
    traits: dict[str, str]

    def batches(self, size: int, *, after: int = 0) -> Iterator[Batch]:
        """The rows from the start, ``size`` at a time, leaving out those whose number is ``after`` or less."""
        ...

    def close(self) -> None: ...


def check_columns(names: Sequence[str], limits: ReadLimits) -> tuple[str, ...]:
    """The header's names, trimmed; a column without a name gets its position. Refused: too many, or two alike."""
    if len(names) > limits.max_columns:
        raise Invalid.of(
            "import.too_many_columns",
            f"文件有 {len(names)} 列，最多 {limits.max_columns} 列",
            f"The file has {len(names)} columns; at most {limits.max_columns} are taken",
            way_out=Text("请删去用不到的列后再导入", "Remove the columns that are not needed and import again"),
        )
    found = [name.strip() for name in names]
    while found and not found[-1]:
        found.pop()
    found = [name or f"column_{position}" for position, name in enumerate(found, 1)]
    if not found:
        raise no_rows()
    first_at: dict[str, int] = {}
    faults = []
    for position, name in enumerate(found, 1):
        if name in first_at:
            faults.append(_duplicate(name, first_at[name], position))
        first_at.setdefault(name, position)
    if faults:
        raise Invalid(tuple(faults))
    return tuple(found)


def _duplicate(name: str, first: int, second: int) -> Fault:
    shown = name[:60]
    return Fault(
        "import.duplicate_header",
        Text(
            f"第 {first} 列和第 {second} 列的标题都是“{shown}”",
            f'Columns {first} and {second} are both "{shown}"',
        ),
        Text("请给其中一列改名", "Give one of them another name"),
        field=shown,
    )


def cell_text(value: Cell) -> str:
    """A cell as a person would type it: 3, not 3.0; dates as ISO 8601; blank is the empty text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return cell_text(value.total_seconds())
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def no_rows() -> Invalid:
    return refuse_file(
        "no_rows",
        "文件里没有可导入的行",
        "The file holds no rows to import",
        Text("文件需要一行标题和至少一行内容", "A file needs a row of headings and at least one row below it"),
    )


def refuse_file(code: str, zh: str, en: str, way_out: Text) -> Invalid:
    """The whole file cannot be read."""
    return Invalid((Fault(f"import.{code}", Text(zh, en), way_out),))


def too_much_to_read() -> Invalid:
    return refuse_file(
        "too_much_to_read",
        "读取这个文件要占用过多内存或时间，已停止",
        "Reading the file takes too much memory or time and was stopped",
        Text("请另存为 CSV，或分成几个文件导入", "Save it as CSV, or import it in several files"),
    )


def damaged_text() -> Fault:
    return Fault(
        "import.damaged_text",
        Text("这一行有无法识别的字符（�）", "This row holds characters that cannot be read (�)"),
        Text("请用 UTF-8 编码重新保存文件", "Save the file again with UTF-8 encoding"),
    )


def too_long_cell(limits: ReadLimits) -> Fault:
    size = limits.max_cell_chars
    return Fault(
        "import.cell_too_long",
        Text(f"单元格超过 {size} 个字符", f"A cell is longer than {size} characters"),
        Text("请缩短内容，或检查引号是否成对", "Shorten it, or check that quotation marks come in pairs"),
    )


def wrong_width(found: int, expected: int) -> Fault:
    return Fault(
        "import.wrong_width",
        Text(
            f"这一行有 {found} 个单元格，标题只有 {expected} 列",
            f"This row has {found} cells for {expected} columns",
        ),
        Text("含分隔符的内容要加引号", "Put text that contains the separator in quotation marks"),
    )
