"""What is found out about a file before its rows are taken: its header, a sample, how many rows it may have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tongmai.records.transfer.request import ImportRequest
from tongmai.tabular import Batch, ReadLimits, open_source

_SAMPLE_ROWS = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """``total`` is the number of rows where the format tells it; ``traits`` what was guessed (encoding, separator)."""

    columns: tuple[str, ...]
    sample: Batch
    total: int | None
    traits: dict[str, str]


def open_file(path: Path, request: ImportRequest, limits: ReadLimits) -> Opened:
    """Reads the beginning. Raises ``Invalid`` where the file cannot be read at all."""
    source = open_source(
        path,
        limits,
        format=request.format,
        encoding=request.encoding,
        separator=request.separator,
        sheet=request.sheet,
    )
    try:
        first = next(source.batches(_SAMPLE_ROWS), None)
        return Opened(source.columns, first or Batch(), source.total, source.traits)
    finally:
        source.close()


def count_lines(path: Path) -> int:
    """About how many rows a text file has, for the progress bar."""
    lines = 0
    with path.open("rb") as file:
        while block := file.read(1024 * 1024):
            lines += block.count(b"\n")
    return max(lines - 1, 1)
